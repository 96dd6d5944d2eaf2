# Scenario: storage and network load on one port. VMs that read their volume without a pause (128 KiB, depth 8), VMs that exchange TCP with the
# fabric without a pause, and a storm of small frames from the line, as the parameters say; prints what each got in a window, in Gbit/s.
# Parameters: storage, network (numbers of VMs), storm (cycles between two frames of it; 0: none), to (whom they are for, in turn: everybody,
# firmware, function, which is the first network VM's), window (cycles), build, directory (where the files volume0 and up are).
namespace eval port_fairness {
    variable storage [assay::parameter storage 1]
    variable network [assay::parameter network 1]
    variable storm [assay::parameter storm 0]
    variable to [lmap who [assay::parameter to everybody] {dict get {everybody ffffffffffff firmware 020000000002 function 020000000200} $who}]
    variable window [assay::parameter window 3000000]
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable settle_cycles 15000000 ;# from the start of the VMs to the window
}

# What a machine outside would send: requests for addresses that nobody here has (RFC 826), so that every receiver looks at each.
proc port_fairness::make_storm {first until} {
    variable storm
    variable to
    variable directory
    set channel [open $directory/storm.link wb]
    puts -nonewline $channel ASSAYLNK
    for {set cycle $first; set n 0} {$cycle < $until} {incr cycle $storm; incr n} {
        set frame [binary format H12H12SSScca0SH12IH12I [lindex $to [expr {$n % [llength $to]}]] 02000000aa01 0x0806 1 0x0800 6 4 {} 1 02000000aa01 0x0a0000c8 000000000000 \
            [expr {0x0a000100 + $n % 1000}]]
        puts -nonewline $channel [binary format wia60 $cycle 60 $frame]
    }
    close $channel
}

proc port_fairness::nic_config {} {
    variable storage
    variable network
    set text "ip 10.0.0.2/16\nmac 02:00:00:00:00:02\nkato 0\n"
    for {set n 0} {$n < max(1, $storage)} {incr n} {
        append text "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1\n"
    }
    for {set n 0} {$n < $network} {incr n} {
        append text "net $n mac 02:00:00:00:02:0$n\n"
    }
    return $text
}

proc port_fairness::build_board {} {
    variable storage
    variable network
    variable storm
    variable directory
    variable build
    set vms [expr {$storage + $network}]
    for {set n 0} {$n < max(1, $storage)} {incr n} {
        assay::target 10.0.0.[expr {10 + $n}]/16 nqn.2026-11.assay:target$n $directory/volume$n mbps 100000
    }
    if {$storm} {
        make_storm 20000000 100000000
        port attach replay:$directory/storm.link
    }
    board create -harts [expr {$vms + 1}] -ram 256M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin \
        -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [nic_config]
}

proc port_fairness::start_vms {} {
    variable storage
    variable network
    variable build
    vm ping
    volume enable [expr {$storage + $network}]
    board run 5000000
    for {set n 0} {$n < $storage} {incr n} {
        volume attach [expr {$n + 1}] $n
        set vm [vm create storage$n -memory 16M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=bench bs=131072 qd=8 ops=1000000 order=sequential"]
        vm assign $vm [expr {$n + 1}]
        vm start $vm
    }
    for {set n 0} {$n < $network} {incr n} {
        volume attach [expr {$storage + $n + 1}] 0
        set vm [vm create network$n -memory 16M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=io ops=1 qd=1 first_lba=[expr {2048 + 64 * $n}] lbas=64 net=[format 0x%x [expr {0x0a000032 + $n}]] peer=0x0a00000a pings=1 tcp=2000000000"]
        vm assign $vm [expr {$storage + $n + 1}]
        vm assign_net $vm $n
        vm start $vm
    }
}

# {what bytes ...}: what each has had so far.
proc port_fairness::counts {} {
    variable storage
    variable network
    set stats [assay::stats]
    set counts [list storage [dict get $stats port.placed_bytes]]
    for {set n 0} {$n < $network} {incr n} {
        lappend counts network$n [dict get $stats net.$n.tx_bytes] received$n [dict get $stats net.$n.rx_bytes]
    }
    return $counts
}

proc port_fairness::main {} {
    variable window
    variable settle_cycles
    build_board
    start_vms
    board run $settle_cycles
    set before [counts]
    board run $window
    set after [counts]
    set line RESULT
    dict for {what bytes} $after {
        append line " $what=[format %.2f [expr {($bytes - [dict get $before $what]) * 8.0 / $window}]]"
    }
    puts $line
}

port_fairness::main
