# A guest's verified I/O on a stripe over three storages in pieces of 4 KiB, so that its longest commands are 33 parts under way together; the storages' blocks have
# 512 bytes, or as many as the parameter block says. Meanwhile the
# NIC's firmware may break, or a storage go away and come back. The guest finds no error, and the three files put together are what it wrote.
# Parameters (--set NAME=VALUE): ops, block, faults (a list of commands that have ended by then, and kinds: 100 crash 200 hang 300 away), build, directory.

source [file join [file dirname [info script]] snapshot_parts.tcl]
source [file join [file dirname [info script]] progress.tcl]

namespace eval stripe {
    variable members 3
    variable chunk 4096
    variable bytes 1048576 ;# of a member
    variable block [assay::parameter block 512]
    variable operations [assay::parameter ops 200]
    variable seed [dict get $assay::options seed]
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run/stripe]
}

proc stripe::read_file {path} {
    set channel [open $path rb]
    set bytes [read $channel]
    close $channel
    return $bytes
}

# Puts the members' files together as the stripe has them.
proc stripe::put_together {path} {
    variable members
    variable chunk
    variable bytes
    variable directory
    for {set n 0} {$n < $members} {incr n} {
        set member($n) [read_file $directory/member$n.img]
    }
    set channel [open $path wb]
    for {set at 0} {$at < $bytes} {incr at $chunk} {
        for {set n 0} {$n < $members} {incr n} {
            puts -nonewline $channel [string range $member($n) $at [expr {$at + $chunk - 1}]]
        }
    }
    close $channel
}

proc stripe::build_board {} {
    variable members
    variable bytes
    variable block
    variable seed
    variable build
    variable directory
    file mkdir $directory
    set x $seed
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed $seed" "kato 0"]
    for {set n 0} {$n < $members} {incr n} {
        set words {}
        for {set i 0} {$i < $bytes / 8} {incr i} {
            set x [expr {($x * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
            lappend words $x
        }
        set channel [open $directory/member$n.img wb]
        puts -nonewline $channel [binary format w* $words]
        close $channel
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $directory/member$n.img block $block
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
    }
    put_together $directory/before.img
    lappend lines "volume $members stripe 4 0 1 2"
    board create -harts 2 -ram 256M -bios $snapshot_lab::bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [join $lines \n]\n
}

# A storage that goes away comes back after a while.
proc stripe::break {kind} {
    if {$kind eq "away"} {
        fault target 1 refuses
        board run 3000000
        fault target 1 runs
    } else {
        fault firmware $kind
    }
}

proc stripe::main {} {
    variable members
    variable operations
    variable block
    variable seed
    variable directory
    variable build
    build_board
    vm ping
    volume enable 1
    board run 8000000
    volume attach 1 $members
    set vm [vm create striped -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs "workload=io seed=$seed ops=$operations qd=24"]
    vm assign $vm 1
    progress::begin
    vm start $vm
    foreach {commands kind} [assay::parameter faults ""] {
        progress::await $commands
        board run [expr {$seed * 7919 % 20011}]
        assay::check [expr {[snapshot_lab::lines $vm "guest done"] eq ""}] "the guest was done before the fault \"$kind\" came"
        break $kind
    }
    snapshot_lab::await $vm "guest done" 1 4000000000
    set image [lindex [snapshot_lab::lines $vm "image crc32c"] 0]
    set expected [assay::file_crc32c $directory/before.img]
    assay::check [string match "image crc32c=$expected *" $image] "the guest read \"$image\"; the members have $expected"
    set end [lindex [snapshot_lab::lines $vm "io done"] 0]
    assay::check [regexp "ops=$operations bytes=\\d+ errors=0" $end] "$end: [snapshot_lab::lines $vm "io error"]"
    put_together $directory/after.img
    set difference [assay::io_replay $directory/before.img $directory/after.img $seed 0 [expr {[file size $directory/before.img] / $block}] $operations $block]
    assay::check [expr {$difference == -1}] "the members hold something else than the guest wrote, first at byte $difference of the stripe"
    puts "RESTARTS [regexp -all {restarted after crash} [board text nic]]"
    puts "PASS"
}

stripe::main
