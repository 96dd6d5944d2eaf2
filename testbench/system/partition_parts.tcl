# What the scenarios of two partitions share. Partition 0 has VFs 1 to 8, partition 1 VFs 9 to 16, which it calls 1 to 8.

source [file join [file dirname [info script]] first_io_parts.tcl]

namespace eval partitions {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable operations [assay::parameter ops 500]
    variable harts [assay::parameter harts 4]
    variable console {host host1}
    variable volumes
    variable vm
}

proc partitions::say {text} { first_io::say $text }

# @param kernel what partition 1 runs, "" for the hypervisor. @param bootargs for it
proc partitions::boot {{kernel ""} {bootargs ""}} {
    variable build
    variable directory
    variable volumes
    variable harts
    file mkdir $directory
    foreach n {0 1} {
        set volumes($n) [volumes::prepare $n $directory]
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n [lindex $volumes($n) 0]
    }
    set first_io::extra_volumes [list [lindex $volumes(0) 1]]
    assay::target 10.0.0.12/24 nqn.2026-11.assay:target2 $first_io::extra_volumes
    board create -harts $harts -partitions 2 -ram 256M -bios $first_io::bios -kernel $build/hypervisor/assay-hv.elf -kernel_1 $kernel -bootargs $bootargs \
        -firmware $build/firmware/assay-nic.elf -config [first_io::nic_config]
    partition 0 {
        vm ping
        volume enable 16
        first_io::await_volumes
        foreach n {0 1} {
            volume attach [expr {1 + 8 * $n}] $n
        }
        volume attach 2 2
    }
    say "two hypervisors are up, 16 VFs, volumes at VF 1 and VF 9"
}

proc partitions::region {n} {
    variable volumes
    set blocks [expr {[file size [lindex $volumes($n) 1]] / 512}]
    return [list [expr {$blocks - $blocks / 4}] [expr {$blocks / 4}]]
}

proc partitions::seed {n} { expr {[dict get $assay::options seed] * 16 + $n} }

# A VM with the partition's first VF that reads its volume and does verified random I/O.
proc partitions::start_guest {n} {
    variable build
    variable operations
    variable vm
    lassign [region $n] first count
    partition $n {
        set vm($n) [vm create guest$n -memory 16M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=io seed=[seed $n] ops=$operations first_lba=$first lbas=$count qd=32"]
        vm assign $vm($n) 1
        vm start $vm($n)
    }
    say "partition $n: vm$vm($n) runs with VF [expr {1 + 8 * $n}] on volume $n"
}

proc partitions::line {n text} {
    variable console
    variable vm
    foreach line [split [board text [lindex $console $n]] \n] {
        if {[string first "\[vm$vm($n)\] $text" $line] >= 0} {
            return [string trim $line]
        }
    }
    return ""
}

proc partitions::follow {guests} {
    variable operations
    set deadline [expr {[board cycle] + 60000000 + $operations * 30000}]
    foreach n $guests {
        while {[line $n "guest done"] eq ""} {
            assay::check [expr {[board cycle] < $deadline}] "the guest of partition $n was not done by cycle $deadline: [string range [board text [lindex $partitions::console $n]] end-600 end]"
            board run 2000000
        }
        say [line $n "io done"]
    }
}

# What the guest of partition n said, and what its volume is, from outside; its interrupts came without exits.
proc partitions::check_guest {n} {
    variable volumes
    variable operations
    variable vm
    lassign $volumes($n) work before
    set expected [assay::file_crc32c $before]
    assay::check [regexp {crc32c=([0-9a-f]{8}) bytes=(\d+)} [line $n "image crc32c"] -> crc bytes] "the guest of partition $n reported no CRC of its image"
    assay::check [expr {$crc eq $expected && $bytes == [file size $before]}] "the guest of partition $n read $bytes bytes with CRC32C $crc, not $expected"
    assay::check [regexp {ops=(\d+) bytes=(\d+) errors=(\d+)} [line $n "io done"] -> ops io errors] "the guest of partition $n reported no end of its I/O"
    assay::check [expr {$ops == $operations && $errors == 0}] "the guest of partition $n did $ops of $operations I/Os with $errors errors"
    assay::check [regexp {io interrupts=(\d+) lost=(\d+)} [line $n "io interrupts"] -> interrupts lost] "the guest of partition $n reported no interrupts"
    lassign [region $n] first count
    set difference [assay::io_replay $before $work [seed $n] $first $count $operations]
    assay::check [expr {$difference == -1}] "file $work differs from what partition $n wrote, first at byte $difference"
    partition $n {
        set stat [vm stat $vm($n)]
    }
    assay::check [expr {[dict get $stat bau.faults] == 0}] "partition $n: the BAU saw faults: $stat"
    set exits 0
    foreach cause {exits.interrupt exits.ecall exits.mmio exits.wfi exits.other} {
        incr exits [dict get $stat $cause]
    }
    assay::check [expr {$lost == 0 && $interrupts > $exits && $exits < 100}] "partition $n: $interrupts interrupts, $lost lost, $exits exits"
    say "partition $n: CRC32C $crc as the file's own, $ops I/Os verified by the guest and from outside, $interrupts interrupts directed, $exits exits"
    return $interrupts
}
