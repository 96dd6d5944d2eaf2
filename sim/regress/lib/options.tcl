# assay regress: usage, options, and what all parts share.

namespace eval regress {
    variable usage {usage: assay regress PLAN [options]      run a plan
       assay regress --testplan [FILE]   requirements, their tests and results
       assay regress --signoff [options] the sign-off figures
options:
  -j N                   workers (default: processors)
  --seed S               seed of derived seeds (default 1)
  --reseed K             K derived seeds for each job instead of the plan's
  --only PATTERN         jobs whose name matches (glob)
  --rerun-failed         jobs that did not pass in the last finished run of this plan
  --resume               go on with the last run of this plan that did not finish
  --backend local|slurm  where workers run (default local)
  --directory DIR        work, reports and history (default BUILD/regress)
  --build DIR            the build directory (default $ASSAY_BUILD or build)
  --quiet                only failures and the summary
exit status: 0 all passed, 1 something failed or the run was interrupted, 2 bad usage or input, 3 internal error}
    variable options
    variable version 1
}

# One line that says what and where; exit status 2.
proc regress::refuse {text} {
    return -code error -errorcode BAD_INPUT $text
}

proc regress::processors {} {
    if {[catch {exec nproc} count]} {
        return 1
    }
    return $count
}

proc regress::default_options {} {
    set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
    return [dict create plan "" jobs [processors] seed 1 reseed 0 only * rerun_failed 0 resume 0 backend local directory "" build $build quiet 0 testplan 0 signoff 0]
}

proc regress::number {name value least} {
    if {![string is wideinteger -strict $value] || $value < $least} {
        refuse "$name takes a number of at least $least, not \"$value\""
    }
    return [expr {$value + 0}]
}

proc regress::parse {argv} {
    set options [default_options]
    set with_value {-j jobs --seed seed --reseed reseed --only only --backend backend --directory directory --build build}
    set flags {--rerun-failed rerun_failed --resume resume --quiet quiet --testplan testplan --signoff signoff}
    while {[llength $argv]} {
        set argv [lassign $argv word]
        if {[regexp {^-j(.+)$} $word -> value]} {
            set argv [linsert $argv 0 $value]
            set word -j
        }
        if {$word eq "--help"} {
            dict set options help 1
        } elseif {[dict exists $flags $word]} {
            dict set options [dict get $flags $word] 1
        } elseif {[dict exists $with_value $word]} {
            if {![llength $argv]} {
                refuse "a value is missing after \"$word\""
            }
            set argv [lassign $argv value]
            dict set options [dict get $with_value $word] $value
        } elseif {[string match -* $word]} {
            refuse "unknown option \"$word\"; see assay regress --help"
        } elseif {[dict get $options plan] ne ""} {
            refuse "one plan at a time; what is \"$word\""
        } else {
            dict set options plan $word
        }
    }
    foreach {name key least} {-j jobs 1 --seed seed 0 --reseed reseed 0} {
        dict set options $key [number $name [dict get $options $key] $least]
    }
    if {[dict get $options backend] ni {local slurm}} {
        refuse "--backend takes local or slurm, not \"[dict get $options backend]\""
    }
    if {[dict get $options directory] eq ""} {
        dict set options directory [dict get $options build]/regress
    }
    return $options
}

proc regress::read_file {path} {
    set channel [open $path]
    try {
        fconfigure $channel -encoding utf-8
        return [read $channel]
    } finally {
        close $channel
    }
}

# Writes a file whole or not at all.
proc regress::write_file {path text} {
    set channel [open $path.new w]
    try {
        fconfigure $channel -encoding utf-8
        puts -nonewline $channel $text
    } finally {
        close $channel
    }
    file rename -force $path.new $path
}

proc regress::main {args} {
    variable options [parse $args]
    variable usage
    if {[dict exists $options help]} {
        puts $usage
        return 0
    }
    if {[dict get $options testplan]} {
        return [testplan_main $options]
    }
    if {[dict get $options signoff]} {
        return [signoff_main $options]
    }
    if {[dict get $options plan] eq ""} {
        refuse "a plan is missing; see assay regress --help"
    }
    return [run_with_room $options]
}
