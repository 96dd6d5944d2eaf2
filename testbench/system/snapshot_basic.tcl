# One VM that writes its memory all the time; a snapshot of it; the image is compared with the simulator's own copy of the instant; the VM is
# set back to it, and a fresh VM is made of it. Both end as the first one did.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_basic {}

proc snapshot_basic::main {} {
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 1 8M "seed=3 pages=512 writes=60000 gap=100 code=1 walk=1 fp=1 balloon=8"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 1500000
    lassign [vm snapshot $vm -name first -compress never] id pause
    snapshot_lab::say "snapshot $id: vCPUs held for $pause cycles"
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "the snapshot is $status"
    snapshot_lab::say "complete: $status"
    snapshot check $file $id
    set ended [snapshot_lab::await $vm "dirty done" 1 200000000]
    snapshot_lab::say "vm$vm: $ended"
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"

    assay::check [expr {[vm restore $id -vm $vm] == $vm}] "restored into another VM"
    set again [snapshot_lab::await $vm "dirty done" 2 200000000]
    assay::check [expr {$again eq $ended}] "after the restore vm$vm ended with \"$again\", not \"$ended\""
    set fresh [vm restore $id -name fresh]
    set third [snapshot_lab::await $fresh "dirty done" 1 200000000]
    assay::check [expr {$third eq $ended}] "the fresh vm$fresh ended with \"$third\", not \"$ended\""
    snapshot_lab::say "restored into vm$vm and into a fresh vm$fresh: both ended alike"
}

snapshot_basic::main
