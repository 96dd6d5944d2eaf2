# Throughput of `assay regress` on two workers against the same jobs run by a plain shell loop (xargs -P 2), turn by turn, the best of two each.
# Prints ratios of wall and of CPU time (user and system, of all processes); the limit is 1.03. On a machine that others use too only the second means something.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench/regress
file delete -force $directory
file mkdir $directory
set count 16
# A job that computes for about a second.
set job {i=0; while [ $i -lt 400000 ]; do i=$((i + 1)); done}

proc write_plan {path} {
    set channel [open $path w]
    puts $channel "plan bench"
    for {set i 0} {$i < $::count} {incr i} {
        puts $channel [list command job$i [list sh -c $::job]]
    }
    close $channel
}

# -> {wall cpu}
proc seconds {command} {
    lassign [exec bash -c {TIMEFORMAT="%R %U %S"; time "$@" > /dev/null} bench {*}$command 2>@1] wall user system
    return [list $wall [expr {$user + $system}]]
}

proc best {runs column} { tcl::mathfunc::min {*}[lmap run $runs {lindex $run $column}] }

proc main {} {
    write_plan $::directory/plan.tcl
    set loop [list bash -c "seq $::count | xargs -P 2 -I{} sh -c [string cat ' $::job ']"]
    set runner [list $harness::build/assay regress $::directory/plan.tcl -j 2 --quiet --directory $::directory/work]
    for {set i 0} {$i < 2} {incr i} {
        lappend plain [seconds $loop]
        lappend ours [seconds $runner]
    }
    puts [format "%d jobs, CPU: shell loop %.2f s, assay regress %.2f s" $::count [best $plain 1] [best $ours 1]]
    foreach {what column} {"wall time" 0 "CPU time" 1} {
        puts [format "regress / shell loop, %-10s  %.3f (limit 1.03)" $what [expr {[best $ours $column] / [best $plain $column]}]]
    }
}

main
