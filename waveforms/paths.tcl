# One interrupt of each path of the latency laboratory, as a picture and a GTKWave view: from the message that leaves the SEE to the first
# instruction of the guest's handler, at the pins of the BAU. Each path is run twice: the first run tells the cycles of an example, the second
# one, which is the same cycle by cycle, records its waves.
# usage: tclsh8.6 waveforms/paths.tcl OUTPUT_DIRECTORY ?BUILD? ?PATH ...?

source [file join [file dirname [file normalize [info script]]] view.tcl]

namespace eval paths {
    variable top [file dirname [file dirname [file normalize [info script]]]]
    variable titles {
        direct "Direct: table entry, signal vector and BLOCKED, signal, second fetch of the entry; the hart takes it with no exit"
        mismatch "Mismatch: the receiver of the hart denies the signal, summary bit, notify; the hypervisor raises the guest's interrupt"
        broadcast-busy "Broadcast to a target that computes: summary bit and notify instead of the signal"
        broadcast-idle "Broadcast to a target that sleeps: summary bit, notify, the hypervisor wakes its hart"
        classical "Classical: notify, the hypervisor raises a line of the virtual interrupt controller, exit, injection, claim"
    }
    variable signals [lmap pin {pcie_rx_valid_i pcie_rx_data_i arrival_valid_o mem_valid_o mem_op_o mem_addr_o mem_rsp_valid_i mem_rsp_data_i
        sig_valid_o sig_hart_o sig_rsp_valid_i sig_rsp_match_i notify_o reg_valid_i reg_write_i reg_addr_i event_code_o} {string cat lockstep.bau.model.bau_view. $pin}]
}

proc paths::run {build directory path args} {
    variable top
    exec $build/assay run $top/testbench/system/interrupt_latency.tcl --see model --bau model --port model --set build=$build --set directory=$directory \
        --set paths=$path --set loads=idle --set over=1 --set caches=warm --set pings=20 --set events=1 {*}$args
}

proc paths::draw {build output path} {
    variable titles
    variable signals
    set work $output/$path
    file mkdir $work
    run $build $work $path
    set channel [open $work/interrupt_latency.json]
    regexp {"p50": (\d+).*"example": (\d+)} [read $channel] -> latency sent
    close $channel
    set from [expr {$sent - 20}]
    set to [expr {$sent + $latency + 40}]
    run $build $work $path --bau lockstep --waves $work/waves.fst --waves-from $from --waves-cycles [expr {$to - $from}]
    view::draw $build $work/waves.fst $work/interrupt_latency.events $output/$path [dict get $titles $path] $signals $from $to *
    puts "$output/$path.png, $output/$path.gtkw: sent in cycle $sent, handled after $latency"
}

proc paths::main {output {build build} args} {
    variable titles
    set chosen [expr {$args eq {} ? [dict keys $titles] : $args}]
    foreach path $chosen {
        if {![dict exists $titles $path]} {
            puts stderr "paths: \"$path\" is none of [join [dict keys $titles] {, }]"
            exit 2
        }
    }
    foreach path $chosen {
        draw $build [file normalize $output] $path
    }
}

if {$argc < 1} {
    puts stderr "usage: tclsh8.6 waveforms/paths.tcl OUTPUT_DIRECTORY ?BUILD? ?PATH ...?"
    exit 2
}
paths::main {*}$argv
