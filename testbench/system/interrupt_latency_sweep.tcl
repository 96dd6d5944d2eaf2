# The whole sweep of the latency laboratory: 7 paths x 4 loads x 5 placements x 2 cache states, one run of interrupt_latency.tcl for each path
# and load. What has been measured is kept, so that a sweep that was stopped goes on where it was.
# usage: tclsh8.6 testbench/system/interrupt_latency_sweep.tcl ?NAME VALUE ...?
#   directory (build/latency), build (build), pings (1000), seed (1)
#   runs   how many runs at most this time (all)
#   only   a pattern of PATH-LOAD: these runs alone this time, for several sweeps at once (*)
# Writes interrupt_latency.{txt,json,md,cells} and the plots of what is there into the directory, and says what is above its limit.
# Status 0: complete, the goal figures hold; 1: one does not; 2: bad usage; 3: runs are missing.

source [file join [file dirname [file normalize [info script]]] latency_report.tcl]

namespace eval sweep {
    variable here [file dirname [file normalize [info script]]]
    variable options {directory build/latency build build pings 1000 seed 1 runs 1000 only *}
    variable paths {direct direct-idle mismatch broadcast-busy broadcast-idle classical classical-idle}
    variable loads {idle cpu storage packets}
    variable caches {warm cold}
}

proc sweep::option {name} {
    variable options
    return [dict get $options $name]
}

proc sweep::read_options {argv} {
    variable options
    foreach {name value} $argv {
        if {![dict exists $options $name] || $value eq "" || ($name in {pings seed runs} && ![string is integer -strict $value])} {
            puts stderr "interrupt_latency_sweep: \"$name $value\" is none of [join [dict keys $options] {, }] with its value"
            exit 2
        }
        dict set options $name $value
    }
}

proc sweep::part {path load} { return [option directory]/parts/$path-$load }

# Measures one part: in a directory of its own that gets its name only when it is complete.
proc sweep::measure {path load} {
    variable here
    set work [part $path $load].work
    file delete -force $work
    file mkdir $work
    set command [list [option build]/assay run $here/interrupt_latency.tcl --see model --bau model --port model --seed [option seed] \
        --set build=[option build] --set directory=$work --set pings=[option pings] --set paths=$path --set loads=$load]
    puts [join $command]
    flush stdout
    if {[catch {exec {*}$command >@ stdout 2>@ stderr}]} {
        puts stderr "interrupt_latency_sweep: $path, $load failed"
        exit 1
    }
    file delete {*}[glob -nocomplain -directory $work *.img]
    file rename $work [part $path $load]
}

# -> the cells that have been measured
proc sweep::cells {} {
    variable paths
    variable loads
    set cells {}
    foreach path $paths {
        foreach load $loads {
            if {[file exists [part $path $load]]} {
                set channel [open [part $path $load]/interrupt_latency.cells]
                lappend cells {*}[split [string trim [read $channel]] \n]
                close $channel
            }
        }
    }
    return $cells
}

# Cells whose p99 is more than 1.25 times their limit, the worst first, with the stages of the interrupt at p99.
proc sweep::tell_outliers {cells} {
    set over [lmap cell $cells {expr {4 * [dict get $cell p99] > 5 * [dict get $cell limit] ? $cell : [continue]}}]
    puts "[llength $over] of [llength $cells] cells have a p99 above 1.25 times their limit:"
    foreach cell [lsort -decreasing -command {apply {{a b} {expr {[dict get $a p99] - [dict get $b p99]}}}} $over] {
        puts [format "%-14s %-8s %-2s %-4s p99 %8d limit %d: %s; %s" [dict get $cell path] [dict get $cell load] [dict get $cell over] [dict get $cell caches] \
            [dict get $cell p99] [dict get $cell limit] [dict get $cell late] [dict get $cell taken]]
    }
}

proc sweep::main {argv} {
    variable paths
    variable loads
    variable caches
    read_options $argv
    set left [option runs]
    set missing 0
    foreach path $paths {
        foreach load $loads {
            if {![file exists [part $path $load]] && [string match [option only] $path-$load] && [incr left -1] >= 0} {
                measure $path $load
            }
            incr missing [expr {![file exists [part $path $load]]}]
        }
    }
    set cells [cells]
    lab::write_files [option directory] $cells
    lab::write_file [option directory]/interrupt_latency.md [lab::markdown $cells $loads $caches]
    tell_outliers $cells
    if {$missing} {
        puts "$missing of [expr {[llength $paths] * [llength $loads]}] runs are missing"
        exit 3
    }
    set failed 0
    foreach {holds text} [lab::goals $cells] {
        if {!$holds} {
            puts $text
            incr failed
        }
    }
    puts [expr {$failed ? "FAIL" : "PASS: [llength $cells] cells"}]
    exit [expr {$failed > 0}]
}

sweep::main $argv
