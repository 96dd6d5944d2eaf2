# Draws the pictures of waveforms/README.md and writes GTKWave views, from a wave file and the event log of the same run.
# usage: tclsh8.6 waveforms/pictures.tcl WAVES.fst EVENTS OUTPUT_DIRECTORY ?BUILD?
# Make both with: make run WAVES=1. What is drawn: the quickest directed interrupt, the quickest whole command and the quickest page copy for a device in the window.

source [file join [file dirname [file normalize [info script]]] view.tcl]

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
        page {
            title "A page's copy for a device: its write is held at the BAU, the hypervisor takes the fault, copies, opens the page, the BAU replays the write"
            signals {
                lockstep.bau.model.bau_view.pcie_rx_valid_i lockstep.bau.model.bau_view.mem_valid_o lockstep.bau.model.bau_view.mem_op_o
                lockstep.bau.model.bau_view.mem_addr_o lockstep.bau.model.bau_view.mem_data_o lockstep.bau.model.bau_view.reg_valid_i
                lockstep.bau.model.bau_view.reg_write_i lockstep.bau.model.bau_view.reg_addr_i lockstep.bau.model.bau_view.reg_data_i
                lockstep.bau.model.bau_view.event_valid_o lockstep.bau.model.bau_view.event_code_o lockstep.bau.model.bau_view.event_id_o
            }
        }
    }
}

# Returns the log's events as {cycle name function id value} lists.
proc pictures::read_events {path} {
    set channel [open $path]
    set lines [lrange [split [string trim [read $channel]] \n] 1 end]
    close $channel
    return [lmap line $lines {lrange [split $line \t] 0 4}]
}

# The cycles of FIRST and LAST, with a value of at least LEAST, of the id in the window that has both closest together.
proc pictures::span {events first last least from to} {
    set begun [dict create]
    set best {}
    foreach event $events {
        lassign $event cycle name function id value
        if {$cycle < $from || $cycle > $to || $value < $least} {
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

proc pictures::main {waves log output {build build}} {
    variable views
    file mkdir $output
    set events [read_events $log]
    set changes [split [exec $build/assay wave query $waves lockstep.see.model.see_view.event_valid_o] \n]
    set first [lindex $changes 0 0]
    set last [lindex $changes end 0]
    # A page fault's value is 0x100 and the requester for a device, 0 for a hart. Before a view's first event is what led to it.
    set drawn 0
    foreach {view start stop least before only} {interrupt bau.arrived bau.accepted 0 20 * command see.fetched see.cqe 0 20 * page page.fault page.open 0x100 400 page.*} {
        if {[catch {span $events $start $stop $least $first $last} span]} {
            puts "$view: $span"
            continue
        }
        incr drawn
        lassign $span from to
        set from [expr {$from - $before}]
        set to [expr {$to + $before}]
        view::draw $build $waves $log $output/$view [dict get $views $view title] [dict get $views $view signals] $from $to $only
        puts "$output/$view.png, $output/$view.gtkw: cycles $from to $to"
    }
    return [expr {$drawn ? 0 : 1}]
}

exit [pictures::main {*}$argv]
