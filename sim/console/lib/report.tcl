# The report: stable keys (see README.md) as JSON, and the table at the end of a run.

namespace eval report {
    variable extra [dict create]
    variable started [clock milliseconds]
    variable written 0
}

# report::note KEY VALUE: adds a dotted key of the scenario's own to the report.
proc report::note {key value} {
    variable extra
    dict set extra $key $value
}

proc report::json_string {text} {
    return "\"[string map {\\ \\\\ \" \\\" \n \\n \t \\t \r \\r} $text]\""
}

proc report::json_scalar {key value} {
    if {$key ni {state_hash scenario reason} && [regexp {^-?(0|[1-9]\d*)(\.\d+)?$} $value]} {
        return $value
    }
    return [json_string $value]
}

# Flat dotted keys become nested objects; lists of dicts arrive already rendered.
proc report::json_object {dict indent} {
    set inner "$indent  "
    set parts {}
    dict for {key value} $dict {
        lassign $value kind content
        switch $kind {
            object { lappend parts "$inner[json_string $key]: [json_object $content $inner]" }
            raw { lappend parts "$inner[json_string $key]: $content" }
        }
    }
    return "{\n[join $parts ",\n"]\n$indent}"
}

proc report::insert {tree path value} {
    set path [lassign $path first]
    if {[llength $path] == 0} {
        dict set tree $first [list raw $value]
        return $tree
    }
    set child [expr {[dict exists $tree $first] ? [lindex [dict get $tree $first] 1] : [dict create]}]
    dict set tree $first [list object [insert $child $path $value]]
    return $tree
}

proc report::json_list {dicts} {
    set items {}
    foreach entry $dicts {
        set fields {}
        dict for {key value} $entry {
            lappend fields "[json_string $key]: [json_scalar $key $value]"
        }
        lappend items "    {[join $fields ", "]}"
    }
    return "\[\n[join $items ",\n"]\n  \]"
}

# Keys blocks.clb.*: sums over the harts, and each hart's own figures.
proc report::clb_keys {} {
    set flat [dict create blocks.clb.backend [dict get $assay::options clb] blocks.clb.cycles_compared 0 blocks.clb.mismatches 0]
    dict for {hart stat} [assay::clb_stat] {
        foreach key {cycles_compared mismatches} {
            dict incr flat blocks.clb.$key [dict get $stat $key]
        }
        set hart [string map {. ""} $hart]
        dict set flat blocks.clb.$hart.hit_rate [format %.5f [clb::hit_rate $stat]]
        dict for {key value} $stat {
            dict set flat blocks.clb.$hart.$key $value
        }
    }
    return $flat
}

proc report::collect {result reason} {
    variable extra
    variable started
    set stats [assay::stats]
    set wall [expr {([clock milliseconds] - $started) / 1000.0}]
    set flat [dict create scenario [file rootname [file tail [dict get $assay::options scenario]]] \
        seed [dict get $assay::options seed] result $result reason $reason cycles [dict get $stats cycles] \
        state_hash [dict get $stats state_hash] wall_s [format %.3f $wall] \
        cycles_per_s [expr {round([dict get $stats cycles] / max($wall, 0.001))}]]
    dict for {key value} $stats {
        if {[string match blocks.* $key] || [string match fabric.* $key]} {
            dict set flat $key $value
        }
    }
    foreach {name stage} {min min p50 p50 p99 p99 max max} {
        dict set flat io.latency_cycles.$name [dict get $stats latency.command.$stage]
    }
    foreach key {broadcast emulated} {
        dict set flat interrupts.$key.count 0
        dict set flat interrupts.$key.latency_cycles 0
    }
    set flat [dict merge $flat [clb_keys]]
    dict set flat snapshot.taken 0
    set nic [lindex [dict get $stats harts] end]
    dict set flat firmware.instructions [dict get $nic instructions]
    dict set flat firmware.instructions_per_command [expr {[dict get $nic instructions] / max(1, [dict get $stats latency.command.count])}]
    foreach path {directed broadcast recorded} {
        dict set flat interrupts.$path.count [dict get $stats interrupts.$path]
    }
    foreach stage {msi msi.link msi.table msi.vector msi.signal msi.handler} {
        set name [expr {$stage eq "msi" ? "latency_cycles" : "stage_cycles.[lindex [split $stage .] 1]"}]
        foreach part {min p50 p99 max} {
            dict set flat interrupts.directed.$name.$part [dict get $stats latency.$stage.$part]
        }
    }
    return [list [dict merge $flat $extra] [dict get $stats harts] $stats]
}

# Writes FILE (whole or not at all).
proc report::write {file result reason} {
    variable written 1
    lassign [collect $result $reason] flat harts
    set tree [dict create]
    dict for {key value} $flat {
        set tree [insert $tree [split $key .] [json_scalar $key $value]]
    }
    dict set tree harts [list raw [json_list $harts]]
    file mkdir [file dirname $file]
    set channel [open $file.new w]
    puts $channel [json_object $tree ""]
    close $channel
    file rename -force $file.new $file
}

proc report::grouped {number} {
    while {[regsub {^(-?\d+)(\d{3})} $number {\1 \2} number]} {}
    return $number
}

proc report::latency_row {name stats key} {
    puts [format "  %-34s %9s %9s %9s %9s %9s" $name {*}[lmap part {count min p50 p99 max} {grouped [dict get $stats latency.$key.$part]}]]
}

# Prints the closing table.
proc report::table {} {
    variable extra
    lassign [collect pass ""] flat harts stats
    puts ""
    dict for {key value} $extra {
        puts [format "  %-34s %s" $key [expr {[string is integer -strict $value] ? [grouped $value] : $value}]]
    }
    puts [format "  %-34s %9s %9s %9s %9s %9s" "latency in cycles (1 cycle = 1 ns)" count min p50 p99 max]
    foreach {name key} {"NVMe command" command "  prepare (SEE)" command.prepare "  firmware and storage" command.firmware "  finish (SEE)" command.finish
        "MSI-X to guest's handler" msi "  PCIe link" msi.link "  table entries" msi.table "  signal vector" msi.vector "  signal to hart" msi.signal "  handler starts" msi.handler} {
        latency_row $name $stats $key
    }
    puts [format "  %-34s directed %s, broadcast %s, recorded while blocked %s" "interrupts by path" {*}[lmap path {directed broadcast recorded} {grouped [dict get $stats interrupts.$path]}]]
    foreach hart $harts {
        puts [format "  %-34s %s instructions, %s native ops" "hart [dict get $hart name]" [grouped [dict get $hart instructions]] [grouped [dict get $hart native_ops]]]
    }
    foreach block {see bau port} {
        puts [format "  %-34s %s: %s cycles compared, %s mismatches (%s idle)" "block $block" [dict get $flat blocks.$block.backend] \
            [grouped [dict get $flat blocks.$block.cycles_compared]] [dict get $flat blocks.$block.mismatches] [grouped [dict get $flat blocks.$block.cycles_idle]]]
    }
    foreach line [clb::table] {
        puts $line
    }
    puts [format "  %-34s %s in %s s wall: %s a second" "simulated cycles" [grouped [dict get $flat cycles]] [dict get $flat wall_s] [grouped [dict get $flat cycles_per_s]]]
    puts [format "  %-34s %s" "state hash" [dict get $flat state_hash]]
}

# The command that repeats this run.
# Before a scenario begins: a file that the options name and that cannot be written is refused now and not after an hour.
proc report::prepare {} {
    foreach {option what} {report --report waves --waves coverage --coverage failure_prefix --failure-files progress --progress} {
        set path [dict get $assay::options $option]
        if {$path eq ""} {
            continue
        }
        if {$option eq "report"} {
            catch {file mkdir [file dirname $path]}
        }
        if {[file isdirectory $path] || [catch {close [open $path.new w]}]} {
            assay::bad_input "$what $path: cannot be written"
        }
        file delete $path.new
    }
}

# When a scenario has ended: the report, if --report wants one that the scenario has not written, then what the user should know of his options.
proc report::finish {result reason} {
    variable written
    set file [dict get $assay::options report]
    if {$file ne "" && !$written && [assay::has_board]} {
        write $file $result $reason
    }
    if {$result eq "fail"} {
        puts stderr "reproduce: [reproduction]"
        return
    }
    foreach name [dict keys [dict get $assay::options settings]] {
        if {![dict exists $assay::asked $name]} {
            puts stderr "assay: --set $name: the scenario asked for no such parameter"
        }
    }
}

# A word as a shell takes it.
proc report::quoted {word} {
    return [expr {[regexp {^[-\w./=:,+@%]+$} $word] ? $word : "'[string map {' '\\''} $word]'"}]
}

# The command that repeats this run.
proc report::reproduction {} {
    set options $assay::options
    set line "build/assay run [dict get $options scenario] --see [dict get $options see] --bau [dict get $options bau] --port [dict get $options port] --clb [dict get $options clb] --hart [dict get $options hart] --seed [dict get $options seed]"
    dict for {name value} [dict get $options settings] {
        append line " --set [quoted $name=$value]"
    }
    return $line
}
