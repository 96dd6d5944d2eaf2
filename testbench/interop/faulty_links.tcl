# Scenario: first_io over links that lose, double, damage and delay frames, while one target goes away for a while: the guests
# must notice nothing but the time it takes. Parameters: those of first_io_parts.tcl.

source [file join [file dirname [info script]] .. system first_io_parts.tcl]

proc first_io::disturb {} {
    for {set port 0} {$port < 3} {incr port} {
        fault link $port -drop 1000 -duplicate 1000 -corrupt 1000 -delay 2000 -cycles 20000
    }
}

# Lost segments wait for TCP's retransmission timers: simulated seconds, most of them idle.
proc first_io::await_guests {} {
    variable guests
    set deadline [expr {[board cycle] + 60000000000}]
    foreach n $guests {
        while {[guest_line $n "guest done"] eq ""} {
            assay::check [expr {[board cycle] < $deadline}] "vm$n was not done by cycle $deadline"
            board run 10000000
        }
        say [guest_line $n "io done"]
    }
}

proc first_io::main {} {
    build_board
    vm ping
    start_guests
    disturb
    board run 20000000
    fault target 0 refuses
    board run 20000000
    fault target 0 runs
    await_guests
    check_all
    puts "state hash [dict get [assay::stats] state_hash]"
}

first_io::main
