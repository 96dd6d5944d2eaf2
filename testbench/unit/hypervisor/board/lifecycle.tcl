# Bad requests are refused; a VM is destroyed with I/O in flight and made again on the same VF, while its neighbour works on.
source [file join [file dirname [info script]] common.tcl]

scene::boot 2
scene::refused -3 vm assign 0 1
scene::refused -3 vm start 16
scene::refused -3 vm stat 18446744073709551615
scene::refused -7 volume attach 1 0
scene::refused -7 volume list
scene::refused -2 volume enable 0
scene::refused -2 volume enable 17
scene::refused -2 volume enable 4294967297
volume enable 2
scene::refused -5 volume enable 2
scene::refused -2 volume attach 3 0
scene::refused -8 volume attach 1 9
scene::refused -2 vm create "" -memory 8M
scene::refused -2 vm create x -memory 1M
scene::refused -4 vm create x -memory 1024M
scene::refused -2 vm create x -memory 8M -vcpus 17
scene::refused -6 vm create x -memory 8M -image [info nameofexecutable]
scene::refused -6 vm create x -memory 8M -image $scene::build/firmware/assay-nic.elf
assay::check [regexp {volume 0 .*\nvolume 1 } [volume list]] "the list of volumes is: [volume list]"
volume attach 1 0
volume attach 2 1

set free [lindex [vm ping] 2]
set worker [vm create worker -memory 8M -bootargs "workload=io seed=8 ops=2000 qd=16"]
scene::refused -2 vm create worker -memory 8M
vm assign $worker 2
vm start $worker
scene::refused -5 vm start $worker
scene::refused -5 vm assign $worker 1
# Numbers, tables and memory change hands between rounds, so that a translation or an entry that somebody forgot to invalidate is used wrongly.
for {set i 0} {$i < 4} {incr i} {
    set filler [list vm create filler -memory [expr {4 + 2 * $i}]M]
    if {$i % 2 == 0} {
        set other [{*}$filler]
    }
    set victim [scene::io_vm victim 1 $i 1000000]
    if {$i % 2 == 1} {
        set other [{*}$filler]
    }
    scene::refused -5 vm assign $victim 2
    board wait "\[vm$victim\] image crc32c=" 50000000
    board run [expr {1000000 + 300000 * $i}]
    vm destroy $victim
    vm destroy $other
}
set last [vm create last -memory 8M -image $scene::build/hypervisor/guest-kernel.elf -bootargs "workload=io seed=9 ops=20"]
vm assign $last 1
vm start $last
scene::expect "\[vm$last\] io done ops=20" 1000000000
scene::expect "\[vm$worker\] io done ops=2000" 1000000000
board run 5000000
vm destroy $last
assay::check [expr {[regexp -all {nvme 1: disabled} [board text nic]] == 5}] "not every destroyed VM's VF was reset"

set spinner [vm create spinner -memory 4M -vcpus 2 -bootargs "workload=io"]
vm start $spinner
scene::expect "\[vm$spinner\] nvme: no controller on the bus" 100000000
scene::refused -5 vm assign $spinner 1
vm destroy $spinner
assay::check [expr {![regexp {io error} [board text host]]}] "a guest saw an error"
assay::check [regexp "vm$worker name=worker state=shutdown" [vm list]] "the worker is not done: [vm list]"
assay::check [expr {[dict get [vm stat $worker] bau.faults] == 0}] "a destroyed VM's device went on"
scene::refused -5 vm stop $worker
vm destroy $worker
assay::check [expr {[lindex [vm ping] 2] == $free}] "memory is lost: [lindex [vm ping] 2] of $free bytes are free"
scene::check_volume 1 8 2000
