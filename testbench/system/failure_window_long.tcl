# A failure beyond cycle 50 million, with a failure window and without: the same mismatch at the same cycle, a window's files, and at most 1.15 times the CPU
# time, forks and the second run of the window included. CPU and not wall time, so that other users of the machine do not count.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/failure_window_long
set limit 1.15

# -> {where the mismatch is, CPU seconds}
proc run {args} {
    set command [list $harness::build/assay run testbench/system/first_io.tcl --set build=$harness::build --set directory=$::directory/work --set ops=300 \
        --seed $harness::seed --set "inject=see event_valid 52000000" {*}$args]
    set status [catch {exec bash -c {TIMEFORMAT="cpu %U %S"; time "$@" > /dev/null} run {*}$command 2>@1} output]
    harness::check [expr {$status && [regexp {block see, port event_valid, cycle (\d+)} $output place cycle] && $cycle > 50000000}] "no mismatch beyond cycle 50 million: $output"
    harness::check [regexp {cpu ([\d.]+) ([\d.]+)} $output -> user system] "no times: $output"
    return [list $place [expr {$user + $system}]]
}

proc main {} {
    file delete -force $::directory
    file mkdir $::directory
    # Each twice, turn by turn; the better time counts.
    foreach round {1 2} {
        lassign [run] plain seconds
        lassign [run --failure-window 5000000 --failure-files $::directory/failure] found with
        harness::check [expr {$found eq $plain}] "with a window the run fails elsewhere: $found, not $plain"
        lappend without $seconds
        lappend windowed $with
    }
    foreach suffix {fst events trace} {
        harness::check [expr {[file exists $::directory/failure.$suffix] && [file size $::directory/failure.$suffix] > 1000}] "no failure.$suffix"
    }
    set ratio [expr {[tcl::mathfunc::min {*}$windowed] / [tcl::mathfunc::min {*}$without]}]
    puts [format "%s: CPU seconds without a window %s, with %s: %.3f times" $plain $without $windowed $ratio]
    harness::check [expr {$ratio <= $::limit}] [format "a failure window costs %.3f times, the limit is %s" $ratio $::limit]
}

main
harness::finish
