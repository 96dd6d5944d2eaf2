# What may go wrong while a snapshot is made: it is cancelled, its volume fails, fills up or falls silent, the VM ends. The VM notices nothing,
# the snapshot before stays, the new one is absent or complete.
# Parameters: cancels, destroys (how many points, by the seed).

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_faults {
    variable cancels [assay::parameter cancels 12]
    variable destroys [assay::parameter destroys 4]
}

proc snapshot_faults::refused {pattern script} {
    set failed [catch {uplevel 1 $script} answer]
    assay::check [expr {$failed && [string match $pattern $answer]}] "\"$script\" answered \"$answer\", not \"$pattern\""
}

# The snapshot under way must fail, for that reason; the directory holds IDS only, and all of them verify.
proc snapshot_faults::must_fail {file ids reason} {
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "failed" && [string match $reason [dict get $status failure]]}] "the snapshot should have failed ($reason): $status"
    assay::check [expr {[assay::snapshot_list $file] eq $ids}] "the volume holds [assay::snapshot_list $file], not $ids"
}

proc snapshot_faults::cancel_anywhere {vm file} {
    variable cancels
    for {set i 0} {$i < $cancels} {incr i} {
        lassign [vm snapshot $vm -name cancelled -queue [lindex {4 64 256} [expr {$i % 3}]] -keep [expr {$i % 2}]] id pause task
        board run [expr {250 * (1 + [snapshot_lab::random 20000])}]
        if {[catch {task cancel $task}]} {
            assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "a task that could not be cancelled did not complete"
            snapshot remove $id
            continue
        }
        must_fail $file 1 cancelled
        assay::check [expr {[dict get [task wait $task 10000000] state] eq "cancelled"}] "task $task: [task list]"
    }
    snapshot_lab::say "cancelled at $cancels points: the volume holds snapshot 1, as before"
}

proc snapshot_faults::others_are_refused {vm file} {
    lassign [vm snapshot $vm -name watched] id pause task
    board run 1000000
    refused "*busy: task $task snapshot vm$vm * %*" {vm snapshot $vm}
    refused "*busy: task $task snapshot vm$vm * %*" {vm destroy $vm}
    refused "*busy: task $task snapshot vm$vm * %*" {vm stop $vm}
    refused "*busy: task $task snapshot vm$vm * %*" {vm restore 1 -vm $vm}
    refused "*busy: task $task snapshot vm$vm * %*" {snapshot remove 1}
    refused "*busy: task $task snapshot vm$vm * %*" {volume snapshots 0}
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the snapshot did not complete"
    snapshot check $file $id
    snapshot remove $id
    snapshot_lab::say "requests meanwhile were refused with its progress"
}

proc snapshot_faults::volume_fails {vm file} {
    vm snapshot $vm -name failing
    board run 1500000
    fault target 0 fails-writes
    must_fail $file 1 "*NVMe status 0x280*"
    fault target 0 runs
    vm snapshot $vm -name silent -patience 3
    board run 1000000
    fault target 0 stalls
    board run 9000000 ;# pages of zeros are walked without the volume; then its patience begins
    assay::check [expr {[dict get [snapshot status] phase] in {ending failed}}] "a silent volume was waited for: [snapshot status]"
    fault target 0 runs
    must_fail $file 1 "the snapshot volume does not answer"
    lassign [vm snapshot $vm -name patient] id
    board run 1000000
    fault target 0 refuses
    board run 3000000
    fault target 0 runs
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "a target that came back: [snapshot status]"
    snapshot check $file $id
    snapshot remove $id
    snapshot_lab::say "write errors and a silent target: failed; a target that came back: complete"
}

# The small volume holds one snapshot and a little.
proc snapshot_faults::volume_is_full {vm small} {
    volume snapshots 1 -format 1
    lassign [vm snapshot $vm -name fits -compress never] id
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "it should have fitted: [snapshot status]"
    vm snapshot $vm -name "too much" -compress never
    must_fail $small $id "the snapshot volume is full"
    snapshot check $small $id
    snapshot remove $id
    refused "*too few for snapshots*" {volume snapshots 2 -format 1}
    refused "*is no snapshot volume*" {volume snapshots 3}
    refused "*cannot be attached*" {volume snapshots 9}
    refused "*no snapshot volume is open*" {vm snapshot $vm}
    volume snapshots 0
    snapshot_lab::say "a full volume: failed, the one that was there stays; volumes that are none: refused"
}

proc snapshot_faults::vm_ends {vm file} {
    set running [snapshot_lab::dirty_vm short 1 4M "seed=8 pages=100 writes=20000 gap=50"]
    snapshot_lab::await $running "dirty begins" 1 50000000
    lassign [vm snapshot $running -name "while it ended"] id
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "a VM that ended: [snapshot status]"
    snapshot check $file $id
    snapshot_lab::await $running "guest done" 1 50000000
    refused "*the VM does not run*" {vm snapshot $running}
    vm destroy $running
    set back [vm restore $id -name back]
    assay::check [string match "*errors=0" [snapshot_lab::await $back "dirty done" [expr {$back == $running ? 2 : 1}] 50000000]] "the VM that ended did not come back"
    vm destroy $back
    refused "*snapshot * is of a VM with other memory or vCPUs*" {vm restore 1 -vm [vm create other -memory 4M]}
    refused "*no snapshot 99*" {vm restore 99 -name nobody}
    refused "*name taken*" {vm restore $id -name other}
    snapshot remove $id
    snapshot_lab::say "a VM that ends meanwhile is saved and comes back; restores that do not fit are refused"
}

# The VM goes for good while it is saved, or restored: the session ends, the volume holds what it held, and that comes back.
proc snapshot_faults::vm_destroyed {file} {
    variable destroys
    set old ""
    for {set i 0} {$i < $destroys} {incr i} {
        set doomed [snapshot_lab::dirty_vm doomed$i 2 4M "seed=[expr {20 + $i}] pages=100 fill=1 writes=200000 gap=50"]
        snapshot_lab::await $doomed "dirty begins" [expr {[llength [snapshot_lab::lines $doomed "dirty begins"]] + 1}] 50000000
        if {$old eq ""} {
            lassign [vm snapshot $doomed -name old] old
            assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "before its end: [snapshot status]"
        }
        lassign [vm snapshot $doomed -name doomed -queue [lindex {4 64 1024} [expr {$i % 3}]] -compress [lindex {never always} [expr {$i % 2}]]] id pause task
        board run [expr {1 + [snapshot_lab::random 1200000]}]
        set phase [dict get [snapshot status] phase]
        vm destroy $doomed -force 1
        set status [snapshot wait]
        if {$phase eq "complete"} {
            snapshot check $file $id
            snapshot remove $id
        } else {
            assay::check [expr {[dict get $status phase] in {failed complete}}] "the VM was destroyed: $status"
            if {[dict get $status phase] eq "complete"} {
                snapshot remove $id
            }
        }
        assay::check [expr {![string match "*name=doomed$i*" [vm list]]}] "vm$doomed is there still"
        assay::check [expr {[assay::snapshot_list $file] eq [list 1 $old]}] "the volume holds [assay::snapshot_list $file], not 1 and $old"
        set back [lindex [vm restore $old -name back$i -wait 0] 0]
        board run [expr {1 + [snapshot_lab::random 1500000]}]
        vm destroy $back -force 1
        assay::check [expr {![string match "*name=back$i*" [vm list]]}] "vm$back is there still"
    }
    set back [vm restore $old -name again]
    set count [expr {[llength [snapshot_lab::lines $back "dirty done"]] + 1}]
    assay::check [string match "*errors=0" [snapshot_lab::await $back "dirty done" $count 100000000]] "snapshot $old did not come back"
    vm destroy $back
    snapshot remove $old
    snapshot_lab::say "$destroys VMs destroyed while they were saved, and as many while they were restored: the old snapshot stays and comes back"
}

# The storage reads pages where the VM has them: when the VM goes meanwhile, its memory is nobody else's before the storage has answered.
proc snapshot_faults::memory_outlives_its_vm {} {
    set doomed [snapshot_lab::dirty_vm large 1 128M "seed=31 pages=400 fill=1 writes=20000 gap=30000"]
    snapshot_lab::await $doomed "dirty begins" [expr {[llength [snapshot_lab::lines $doomed "dirty begins"]] + 1}] 50000000
    fault target 0 stalls
    vm snapshot $doomed -name doomed -compress never
    board run 1000000
    vm destroy $doomed -force 1
    assay::check [expr {[dict get [snapshot status] phase] eq "ending"}] "nothing was in flight when the VM went: [snapshot status]"
    refused "*cannot create*" {vm create next -memory 128M}
    fault target 0 runs
    assay::check [expr {[dict get [snapshot wait] phase] eq "failed"}] "the VM was destroyed: [snapshot status]"
    vm destroy [vm create next -memory 128M]
    snapshot_lab::say "a VM destroyed while the storage read it: its memory was free when the storage had answered"
}

proc snapshot_faults::main {} {
    set file [snapshot_lab::empty_volume 0 64M]
    set small [snapshot_lab::empty_volume 1 3M]
    set tiny [snapshot_lab::empty_volume 2 256K]
    set foreign [snapshot_lab::empty_volume 3 1M]
    snapshot_lab::put_back [info script] $foreign
    snapshot_lab::start [list $file $small $tiny $foreign] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 2 8M "seed=6 pages=200 writes=[assay::parameter writes 1300000] gap=80"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 1000000
    vm snapshot $vm -name first
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the first snapshot: [snapshot status]"
    snapshot check $file 1
    cancel_anywhere $vm $file
    others_are_refused $vm $file
    volume_fails $vm $file
    volume_is_full $vm $small
    vm_ends $vm $file
    vm_destroyed $file
    memory_outlives_its_vm
    assay::check [expr {[assay::snapshot_list $file] eq 1}] "the volume holds [assay::snapshot_list $file], not 1"
    assay::check [expr {[snapshot_lab::lines $vm "dirty done"] eq ""}] "vm$vm was done before the faults were"
    set ended [snapshot_lab::await $vm "dirty done" 1 400000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"
    snapshot_lab::say "vm$vm noticed nothing: $ended"
}

snapshot_faults::main
