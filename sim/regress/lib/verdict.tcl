# What an ended worker's exit and output mean: status (pass, fail, error, skip, lost), signature, message, figures.

namespace eval verdict {
    variable signals {1 SIGHUP 2 SIGINT 4 SIGILL 6 SIGABRT 7 SIGBUS 8 SIGFPE 9 SIGKILL 11 SIGSEGV 13 SIGPIPE 15 SIGTERM}
}

# A signature is a message without what differs between two runs with the same cause.
proc verdict::signature {text} {
    regsub -all {(/[\w.+-]+)+/} $text "" text
    regsub -all {0x[0-9a-fA-F]+} $text "#" text
    regsub -all {\m[0-9a-f]{16}\M} $text "#" text
    regsub -all {\m\d[\d ,.]*} $text "# " text
    return [string range [string trim [regsub -all {\s+} $text " "]] 0 199]
}

proc verdict::report_value {file key} {
    if {[catch {regress::read_file $file} text] || ![regexp "\n  \"$key\": \"?(\[^\",\n\]*)" $text -> value]} {
        return ""
    }
    return $value
}

# The first failure of a GoogleTest report: {test message}
proc verdict::unit_failure {xml} {
    if {[catch {regress::read_file $xml} text] || ![regexp {<testcase name="([^"]*)"[^>]*classname="([^"]*)"[^>]*>\s*<failure message="([^"]*)"} $text -> name class message]} {
        return ""
    }
    set message [string map {&#x0A; " " &quot; \" &lt; < &gt; > &amp; & &apos; '} $message]
    regsub {^\S+:\d+ (Failed )?} $message "" message
    return [list $class.$name $message]
}

# The line that says most about a failure.
proc verdict::message_of {kind directory how} {
    lassign $how what number
    if {$kind eq "unit"} {
        set failure [unit_failure $directory/result.xml]
        if {$failure ne ""} {
            return [join $failure ": "]
        }
    }
    if {$kind eq "scenario" && [set reason [report_value $directory/report.json reason]] ne ""} {
        return $reason
    }
    set line [worker::last_line $directory/log]
    if {$what eq "signal"} {
        variable signals
        return "ended by [expr {[dict exists $signals $number] ? [dict get $signals $number] : "signal $number"}][expr {$line eq "" ? "" : ": $line"}]"
    }
    foreach candidate [lreverse [split [worker::log_text $directory/log] \n]] {
        if {[regexp {^(assay: |FAIL|lockstep: |.*[Ee]rror: )} $candidate]} {
            return [string trim $candidate]
        }
    }
    return [expr {$line eq "" ? "status $number" : $line}]
}

# A worker that somebody killed did not fail: its machine, its user or the memory ran out.
proc verdict::status_of {kind how} {
    lassign $how what number
    if {$what eq "signal"} {
        return [expr {$number in {1 2 9 15} ? "lost" : "fail"}]
    }
    switch $number {
        0 { return pass }
        77 { return [expr {$kind eq "script" ? "skip" : "fail"}] }
        2 - 3 { return [expr {$kind eq "scenario" ? "error" : "fail"}] }
        137 - 143 { return lost }
        default { return fail }
    }
}

# -> dict status signature message cycles rate
proc verdict::of {kind directory how} {
    set status [status_of $kind $how]
    set result [dict create status $status signature "" message "" cycles 0 rate 0]
    if {$kind eq "scenario" && [file exists $directory/report.json]} {
        foreach {key name} {cycles cycles rate cycles_per_s} {
            set value [report_value $directory/report.json $name]
            dict set result $key [expr {[string is wideinteger -strict $value] ? $value : 0}]
        }
    }
    if {$status eq "skip"} {
        dict set result message [worker::last_line $directory/log]
    } elseif {$status ne "pass"} {
        set message [message_of $kind $directory $how]
        dict set result message $message
        dict set result signature [signature $message]
    }
    return $result
}
