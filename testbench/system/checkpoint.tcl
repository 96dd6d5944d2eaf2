# One leg of the checkpoint test: the board of the main job to a point in the middle of its I/O, and on from there.
# Parameters beside those of first_io_parts.tcl: leg (whole, save: saves, goes on, restores, goes on again; restore: begins with the restore),
# file, first and second (cycles).
source [file join [file dirname [info script]] first_io_parts.tcl]

proc first_io::tell {name} {
    puts "$name cycle [board cycle] hash [dict get [assay::stats] state_hash] commands [assay::event_count see.cqe] messages [assay::event_count bau.accepted]"
}

proc first_io::go_on {name} {
    board run [assay::parameter second 3000000]
    tell $name
}

proc first_io::main {} {
    set leg [assay::parameter leg whole]
    set file [assay::parameter file ""]
    build_board
    if {$leg eq "restore"} {
        checkpoint restore $file
        tell first
        go_on second
        return
    }
    start_guests
    board run [expr {[assay::parameter first 52000000] - [board cycle]}]
    if {$leg eq "save"} {
        checkpoint save $file
    }
    tell first
    go_on second
    if {$leg eq "save"} {
        checkpoint restore $file
        tell first
        go_on second
    }
}

first_io::main
