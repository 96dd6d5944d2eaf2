# The NIC's firmware breaks while the hypervisor's PF writes a snapshot, and while it reads it back: the image is whole, the VM that is made of it ends
# as the first one did, and nobody sees an error. What crashes cost shows in the time that the snapshot takes.
# Parameters beside those of snapshot_parts.tcl: crashes while it is written.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval crash_snapshot {}

proc crash_snapshot::restarts {} {
    return [regexp -all {restarted, \d+ us} [board text nic]]
}

# A crash, some time later; the firmware has come back by then.
proc crash_snapshot::crash {} {
    set before [restarts]
    fault firmware crash
    for {set patience 40} {[restarts] == $before} {incr patience -1} {
        assay::check $patience "the firmware does not come back"
        board run 500000
    }
}

proc crash_snapshot::main {} {
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 1 8M "seed=3 pages=1000 fill=1 writes=100000 gap=100 fp=1"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 1500000
    lassign [vm snapshot $vm -name first -compress never] id
    for {set n 0} {$n < [assay::parameter crashes 2]} {incr n} {
        board run [expr {250 * (400 + [snapshot_lab::random 2000])}]
        assay::check [expr {[dict get [snapshot status] phase] eq "saving"}] "the snapshot was over before crash $n: [snapshot status]"
        crash
    }
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "the snapshot: $status"
    snapshot check $file $id
    snapshot_lab::say "complete and whole after [restarts] crashes: $status"
    set ended [snapshot_lab::await $vm "dirty done" 1 200000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"
    set fresh [vm restore $id -name fresh]
    crash
    set again [snapshot_lab::await $fresh "dirty done" 1 200000000]
    assay::check [expr {$again eq $ended}] "the VM of the snapshot ended with \"$again\", not \"$ended\""
    puts "RESTARTS [restarts]"
}

crash_snapshot::main
