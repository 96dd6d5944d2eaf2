# vCPUs: where they run, and how their device's interrupts come (hypervisor/core/scheduler.h, hypervisor/drivers/bau.h).

dict set vm::ops migrate 14
dict set vm::ops pin 15
dict set vm::ops path 16
dict set vm::ops vcpus 17
dict set vm::ops machine 18
dict set vm::ops cold 19

namespace eval vm {
    variable paths {direct 0 broadcast 1 classical 2 mismatch 3 intx 4}
    namespace export migrate pin path vcpus machine cold
}

# vm migrate VM VCPU HART: the vCPU goes there at its next exit
proc vm::migrate {vm vcpu hart} { request migrate [::list $vm $vcpu $hart]; return }

# vm pin VM VCPU no|yes|alone: it stays on its hart; alone: others that are not pinned leave that hart
proc vm::pin {vm vcpu how} {
    set known {no 0 yes 1 alone 2}
    if {![dict exists $known $how]} {
        assay::bad_input "vm pin: \"$how\" is none of no, yes, alone"
    }
    request pin [::list $vm $vcpu [dict get $known $how]]
    return
}

# vm cold yes|no: the BAU's caches are emptied all the time, for measurements
proc vm::cold {on} { request cold [::list [expr {bool($on)}]]; return }

# vm path VM direct|broadcast|classical|mismatch|intx: how the interrupts of its VF come; before its start
proc vm::path {vm path} {
    variable paths
    if {![dict exists $paths $path]} {
        assay::bad_input "vm path: \"$path\" is none of [join [dict keys $paths] ", "]"
    }
    request path [::list $vm [dict get $paths $path]]
    return
}

# vm vcpus VM -> a list of dicts: hart, state, running, pinned
proc vm::vcpus {vm} {
    return [lmap line [split [string trim [lindex [request vcpus [::list $vm]] 1]] \n] {
        concat {*}[lmap field [lrange $line 2 end] {split $field =}]
    }]
}

# vm machine -> dict of the BAU's counters: count.direct and so on
proc vm::machine {} {
    set result [dict create]
    foreach line [split [string trim [lindex [request machine {}] 1]] \n] {
        if {[llength $line] == 2} {
            dict set result {*}$line
        }
    }
    return $result
}
