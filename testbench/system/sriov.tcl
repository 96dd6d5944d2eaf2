# SR-IOV under load: guests with a VF each do verified I/O over all their queue pairs; meanwhile VF Enable is cleared and set again with all of
# their queues full. While the VFs are gone the PF works on: it takes a snapshot of a VM that has none. No DMA comes from a VF that is gone, the
# guests take up their work when theirs is back and lose nothing, and in the end each volume is what its guest's acknowledged writes make of it.
# Parameters (--set NAME=VALUE): guests (1 to 16; with 16 there is no volume left for snapshots), queues (I/O queue pairs of each, 1 to 8), ops (random
# I/Os a guest), switches, harts, build, directory. When the VFs go, and for how long, is drawn by the seed.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval sriov {
    variable guests [assay::parameter guests 3]
    variable queues [assay::parameter queues 8]
    variable operations [assay::parameter ops 300]
    variable switches [assay::parameter switches 2]
    variable harts [assay::parameter harts 3]
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run/sriov]
    variable blocks 2048
    variable snapshots [expr {$guests < 16 ? $guests : -1}] ;# the volume that takes them
}

proc sriov::say {text} {
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] $text]
}

# A volume of bytes that the seed and its number give.
proc sriov::make_volume {n} {
    variable directory
    variable blocks
    file mkdir $directory
    set words {}
    set x [expr {[dict get $assay::options seed] * 64 + $n}]
    for {set i 0} {$i < $blocks * 64} {incr i} {
        set x [expr {($x * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
        lappend words $x
    }
    foreach name {before work} {
        set channel [open $directory/$name$n.img wb]
        puts -nonewline $channel [binary format w* $words]
        close $channel
    }
    return $directory/work$n.img
}

proc sriov::build_board {} {
    variable guests
    variable snapshots
    variable harts
    variable build
    variable directory
    set files {}
    for {set n 0} {$n < $guests} {incr n} {
        lappend files [make_volume $n]
    }
    set snapshot_lab::directory $directory
    if {$snapshots >= 0} {
        lappend files [snapshot_lab::empty_volume $snapshots 32M]
    }
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed [dict get $assay::options seed]" "kato 0"]
    set n 0
    foreach file $files {
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $file
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
        incr n
    }
    board create -harts $harts -ram 512M -bios $snapshot_lab::bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf \
        -config [join $lines \n]\n
    return $n
}

proc sriov::start {volumes} {
    variable guests
    variable queues
    variable operations
    variable switches
    variable build
    variable snapshots
    vm ping
    volume enable 16
    set patience 20
    while {[regexp -all -line {^volume \d+ ready} [volume list]] < $volumes} {
        assay::check [incr patience -1] "the volumes do not become ready: [volume list]"
        board run 5000000
    }
    for {set n 0} {$n < $guests} {incr n} {
        volume attach [expr {$n + 1}] $n
        set vm [vm create guest$n -memory 12M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=io seed=[seed_of $n] ops=$operations qd=24 queues=$queues watch_us=5000"]
        assay::check [expr {$vm == $n}] "the VM of VF [expr {$n + 1}] has number $vm"
        vm assign $vm [expr {$n + 1}]
    }
    for {set n 0} {$n < $guests} {incr n} {
        vm start $n
    }
    if {$snapshots >= 0} {
        volume snapshots $snapshots -format 1
        snapshot_lab::dirty_vm bystander 1 8M "seed=[dict get $assay::options seed] pages=64 writes=[expr {100000 + 120000 * $switches}] gap=40"
    }
    say "$guests VMs with $queues I/O queue pairs each"
}

proc sriov::seed_of {n} {
    return [expr {[dict get $assay::options seed] * 32 + $n}]
}

proc sriov::done {} {
    variable guests
    set done 0
    for {set n 0} {$n < $guests} {incr n} {
        incr done [llength [snapshot_lab::lines $n "guest done"]]
    }
    return $done
}

# Every guest that is not done has seen its VF come back K times.
proc sriov::await_return {k} {
    variable guests
    set limit [expr {[board cycle] + 400000000}]
    for {set n 0} {$n < $guests} {incr n} {
        while {[llength [snapshot_lab::lines $n "controller is back"]] < $k} {
            assay::check [expr {[board cycle] < $limit}] "vm$n does not go on with its VF: [board text host]"
            board run 500000
        }
    }
}

# VFs have commands under way: the events tell.
proc sriov::await_load {commands} {
    variable guests
    set from [assay::event_count see.cqe]
    set limit [expr {[board cycle] + 400000000}]
    while {[assay::event_count see.cqe] < $from + $commands} {
        assay::check [expr {[board cycle] < $limit && [done] == 0}] "there is no load: [done] guests are done"
        board run 200000
    }
    board run [snapshot_lab::random 200000]
}

proc sriov::faults {} {
    return [dict get [vm machine] count.fault]
}

proc sriov::without_vfs {k} {
    variable guests
    variable snapshots
    set before [faults]
    volume functions 0
    assay::check [expr {[faults] == $before}] "a VF that was gone reached for memory: [expr {[faults] - $before}] faults of the BAU"
    set completions [assay::event_count see.cqe]
    say "VFs are gone"
    if {$snapshots >= 0} {
        lassign [vm snapshot $guests -name sriov$k] id pause task
        set end [task wait $task 1000000000]
        assay::check [expr {[dict get $end state] eq "succeeded"}] "the snapshot through the PF ended with: $end"
        snapshot check $snapshot_lab::directory/volume$snapshots.img $id
        snapshot remove $id
        say "meanwhile the PF wrote snapshot $id"
    }
    board run [snapshot_lab::random 2000000]
    assay::check [expr {[llength [regexp -all -inline -line {state=running} [vm list]]] > 0 && ![string match *crashed* [vm list]]}] "VMs: [vm list]"
    assay::check [expr {[faults] == $before}] "a VF that was gone reached for memory: [expr {[faults] - $before}] faults of the BAU"
    return $completions
}

proc sriov::turn {k} {
    variable guests
    await_load [expr {$guests * 30}]
    without_vfs $k
    volume functions 16
    await_return [expr {$k + 1}]
    set again 0
    for {set n 0} {$n < $guests} {incr n} {
        regexp {(\d+) commands} [lindex [snapshot_lab::lines $n "controller is back"] end] -> commands
        incr again $commands
    }
    assay::check [expr {$again > 0}] "no command was under way when the VFs went"
    say "VFs are back, $again commands go out again"
}

proc sriov::check_guest {n} {
    variable directory
    variable operations
    variable blocks
    set expected [assay::file_crc32c $directory/before$n.img]
    set image [lindex [snapshot_lab::lines $n "image crc32c"] 0]
    assay::check [string match "image crc32c=$expected *" $image] "vm$n read \"$image\"; the file has $expected"
    set end [lindex [snapshot_lab::lines $n "io done"] 0]
    assay::check [regexp "ops=$operations bytes=\\d+ errors=0" $end] "vm$n: $end"
    assay::check [regexp {lost=0} [snapshot_lab::lines $n "io interrupts"]] "vm$n: [snapshot_lab::lines $n "io interrupts"]"
    set difference [assay::io_replay $directory/before$n.img $directory/work$n.img [seed_of $n] 0 $blocks $operations]
    assay::check [expr {$difference == -1}] "volume $n differs from what vm$n wrote, first at byte $difference"
    assay::check [regexp {recoveries=(\d+)} [snapshot_lab::lines $n "io recoveries"] -> recoveries] "vm$n does not say how often its VF came back"
    return $recoveries
}

proc sriov::main {} {
    variable guests
    variable switches
    variable queues
    variable snapshots
    start [build_board]
    for {set k 0} {$k < $switches} {incr k} {
        turn $k
    }
    set limit [expr {[board cycle] + 2000000000}]
    while {[done] < $guests} {
        assay::check [expr {[board cycle] < $limit}] "only [done] of $guests guests are done"
        board run 5000000
    }
    set recoveries 0
    for {set n 0} {$n < $guests} {incr n} {
        incr recoveries [check_guest $n]
    }
    assay::check [expr {$recoveries == $guests * $switches}] "$recoveries recoveries of $guests guests from $switches switches"
    if {$snapshots >= 0} {
        assay::check [regexp {errors=0} [snapshot_lab::await $guests "dirty done" 1 2000000000]] "the VM without a VF: [snapshot_lab::lines $guests "dirty done"]"
    }
    report::note sriov.recoveries $recoveries
    set report [dict get $assay::options report]
    if {$report ne ""} {
        report::write $report pass ""
    }
    say "SR-IOV: $guests guests x $queues queue pairs, $switches switches, $recoveries recoveries, [assay::event_count see.cqe] commands, every volume as acknowledged"
    puts "PASS"
}

sriov::main
