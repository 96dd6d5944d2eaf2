# The GoogleTest shim, the runner, and the entry points that use them.
$(eval $(call c_library,gtest_shim,testbench/gtest/shim.cpp,))

test: all $$(UNIT_TESTS) ## run every test; the last line counts them
	$(Q)$(TCLSH) testbench/run_tests.tcl $(B) $(UNIT_TESTS) $(SCRIPT_TESTS)

test-long: all $$(UNIT_TESTS) ## the tests that need more than a minute
	$(Q)$(TCLSH) testbench/run_tests.tcl $(B) $(LONG_TESTS)

all: $$(GENERATED) $$(PROGRAMS) ## build everything that a run needs
