# What goes on while a snapshot is made: vCPUs are sent from hart to hart, pinned and let go, the guest gives pages back and takes them again, rewrites its code and has its page
# tables written by walks; more vCPUs than harts. Each image is compared with the simulator's copy of its instant, and the last chain is restored link by link.
# Parameters: rounds (snapshots), writes (of each vCPU; by default more than the guest gets done while the snapshots are made).

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_races {
    variable rounds [assay::parameter rounds 5]
    variable vcpus 4
}

proc snapshot_races::one_of {args} {
    return [lindex $args [snapshot_lab::random [llength $args]]]
}

# A vCPU of VM goes elsewhere, or is kept where it is for a while.
proc snapshot_races::stir {vm} {
    variable vcpus
    set vcpu [snapshot_lab::random $vcpus]
    switch [snapshot_lab::random 5] {
        0 { vm pin $vm $vcpu [one_of no yes alone] }
        default { vm migrate $vm $vcpu [snapshot_lab::random 3] }
    }
}

proc snapshot_races::quiet {vm} {
    variable vcpus
    for {set i 0} {$i < $vcpus} {incr i} {
        vm pin $vm $i no
    }
}

proc snapshot_races::take {vm file incremental keep} {
    set options [list -queue [one_of 4 16 64 256 1024] -compress [one_of never never always auto] -share [one_of 0 1 4 32] -keep $keep -incremental $incremental]
    lassign [vm snapshot $vm -name race {*}$options] id
    set stirred 0
    while {[dict get [set status [snapshot status]] phase] in {saving ending}} {
        stir $vm
        incr stirred
        board run [expr {1000 + [snapshot_lab::random 150000]}]
    }
    assay::check [expr {[dict get $status phase] eq "complete"}] "$options: $status"
    snapshot check $file $id
    return [list $id $stirred [dict get $status absent] [dict get $status parent]]
}

proc snapshot_races::main {} {
    variable rounds
    variable vcpus
    set file [snapshot_lab::empty_volume 0 128M]
    snapshot_lab::start [list $file] 4 1 0 1
    set vm [snapshot_lab::dirty_vm racer $vcpus 8M "seed=[dict get $assay::options seed] pages=120 writes=[assay::parameter writes [expr {15000 * $rounds}]] gap=300 code=1 walk=1 fp=1 balloon=24 breathe=1"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    set kept 0
    set chain {}
    set absent 0
    for {set i 0} {$i < $rounds} {incr i} {
        set incremental [expr {$kept && [snapshot_lab::random 3]}]
        set kept [expr {$i == $rounds - 1 ? 0 : [snapshot_lab::random 4] != 0}]
        if {!$incremental} {
            foreach id [lreverse $chain] {
                snapshot remove $id
            }
            set chain {}
        }
        lassign [take $vm $file $incremental $kept] id stirred gone parents
        lappend chain $id
        incr absent $gone
        snapshot_lab::say "snapshot $id: $stirred moves meanwhile, $gone pages absent, $parents as the parent's"
        board run [expr {1 + [snapshot_lab::random 200000]}]
    }
    assay::check [expr {$absent > 0}] "no page was given back at any instant"
    assay::check [expr {[snapshot_lab::lines $vm "dirty done"] eq ""}] "vm$vm was done before the snapshots were"
    quiet $vm
    set ended [snapshot_lab::await $vm "dirty done" 1 400000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended: [snapshot_lab::lines $vm error]"
    set count 1
    foreach id $chain {
        vm restore $id -vm $vm
        set again [snapshot_lab::await $vm "dirty done" [incr count] 400000000]
        assay::check [expr {$again eq $ended}] "restored from $id vm$vm ended with \"$again\", not \"$ended\""
    }
    snapshot_lab::say "$rounds snapshots in the middle of it; $chain restored: each ended alike"
}

snapshot_races::main
