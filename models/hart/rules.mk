# The processor model. Links with libconvert.
$(eval $(call c_library,hart,models/hart/core.c models/hart/exec_fast.c models/hart/exec_timed.c models/hart/block.c \
	models/hart/host_x86.c models/hart/host_x86_ops.c models/hart/host_x86_float.c models/hart/host_x86_flags.c \
	models/hart/stream.c models/hart/debug.c models/hart/tlb.c models/hart/mem.c models/hart/mmu.c models/hart/pmp.c models/hart/trap.c models/hart/irq.c \
	models/hart/system.c models/hart/fp.c models/hart/fp_soft.c models/hart/fp_convert.c models/hart/csr.c models/hart/csr_float.c \
	models/hart/csr_machine.c models/hart/csr_supervisor.c models/hart/csr_hypervisor.c))
# Without merging equal tails each op jumps to the next by its own jump, which the branch predictor needs: 1.4 times faster.
$(call objects,models/hart/exec_fast.c): LOCAL_CFLAGS += -fno-crossjumping -fno-gcse
# A product and a sum are two roundings.
$(call objects,models/hart/exec_fast.c models/hart/exec_timed.c models/hart/fp.c): LOCAL_CFLAGS += -ffp-contract=off

# The test board and the program that runs bare-metal images on it.
HART_BOARD := testbench/unit/hart/board.c testbench/unit/hart/loader.c
$(eval $(call c_library,hart_board,$(HART_BOARD)))
$(eval $(call program,test/hart_runner,testbench/unit/hart/runner.c,hart_board hart convert))

# Differential programs: a generator, and the assembled run-time support that every program starts with.
HART_DIFF := testbench/unit/hart/diff
$(eval $(call program,test/hart_diff,$(patsubst %,$(HART_DIFF)/%.c,main program user privileged),convert))
$(B)/test/hart_diff_runtime.bin: $(HART_DIFF)/runtime.S $(HART_DIFF)/layout.h
	$(call say,RVAS,$@)
	$(Q)mkdir -p $(@D) && riscv64-unknown-elf-gcc -march=rv64imafd_zicsr -mabi=lp64 -nostdlib -I. -Wl,-n -Wl,-Ttext=0x80000000 \
		-o $(@:.bin=.elf) $< && riscv64-unknown-elf-objcopy -O binary $(@:.bin=.elf) $@
PROGRAMS += $(B)/test/hart_diff_runtime.bin
SCRIPT_TESTS += testbench/unit/hart/differential.tcl testbench/unit/hart/opensbi_test.tcl

HART_TEST_PARTS := testbench/unit/hart/fixture.c testbench/unit/hart/random_program.c $(patsubst %,$(HART_DIFF)/%.c,program user privileged)
$(eval $(call c_library,hart_test_parts,$(HART_TEST_PARTS)))
HART_TEST_LIBS := hart_test_parts hart_board hart convert
$(eval $(call unit_test,hart_modes,testbench/unit/hart/test_modes.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_translation,testbench/unit/hart/test_translation.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_memory,testbench/unit/hart/test_memory.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_traps,testbench/unit/hart/test_traps.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_extensions,testbench/unit/hart/test_extensions.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_float,testbench/unit/hart/test_float.c,$(HART_TEST_LIBS),-lm,-frounding-math -ffp-contract=off))
$(eval $(call unit_test,hart_debug,testbench/unit/hart/test_debug.c,$(HART_TEST_LIBS)))
$(eval $(call unit_test,hart_pmp,testbench/unit/hart/test_pmp.c,$(HART_TEST_LIBS)))
BENCHES += testbench/bench/hart.tcl
