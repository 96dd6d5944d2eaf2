# The main job's snapshot: guest 0 is saved through the NIC while it does I/O; the image is compared with the simulator's copy of the instant; when
# all is done and checked, guest 0 and its disk are set back to the instant, and must come to the same end once more.
# Parameter: snapshot (1, or 0 for none; the default is 0 when there are few operations).

namespace eval first_snapshot {
    variable wanted [assay::parameter snapshot [expr {$first_io::operations >= 1000}]]
    variable file $first_io::directory/snapshots.img
    variable state waiting
    variable id 0
}

proc first_snapshot::prepare {} {
    variable wanted
    variable file
    if {!$wanted} {
        return
    }
    file mkdir $first_io::directory
    close [open $file w]
    set channel [open $file r+b]
    chan truncate $channel 33554432
    close $channel
    set first_io::extra_volumes [list $file]
}

proc first_snapshot::disk {} { return [lindex $first_io::volumes(0) 0] }

# The volume is there as soon as its target is; guests are not kept waiting for it.
proc first_snapshot::watch {} {
    variable wanted
    if {$wanted} {
        assay::snapshot_volume [disk]
    }
}

proc first_snapshot::begin {} {
    variable state saving
    variable id
    volume snapshots [llength $first_io::guests] -format 1
    lassign [vm snapshot 0 -name first_io -compress never] id pause
    first_io::say "snapshot $id of vm0 begins: its vCPU was held for $pause cycles"
}

# From a first write's exit to the way back to its guest, over all pages: {count p50 p99 most}.
proc first_snapshot::stalls {} {
    set begun [dict create]
    set stalls {}
    foreach event [assay::software_events page.fault] {
        dict set begun [lindex $event 1] [lindex $event 0]
    }
    foreach event [assay::software_events page.open] {
        lassign $event cycle page writer
        if {$writer < 256 && [dict exists $begun $page]} {
            lappend stalls [expr {$cycle - [dict get $begun $page]}]
        }
    }
    set stalls [lsort -integer $stalls]
    set n [llength $stalls]
    return [expr {$n ? [list $n [lindex $stalls [expr {$n / 2}]] [lindex $stalls [expr {$n * 99 / 100}]] [lindex $stalls end]] : {0 0 0 0}}]
}

proc first_snapshot::finish {} {
    variable state saved
    variable id
    variable file
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "the snapshot of vm0 failed: $status"
    snapshot check $file $id
    lassign [stalls] writes p50 p99 most
    set pages [expr {[dict get $status saved_by_walker] + [dict get $status saved_by_write] + [dict get $status saved_by_device]}]
    foreach {key value} [list taken 1 pause_cycles [dict get $status pause_cycles] pages $pages pages_by_write [dict get $status saved_by_write] \
        pages_by_device [dict get $status saved_by_device] blocks [dict get $status blocks] duration_ns [dict get $status ns] \
        first_write_cycles.count $writes first_write_cycles.p50 $p50 first_write_cycles.p99 $p99 first_write_cycles.max $most] {
        report::note snapshot.$key $value
    }
    first_io::say "snapshot $id of vm0: $pages pages, each once and as they were at the instant ([dict get $status saved_by_write] at a first write, [dict get $status saved_by_device] at a device's), in [format %.3f [expr {[dict get $status ns] / 1e6}]] ms"
}

proc first_io::meanwhile {} {
    if {$first_snapshot::wanted && $first_snapshot::state eq "waiting" && [guest_line 0 "image crc32c"] ne ""} {
        first_snapshot::begin
    } elseif {$first_snapshot::state eq "saving"} {
        first_snapshot::finish
    }
}

proc first_snapshot::count {text} {
    return [regexp -all -line "\\\[vm0\\\] $text" [board text host]]
}

proc first_snapshot::restore {} {
    variable wanted
    variable state
    variable id
    if {!$wanted} {
        return
    }
    if {$state ne "saved"} {
        finish
    }
    set disk [disk]
    file copy -force $disk $disk.end
    set before [open $disk.instant-$id rb]
    set bytes [read $before]
    close $before
    set channel [open $disk r+b]
    puts -nonewline $channel $bytes
    close $channel
    assay::reread_volumes
    vm restore $id -vm 0
    set limit [expr {[board cycle] + 400000000}]
    while {[count "guest done"] < 2} {
        assay::check [expr {[board cycle] < $limit}] "vm0 did not come to its end after the restore"
        board run 1000000
    }
    assay::check [expr {[count {io done ops=\d+ bytes=\d+ errors=0}] == 2}] "vm0 found errors after the restore"
    assay::check [expr {![catch {exec cmp -s $disk $disk.end}]}] "after the restored vm0 ended its disk is another"
    report::note snapshot.restored 1
    first_io::say "vm0 was set back to snapshot $id with its disk: it came to the same end"
}
