# The SEE in C: usable without any simulator.
$(eval $(call c_library,see_model,$(wildcard models/see/*.c)))

# Its unit tests, and the same tests with the RTL in lockstep.
see_tests := $(addprefix testbench/unit/see/,bench.c driver.c) $(wildcard testbench/unit/see/test_*.c) models/board/tlp.c
$(eval $(call unit_test,see,$(see_tests) testbench/unit/see/device_model.c,see_model))
$(eval $(call unit_test,see_unit_lockstep,$(see_tests) testbench/unit/see/device_lockstep.c,see_model see_rtl verilated pins,\
	$(VERILATED_LDLIBS)))
