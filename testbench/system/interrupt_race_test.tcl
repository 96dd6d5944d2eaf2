# Races of directed interrupts on the board (interrupt_race.tcl), bounded, the BAU in lockstep. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-work/race
file mkdir $directory
lassign [harness::assay run testbench/system/interrupt_race.tcl --bau lockstep --seed $harness::seed --set build=$harness::build --set directory=$directory --set pings=150 --set rounds=1] status output errors
harness::check [expr {$status == 0}] "the race ends with status $status; repeat with ASSAY_SEED=$harness::seed: $output $errors"
puts [lindex [split [string trim $output] \n] 0]
harness::finish
