# The NIC's firmware breaks under the guests' verified I/O, restarts, and goes on with what was under way: nobody sees an error.
# Parameters beside those of first_io_parts.tcl: faults, a list of cycles and kinds: 3000000 crash 2000000 hang
# (after so many cycles, from the guests' start and then from the fault before); dump, a file for the last crash dump.
source testbench/system/first_io_parts.tcl

proc run {} {
    set faults [assay::parameter faults {4000000 crash}]
    first_io::build_board
    first_io::start_guests
    foreach {cycles kind} $faults {
        board run $cycles
        fault firmware $kind
    }
    first_io::follow
    first_io::check_all
    set restarts [regexp -all {restarted, \d+ us} [board text nic]]
    assay::check [expr {$restarts >= 1}] "the firmware did not restart"
    foreach line [split [board text nic] \n] {
        if {[regexp {crash|boot:|restarted} $line]} {
            first_io::say "nic: $line"
        }
    }
    set dump [assay::parameter dump ""]
    if {$dump ne ""} {
        firmware dump $dump
    }
    puts "RESTARTS $restarts"
}

run
