# Everything at once (TB4): two guests do verified I/O through their VFs, a third one computes and rewrites its own code, four vCPUs on two harts
# are moved about; meanwhile snapshots of random VMs are taken and cancelled, and the first volume's paths die and come back. Whatever happens,
# the guests find no error, finished snapshots are what the simulator copied at their instants, cancelled ones are absent, and the volumes
# hold what the guests wrote.
# Parameters (--set NAME=VALUE): ops (I/Os a guest), writes (of the third guest's vCPUs), build, directory. What happens when is drawn by the seed.

source [file join [file dirname [info script]] first_io_parts.tcl]
source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval joint {
    variable writes [assay::parameter writes [expr {$first_io::operations * 150}]]
    variable file $first_io::directory/snapshots.img
    variable vcpus {{0 0} {1 0} {2 0} {2 1}}
    variable harts 2
    variable path_down 0
    variable saving {}  ;# id and task of the snapshot under way
    variable to_cancel 0
    variable cancel_next [expr {[dict get $assay::options seed] % 2}]
    variable counts [dict create migrations 0 failovers 0 complete 0 cancelled 0]
    # What a run must have seen to count.
    variable least [dict create migrations 8 failovers 1 complete 2 cancelled 1]
}

proc joint::count {what} {
    variable counts
    dict incr counts $what
}

proc first_io::nic_config {} {
    return "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed [dict get $assay::options seed]\nkato 0
volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 path 10.0.0.13:4420 queues 2 timeout 3
volume 1 nvme-tcp 10.0.0.11:4420 nqn.2026-11.assay:target1 nsid 1
volume 2 nvme-tcp 10.0.0.12:4420 nqn.2026-11.assay:target2 nsid 1\n"
}

proc first_io::build_board {} {
    variable volumes
    variable directory
    variable build
    variable bios
    foreach n {0 1} {
        set volumes($n) [volumes::prepare $n $directory]
    }
    set snapshot_lab::directory $directory
    file rename -force [snapshot_lab::empty_volume 2 64M] $joint::file
    set files [list [lindex $volumes(0) 0] [lindex $volumes(1) 0] $joint::file [lindex $volumes(0) 0]]
    foreach file $files address {10 11 12 13} target {0 1 2 0} {
        assay::target 10.0.0.$address/24 nqn.2026-11.assay:target$target $file
    }
    board create -harts 3 -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [nic_config]
}

proc joint::start {} {
    variable writes
    first_io::start_guests
    set vm [snapshot_lab::dirty_vm worker 2 16M "seed=[dict get $assay::options seed] pages=64 writes=$writes gap=40 code=1 walk=1 fp=1"]
    assay::check [expr {$vm == 2}] "the third VM has number $vm"
    while {![regexp -line {^volume 2 ready} [volume list]]} {
        board run 1000000
    }
    volume snapshots 2 -format 1
}

proc joint::move_a_vcpu {} {
    variable vcpus
    variable harts
    lassign [lindex $vcpus [snapshot_lab::random [llength $vcpus]]] vm vcpu
    if {![is_done $vm]} {
        vm migrate $vm $vcpu [snapshot_lab::random $harts]
        count migrations
    }
}

proc joint::turn_the_path {} {
    variable path_down
    set path_down [expr {!$path_down}]
    fault target 0 [expr {$path_down ? "refuses" : "runs"}]
    if {$path_down} {
        count failovers
    }
}

proc joint::is_done {vm} {
    return [expr {[first_io::guest_line $vm "guest done"] ne ""}]
}

# The hypervisor may have the VM at a task already, or the VM has just ended: both are answers.
proc joint::begin_snapshot {} {
    variable saving
    variable to_cancel
    variable cancel_next
    set vm [snapshot_lab::random 3]
    if {[is_done $vm]} {
        return
    }
    if {[catch {vm snapshot $vm -name joint -compress auto} begun]} {
        assay::check [string match "*ended by itself*" $begun] $begun
        return
    }
    lassign $begun id pause task
    set saving [list $id $task $vm]
    set to_cancel $cancel_next
    set cancel_next [expr {!$cancel_next}]
    first_io::say "snapshot $id of vm$vm begins[expr {$to_cancel ? ", to be cancelled" : ""}]"
}

# The task may have ended a moment ago.
proc joint::cancel {task} {
    try {
        task cancel $task
    } trap CHECK {reason} {
        assay::check [string match "*no task $task that could be cancelled*" $reason] $reason
    }
}

proc joint::look_at_snapshot {} {
    variable saving
    variable to_cancel
    variable file
    lassign $saving id task vm
    if {$to_cancel} {
        set to_cancel 0
        cancel $task
    }
    set status [snapshot status]
    set phase [dict get $status phase]
    if {$phase in {saving ending}} {
        return
    }
    set saving {}
    set state [dict get [task result $task] state]
    if {$phase eq "complete"} {
        assay::check [expr {$state eq "succeeded"}] "snapshot $id is complete, its task $state"
        snapshot check $file $id
        count complete
        first_io::say "snapshot $id of vm$vm is complete and true"
    } else {
        assay::check [expr {$state eq "cancelled"}] "snapshot $id of vm$vm: phase $phase, task $state: $status"
        count cancelled
        first_io::say "snapshot $id of vm$vm was cancelled"
    }
    remove_if_there $id
}

# The volume has room for a few images only. A cancelled one must not be listed.
proc joint::remove_if_there {id} {
    set listed [regexp -line "^snapshot $id\\M" [snapshot list]]
    if {$listed} {
        snapshot remove $id
    }
}

proc joint::step {} {
    variable saving
    switch [snapshot_lab::random 8] {
        0 - 1 - 2 { move_a_vcpu }
        3 { turn_the_path }
        default {
            if {$saving eq ""} {
                begin_snapshot
            } else {
                look_at_snapshot
            }
        }
    }
}

proc joint::run {} {
    variable saving
    variable path_down
    set limit [expr {[board cycle] + 2000000000}]
    while {![is_done 0] || ![is_done 1] || ![is_done 2] || $saving ne ""} {
        board run [expr {100000 + [snapshot_lab::random 900000]}]
        step
        assay::check [expr {[string first crashed [vm list]] < 0}] "a guest crashed: [vm list]"
        assay::check [expr {[board cycle] < $limit}] "the guests were not done by cycle $limit: [vm list]"
    }
    if {$path_down} {
        turn_the_path
    }
}

proc joint::check {} {
    variable counts
    variable least
    foreach n {0 1} {
        first_io::check_guest $n
    }
    set line [snapshot_lab::lines 2 "dirty done"]
    assay::check [regexp {errors=0} $line] "the third guest found errors: $line"
    dict for {what number} $least {
        assay::check [expr {[dict get $counts $what] >= $number}] "only [dict get $counts $what] $what in this run; more work or another seed is needed"
    }
    foreach {what number} $counts {
        report::note joint.$what $number
    }
}

proc joint::main {} {
    variable counts
    first_io::build_board
    vm ping
    start
    run
    check
    puts "JOINT: [join [lmap {what number} $counts {set _ "$number $what"}] {, }]"
    puts "PASS"
}

joint::main
