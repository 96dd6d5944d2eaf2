# Both ways to a volume for one VM: an NVMe function whose storage the NIC's firmware reaches, and NVMe/TCP on the VM's own vCPU, with the NIC's
# help (checksums, segmentation, digests, placement: accelerator mode) and without. Reads; instructions of the host's harts and of the NIC's
# processor for each, hypervisor included; latency is the mean. Simulated figures, exact for the sources. Models, timed harts.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench
file mkdir $directory
harness::make_volume $directory/accelerator.img 3 8192

set script $directory/accelerator.tcl
set channel [open $script w]
puts $channel {
    set build [assay::parameter build build]
    set mode [assay::parameter mode nvme]
    set arguments [assay::parameter arguments ""]
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $build/bench/accelerator.img mbps 100000
    board create -harts 2 -ram 256M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf \
        -firmware $build/firmware/assay-nic.elf -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nnet 1 mac 02:00:00:00:02:01\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 [expr {[string match *dgst=1* $arguments] ? {hdgst ddgst} : {}}]\n"
    proc instructions {} {
        set sums {host 0 nic 0}
        foreach hart [dict get [assay::stats] harts] {
            dict incr sums [lindex [split [dict get $hart name] .] 0] [dict get $hart instructions]
        }
        return $sums
    }
    vm ping
    if {$mode eq "nvme"} {
        volume enable 1
        board run 5000000
        volume attach 1 0
        vm create bench -memory 32M -image $build/hypervisor/guest-kernel.elf -bootargs $arguments
        vm assign 0 1
    } else {
        vm create bench -memory 32M -image $build/hypervisor/guest-nvmetcp.elf \
            -bootargs "$arguments own=0x0a000032 target=0x0a00000a nqn=nqn.2026-11.assay:target0 plain=[expr {$mode eq "plain"}]"
        vm assign_net 0 1
    }
    vm start 0
    board wait "bench begins" 400000000
    set before [instructions]
    set line [board wait "bench done" 4000000000]
    set after [instructions]
    puts "RESULT $line host=[expr {[dict get $after host] - [dict get $before host]}] nic=[expr {[dict get $after nic] - [dict get $before nic]}]"
}
close $channel

proc show {what mode arguments} {
    lassign [harness::assay run $::script --see model --bau model --port model --set build=$harness::build --set mode=$mode \
        --set arguments=$arguments] status output errors
    if {![regexp {ops=(\d+) ticks=(\d+) errors=0 host=(\d+) nic=(\d+)} $output -> operations ticks host nic]} {
        puts stderr "accelerator bench: status $status: $errors $output"
        exit 1
    }
    regexp {bs=(\d+) qd=(\d+)} $arguments -> bytes depth
    set seconds [expr {$ticks / 1e7}]
    puts [format "%-32s %-28s %9.1f us %8.2f Gbit/s %9.0f host %9.0f NIC" $what [dict get {nvme "NVMe function" accelerated "accelerator mode" plain "NVMe/TCP unaided"} $mode] \
        [expr {$seconds * 1e6 * $depth / $operations}] [expr {$operations * $bytes * 8 / $seconds / 1e9}] [expr {double($host) / $operations}] [expr {double($nic) / $operations}]]
}

proc main {} {
    puts [format "%-32s %-28s %12s %15s %14s %13s" "reads" "mode" "latency" "bandwidth" "instructions" "instructions"]
    foreach {what arguments} {
        "4 KiB random, QD 1" "workload=bench bs=4096 qd=1 ops=300"
        "4 KiB random, QD 32" "workload=bench bs=4096 qd=32 ops=2000"
        "128 KiB sequential, QD 8" "workload=bench bs=131072 qd=8 ops=200 order=sequential"
        "128 KiB sequential, QD 8, digests" "workload=bench bs=131072 qd=8 ops=200 order=sequential hdgst=1 ddgst=1"
    } {
        foreach mode {nvme accelerated plain} {
            show $what $mode $arguments
        }
    }
    puts "limits: the line of 25 Gbit/s; latency is the storage's 20 us and both links"
}

main
