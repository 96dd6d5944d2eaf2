# Runs the hypervisor's board scenarios (testbench/unit/hypervisor/board) in lockstep and, with fast harts, on the models.
# usage: ASSAY_BUILD=DIR tclsh8.6 testbench/unit/hypervisor/on_board.tcl
# Status 0: all pass; 1: one failed, its output is printed.

proc main {} {
    if {![info exists ::env(ASSAY_BUILD)]} {
        set ::env(ASSAY_BUILD) build
    }
    set failures 0
    foreach {scenario backend hart sstc} {
        overcommit lockstep timed 0
        overcommit model fast 0
        overcommit model fast 1
        isolation lockstep timed 0
        lifecycle model fast 0
        migration lockstep fast 1
        tasks model timed 0
        commands lockstep fast 0
        lines lockstep timed 0
    } {
        set file [file join [file dirname [info script]] board $scenario.tcl]
        set started [clock milliseconds]
        set failed [catch {exec timeout 300 $::env(ASSAY_BUILD)/assay run $file --see $backend --bau $backend --hart $hart --set sstc=$sstc 2>@1} output]
        puts "$scenario, $backend, $hart, sstc $sstc: [expr {$failed ? "FAILED" : "ok"}] ([expr {([clock milliseconds] - $started) / 1000}] s)"
        if {$failed} {
            incr failures
            puts $output
        }
    }
    return [expr {$failures > 0}]
}

exit [main]
