# The snapshot volume's target dies in the middle of a snapshot, in every way that there is, while another path leads to the same storage: the snapshot is
# complete and whole all the same, and the VM notices nothing. With both paths gone it fails, and the one before stays.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_failover {
    # What goes wrong, how it is mended, and whether the path's connection has to be made anew.
    variable ways {
        {{fault target 0 refuses} {fault target 0 runs}}
        {{fault target 0 stalls} {fault target 0 runs}}
        {{fault cable 1 down} {fault cable 1 up}}
        {{fault access 0 inaccessible} {fault access 0 optimized}}
    }
}

proc snapshot_failover::save {vm name script args} {
    lassign [vm snapshot $vm -name $name -compress never {*}$args] id
    board run [expr {250 * (400 + [snapshot_lab::random 8000])}]
    assay::check [expr {[dict get [snapshot status] phase] eq "saving"}] "$name: the snapshot was over before the fault: [snapshot status]"
    eval $script
    return $id
}

proc snapshot_failover::both_paths {vm file} {
    save $vm nowhere {fault target 0 refuses; fault target 1 refuses} -patience 3
    board run 8000000
    assay::check [expr {[dict get [snapshot status] phase] in {ending failed}}] "no path was left: [snapshot status]"
    fault target 0 runs
    fault target 1 runs
    assay::check [expr {[dict get [snapshot wait] phase] eq "failed"}] "no path was left: [snapshot status]"
    board run 30000000
    assay::check [expr {[assay::snapshot_list $file] eq "1"}] "the volume holds [assay::snapshot_list $file], not 1"
    snapshot check $file 1
    snapshot_lab::say "both paths gone: it failed (\"[dict get [snapshot status] failure]\"), snapshot 1 stays"
}

proc snapshot_failover::main {} {
    variable ways
    set snapshot_lab::second_path 0
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 2 8M "seed=6 pages=500 fill=1 fp=1 writes=[assay::parameter writes 1500000] gap=80"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 1000000
    set id [save $vm first {}]
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the first snapshot: [snapshot status]"
    snapshot check $file $id
    foreach way $ways {
        lassign $way fault mend
        set id [save $vm $fault $fault]
        set status [snapshot wait]
        assay::check [expr {[dict get $status phase] eq "complete"}] "$fault: $status"
        snapshot check $file $id
        snapshot_lab::say "$fault: complete after [format %.1f [expr {[dict get $status ns] / 1e6}]] ms by the other path"
        eval $mend
        board run 30000000
        snapshot remove $id
    }
    both_paths $vm $file
    assay::check [expr {[snapshot_lab::lines $vm "dirty done"] eq ""}] "vm$vm was done before the faults were"
    set ended [snapshot_lab::await $vm "dirty done" 1 600000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"
    vm restore 1 -vm $vm
    assay::check [expr {[snapshot_lab::await $vm "dirty done" 2 600000000] eq $ended}] "the restored vm$vm ended otherwise"
    snapshot_lab::say "vm$vm noticed nothing, and came back from snapshot 1: $ended"
}

snapshot_failover::main
