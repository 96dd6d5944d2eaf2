# Four VMs with a VF each, one with three vCPUs and one that misbehaves, on two harts: interrupts for vCPUs that do not run arrive as
# broadcasts, nothing is lost, and all memory comes back.
source [file join [file dirname [info script]] common.tcl]

scene::boot 4
set free [lindex [vm ping] 2]
scene::attach_volumes
set vms {}
for {set i 0} {$i < 4} {incr i} {
    lappend vms [scene::io_vm io$i [expr {$i + 1}] [expr {7 + $i}] 200]
}
foreach {name vcpus workload} {touch 1 touch hello 3 hello} {
    set vm [vm create $name -memory 4M -vcpus $vcpus -bootargs "workload=$workload"]
    vm start $vm
    lappend vms $vm
}
for {set i 0} {$i < 4} {incr i} {
    scene::expect "\[vm$i\] io done ops=200" 1000000000
}
scene::expect "\[vm4\] touch attempts=165 errors=0" 1000000000
scene::expect "\[vm5\] hello through the uart" 1000000000
scene::expect "\[vm5\] hello primes 2262 errors=0" 1000000000
board run 5000000
set broadcasts 0
foreach vm $vms {
    set stat [vm stat $vm]
    incr broadcasts [dict get $stat broadcasts]
    assay::check [expr {[dict get $stat bau.faults] == 0}] "the BAU saw faults: $stat"
}
assay::check [expr {$broadcasts > 0}] "four VMs shared two harts without one broadcast"
assay::check [expr {[regexp -all {io interrupts=\d+ lost=0} [board text host]] == 4}] "an interrupt was lost"
assay::check [expr {[regexp -all {io done ops=200 bytes=\d+ errors=0} [board text host]] == 4}] "a guest saw an error: [regexp -all -inline -line {io done.*$} [board text host]]"
assay::check [expr {[regexp -all {state=shutdown} [vm list]] == 6}] "not all VMs have ended:\n[vm list]"
foreach vm $vms {
    vm destroy $vm
}
assay::check [expr {[lindex [vm ping] 2] == $free}] "memory is lost: [lindex [vm ping] 2] of $free bytes are free"
for {set i 0} {$i < 4} {incr i} {
    scene::check_volume $i [expr {7 + $i}] 200
}
