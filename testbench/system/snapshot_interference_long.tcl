# The interference lab (snapshot_interference.tcl) with the cases of its goals and its whole matrix, a power cut at 2250 points of two scenarios, cancels, destroyed VMs and moving vCPUs by three seeds.
source [file join [file dirname [info script]] harness.tcl]

proc run {scenario args} {
    lassign [harness::assay run testbench/system/$scenario.tcl --see model --bau model --set build=$harness::build \
        --set directory=$harness::build/test-results/$scenario --seed $harness::seed {*}$args] status output errors
    puts $output
    harness::check [expr {$status == 0}] "$scenario: status $status: $errors"
}

run snapshot_powercut --set points=1500
foreach harness::seed {1 2 3} {
    run snapshot_powercut_vf --hart fast --set points=250
    run snapshot_faults --hart fast --set cancels=60 --set destroys=12 --set writes=2600000
    run snapshot_restore --hart fast --set cancels=24 --set ops=26000 --set writes=900000
    run snapshot_races --hart fast --set rounds=24 --set writes=160000
}
set harness::seed 1
run snapshot_interference
run snapshot_interference --hart fast --set cases=matrix
harness::finish
