# The runner: jobs become tasks (sim/regress/task.h), tasks start workers, workers' ends become results in the history.
#
#   run_main -> new_run or resumed_run -> accept_all -> event loop: reap (a worker ended), tick (progress, stalls, what waits)
#   called by the task manager: task_journal (before everything), task_start, task_undo

namespace eval regress {
    variable run
    variable settings
    variable jobs [dict create]      ;# job number -> spec of the plan, with directory
    variable task_of_pid [dict create]
    variable job_of_task [dict create]
    variable begun [dict create]     ;# task -> milliseconds
    variable seen [dict create]      ;# task -> {cycle milliseconds of its last change}
    variable resource_numbers [dict create]
    variable waiting_said [dict create]
    variable interrupted 0
    variable finished 0
    variable broken ""
}

# Resources are numbers to the task manager.
proc regress::resource {name} {
    variable resource_numbers
    if {![dict exists $resource_numbers $name]} {
        dict set resource_numbers $name [expr {[dict size $resource_numbers] + 1}]
    }
    return [dict get $resource_numbers $name]
}

# --- called by the task manager

proc regress::task_journal {task} {
    variable run
    variable job_of_task
    dict with task {}
    dict set job_of_task $number $key
    ::db eval {INSERT OR REPLACE INTO task(run, number, job, state, progress, journal) VALUES($run, $number, $key, $state, $progress, $task)}
}

proc regress::task_start {number key} {
    variable jobs
    variable task_of_pid
    variable begun
    variable seen
    set job [dict get $jobs $key]
    set directory [dict get $job directory]
    dict set begun $number [clock milliseconds]
    dict set seen $number [list -1 [clock milliseconds]]
    if {[catch {
        file delete -force $directory
        worker::start [argv_of $job] [list ASSAY_SEED=[dict get $job seed] ASSAY_JOB=[file normalize $directory]] $directory
    } pid]} {
        after 0 [list regress::ended $number [dict create status error signature "the worker did not start" message "the worker did not start: $pid" cycles 0 rate 0]]
        return
    }
    dict set task_of_pid $pid $number
    tasks::worker $number $pid
}

# What a lost or cancelled task leaves is its worker.
proc regress::task_undo {number key pid} {
    variable jobs
    if {$pid > 1 && [worker::is_alive $pid [dict get $jobs $key directory]]} {
        spawn::signal $pid 9
    }
    after 0 [list tasks::undone $number]
    after 0 tasks::dispatch
}

# --- jobs

proc regress::argv_of {job} {
    set argv [dict get $job argv]
    set directory [dict get $job directory]
    variable settings
    switch [dict get $job kind] {
        scenario {
            set window [dict get $settings window]
            lappend argv --seed [dict get $job seed] --set build=[dict get $settings build] --set directory=$directory --report $directory/report.json \
                --max-cycles [dict get $job timeout] --progress $directory/progress
            if {$window} {
                lappend argv --failure-window $window --failure-files $directory/failure
            }
        }
        unit {
            lappend argv --gtest_output=xml:$directory/result.xml
        }
    }
    return $argv
}

proc regress::quoted {words} {
    return [join [lmap word $words {expr {[regexp {^[\w./=:,@%+-]+$} $word] ? $word : "'[string map {' '\\''} $word]'"}}] " "]
}

# The line that repeats one job by hand.
proc regress::reproduction {job} {
    variable settings
    set argv [dict get $job argv]
    if {[dict get $job kind] eq "scenario"} {
        return [quoted [concat $argv --seed [dict get $job seed] --set build=[dict get $settings build]]]
    }
    return "ASSAY_SEED=[dict get $job seed] [expr {[dict get $job kind] eq "script" ? "ASSAY_BUILD=[dict get $settings build] " : ""}][quoted $argv]"
}

proc regress::accept {key} {
    variable jobs
    set job [dict get $jobs $key]
    lassign [tasks::accept [string range [lindex [split [dict get $job name] /] 0] 0 38] $key [lmap name [dict get $job resources] {resource $name}] fifo 0] status number
    if {$status ne "ok"} {
        error "the task manager refused job $key: $status"
    }
}

# --- ends

proc regress::reap {} {
    variable task_of_pid
    variable jobs
    variable job_of_task
    foreach {pid what number} [spawn::reap] {
        if {![dict exists $task_of_pid $pid]} {
            continue
        }
        set task [dict get $task_of_pid $pid]
        dict unset task_of_pid $pid
        set job [dict get $jobs [dict get $job_of_task $task]]
        ended $task [verdict::of [dict get $job kind] [dict get $job directory] [list $what $number]] $pid
    }
    tasks::dispatch
    finish_when_done
}

proc regress::ended {task result {pid 0}} {
    variable interrupted
    if {$interrupted || [tasks::state $task] ne "running"} {
        return
    }
    if {[dict get $result status] eq "lost"} {
        tasks::worker_died $pid
        lassign [tasks::repeat $task] status number
        if {$status eq "ok"} {
            repeat_lost $task $number [dict get $result message]
            return
        }
        dict set result status fail
    }
    # The result and the end of its task exist together: a job that has a result is not repeated.
    ::db transaction {
        record $task $result
        if {[dict get $result status] in {pass skip}} {
            tasks::succeed $task
        } else {
            tasks::fail $task 1
        }
    }
    finish_when_done
}

proc regress::repeat_lost {task number message} {
    variable jobs
    variable job_of_task
    set key [dict get $job_of_task $task]
    progress::line "lost  [dict get $jobs $key name]  its worker died ($message); task $task is repeated as task $number"
    tasks::dispatch
}

proc regress::record {task result} {
    variable run
    variable jobs
    variable job_of_task
    variable begun
    set key [dict get $job_of_task $task]
    set job [dict get $jobs $key]
    set wall [expr {[clock milliseconds] - [dict get $begun $task]}]
    set reproduce [reproduction $job]
    set directory [dict get $job directory]
    dict with result {}
    ::db eval {UPDATE job SET status = $status, signature = $signature, message = $message, wall_ms = $wall, cycles = $cycles, rate = $rate,
        reproduce = $reproduce, directory = $directory WHERE run = $run AND id = $key}
    progress::ended $key [dict get $job name] $status [expr {$wall / 1000.0}] [string range $message 0 119]
    if {$status ni {pass skip}} {
        progress::line "      reproduce: $reproduce"
        foreach file [lsort [glob -nocomplain -directory $directory failure.fst]] {
            progress::line "      waves: $file"
        }
    }
    if {[dict get $job kind] eq "build"} {
        build_ended $status
    }
}

proc regress::finish_when_done {} {
    variable jobs
    variable run
    variable finished
    if {[::db onecolumn {SELECT count(*) FROM job WHERE run = $run AND status IS NULL}] == 0} {
        set finished 1
    }
}

# --- while it runs

proc regress::running_tasks {} {
    variable task_of_pid
    return [dict values $task_of_pid]
}

proc regress::poll_progress {task job} {
    variable seen
    variable settings
    lassign [dict get $seen $task] last since
    set file [dict get $job directory]/progress
    if {[catch {string trim [read_file $file]} cycle] || ![string is wideinteger -strict $cycle]} {
        set cycle [expr {[file exists [dict get $job directory]/log] ? [file size [dict get $job directory]/log] : 0}]
    } else {
        set expected [lindex [history::expected [dict get $job name]] 1]
        tasks::progress $task $cycle [expr {$expected ? $expected : [dict get $job timeout]}]
    }
    if {$cycle != $last} {
        dict set seen $task [list $cycle [clock milliseconds]]
    } elseif {[clock milliseconds] - $since > [dict get $settings stall] * 1000} {
        give_up $task $job
    }
}

proc regress::give_up {task job} {
    variable task_of_pid
    variable settings
    dict for {pid number} $task_of_pid {
        if {$number == $task} {
            dict unset task_of_pid $pid
            spawn::signal $pid 9
        }
    }
    ended $task [dict create status fail signature "no progress" message "no progress for [dict get $settings stall] seconds of wall time" cycles 0 rate 0]
    tasks::dispatch
}

# Says once which job waits for which task because of a resource. -> what waits now
proc regress::say_what_waits {} {
    set waiting {}
    variable jobs
    variable waiting_said
    variable job_of_task
    variable resource_numbers
    if {[dict size $resource_numbers] == 0} {
        return {}
    }
    dict for {task key} $job_of_task {
        if {[tasks::state $task] ne "queued"} {
            continue
        }
        foreach name [dict get $jobs $key resources] {
            set blocker [tasks::blocker [resource $name]]
            if {$blocker} {
                set text "[dict get $jobs $key name]  $name is busy: [tasks::describe $blocker]"
                lappend waiting $text
                if {![dict exists $waiting_said $task]} {
                    dict set waiting_said $task 1
                    progress::line "wait  $text"
                }
                break
            }
        }
    }
    return $waiting
}

proc regress::tick {} {
    reap
    variable jobs
    variable job_of_task
    variable options
    variable run
    foreach task [running_tasks] {
        poll_progress $task [dict get $jobs [dict get $job_of_task $task]]
    }
    tasks::dispatch
    set waiting [say_what_waits]
    set running [lmap task [running_tasks] {string cat [dict get $jobs [dict get $job_of_task $task] name] " " [lrange [tasks::describe $task] end-1 end]}]
    set queued [expr {[::db onecolumn {SELECT count(*) FROM job WHERE run = $run AND status IS NULL}] - [llength $running]}]
    progress::show $running $waiting $queued [dict get $options jobs]
    after 500 regress::tick
}

# Ctrl-C or SIGTERM: every task is cancelled, which ends the workers; their jobs have no result yet and are run by --resume.
proc regress::interrupt {} {
    variable interrupted 1
    variable finished 1
    variable job_of_task
    foreach task [dict keys $job_of_task] {
        tasks::cancel $task
    }
}

# The first error counts; what fails after it is its consequence.
proc bgerror {message} {
    variable ::regress::broken
    if {$broken eq ""} {
        set broken $::errorInfo
    }
    set ::regress::finished 1
}
