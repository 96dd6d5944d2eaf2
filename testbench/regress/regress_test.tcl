# assay regress: results, exit statuses, selection, seeds, buckets, reports, resources, timeouts, and every kind of bad input.
source [file join [file dirname [info script]] common.tcl]

set work $directory/work

proc test_results {} {
    set plan [write_plan mixed.tcl {
        plan mixed
        command good {sh -c {exit 0}} {seeds {1 2}}
        command bad {sh -c {echo "lockstep: block see port cq at cycle $ASSAY_SEED: model 0x1, RTL 0x2"; exit 1}} {seeds {5 6 7}}
        command worse {sh -c {kill -SEGV $$}}
    }]
    set text [regress 1 $plan --directory $::work -j 2]
    expect "*run 1: 6 jobs, 2 workers (local)*" $text results
    expect "*3 x lockstep: block see port cq at cycle #*first: bad/seed=5*reproduce: ASSAY_SEED=5 sh -c*" $text "bucket of three"
    expect "*1 x ended by SIGSEGV*" $text "bucket of the crash"
    expect "*2 passed, 4 failed*" $text totals
    lassign [catch_exec xmllint --noout --schema $::here/junit.xsd $::work/junit.xml] status output
    harness::check [expr {$status == 0}] "junit.xml against its schema: $output"
    set junit [text_of $::work/junit.xml]
    expect "*<testsuites tests=\"6\" failures=\"4\" errors=\"0\"*" $junit "JUnit totals"
    set html [text_of $::work/report.html]
    expect "*<svg*Failures by signature*3</td>*" $html "HTML report"
    harness::check [expr {[catch_exec xmllint --html --noout $::work/report.html] eq "0 {}"}] "the HTML report is not well-formed"
}

proc catch_exec {args} {
    set status [catch {exec {*}$args 2>@1} output]
    return [list $status [expr {$status ? $output : ""}]]
}

proc test_selection {} {
    set plan $::directory/mixed.tcl
    expect "*4 jobs*" [regress 1 $plan --directory $::work --rerun-failed] "rerun of what failed"
    expect "*2 jobs*2 passed, 0 failed*" [regress 0 $plan --directory $::work --only good*] "selection by name"
    expect "*nothing failed*" [regress 0 $plan --directory $::work --rerun-failed] "rerun of nothing"
    expect "*no job matches*" [regress 2 $plan --directory $::work --only nothing*] "selection of nothing"
}

proc seeds_in {text} {
    return [lsort [lmap {all seed} [regexp -all -inline {good/seed=(\d+)} $text] {set seed}]]
}

proc test_seeds {} {
    set plan $::directory/mixed.tcl
    set first [seeds_in [regress 0 $plan --directory $::work --only good* --reseed 3 --seed 9]]
    harness::check [expr {[llength $first] == 3 && [seeds_in [regress 0 $plan --directory $::work --only good* --reseed 3 --seed 9]] eq $first}] "derived seeds do not repeat: $first"
    harness::check [expr {[seeds_in [regress 0 $plan --directory $::work --only good* --reseed 3 --seed 10]] ne $first}] "another --seed gives the same seeds"
}

# A job of the regression asks: what runs, what waits for whom; after the end nothing is left.
proc test_status {} {
    set program [file normalize $harness::build/assay]
    set plan [write_plan status.tcl [format {
        command asks {sh -c {sleep 1.2; %1$s status > %2$s/status.txt}} {resources port:1}
        command waits {true} {resources port:1}
    } $program $::directory]]
    set ::env(TMPDIR) $::directory
    regress 0 $plan --directory $::work -j 2
    expect "* regress *status.tcl run *: 0 of 2 done, 0 failed, 1 running, 1 queued*\n  asks*\n  waits*port:1 is busy: task 1 asks*" [text_of $::directory/status.txt] "status of a regression"
    lassign [harness::assay status] status output
    harness::check [expr {$status == 0 && [string match "no simulation runs*" $output]}] "a regression that has ended is still shown: $output"
    unset ::env(TMPDIR)
}

# A command's name is no file's: nothing is cut off.
proc test_names {} {
    expect "*pass  a.b/seed=1*pass  a.c/seed=1*" [regress 0 [write_plan names.tcl "command a.b true\ncommand a.c true"] --directory $::directory/names -j 1] "names with a dot"
}

# Many workers that end at every moment of the runner.
proc test_many {} {
    set plan [write_plan many.tcl "command quick true {seeds {[join [lmap n [lrepeat 400 x] {incr i}] { }]}}"]
    expect "*400 passed, 0 failed*" [regress 0 $plan --directory $::work -j 8 --quiet] "400 workers"
}

# The job that waits says for which task; the two never overlap.
proc test_resources {} {
    set plan [write_plan resources.tcl [format {
        command first {sh -c {mkdir %1$s/lock && sleep 1 && rmdir %1$s/lock}} {resources wave:a}
        command second {sh -c {mkdir %1$s/lock && rmdir %1$s/lock}} {resources {port:1 wave:a}}
        command free {sh -c {while ! test -d %1$s/lock; do sleep 0.02; done}}
    } $::directory]]
    set text [regress 0 $plan --directory $::work -j 3]
    expect "*wait  second/seed=1  wave:a is busy: task 1 first * %*" $text "who waits for whom"
    expect "*pass  free*pass  first*pass  second*" $text "order of ends"
}

# The build comes first; without it nothing runs.
proc test_build {} {
    set plan [write_plan build.tcl "build no-such-target-[pid]\ncommand after {true}"]
    expect "*fail  build*the build failed*" [regress 1 $plan --directory $::work] "broken build"
}

proc test_timeout {} {
    set scenario [write_plan endless.tcl "source testbench/system/first_io_parts.tcl\nfirst_io::build_board\nboard run 1000000000000"]
    set plan [write_plan timeout.tcl "timeout 3000000\nscenario $scenario {backends {{see model bau model}} harts fast}"]
    expect "*timeout: the run has not ended by cycle #*" [regress 1 $plan --directory $::work] "timeout in simulated cycles"
    set plan [write_plan stall.tcl "stall 1\ncommand sleeper {sleep 60}"]
    set started [clock seconds]
    expect "*no progress for 1 seconds*" [regress 1 $plan --directory $::work] "worker without progress"
    harness::check [expr {[clock seconds] - $started < 20}] "the stalled worker was not given up"
}

proc refused {what pattern args} {
    set text [string trim [regress 2 {*}$args]]
    harness::check [expr {[llength [split $text \n]] == 1 && [string match $pattern $text]}] "$what: says \"$text\", expected one line like \"$pattern\""
}

proc test_bad_input {} {
    set good [write_plan good.tcl {command a true}]
    set fresh $::directory/fresh
    refused "no plan" "*a plan is missing*"
    refused "unknown option" "*\"--fast\"*" $good --fast
    refused "option without value" "*missing after \"--seed\"*" $good --seed
    refused "bad number" "*-j takes a number*\"none\"*" $good -j none
    refused "unknown backend" "*\"cloud\"*" $good --backend cloud
    refused "plan that is not there" "*no/such.tcl: cannot be read*" no/such.tcl
    refused "plan with an unknown command" "*broken.tcl:2: *\"comand\"*" [write_plan broken.tcl "\ncomand a true"] --directory $fresh
    refused "plan with an unknown key" "*key.tcl:1: *unknown key \"seed\"*" [write_plan key.tcl "command a true {seed 1}"] --directory $fresh
    refused "plan with a scenario that is not there" "*none.tcl: cannot be read*" [write_plan gone.tcl "scenario none.tcl"] --directory $fresh
    refused "plan with two jobs of one name" "*two jobs are called \"a/seed=1\"*" [write_plan twice.tcl "command a true\ncommand a true"] --directory $fresh
    refused "plan without jobs" "*names no job*" [write_plan empty.tcl "plan empty"] --directory $fresh
    refused "plan without an end" "*endless_plan.tcl: is not read to its end within 5 seconds*" [write_plan endless_plan.tcl "while 1 {}"] --directory $fresh
    refused "plan that wants files" "*invalid command name \"open\"*" [write_plan open.tcl "open /etc/passwd"] --directory $fresh
    harness::check [expr {![file exists $fresh]}] "a refused plan left a directory"
    refused "directory that cannot be" "*good.tcl/x: cannot be written*" $good --directory $good/x
    file mkdir $::directory/corrupt
    set channel [open $::directory/corrupt/history.db w]
    puts $channel [string repeat "this is not a database " 100]
    close $channel
    refused "corrupt history" "*corrupt/history.db*move it away*" $good --directory $::directory/corrupt
    harness::check [string match "this is not*" [text_of $::directory/corrupt/history.db]] "the corrupt history was overwritten"
    refused "nothing to resume" "*no run of it was interrupted*" $good --directory $::work --resume
    set path $::env(PATH)
    set ::env(PATH) $::directory
    refused "slurm that is not there" "*srun is missing*" $good --directory $::work --backend slurm
    set ::env(PATH) $path
    expect "*the worker did not start: no-such-program*" [regress 1 [write_plan worker.tcl {command a no-such-program}] --directory $::work] "worker that is not there"
}

# A limit on the size of files stands for a full disk: one line, status 2, and the run goes on when there is room.
proc test_full_disk {} {
    set plan [write_plan full.tcl "command quick true {seeds {[join [lmap n [lrepeat 300 x] {incr i}] { }]}}"]
    set work $::directory/full
    set command [list $harness::build/assay regress $plan --directory $work -j 2 --quiet]
    set failed [catch {exec bash -c {trap "" XFSZ; ulimit -f 400; exec "$@"} full {*}$command 2>@1} text options]
    harness::check [expr {$failed && [lindex [dict get $options -errorcode] 2] == 2}] "a full disk ends with [dict get $options -errorcode]: $text"
    harness::check [expr {[llength [split $text \n]] == 3 && [string match "run 1: *\nassay regress: directory $work: *make room*--resume*" $text]}] "a full disk says: $text"
    set text [regress 0 $plan --directory $work -j 2 --quiet --resume]
    expect "*300 passed, 0 failed*" $text "the run after a full disk"
    harness::check [expr {[regexp {run 1: (\d+) jobs} $text -> count] && $count > 0 && $count < 300}] "what had its result was not kept: $text"
}

foreach test {test_full_disk test_names test_results test_selection test_seeds test_status test_many test_resources test_build test_timeout test_bad_input} {
    $test
}
finish
