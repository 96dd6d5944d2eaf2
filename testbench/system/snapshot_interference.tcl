# The interference lab: what a snapshot costs the VM that is saved. Each case runs the same work twice in the same board: without a snapshot and with
# one; the difference is the snapshot's. Throughput during it = 1 - (time lost / time that it took); what stands still has 0 %.
#
#   cases    baseline: stop-and-copy (the VM stands still until all is on the volume); this scheme raw and compressed; queues of 16 to 4096 pages;
#            1 to 4 vCPUs; three dirty rates; a VM that does I/O through its VF
#   results  a table, DIRECTORY/interference.json, DIRECTORY/interference.svg
#   --set cases=quick   only what the goals are stated for (the default: all)
# The goals of each case are checked; a missed goal fails the run after everything is written.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval lab {
    variable which [assay::parameter cases all]
    variable rows {}
    variable missed {}
    variable plain_bytes_per_ms 0
    # A write costs about 60 cycles, a gap step two: a write in 0.1, 0.7 or 6 us. Pages: what is written to again and again, of 4096 of the VM.
    variable gaps {high 30 moderate 300 low 3000 full 3000}
    variable working_set {high 2800 moderate 256 low 256 full 3200}
    variable columns {case vcpus rate queue pack pause_us stall_p50_us stall_p99_us stall_max_us waits snapshot_ms throughput bandwidth}
}

proc lab::writes {rate} { return [dict get {high 160000 moderate 40000 low 4500 full 4500} $rate] }

# Ends when VM has said that it is done; returns the cycles that its work took.
proc lab::time_of {vm} {
    set line [assay::wait host "\[vm$vm\] dirty begins" 60000000]
    set begun [board cycle]
    assay::check [expr {$line ne ""}] "vm$vm does not begin"
    return $begun
}

proc lab::until_done {vm} {
    set line [assay::wait host "\[vm$vm\] dirty done" 600000000]
    assay::check [string match "*errors=0*" $line] "vm$vm: $line"
    set cycle [board cycle]
    vm destroy $vm
    return $cycle
}

proc lab::start {vcpus rate} {
    variable gaps
    variable working_set
    return [snapshot_lab::dirty_vm lab $vcpus 16M "seed=[dict get $assay::options seed] pages=[expr {[dict get $working_set $rate] / $vcpus}] writes=[writes $rate] gap=[dict get $gaps $rate] fill=[expr {$rate eq "full"}]"]
}

proc lab::without {vcpus rate} {
    variable reference
    if {![info exists reference($vcpus,$rate)]} {
        set vm [start $vcpus $rate]
        set begun [time_of $vm]
        set reference($vcpus,$rate) [expr {[until_done $vm] - $begun}]
    }
    return $reference($vcpus,$rate)
}

# Cycles from first writes' exits to the way back, of events from number SKIP on.
proc lab::stalls {skip} {
    set begun [dict create]
    set stalls {}
    foreach event [lrange [assay::software_events page.fault] [lindex $skip 0] end] {
        dict set begun [lindex $event 1] [lindex $event 0]
    }
    foreach event [lrange [assay::software_events page.open] [lindex $skip 1] end] {
        lassign $event cycle page writer
        if {$writer < 256 && [dict exists $begun $page]} {
            lappend stalls [expr {$cycle - [dict get $begun $page]}]
        }
    }
    return [lsort -integer $stalls]
}

proc lab::seen {} {
    return [list [llength [assay::software_events page.fault]] [llength [assay::software_events page.open]]]
}

proc lab::quantile {sorted part} {
    set n [llength $sorted]
    return [expr {$n ? [lindex $sorted [expr {min($n - 1, int($n * $part))}]] : 0}]
}

proc lab::measure {name vcpus rate queue args} {
    variable rows
    variable plain_bytes_per_ms
    set alone [without $vcpus $rate]
    set skip [seen]
    set vm [start $vcpus $rate]
    set begun [time_of $vm]
    board run 400000
    lassign [vm snapshot $vm -name $name -queue $queue {*}$args] id
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "$name: $status"
    set took [expr {[until_done $vm] - $begun}]
    snapshot check $snapshot_lab::directory/volume0.img $id
    snapshot remove $id
    set stalls [stalls $skip]
    set duration [dict get $status ns]
    set throughput [expr {max(0.0, 100.0 * (1.0 - double($took - $alone) / $duration))}]
    set bandwidth [expr {100.0 * [dict get $status blocks] * 4096 / ($duration / 1e6) / $plain_bytes_per_ms}]
    set row [dict create case $name vcpus $vcpus rate $rate queue $queue pack [expr {[dict get $status packed] > 0 ? "yes" : "no"}] \
        pause_us [format %.1f [expr {[dict get $status pause_cycles] / 1e3}]] stall_p50_us [format %.2f [expr {[quantile $stalls 0.5] / 1e3}]] \
        stall_p99_us [format %.2f [expr {[quantile $stalls 0.99] / 1e3}]] stall_max_us [format %.2f [expr {[quantile $stalls 1.0] / 1e3}]] \
        waits [dict get $status waits] snapshot_ms [format %.2f [expr {$duration / 1e6}]] throughput [format %.1f $throughput] bandwidth [format %.1f $bandwidth]]
    lappend rows $row
    puts [format "%-12s %5s %8s %5s %4s %9s %12s %12s %12s %6s %11s %10s %9s" {*}[dict values $row]]
    return $row
}

proc lab::goal {row holds text} {
    variable missed
    if {!$holds} {
        lappend missed "[dict get $row case]: $text"
    }
}

proc lab::goals {row} {
    goal $row [expr {[dict get $row pause_us] < 50 + 16}] "a pause of [dict get $row pause_us] us, the goal is 50 and 1 a MiB"
    if {[dict get $row waits] == 0} {
        goal $row [expr {[dict get $row stall_p99_us] < 5}] "first writes take [dict get $row stall_p99_us] us at the 99th percentile, the goal is 5"
    }
    if {[dict get $row rate] in {moderate low} && [dict get $row queue] >= 256} {
        goal $row [expr {[dict get $row throughput] >= 90}] "[dict get $row throughput] % throughput, the goal is 90"
    }
}

proc lab::json {} {
    variable rows
    variable plain_bytes_per_ms
    set items [lmap row $rows {
        set fields [lmap {key value} $row { format {"%s": %s} $key [expr {[string is double -strict $value] ? $value : "\"$value\""}] }]
        format "    {%s}" [join $fields ", "]
    }]
    return "{\n  \"plain_write_bytes_per_ms\": $plain_bytes_per_ms,\n  \"cases\": \[\n[join $items ",\n"]\n  \]\n}"
}

# Bars of two figures a case: throughput (0 to 100 %) and the pause (logarithmic, 1 us to 100 ms).
proc lab::svg {} {
    variable rows
    set height [expr {60 + 22 * [llength $rows]}]
    set out "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"900\" height=\"$height\" font-family=\"sans-serif\" font-size=\"12\">\n"
    append out "<rect width=\"900\" height=\"$height\" fill=\"white\"/><text x=\"230\" y=\"20\">guest's throughput during the snapshot, %</text><text x=\"570\" y=\"20\">pause, us (logarithmic)</text>\n"
    set y 36
    foreach row $rows {
        set label "[dict get $row case] [dict get $row vcpus] vCPU [dict get $row rate] q[dict get $row queue]"
        set pause [expr {max(1.0, min(100000.0, [dict get $row pause_us]))}]
        append out "<text x=\"8\" y=\"[expr {$y + 13}]\">$label</text>"
        append out "<rect x=\"230\" y=\"$y\" width=\"[format %.0f [expr {3 * [dict get $row throughput]}]]\" height=\"16\" fill=\"#4477aa\"/><text x=\"[format %.0f [expr {234 + 3 * [dict get $row throughput]}]]\" y=\"[expr {$y + 13}]\">[dict get $row throughput]</text>"
        append out "<rect x=\"570\" y=\"$y\" width=\"[format %.0f [expr {50 * log10($pause)}]]\" height=\"16\" fill=\"#cc6677\"/><text x=\"[format %.0f [expr {574 + 50 * log10($pause)}]]\" y=\"[expr {$y + 13}]\">[dict get $row pause_us]</text>\n"
        incr y 22
    }
    return "$out</svg>"
}

proc lab::write_file {name text} {
    set channel [open $snapshot_lab::directory/$name w]
    puts $channel $text
    close $channel
}

proc lab::all_cases {} {
    foreach queue {16 64 1024 4096} {
        goals [measure "queue" 1 moderate $queue -compress never]
    }
    foreach vcpus {2 3} {
        goals [measure "vcpus" $vcpus moderate 256 -compress never]
    }
    goals [measure "rate" 1 high 256 -compress never]
    goals [measure "rate" 1 low 256 -compress never]
    goals [measure "packed" 4 moderate 1024 -compress always]
}

proc lab::main {} {
    variable which
    variable columns
    variable missed
    variable plain_bytes_per_ms
    set file [snapshot_lab::empty_volume 0 64M]
    snapshot_lab::start [list $file] 5 1 0 1
    set ns [lindex [vm::request snapshot_bench 16] 0 0]
    set plain_bytes_per_ms [format %.0f [expr {16777216 / ($ns / 1e6)}]]
    puts "plain sequential writes through the PF: [format %.1f [expr {$plain_bytes_per_ms / 1e3}]] MB/s"
    puts [format "%-12s %5s %8s %5s %4s %9s %12s %12s %12s %6s %11s %10s %9s" {*}$columns]
    set stop [measure "stop-copy" 1 moderate 256 -compress never -stop 1]
    set live [measure "live" 1 moderate 256 -compress never]
    goals $live
    set full [measure "full memory" 1 full 256 -compress never]
    goals $full
    goal $full [expr {[dict get $full bandwidth] >= 80}] "[dict get $full bandwidth] % of the PF's plain bandwidth, the goal is 80"
    goals [measure "live" 4 moderate 1024 -compress never]
    goals [measure "packed" 1 moderate 256 -compress always]
    if {$which eq "all"} {
        all_cases
    }
    write_file interference.json [json]
    write_file interference.svg [svg]
    assay::check [expr {[dict get $stop throughput] < 10}] "the baseline did not stand still: [dict get $stop throughput] %"
    assay::check [expr {$missed eq ""}] "goals missed: [join $missed "; "]"
    puts "every goal is met; $snapshot_lab::directory/interference.json, interference.svg"
}

lab::main
