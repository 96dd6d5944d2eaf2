# A VM is in the middle of its A64 and RV64 processes when it is snapshotted: the image holds the registers of the application that ran, and the VM, set
# back to that instant, and a fresh VM made of it end their processes with the same output. usage: assay run testbench/system/snapshot_a64.tcl --hart fast

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval snapshot_a64 {}

# The lines of VM's processes from line FROM of the console on.
proc snapshot_a64::lines {vm from} {
    set out {}
    foreach line [lrange [split [board text host] \n] $from end] {
        if {[regexp "^\\\[vm$vm\\\] (\[a-z\]+\\.\[a-z0-9\]+\\| .*|process .*)$" [string trimright $line \r] -> text]} { lappend out $text }
    }
    return $out
}

proc snapshot_a64::line_count {} { llength [split [board text host] \n] }

proc snapshot_a64::main {} {
    set build $snapshot_lab::build
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 3 1 0 1
    set vm [vm create apps -memory 8M -image $build/hypervisor/guest-kernel.elf -initrd $build/guests/apps.cpio -bootargs "workload=apps"]
    vm start $vm
    snapshot_lab::await $vm "sort.a64| sorted" 1 100000000
    board run 300000
    lassign [vm snapshot $vm -name middle -compress never] id
    set from [line_count]
    assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "the snapshot is not complete"
    snapshot check $file $id
    snapshot_lab::await $vm "apps done" 1 400000000
    set ended [lines $vm $from]
    assay::check [expr {[llength $ended] > 8}] "nothing was left to do after the snapshot: $ended"
    set from [line_count]
    assay::check [expr {[vm restore $id -vm $vm] == $vm}] "restored into another VM"
    snapshot_lab::await $vm "apps done" 2 400000000
    # The instant lies before the answer to the command, so a line more may come again.
    set again [lines $vm $from]
    assay::check [expr {[lrange $again end-[expr {[llength $ended] - 1}] end] eq $ended && [llength $again] <= [llength $ended] + 2}] "after the restore vm$vm wrote $again, not $ended"
    set fresh [vm restore $id -name fresh]
    snapshot_lab::await $fresh "apps done" 1 400000000
    assay::check [expr {[lines $fresh 0] eq $again}] "the fresh vm$fresh wrote [lines $fresh 0], not $again"
    puts "restored in the middle of A64 processes: [llength $ended] lines alike, twice"
    puts "PASS"
}

snapshot_a64::main
