# Scenario: a VM that exchanges TCP through a guarded network function is destroyed in the middle (its function is reset under load), while frames of
# its flow keep coming from the line, and another VM exchanges TCP and does verified storage I/O. The flow that it taught dies with it: its
# frames are refused at the port and reach no function. The other VM notices nothing, and the function serves a new VM.
# Parameters: those of first_io_parts.tcl; tcp (bytes that each VM exchanges).
source [file join [file dirname [info script]] first_io_parts.tcl]

namespace eval port_detach {
    variable bytes [assay::parameter tcp 300000]
    variable gap 5000 ;# cycles between two frames from the line
    variable window 2000000
}

rename first_io::nic_config first_io::storage_config
proc first_io::nic_config {} {
    return "[storage_config]net 1 mac 02:00:00:00:02:01 guard\nnet 2 mac 02:00:00:00:02:02 guard\n"
}

# Segments from the echo service to VM 0 with a wrong checksum, so that a guest drops them.
proc port_detach::make_frames {first until} {
    variable gap
    set channel [open $first_io::directory/flow.link wb]
    puts -nonewline $channel ASSAYLNK
    set frame [binary format H12H12SH2H2SSSccSIISSIIH2H2SSS 020000000201 02000000aa01 0x0800 45 00 40 0 0 64 6 0 0x0a00000a 0x0a000032 7 40007 0 0 50 10 8192 0 0]
    for {set cycle $first} {$cycle < $until} {incr cycle $gap} {
        puts -nonewline $channel [binary format wia60 $cycle 60 $frame]
    }
    close $channel
}

proc port_detach::start {n function workload own} {
    variable bytes
    lassign [first_io::region $n] first count
    set vm [vm create guest$n -memory 16M -image $first_io::build/hypervisor/guest-kernel.elf -bootargs "workload=io \
seed=[expr {[dict get $assay::options seed] * 16 + $n}] ops=$workload first_lba=$first lbas=$count qd=32 \
net=$own peer=0x0a00000a pings=5 tcp=$bytes"]
    vm assign $vm $function
    vm assign_net $vm $function
    vm start $vm
    return $vm
}

# What changes of the named counters in a window.
proc port_detach::changes {names} {
    variable window
    set before [assay::stats]
    board run $window
    set after [assay::stats]
    return [lmap name $names {expr {[dict get $after $name] - [dict get $before $name]}}]
}

proc port_detach::await {what condition} {
    for {set patience 400} {![uplevel 1 [list expr $condition]]} {incr patience -1} {
        assay::check [expr {$patience > 0}] "$what: not by cycle [board cycle]"
        board run 250000
    }
}

proc port_detach::main {} {
    variable bytes
    variable window
    variable gap
    set names {port.refused_from_line net.1.rx_frames net.1.rx_dropped}
    make_frames 1000000 400000000
    port attach replay:$first_io::directory/flow.link
    first_io::build_board
    volume enable 2
    first_io::await_volumes
    foreach n {0 1} {
        volume attach [expr {$n + 1}] $n
    }
    set victim [start 0 1 2000 0x0a000032]
    set other [start 1 2 $first_io::operations 0x0a000033]
    await "vm0's TCP" {[dict get [assay::stats] net.1.rx_bytes] > 60000}
    lassign [changes $names] refused received dropped
    assay::check [expr {$refused == 0 && $received > 0.9 * $window / $gap}] "the flow does not live: $refused refused, $received received"
    vm destroy $victim
    board run 1000000 ;# the firmware hears of the reset
    lassign [changes $names] refused received dropped
    puts "after the VM's end: $refused refused, $received received, $dropped dropped"
    assay::check [expr {$refused >= 0.9 * $window / $gap}] "frames of a dead flow: $refused refused"
    assay::check [expr {$received == 0 && $dropped == 0}] "frames of a dead flow reach the function: $received, $dropped"
    set next [start 0 1 $first_io::operations 0x0a000034] ;# the peer still has the connection of the dead
    foreach vm [list $other $next] {
        await "vm$vm's work" {[first_io::guest_line $vm "guest done"] ne ""}
        set line [first_io::guest_line $vm "net done"]
        puts $line
        assay::check [regexp "pings=5 tcp=$bytes errors=0 " $line] "vm$vm: $line"
    }
    assay::check [regexp {errors=0} [first_io::guest_line $other "io done"]] "vm$other: [first_io::guest_line $other "io done"]"
}

port_detach::main
