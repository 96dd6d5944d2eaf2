# Sixteen VMs with a VF and eight I/O queue pairs each, in lockstep, with VF Enable cleared and set under their load (sriov.tcl).
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/sriov/long
file mkdir $directory
lassign [harness::assay run testbench/system/sriov.tcl --see lockstep --bau lockstep --port lockstep --seed $harness::seed --set build=$harness::build \
    --set directory=$directory --set guests=16 --set harts=6 --set ops=600 --set switches=1] status output errors
harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "status $status; repeat with ASSAY_SEED=$harness::seed: $errors $output"
puts [lindex [regexp -inline -line {SR-IOV: .*$} $output] 0]
harness::finish
