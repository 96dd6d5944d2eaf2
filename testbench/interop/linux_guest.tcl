# A stock Linux as a guest of the hypervisor, two vCPUs, beside a bare guest that shares its harts: it reaches user space, its processes use
# floating point across context switches of both levels, and it powers itself off. Use --hart fast.
# Parameters: linux (directory of Image and init.cpio), build, vcpus.

namespace eval linux_guest {
    variable build [assay::parameter build build]
    variable linux [assay::parameter linux $build/linux]
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
    board create -harts 3 -ram 256M -mailbox 32M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\n"
    board wait "mailbox:" 100000000
    set free [lindex [vm ping] 2]
    set vm [vm create linux -memory 64M -vcpus [assay::parameter vcpus 2] -image $linux/Image -initrd $linux/init.cpio -bootargs "console=ttyS0 panic=-1"]
    set other [vm create hello -memory 4M -vcpus 2 -bootargs "workload=hello"]
    vm start $vm
    vm start $other
    expect "\[vm$vm\] init: Linux user space"
    set entered [board cycle]
    expect "\[vm$other\] hello primes 2262 errors=0"
    expect "\[vm$vm\] init: floating point survives context switches"
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
