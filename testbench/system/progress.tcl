# How far the functions' I/O is, so that what a scenario does falls into the same part of it however long that takes.

namespace eval progress {
    variable mark 0
}

# Commands count from here on.
proc progress::begin {} {
    variable mark [assay::event_count see.cqe]
}

proc progress::commands {} {
    variable mark
    return [expr {[assay::event_count see.cqe] - $mark}]
}

# Runs until COUNT commands of all functions have ended since progress::begin.
proc progress::await {count} {
    set limit [expr {[board cycle] + 100000000 + $count * 1000000}]
    while {[commands] < $count} {
        assay::check [expr {[board cycle] < $limit}] "[commands] of $count commands have ended by cycle $limit"
        board run 10000
    }
}
