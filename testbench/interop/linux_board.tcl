# A stock Linux on the whole board: Debian's OpenSBI, a small Linux 6.1 (testbench/interop/linux), the NIC's firmware, one NVMe/TCP target.
# Its first process checks floating point, runs a guest through KVM, and writes and reads a volume through the kernel's own NVMe driver
# on the PF by INTx; afterwards the volume's file is checked from outside. Use --hart fast.
# Parameters: linux (directory of Image and init.cpio), firmware (OpenSBI's fw_dynamic or fw_jump), harts, directory, build,
# until (user: end at the first line of user space).

source [file join [file dirname [info script]] .. system volumes.tcl]

namespace eval linux_board {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run-linux]
    variable linux [assay::parameter linux $build/linux]
    variable harts [assay::parameter harts 2]
    variable firmware /usr/lib/riscv64-linux-gnu/opensbi/generic/[assay::parameter firmware fw_dynamic].bin
    variable patience 2000000000
    # What init.c writes: blocks of 4 KiB, one in seven.
    variable blocks 64
    variable step 7
}

proc linux_board::create {} {
    variable build
    variable directory
    variable linux
    variable harts
    variable firmware
    file mkdir $directory
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    board create -harts $harts -ram 256M -mailbox 0 -bios $firmware -payload $linux/Image -initrd $linux/init.cpio \
        -bootargs "console=ttyS0 panic=-1 [assay::parameter arguments {}]" -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
    return $image
}

proc linux_board::pattern {block word} {
    return [expr {(($block * 512 + $word + 1) * 0x9e3779b97f4a7c15) & 0xffffffffffffffff}]
}

proc linux_board::check_volume {image} {
    variable blocks
    variable step
    set channel [open $image rb]
    try {
        for {set block 0} {$block < $blocks} {incr block} {
            seek $channel [expr {$block * $step * 4096}]
            binary scan [read $channel 4096] wu* words
            foreach word {0 1 511} {
                assay::check [expr {[lindex $words $word] == [pattern $block $word]}] "volume0: block $block, word $word is not what Linux wrote"
            }
        }
    } finally {
        close $channel
    }
}

proc linux_board::main {} {
    variable patience
    set image [create]
    board wait "init: Linux user space" $patience
    puts "user space after [board cycle] cycles"
    if {[assay::parameter until done] eq "user"} {
        return
    }
    board wait "init: done" $patience
    set console [board text host]
    foreach line {"kvm \\[1\\]: hypervisor extension available" "init: floating point survives context switches" "init: KVM ran a guest"
        "init: NVMe wrote and verified 262144 bytes" "init: +\\d+: +\\d+.*SiFive PLIC +33.*nvme0q1"} {
        assay::check [regexp $line $console] "Linux did not say \"$line\""
    }
    assay::check [expr {![regexp {FAILED|BUG:|Oops|WARNING:} $console problem]}] "Linux reports a problem"
    foreach line [regexp -all -inline -line {^init: .*$} $console] { puts "  $line" }
    check_volume $image
    puts "  volume0: 64 blocks verified from outside"
    assay::flush
    puts "PASS"
}

linux_board::main
