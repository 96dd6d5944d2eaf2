# A stock Linux on the board with the unmodified virtio_net driver on network function 0 of the NIC, by INTx: its first process
# (linux/net_init.c) pings a host of the fabric and exchanges verified TCP with it, uses the control queue, and is told of the link. Use --hart fast.
# Parameters: linux (directory of Image and net.cpio), directory, build.

set build [assay::parameter build build]
set directory [assay::parameter directory $build/run-linux-net]
set linux [assay::parameter linux $build/linux]
file mkdir $directory
set channel [open $directory/volume.img wb]
puts -nonewline $channel [string repeat \0 1048576]
close $channel

assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $directory/volume.img
assay::pcap $directory/linux_net.pcap
board create -harts 1 -ram 256M -mailbox 0 -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -payload $linux/Image \
    -initrd $linux/net.cpio -bootargs "console=ttyS0 panic=-1" -firmware $build/firmware/assay-nic.elf \
    -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\nnet 0 mac 02:00:00:00:02:00\n"
board wait "Run /init" 2000000000
puts "user space after [board cycle] cycles"
# Runs until the first process has said so.
proc follow {pattern} {
    while {![regexp "net: ($pattern|FAIL)" [board text]] && [board cycle] < 4000000000} {
        board run 5000000
    }
}
foreach {pattern state} {"waits for the link's loss" down "link is down" up} {
    follow $pattern
    fault cable 0 $state
}
set features [dict get [assay::stats] net.0.features] ;# before the kernel resets the function
follow done
foreach line [split [board text] \n] {
    if {[string match "net: *" $line]} {
        puts [string trim $line]
    }
}
foreach {text what} {"net: eth0 is 2:0:0:0:2:0" "eth0 has not the function's address" "net: pings answered: 5" "pings were lost"
    "net: bytes exchanged by TCP: 1048576, wrong: 0" "the TCP data is not right" "net: reception chosen" "the control queue was of no use"
    "net: link is down" "the link's loss was not told" "net: link is up" "the link's return was not told"
    "net: done" "the first process did not finish"} {
    assay::check [expr {[string first $text [board text]] >= 0}] $what
}
set stats [assay::stats]
puts "segments [dict get $stats net.0.tx_segments], interrupts [dict get $stats net.0.interrupts]"
assay::check [expr {[dict get $stats net.0.tx_segments] > 0}] "the driver has used no segmentation offload"
puts "features [format 0x%x $features], control commands [dict get $stats net.0.control_commands]"
foreach {bit name} {0 CSUM 1 GUEST_CSUM 5 MAC 11 HOST_TSO4 15 MRG_RXBUF 16 STATUS 17 CTRL_VQ 18 CTRL_RX 28 RING_INDIRECT_DESC 29 RING_EVENT_IDX
    32 VERSION_1} {
    assay::check [expr {$features >> $bit & 1}] "Linux has not negotiated $name"
}
assay::check [expr {[dict get $stats net.0.control_commands] >= 4 && [dict get $stats net.0.control_errors] == 0}] \
    "[dict get $stats net.0.control_commands] control commands, [dict get $stats net.0.control_errors] of them refused"
assay::check [expr {[dict get $stats net.0.tx_errors] + [dict get $stats net.0.dma_errors] == 0}] "the function counts errors"
