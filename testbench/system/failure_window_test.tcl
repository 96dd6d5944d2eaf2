# A late failure explains itself: without waves in the run, its last cycles are there as waves, events and instructions.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/failure_window


proc run {args} {
    variable directory
    return [harness::assay run testbench/system/first_io.tcl --set build=$harness::build --set directory=$directory/injected --set ops=900 \
        --seed $harness::seed --failure-files $directory/failure {*}$args]
}

proc last_line {file} {
    set channel [open $file]
    set text [string trimright [read $channel]]
    close $channel
    return [lindex [split $text \n] end]
}

# After 300 commands the guests have read their images (128) and do random I/O, so the blocks are busy around the fault. It is seen at the first cycle in which its block is not idle.
proc check_window {failed} {
    variable directory
    foreach suffix {fst events trace} {
        harness::check [expr {[file exists $directory/failure.$suffix] && [file size $directory/failure.$suffix] > 1000}] "no failure.$suffix"
    }
    set end [lindex [last_line $directory/failure.trace] 0]
    harness::check [expr {$end >= $failed && $end < $failed + 1000}] "the trace ends at cycle $end, not at the failure"
    harness::check [expr {[lindex [last_line $directory/failure.events] 0] > $failed - 50000}] "no event is near the failure"
    foreach signal {see.model.see_view see.rtl.see_lockstep_top bau.model.bau_view bau.rtl.bau_lockstep_top} {
        lassign [harness::assay wave query $directory/failure.fst lockstep.$signal.pcie_tx_valid_o] status output errors
        harness::check [expr {$status == 0 && [llength [split [string trim $output] \n]] > 10}] "no activity of $signal in the waves: $errors"
    }
}

proc main {} {
    variable directory
    file delete -force $directory
    file mkdir $directory
    lassign [run --failure-window 5000000 --set "inject=see event_valid @300"] status output errors
    harness::check [expr {$status == 1}] "a mismatch ends with status $status: $errors"
    harness::check [expr {[regexp {block see, port event_valid, cycle (\d+)} $errors -> failed] && $failed > 20000000}] "the mismatch is not named: $errors"
    harness::check [regexp {failure window: .*failure.fst} $errors] "the files are not named: $errors"
    harness::check [regexp {reproduce: build/assay run} $errors] "no command that reproduces it"
    check_window $failed
    # A failure that the scenario finds has a window too; a directory that cannot be written is refused before the run.
    lassign [harness::assay run testbench/system/bad_wait.tcl --set build=$harness::build --failure-window 1000000 --failure-files $directory/wait] status output errors
    harness::check [expr {$status == 1 && [file exists $directory/wait.fst]}] "no window of a scenario's own failure: $errors"
    lassign [harness::assay run testbench/system/bad_wait.tcl --set build=$harness::build --failure-window 1000000 --failure-files $directory/none/wait] status output errors
    harness::check [expr {$status == 2 && [string match "*--failure-files*cannot be written*" $errors]}] "an unwritable window is not said: $errors"
}

main
harness::finish
