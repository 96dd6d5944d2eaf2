# A mirror and power that goes: a member that has missed writes serves nothing afterwards, and is copied; one that may differ is copied.
source testbench/system/harness.tcl

namespace eval mirror_power {
    variable directory $harness::build/test-results/mirror_power
}

proc mirror_power::run {cut args} {
    variable directory
    lassign [harness::assay run testbench/system/mirror_power.tcl --seed $harness::seed --see model --bau model --port model --hart fast --set build=$harness::build \
        --set directory=$directory --set volume0=$directory/v --set volume1=$directory/v --set ops=200 --set cut=$cut {*}$args] status output errors
    harness::check [expr {$status == 0}] "cut=$cut $args: status $status: $errors$output"
    return $output
}

proc mirror_power::main {} {
    variable directory
    file mkdir $directory
    harness::make_volume $directory/v 1
    run returns
    run missed
    set output [run after --set missed=1]
    harness::check [regexp {MEMBERS differed, are equal} $output] "missed: $output"
    # Power goes in the middle of writes.
    set found 0
    for {set i 0} {$i < 3} {incr i} {
        run writing --set commands=[expr {100 + 40 * $i}] --set cycles=[expr {1 + 7777 * $i}]
        set output [run after]
        incr found [regexp {power went while it was written} $output]
    }
    harness::check [expr {$found == 3}] "not every cut was seen to fall into a write: $output"
}

mirror_power::main
harness::finish
