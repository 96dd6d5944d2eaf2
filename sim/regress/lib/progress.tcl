# What people see while a regression runs: one line for each job that ended or waits, and the state of the whole with an estimate.

namespace eval progress {
    variable total 0 done 0 failed 0
    variable started 0
    variable expected [dict create] ;# job number -> milliseconds; what is left is their sum over the workers
    variable terminal 0
    variable shown 0
    variable last_heartbeat 0
}

proc progress::begin {name count quiet_flag} {
    variable title $name
    variable total $count done 0 failed 0
    variable started [clock milliseconds]
    variable last_heartbeat $started
    variable expected [dict create]
    variable quiet $quiet_flag
    variable terminal [expr {![catch {exec test -t 1 >@stdout}]}]
}

proc progress::expect {job milliseconds} { variable expected; dict set expected $job $milliseconds }

proc progress::clear {} {
    variable shown
    if {$shown} {
        puts -nonewline "\r\033\[K"
        set shown 0
    }
}

proc progress::line {text} {
    clear
    puts $text
    flush stdout
}

proc progress::ended {job name status seconds text} {
    variable total
    variable done
    variable failed
    variable expected
    variable quiet
    incr done
    incr failed [expr {$status ni {pass skip}}]
    dict unset expected $job
    if {!$quiet || $status ni {pass skip}} {
        set width [string length $total]
        line [format "\[%*d/%d\] %-5s %s  %.1f s%s" $width $done $total $status $name $seconds [expr {$text eq "" ? "" : "  $text"}]]
    }
}

proc progress::duration {seconds} {
    set seconds [expr {int($seconds)}]
    if {$seconds < 3600} {
        return [format %d:%02d [expr {$seconds / 60}] [expr {$seconds % 60}]]
    }
    return [format %d:%02d:%02d [expr {$seconds / 3600}] [expr {$seconds / 60 % 60}] [expr {$seconds % 60}]]
}

# Seconds left: what the history says of the jobs left, or, of those it does not know, what one took on average so far.
proc progress::estimate {workers} {
    variable expected
    variable done
    variable started
    set elapsed [expr {[clock milliseconds] - $started}]
    if {$done == 0 && [tcl::mathop::+ 0 {*}[dict values $expected]] == 0} {
        return ""
    }
    set average [expr {$done ? double($elapsed) * $workers / $done : 0}]
    set left 0
    dict for {job milliseconds} $expected {
        set left [expr {$left + ($milliseconds ? $milliseconds : $average)}]
    }
    return [expr {$left / $workers / 1000.0}]
}

# `running`: list of descriptions. `waiting`: of those that wait for a resource. For `assay status`, and on a terminal one line that is rewritten; otherwise a line a minute.
proc progress::show {running waiting queued workers} {
    variable title
    variable total
    variable done
    variable failed
    variable terminal
    variable shown
    variable started
    variable last_heartbeat
    set estimate [estimate $workers]
    set text [format "%d of %d done, %d failed, %d running, %d queued, %s%s" $done $total $failed [llength $running] $queued \
        [duration [expr {([clock milliseconds] - $started) / 1000}]] [expr {$estimate eq "" ? "" : ", about [duration $estimate] left"}]]
    regress::publish "$title: $text[join [lmap job [concat $running $waiting] {string cat "\n  " $job}] {}]\n"
    if {$terminal} {
        puts -nonewline "\r\033\[K[string range "$text: [join $running {; }]" 0 150]"
        set shown 1
        flush stdout
    } elseif {[clock milliseconds] - $last_heartbeat >= 60000} {
        set last_heartbeat [clock milliseconds]
        line "$text: [join $running {; }]"
    }
}
