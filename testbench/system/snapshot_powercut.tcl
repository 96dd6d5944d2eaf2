# The power goes at any cycle of a snapshot: what the volume's file holds then is looked at from outside, at POINTS random cycles. The snapshot before
# is there and whole at each, the new one is absent or whole. Some of the files are kept (cut-N.img) for snapshot_recover.tcl, another board.
# Parameters: points, samples.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_powercut {
    variable points [assay::parameter points 500]
    variable samples [assay::parameter samples 3]
}

proc snapshot_powercut::look {file count} {
    variable points
    variable samples
    set found [assay::snapshot_list $file]
    assay::check [expr {$found in {1 {1 2}}}] "cut at cycle [board cycle]: the volume holds {$found}"
    snapshot check $file 1
    if {[llength $found] == 2} {
        snapshot check $file 2
    }
    if {$samples && $count % (($points + $samples - 1) / $samples) == 0} {
        file copy -force $file [file dirname $file]/cut-$count.img
    }
    return [llength $found]
}

proc snapshot_powercut::main {} {
    variable points
    set file [snapshot_lab::empty_volume 0 16M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [snapshot_lab::dirty_vm writer 1 4M "seed=9 pages=256 writes=400000 gap=100"]
    snapshot_lab::await $vm "dirty begins" 1 50000000
    board run 500000
    vm snapshot $vm -name before -compress never
    assay::check [expr {[dict get [set status [snapshot wait]] phase] eq "complete"}] "the first snapshot: [snapshot status]"
    # Steps such that the points cover the snapshot and some time after it.
    set step [expr {[dict get $status ns] * 5 / 4 / $points * 2}]
    vm snapshot $vm -name cut -compress never
    set absent 0
    for {set i 1} {$i <= $points} {incr i} {
        incr absent [expr {[look $file $i] == 1}]
        board run [expr {1 + [snapshot_lab::random $step]}]
    }
    assay::check [expr {$absent > $points / 3 && $absent < $points}] "of $points points $absent lay before the end of the snapshot"
    snapshot_lab::say "power cut at $points points, $absent before the header: the old snapshot was whole at each, the new one absent or whole"
    set ended [snapshot_lab::await $vm "dirty done" 1 400000000]
    assay::check [string match "*errors=0" $ended] "vm$vm: $ended"
    puts "ended: $ended"
}

snapshot_powercut::main
