# sriov.tcl in lockstep: VF Enable cleared and set while guests are at work.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/sriov
file mkdir $directory
lassign [harness::assay run testbench/system/sriov.tcl --see lockstep --bau lockstep --port lockstep --seed $harness::seed --set build=$harness::build \
    --set directory=$directory --set ops=250] status output errors
harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "status $status; repeat with ASSAY_SEED=$harness::seed: $errors $output"
harness::finish
