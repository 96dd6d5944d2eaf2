# What a guest's kernel does not export (hypervisor/discover): discover --vm, vm ps, vm hook, vm processes. A guest is a VM's number, or `native`:
# a kernel that runs on the board without the hypervisor.

dict set vm::ops memory 48

namespace eval vm {
    namespace export ps hook unhook hooks processes
}

# {vm hgatp base bytes}; the hypervisor names the second stage and the RAM of a VM
proc vm::place {vm} {
    if {$vm eq "native"} {
        return {16 0 0 0}
    }
    if {![string is integer -strict $vm]} {
        assay::bad_input "a guest is the number of a VM, or native, not \"$vm\""
    }
    return [::list $vm {*}[lrange [lindex [request memory [::list $vm]] 0] 0 2]]
}

# vm ps N -> the guest's processes, as its own ps would list them
proc vm::ps {vm} {
    set lines [::list [format "%7s %7s  %s" PID PPID COMMAND]]
    foreach process [assay::processes [place $vm]] {
        lappend lines [format "%7d %7d  %s" {*}$process]
    }
    return [join $lines \n]
}

# vm hook N FUNCTION: each call logs an event guest.hook; vm hooks -> list of {vm function address hits}
proc vm::hook {vm function} {
    if {$function eq ""} {
        assay::bad_input "vm hook: a function is missing"
    }
    assay::hook [place $vm] $function
}
proc vm::unhook {vm function} { assay::unhook [place $vm] $function }
proc vm::hooks {} { assay::hooks }

# vm processes N on|off: each switch to another process logs an event guest.process with its name
proc vm::processes {vm mode} {
    switch -- $mode {
        on { assay::hook [place $vm] "" }
        off { assay::unhook [place $vm] "" }
        default { assay::bad_input "vm processes: on or off, not \"$mode\"" }
    }
}

# discover --vm N ?--json? ?--explain TARGET? ?ps? -> text
proc discover {args} {
    set what text
    set vm ""
    for {set i 0} {$i < [llength $args]} {incr i} {
        switch -- [lindex $args $i] {
            --vm { set vm [lindex $args [incr i]] }
            --json { set what json }
            --explain { set what [lindex $args [incr i]] }
            ps { set what ps }
            default { assay::bad_input "discover: unknown option \"[lindex $args $i]\"" }
        }
    }
    if {$vm eq "" || $what eq ""} {
        assay::bad_input "usage: discover --vm N ?--json? ?--explain TARGET? ?ps?"
    }
    return [expr {$what eq "ps" ? [vm::ps $vm] : [assay::discover [vm::place $vm] $what]}]
}
