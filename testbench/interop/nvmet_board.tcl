# Scenario: the whole board against a target outside. A guest reads its volume (CRC32C) and does random verified I/O;
# the volume belongs to the Linux kernel's NVMe/TCP target in a virtual machine at `port attach`.
# Parameters (--set): link (qemu:unix:PATH or replay:FILE), recording ("" or a file), image (what the volume holds before), after ("" or
# the volume's file, to be compared with what the guest wrote), block (bytes, of the volume), ops, build, directory, mode (nvme: a function of the NIC; accelerated: NVMe/TCP on the
# vCPU, with the NIC's help). Digests are asked for. Run by nvmet_board_test.tcl, which starts the machine.

namespace eval nvmet_board {
    variable build [assay::parameter build build]
    variable bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
}

proc nvmet_board::wait_line {text cycles} {
    set line [board wait $text $cycles]
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] [string trim $line]]
    return $line
}

proc nvmet_board::main {} {
    variable build
    variable bios
    set image [assay::parameter image ""]
    set block [assay::parameter block 512]
    set blocks [expr {[file size $image] / $block}]
    set count [expr {$blocks / 4}]
    port attach [assay::parameter link ""] [assay::parameter recording ""]
    assay::pcap [assay::parameter directory $build/interop]/nvmet_board.pcap
    board create -harts 3 -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 hdgst ddgst\nnet 1 mac 02:00:00:00:02:01\n"
    board wait "management on hart" 200000000
    set arguments "workload=io seed=7 ops=[assay::parameter ops 200] first_lba=[expr {$blocks - $count}] lbas=$count qd=32"
    if {[assay::parameter mode nvme] eq "nvme"} {
        volume enable 1
        volume attach 1 0
        set vm [vm create guest0 -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs $arguments]
        vm assign $vm 1
    } else {
        set vm [vm create guest0 -memory 32M -image $build/hypervisor/guest-nvmetcp.elf \
            -bootargs "$arguments own=0x0a000032 target=0x0a00000a nqn=nqn.2026-11.assay:target0 hdgst=1 ddgst=1"]
        vm assign_net $vm 1
    }
    vm start $vm
    set line [wait_line "image crc32c=" 4000000000]
    set crc [assay::file_crc32c $image]
    assay::check [string match "*crc32c=$crc*" $line] "the guest read another image than the file: expected crc32c $crc"
    set line [wait_line "io done" 4000000000]
    assay::check [string match "*errors=0*" $line] "the guest found errors: $line"
    wait_line "guest done" 100000000
    set placed [dict get [assay::stats] port.placed_bytes]
    assay::check [expr {$placed > [file size $image] / 2}] "the NIC placed $placed bytes only"
    set after [assay::parameter after ""]
    if {$after ne ""} {
        set difference [assay::io_replay $image $after 7 [expr {$blocks - $count}] $count [assay::parameter ops 200] $block]
        assay::check [expr {$difference == -1}] "file $after differs from what the guest wrote, first at byte $difference"
    }
    assay::flush
    puts "state hash [dict get [assay::stats] state_hash]"
}

nvmet_board::main
