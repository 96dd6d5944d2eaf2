# Harts behind CLBs on the board: the same state hash for every backend, with and without idle skip; a window of lockstep from a flush; refusals.
source [file join [file dirname [info script]] harness.tcl]

namespace eval clb_test {
    variable directory $harness::build/test-results/clb
}

proc clb_test::run {name args} {
    variable directory
    set report $directory/$name.json
    lassign [harness::assay run testbench/system/clb_boot.tcl --set build=$harness::build --set directory=$directory --seed $harness::seed \
        --see model --bau model --report $report {*}$args] status output errors
    harness::check [expr {$status == 0}] "$name: status $status: $errors"
    return [expr {$status == 0 ? [harness::report_value $report state_hash] : ""}]
}

proc clb_test::value {name key} {
    variable directory
    return [harness::report_value $directory/$name.json blocks.clb.$key]
}

proc clb_test::backends {} {
    set hash [run model --clb model]
    foreach {name arguments} {
        lockstep {--clb lockstep --clb-hart all}
        rtl {--clb rtl --clb-hart 1}
        nic {--clb rtl --clb-hart nic}
        stepped {--clb model --idle-skip off}
    } {
        harness::check [expr {[run $name {*}$arguments] eq $hash}] "$name: another state hash than model"
    }
    puts "lockstep: [value lockstep cycles_compared] cycles compared"
    harness::check [expr {[value lockstep cycles_compared] > 2000000}] "hardly anything was compared"
    harness::check [expr {[value lockstep mismatches] == 0}] "there are mismatches"
    foreach hart {host0 nic} {
        harness::check [expr {[value model $hart.hits] > 1000 && [value model $hart.conversions] > 100}] "the CLB of $hart was hardly used"
    }
}

proc clb_test::window {} {
    set hash [run window --clb model --set "window=from=1000000 to=3000000 hart=0"]
    harness::check [expr {[value window host0.cycles_compared] > 100000 && [value window host0.cycles_compared] <= 2000001}] "the window compared [value window host0.cycles_compared] cycles"
    harness::check [expr {[value window host0.mismatches] == 0}] "there are mismatches in the window"
    harness::check [expr {[run again --clb model --set "window=from=1000000 to=3000000 hart=0" --idle-skip off] eq $hash}] "the window depends on idle skip"
}

proc clb_test::refusals {} {
    foreach {arguments text} {
        {--clb fpga} {--clb takes none, model, rtl or lockstep, not "fpga"}
        {--clb rtl --clb-hart seven} {--clb-hart takes the number of a host hart, nic or all, not "seven"}
        {--clb model --set "window=from=5 to=4"} {the window 5 to 4 is empty or has passed}
        {--clb model --set "window=from=5 to=9 hart=7"} {there is no host hart 7}
        {--clb model --set "window=from=5"} {to= is missing}
        {--set "window=from=5 to=9"} {the board has no CLBs}
    } {
        lassign [harness::assay run testbench/system/clb_boot.tcl --set build=$harness::build --set directory=$clb_test::directory {*}$arguments] status output errors
        harness::check [expr {$status == 2 && [string first $text $errors] >= 0}] "$arguments: status $status, $errors"
    }
}

file mkdir $clb_test::directory
clb_test::backends
clb_test::window
clb_test::refusals
harness::finish
