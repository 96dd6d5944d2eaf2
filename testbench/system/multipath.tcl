# Two guests' verified I/O while paths come and go:
#   vm0's volume has two targets of one subsystem (the first optimized) that die, stall, lose their cable and change their access in turn;
#   vm1's volume is reached with header and data digests over two I/O queues.
# Parameters beside those of first_io_parts.tcl: discovery=1 (a discovery controller names vm0's paths; else the configuration does).
source testbench/system/first_io_parts.tcl

namespace eval multipath {
    variable discovery [assay::parameter discovery 0]
    # {command, cycles that it lasts, how often the first path must have become ready after them}. Ports of the switch: 0 the NIC, then the targets.
    variable faults {
        {fault target 0 refuses} 3000000 0
        {fault target 0 runs} 1000 2
        {fault access 0 inaccessible} 2000000 0
        {fault access 0 optimized} 2000000 0
        {fault cable 1 down} 8000000 0
        {fault cable 1 up} 1000 3
        {fault target 0 stalls} 8000000 0
        {fault target 0 runs} 1000 4
        {fault target 2 refuses} 2000000 0
        {fault target 2 runs} 1000 0
    }
}

proc first_io::nic_config {} {
    set kind [expr {$multipath::discovery ? "discovery 10.0.0.10:4420" : "nvme-tcp 10.0.0.10:4420"}]
    set path [expr {$multipath::discovery ? "" : "path 10.0.0.12:4420"}]
    return "ip 10.0.0.2/24
mac 02:00:00:00:00:02
seed [dict get $assay::options seed]
kato 0
volume 0 $kind nqn.2026-11.assay:target0 nsid 1 $path queues 2 timeout 3
volume 1 nvme-tcp 10.0.0.11:4420 nqn.2026-11.assay:target1 nsid 1 hdgst ddgst queues 2
"
}

proc first_io::build_board {} {
    variable volumes
    variable directory
    variable build
    variable bios
    foreach n {0 1} {
        set volumes($n) [volumes::prepare $n $directory]
    }
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 [lindex $volumes(0) 0] ana optimized group 200 groups 290 quirks {crowded reserved strange_events}
    assay::target 10.0.0.11/24 nqn.2026-11.assay:target1 [lindex $volumes(1) 0]
    assay::target 10.0.0.12/24 nqn.2026-11.assay:target0 [lindex $volumes(0) 0] ana non-optimized group 3 hides 1 transfer 16384 quirks few_commands
    board create -harts 3 -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [nic_config]
}

proc multipath::await_ready {count} {
    set end [expr {[board cycle] + 200000000}]
    while {[regexp -all {storage 0: ready} [board text nic]] < $count} {
        assay::check [expr {[board cycle] < $end}] "path 0 was not ready for the time number $count:\n[board text nic]"
        board run 1000000
    }
}

proc multipath::main {} {
    variable faults
    first_io::build_board
    first_io::start_guests
    foreach {command cycles ready} $faults {
        {*}$command
        board run $cycles
        await_ready $ready
    }
    first_io::follow
    first_io::check_all
    foreach text {"storage 0: refused or reset" "storage 0: no response" "storage 0: asymmetric access state 3, was 1" "storage 0: asymmetric access state 1"} {
        assay::check [expr {[string first $text [board text nic]] >= 0}] "the firmware did not say \"$text\":\n[board text nic]"
    }
    puts "PASS"
}

multipath::main
