# Three snapshots of one VM, each building on the one before, with and without compression and with a queue so small that writers must wait; each
# is compared with the simulator's copy, and each is restored. The volume with all three and the copies' memory stay: chain.img, golden-ID.mem.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_chain {}

proc snapshot_chain::take {vm file name args} {
    lassign [vm snapshot $vm -name $name {*}$args] id pause
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "snapshot $name: $status"
    snapshot check $file $id
    snapshot_lab::say "$name ($args): held for $pause cycles, [dict get $status raw] raw, [dict get $status packed] packed, [dict get $status zero] zero, [dict get $status parent] as the parent's, [dict get $status waits] waits"
    return $status
}

proc snapshot_chain::main {} {
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 2 8M "seed=4 pages=300 writes=150000 gap=80 code=1 walk=1 fp=1 balloon=4"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 1000000
    take $vm $file first -compress never -keep 1
    board run 300000
    set second [take $vm $file second -compress always -incremental 1 -keep 1 -queue 4]
    assay::check [expr {[dict get $second parent] > 1000}] "hardly anything was the parent's: $second"
    assay::check [expr {[dict get $second packed] + [dict get $second raw] > 100}] "hardly anything was saved: $second"
    assay::check [expr {[dict get $second waits] > 0}] "nobody waited for a queue of four pages"
    board run 300000
    take $vm $file third -compress auto -incremental 1
    file copy -force $file $snapshot_lab::directory/chain.img
    foreach id {1 2 3} {
        assay::snapshot_golden $id $snapshot_lab::directory/golden-$id.mem
    }
    assay::check [expr {[catch {vm snapshot $vm -incremental 1} answer] && [string match "*no snapshot of this VM to build on*" $answer]}] "an incremental snapshot without a base: $answer"
    set ended [snapshot_lab::await $vm "dirty done" 1 400000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"
    foreach id {3 1 2} count {2 3 4} {
        vm restore $id -vm $vm
        set again [snapshot_lab::await $vm "dirty done" $count 400000000]
        assay::check [expr {$again eq $ended}] "restored from $id vm$vm ended with \"$again\", not \"$ended\""
    }
    assay::check [expr {[catch {snapshot remove 1} answer] && [string match "*is the parent of snapshot 2*" $answer]}] "removing a parent: $answer"
    snapshot remove 3
    snapshot remove 2
    snapshot remove 1
    assay::check [expr {[assay::snapshot_list $file] eq ""}] "snapshots are left: [assay::snapshot_list $file]"
    snapshot_lab::say "each was restored and ended alike"
}

snapshot_chain::main
