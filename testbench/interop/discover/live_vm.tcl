# Discovery of a guest of the hypervisor: a stock Linux without an initial file system in a VM, so that it ends in a panic with its kernel's
# processes alive. They are seen through the second stage; addresses are those of System.map; hooks of one VM do not see another, and
# when the VM is made anew nothing of what was found is used. Use --hart fast.
# Parameters: linux (directory of Image and System.map), directory, build.

source [file join [file dirname [info script]] .. .. system volumes.tcl]

namespace eval live_vm {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run-live-vm]
    variable linux [assay::parameter linux $build/linux]
    variable patience 400000000
}

proc live_vm::create_board {} {
    variable build
    variable directory
    file mkdir $directory
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    board create -harts 2 -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf \
        -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
    board wait "management" $live_vm::patience
}

proc live_vm::start_linux {} {
    variable linux
    set vm [vm create linux -memory 64M -image $linux/Image -bootargs "console=hvc0"]
    vm start $vm
    return $vm
}

proc live_vm::refusal {script} {
    assay::check [catch $script message] "\"$script\" was not refused"
    return $message
}

proc live_vm::check_addresses {vm} {
    variable linux
    set channel [open $linux/System.map]
    foreach line [split [read $channel] \n] {
        if {[regexp {^([0-9a-f]+) \S ([^.]+)} $line -> address name]} {
            lappend symbols($name) [expr "0x$address"]
        }
    }
    close $channel
    set right 0
    foreach line [split [discover --vm $vm] \n] {
        if {[regexp {^(\w+) +(?:data|function) +(0x[0-9a-f]+) } $line -> name value] && [info exists symbols($name)]} {
            assay::check [expr {[expr $value] in $symbols($name)}] "$name is $value, System.map says $symbols($name)"
            incr right
        }
    }
    assay::check [expr {$right >= 30}] "only $right addresses could be compared"
    puts "  $right addresses as in System.map"
}

proc live_vm::main {} {
    variable patience
    create_board
    set vm [start_linux]
    puts "  before it has booted: [refusal [list vm ps $vm]]"
    while {[catch {vm hook $vm try_to_wake_up} message]} {
        assay::check [expr {[board cycle] < $patience}] $message
        board run 1000000
    }
    puts "  hooked at cycle [board cycle]"
    board wait "Kernel panic" $patience
    assay::check [expr {[lindex [vm hooks] 0 3] > 0}] "nothing was woken while Linux booted: [vm hooks]"
    puts "  [lindex [vm hooks] 0 3] calls of try_to_wake_up while Linux booted"
    check_addresses $vm
    set processes [vm ps $vm]
    foreach name {swapper/0 kthreadd kswapd0 nvme-wq} {
        assay::check [string match "*\\\[$name\\\]*" $processes] "no process $name:\n$processes"
    }
    puts "  [expr {[llength [split $processes \n]] - 1}] processes"
    vm destroy $vm
    set again [start_linux]
    assay::check [expr {$again == $vm}] "the VM made anew is $again, not $vm"
    puts "  made anew: [refusal [list vm ps $vm]]"
    assay::check [expr {[vm hooks] eq ""}] "hooks outlived the guest: [vm hooks]"
    board wait "Kernel panic" $patience
    assay::check [expr {[vm ps $vm] eq $processes}] "after the second boot the processes differ:\n[vm ps $vm]"
    puts PASS
}

live_vm::main
