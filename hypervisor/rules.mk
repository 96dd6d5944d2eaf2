# The hypervisor: bare-metal image $(B)/hypervisor/assay-hv.{elf,bin}, with the guest kernel inside as its built-in guest.

# The tuning only says that misaligned accesses are fast, which holds on Assay and on QEMU.
RV_CC := riscv64-unknown-elf-gcc
RV_OBJCOPY := riscv64-unknown-elf-objcopy
RV_CFLAGS := -std=gnu11 -O2 -g $(WARN) -march=rv64imac_zicsr_zifencei -mabi=lp64 -mcmodel=medany -mno-strict-align -mtune=thead-c906 \
	-ffreestanding -fno-common -fno-pic -fno-stack-protector -fno-tree-loop-distribute-patterns -ffunction-sections -fdata-sections -I. -I$(B)/gen
RV_LDFLAGS := -nostdlib -nostartfiles -static -Wl,--gc-sections -Wl,--build-id=none -Wl,-z,max-page-size=4096 -Wl,--no-warn-rwx-segments

TASK_SOURCES := sim/regress/task.c sim/regress/task_dispatch.c
HYPERVISOR_LIB_SOURCES := $(wildcard hypervisor/lib/*.c)
HYPERVISOR_SOURCES := hypervisor/arch/start.S hypervisor/arch/switch.S hypervisor/arch/fp.S \
	$(wildcard hypervisor/arch/*.c hypervisor/core/*.c hypervisor/drivers/*.c hypervisor/guest/*.c hypervisor/management/*.c hypervisor/snapshot/*.c) \
	hypervisor/tasks.c $(TASK_SOURCES) hypervisor/guests/kernel/crc32c.c $(HYPERVISOR_LIB_SOURCES)
GUEST_KERNEL_SOURCES := $(wildcard hypervisor/guests/kernel/*.S hypervisor/guests/kernel/*.c) $(HYPERVISOR_LIB_SOURCES)

rv_objects = $(patsubst %,$(B)/obj/riscv/%.o,$(1))

$(B)/obj/riscv/%.c.o: %.c | $$(GENERATED)
	$(call say,RVCC,$@)
	$(Q)mkdir -p $(@D) && $(RV_CC) $(RV_CFLAGS) $(LOCAL_CFLAGS) -MMD -MP -c -o $@ $<

$(B)/obj/riscv/%.S.o: %.S | $$(GENERATED)
	$(call say,RVAS,$@)
	$(Q)mkdir -p $(@D) && $(RV_CC) $(RV_CFLAGS) $(LOCAL_CFLAGS) -MMD -MP -c -o $@ $<

# rv_image ELF, SOURCES, LINKER SCRIPT, COMMAND WITH FLAGS: a link; the default is a program at a fixed address
define rv_image
$(1).elf: $(call rv_objects,$(2)) $(3)
	$$(call say,RVLINK,$$@)
	$$(Q)mkdir -p $$(@D) && $(if $(4),$(4),$$(RV_CC) $$(RV_CFLAGS) $$(RV_LDFLAGS)) -T $(3) -o $$@ $(call rv_objects,$(2)) $(if $(4),$$(RV_LIBGCC),-lgcc)
$(1).bin: $(1).elf
	$$(call say,OBJCOPY,$$@)
	$$(Q)$$(RV_OBJCOPY) -O binary $$< $$@
PROGRAMS += $(1).elf $(1).bin
DEPS += $(patsubst %.o,%.d,$(call rv_objects,$(2)))
endef

# The hypervisor relocates itself (arch/start.S), since each partition of the machine runs it in memory of its own. The bare-metal linker makes no
# position-independent programs, that of the Linux toolchain does.
RV_LIBGCC = $(shell $(RV_CC) $(RV_CFLAGS) -print-libgcc-file-name)
HYPERVISOR_BASE := 0x80200000
HYPERVISOR_LD := riscv64-linux-gnu-ld -m elf64lriscv -pie --no-dynamic-linker -z norelro -z notext -z max-page-size=4096 --gc-sections \
	--build-id=none --no-warn-rwx-segments --defsym=HYPERVISOR_BASE=$(HYPERVISOR_BASE)
$(eval $(call rv_image,$(B)/hypervisor/assay-hv,$(HYPERVISOR_SOURCES),hypervisor/hypervisor.lds,$(HYPERVISOR_LD)))
$(eval $(call rv_image,$(B)/hypervisor/guest-kernel,$(GUEST_KERNEL_SOURCES),hypervisor/guests/kernel/kernel.lds))
include hypervisor/guests/nvmetcp/rules.mk

$(B)/obj/riscv/hypervisor/arch/start.S.o: LOCAL_CFLAGS += -DGUEST_KERNEL='"$(B)/hypervisor/guest-kernel.bin"' -DHYPERVISOR_BASE=$(HYPERVISOR_BASE)
$(B)/obj/riscv/hypervisor/arch/start.S.o: $(B)/hypervisor/guest-kernel.bin

SCRIPT_TESTS += testbench/interop/hypervisor_qemu.tcl
SCRIPT_TESTS += testbench/unit/hypervisor/on_board.tcl
LONG_TESTS += testbench/interop/linux_guest_test.tcl

# The portable parts run natively too, under the sanitizers, since much of what they read comes from guests.
SANITIZE := -fsanitize=address,undefined -fno-sanitize=alignment -fno-sanitize-recover=all
# hypervisor_test NAME, SOURCES: testbench/unit/hypervisor/NAME_test.c with them
define hypervisor_test
$(eval $(call unit_test,hypervisor_$(1),testbench/unit/hypervisor/$(1)_test.c $(2),,$(SANITIZE),$(SANITIZE)))
endef
$(call hypervisor_test,tree,hypervisor/lib/fdt.c hypervisor/lib/fdt_writer.c)
$(call hypervisor_test,text,hypervisor/lib/format.c hypervisor/lib/string.c)
$(call hypervisor_test,isa,hypervisor/arch/isa.c hypervisor/lib/fdt.c hypervisor/lib/fdt_writer.c hypervisor/lib/string.c)
$(call hypervisor_test,loader,hypervisor/core/loader.c)
$(call hypervisor_test,mmio,hypervisor/core/mmio.c)
$(call hypervisor_test,gstage,hypervisor/core/gstage.c)
$(eval $(call unit_test,snapshot_protect,testbench/unit/snapshot/test_protect.c hypervisor/snapshot/protect.c hypervisor/core/gstage.c,,$(SANITIZE),$(SANITIZE)))
$(call hypervisor_test,vplic,hypervisor/guest/vplic.c)
$(call hypervisor_test,vuart,hypervisor/guest/vuart.c)
$(call hypervisor_test,pattern,hypervisor/guests/kernel/crc32c.c)
$(eval $(call unit_test,hypervisor_tasks,testbench/unit/hypervisor/tasks_test.c hypervisor/tasks.c hypervisor/lib/format.c,task,$(SANITIZE),$(SANITIZE)))
