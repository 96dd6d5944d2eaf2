# Several stock Linux guests at once on few harts (2, 3 and 4 vCPUs on two, or as the parameters say), each with a VF of its own (INTx) whose volume it writes and verifies while the
# others boot and work. Each powers itself off; what each had of the machine is in its statistics. Use --hart fast.
# Parameters: linux (directory of Image and init.cpio), build, directory, vcpus (a list with commas, a VM each), harts (3; one
# more than run guests).

source [file join [file dirname [info script]] .. system volumes.tcl]

namespace eval linux_guests {
    variable build [assay::parameter build build]
    variable linux [assay::parameter linux $build/linux]
    variable directory [assay::parameter directory $build/run-linux-guests]
    variable vcpus [split [assay::parameter vcpus 2,3,4] ,]
    variable harts [assay::parameter harts 3]
    variable patience 12000000000
}

proc linux_guests::boot {} {
    variable build
    variable directory
    variable vcpus
    variable harts
    set config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\n"
    for {set n 0} {$n < [llength $vcpus]} {incr n} {
        lassign [volumes::prepare $n $directory] image
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $image
        append config "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1\n"
    }
    board create -harts $harts -ram 512M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config $config
    board wait "mailbox:" 100000000
    volume enable [llength $vcpus]
    for {set n 0} {$n < [llength $vcpus]} {incr n} {
        board run 5000000
        volume attach [expr {$n + 1}] $n
    }
}

proc linux_guests::start {} {
    variable linux
    variable vcpus
    set vms {}
    foreach count $vcpus {
        set vm [vm create linux[llength $vms] -memory 64M -vcpus $count -image $linux/Image -initrd $linux/init.cpio -bootargs "console=ttyS0 panic=-1"]
        lappend vms $vm
        vm assign $vm [llength $vms]
        vm path $vm intx
    }
    foreach vm $vms {
        vm start $vm
    }
    return $vms
}

proc linux_guests::check {vm count} {
    foreach text {"init: Linux user space" "init: floating point survives context switches" "init: NVMe wrote and verified" "init: done"} {
        assay::check [expr {[string first "\[vm$vm\] $text" [board text host]] >= 0}] "vm$vm did not say \"$text\""
    }
    set stat [vm stat $vm]
    assay::check [expr {[dict get $stat injected.fault] == 0 && [dict get $stat bau.faults] == 0}] "vm$vm was faulted: $stat"
    assay::check [expr {[dict get $stat ticks.steal] > 0 && [dict get $stat ticks.run] > 0 && [dict get $stat switches] > $count}] "vm$vm did not share its harts: $stat"
    assay::check [expr {[dict get $stat classical] > 100 && [dict get $stat injected.ipi] > 0}] "vm$vm had no interrupts of its VF or of its vCPUs: $stat"
    puts "vm$vm, $count vCPUs: $stat"
}

proc linux_guests::main {} {
    variable directory
    variable vcpus
    variable patience
    variable harts
    file mkdir $directory
    boot
    set vms [start]
    foreach vm $vms {
        if {[string first "vm$vm is shutdown" [board text host]] < 0} {
            board wait "vm$vm is shutdown" $patience
        }
    }
    foreach vm $vms count $vcpus {
        check $vm $count
    }
    puts "[llength $vms] Linux guests with [::tcl::mathop::+ {*}$vcpus] vCPUs on [expr {$harts - 1}] harts done in [expr {[board cycle] / 1000000}] M cycles"
    puts "PASS"
}

linux_guests::main
