# A stock Linux as a guest of the hypervisor, two vCPUs, beside a bare guest that shares its harts: it reaches user space, its processes use
# floating point across context switches of both levels, it writes and verifies its volume through the kernel's own NVMe driver on a VF
# (INTx, which the hypervisor makes of the VF's messages), and it powers itself off. Use --hart fast.
# Parameters: linux (directory of Image and init.cpio), build, directory, vcpus.

source [file join [file dirname [info script]] .. system volumes.tcl]

namespace eval linux_guest {
    variable build [assay::parameter build build]
    variable linux [assay::parameter linux $build/linux]
    variable directory [assay::parameter directory $build/run-linux-guest]
    variable patience 3000000000
}

proc linux_guest::expect {text} {
    variable patience
    if {[string first $text [board text host]] < 0} {
        board wait $text $patience
    }
}

proc linux_guest::main {} {
    variable build
    variable linux
    variable directory
    file mkdir $directory
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    board create -harts 3 -ram 256M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
    board wait "mailbox:" 100000000
    set free [lindex [vm ping] 2]
    set vm [vm create linux -memory 64M -vcpus [assay::parameter vcpus 2] -image $linux/Image -initrd $linux/init.cpio -bootargs "console=ttyS0 panic=-1"]
    set other [vm create hello -memory 4M -vcpus 2 -bootargs "workload=hello"]
    volume enable 1
    board run 5000000
    volume attach 1 0
    vm assign $vm 1
    vm path $vm intx
    vm start $vm
    vm start $other
    expect "\[vm$vm\] init: Linux user space"
    set entered [board cycle]
    expect "\[vm$other\] hello primes 2262 errors=0"
    expect "\[vm$vm\] init: floating point survives context switches"
    expect "\[vm$vm\] init: NVMe wrote and verified"
    expect "\[vm$vm\] init: done"
    expect "vm$vm is shutdown"
    set stat [vm stat $vm]
    assay::check [expr {[dict get $stat injected.fault] == 0 && [dict get $stat bau.faults] == 0}] "the guest was faulted: $stat"
    vm destroy $vm
    vm destroy $other
    assay::check [expr {[lindex [vm ping] 2] == $free}] "memory is lost"
    puts "Linux guest: user space after [expr {$entered / 1000000}] M cycles; exits: ecall [dict get $stat exits.ecall], mmio [dict get $stat exits.mmio], wfi [dict get $stat exits.wfi], interrupt [dict get $stat exits.interrupt]"
    puts "PASS"
}

linux_guest::main
