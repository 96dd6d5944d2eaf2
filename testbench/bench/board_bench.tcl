# The whole board under I/O load, each choice of backends in turn, twice, the faster taken; and a board that waits one simulated second.
# Prints ratios; wall times of shared machines mean nothing by themselves.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench
file mkdir $directory

proc run_once {see bau skip} {
    set report $::directory/board.json
    lassign [harness::assay run testbench/system/first_io.tcl --see $see --bau $bau --idle-skip $skip --seed $harness::seed \
        --set build=$harness::build --set directory=$::directory --report $report] status output errors
    if {$status != 0} {
        puts stderr "board_bench: $errors"
        exit 1
    }
    return [list [harness::report_value $report wall_s] [harness::report_value $report cycles_per_s]]
}

proc best {see bau skip} {
    return [lindex [lsort -real -index 0 [list [run_once $see $bau $skip] [run_once $see $bau $skip]]] 0]
}

proc idle_second {} {
    set script $::directory/idle.tcl
    set channel [open $script w]
    puts $channel {
        source testbench/system/first_io_parts.tcl
        first_io::build_board
        vm ping
        board run 20000000
        set before [clock microseconds]
        board run 1000000000
        puts "IDLE [expr {([clock microseconds] - $before) / 1e6}]"
    }
    close $channel
    lassign [harness::assay run $script --set build=$harness::build --set directory=$::directory] status output errors
    regexp {IDLE ([0-9.]+)} $output -> seconds
    return $seconds
}

proc main {} {
    foreach {name arguments} {model {model model on} rtl {rtl rtl on} lockstep {lockstep lockstep on} model_stepped {model model off} rtl_stepped {rtl rtl off}} {
        set result($name) [best {*}$arguments]
        puts [format "%-14s %8.2f s %12d cycles/s" $name {*}$result($name)]
    }
    puts [format "lockstep / rtl wall time          %.2f (limit 1.5)" [expr {[lindex $result(lockstep) 0] / [lindex $result(rtl) 0]}]]
    puts [format "rtl / model wall time             %.2f (goal 3)" [expr {[lindex $result(rtl) 0] / [lindex $result(model) 0]}]]
    puts [format "rtl / model, every cycle stepped  %.2f" [expr {[lindex $result(rtl_stepped) 0] / [lindex $result(model_stepped) 0]}]]
    puts [format "model, cycles a second            %.2f million (goal 3)" [expr {[lindex $result(model) 1] / 1e6}]]
    puts [format "one idle second                   %.3f s (limit 0.1)" [idle_second]]
}

main
