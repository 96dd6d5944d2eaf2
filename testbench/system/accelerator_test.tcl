# Accelerator mode beside the emulated controller: verified I/O of both, without faults and over bad links; model and lockstep give one state hash.
source [file join [file dirname [info script]] harness.tcl]

proc run {port faults} {
    lassign [harness::assay run testbench/system/accelerator.tcl --see model --bau model --port $port --seed $harness::seed --set build=$harness::build \
        --set directory=$harness::build/test-results/accelerator --set ops=60 --set faults=$faults] status output errors
    harness::check [expr {$status == 0}] "port $port, faults {$faults}: status $status: $errors\n$output"
    return [expr {[regexp {state hash ([0-9a-f]+)} $output -> hash] ? $hash : "none"}]
}

harness::check [expr {[run lockstep {}] eq [run model {}]}] "model and lockstep differ"
run lockstep {drop corrupt}
harness::finish
