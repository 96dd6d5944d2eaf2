# Everything at once (joint.tcl) by several seeds, the blocks and a hart's CLB in lockstep. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]
source [file join [file dirname [info script]] joint_runs.tcl]
for {set i 0} {$i < 3} {incr i} {
    joint_runs::run [expr {$harness::seed + $i}] 1000 --clb lockstep --clb-hart $i
}
harness::finish
