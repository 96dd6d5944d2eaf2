# As snapshot_powercut.tcl, but of a VM that does I/O through its VF, beside another VM that is saved before and writes on: the power goes at POINTS random
# cycles, and at each the volume holds both snapshots from before, whole, and the new one whole or not at all. At the end the VM goes back to the snapshot
# that was cut, with its disk, and ends as it did.
# Parameters: points.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_powercut_vf {
    variable points [assay::parameter points 60]
}

proc snapshot_powercut_vf::save {vm name} {
    lassign [vm snapshot $vm -name $name] id
    assay::check [expr {[dict get [set status [snapshot wait]] phase] eq "complete"}] "$name: [snapshot status]"
    return $status
}

proc snapshot_powercut_vf::look {file} {
    set found [assay::snapshot_list $file]
    assay::check [expr {$found in {{1 2} {1 2 3}}}] "cut at cycle [board cycle]: the volume holds {$found}"
    foreach id $found {
        snapshot check $file $id
    }
    return [expr {[llength $found] == 2}]
}

proc snapshot_powercut_vf::start_vms {} {
    set image $snapshot_lab::build/hypervisor/guest-kernel.elf
    set seed [dict get $assay::options seed]
    set worker [vm create worker -vcpus 2 -memory 8M -image $image \
        -bootargs "workload=io seed=$seed ops=2500 first_lba=2048 lbas=4096 qd=16 dirty=1 pages=120 writes=150000 gap=60"]
    vm assign $worker 1
    vm start $worker
    set other [snapshot_lab::dirty_vm other 1 4M "seed=$seed pages=200 writes=400000 gap=100 code=1 walk=1 balloon=8"]
    snapshot_lab::await $worker "image crc32c" 1 100000000
    snapshot_lab::await $other "dirty begins" 1 50000000
    return [list $worker $other]
}

proc snapshot_powercut_vf::main {} {
    variable points
    set disk [snapshot_lab::empty_volume 0 4M]
    set file [snapshot_lab::empty_volume 1 64M]
    assay::snapshot_volume $disk
    snapshot_lab::start [list $disk $file] 4 1 1 1
    volume attach 1 0
    lassign [start_vms] worker other
    set status [save $worker before]
    save $other beside
    set step [expr {max(1, [dict get $status ns] * 2 * 2 / $points)}] ;# the points cover twice that: the second one meets more I/O
    vm snapshot $worker -name cut
    set absent 0
    for {set i 1} {$i <= $points} {incr i} {
        incr absent [look $file]
        board run [expr {1 + [snapshot_lab::random $step]}]
    }
    assay::check [expr {$absent > $points / 5 && $absent < $points}] "of $points points $absent lay before the end of the snapshot"
    set ended [snapshot_lab::await $worker "io done" 1 400000000]
    assay::check [string match "*errors=0" $ended] "vm$worker: $ended"
    snapshot_lab::await $worker "guest done" 1 100000000
    assay::check [string match "*errors=0" [snapshot_lab::await $other "dirty done" 1 400000000]] "vm$other was disturbed"
    snapshot_lab::put_back $disk.instant-3 $disk
    vm restore 3 -vm $worker
    assay::check [expr {[snapshot_lab::await $worker "io done" 2 400000000] eq $ended}] "the restored vm$worker ended otherwise"
    snapshot_lab::say "power cut at $points points, $absent before the header, with a VF and another VM: the old snapshots were whole at each, the new one absent or whole"
}

snapshot_powercut_vf::main
