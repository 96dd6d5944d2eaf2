# The NIC's Ethernet port, system controller, slot flash, network functions.
$(B)/gen/sys_regs.h: models/nic/registers.tcl $(GENERATOR)
	$(call say,GEN,$@)
	$(Q)$(TCLSH) rtl/gen/generate.tcl models/nic regs.h $@
GENERATED += $(B)/gen/sys_regs.h
$(eval $(call c_library,port_model,$(wildcard models/nic/*.c)))
$(eval $(call unit_test,port,$(wildcard testbench/unit/nic/*.c),port_model port_classifier board hart convert,-lfdt,-Wno-sign-compare))
