# Functions whose guests have stock drivers: INTx through the virtual PLIC. Two VMs do verified I/O on a VF each and exchange data on a network function each; the
# two network functions share a line of the host's interrupt controller with a third, whose guest has directed interrupts and leaves its function's MSI-X off: the
# function would assert the line for ever.
source [file join [file dirname [info script]] common.tcl]

scene::boot 3 {} 3
scene::attach_volumes

proc lines_vm {n path {more ""}} {
    set options "workload=io seed=[expr {21 + $n}] ops=200 qd=8 net=[expr {(10 << 24) + 60 + $n}] peer=[expr {(10 << 24) + 10}] tcp=300000 pings=5 $more"
    set vm [vm create lines$n -memory 8M -bootargs $options]
    vm assign $vm [expr {$n + 1}]
    if {$n == 0} {
        vm path $vm $path
        vm assign_net $vm $n
    } else {
        vm assign_net $vm $n
        vm path $vm $path
    }
    vm start $vm
    return $vm
}

set bare [vm create bare -memory 4M -bootargs "workload=hello"]
scene::refused -5 vm path $bare intx
vm destroy $bare
set rude [lines_vm 2 direct net_msix=0]
set vms [list [lines_vm 0 intx] [lines_vm 1 intx]]
foreach vm [concat $rude $vms] {
    scene::expect "\[vm$vm\] guest done" 200000000
}
assay::check [regexp "\\\[vm$rude\\\] io done ops=200 bytes=\\d+ errors=0" [board text host]] "vm$rude's I/O failed"
assay::check [regexp "\\\[vm$rude\\\] net done pings=5 tcp=300000 errors=0 " [board text host]] "vm$rude's network function did not do its work"
assay::check [expr {[dict get [assay::stats] net.2.interrupts] > 3}] "vm$rude's network function had nothing to say"
assay::check [expr {[dict get [vm stat $rude] classical] == 0}] "vm$rude has directed interrupts, and the hypervisor took some"
foreach vm $vms n {0 1} {
    set text [board text host]
    assay::check [regexp "\\\[vm$vm\\\] io interrupts=(\\d+) lost=0" $text -> interrupts] "an interrupt of vm$vm's VF was lost"
    assay::check [expr {$interrupts > 20}] "vm$vm had $interrupts interrupts of its VF"
    assay::check [regexp "\\\[vm$vm\\\] net done pings=5 tcp=300000 errors=0 interrupts=(\\d+) " $text -> interrupts] "vm$vm's network function did not do its work"
    assay::check [expr {$interrupts > 3}] "vm$vm had $interrupts interrupts of its network function"
    set stat [vm stat $vm]
    assay::check [expr {[dict get $stat classical] > 40 && [dict get $stat injected.fault] == 0 && [dict get $stat bau.faults] == 0}] "vm$vm: $stat"
    set lines [expr {[dict get $stat classical] - [dict get $stat broadcasts]}]
    set asserted [dict get [assay::stats] net.$n.interrupts]
    assay::check [expr {$lines <= $asserted}] "the hypervisor took the line of vm$vm's network function $lines times, it was asserted $asserted times at most"
    scene::check_volume $n [expr {21 + $n}] 200
}
