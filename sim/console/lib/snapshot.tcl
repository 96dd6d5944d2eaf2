# vm snapshot, vm restore, snapshot status|wait|list|remove|check, volume snapshots: the hypervisor's snapshots.

namespace eval snapshot {
    variable phases {none saving ending complete failed}
    namespace export status wait list remove check restoring
    namespace ensemble create
}

# snapshot status -> dict: phase, percent, id, vm, and what was counted
proc snapshot::status {} {
    set result [dict create]
    foreach line [split [string trim [lindex [vm::request snapshot_status {}] 1]] \n] {
        dict set result [lindex $line 0] [join [lrange $line 1 end]]
    }
    return $result
}

# snapshot restoring -> dict: phase (none, loading, done, failed), percent, id, failure of the restore under way or of the last
proc snapshot::restoring {} {
    set result [dict create]
    foreach line [split [string trim [lindex [vm::request restore_status {}] 1]] \n] {
        dict set result [lindex $line 0] [join [lrange $line 1 end]]
    }
    return $result
}

# snapshot wait ?CYCLES?: runs the board until no snapshot is under way; returns its status
proc snapshot::wait {{cycles 1000000000}} {
    set limit [expr {[board cycle] + $cycles}]
    while {[dict get [set status [snapshot status]] phase] in {saving ending}} {
        assay::check [expr {[board cycle] < $limit}] "the snapshot was not done within $cycles cycles"
        board run 200000
    }
    return $status
}

proc snapshot::list {} { lindex [vm::request snapshot_list {}] 1 }
proc snapshot::remove {id} { vm::request snapshot_remove [::list $id]; return }

# snapshot check FILE ID: the image in the volume's file must be what the simulator copied at the instant, byte for byte
proc snapshot::check {file id} {
    set difference [assay::snapshot_compare $file $id]
    assay::check [expr {$difference eq ""}] "snapshot $id in $file: $difference"
}

# vm snapshot VM ?-name NAME? ?-queue PAGES? ?-compress auto|always|never? ?-load PERCENT? ?-memory SIZE? ?-incremental 1? ?-keep 1? ?-patience MS? ?-share PAGES? ?-stop 1?
# Returns when the VM runs on: {id cycles-of-the-pause task}; `task cancel` ends it.
proc vm::snapshot {vm args} {
    set options [dict create -name "" -queue 0 -compress auto -load 50 -memory 16M -incremental 0 -keep 0 -patience 0 -share 4 -stop 0]
    foreach {name value} $args {
        if {![dict exists $options $name]} {
            assay::bad_input "vm snapshot: unknown option \"$name\""
        }
        dict set options $name $value
    }
    if {![dict exists {auto 0 always 1 never 2} [dict get $options -compress]]} {
        assay::bad_input "vm snapshot: -compress takes auto, always or never"
    }
    set flags [expr {[dict get {auto 0 always 1 never 2} [dict get $options -compress]] | ([dict get $options -incremental] ? 4 : 0) | ([dict get $options -keep] ? 8 : 0) | ([dict get $options -stop] ? 16 : 0)}]
    set words [::list $vm [dict get $options -queue] $flags [dict get $options -load] [assay::bytes [dict get $options -memory]] [dict get $options -patience] [dict get $options -share]]
    return [lrange [lindex [request snapshot_start $words [dict get $options -name]] 0] 0 2]
}

# vm restore ID ?-vm N? ?-name NAME? ?-vf N? ?-wait 0?: into VM N, or into a fresh VM NAME; runs the board until it is done and returns the VM's
# number; with -wait 0 returns at once {VM TASK}: `task result`, `task cancel`, `snapshot restoring`
proc vm::restore {id args} {
    set options [dict merge {-vm 4294967295 -name restored -vf 0 -wait 1} $args]
    lassign [lindex [request restore [::list $id [dict get $options -vm] [dict get $options -vf]] [dict get $options -name]] 0] vm task
    if {![dict get $options -wait]} {
        return [::list $vm $task]
    }
    while {[dict get [set result [task result $task]] state] in {queued running compensating}} {
        board run 100000
    }
    if {[dict get $result state] ne "succeeded"} {
        error "vm restore: [dict get [::snapshot restoring] failure]"
    }
    return $vm
}

# volume snapshots NUMBER ?-format 1?: snapshots go to that volume from now on
proc volume::snapshots {number args} {
    set options [dict merge {-format 0} $args]
    vm::request snapshot_volume [::list $number [dict get $options -format]]
    return
}

foreach {name number} {snapshot_volume 32 snapshot_start 33 snapshot_status 34 snapshot_bench 35 snapshot_list 36 snapshot_remove 37 restore 38 restore_status 39} {
    dict set vm::ops $name $number
}
namespace eval vm { namespace export snapshot restore }
namespace eval volume { namespace export snapshots }
