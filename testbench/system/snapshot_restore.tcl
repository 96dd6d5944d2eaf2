# Restores that do not come to their end: cancelled anywhere, of a damaged page, of a state that the VF does not take. A VM that ran goes on as if nothing had
# been, and ends as it would have; a fresh one is gone. And one that does: it reports its progress, and the VM runs on until it is done.
# Parameters: cancels (how many points, by the seed).

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_restore {
    variable cancels [assay::parameter cancels 6]
    variable record_device 6
    variable function_state 744 ;# in the record of the device
    variable io {workload=io seed=5 first_lba=2048 lbas=4096 qd=16 dirty=1 pages=200 gap=60}
}

proc snapshot_restore::refused {pattern script} {
    set failed [catch {uplevel 1 $script} answer]
    assay::check [expr {$failed && [string match $pattern $answer]}] "\"$script\" answered \"$answer\", not \"$pattern\""
}

proc snapshot_restore::cancel_anywhere {id vm} {
    variable cancels
    set cancelled 0
    for {set i 0} {$i < $cancels} {incr i} {
        set fresh [expr {$i % 2}]
        lassign [vm restore $id {*}[expr {$fresh ? "-name fresh$i -vf 2" : "-vm $vm"}] -wait 0] target task
        board run [expr {250 * (1 + [snapshot_lab::random 8000])}]
        if {![catch {task cancel $task}]} {
            assay::check [expr {[dict get [task wait $task 30000000] state] eq "cancelled"}] "task $task: [task list]"
            assay::check [string match "*is not restored: cancelled*" [dict get [snapshot restoring] failure]] "a cancelled restore: [snapshot restoring]"
            incr cancelled
            assay::check [expr {!$fresh || ![string match "*fresh$i*" [vm list]]}] "a cancelled restore left its VM: [vm list]"
        } elseif {$fresh} {
            vm destroy $target
        } else {
            return $cancelled ;# it came to its end: the VM is another now
        }
    }
    return $cancelled
}

# What is read from the file must not be what was written there: a page's bytes, then the state of the VF.
proc snapshot_restore::damaged {file id vm} {
    variable record_device
    variable function_state
    set slot [expr {$id - 1}]
    set data [expr {4096 * [snapshot_lab::header_word $file $slot 120]}]
    set kept [snapshot_lab::file_bytes $file [expr {$data + 40000}] 8]
    snapshot_lab::file_put $file [expr {$data + 40000}] "damaged!"
    refused "*snapshot $id has a damaged page*" {vm restore $id -vm $vm}
    refused "*snapshot $id has a damaged page*" {vm restore $id -name nobody -vf 2}
    snapshot_lab::file_put $file [expr {$data + 40000}] $kept
    set sound [snapshot_lab::change_state $file $slot $record_device $function_state [string repeat "\0" 8]]
    volume snapshots 1
    refused "*snapshot $id has a state that the VM's VF does not take; the VM is as before*" {vm restore $id -vm $vm}
    refused "*snapshot $id has a state that the VM's VF does not take*" {vm restore $id -name nobody -vf 2}
    assay::check [expr {![string match *nobody* [vm list]]}] "a VM whose restore failed is there: [vm list]"
    snapshot_lab::change_state $file $slot $record_device $function_state $sound
    volume snapshots 1
    snapshot_lab::say "a damaged page and a state that the VF does not take: refused"
}

proc snapshot_restore::main {} {
    variable io
    set disk [snapshot_lab::empty_volume 0 4M]
    set file [snapshot_lab::empty_volume 1 64M]
    snapshot_lab::start [list $disk $file] 3 2 1 1
    volume attach 1 0
    set vm [vm create worker -vcpus 2 -memory 16M -image $snapshot_lab::build/hypervisor/guest-kernel.elf -bootargs "$io ops=[assay::parameter ops 8000] writes=[assay::parameter writes 500000] fp=1"]
    vm assign $vm 1
    vm start $vm
    snapshot_lab::await $vm "image crc32c" 1 100000000
    board run 2000000
    lassign [vm snapshot $vm -name whole -compress never] id
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the snapshot is [snapshot status]"
    snapshot check $file $id
    damaged $file $id $vm
    set cancelled [cancel_anywhere $id $vm]
    assay::check [expr {$cancelled > 1}] "only $cancelled restores could be cancelled"
    snapshot_lab::say "$cancelled restores cancelled: vm$vm runs on, fresh VMs are gone"
    assay::check [expr {[snapshot_lab::lines $vm "io done"] eq ""}] "vm$vm was done before the restores were: [snapshot_lab::lines $vm io]"
    set line [snapshot_lab::await $vm "io done" 1 400000000]
    assay::check [string match "*errors=0" $line] "vm$vm: $line: [snapshot_lab::lines $vm error]"
    snapshot_lab::await $vm "guest done" 1 400000000
    snapshot_lab::say "vm$vm noticed nothing: $line"
}

snapshot_restore::main
