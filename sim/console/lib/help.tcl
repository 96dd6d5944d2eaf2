# help ?COMMAND?: the console's commands, from the comments of this library; a subcommand without a comment shows its arguments.

# -> dict: "command subcommand" -> list of usage lines
proc assay::usage_lines {} {
    variable library
    set lines [dict create]
    foreach script $library {
        foreach line [lrange [split $script \n] 1 end] { ;# the first line says what the file is
            if {[regexp {^# ((\w+) (\w+).*)$} $line -> text command subcommand] && $subcommand in [subcommands $command]} {
                dict lappend lines "$command $subcommand" $text
            }
        }
    }
    return $lines
}

proc assay::subcommands {command} {
    if {![namespace ensemble exists ::$command]} {
        return ""
    }
    set map [namespace ensemble configure ::$command -map]
    return [expr {[dict size $map] ? [dict keys $map] : [namespace eval ::$command {namespace export}]}]
}

proc assay::argument_names {procedure} {
    if {[info procs $procedure] eq ""} {
        return ""
    }
    return [lmap name [info args $procedure] {expr {[info default $procedure $name _] ? "?$name?" : $name}}]
}

proc help {{about ""}} {
    set lines [assay::usage_lines]
    set commands [lsort [lmap space [namespace children ::] {namespace tail $space}]]
    set found 0
    foreach command $commands {
        if {$about ne "" && $command ne $about} {
            continue
        }
        foreach subcommand [lsort [assay::subcommands $command]] {
            set found 1
            set key "$command $subcommand"
            puts [join [expr {[dict exists $lines $key] ? [dict get $lines $key] : [list [string trim "$key [assay::argument_names ::${command}::$subcommand]"]]}] \n]
        }
    }
    if {!$found} {
        assay::bad_input "help: there is no command \"$about\""
    }
}
