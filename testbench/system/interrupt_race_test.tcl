# Races of directed interrupts on the board (interrupt_race.tcl, interrupt_doze.tcl), bounded, the BAU in lockstep. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-work/race
file mkdir $directory
foreach {scenario parameters} {
    interrupt_race {--set pings=300 --set rounds=1}
    interrupt_doze {}
} {
    lassign [harness::assay run testbench/system/$scenario.tcl --bau lockstep --seed $harness::seed --set build=$harness::build --set directory=$directory {*}$parameters] status output errors
    harness::check [expr {$status == 0}] "$scenario ends with status $status; repeat with ASSAY_SEED=$harness::seed: $output $errors"
    puts [lindex [split [string trim $output] \n] 0]
}
harness::finish
