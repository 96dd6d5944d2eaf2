# The history: an SQLite file with every run, its jobs and the journal of its tasks. A run that was interrupted resumes from it.

namespace eval history {
    variable schema {
        CREATE TABLE IF NOT EXISTS run(id INTEGER PRIMARY KEY, plan TEXT, started INTEGER, finished INTEGER, seed INTEGER, revision TEXT, directory TEXT,
            pid INTEGER, settings TEXT);
        CREATE TABLE IF NOT EXISTS job(run INTEGER, id INTEGER, name TEXT, spec TEXT, status TEXT, signature TEXT, message TEXT, wall_ms INTEGER, cycles INTEGER,
            rate INTEGER, reproduce TEXT, directory TEXT, PRIMARY KEY(run, id));
        CREATE TABLE IF NOT EXISTS task(run INTEGER, number INTEGER, job INTEGER, state INTEGER, progress INTEGER, journal TEXT, PRIMARY KEY(run, number));
        CREATE INDEX IF NOT EXISTS job_name ON job(name);
        CREATE TABLE IF NOT EXISTS figure(run INTEGER, name TEXT, value REAL, PRIMARY KEY(run, name));
        PRAGMA user_version = 1;
    }
    variable path ""
}

proc history::open {file} {
    variable schema
    variable path $file
    if {[catch {package require sqlite3}]} {
        regress::refuse "Tcl's SQLite binding is missing (Debian's libsqlite3-tcl)"
    }
    try {
        sqlite3 ::db $file
        ::db timeout 10000
        set version [::db onecolumn {PRAGMA user_version}]
        if {$version ni {0 1}} {
            regress::refuse "history $file: has version $version, not 1"
        }
        if {[::db onecolumn {PRAGMA quick_check}] ne "ok"} {
            regress::refuse "history $file: is damaged; move it away to start a new one"
        }
        ::db eval {PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL}
        ::db eval $schema
    } trap BAD_INPUT {message} {
        return -code error -errorcode BAD_INPUT $message
    } on error {message} {
        if {[regress::no_room $message] ne ""} {
            error $message
        }
        regress::refuse "history $file: cannot be used ($message); move it away to start a new one"
    }
}

proc history::close {} {
    ::db close
}

proc history::revision {} {
    if {[catch {exec git rev-parse --short=12 HEAD 2>/dev/null} revision]} {
        return ""
    }
    return $revision
}

# Of the last run of PLAN that did not finish: its number, or "".
proc history::unfinished {plan} {
    return [::db onecolumn {SELECT max(id) FROM run WHERE plan = $plan AND finished IS NULL}]
}

proc history::new_run {plan settings directory seed} {
    set revision [revision]
    set started [clock seconds]
    set pid [pid]
    ::db eval {INSERT INTO run(plan, started, seed, revision, directory, pid, settings) VALUES($plan, $started, $seed, $revision, $directory, $pid, $settings)}
    return [::db last_insert_rowid]
}

# Jobs get numbers from 1 in the order of the plan. The run and its jobs exist together or not at all.
proc history::begin {plan settings directory seed jobs} {
    ::db transaction {
        set run [new_run $plan $settings $directory $seed]
        set id 0
        dict for {name spec} $jobs {
            incr id
            ::db eval {INSERT INTO job(run, id, name, spec) VALUES($run, $id, $name, $spec)}
        }
    }
    return $run
}

# Names of the jobs that did not pass in the last finished run of PLAN; "" if there is no such run.
proc history::failed_jobs {plan} {
    set run [::db onecolumn {SELECT max(id) FROM run WHERE plan = $plan AND finished IS NOT NULL}]
    if {$run eq ""} {
        return ""
    }
    return [::db eval {SELECT name FROM job WHERE run = $run AND status NOT IN ('pass', 'skip')}]
}

# -> {milliseconds cycles} that a job of this name took lately, or {0 0}
proc history::expected {name} {
    set row [::db eval {SELECT avg(wall_ms), max(cycles) FROM (SELECT wall_ms, cycles FROM job WHERE name = $name AND status = 'pass' ORDER BY run DESC LIMIT 5)}]
    return [lmap value $row {expr {$value eq "" ? 0 : int($value)}}]
}

proc history::finish {run} {
    set now [clock seconds]
    ::db eval {UPDATE run SET finished = $now WHERE id = $run}
}
