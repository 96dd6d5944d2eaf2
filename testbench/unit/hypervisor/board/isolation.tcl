# A guest that touches what is not its own, by its vCPU and by its device, gets faults; its neighbour and the host run on.
source [file join [file dirname [info script]] common.tcl]

scene::boot 2
scene::attach_volumes
set bad [vm create bad -vcpus 2 -memory 8M -bootargs "workload=touch device=1 tables=1"]
vm assign $bad 1
vm start $bad
set good [scene::io_vm good 2 8 300]
scene::expect "\[vm$good\] io done ops=300" 1000000000
scene::expect "\[vm$bad\] guest done" 1000000000
assay::check [regexp {touch attempts=198 errors=0} [board text host]] "a foreign access did not end as it must"
assay::check [regexp {io done ops=300 bytes=\d+ errors=0} [board text host]] "the neighbour saw an error"
set stat [vm stat $bad]
assay::check [expr {[dict get $stat injected.fault] == 45}] "the guest got [dict get $stat injected.fault] faults, not 45"
# Four DMA reads, four DMA writes of two packets each, three messages.
assay::check [expr {[dict get $stat bau.faults] == 15}] "the BAU recorded [dict get $stat bau.faults] faults, not 15"
foreach cause {5 7 13 14 15} {
    assay::check [regexp "bau: fault cause=$cause .* rid=0x10 " [board text host]] "no fault with cause $cause of the bad guest's device"
}
assay::check [expr {![regexp {bau: fault .* rid=0x11 } [board text host]]}] "the neighbour's device was blamed"
scene::check_volume 1 8 300
