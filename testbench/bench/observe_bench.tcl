# What it costs to look: CPU time of the main scenario (shortened) with line coverage of its software, a failure window and waves, against the run without.
# usage: tclsh8.6 testbench/bench/observe_bench.tcl ?ROUNDS?     The best of ROUNDS (2) runs each, turn by turn; waves are a window of one million cycles in lockstep, also given per recorded cycle.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench/observe
file delete -force $directory
file mkdir $directory
set wave_cycles 1000000
set rounds [expr {[llength $argv] ? [lindex $argv 0] : 2}]

# CPU seconds, user and system, of one run and what it forks.
proc seconds {backend options} {
    set command [list $harness::build/assay run testbench/system/first_io.tcl --see $backend --bau $backend --port $backend --seed $harness::seed \
        --set build=$harness::build --set directory=$::directory/work --set ops=60 {*}$options]
    if {[catch {exec bash -c {TIMEFORMAT="%U %S"; time "$@" > /dev/null} bench {*}$command 2>@1} output]} {
        puts stderr $output
        exit 1
    }
    lassign [lindex [split $output \n] end] user system
    return [expr {$user + $system}]
}

# @param cases NAME OPTIONS ...; the first is what the others are held against
proc compare {backend cases} {
    for {set round 0} {$round < $::rounds} {incr round} {
        foreach {name options} $cases {
            set took [seconds $backend $options]
            set best($name) [expr {[info exists best($name)] ? min($best($name), $took) : $took}]
        }
    }
    set plain $best([lindex $cases 0])
    foreach {name options} $cases {
        puts [format "%-9s %-34s %7.2f CPU s   %.2f%s" $backend $name $best($name) [expr {$best($name) / $plain}] \
            [expr {[string match waves* $name] ? [format "   %.2f us a recorded cycle" [expr {1e6 * ($best($name) - $plain) / $::wave_cycles}]] : ""}]]
    }
}

proc main {} {
    compare model [list plain {} "line coverage of the software" [list --coverage $::directory/coverage] "failure window, 5 million cycles" {--failure-window 5000000}]
    compare lockstep [list plain {} "failure window, 5 million cycles" {--failure-window 5000000} \
        "waves, one million cycles" [list --waves $::directory/waves.fst --waves-from 53000000 --waves-cycles $::wave_cycles]]
}

main
