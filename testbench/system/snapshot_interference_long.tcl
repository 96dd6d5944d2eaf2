# The interference lab (snapshot_interference.tcl) with all its cases, and a power cut at 1500 points.
source [file join [file dirname [info script]] harness.tcl]

proc run {scenario args} {
    lassign [harness::assay run testbench/system/$scenario.tcl --see model --bau model --set build=$harness::build \
        --set directory=$harness::build/test-results/$scenario --seed $harness::seed {*}$args] status output errors
    puts $output
    harness::check [expr {$status == 0}] "$scenario: status $status: $errors"
}

run snapshot_powercut --set points=1500
run snapshot_interference
harness::finish
