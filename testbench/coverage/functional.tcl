# Evaluates testbench/coverage/points.tcl over event logs.
#   functional::evaluate FILES -> list of {name what hit-bins all-bins {bin count ...}}

namespace eval functional {
    variable points [dict create]
    variable crosses [dict create]
    variable here [file dirname [file normalize [info script]]]
}

proc functional::load {} {
    variable here
    proc ::point {name what events expression bins} { dict set ::functional::points $name [list $what $events $expression $bins] }
    proc ::cross {name what first second {excluded {}}} { dict set ::functional::crosses $name [list $what $first $second $excluded] }
    uplevel #0 [list source $here/points.tcl]
}

# One proc that takes an event to the bins of all points it belongs to: {point bin ...}
proc functional::compile {} {
    variable points
    set body "set result {}\n"
    dict for {name point} $points {
        lassign $point what events expression bins
        append body "if {\[string match [list $events] \$event\]} { lappend result [list $name] \[expr {$expression}\] }\n"
    }
    proc ::functional::bins {event function id value} "${body}return \$result"
}

# `found`: the bins of one event. A cross's second point counts with the first point's bin of the same event or of the last one with this key.
proc functional::count_crosses {key found} {
    variable crosses
    variable recent
    variable counts
    dict for {cross spec} $crosses {
        lassign $spec what first second
        if {[dict exists $found $first]} {
            set recent($cross,$key) [dict get $found $first]
        }
        if {[dict exists $found $second] && [info exists recent($cross,$key)]} {
            incr counts($cross,$recent($cross,$key)\ [dict get $found $second])
        }
    }
}

proc functional::read_log {file} {
    variable recent
    variable counts
    array unset recent
    set channel [open $file]
    gets $channel
    while {[gets $channel line] >= 0} {
        lassign [split $line \t] cycle event function id value
        set found [bins $event $function $id $value]
        foreach {name bin} $found {
            incr counts($name,$bin)
        }
        count_crosses $function.$id $found
    }
    close $channel
}

proc functional::row {name what bins} {
    variable counts
    set hits [lmap bin $bins {expr {[info exists counts($name,$bin)] ? $counts($name,$bin) : 0}}]
    set shown {}
    foreach bin $bins count $hits {
        lappend shown $bin $count
    }
    return [list $name $what [llength [lsearch -all -not -exact $hits 0]] [llength $bins] $shown]
}

proc functional::evaluate {files} {
    variable points
    variable crosses
    variable counts
    array unset counts
    load
    compile
    foreach file $files {
        read_log $file
    }
    set rows {}
    dict for {name point} $points {
        lappend rows [row $name [lindex $point 0] [lindex $point 3]]
    }
    dict for {name cross} $crosses {
        lassign $cross what first second excluded
        set bins {}
        foreach a [lindex [dict get $points $first] 3] {
            foreach b [lindex [dict get $points $second] 3] {
                if {[list $a $b] ni $excluded} {
                    lappend bins "$a $b"
                }
            }
        }
        lappend rows [row $name $what $bins]
    }
    return $rows
}
