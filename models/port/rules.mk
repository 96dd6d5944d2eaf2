# The flow classifier's model; directed tests and random stimulus with model and RTL in lockstep.
$(eval $(call c_library,port_classifier,$(wildcard models/port/*.c)))
$(eval $(call unit_test,port_lockstep,$(wildcard testbench/lockstep/port/*.c),port_classifier port_rtl_debug verilated pins,$(VERILATED_LDLIBS) -lz))
