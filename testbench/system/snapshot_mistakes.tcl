# What somebody may ask for that does not fit: a snapshot into a VM of another shape, two snapshots at once, an increment on what is another VM's snapshot, a volume that
# does not take back what it was told to remove, a VM whose VF is gone. One line says why, and nothing has changed.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_mistakes {
    variable kernel $snapshot_lab::build/hypervisor/guest-kernel.elf
}

proc snapshot_mistakes::refused {pattern script} {
    set failed [catch {uplevel 1 $script} answer]
    assay::check [expr {$failed && [string match $pattern $answer]}] "\"$script\" answered \"$answer\", not \"$pattern\""
}

proc snapshot_mistakes::take {vm file args} {
    set id [lindex [vm snapshot $vm -compress never {*}$args] 0]
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "vm$vm $args: [snapshot status]"
    snapshot check $file $id
    return $id
}

# Of each way in which a VM may be another than the one that the snapshot is of.
proc snapshot_mistakes::other_shapes {id} {
    variable kernel
    foreach {vcpus memory vf} {1 8M 0  3 8M 0  2 4M 0  2 10M 0  2 16M 0  2 8M 2} {
        set other [vm create other -vcpus $vcpus -memory $memory -image $kernel -bootargs "workload=dirty seed=3 pages=20 writes=2000 gap=10"]
        if {$vf} {
            vm assign $other $vf
        }
        refused [expr {$vf ? "*is of a VM without a VF*" : "*is of a VM with other memory or vCPUs*"}] {vm restore $id -vm $other}
        set count [llength [snapshot_lab::lines $other "guest done"]]
        vm start $other
        snapshot_lab::await $other "guest done" [incr count] 50000000
        vm destroy $other
    }
    refused "*is of a VM without a VF*" {vm restore $id -name nobody -vf 2}
    refused "*VF 9 not free*" {vm restore $id -name nobody -vf 9}
    assay::check [expr {![string match *nobody* [vm list]]}] "a VM that was not restored is there: [vm list]"
    snapshot_lab::say "other vCPUs, memory and functions: refused, and those VMs start as if nothing had been"
}

proc snapshot_mistakes::two_at_once {first second file} {
    lassign [vm snapshot $first -name one -compress never] id pause task
    refused "*busy: task $task snapshot vm$first *" {vm snapshot $second -name two}
    refused "*busy: task $task snapshot vm$first *" {vm restore 1 -vm $second}
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the first of two: [snapshot status]"
    snapshot check $file $id
    snapshot remove [take $second $file -name two]
    snapshot remove $id
    snapshot_lab::say "two VMs at once: the second waits for its turn, and has it"
}

# An increment says "as in my parent", and names it by its number: on another volume, or after it was removed, the number is another VM's.
proc snapshot_mistakes::foreign_parents {vm other file elsewhere} {
    set base [take $vm $file -name base -keep 1]
    volume snapshots 2 -format 1
    for {set id 0} {$id < $base} {} {
        set id [take $other $elsewhere -name foreign]
    }
    assay::check [expr {$id == $base}] "the other volume's last snapshot is $id, not $base"
    refused "*no snapshot of this VM to build on*" {vm snapshot $vm -incremental 1}
    volume snapshots 1
    snapshot remove [take $vm $file -name next -incremental 1]
    snapshot remove $base
    volume snapshots 1
    set base [take $vm $file -name base -keep 1]
    snapshot remove $base
    volume snapshots 1
    assay::check [expr {[take $other $file -name foreign] == $base}] "the number $base was not given again"
    refused "*no snapshot of this VM to build on*" {vm snapshot $vm -incremental 1}
    snapshot remove $base
    snapshot_lab::say "an increment on a number that is another VM's snapshot: refused"
}

# A header that may or may not be on the volume still: nothing may be written over what it names before the volume has been read again.
proc snapshot_mistakes::failing_removal {vm file} {
    set id [take $vm $file -name stays]
    fault target 1 fails-writes
    refused "*NVMe status 0x280*" {snapshot remove $id}
    fault target 1 runs
    refused "*no snapshot volume is open*" {vm snapshot $vm}
    volume snapshots 1
    assay::check [expr {$id in [assay::snapshot_list $file] && [string match "*snapshot $id name=stays*" [snapshot list]]}] "snapshot $id is not there: [snapshot list]"
    snapshot check $file $id
    snapshot remove $id
    snapshot_lab::say "a removal that failed: the volume is read again, the snapshot is there"
}

# A VM with a VF that VF Enable has taken away has no state to save.
proc snapshot_mistakes::lost_function {file} {
    variable kernel
    volume attach 1 0
    set vm [vm create disk -vcpus 1 -memory 8M -image $kernel -bootargs "workload=io seed=5 ops=600 first_lba=2048 lbas=4096 qd=4 watch_us=5000"]
    vm assign $vm 1
    set before [list [llength [snapshot_lab::lines $vm "image crc32c"]] [llength [snapshot_lab::lines $vm "io done"]]]
    vm start $vm
    snapshot_lab::await $vm "image crc32c" [expr {[lindex $before 0] + 1}] 100000000
    set id [take $vm $file -name whole]
    set names [snapshot list]
    volume functions 0
    refused "*the VF cannot be held still*" {vm snapshot $vm}
    refused "*is not restored: the VM's VF does not give its present state*" {vm restore $id -vm $vm}
    assay::check [expr {[snapshot list] eq $names}] "the volume holds [snapshot list], not $names"
    volume functions 2
    set line [snapshot_lab::await $vm "io done" [expr {[lindex $before 1] + 1}] 400000000]
    assay::check [string match "*errors=0*" $line] "vm$vm: $line"
    vm destroy $vm
    snapshot remove $id
    snapshot_lab::say "a VM whose VF is gone: refused; the VM goes on with it when it is back"
}

proc snapshot_mistakes::main {} {
    set disk [snapshot_lab::empty_volume 0 4M]
    set file [snapshot_lab::empty_volume 1 64M]
    set elsewhere [snapshot_lab::empty_volume 2 64M]
    snapshot_lab::start [list $disk $file $elsewhere] 3 2 1 1
    set vm [snapshot_lab::dirty_vm writer 2 8M "seed=7 pages=200 writes=[assay::parameter writes 700000] gap=80 balloon=4"]
    set other [snapshot_lab::dirty_vm other_writer 1 8M "seed=8 pages=200 writes=[assay::parameter writes 700000] gap=80"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    snapshot_lab::await $other "dirty begins" 1 50000000
    set id [take $vm $file -name first]
    other_shapes $id
    two_at_once $vm $other $file
    foreign_parents $vm $other $file $elsewhere
    failing_removal $vm $file
    lost_function $file
    assay::check [expr {[assay::snapshot_list $file] eq $id}] "the volume holds [assay::snapshot_list $file], not $id"
    foreach n [list $vm $other] {
        assay::check [expr {[snapshot_lab::lines $n "dirty done"] eq ""}] "vm$n was done before the mistakes were"
        set line [snapshot_lab::await $n "dirty done" 1 400000000]
        assay::check [string match "*errors=0" $line] "vm$n: $line"
    }
    snapshot_lab::say "both VMs noticed nothing"
}

snapshot_mistakes::main
