# The malicious partition over many seeds; every third run with fast harts. ASSAY_SEED chooses the first one. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-work/partition_fuzz
file mkdir $directory
set attacks 0
for {set seed $harness::seed} {$seed < $harness::seed + 12} {incr seed} {
    set hart [expr {$seed % 3 ? "timed" : "fast"}]
    lassign [harness::assay run testbench/system/partition_rogue.tcl --see model --port model --bau model --hart $hart --seed $seed \
        --set build=$harness::build --set directory=$directory --set ops=100 --set actions=30000] status output errors
    harness::check [expr {$status == 0}] "the rogue with seed $seed on $hart harts: status $status: $output $errors"
    if {[regexp {partition 1: (\d+) attacks} $output -> count]} {
        incr attacks $count
    }
}
puts "$attacks attacks, none reached partition 0"
harness::check [expr {$attacks >= 12 * 60000}] "only $attacks attacks"
harness::finish
