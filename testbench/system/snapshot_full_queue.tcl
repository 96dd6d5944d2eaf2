# A queue of four pages, packed, so that it is full all the time, under a VM whose vCPUs and whose VF both write into protected pages. What a device writes
# waits on the link, with everything behind it: it must find a buffer (QUEUE_RESERVE) however long the vCPUs wait for theirs. Then queues that are smaller than a segment, raw:
# their buffers come back only when the segment goes before it is full; and what decides about packing.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_full_queue {
    variable longest_hold 150000 ;# cycles from a device's held write to its way on
    variable longest_wait 250000 ;# of a vCPU for one of 16 buffers, whoever else waits
}

# Cycles from a device's page event to its way on, sorted.
proc snapshot_full_queue::holds {} {
    set begun [dict create]
    set held {}
    foreach event [assay::software_events page.fault] {
        if {[lindex $event 2] >= 256 && ![dict exists $begun [lindex $event 1]]} {
            dict set begun [lindex $event 1] [lindex $event 0]
        }
    }
    foreach event [assay::software_events page.open] {
        if {[lindex $event 2] >= 256 && [dict exists $begun [lindex $event 1]]} {
            lappend held [expr {[lindex $event 0] - [dict get $begun [lindex $event 1]]}]
        }
    }
    return [lsort -integer $held]
}

# Who waits gets a buffer in turn: the second vCPU would wait for as long as the first one finds pages.
proc snapshot_full_queue::fair {vm file} {
    variable longest_wait
    lassign [vm snapshot $vm -name fair -queue 16 -compress always] id
    set status [snapshot wait 50000000]
    assay::check [expr {[dict get $status phase] eq "complete" && [dict get $status waits] > 20}] "the queue was hardly ever full: $status"
    assay::check [expr {[dict get $status wait_most] < $longest_wait}] "a vCPU waited for [dict get $status wait_most] cycles"
    snapshot check $file $id
    snapshot_lab::say "packed: [dict get $status waits] waits for one of 16 buffers, the longest [dict get $status wait_most] cycles"
}

# Packed while there is time (-load) or must be because memory is short (-memory); both sides of both.
proc snapshot_full_queue::policy {vm file} {
    foreach {load memory packs} {0 0 0 100 0 1 0 1G 1} {
        lassign [vm snapshot $vm -name policy -compress auto -load $load -memory $memory] id
        set status [snapshot wait 50000000]
        assay::check [expr {[dict get $status phase] eq "complete" && ([dict get $status packed] > 0) == $packs}] "-load $load -memory $memory: $status"
        snapshot check $file $id
        snapshot remove $id
    }
    snapshot_lab::say "packed by load and by memory, and by neither"
}

proc snapshot_full_queue::without_vf {file} {
    set vm [snapshot_lab::dirty_vm raw 2 16M "seed=1 pages=128 writes=150000 gap=300"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 400000
    fair $vm $file
    policy $vm $file
    foreach queue {4 16 33} {
        lassign [vm snapshot $vm -name raw -queue $queue -compress never] id
        set status [snapshot wait 50000000]
        assay::check [expr {[dict get $status phase] eq "complete" && [dict get $status packed] == 0}] "a queue of $queue: $status"
        snapshot check $file $id
    }
    assay::check [string match "*errors=0" [snapshot_lab::await $vm "dirty done" 1 600000000]] "vm$vm: [snapshot_lab::lines $vm error]"
    snapshot_lab::say "raw: queues of 4, 16 and 33 pages"
}

proc snapshot_full_queue::main {} {
    variable longest_hold
    set disk [snapshot_lab::empty_volume 0 4M]
    set file [snapshot_lab::empty_volume 1 64M]
    snapshot_lab::start [list $disk $file] 3 1 1 1
    volume attach 1 0
    set vm [vm create worker -vcpus 2 -memory 16M -image $snapshot_lab::build/hypervisor/guest-kernel.elf \
        -bootargs "workload=io seed=7 ops=1200 first_lba=2048 lbas=4096 qd=16 dirty=1 pages=600 fill=1 writes=60000 gap=60"]
    vm assign $vm 1
    vm start $vm
    snapshot_lab::await $vm "image crc32c" 1 100000000
    board run 1000000
    lassign [vm snapshot $vm -name full -queue 4 -compress always] id
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "the snapshot is $status"
    snapshot check $file $id
    set held [holds]
    assay::check [expr {[dict get $status waits] > 20}] "the queue was hardly ever full: $status"
    assay::check [expr {[dict get $status saved_by_device] > 10}] "devices hardly wrote: $status"
    assay::check [expr {[lindex $held end] < $longest_hold}] "a device's write was held for [lindex $held end] cycles"
    assay::check [string match "*errors=0" [snapshot_lab::await $vm "io done" 1 600000000]] "vm$vm: [snapshot_lab::lines $vm error]"
    snapshot_lab::say "[dict get $status waits] waits of vCPUs, the longest [dict get $status wait_most] cycles; [llength $held] held writes of devices, the longest [lindex $held end] cycles"
    without_vf $file
}

snapshot_full_queue::main
