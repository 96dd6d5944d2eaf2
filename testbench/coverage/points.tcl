# Functional coverage: what must have happened at least once over all runs, seen in the event logs (sim/trace/event_log.h: event, function, id, value).
# Read by testbench/coverage/functional.tcl; testbench/testplan.tcl names the points.
#
#   point NAME {what} EVENT-GLOB {expression over $event $function $id $value that gives the bin} {bin ...}
#   cross NAME {what} POINT POINT {excluded bin pairs and why}     both values from events of one id and function
# The kinds: opcodes of an SQE are its DW0's low byte; function 0 is the PF.

proc opcode_bin {value function} {
    set names {0 flush 1 write 2 read 5 compare 8 write_zeroes 9 dsm}
    set opcode [expr {$value & 255}]
    return [expr {$function == 0 ? "admin" : [dict exists $names $opcode] ? [dict get $names $opcode] : "other"}]
}

# CAUSE_* of rtl/bau/registers.tcl
set refusals {5 address 7 translation 13 message 14 target 15 vector}

point command {kinds of NVMe commands} see.fetched {[opcode_bin $value $function]} {admin flush write read compare write_zeroes dsm}
point command_function {who sends commands} see.fetched {$function == 0 ? "pf" : $function == 1 ? "vf1" : "other_vf"} {pf vf1 other_vf}
point status {how commands end} see.cqe {($value & 0xffff) == 0 ? "success" : "error"} {success error}
point descriptor {what the firmware is told} see.descriptor {$value & 255} {1 2 3}
point reset {resets of functions} see.reset {$value ? "flr" : "disable"} {flr disable}
point interrupt_path {how interrupts reach a target} bau.* {[dict exists {bau.accepted direct bau.broadcast broadcast bau.recorded recorded bau.mismatch mismatch bau.changed changed} $event] ? [dict get {bau.accepted direct bau.broadcast broadcast bau.recorded recorded bau.mismatch mismatch bau.changed changed} $event] : ""} {direct broadcast recorded mismatch changed}
point unblock {targets unblocked} bau.unblock {"unblocked"} {unblocked}
point task {tasks on the board} task.* {[string range $event 5 end]} {begin progress end}
point page.fault {first writes to protected pages, by whom: a device's is held by the BAU} page.fault {$value >= 0x100 ? "device" : "hart"} {hart device}
point page.open {protected pages given back to their writer} page.open {$value >= 0x100 ? "device" : "hart"} {hart device}
point refused {what of a guest's device the BAU refuses} bau.fault {[dict exists $::refusals [expr {$value + 0}]] ? [dict get $::refusals [expr {$value + 0}]] : "other"} {address translation message target vector}
point intx {the PF's interrupt line} see.intx {$value ? "raised" : "lowered"} {raised lowered}
point page.written {pages that reached the volume} page.written {"written"} {written}
point pause {pauses of a VM} pause.* {[string range $event 6 end]} {begin end}

cross command_status {each kind of command ends well and badly} command status
cross function_command {PF and VFs send each kind} command_function command {{pf flush} {pf write} {pf read} {pf compare} {pf write_zeroes} {pf dsm} {vf1 admin} {other_vf admin}}
