# What the board scenarios of the hypervisor share: a board with N small volumes, one VF for each, VMs that do verified I/O.
# Parameters: sstc (1: the harts have stimecmp, default 0), build (default: $ASSAY_BUILD or build), directory (default: the job's own in a regression, so that two of these run at once).

namespace eval scene {
    variable build [assay::parameter build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]]
    variable work [assay::parameter directory [expr {[info exists ::env(ASSAY_JOB)] ? "$::env(ASSAY_JOB)/work" : "$build/test-work/hypervisor"}]]
    variable sstc [assay::parameter sstc 0]
    variable volumes 0
    variable blocks 1024
}

# A volume of 512 KiB whose 8-byte words count up, and a copy of it for the comparison afterwards.
proc scene::make_volume {number} {
    variable work
    file mkdir $work
    set words {}
    for {set i 0} {$i < 65536} {incr i} {
        lappend words $i
    }
    set channel [open $work/$number.img wb]
    puts -nonewline $channel [binary format w* $words]
    close $channel
    file copy -force $work/$number.img $work/$number.before
}

# Boots a board with `count` storages and as many VFs, volume i attached to VF i + 1. `options`: a list of each target's options; `networks`: network functions.
proc scene::boot {count {options {}} {networks 0}} {
    variable build
    variable work
    variable volumes
    variable sstc
    set volumes $count
    set flash "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\n"
    for {set i 0} {$i < $count} {incr i} {
        make_volume $i
        assay::target 10.0.0.1$i/24 nqn.2026-11.assay:target$i $work/$i.img {*}[lindex $options $i]
        append flash "volume $i nvme-tcp 10.0.0.1$i:4420 nqn.2026-11.assay:target$i nsid 1\n"
    }
    for {set i 0} {$i < $networks} {incr i} {
        append flash "net $i mac 02:00:00:00:02:0$i\n"
    }
    board create -harts 3 -sstc $sstc -ram 256M -mailbox 32M -config $flash -firmware $build/firmware/assay-nic.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf
    board wait "mailbox:" 100000000
    assay::check [expr {[lindex [vm ping] 0] == 1}] "the mailbox speaks another version"
}

proc scene::attach_volumes {} {
    variable volumes
    volume enable $volumes
    for {set i 0} {$i < $volumes} {incr i} {
        volume attach [expr {$i + 1}] $i
    }
}

# A VM that does `ops` verified operations on VF `vf`; returns its number.
proc scene::io_vm {name vf seed ops {memory 8M}} {
    set vm [vm create $name -memory $memory -bootargs "workload=io seed=$seed ops=$ops qd=16"]
    vm assign $vm $vf
    vm start $vm
    return $vm
}

# Runs until the host console has a line with `text`, be it from before.
proc scene::expect {text cycles} {
    if {[string first $text [board text host]] < 0} {
        board wait $text $cycles
    }
}

# The volume holds what the operations wrote and nothing else.
proc scene::check_volume {number seed ops} {
    variable work
    variable blocks
    set difference [assay::io_replay $work/$number.before $work/$number.img $seed 0 $blocks $ops]
    assay::check [expr {$difference == -1}] "volume $number differs from the replay at byte $difference"
}

# The request must be refused with this mailbox status.
proc scene::refused {status args} {
    set failed [catch {uplevel #0 $args} message]
    assay::check [expr {$failed && [string match "*(status $status)" $message]}] "\"$args\" is not refused with status $status but answers: $message"
}
