# Deliberate RTL bugs, each of which the lockstep tests must catch (some ten minutes).
LONG_TESTS += testbench/mutants/check.tcl

SCRIPT_TESTS += testbench/mutants/operators_test.tcl

# make mutate N=200 SEED=1 MUTATE_BLOCKS="see bau" J=2
N ?= 100
J ?= 2
MUTATE_BLOCKS ?= $(RTL_BLOCKS)
MUTATE_STAGES ?= lockstep unit board
# a pattern of FILE:LINE OPERATOR that the mutants must match
MUTATE_ONLY ?= *
# 20 mutants of each block: some five minutes.
LONG_TESTS += testbench/mutants/mutate_test.tcl
.PHONY: mutate
mutate: deps ## mutate the RTL (N mutants a block, SEED): score and survivors
	+$(Q)$(MAKE) --no-print-directory all unit-tests
	+$(Q)status=0; $(foreach block,$(MUTATE_BLOCKS),$(TCLSH) testbench/mutants/mutate.tcl $(B) $(block) $(N) $(SEED) $(J) "$(MUTATE_STAGES)" "$(MUTATE_ONLY)" "$(call rtl_sources,$(block))" || status=$$?;) exit $$status
