# Two guests' verified I/O while paths come and go:
#   vm0's volume has two targets of one subsystem (the first optimized) that die, stall, lose their cable and change their access in turn;
#   vm1's volume is reached with header and data digests over two I/O queues.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/multipath

file mkdir $directory
foreach n {0 1} {
    harness::make_volume $directory/v$n [expr {$n + 1}]
}
set scenario $directory/multipath.tcl
set channel [open $scenario w]
puts $channel {
source testbench/system/first_io_parts.tcl

proc first_io::nic_config {} {
    return "ip 10.0.0.2/24
mac 02:00:00:00:00:02
seed [dict get $assay::options seed]
kato 0
volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 path 10.0.0.12:4420 queues 2 timeout 3
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
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 [lindex $volumes(0) 0] ana optimized
    assay::target 10.0.0.11/24 nqn.2026-11.assay:target1 [lindex $volumes(1) 0]
    assay::target 10.0.0.12/24 nqn.2026-11.assay:target0 [lindex $volumes(0) 0] ana non-optimized
    board create -harts 3 -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [nic_config]
}

first_io::build_board
first_io::start_guests
proc await_ready {count} {
    set end [expr {[board cycle] + 200000000}]
    while {[regexp -all {storage 0: ready} [board text nic]] < $count} {
        assay::check [expr {[board cycle] < $end}] "path 0 was not ready for the time number $count:\n[board text nic]"
        board run 1000000
    }
}

# Ports of the switch: 0 the NIC, then the targets.
foreach {command cycles ready} {
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
} {
    {*}$command
    board run $cycles
    await_ready $ready
}
first_io::follow
first_io::check_all
puts "NIC [board text nic]"
puts SURVIVED
}
close $channel

lassign [harness::assay run $scenario --see model --bau model --seed $harness::seed --set build=$harness::build --set directory=$directory --set ops=1500 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
harness::check [expr {$status == 0 && [string match *SURVIVED* $output]}] "status $status: $errors $output"
foreach text {"storage 0: refused or reset" "storage 0: no response" "storage 0: asymmetric access state 3, was 1" "storage 0: asymmetric access state 1"} {
    harness::check [expr {[string first $text $output] >= 0}] "the firmware did not say \"$text\""
}
harness::finish
