# A running simulation tells what it does and waits for, and is not disturbed by the question.
source [file join [file dirname [info script]] harness.tcl]

set directory [file normalize $harness::build/test-results/status]

proc start {} {
    variable directory
    return [exec $harness::build/assay run testbench/system/first_io.tcl --see model --bau model --port model --clb model --set build=$harness::build --set directory=$directory/run \
        --set ops=10 --report $directory/report.json > $directory/output 2>@1 &]
}

# Asks until the run answers with a cycle beyond LEAST; returns the answer.
proc ask {pid least} {
    for {set i 0} {$i < 600} {incr i} {
        lassign [harness::assay status $pid] status output
        if {$status == 0 && [regexp {cycle (\d+) of} $output -> cycle] && $cycle > $least} {
            return $output
        }
        after 100
    }
    return ""
}

proc wait_for_end {pid} {
    for {set i 0} {$i < 1200 && [file exists /proc/$pid/stat]} {incr i} {
        if {[catch {exec cat /proc/$pid/stat} text] || [regexp {\) Z } $text]} break
        after 100
    }
}

proc main {} {
    variable directory
    set ::env(TMPDIR) $directory
    file delete -force $directory
    file mkdir $directory
    lassign [harness::assay status] status output
    harness::check [expr {$status == 0 && [string match "no simulation runs*" $output]}] "a status where nothing runs: $output"
    set pid [start]
    set answer [ask $pid 1000000]
    foreach pattern {{hart host\.2 +pc [0-9a-f]{16}} {hart nic} {block see +model, \d+ cycles stepped} {block bau} {block port} {block clb\.0} {block clb\.nic} {cycles a second}} {
        harness::check [regexp $pattern $answer] "the status lacks $pattern: $answer"
    }
    wait_for_end $pid
    set hash [harness::report_value $directory/report.json state_hash]
    lassign [harness::assay run testbench/system/first_io.tcl --see model --bau model --port model --clb model --set build=$harness::build --set directory=$directory/run \
        --set ops=10 --report $directory/again.json] status
    harness::check [expr {$status == 0 && [harness::report_value $directory/again.json state_hash] eq $hash}] "asking changed the run"
    harness::check [expr {[glob -nocomplain -directory $directory/assay-status-[exec id -u] *] eq ""}] "registrations are left behind"
    lassign [harness::assay status $pid] status output errors
    harness::check [expr {$status == 2 && [string match "*no simulation*" $errors]}] "the status of a process that is gone: $status $errors"
}

main
harness::finish
