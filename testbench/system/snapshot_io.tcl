# A VM that does I/O through its VF while it is saved: devices write into protected pages, commands are in flight when the instant comes. The
# image must be what the simulator copied; memory and disk of the instant together must go on, in the same VM and in a fresh one behind another VF.
# Parameters: ops, vcpus, path (of the VF's interrupts, `vm path`), net (1: the VM has a network function too, which a restore resets).

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_io {
    variable operations [assay::parameter ops 1500]
    variable vcpus [assay::parameter vcpus 2]
    variable path [assay::parameter path direct]
    variable net [assay::parameter net 0]
}

# The function was silent when the restored VM went on, and nobody has woken it since.
proc snapshot_io::check_net {} {
    set before [assay::stats]
    board run 2000000
    set after [assay::stats]
    assay::check [expr {[dict get $after net.0.features] == 0}] "the network function has a driver after the restore"
    foreach what {rx_frames tx_frames} {
        assay::check [expr {[dict get $after net.0.$what] == [dict get $before net.0.$what]}] "the network function's $what went on after the restore"
    }
}

proc snapshot_io::run_to_end {vm count} {
    set line [snapshot_lab::await $vm "io done" $count 400000000]
    assay::check [string match "*errors=0" $line] "vm$vm: $line: [snapshot_lab::lines $vm error]"
    snapshot_lab::await $vm "guest done" $count 100000000
    return $line
}

proc snapshot_io::main {} {
    variable operations
    variable vcpus
    variable path
    variable net
    set disk [snapshot_lab::empty_volume 0 4M]
    set file [snapshot_lab::empty_volume 1 64M]
    assay::snapshot_volume $disk
    snapshot_lab::start [list $disk $file] 3 2 1 1 [expr {$net ? {{net 0 mac 02:00:00:00:02:00}} : {}}]
    volume attach 1 0
    set vm [vm create worker -vcpus $vcpus -memory 16M -image $snapshot_lab::build/hypervisor/guest-kernel.elf \
        -bootargs "workload=io seed=5 ops=$operations first_lba=2048 lbas=4096 qd=16 dirty=1 pages=300 writes=200000 gap=60[expr {$net ? " net=167772220 peer=167772170 tcp=10000" : ""}]"]
    vm assign $vm 1
    vm path $vm $path
    if {$net} {
        vm assign_net $vm 0
    }
    vm start $vm
    snapshot_lab::await $vm "image crc32c" 1 100000000
    board run 2000000
    lassign [vm snapshot $vm -name io -compress never] id pause
    snapshot_lab::say "snapshot $id: vCPUs held for $pause cycles"
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "the snapshot is $status"
    snapshot_lab::say "complete: $status"
    assay::check [expr {[dict get $status saved_by_device] > 0}] "no device wrote into a protected page"
    snapshot check $file $id
    set ended [run_to_end $vm 1]
    file copy -force $disk $disk.end
    snapshot_lab::say "vm$vm: $ended"

    snapshot_lab::put_back $disk.instant-$id $disk
    vm restore $id -vm $vm
    if {$net} {
        check_net
    }
    assay::check [expr {[run_to_end $vm 2] eq $ended}] "vm$vm ended otherwise after the restore"
    assay::check [snapshot_lab::same_file $disk $disk.end] "the disk is another after the restored vm$vm ended"
    snapshot_lab::say "restored into vm$vm: it ended alike, and so did its disk"

    vm destroy $vm
    volume attach 1 4294967295
    volume attach 2 0
    snapshot_lab::put_back $disk.instant-$id $disk
    set fresh [vm restore $id -name fresh -vf 2]
    set count [expr {$fresh == $vm ? 3 : 1}]
    assay::check [expr {[run_to_end $fresh $count] eq $ended}] "the fresh vm$fresh ended otherwise"
    assay::check [snapshot_lab::same_file $disk $disk.end] "the disk is another after the fresh vm$fresh ended"
    snapshot_lab::say "restored into a fresh vm$fresh behind VF 2: it ended alike, and so did its disk"
}

snapshot_io::main
