# Everything at once (joint.tcl), the blocks in lockstep. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]
source [file join [file dirname [info script]] joint_runs.tcl]
joint_runs::run $harness::seed 500
harness::finish
