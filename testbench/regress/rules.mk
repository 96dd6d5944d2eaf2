# The regression runner from outside.
SCRIPT_TESTS += testbench/regress/regress_test.tcl testbench/regress/resume_test.tcl testbench/regress/slurm_test.tcl testbench/regress/signoff_test.tcl
BENCHES += testbench/bench/regress_bench.tcl
