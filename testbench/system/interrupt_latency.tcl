# The latency laboratory of directed interrupts: from the device's MSI-X to the guest's first handler instruction, on each path, under
# load, with and without overcommitted harts, with warm and cold caches of the BAU. Writes a table, JSON and SVG plots.
# Parameters (--set NAME=VALUE), lists are separated by commas:
#   paths  direct, mismatch (the receiver denies each signal), broadcast-busy, classical: the target computes;
#          direct-idle, broadcast-idle, classical-idle: it sleeps in WFI
#   loads  idle, cpu (the other hart computes), storage (a neighbour does verified I/O on the other hart), packets (the neighbour's network function
#          exchanges TCP with the fabric over the same port and link, without end)
#   over   vCPUs for each hart: 1, 2, 5 share the target's hart with it; 2p, 5p: the target is pinned alone and the others share the rest
#   caches warm, cold (the BAU's caches are emptied all the time)
#   pings  interrupts of a cell (300); directory, build; goals=1: the goal figures are checked, cells that they need must be in the sweep
# How to read it: testbench/system/interrupt_latency.md

source [file join [file dirname [info script]] latency_plots.tcl]
source [file join [file dirname [info script]] volumes.tcl]

namespace eval lab {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable pings [assay::parameter pings 300]
    variable paths [split [assay::parameter paths direct,direct-idle,mismatch,broadcast-idle,broadcast-busy,classical,classical-idle] ,]
    variable loads [split [assay::parameter loads idle,cpu,storage,packets] ,]
    variable over [split [assay::parameter over 1,2,5,2p,5p] ,]
    variable caches [split [assay::parameter caches warm,cold] ,]
    variable stages {link table vector signal handler}
    variable target_hart 0
    variable other_hart 1
    variable first_vf 0
}

# Cycles that no design of this protocol can go below: the link (250 and the 20 bytes of the message), the dependent memory accesses of 40
# cycles each: interrupt-table entry, signal vector; cold: the device-table entry; broadcast and classical: the summary vector.
proc lab::limit {path cache} {
    set accesses [expr {2 + ($cache eq "cold") + ($path ni {direct direct-idle})}]
    return [expr {260 + 40 * $accesses}]
}

proc lab::say {text} {
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] $text]
}

proc lab::check_parameters {} {
    variable pings
    foreach {name known} {paths {direct direct-idle mismatch broadcast-idle broadcast-busy classical classical-idle} loads {idle cpu storage packets} over {1 2 5 2p 5p} caches {warm cold}} {
        variable $name
        foreach value [set $name] {
            if {$value ni $known} {
                assay::bad_input "$name: \"$value\" is none of [join $known {, }]"
            }
        }
    }
    if {![string is integer -strict $pings] || $pings < 1} {
        assay::bad_input "pings: \"$pings\" is not a number from 1 on"
    }
}

proc lab::boot {} {
    variable build
    variable directory
    variable first_vf
    set config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed [dict get $assay::options seed]\nkato 0\nnet 1 mac 02:00:00:00:02:01\n"
    foreach n {0 1} {
        set volume [volumes::prepare $n $directory]
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n [lindex $volume 0]
        append config "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1\n"
    }
    board create -harts 3 -ram 256M -config $config -firmware $build/firmware/assay-nic.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf
    set first_vf [lindex [volume enable 2] 1]
    foreach n {0 1} {
        board run 5000000
        volume attach [expr {$n + 1}] $n
    }
}

# A VM whose only vCPU runs on `hart`; how: yes or alone, see vm pin.
proc lab::place {name hart how args} {
    set vm [vm create $name {*}$args]
    vm migrate $vm 0 $hart
    board run 20000
    vm pin $vm 0 $how
    return $vm
}

proc lab::spinner {name hart} {
    set vm [place $name $hart yes -memory 4M -bootargs "workload=spin"]
    vm start $vm
    return $vm
}

# The neighbours of a cell. -> VMs
proc lab::neighbours {load over} {
    variable target_hart
    variable other_hart
    set vms {}
    regexp {^(\d)(p?)$} $over -> share pinned
    for {set i 1} {$i < $share} {incr i} {
        lappend vms [spinner own$i [expr {$pinned eq "p" ? $other_hart : $target_hart}]]
        lappend vms [spinner other$i $other_hart]
    }
    if {$load eq "cpu"} {
        lappend vms [spinner neighbour $other_hart]
    }
    if {$load in {storage packets}} {
        set packets [expr {$load eq "packets" ? "net=0x0a000032 peer=0x0a00000b pings=5 tcp=1000000000" : ""}]
        set vm [place $load $other_hart yes -memory 16M -bootargs "workload=io seed=5 ops=1000000 qd=8 first_lba=1024 lbas=512 $packets"]
        vm assign $vm 2
        if {$load eq "packets"} {
            vm assign_net $vm 1
        }
        vm start $vm
        if {$load eq "packets"} {
            board run 40000000 ;# TCP without end leaves its storage I/O little time
        } else {
            board wait "\[vm$vm\] image crc32c=" 2000000000
        }
        lappend vms $vm
    }
    return $vms
}

# Runs one cell. -> list of samples
proc lab::measure {path load over cache} {
    variable pings
    variable first_vf
    variable target_hart
    set sleeps [string match *-idle $path]
    set shared [expr {$over in {2 5}}]
    set gap [expr {$sleeps && $shared ? 9000 : 30}]
    set count [expr {$sleeps && $shared ? max(10, $pings / 5) : $pings}]
    set target [place target $target_hart [expr {[string match *p $over] ? "alone" : "yes"}] -memory 4M \
        -bootargs "workload=ping pings=$count gap=$gap sleep=$sleeps seed=[dict get $assay::options seed]"]
    vm assign $target 1
    vm path $target [lindex [split $path -] 0]
    set others [neighbours $load $over]
    vm start $target
    board wait "\[vm$target\] ping begins" 1000000000
    vm cold [expr {$cache eq "cold"}]
    set from [board cycle]
    set line [board wait "\[vm$target\] ping done" [expr {100000000 + $pings * 40000000}]]
    vm cold no
    assay::check [string match "*lost=0 errors=0" $line] "$path, $load, $over:1, $cache: $line"
    set samples [assay::interrupt_samples $from $first_vf $target]
    set exits [vm stat $target]
    foreach vm [concat $target $others] {
        vm destroy $vm
    }
    return [list $samples $exits]
}

proc lab::percentile {sorted per_mille} {
    set n [llength $sorted]
    return [lindex $sorted [expr {($n * $per_mille + 999) / 1000 - 1}]]
}

proc lab::distribution {values} {
    set sorted [lsort -integer $values]
    return [dict create count [llength $sorted] min [lindex $sorted 0] p50 [percentile $sorted 500] p99 [percentile $sorted 990] \
        p999 [percentile $sorted 999] max [lindex $sorted end]]
}

# The stages of a sample; the third is the way from the signal vector to whoever raises the interrupt: a hart's receiver or the hypervisor.
proc lab::stages_of {sample} {
    dict with sample {
        set told [expr {$notified ? $notified : $signal ? $signal : $vector}]
        return [dict create link [expr {$arrived - $sent}] table [expr {$table - $arrived}] vector [expr {$vector - $table}] \
            signal [expr {$told - $vector}] handler [expr {$handler - $told}]]
    }
}

proc lab::summarise {samples} {
    variable stages
    set result [distribution [lmap s $samples {expr {[dict get $s handler] - [dict get $s sent]}}]]
    dict set result host_p99 [percentile [lsort -integer [lmap s $samples {expr {[dict get $s handler] - [dict get $s arrived]}}]] 990]
    foreach stage $stages {
        dict set result stage $stage [percentile [lsort -integer [lmap s $samples {dict get [stages_of $s] $stage}]] 500]
    }
    dict set result example [dict get [lindex $samples [expr {[llength $samples] / 2}]] sent]
    foreach path {direct mismatch broadcast recorded} {
        dict set result taken $path [llength [lsearch -all -exact [lmap s $samples {dict get $s path}] $path]]
    }
    return $result
}

proc lab::sweep {} {
    variable paths
    variable loads
    variable over
    variable caches
    set cells {}
    foreach path $paths {
        foreach load $loads {
            foreach share $over {
                foreach cache $caches {
                    lassign [measure $path $load $share $cache] samples exits
                    assay::check [expr {[llength $samples] > 0}] "$path, $load, $share:1, $cache: no interrupt was followed to its handler"
                    set cell [dict merge [dict create path $path load $load over $share caches $cache limit [limit $path $cache] exits $exits] [summarise $samples]]
                    dict set cell values [lmap s $samples {expr {[dict get $s handler] - [dict get $s sent]}}]
                    say [row $cell]
                    lappend cells $cell
                }
            }
        }
    }
    return $cells
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
        lappend fields {*}[lmap key {count min p50 p99 p999 max host_p99 limit example} {format {"%s": %d} $key [dict get $cell $key]}]
        lappend fields "\"stages_p50\": \x7b[join [lmap stage $stages {format {"%s": %d} $stage [dict get $cell stage $stage]}] {, }]\x7d"
        lappend fields "\"taken\": \x7b[join [lmap path {direct mismatch broadcast recorded} {format {"%s": %d} $path [dict get $cell taken $path]}] {, }]\x7d"
        lappend items "  \x7b[join $fields {, }]\x7d"
    }
    return "\[\n[join $items ",\n"]\n\]"
}

proc lab::write_file {name text} {
    variable directory
    set channel [open $directory/$name.new w]
    puts $channel $text
    close $channel
    file rename -force $directory/$name.new $directory/$name
}

proc lab::cell {cells path load over caches} {
    foreach cell $cells {
        if {[dict get $cell path] eq $path && [dict get $cell load] eq $load && [dict get $cell over] eq $over && [dict get $cell caches] eq $caches} {
            return $cell
        }
    }
    assay::bad_input "goals=1 needs the cell $path, $load, $over, $caches in the sweep"
}

# The goal figures.
proc lab::check_goals {cells} {
    set direct [cell $cells direct idle 1 warm]
    set bound [expr {5 * [dict get $direct limit] / 4}]
    assay::check [expr {[dict get $direct p99] <= $bound}] "direct delivery takes [dict get $direct p99] cycles at p99, more than 1.25 times the limit, $bound"
    assay::check [expr {[dict get $direct taken direct] == [dict get $direct count]}] "not every interrupt of a running vCPU was direct: [dict get $direct taken]"
    set classical [cell $cells classical idle 1 warm]
    assay::check [expr {[dict get $classical p50] >= 5 * [dict get $direct p50]}] \
        "direct is not 5 times faster than classical at p50: [dict get $direct p50], [dict get $classical p50]"
    set direct [cell $cells direct-idle idle 5p warm]
    set classical [cell $cells classical-idle idle 5 warm]
    assay::check [expr {[dict get $classical p99] >= 10 * [dict get $direct p99]}] \
        "direct to a pinned target is not 10 times faster than classical at 5:1 overcommit's p99: [dict get $direct p99], [dict get $classical p99]"
    # With the same placement the link is the larger part of direct delivery; what the host adds to it is compared.
    set classical [cell $cells classical-idle idle 5p warm]
    assay::check [expr {[dict get $classical host_p99] >= 10 * [dict get $direct host_p99]}] \
        "from its arrival on, direct to a pinned target is not 10 times faster than classical: [dict get $direct host_p99], [dict get $classical host_p99]"
}

proc lab::main {} {
    variable directory
    variable pings
    check_parameters
    file mkdir $directory
    boot
    puts [heading]
    set cells [sweep]
    write_file interrupt_latency.txt "[heading]\n[join [lmap cell $cells {row $cell}] \n]"
    write_file interrupt_latency.json [json $cells]
    write_file interrupt_latency_distributions.svg [plots::distributions $cells]
    write_file interrupt_latency_stages.svg [plots::stages $cells $lab::stages]
    if {[assay::parameter goals 0]} {
        check_goals $cells
    }
    puts "  $directory/interrupt_latency.txt, .json, _distributions.svg, _stages.svg: [llength $cells] cells of $pings interrupts"
    puts "PASS"
}

lab::main
