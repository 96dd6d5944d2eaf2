# The test of A64 programs with the harts behind their CLBs, host.0's in lockstep with its RTL. usage: tclsh8.6 testbench/system/a64_apps_long.tcl
set argv long
source [file join [file dirname [info script]] a64_apps_test.tcl]
