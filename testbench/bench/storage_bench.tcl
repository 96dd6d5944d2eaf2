# What a function gives: 4 KiB random reads at depth 1 and 32, 128 KiB sequential reads, and 16 functions at once; the firmware's instructions for each. Simulated
# figures, exact for the sources. Models, timed harts; a target that is never the limit for the bandwidth.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench
file mkdir $directory
harness::make_volume $directory/storage.img 3 8192

set setup {
    set build [assay::parameter build build]
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $build/bench/storage.img mbps 100000
    board create -harts $harts -ram $ram -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf \
        -firmware $build/firmware/assay-nic.elf -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
}

# Returns {operations ticks instructions bytes-that-the-port-has-placed}.
proc measure {bytes depth operations order} {
    set script $::directory/storage.tcl
    set channel [open $script w]
    puts $channel "set harts 2; set ram 256M\n$::setup"
    puts $channel "set arguments {workload=bench bs=$bytes qd=$depth ops=$operations order=$order}"
    puts $channel {
        proc placed {} {
            return [dict get [assay::stats] port.placed_bytes]
        }
        proc instructions {} {
            foreach hart [dict get [assay::stats] harts] {
                if {[dict get $hart name] eq "nic"} {
                    return [dict get $hart instructions]
                }
            }
        }
        vm ping
        volume enable 1
        board run 5000000
        volume attach 1 0
        set vm [vm create bench -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs $arguments]
        vm assign $vm 1
        vm start $vm
        board wait "bench begins" 200000000
        set before [instructions]
        set place [placed]
        set line [board wait "bench done" 2000000000]
        puts "RESULT $line instructions=[expr {[instructions] - $before}] placed=[expr {[placed] - $place}]"
    }
    close $channel
    lassign [harness::assay run $script --see model --bau model --port model --set build=$harness::build] status output errors
    if {![regexp {ops=(\d+) ticks=(\d+) errors=0 instructions=(\d+) placed=(\d+)} $output -> operations ticks instructions placed]} {
        puts stderr "storage bench: status $status: $errors $output"
        exit 1
    }
    return [list $operations $ticks $instructions $placed]
}

proc show {what bytes depth operations order} {
    lassign [measure $bytes $depth $operations $order] operations ticks instructions placed
    set seconds [expr {$ticks / 1e7}]
    puts [format "%-28s %9.0f IOPS %8.2f Gbit/s %7.1f us %8.0f firmware instructions, %5.1f %% placed" $what [expr {$operations / $seconds}] \
        [expr {$operations * $bytes * 8 / $seconds / 1e9}] [expr {$seconds * 1e6 * $depth / $operations}] [expr {double($instructions) / $operations}] [expr {100.0 * $placed / ($operations * $bytes)}]]
    return [list [expr {$operations * $bytes * 8 / $seconds / 1e9}] [expr {double($instructions) / $operations}]]
}

# All functions at once, each a VM of its own on one shared volume: IOPS of each while it ran, and the total of all over the time of all.
proc measure_total {functions depth operations} {
    set script $::directory/storage_total.tcl
    set channel [open $script w]
    puts $channel "set harts 5; set ram 512M\n$::setup"
    puts $channel "set functions $functions; set arguments {workload=bench bs=4096 qd=$depth ops=$operations}"
    puts $channel {
        vm ping
        volume enable $functions
        board run 5000000
        for {set n 0} {$n < $functions} {incr n} {
            volume attach [expr {$n + 1}] 0
            vm create bench$n -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs $arguments
            vm assign $n [expr {$n + 1}]
        }
        for {set n 0} {$n < $functions} {incr n} {
            vm start $n
        }
        while {[regexp -all {bench begins} [board text host]] < 1} {
            board run 10000
        }
        set begun [board cycle]
        while {[regexp -all {bench done} [board text host]] < $functions && [board cycle] < $begun + 500000000} {
            board run 10000
        }
        puts "CYCLES [expr {[board cycle] - $begun}]"
        puts [board text host]
    }
    close $channel
    lassign [harness::assay run $script --see model --bau model --port model --set build=$harness::build] status output errors
    set each {}
    foreach {-> operations ticks} [regexp -all -inline {bench done ops=(\d+) ticks=(\d+) errors=0} $output] {
        lappend each [expr {$operations / ($ticks / 1e7)}]
    }
    if {[llength $each] != $functions} {
        puts stderr "storage bench: status $status: $errors $output"
        exit 1
    }
    regexp {CYCLES (\d+)} $output -> cycles
    set each [lsort -real $each]
    puts [format "%-28s %9.0f IOPS in total, %.0f to %.0f a function" "$functions functions, 4 KiB, QD $depth" \
        [expr {$functions * $operations / ($cycles / 1e9)}] [lindex $each 0] [lindex $each end]]
}

proc main {} {
    set one [show "4 KiB random read, QD 1" 4096 1 300 random]
    show "4 KiB random read, QD 32" 4096 32 3000 random
    set wide [show "128 KiB sequential read, QD 8" 131072 8 200 sequential]
    foreach {functions depth operations} {1 32 3000 16 1 100 16 32 300} {
        measure_total $functions $depth $operations
    }
    puts [format "firmware instructions for a 4 KiB read   %.0f (goal below 6000)" [lindex $one 1]]
    puts [format "128 KiB reads against a 25 Gbit/s line   %.0f %% (goal 90 %%)" [expr {[lindex $wide 0] / 25 * 100}]]
}

main
