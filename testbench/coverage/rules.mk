# make coverage: everything measured, merged, as HTML (testbench/coverage/collect.tcl)
SCRIPT_TESTS += testbench/coverage/coverage_test.tcl
.PHONY: coverage
coverage: deps ## line, toggle, user, functional, model and firmware coverage: HTML in build/coverage
	+$(Q)$(MAKE) --no-print-directory all
	+$(Q)$(TCLSH) testbench/coverage/collect.tcl $(B) $(J) "$(COVERAGE_PROGRAMS)" "$(COVERAGE_SCENARIOS)"
