# What a stripe adds up to: 128 KiB sequential reads of one storage, and of stripes over two, four and eight of the same kind (2 Gbit/s each,
# pieces of 16 KiB), at depth 1 and 8. The limit is the sum of the storages, or the 25 Gbit/s line. Simulated figures, models.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench
set rate 2000
file mkdir $directory
for {set n 0} {$n < 8} {incr n} {
    harness::make_volume $directory/stripe$n.img [expr {$n + 10}] 2048
}

proc scenario {width depth} {
    set script $::directory/stripe.tcl
    set channel [open $script w]
    puts $channel "set directory $::directory; set width $width; set depth $depth; set rate $::rate"
    puts $channel {
        set build [assay::parameter build build]
        set config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\n"
        for {set n 0} {$n < $width} {incr n} {
            assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $directory/stripe$n.img mbps $rate
            append config "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1\n"
        }
        if {$width > 1} {
            append config "volume $width stripe 16 [lmap n [lrange {0 1 2 3 4 5 6 7} 0 $width-1] {set n}]\n"
        }
        board create -harts 2 -ram 256M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf \
            -firmware [assay::parameter firmware $build/firmware/assay-nic.elf] -config $config
        vm ping
        volume enable 1
        board run 8000000
        volume attach 1 [expr {$width > 1 ? $width : 0}]
        set vm [vm create bench -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs "workload=bench bs=131072 qd=$depth ops=[expr {8 * $width * $depth > 100 ? 100 : 8 * $width * $depth + 16}] order=sequential"]
        vm assign $vm 1
        vm start $vm
        puts "RESULT [board wait "bench done" 2000000000]"
    }
    close $channel
    return $script
}

proc measure {width depth} {
    set firmware [expr {[info exists ::env(FIRMWARE)] ? "--set firmware=$::env(FIRMWARE)" : ""}]
    lassign [harness::assay run [scenario $width $depth] --see model --bau model --port model --set build=$harness::build {*}$firmware] status output errors
    if {![regexp {ops=(\d+) ticks=(\d+) errors=0} $output -> operations ticks]} {
        puts stderr "stripe bench: status $status: $errors $output"
        exit 1
    }
    return [expr {$operations * 131072 * 8 / ($ticks / 1e7) / 1e9}]
}

foreach depth {1 8} {
    foreach width {1 2 4 8} {
        set limit [expr {min($width * $rate / 1000.0, 25.0)}]
        set got [measure $width $depth]
        puts [format "128 KiB reads, QD %d, %d storages of %.0f Gbit/s  %6.2f Gbit/s of %4.1f (%.0f %%)" $depth $width [expr {$rate / 1000.0}] $got $limit [expr {100 * $got / $limit}]]
    }
}
