# Runs the scenario faulty_links.tcl twice: verified I/O of two guests in spite of everything, and the same state hash.
source [file join [file dirname [info script]] .. system harness.tcl]

proc run {} {
    lassign [harness::assay run testbench/interop/faulty_links.tcl --see model --bau model --seed $harness::seed --set build=$harness::build \
        --set directory=$harness::build/test-results/faulty_links --set ops=200] status output errors
    puts $output
    harness::check [expr {$status == 0}] "status $status: $errors"
    return [expr {[regexp {state hash ([0-9a-f]+)} $output -> hash] ? $hash : "none"}]
}

set hash [run]
harness::check [expr {$hash ne "none" && [run] eq $hash}] "two runs differ"
harness::finish
