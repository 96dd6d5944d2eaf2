# Runs the network test with a capture and lets tshark judge what was on the line: nothing malformed, no wrong checksum
# or retransmission on perfect links. Runs it twice: same hash of all frames and cycles. A third run has an MTU of 1500.
# usage: ASSAY_BUILD=build tclsh8.6 capture_test.tcl
# Exit status: 0 pass, 1 fail, 77 no tshark here.

proc count {capture filter args} {
    set lines [exec -ignorestderr tshark -r $capture -d tcp.port==4420,nvme-tcp {*}$args -Y $filter 2>/dev/null | wc -l]
    return [string trim $lines]
}

proc run {program capture} {
    set ::env(ASSAY_PCAP) $capture
    set output [exec $program --gtest_filter=*connects*:*verified_io]
    if {![regexp {network hash ([0-9a-f]+)} $output -> hash]} {
        error "no hash in the output of $program"
    }
    return $hash
}

proc main {build} {
    if {[auto_execok tshark] eq ""} {
        puts "tshark is not installed"
        exit 77
    }
    set capture $build/test/network.pcap
    set program $build/test/network
    set first [run $program $capture]
    set second [run $program $capture]
    set failures {}
    if {$first ne $second} {
        lappend failures "two runs differ: $first, $second"
    }
    set pdus [count $capture nvme-tcp]
    if {$pdus < 1000} {
        lappend failures "only $pdus frames with NVMe/TCP PDUs"
    }
    set bad [count $capture {_ws.malformed || ip.checksum.status==0 || tcp.checksum.status==0 || eth.len < 60} \
        -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE]
    if {$bad != 0} {
        lappend failures "$bad malformed frames or wrong checksums"
    }
    set ::env(ASSAY_MTU) 1500
    run $program $capture.small
    set long [count $capture.small {ip.src != 10.0.0.2 && frame.len > 1514}]
    if {$long != 0 || [count $capture.small {ip.src != 10.0.0.2 && frame.len == 1514}] < 1000} {
        lappend failures "at an MTU of 1500 the targets sent $long long frames, or few full ones"
    }
    file delete $capture.small
    set again [count $capture {tcp.analysis.retransmission || tcp.analysis.lost_segment}]
    if {$again != 0} {
        lappend failures "$again retransmissions on perfect links"
    }
    file delete $capture
    puts "capture: $pdus frames with PDUs, hash $first"
    foreach failure $failures {
        puts "FAIL $failure"
    }
    exit [expr {[llength $failures] != 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
