# The malicious hypervisor of partition_rogue.tcl; linked as the hypervisor is, so that it runs where partition 1's memory is.
ROGUE_SOURCES := testbench/system/rogue/start.S $(wildcard testbench/system/rogue/*.c) $(addprefix hypervisor/lib/,fdt.c format.c libc.c pci.c string.c)
$(eval $(call rv_image,$(B)/testbench/rogue,$(ROGUE_SOURCES),hypervisor/hypervisor.lds,$(HYPERVISOR_LD)))
$(B)/obj/riscv/testbench/system/rogue/start.S.o: LOCAL_CFLAGS += -DHYPERVISOR_BASE=$(HYPERVISOR_BASE)
