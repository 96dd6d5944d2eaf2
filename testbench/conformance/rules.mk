# The firmware conformance suite: a bare-metal driver of the NIC for the host's hart 0, run by `assay firmware check`.
CONFORMANCE_SOURCES := testbench/conformance/start.S $(wildcard testbench/conformance/*.c) \
	$(addprefix hypervisor/lib/,pci.c fdt.c format.c string.c libc.c)
$(eval $(call rv_image,$(B)/conformance/nvme-check,$(CONFORMANCE_SOURCES),hypervisor/guests/kernel/kernel.lds))

SCRIPT_TESTS += testbench/conformance/check_run.tcl
LONG_TESTS += testbench/conformance/broken_long.tcl
