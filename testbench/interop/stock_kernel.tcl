# Debian's riscv64 kernel (linux/stock.tcl), untouched: on the board itself above OpenSBI (where native), or as a guest of the hypervisor
# with two vCPUs beside another VM (where guest). It loads Debian's own nvme, ext4, virtio_net and kvm modules, works on the ext4 file system of its
# volume with direct and buffered writes, TRIM and a controller reset in the middle, pings and exchanges TCP over a network function, and runs a guest
# through its own KVM (native).
# Afterwards e2fsck judges the file system from outside. Use --hart fast.
# Parameters: where, stock (directory of Image and init.cpio), directory, build.

source [file join [file dirname [info script]] .. system volumes.tcl]

namespace eval stock {
    variable build [assay::parameter build build]
    variable where [assay::parameter where native]
    variable kernel [assay::parameter stock $build/stock]
    variable directory [assay::parameter directory $build/run-stock-$where]
    variable firmware /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
    variable patience 6000000000
    variable arguments "console=ttyS0 panic=-1 quiet loglevel=4"
    variable said {
        "stock: \\d\\S+ on 2 harts" "isa.*_zba_zbb_zbs.*_svinval_svnapot" "stock: files \[1-9]\\d* sum \[0-9a-f]{32}" "stock: file 1 read back"
        "stock: file 2 read back" "stock: trimmed" "stock: controller reset" "stock: file there after the reset" "stock: unmounted"
        "stock: 5 packets transmitted, 5 packets received" "stock: TCP gave the file back"
        "init: floating point survives context switches"
    }
}

proc stock::create_native {config} {
    variable kernel
    variable build
    variable firmware
    variable arguments
    board create -harts 2 -ram 512M -mailbox 0 -bios $firmware -payload $kernel/Image -initrd $kernel/init.cpio -bootargs $arguments \
        -firmware $build/firmware/assay-nic.elf -config $config
}

proc stock::create_guest {config} {
    variable kernel
    variable build
    variable firmware
    variable arguments
    board create -harts 3 -ram 512M -mailbox 64M -firmware $build/firmware/assay-nic.elf -kernel $build/hypervisor/assay-hv.elf -bios $firmware -config $config
    board wait "mailbox:" 100000000
    set vm [vm create stock -memory 256M -vcpus 2 -image $kernel/Image -initrd $kernel/init.cpio -bootargs $arguments]
    set other [vm create hello -memory 4M -vcpus 2 -bootargs workload=hello]
    volume enable 1
    board run 5000000
    volume attach 1 0
    vm assign $vm 1
    vm path $vm intx
    vm assign_net $vm 0
    vm start $vm
    vm start $other
    return $vm
}

proc stock::check_console {} {
    variable said
    variable where
    set console [board text host]
    foreach line [regexp -all -inline -line {^.*(?:stock|init): .*$} $console] { puts "  [string trim $line]" }
    set expected [expr {$where eq "native" ? [concat $said {"init: KVM ran a guest"}] : $said}]
    foreach line $expected {
        assay::check [regexp $line $console] "the kernel did not say \"$line\""
    }
    assay::check [expr {![regexp -line {^.*(FAILED|COMPLAINT|BUG:|Oops|WARNING:|Kernel panic).*$} $console problem]}] "the kernel complains: [expr {[info exists problem] ? $problem : {}}]"
}

proc stock::check_file_system {image} {
    set status [catch {exec e2fsck -f -n $image 2>@1} report]
    assay::check [expr {!$status}] "e2fsck finds the volume damaged: $report"
    puts "  [lindex [split $report \n] end]"
}

proc stock::main {} {
    variable where
    variable directory
    variable patience
    file mkdir $directory
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    set vm [create_$where "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\nnet 0 mac 02:00:00:00:02:00\n"]
    board wait "init: done" $patience
    puts "$where: done after [expr {[board cycle] / 1000000}] M cycles"
    check_console
    if {$where eq "guest"} {
        board wait "vm$vm is shutdown" $patience
        set stat [vm stat $vm]
        assay::check [expr {[dict get $stat injected.fault] == 0 && [dict get $stat bau.faults] == 0}] "the guest was faulted: $stat"
    }
    check_file_system $image
    assay::flush
    puts "PASS"
}

stock::main
