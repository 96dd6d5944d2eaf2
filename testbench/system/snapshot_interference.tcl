# The interference lab: what a snapshot costs the VM that is saved. Each case runs the same work twice in the same board: without a snapshot and with
# one; the difference is the snapshot's. Throughput during it = 1 - (time lost / time that it took); what stands still has 0 %. Unknown: the guest was done first.
#
#   cases    baseline: stop-and-copy (the VM stands still until all is on the volume); this scheme raw and compressed; queues of 16 to 4096 pages;
#            1 to 4 vCPUs; three dirty rates; a VM that does I/O through its VF
#   results  a table, DIRECTORY/interference.json, .md, .svg; snapshot_interference.md has its essentials
#   --set cases=quick          what the goals are stated for, and I/O latency (the default)
#   --set cases=VCPUS:RATE     a slice of the matrix: stop-and-copy, and this scheme raw and packed with queues of 16 to 4096 pages (--set queues=)
#   --set cases=busy           four vCPUs, no hart idle: what a share of their time buys (--set shares=)
#   --set cases=matrix         all twelve slices, 1 to 4 vCPUs and three rates
#   --set cases=merge          no board: the slices that were run before, as one table
# The goals of each case are checked; a missed goal fails the run after everything is written.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval lab {
    variable which [assay::parameter cases quick]
    variable queues [assay::parameter queues {16 64 256 1024 4096}]
    variable image $snapshot_lab::directory/volume1.img
    variable io_lines {}
    variable rows {}
    variable missed {}
    variable plain_bytes_per_ms 0
    # A write costs about 60 cycles, a gap step two: a write in 0.1, 0.7 or 6 us. Pages: what is written to again and again, of 4096 of the VM.
    # full: regions of 12.5 MiB that are not 0; data: 12 MiB that are not 0 and that nobody writes, and a working set as moderate.
    variable gaps {high 30 moderate 300 low 3000 full 3000 data 300}
    variable working_set {high 2800 moderate 256 low 256 full 3200 data 256}
    variable columns {case vcpus rate queue pack pause_us stall_p50_us stall_p99_us stall_max_us waits mended snapshot_ms throughput bandwidth}
}

proc lab::writes {rate} { return [dict get {high 160000 moderate 40000 low 4500 full 4500 data 40000} $rate] }

# Ends when VM has said that it is done; returns the cycles that its work took.
proc lab::time_of {vm} {
    set line [assay::wait host "\[vm$vm\] dirty begins" 60000000]
    set begun [board cycle]
    assay::check [expr {$line ne ""}] "vm$vm does not begin"
    return $begun
}

# Nothing asks the hypervisor meanwhile: its answers would take the manager's time.
proc lab::until_done {vm} {
    set line [assay::wait host "\[vm$vm\] dirty done" 600000000]
    assay::check [string match "*errors=0*" $line] "vm$vm: $line"
    return [board cycle]
}

# A file of 12 MiB without a page of zeros.
proc lab::data_file {} {
    set path $snapshot_lab::directory/data.bin
    if {![file exists $path]} {
        set words {}
        for {set i 0} {$i < 16384} {incr i} {
            lappend words [expr {[snapshot_lab::random 0x7fffffff] | 1}]
        }
        set channel [open $path wb]
        puts -nonewline $channel [string repeat [binary format i* $words] 192]
        close $channel
    }
    return $path
}

proc lab::start {vcpus rate} {
    variable gaps
    variable working_set
    set arguments "seed=[dict get $assay::options seed] pages=[expr {[dict get $working_set $rate] / $vcpus}] writes=[writes $rate] gap=[dict get $gaps $rate] fill=[expr {$rate eq "full"}]"
    return [snapshot_lab::dirty_vm lab $vcpus 16M $arguments {*}[expr {$rate eq "data" ? [list -initrd [data_file]] : ""}]]
}

proc lab::without {vcpus rate} {
    variable reference
    if {![info exists reference($vcpus,$rate)]} {
        set vm [start $vcpus $rate]
        set begun [time_of $vm]
        set reference($vcpus,$rate) [expr {[until_done $vm] - $begun}]
        vm destroy $vm
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
    set start [board cycle]
    lassign [vm snapshot $vm -name $name -queue $queue {*}$args] id
    set took [expr {[until_done $vm] - $begun}]
    set status [snapshot wait]
    assay::check [expr {[dict get $status phase] eq "complete"}] "$name: $status"
    vm destroy $vm
    snapshot check $lab::image $id
    snapshot remove $id
    set saved [expr {[dict get $status saved_by_walker] + [dict get $status saved_by_write] + [dict get $status absent]}]
    assay::check [expr {$saved == 4096}] "$name: $saved pages of 4096 were saved"
    set stalls [stalls $skip]
    set duration [dict get $status ns]
    set outlived [expr {$start + $duration < $begun + $took}] ;# else what it lost is not known
    set throughput [expr {$outlived ? [format %.1f [expr {max(0.0, 100.0 * (1.0 - double($took - $alone) / $duration))}]] : "unknown"}]
    set bandwidth [expr {100.0 * [dict get $status blocks] * 4096 / ($duration / 1e6) / $plain_bytes_per_ms}]
    set row [dict create case $name vcpus $vcpus rate $rate queue $queue pack [expr {[dict get $status packed] > 0 ? "yes" : "no"}] \
        pause_us [format %.1f [expr {[dict get $status pause_cycles] / 1e3}]] stall_p50_us [format %.2f [expr {[quantile $stalls 0.5] / 1e3}]] \
        stall_p99_us [format %.2f [expr {[quantile $stalls 0.99] / 1e3}]] stall_max_us [format %.2f [expr {[quantile $stalls 1.0] / 1e3}]] \
        waits [dict get $status waits] mended [dict get $status mended] snapshot_ms [format %.2f [expr {$duration / 1e6}]] throughput $throughput bandwidth [format %.1f $bandwidth]]
    lappend rows $row
    say_row $row
    return $row
}

proc lab::say_row {values} {
    variable columns
    puts [format "%-12s %5s %8s %5s %4s %9s %12s %12s %12s %6s %6s %11s %10s %9s" {*}[expr {[llength $values] == [llength $columns] ? $values : [dict values $values]}]]
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
    if {[dict get $row rate] in {moderate low data} && [dict get $row queue] >= 256} {
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
    set io [lmap line $lab::io_lines { format "    {%s}" [join [lmap {key value} $line { format {"%s": %s} $key [expr {[string is double -strict $value] ? $value : "\"$value\""}] }] ", "] }]
    return "{\n  \"plain_write_bytes_per_ms\": $plain_bytes_per_ms,\n  \"cases\": \[\n[join $items ",\n"]\n  \],\n  \"io\": \[\n[join $io ",\n"]\n  \]\n}"
}

# A logarithmic bar from 1 us on, 40 pixels a decade.
proc lab::bar {x y us colour} {
    set width [format %.0f [expr {40 * log10(max(1.0, min(100000.0, $us)))}]]
    return "<rect x=\"$x\" y=\"$y\" width=\"$width\" height=\"16\" fill=\"$colour\"/><text x=\"[expr {$x + 4 + $width}]\" y=\"[expr {$y + 13}]\">$us</text>"
}

# Bars of three figures a case: throughput (0 to 100 %), the pause and the stall of a first write (logarithmic).
proc lab::svg {} {
    variable rows
    set height [expr {60 + 22 * [llength $rows]}]
    set out "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1100\" height=\"$height\" font-family=\"sans-serif\" font-size=\"12\">\n"
    append out "<rect width=\"1100\" height=\"$height\" fill=\"white\"/><text x=\"230\" y=\"20\">guest's throughput during the snapshot, %</text><text x=\"570\" y=\"20\">pause, us</text><text x=\"830\" y=\"20\">first write, p99, us</text>\n"
    set y 36
    foreach row $rows {
        set label "[dict get $row case] [dict get $row vcpus] vCPU [dict get $row rate] q[dict get $row queue]"
        append out "<text x=\"8\" y=\"[expr {$y + 13}]\">$label</text>"
        set width [expr {[string is double [dict get $row throughput]] ? round(3 * [dict get $row throughput]) : 0}]
        append out "<rect x=\"230\" y=\"$y\" width=\"$width\" height=\"16\" fill=\"#4477aa\"/><text x=\"[expr {234 + $width}]\" y=\"[expr {$y + 13}]\">[dict get $row throughput]</text>"
        append out "[bar 570 $y [dict get $row pause_us] #cc6677][bar 830 $y [dict get $row stall_p99_us] #ddaa33]\n"
        incr y 22
    }
    return "$out</svg>"
}

proc lab::markdown {} {
    variable rows
    variable columns
    set lines [list "| [join $columns { | }] |" "|[string repeat {---|} [llength $columns]]"]
    foreach row $rows {
        lappend lines "| [join [dict values $row] { | }] |"
    }
    return [join $lines \n]
}

proc lab::write_file {name text} {
    set channel [open $snapshot_lab::directory/$name w]
    puts $channel $text
    close $channel
}

# ---- I/O latency, as the guest sees it: from before its doorbell to behind its interrupt ----

# The guest's own distribution of the commands of a run of its I/O; WITH: snapshots one after the other, from its first random operation to its last.
proc lab::io_run {with} {
    variable image
    set vm [vm create io -vcpus 2 -memory 16M -image $snapshot_lab::build/hypervisor/guest-kernel.elf  -bootargs "workload=io seed=5 ops=[assay::parameter ops 1500] first_lba=2048 lbas=4096 qd=8 dirty=1 pages=200 writes=100000 gap=300"]
    vm assign $vm 1
    vm start $vm
    set done [llength [snapshot_lab::lines $vm "io done"]]
    assay::check [expr {[assay::wait host "\[vm$vm\] image crc32c" 60000000] ne ""}] "vm$vm does not begin"
    set taken 0
    while {$with && [llength [snapshot_lab::lines $vm "io done"]] == $done} {
        if {[catch {vm snapshot $vm -name io -compress never} begun]} {
            assay::check [string match "*ended by itself*" $begun] $begun
            break
        }
        set id [lindex $begun 0]
        assay::check [expr {[dict get [snapshot wait] phase] eq "complete"}] "a snapshot under I/O: [snapshot status]"
        snapshot check $image $id
        snapshot remove $id
        incr taken
    }
    set line [snapshot_lab::await $vm "io done" [expr {$done + 1}] 600000000]
    assay::check [string match "*errors=0*" $line] "vm$vm: $line"
    snapshot_lab::await $vm "guest done" [expr {$done + 1}] 100000000
    regexp {count=(\d+) p50=(\d+) p99=(\d+) most=(\d+)} [lindex [snapshot_lab::lines $vm "io latency"] end] -> count p50 p99 most
    vm destroy $vm
    return [list $taken $count {*}[lmap ticks [list $p50 $p99 $most] { expr {$ticks / 10.0} }]]
}

proc lab::io_latency {} {
    variable io_lines
    volume attach 1 0
    foreach {name with} {"no snapshot" 0 "snapshots" 1} {
        lassign [io_run $with] taken count p50 p99 most
        lappend io_lines [dict create case $name snapshots $taken commands $count p50_us $p50 p99_us $p99 max_us $most]
        puts [format "I/O through a VF, %-12s %2d snapshots, %5d commands: p50 %7.1f us, p99 %7.1f us, most %7.1f us" $name $taken $count $p50 $p99 $most]
    }
}

# ---- cases ----

proc lab::quick {} {
    set stop [measure "stop-copy" 1 moderate 256 -compress never -stop 1]
    assay::check [expr {[dict get $stop throughput] < 10}] "the baseline did not stand still: [dict get $stop throughput] %"
    goals [measure "live" 1 moderate 256 -compress never]
    set full [measure "full memory" 1 full 256 -compress never]
    goals $full
    goal $full [expr {[dict get $full bandwidth] >= 80}] "[dict get $full bandwidth] % of the PF's plain bandwidth, the goal is 80"
    set data [measure "live" 1 data 256 -compress never]
    goals $data
    goal $data [expr {[dict get $data bandwidth] >= 80}] "[dict get $data bandwidth] % of the PF's plain bandwidth, the goal is 80"
    goals [measure "busy, full" 4 full 1024 -compress never]
    set busy [measure "busy" 4 data 1024 -compress never]
    goals $busy
    goal $busy [expr {[dict get $busy bandwidth] >= 80}] "[dict get $busy bandwidth] % of the PF's plain bandwidth, the goal is 80"
    goals [measure "busy, alone" 4 data 1024 -compress never -share 0]
    goals [measure "live" 4 moderate 1024 -compress never]
    goals [measure "packed" 1 moderate 256 -compress always]
    io_latency
}

# Where no hart is idle: what a share of the guests' time buys (--set shares=).
proc lab::busy {} {
    foreach share [assay::parameter shares {0 2 4 8}] {
        foreach rate {data full moderate low} {
            goals [measure "share $share" 4 $rate 1024 -compress never -share $share]
        }
    }
}

proc lab::slice {vcpus rate} {
    variable queues
    variable rows
    set first [llength $rows]
    measure "stop-copy" $vcpus $rate 256 -compress never -stop 1
    foreach queue $queues {
        goals [measure "live" $vcpus $rate $queue -compress never]
        goals [measure "packed" $vcpus $rate $queue -compress always]
    }
    write_file slice-$vcpus-$rate.rows [join [lmap row [lrange $rows $first end] { dict values $row }] \n]
}

proc lab::merge {} {
    variable rows
    variable columns
    foreach file [lsort [glob -nocomplain $snapshot_lab::directory/slice-*.rows]] {
        foreach values [split [string trim [snapshot_lab::file_bytes $file 0 [file size $file]]] \n] {
            say_row $values
            set row [dict create {*}[concat {*}[lmap name $columns value $values { list $name $value }]]]
            lappend rows $row
            if {[dict get $row case] ne "stop-copy"} {
                goals $row
            }
        }
    }
    assay::check [expr {$rows ne ""}] "no slice was run in $snapshot_lab::directory"
}

proc lab::matrix {} {
    foreach vcpus {1 2 3 4} {
        foreach rate {high moderate low} {
            slice $vcpus $rate
        }
    }
}

proc lab::start_board {} {
    variable plain_bytes_per_ms
    snapshot_lab::start [list [snapshot_lab::empty_volume 0 4M] [snapshot_lab::empty_volume 1 64M]] 5 1 1 1
    set ns [lindex [vm::request snapshot_bench 16] 0 0]
    set plain_bytes_per_ms [format %.0f [expr {16777216 / ($ns / 1e6)}]]
    puts "plain sequential writes through the PF: [format %.1f [expr {$plain_bytes_per_ms / 1e3}]] MB/s"
}

proc lab::main {} {
    variable which
    variable columns
    variable missed
    if {$which ne "merge"} {
        start_board
    }
    say_row $columns
    switch -glob -- $which {
        quick - busy - matrix - merge { $which }
        [1-4]:* { slice {*}[split $which :] }
        default { assay::bad_input "cases=$which: quick, busy, matrix, merge or VCPUS:RATE" }
    }
    write_file interference.json [json]
    write_file interference.svg [svg]
    write_file interference.md [markdown]
    assay::check [expr {$missed eq ""}] "goals missed: [join $missed "; "]"
    puts "every goal is met; $snapshot_lab::directory/interference.json, interference.svg"
}

lab::main
