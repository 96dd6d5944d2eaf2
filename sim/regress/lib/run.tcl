# One regression from its beginning, or from where it was interrupted, to its reports.

namespace eval regress {
    variable job_results {status signature message wall_ms cycles rate reproduce directory}
}

proc regress::make_directory {directory} {
    if {[catch {file mkdir $directory/jobs}] || ![file writable $directory]} {
        refuse "directory $directory: cannot be written"
    }
}

# Nobody else may use the directory: its jobs' files would mix.
proc regress::refuse_second {plan} {
    foreach {id pid} [::db eval {SELECT id, pid FROM run WHERE finished IS NULL}] {
        if {$pid != [pid] && ![catch {read_file /proc/$pid/cmdline} line] && [string match *regress* $line]} {
            refuse "busy: run $id of process $pid uses [dict get $regress::options directory]"
        }
    }
}

proc regress::select_jobs {jobs options} {
    set pattern [dict get $options only]
    set selected [dict filter $jobs key $pattern]
    if {[dict size $selected] == 0} {
        refuse "no job matches \"$pattern\""
    }
    if {[dict get $options rerun_failed]} {
        set failed [history::failed_jobs [dict get $options plan]]
        set selected [dict filter $selected script {name spec} {expr {$name in $failed}}]
    }
    return $selected
}

proc regress::start_run {options all} {
    variable run
    variable settings
    set selected [select_jobs $all $options]
    if {[dict size $selected] == 0} {
        return 0
    }
    if {[llength [dict get $settings build_targets]]} {
        set spec [dict create name build kind build argv [list make -s B=[dict get $options build] {*}[dict get $settings build_targets]] seed 0 timeout 0 \
            resources [list build:[dict get $options build]]]
        set selected [dict merge [dict create build $spec] $selected]
    }
    set run [history::begin [dict get $options plan] $settings [dict get $options directory] [dict get $options seed] $selected]
    return [dict size $selected]
}

# Resources get their numbers in the order of the jobs, so that a journal's mean the same after a restart.
proc regress::load_jobs {} {
    variable run
    variable jobs [dict create]
    variable options
    ::db eval {SELECT id, spec FROM job WHERE run = $run ORDER BY id} row {
        dict set jobs $row(id) $row(spec)
        dict set jobs $row(id) directory [dict get $options directory]/jobs/$run.$row(id)
        foreach name [dict get $row(spec) resources] {
            resource $name
        }
    }
}

# Where the journal left off: orphans are settled once, what has no live task and no result is accepted anew.
proc regress::recover {} {
    variable run
    set orphans [::db eval {SELECT journal FROM task WHERE run = $run AND state < 4 ORDER BY number}]
    set last [::db onecolumn {SELECT coalesce(max(number), 0) FROM task WHERE run = $run}]
    ::db transaction {
        tasks::recover $orphans $last
        set pid [pid]
        ::db eval {UPDATE run SET pid = $pid WHERE id = $run}
    }
    give_up_lost
    return [llength $orphans]
}

# Jobs whose last attempt was lost too.
proc regress::give_up_lost {} {
    variable run
    foreach key [::db eval {SELECT id FROM job WHERE run = $run AND status IS NULL AND id IN (SELECT job FROM task WHERE run = $run GROUP BY job
            HAVING max(number) = max(CASE WHEN state = 7 OR (state = 3 AND journal LIKE '%end 7%') THEN number ELSE 0 END))}] {
        ::db eval {UPDATE job SET status = 'fail', signature = 'lost', message = 'its workers died at each attempt', wall_ms = 0 WHERE run = $run AND id = $key}
    }
}

proc regress::open_keys {} {
    variable run
    return [::db eval {SELECT id FROM job WHERE run = $run AND status IS NULL AND id NOT IN (SELECT job FROM task WHERE run = $run AND state < 4 AND journal NOT LIKE '%end 7%') ORDER BY id}]
}

# A build comes first; the others are accepted when it has passed (runner.tcl, record).
proc regress::accept_open {} {
    variable jobs
    set keys [open_keys]
    foreach key $keys {
        progress::expect $key [lindex [history::expected [dict get $jobs $key name]] 0]
    }
    if {[llength $keys] && [dict get $jobs [lindex $keys 0] kind] eq "build"} {
        set keys [lrange $keys 0 0]
    }
    ::db transaction {
        foreach key $keys {
            accept $key
        }
    }
}

proc regress::build_ended {status} {
    variable run
    if {$status eq "pass"} {
        accept_open
    } else {
        ::db eval {UPDATE job SET status = 'error', signature = 'the build failed', message = 'the build failed', wall_ms = 0, reproduce = '' WHERE run = $run AND status IS NULL}
    }
}

proc regress::loop {} {
    variable finished
    variable broken
    tasks::dispatch
    finish_when_done
    tick
    while {!$finished} {
        vwait ::regress::finished
    }
    after cancel regress::tick
    progress::clear
    # What was cancelled or failed last gives back what it has.
    for {set i 0} {$i < 100 && [llength [unsettled]]} {incr i} {
        tasks::dispatch
        after 10
        update
    }
    if {$broken ne ""} {
        error $broken
    }
}

proc regress::unsettled {} {
    variable run
    return [::db eval {SELECT number FROM task WHERE run = $run AND state < 4}]
}

proc regress::counts {} {
    variable run
    set counts [dict create pass 0 fail 0 error 0 skip 0]
    ::db eval {SELECT status, count(*) AS n FROM job WHERE run = $run AND status IS NOT NULL GROUP BY status} row {
        dict set counts $row(status) $row(n)
    }
    return $counts
}

proc regress::close_run {} {
    variable run
    variable interrupted
    variable options
    set counts [counts]
    set open [::db onecolumn {SELECT count(*) FROM job WHERE run = $run AND status IS NULL}]
    if {$interrupted} {
        puts "interrupted: $open jobs have no result yet; go on with: assay regress [dict get $options plan] --resume[expr {
            [dict get $options directory] eq "[dict get $options build]/regress" ? "" : " --directory [dict get $options directory]"}]"
        return 1
    }
    history::finish $run
    set files [report::write_all $run [dict get $options directory]]
    report::print_buckets $run
    puts "reports: [join $files {, }]"
    puts "[dict get $counts pass] passed, [expr {[dict get $counts fail] + [dict get $counts error]}] failed[expr {[dict get $counts skip] ? ", [dict get $counts skip] skipped" : ""}]"
    return [expr {[dict get $counts fail] + [dict get $counts error] > 0}]
}

proc regress::resume_run {options} {
    variable run [history::unfinished [dict get $options plan]]
    variable settings
    if {$run eq ""} {
        refuse "plan [dict get $options plan]: no run of it was interrupted in [dict get $options directory]"
    }
    set settings [::db onecolumn {SELECT settings FROM run WHERE id = $run}]
    return [::db onecolumn {SELECT count(*) FROM job WHERE run = $run AND status IS NULL}]
}

proc regress::run_main {options} {
    variable run
    variable settings
    worker::prepare [dict get $options backend]
    if {![dict get $options resume]} {
        lassign [plan::load [dict get $options plan] $options] settings all
    }
    make_directory [dict get $options directory]
    history::open [dict get $options directory]/history.db
    refuse_second [dict get $options plan]
    set count [expr {[dict get $options resume] ? [resume_run $options] : [start_run $options $all]}]
    if {$count == 0 && ![dict get $options resume]} {
        puts "nothing failed in the last run of [dict get $options plan]"
        return 0
    }
    load_jobs
    progress::begin "regress [dict get $options plan] run $run" $count [dict get $options quiet]
    tasks::init [expr {4 * [dict size $regress::jobs] + 16}] [dict get $options jobs]
    set orphans [expr {[dict get $options resume] ? [recover] : 0}]
    progress::line "run $run: $count jobs, [dict get $options jobs] workers ([dict get $options backend])[expr {[dict get $options resume] ? ", resumed, $orphans were running or queued" : ""}]"
    accept_open
    loop
    return [close_run]
}

# What SQLite and Tcl say when the disk takes nothing more, or "".
proc regress::no_room {message} {
    regexp -nocase {(database or )?disk is full|disk I/O error|no space left[^\n]*|[^\n]*quota exceeded|read-only file system|readonly database} $message match
    return [expr {[info exists match] ? $match : ""}]
}

# A disk that is full in the middle is nobody's error: the workers end, and what has a result keeps it.
proc regress::run_with_room {options} {
    variable task_of_pid
    try {
        return [run_main $options]
    } on error {message details} {
        if {[set reason [no_room $message]] eq ""} {
            return -options $details $message
        }
        dict for {pid task} $task_of_pid {
            spawn::signal $pid 9
        }
        refuse "directory [dict get $options directory]: $reason; make room, then go on with --resume (or begin again if no job had started)"
    }
}
