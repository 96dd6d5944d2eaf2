# What the tests of `assay regress` share: plans written on the spot, runs in a directory of their own.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/test-results/regress.[pid]
set here [file dirname [file normalize [info script]]]
file delete -force $directory
file mkdir $directory
set ::env(ASSAY_BUILD) $harness::build

proc write_plan {name text} {
    set channel [open $::directory/$name w]
    puts $channel $text
    close $channel
    return $::directory/$name
}

# Runs assay regress; checks the status; returns both outputs.
proc regress {expected args} {
    lassign [harness::assay regress {*}$args] status output errors
    harness::check [expr {$status == $expected}] "regress $args: status $status, not $expected: $output $errors"
    return $output\n$errors
}

proc expect {pattern text what} {
    harness::check [string match $pattern $text] "$what: expected \"$pattern\" in: $text"
}

# Starts assay regress and leaves it alone. -> process id; what it says is in FILE
proc launch {file args} {
    return [exec $harness::build/assay regress {*}$args >& $file < /dev/null &]
}

proc text_of {file} {
    set channel [open $file]
    set text [read $channel]
    close $channel
    return $text
}

proc await {what script {seconds 30}} {
    for {set i 0} {$i < $seconds * 20} {incr i} {
        if {[uplevel 1 [list expr $script]]} {
            return
        }
        after 50
    }
    harness::check 0 "$what did not happen in $seconds s"
}

proc finish {} {
    file delete -force $::directory
    harness::finish
}
