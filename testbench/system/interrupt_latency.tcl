# The latency laboratory of directed interrupts: from the device's MSI-X to the guest's first handler instruction, on each path, under
# load, with and without overcommitted harts, with warm and cold caches of the BAU. Writes a table, JSON and SVG plots.
# Parameters (--set NAME=VALUE), lists are separated by commas:
#   paths  direct, mismatch (the receiver denies each signal), broadcast-busy, classical: the target computes;
#          direct-idle, broadcast-idle, classical-idle: it sleeps in WFI
#   loads  idle, cpu (the other hart computes), storage (a neighbour does verified I/O on the other hart), packets (the neighbour's network function
#          exchanges TCP with the fabric over the same port and link, without end)
#   over   vCPUs for each hart: 1, 2, 5 share the target's hart with it; 2p, 5p: the target is pinned alone and the others share the rest
#   caches warm, cold (the BAU's caches are emptied all the time)
#   neighbours  the path of the neighbour's own interrupts under storage or packet load (direct)
#   events 1: the event log is kept as interrupt_latency.events
#   pings  interrupts of a cell (300); directory, build; goals=1: the goal figures are checked, cells that they need must be in the sweep
# How to read it: testbench/system/interrupt_latency.md

source [file join [file dirname [info script]] latency_report.tcl]
source [file join [file dirname [info script]] volumes.tcl]

namespace eval lab {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable pings [assay::parameter pings 300]
    variable paths [split [assay::parameter paths direct,direct-idle,mismatch,broadcast-idle,broadcast-busy,classical,classical-idle] ,]
    variable loads [split [assay::parameter loads idle,cpu,storage,packets] ,]
    variable over [split [assay::parameter over 1,2,5,2p,5p] ,]
    variable caches [split [assay::parameter caches warm,cold] ,]
    variable neighbours_path [assay::parameter neighbours direct]
    variable target_hart 0
    variable other_hart 1
    variable first_vf 0
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
    if {$lab::neighbours_path ni {direct broadcast classical}} {
        assay::bad_input "neighbours: \"$lab::neighbours_path\" is none of direct, broadcast, classical"
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
    variable neighbours_path
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
        vm path $vm $neighbours_path
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

# How often the VM has left its vCPU so far.
proc lab::exits {vm} {
    return [::tcl::mathop::+ {*}[dict values [dict filter [vm stat $vm] key exits.*]]]
}

# Runs one cell. -> samples, exits of the target between its first ping and its last words (three exits: its last two lines, its shutdown)
proc lab::measure {path load over cache} {
    variable pings
    variable first_vf
    variable target_hart
    set sleeps [string match *-idle $path]
    set shared [expr {$over in {2 5}}]
    set gap [expr {!$shared ? 30 : $sleeps ? 9000 : 300}] ;# on a shared hart the pings span several turns of all that share it
    set count $pings
    if {$sleeps && $shared} { # each ping waits for a turn of all the others, a long time to simulate while the neighbour keeps every block busy
        set count [expr {$load in {storage packets} ? 10 : max(10, $pings / (2 * $over))}]
    }
    set target [place target $target_hart [expr {[string match *p $over] ? "alone" : "yes"}] -memory 4M \
        -bootargs "workload=ping pings=$count gap=$gap sleep=$sleeps seed=[dict get $assay::options seed]"]
    vm assign $target 1
    vm path $target [lindex [split $path -] 0]
    set others [neighbours $load $over]
    vm start $target
    board wait "\[vm$target\] ping begins" 1000000000
    vm cold [expr {$cache eq "cold"}]
    set from [board cycle]
    set before [exits $target]
    set line [board wait "\[vm$target\] ping done" [expr {100000000 + $pings * 40000000}]]
    vm cold no
    assay::check [string match "*lost=0 errors=0" $line] "$path, $load, $over:1, $cache: $line"
    set samples [assay::interrupt_samples $from $first_vf $target]
    set exits [expr {[exits $target] - $before}]
    foreach vm [concat $target $others] {
        vm destroy $vm
    }
    return [list $samples $exits]
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

proc lab::latency {sample} { return [expr {[dict get $sample handler] - [dict get $sample sent]}] }

proc lab::summarise {samples} {
    variable stages
    set samples_by_time [lsort -command {apply {{a b} {expr {[lab::latency $a] - [lab::latency $b]}}}} $samples]
    set result [distribution [lmap s $samples {latency $s}]]
    dict set result late [stages_of [percentile $samples_by_time 990]]
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
                    dict set cell values [lmap s $samples {latency $s}]
                    say [row $cell]
                    lappend cells $cell
                }
            }
        }
    }
    return $cells
}

proc lab::main {} {
    variable directory
    variable pings
    check_parameters
    file mkdir $directory
    boot
    puts [heading]
    set cells [sweep]
    write_files $directory $cells
    if {[assay::parameter events 0]} {
        assay::events $directory/interrupt_latency.events
    }
    if {[assay::parameter goals 0]} {
        foreach {holds text} [goals $cells] {
            assay::check $holds $text
        }
    }
    puts "  $directory/interrupt_latency.txt, .json, _distributions.svg, _stages.svg: [llength $cells] cells of $pings interrupts"
    puts "PASS"
}

lab::main
