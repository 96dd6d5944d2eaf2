# A64 applications on the hart's test board, compared with qemu-aarch64.
A64_CC := aarch64-linux-gnu-gcc
A64_CFLAGS := -std=gnu11 -O2 -g $(WARN) -ffreestanding -nostdlib -static -mgeneral-regs-only -fno-stack-protector -fno-pic -no-pie \
	-Wl,-Ttext-segment=0x80010000 -Wl,--build-id=none -Wl,-z,max-page-size=4096 -I.
A64_PARTS := $(addprefix testbench/unit/a64/,process.c qemu.c random_a64.c)
$(eval $(call c_library,a64_parts,$(A64_PARTS)))
$(eval $(call program,test/a64_runner,testbench/unit/a64/runner.c,a64_parts hart_board hart convert))
A64_TESTS := $(addprefix testbench/unit/a64/,test_random.c test_faults.c bare.c) testbench/unit/clb/machine.c models/board/front_end.c
$(eval $(call unit_test,a64,$(A64_TESTS) testbench/unit/clb/machine_model.c,clb_model a64_parts hart_board hart convert))
# The same with the CLB's model and RTL in lockstep.
$(eval $(call unit_test,a64_lockstep,$(A64_TESTS) testbench/lockstep/clb/machine_pair.c,\
	clb_model clb_rtl verilated a64_parts hart_board hart convert pins,$(VERILATED_LDLIBS)))
$(eval $(call program,test/a64_words,testbench/unit/a64/words.c,convert))
SCRIPT_TESTS += testbench/unit/a64/disassembly_test.tcl
LONG_TESTS += testbench/system/a64_apps_long.tcl
BENCHES += testbench/bench/a64.tcl
