# assay regress: killed workers, Ctrl-C, and a killed runner leave a journal from which the run goes on; every job runs to its end once.
source [file join [file dirname [info script]] common.tcl]

set work $directory/work

# Each job appends its name to a file when it is done, after waiting for a file "go" if it is a slow one.
proc slow_plan {name count} {
    return [write_plan $name [format {
        plan slow
        command quick {sh -c {echo quick >> %1$s/done}} {seeds {1 2}}
        command slow {sh -c {echo $$ > %1$s/worker.$ASSAY_SEED; while [ ! -e %1$s/go ]; do sleep 0.05; done; echo slow.$ASSAY_SEED >> %1$s/done}} {seeds {%2$s}}
    } $::directory $count]]
}

proc done_jobs {} {
    set names [expr {[file exists $::directory/done] ? [lsort [split [string trim [text_of $::directory/done]] \n]] : {}}]
    return $names
}

proc clean {} {
    file delete -force $::directory/go $::directory/done {*}[glob -nocomplain $::directory/worker.*] $::work
}

proc workers_run {count} { expr {[llength [glob -nocomplain $::directory/worker.*]] == $count} }

proc is_alive {pid} { expr {[file exists /proc/$pid] && ![string match "* Z *" [text_of /proc/$pid/stat]]} }

proc go {} { close [open $::directory/go w] }

proc check_done {what} {
    set expected {quick quick slow.1 slow.2 slow.3}
    harness::check [expr {[done_jobs] eq $expected}] "$what: jobs that ran to their end: [done_jobs], expected $expected"
}

proc test_interrupt {} {
    clean
    set plan [slow_plan slow.tcl "1 2 3"]
    set runner [launch $::directory/out $plan --directory $::work -j 2]
    await "two slow workers" {[workers_run 2] && [done_jobs] eq "quick quick"}
    regress 2 $plan --directory $::work
    expect "*busy: run 1 of process $runner*" [regress 2 $plan --directory $::work --resume] "second runner in the same directory"
    exec kill -INT $runner
    await "the end of the interrupted runner" {![is_alive $runner]}
    expect "*interrupted: 3 jobs have no result yet*--resume*" [text_of $::directory/out] "what Ctrl-C says"
    foreach file [glob $::directory/worker.*] {
        harness::check [expr {![is_alive [string trim [text_of $file]]]}] "a worker outlived Ctrl-C"
    }
    go
    expect "*run 1: 3 jobs*resumed*5 passed, 0 failed*" [regress 0 $plan --directory $::work --resume] "resumed run"
    check_done "after Ctrl-C"
    expect "*no run of it was interrupted*" [regress 2 $plan --directory $::work --resume] "second resume"
}

# SIGKILL leaves the workers alone: the resumed run ends the orphans before it repeats their jobs.
proc test_killed_runner {} {
    clean
    set plan $::directory/slow.tcl
    set runner [launch $::directory/out $plan --directory $::work -j 2]
    await "two slow workers" {[workers_run 2] && [done_jobs] eq "quick quick"}
    exec kill -KILL $runner
    await "the end of the killed runner" {![is_alive $runner]}
    set orphans [lmap file [glob $::directory/worker.*] {string trim [text_of $file]}]
    harness::check [expr {[is_alive [lindex $orphans 0]] && [is_alive [lindex $orphans 1]]}] "the workers died with the runner: nothing is tested"
    set runner [launch $::directory/out $plan --directory $::work --resume -j 2]
    await "the end of the orphans" {![is_alive [lindex $orphans 0]] && ![is_alive [lindex $orphans 1]]}
    go
    await "the end of the resumed runner" {![is_alive $runner]}
    expect "*run 1: 3 jobs*resumed, 3 were running or queued*5 passed, 0 failed*" [text_of $::directory/out] "run resumed after SIGKILL"
    foreach orphan $orphans {
        harness::check [expr {![is_alive $orphan]}] "orphan $orphan was left alone"
    }
    check_done "after SIGKILL"
}

proc test_killed_worker {} {
    clean
    set plan $::directory/slow.tcl
    set runner [launch $::directory/out $plan --directory $::work -j 2]
    await "two slow workers" {[workers_run 2]}
    exec kill -KILL [string trim [text_of $::directory/worker.1]]
    await "the repeat" {[string match "*lost  slow/seed=1*repeated as task*" [text_of $::directory/out]]}
    go
    await "the end of the runner" {![is_alive $runner]}
    expect "*5 passed, 0 failed*" [text_of $::directory/out] "run with a killed worker"
    check_done "after a worker's death"
}

foreach test {test_interrupt test_killed_runner test_killed_worker} {
    $test
}
finish
