# Runs the tests on one mutant until one notices it.
# usage: tclsh8.6 kill.tcl RESULT NUMBER {CPU_SECONDS STAGE PROGRAM ARGUMENT...}...
# RESULT becomes one line: "killed", a tab, stage and the line that names the difference; or "survives". A mutant that needs more than
# CPU_SECONDS, three times what the build without a mutant needs, hangs what it is tested with: killed.

proc main {result number args} {
    set ::env(ASSAY_MUTANT) $number
    foreach stage $args {
        set command [lassign $stage seconds name]
        if {[catch {exec bash -c {ulimit -t "$0"; ulimit -c 0; exec "$@"} $seconds {*}$command < /dev/null 2>@1} output options]} {
            set code [dict get $options -errorcode]
            if {[lindex $code 0] ni {CHILDSTATUS CHILDKILLED}} {
                error $output
            }
            set what "failed: [lindex [split [string trim $output] \n] end-1]"
            regexp -line {lockstep: block.*} $output what
            if {"SIGXCPU" in $code} {
                set what "needs more than $seconds s"
            }
            write $result "killed\t$name: $what\n"
            return
        }
    }
    write $result "survives\t\n"
}

proc write {path text} {
    set channel [open $path w]
    puts -nonewline $channel $text
    close $channel
}

main {*}$argv
