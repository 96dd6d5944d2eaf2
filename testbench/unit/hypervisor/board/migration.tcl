# Sixteen vCPUs in six VMs on two harts, of which the scenario moves one after the other at random moments while VFs work: nothing is
# lost, a pinned vCPU stays, and what the statistics say adds up.
source [file join [file dirname [info script]] common.tcl]

namespace eval migration {
    variable random [dict get $assay::options seed]
}

proc migration::below {limit} {
    variable random
    set random [expr {($random * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
    return [expr {($random >> 33) % $limit}]
}

scene::boot 3
scene::attach_volumes
set io {}
for {set i 0} {$i < 3} {incr i} {
    lappend io [scene::io_vm io$i [expr {$i + 1}] [expr {20 + $i}] 300]
}
set others {}
foreach vcpus {4 4 5} {
    set vm [vm create hello$vcpus[llength $others] -memory 4M -vcpus $vcpus -bootargs "workload=hello"]
    vm start $vm
    lappend others $vm
}
scene::refused -3 vm migrate 9 0 0
scene::refused -2 vm migrate [lindex $io 0] 1 0
scene::refused -2 vm migrate [lindex $io 0] 0 2
scene::refused -2 vm migrate [lindex $io 0] 0 18446744073709551615
scene::refused -2 vm pin [lindex $io 0] 7 yes
scene::refused -5 vm path [lindex $io 0] classical

set moves 0
while {[regexp -all {io done ops=300 bytes=\d+ errors=0} [board text host]] < 3} {
    board run [expr {100000 + [migration::below 300000]}]
    set vm [lindex $io [migration::below 3]]
    vm migrate $vm 0 [migration::below 2]
    incr moves
    assay::check [expr {[board cycle] < 1500000000}] "the guests do not come to an end"
}
foreach vm $others {
    scene::expect "\[vm$vm\] hello primes 2262 errors=0" 500000000
}
assay::check [expr {[regexp -all {io interrupts=\d+ lost=0} [board text host]] == 3}] "an interrupt was lost in $moves moves"
set migrations 0
foreach vm $io {
    set stat [vm stat $vm]
    incr migrations [dict get $stat migrations]
    assay::check [expr {[dict get $stat ticks.run] > 0 && [dict get $stat bau.faults] == 0}] "statistics: $stat"
}
assay::check [expr {$migrations > $moves / 4}] "$moves requests moved vCPUs $migrations times only"

# Two that always compute: pinned to one hart they stay there, though the other one is idle; let go, one of them moves.
set spinners {}
foreach name {a b} {
    set vm [vm create $name -memory 4M -bootargs "workload=spin"]
    vm migrate $vm 0 1
    vm pin $vm 0 yes
    vm start $vm
    lappend spinners $vm
}
board run 10000000
foreach vm $spinners {
    assay::check [expr {[dict get [lindex [vm vcpus $vm] 0] hart] == 1}] "pinned vCPU has moved: [vm vcpus $vm]"
}
foreach vm $spinners {
    vm pin $vm 0 no
}
board run 10000000
set harts [lsort [lmap vm $spinners {dict get [lindex [vm vcpus $vm] 0] hart}]]
assay::check [expr {$harts eq "0 1"}] "an idle hart takes nothing: two vCPUs are on harts $harts"
set steal [dict get [vm stat [lindex $spinners 0]] ticks.steal]
assay::check [expr {$steal > 20000}] "two vCPUs shared a hart and one waited $steal ticks only"
foreach vm [concat $io $others $spinners] {
    vm destroy $vm
}
for {set i 0} {$i < 3} {incr i} {
    scene::check_volume $i [expr {20 + $i}] 300
}
