# Partition 1's hypervisor is malicious (testbench/system/rogue): it reaches for the other partition's memory, harts, controllers and devices, fills the
# BAU's tables with the other's addresses, processors and ids, and aims its functions' DMA and messages at it, at random (seeded). Partition 0's guest
# does its verified I/O with directed interrupts as if nothing were, and another one takes broadcasts, which go through the shared interrupt controller.
# Parameters: ops, actions (of each of the rogue's harts), build, directory.

source [file join [file dirname [info script]] partition_parts.tcl]

proc partitions::rogue {} {
    set text [board text host1]
    assay::check [expr {[string first crashed $text] < 0}] "the rogue made a mistake: $text"
    assay::check [expr {[string first leak: $text] < 0}] "partition 1 reached what is not its own: [regexp -inline -line {rogue leak: .*$} $text]"
    return [regexp {rogue done actions=(\d+) refused=(\d+) leaks=(\d+)} $text -> actions refused leaks]
}

proc partitions::main {} {
    variable build
    variable vm
    set actions [assay::parameter actions 20000]
    boot $build/testbench/rogue.elf "seed=[dict get $assay::options seed] actions=$actions"
    start_guest 0
    partition 0 {
        set pinged [vm create pinged -memory 4M -bootargs "workload=ping pings=[assay::parameter pings 200] gap=20 seed=[seed 0]"]
        vm assign $pinged 2
        vm path $pinged broadcast
        vm start $pinged
    }
    follow 0
    set deadline [expr {[board cycle] + 200000000}]
    while {![rogue]} {
        assay::check [expr {[board cycle] < $deadline}] "the rogue does not end: [board text host1]"
        board run 2000000
    }
    say "the rogue is done"
    board run 2000000
    assay::events $::partitions::directory/partition_rogue.events
    check_guest 0
    partition 0 {
        assay::check [expr {[string first crashed [vm list]] < 0}] "a guest of partition 0 crashed: [vm list]"
    }
    assay::check [regexp {ping done pings=\d+ interrupts=\d+ lost=0 errors=0} [board text host] taken] \
        "a broadcast was lost: [regexp -inline -line {ping done .*$} [board text host]]"
    say "partition 0: $taken"
    regexp {rogue done actions=(\d+) refused=(\d+)} [board text host1] -> done refused
    assay::check [expr {$done >= 2 * $actions && $refused > $done / 8}] "the rogue did $done actions, $refused were refused"
    set faults [assay::event_count bau.fault]
    assay::check [expr {$faults > $actions / 100}] "the BAU refused only $faults accesses of the rogue's devices"
    say "partition 1: $done attacks, $refused refused by PMP and firmware, $faults by the BAU, none reached partition 0"
    puts "PASS"
}

partitions::main
