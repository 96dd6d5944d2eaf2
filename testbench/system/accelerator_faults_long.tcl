# Every fault of the network and of the network functions' reads by itself, and all of them, during verified load of both modes and guest TCP; in
# model and lockstep, with one state hash. Arguments: the rows to run, all without one.
source [file join [file dirname [info script]] harness.tcl]

proc run {port faults} {
    lassign [harness::assay run testbench/system/accelerator.tcl --see $port --bau model --port $port --seed $harness::seed --set build=$harness::build \
        --set directory=$harness::build/test-results/accelerator_faults --set ops=100 --set faults=$faults] status output errors
    harness::check [expr {$status == 0}] "port $port, faults {$faults}: status $status: $errors\n$output"
    return [expr {[regexp {state hash ([0-9a-f]+)} $output -> hash] ? $hash : "none"}]
}

set rows {drop duplicate corrupt reorder cable stall death poison timeout {drop duplicate corrupt reorder cable stall death poison timeout}}
foreach faults [expr {[llength $argv] ? $argv : $rows}] {
    puts "faults: $faults"
    harness::check [expr {[run model $faults] eq [run lockstep $faults]}] "{$faults}: model and lockstep differ"
}
harness::finish
