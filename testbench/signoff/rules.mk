# make signoff: measure everything, then the table. make signoff-report: the table of what has been measured already.
.PHONY: clean-check signoff signoff-report
clean-check: deps ## unit tests under ASan, UBSan and Valgrind
	+$(Q)$(MAKE) --no-print-directory all unit-tests
	+$(Q)$(TCLSH) testbench/signoff/clean.tcl $(B) $(J) asan_ubsan
	+$(Q)$(TCLSH) testbench/signoff/clean.tcl $(B) $(J) valgrind

signoff: deps ## measure coverage, mutation (N mutants a block) and cleanness after make test, then print the sign-off table: HTML, JSON in build/signoff
	+-$(Q)$(MAKE) --no-print-directory run
	+-$(Q)$(MAKE) --no-print-directory coverage
	+-$(Q)$(MAKE) --no-print-directory mutate
	+-$(Q)$(MAKE) --no-print-directory clean-check
	$(Q)$(B)/assay regress --signoff --build $(B)

signoff-report: ## the sign-off table of what has been measured (red and unmeasured rows do not fail it)
	-$(Q)$(B)/assay regress --signoff --build $(B)
