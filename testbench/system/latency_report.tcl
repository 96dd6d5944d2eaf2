# What the latency laboratory writes of its cells: table, JSON, plots, verdicts. A cell is a dict: path, load, over, caches, limit, exits,
# count, min, p50, p99, p999, max, host_p99, stage (name -> median), late (the stages of the interrupt at p99), taken (path -> number),
# example, values.

source [file join [file dirname [info script]] latency_plots.tcl]

namespace eval lab {
    variable stages {link table vector signal handler}
}

# Cycles that no design of this protocol can go below: the link (250 and the 20 bytes of the message), the dependent memory accesses of 40
# cycles each: interrupt-table entry, signal vector; cold: the device-table entry; broadcast and classical: the summary vector.
proc lab::limit {path cache} {
    set accesses [expr {2 + ($cache eq "cold") + ($path ni {direct direct-idle})}]
    return [expr {260 + 40 * $accesses}]
}

proc lab::percentile {sorted per_mille} {
    set n [llength $sorted]
    return [lindex $sorted [expr {($n * $per_mille + 999) / 1000 - 1}]]
}

proc lab::heading {} {
    return [format "%-14s %-8s %-4s %-6s %6s %8s %8s %9s %9s %9s %6s  %s" path load over caches count min p50 p99 p99.9 max limit "p50 of the stages: [join $lab::stages { }]"]
}

proc lab::row {cell} {
    variable stages
    return [format "%-14s %-8s %-4s %-6s %6d %8d %8d %9d %9d %9d %6d  %s" [dict get $cell path] [dict get $cell load] [dict get $cell over] \
        [dict get $cell caches] {*}[lmap part {count min p50 p99 p999 max limit} {dict get $cell $part}] \
        [join [lmap stage $stages {dict get $cell stage $stage}] " "]]
}

proc lab::json {cells} {
    variable stages
    set items {}
    foreach cell $cells {
        set fields [lmap key {path load over caches} {format {"%s": "%s"} $key [dict get $cell $key]}]
        lappend fields {*}[lmap key {count min p50 p99 p999 max host_p99 limit exits example} {format {"%s": %d} $key [dict get $cell $key]}]
        lappend fields "\"stages_p50\": \x7b[join [lmap stage $stages {format {"%s": %d} $stage [dict get $cell stage $stage]}] {, }]\x7d"
        lappend fields "\"stages_of_p99\": \x7b[join [lmap stage $stages {format {"%s": %d} $stage [dict get $cell late $stage]}] {, }]\x7d"
        lappend fields "\"taken\": \x7b[join [lmap path {direct mismatch broadcast recorded} {format {"%s": %d} $path [dict get $cell taken $path]}] {, }]\x7d"
        lappend items "  \x7b[join $fields {, }]\x7d"
    }
    return "\[\n[join $items ",\n"]\n\]"
}

proc lab::write_file {path text} {
    set channel [open $path.new w]
    puts $channel $text
    close $channel
    file rename -force $path.new $path
}

proc lab::write_files {directory cells} {
    variable stages
    write_file $directory/interrupt_latency.txt "[heading]\n[join [lmap cell $cells {row $cell}] \n]"
    write_file $directory/interrupt_latency.json [json $cells]
    write_file $directory/interrupt_latency.cells [join $cells \n]
    write_file $directory/interrupt_latency_distributions.svg [plots::distributions $cells]
    write_file $directory/interrupt_latency_stages.svg [plots::stages $cells $stages]
}

proc lab::cell {cells path load over caches} {
    foreach cell $cells {
        if {[dict get $cell path] eq $path && [dict get $cell load] eq $load && [dict get $cell over] eq $over && [dict get $cell caches] eq $caches} {
            return $cell
        }
    }
    error "goals=1 needs the cell $path, $load, $over, $caches in the sweep"
}

# The goal figures. -> {holds what-is-wrong-if-not ...}
proc lab::goals {cells} {
    set direct [cell $cells direct idle 1 warm]
    set classical [cell $cells classical idle 1 warm]
    set pinned [cell $cells direct-idle idle 5p warm]
    set shared [cell $cells classical-idle idle 5 warm]
    set same [cell $cells classical-idle idle 5p warm]
    set bound [expr {5 * [dict get $direct limit] / 4}]
    return [list  [expr {[dict get $direct p99] <= $bound}]  "direct delivery takes [dict get $direct p99] cycles at p99, more than 1.25 times the limit, $bound"  [expr {[dict get $direct taken direct] == [dict get $direct count]}]  "not every interrupt of a running vCPU was direct: [dict get $direct taken]"  [expr {[dict get $direct exits] <= 3}]  "[dict get $direct exits] exits of a target whose interrupts come directly: only its last two lines and its shutdown are expected"  [expr {[dict get $classical p50] >= 5 * [dict get $direct p50]}]  "direct is not 5 times faster than classical at p50: [dict get $direct p50], [dict get $classical p50]"  [expr {[dict get $shared p99] >= 10 * [dict get $pinned p99]}]  "direct to a pinned target is not 10 times faster than classical at 5:1 overcommit's p99: [dict get $pinned p99], [dict get $shared p99]"  [expr {[dict get $same host_p99] >= 10 * [dict get $pinned host_p99]}]  "from its arrival on, direct to a pinned target is not 10 times faster than classical: [dict get $pinned host_p99], [dict get $same host_p99]"]
}

proc lab::short {cycles} {
    return [expr {$cycles < 100000 ? $cycles : "[format %.0f [expr {$cycles / 1000.0}]]k"}]
}

# A Markdown table: a row for each path and placement, p50 / p99 for each load and cache state.
proc lab::markdown {cells loads caches} {
    set columns {}
    foreach load $loads {
        foreach cache $caches {
            lappend columns [list $load $cache]
        }
    }
    set lines [list "| path | placement | limit | [join [lmap column $columns {join $column {, }}] { | }] |" "|---|---|---|[string repeat ---| [llength $columns]]"]
    set rows [dict create]
    foreach cell $cells {
        dict set rows [list [dict get $cell path] [dict get $cell over]] [list [dict get $cell load] [dict get $cell caches]]  "[short [dict get $cell p50]] / [short [dict get $cell p99]]"
    }
    dict for {row values} $rows {
        lassign $row path over
        lappend lines "| $path | $over | [limit $path warm], cold [limit $path cold] | [join [lmap column $columns {
            expr {[dict exists $values $column] ? [dict get $values $column] : "-"}}] { | }] |"
    }
    return [join $lines \n]
}
