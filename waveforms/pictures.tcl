# Draws the pictures of waveforms/README.md and writes GTKWave views, from a wave file and the event log of the same run.
# usage: tclsh8.6 waveforms/pictures.tcl WAVES.fst EVENTS OUTPUT_DIRECTORY ?BUILD?
# Make both with: make run WAVES=1. What is drawn: the quickest directed interrupt and the quickest whole command in the window.

namespace eval pictures {
    variable views {
        interrupt {
            title "Where did this interrupt go: MSI-X message at the BAU, table entries, signal vector, signal to the hart"
            signals {
                lockstep.bau.model.bau_view.pcie_rx_valid_i lockstep.bau.model.bau_view.pcie_rx_sop_i lockstep.bau.model.bau_view.pcie_rx_data_i
                lockstep.bau.model.bau_view.arrival_valid_o lockstep.bau.model.bau_view.mem_valid_o lockstep.bau.model.bau_view.mem_op_o
                lockstep.bau.model.bau_view.mem_addr_o lockstep.bau.model.bau_view.mem_rsp_valid_i lockstep.bau.model.bau_view.mem_rsp_data_i
                lockstep.bau.model.bau_view.sig_valid_o lockstep.bau.model.bau_view.sig_hart_o lockstep.bau.model.bau_view.sig_target_o
                lockstep.bau.model.bau_view.sig_rsp_valid_i lockstep.bau.model.bau_view.sig_rsp_match_i lockstep.bau.model.bau_view.event_code_o
            }
        }
        command {
            title "One NVMe command at the SEE: doorbell, SQE fetch, descriptor, completion, CQE, MSI-X"
            signals {
                lockstep.see.model.see_view.pcie_rx_valid_i lockstep.see.model.see_view.pcie_rx_data_i lockstep.see.model.see_view.pcie_tx_valid_o
                lockstep.see.model.see_view.pcie_tx_data_o lockstep.see.model.see_view.nm_wr_valid_o lockstep.see.model.see_view.nm_wr_addr_o
                lockstep.see.model.see_view.nm_rd_valid_o lockstep.see.model.see_view.reg_valid_i lockstep.see.model.see_view.reg_addr_i
                lockstep.see.model.see_view.irq_o lockstep.see.model.see_view.event_code_o lockstep.see.model.see_view.event_id_o
            }
        }
    }
}

# Returns the log's events as {cycle name function id} lists.
proc pictures::read_events {path} {
    set channel [open $path]
    set lines [lrange [split [string trim [read $channel]] \n] 1 end]
    close $channel
    return [lmap line $lines {lrange [split $line \t] 0 3}]
}

# The cycles of FIRST and LAST of the id in the window that has both closest together.
proc pictures::span {events first last from to} {
    set begun [dict create]
    set best {}
    foreach event $events {
        lassign $event cycle name function id
        if {$cycle < $from || $cycle > $to} {
            continue
        }
        if {$name eq $first} {
            dict set begun $id $cycle
        } elseif {$name eq $last && [dict exists $begun $id]} {
            if {$best eq {} || $cycle - [dict get $begun $id] < [lindex $best 1] - [lindex $best 0]} {
                set best [list [dict get $begun $id] $cycle]
            }
        }
    }
    if {$best eq {}} {
        error "no $first followed by $last between cycles $from and $to"
    }
    return $best
}

proc pictures::write_gtkw {path waves view from} {
    variable views
    set channel [open $path w]
    puts $channel "\[dumpfile\] \"[file normalize $waves]\"\n\[timestart\] $from\n@200\n-[dict get $views $view title]\n@22"
    foreach signal [dict get $views $view signals] {
        puts $channel $signal
    }
    close $channel
}

proc pictures::main {waves log output {build build}} {
    variable views
    file mkdir $output
    set events [read_events $log]
    set changes [split [exec $build/assay wave query $waves lockstep.see.model.see_view.event_valid_o] \n]
    set first [lindex $changes 0 0]
    set last [lindex $changes end 0]
    foreach {view start stop} {interrupt bau.arrived bau.accepted command see.fetched see.cqe} {
        lassign [span $events $start $stop $first $last] from to
        set from [expr {$from - 20}]
        set to [expr {$to + 20}]
        exec $build/assay wave draw $waves $output/$view.png {*}[dict get $views $view signals] --from $from --to $to \
            --events $log --title [dict get $views $view title] >@stdout 2>@stderr
        write_gtkw $output/$view.gtkw $waves $view $from
        puts "$output/$view.png, $output/$view.gtkw: cycles $from to $to"
    }
}

pictures::main {*}$argv
