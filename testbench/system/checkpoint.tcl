# One leg of the checkpoint test: the board of the main job to a point in the middle of its I/O, and on from there.
# Parameters beside those of first_io_parts.tcl: leg (whole, save: saves, goes on, restores, goes on again; restore: begins with the restore),
# file, first and second (cycles); snapshot (1: a snapshot of guest 0 is being written at the checkpoint, and its image is compared at the end).
source [file join [file dirname [info script]] first_io_parts.tcl]
source [file join [file dirname [info script]] first_io_snapshot.tcl]

namespace eval first_snapshot {
    variable wanted [assay::parameter snapshot 0]
}

proc first_io::tell {name} {
    set line "$name cycle [board cycle] hash [dict get [assay::stats] state_hash] commands [assay::event_count see.cqe] messages [assay::event_count bau.accepted]"
    if {$first_snapshot::wanted} {
        set status [snapshot status]
        append line " snapshot [dict get $status phase] [dict get $status saved_by_walker]"
    }
    puts $line
}

proc first_io::go_on {name} {
    board run [assay::parameter second 3000000]
    if {$first_snapshot::wanted} {
        snapshot wait
        assay::flush
        puts "$name image cycle [board cycle] crc [assay::file_crc32c $first_snapshot::file]"
    }
    tell $name
}

# Until the guests' random I/O is under way, and a snapshot if one is wanted.
proc first_io::approach {} {
    first_snapshot::watch
    start_guests
    if {!$first_snapshot::wanted} {
        board run [expr {[assay::parameter first 52000000] - [board cycle]}]
        return
    }
    while {[guest_line 0 "image crc32c"] eq ""} {
        board run 1000000
    }
    first_snapshot::begin
    board run 2000000
}

proc first_io::main {} {
    set leg [assay::parameter leg whole]
    set file [assay::parameter file ""]
    first_snapshot::prepare
    build_board
    if {$leg eq "restore"} {
        checkpoint restore $file
        tell first
        go_on second
        return
    }
    approach
    if {$leg eq "save"} {
        checkpoint save $file
    }
    tell first
    go_on second
    if {$leg eq "save"} {
        if {$first_snapshot::wanted} {
            snapshot check $first_snapshot::file $first_snapshot::id
        }
        checkpoint restore $file
        tell first
        go_on second
    }
}

first_io::main
