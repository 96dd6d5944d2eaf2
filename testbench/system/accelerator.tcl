# Scenario: both ways to a volume at once. vm0 has an NVMe function, whose storage the NIC's firmware reaches; vm1 runs NVMe/TCP on its own vCPU over a
# virtio-net function, and the NIC segments, sums, verifies digests and places data (accelerator mode). The same workload, the same checks
# from outside. vm0 exchanges TCP with the fabric besides; both network functions are guarded. Parameters: those of first_io_parts.tcl, and
#   faults    drop duplicate corrupt reorder cable stall death poison timeout, as many as one likes: what happens meanwhile. The last two are of the
#             completions of the network functions' reads of host memory (those of the NVMe function: testbench/conformance/checks_faults.c)
#   digests   1: vm1 asks for header and data digests
source [file join [file dirname [info script]] first_io_parts.tcl]

namespace eval accelerator {
    variable faults [assay::parameter faults ""]
    variable digests [assay::parameter digests 1]
}

proc first_io::nic_config {} {
    return "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed [dict get $assay::options seed]\nkato 0
volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 timeout 100
net 1 mac 02:00:00:00:02:01 guard\nnet 2 mac 02:00:00:00:02:02 guard\n"
}

proc accelerator::start {} {
    variable digests
    set build $first_io::build
    set seed [dict get $assay::options seed]
    volume enable 1
    for {set patience 20} {![regexp -line "^volume 0 ready" [volume list]]} {incr patience -1} {
        assay::check [expr {$patience > 0}] "volume 0 cannot be reached"
        board run 5000000
    }
    volume attach 1 0
    foreach n {0 1} {
        lassign [first_io::region $n] first($n) count($n)
        set arguments($n) "workload=io seed=[expr {$seed * 16 + $n}] ops=$first_io::operations first_lba=$first($n) lbas=$count($n) qd=[expr {$n ? 16 : 32}]"
    }
    vm create nvme -memory 16M -image $build/hypervisor/guest-kernel.elf \
        -bootargs "$arguments(0) net=0x0a000032 peer=0x0a00000b pings=5 tcp=200000"
    vm create nvmetcp -memory 32M -image $build/hypervisor/guest-nvmetcp.elf \
        -bootargs "$arguments(1) own=0x0a000033 target=0x0a00000b nqn=nqn.2026-11.assay:target1 hdgst=$digests ddgst=$digests timeout=100"
    vm assign 0 1
    vm assign_net 0 1
    vm assign_net 1 2
    vm start 0
    vm start 1
}

# Rates in parts per million; a frame that is late comes after those behind it.
proc accelerator::disturb {} {
    variable faults
    set link {}
    foreach fault $faults {
        switch $fault {
            drop      { lappend link -drop 2000 }
            duplicate { lappend link -duplicate 4000 }
            corrupt   { lappend link -corrupt 2000 }
            reorder   { lappend link -delay 4000 -cycles 20000 }
            poison    { fault pcie poison 3000 network }
            timeout   { fault pcie drop 4000 network }
            cable - stall - death {}
            default   { assay::bad_input "faults: $fault is none of drop duplicate corrupt reorder cable stall death poison timeout" }
        }
    }
    if {"cable" in $faults} {
        board run 6000000
        fault cable 0 down
        board run 8000000
        fault cable 0 up
    }
    for {set port 0} {$port < 3 && [llength $link]} {incr port} {
        fault link $port {*}$link
    }
    foreach {fault mode} {stall stalls death refuses} {
        if {$fault ni $faults} {
            continue
        }
        foreach target {1 0} {
            board run 6000000
            fault target $target $mode
            board run 8000000
            fault target $target runs
        }
    }
}

proc accelerator::await {} {
    set deadline [expr {[board cycle] + 60000000000}]
    foreach n $first_io::guests {
        while {[first_io::guest_line $n "guest done"] eq ""} {
            assay::check [expr {[board cycle] < $deadline}] "vm$n was not done by cycle $deadline: [string range [board text host] end-600 end]"
            board run 5000000
        }
        first_io::say [first_io::guest_line $n "io done"]
    }
}

proc accelerator::check_help {} {
    set stats [assay::stats]
    set placed [dict get $stats net.2.placed_bytes]
    set bytes [file size [lindex $first_io::volumes(1) 1]]
    puts "vm1: $placed bytes placed by the NIC, [dict get $stats net.2.tx_segments] segments cut by it"
    # A frame that overtakes another one puts its flow out of step until the driver is asked again: what comes in between is copied. A quarter was
    # placed with 0.4 % of the frames late; the bound is half of that.
    set share [expr {"reorder" in $accelerator::faults ? 8 : 2}]
    set failing [expr {"poison" in $accelerator::faults || "timeout" in $accelerator::faults}]
    assay::check [expr {$placed > $bytes / $share}] "of a volume of $bytes bytes and more only $placed were placed in vm1's memory"
    assay::check [expr {!$::accelerator::digests || [dict get $stats net.2.crc_jobs] > 0}] "no digest of vm1 was summed by the NIC"
    assay::check [expr {[dict get $stats net.2.tx_segments] > 0}] "no segment of vm1 was cut by the NIC"
    assay::check [expr {$failing == ([dict get $stats net.2.dma_errors] > 0)}] "network function 2 counted [dict get $stats net.2.dma_errors] errors of its reads"
    assay::check [expr {$failing || [dict get $stats net.2.tx_errors] == 0}] "network function 2 counted errors"
}

proc accelerator::main {} {
    first_io::build_board
    vm ping
    start
    disturb
    await
    foreach n $first_io::guests {
        first_io::check_guest $n
    }
    check_help
    set line [first_io::guest_line 0 "net done"]
    assay::check [string match "*tcp=200000 errors=0*" $line] "vm0: $line"
    puts "state hash [dict get [assay::stats] state_hash]"
}

accelerator::main
