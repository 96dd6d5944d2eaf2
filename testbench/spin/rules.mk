# Model checking of protocols with Spin (under a minute).
SCRIPT_TESTS += testbench/spin/page_test.tcl testbench/spin/directed_interrupt_test.tcl testbench/spin/task_test.tcl
