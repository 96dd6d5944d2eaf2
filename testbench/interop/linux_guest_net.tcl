# Stock Linux guests with the unmodified virtio_net driver, each on a network function of its own by INTx, which the functions share at the host's interrupt
# controller: each pings a host of the fabric and exchanges verified TCP with it, and is told of the link (linux/net_init.c). One more guest works on its VF
# beside them. Use --hart fast.
# Parameters: linux (directory of Image, init.cpio and net.cpio), build, directory.

source [file join [file dirname [info script]] .. system volumes.tcl]

namespace eval linux_guest_net {
    variable build [assay::parameter build build]
    variable linux [assay::parameter linux $build/linux]
    variable directory [assay::parameter directory $build/run-linux-guest-net]
    variable patience 4000000000
    variable guests 2
}

proc linux_guest_net::boot {} {
    variable build
    variable directory
    variable guests
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    set config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
    for {set n 0} {$n < $guests} {incr n} {
        append config "net $n mac 02:00:00:00:02:0$n\n"
    }
    board create -harts 3 -ram 512M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config $config
    board wait "mailbox:" 100000000
    volume enable 1
    board run 5000000
    volume attach 1 0
}

proc linux_guest_net::create {name initrd words} {
    variable linux
    return [vm create $name -memory 64M -vcpus 2 -image $linux/Image -initrd $linux/$initrd -bootargs "console=ttyS0 panic=-1 $words"]
}

proc linux_guest_net::expect {vm text} {
    variable patience
    while {[string first "\[vm$vm\] $text" [board text host]] < 0 && [board cycle] < $patience} {
        assay::check [expr {[string first "\[vm$vm\] net: FAIL" [board text host]] < 0}] "vm$vm failed"
        board run 2000000
    }
    assay::check [expr {[board cycle] < $patience}] "vm$vm did not say \"$text\""
}

# Each waits for the link's loss, then for its return; the guest of the VF has other things to do meanwhile.
proc linux_guest_net::link {vms} {
    foreach {text state} {"net: waits for the link's loss" down "net: link is down" up} {
        foreach vm $vms {
            expect $vm $text
        }
        fault cable 0 $state
    }
}

proc linux_guest_net::check {vm number} {
    foreach text [list "net: eth0 is 2:0:0:0:2:$number" "net: pings answered: 5" "net: bytes exchanged by TCP: 1048576, wrong: 0" "net: reception chosen" \
        "net: link is up" "net: done"] {
        expect $vm $text
    }
    set stat [vm stat $vm]
    assay::check [expr {[dict get $stat injected.fault] == 0 && [dict get $stat bau.faults] == 0}] "vm$vm was faulted: $stat"
    assay::check [expr {[dict get $stat classical] > 20}] "vm$vm had no interrupts of its network function: $stat"
    puts "vm$vm: [dict get $stat classical] interrupts of its network function"
}

proc linux_guest_net::main {} {
    variable directory
    variable guests
    file mkdir $directory
    boot
    set free [lindex [vm ping] 2]
    set vms {}
    for {set n 0} {$n < $guests} {incr n} {
        set vm [create net$n net.cpio own=[expr {60 + $n}]]
        vm assign_net $vm $n
        vm path $vm intx
        lappend vms $vm
    }
    set disk [create disk init.cpio ""]
    vm assign $disk 1
    vm path $disk intx
    foreach vm [concat $vms $disk] {
        vm start $vm
    }
    link $vms
    foreach vm $vms {
        check $vm [lsearch $vms $vm]
    }
    expect $disk "init: NVMe wrote and verified"
    expect $disk "init: done"
    foreach vm [concat $vms $disk] {
        if {[string first "vm$vm is shutdown" [board text host]] < 0} {
            board wait "vm$vm is shutdown" 500000000
        }
        vm destroy $vm
    }
    set stats [assay::stats]
    for {set n 0} {$n < $guests} {incr n} {
        assay::check [expr {[dict get $stats net.$n.tx_errors] + [dict get $stats net.$n.dma_errors] == 0}] "network function $n counts errors"
    }
    assay::check [expr {[lindex [vm ping] 2] == $free}] "memory is lost"
    puts "PASS"
}

linux_guest_net::main
