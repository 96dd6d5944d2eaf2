# Throughput of `assay regress` on two workers against the same jobs run by a plain shell loop (xargs -P 2), turn by turn, the best of three each.
# Prints a ratio; the limit is 1.03.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/bench/regress
file delete -force $directory
file mkdir $directory
set count 24
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

proc seconds {command} {
    set started [clock microseconds]
    exec {*}$command > /dev/null 2>@1
    return [expr {([clock microseconds] - $started) / 1e6}]
}

proc main {} {
    write_plan $::directory/plan.tcl
    set loop [list bash -c "seq $::count | xargs -P 2 -I{} sh -c [string cat ' $::job ']"]
    set runner [list $harness::build/assay regress $::directory/plan.tcl -j 2 --quiet --directory $::directory/work]
    for {set i 0} {$i < 3} {incr i} {
        lappend plain [seconds $loop]
        lappend ours [seconds $runner]
    }
    set plain [tcl::mathfunc::min {*}$plain]
    set ours [tcl::mathfunc::min {*}$ours]
    puts [format "%d jobs: shell loop %.2f s, assay regress %.2f s" $::count $plain $ours]
    puts [format "regress / shell loop              %.3f (limit 1.03)" [expr {$ours / $plain}]]
}

main
