# make signoff: measure everything, then the table. make signoff-report: the table of what has been measured already.
# make signoff-quick: what a CI run has the time for: no RTL with counters, no mutants. Coverage that only a part of the runs reaches is a lower bound.
.PHONY: clean-check signoff signoff-quick signoff-report
SIGNOFF_QUICK_PROGRAMS := see bau port clb board hart_modes hart_translation hart_memory hart_traps hart_pmp hart_float hart_extensions hart_debug convert_tables a64
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

signoff-quick: deps ## what of the sign-off table costs a few minutes, after make test: cleanness, coverage of models and software; then the table
	+-$(Q)$(MAKE) --no-print-directory clean-check
	+-$(Q)$(MAKE) --no-print-directory coverage COVERAGE_PROGRAMS="$(SIGNOFF_QUICK_PROGRAMS)"
	-$(Q)$(B)/assay regress --signoff --build $(B)

signoff-report: ## the sign-off table of what has been measured (red and unmeasured rows do not fail it)
	-$(Q)$(B)/assay regress --signoff --build $(B)
