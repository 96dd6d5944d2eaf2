# Reading coverage counters into one shape: dict from file to dict from line to {hit points total points}.

namespace eval counters {
    variable here [file dirname [file normalize [info script]]]
}

proc counters::read_text {path} {
    set channel [open $path]
    set text [read $channel]
    close $channel
    return $text
}

# One point more of a line.
proc counters::add {table file line hit} {
    upvar 1 $table counts
    lassign [expr {[dict exists $counts $file $line] ? [dict get $counts $file $line] : {0 0}}] hits total
    dict set counts $file $line [list [expr {$hits + ($hit > 0)}] [expr {$total + 1}]]
}

# Verilator's files: a line "C 'fields' count"; fields are separated by \1, name and value by \2. Points of instances of one module count together
# for lines; each bit of each instance counts for toggles. -> {lines toggles user}
proc counters::read_verilator {paths} {
    array set sums {}
    foreach path $paths {
        foreach line [split [read_text $path] \n] {
            if {![regexp {^C '(.*)' (\d+)$} $line -> key count]} {
                continue
            }
            array unset field
            foreach part [split [string trimleft $key \x01] \x01] {
                lassign [split $part \x02] name value
                set field($name) $value
            }
            if {![string match rtl/* $field(f)]} {
                continue
            }
            set kind [lindex [split $field(page) /] 0]
            set place [expr {$kind eq "v_toggle" ? "$field(o) [join [lrange [split $field(h) .] 2 end] .]" : "$field(n) $field(o)"}]
            set id [list $kind $field(f) $field(l) $place]
            set sums($id) [expr {[info exists sums($id)] ? $sums($id) + $count : $count}]
        }
    }
    array set tables {v_line {} v_branch {} v_toggle {} v_user {}}
    foreach id [lsort [array names sums]] {
        lassign $id kind file line
        add tables($kind) $file $line $sums($id)
    }
    return [list [merge $tables(v_line) $tables(v_branch)] $tables(v_toggle) $tables(v_user)]
}

proc counters::merge {a b} {
    dict for {file lines} $b {
        dict for {line counts} $lines {
            lassign $counts hits total
            lassign [expr {[dict exists $a $file $line] ? [dict get $a $file $line] : {0 0}}] more_hits more_total
            dict set a $file $line [list [expr {$hits + $more_hits}] [expr {$total + $more_total}]]
        }
    }
    return $a
}

# gcov's own text of each object of the models: "count:line:source"; ##### is never executed, - is no code.
proc counters::read_gcov {tree} {
    set table [dict create]
    foreach data [lsort [split [exec find $tree/obj/models -name *.gcda] \n]] {
        set source ""
        foreach line [split [exec gcov -t $data 2>/dev/null] \n] {
            if {[regexp {^\s*-:\s+0:Source:(.*)$} $line -> source]} {
                continue
            }
            if {[string match models/* $source] && [regexp {^\s*([^:]+):\s*(\d+):} $line -> count number] && $number > 0 && [string trim $count] ne "-"} {
                set hit [expr {![string match "*#####*" $count] && ![string match "*=====*" $count]}]
                set before [expr {[dict exists $table $source $number] && [lindex [dict get $table $source $number] 0]}]
                dict set table $source $number [list [expr {$hit || $before}] 1]
            }
        }
    }
    return $table
}

proc counters::read_info {path} {
    set table [dict create]
    foreach line [split [read_text $path] \n] {
        if {[regexp {^SF:(.*)$} $line -> file]} {
            continue
        }
        if {[regexp {^DA:(\d+),(\d+)} $line -> number count]} {
            add table $file $number $count
        }
    }
    return $table
}

# exclusions.tcl: FILE-GLOB TEXT-GLOB REASON ...
proc counters::read_exclusions {} {
    variable here
    return [read_text $here/exclusions.tcl]
}

# Why a line of a file does not count, or "".
proc counters::excluded {exclusions file text} {
    foreach {file_glob text_glob reason} $exclusions {
        if {[string match $file_glob $file] && [string match $text_glob [string trim $text]]} {
            return $reason
        }
    }
    return ""
}
