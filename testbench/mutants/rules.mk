# Deliberate RTL bugs, each of which the lockstep tests must catch (some ten minutes).
LONG_TESTS += testbench/mutants/check.tcl
