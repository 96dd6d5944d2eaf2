# Tasks of the hypervisor (hypervisor/tasks.h): what takes long, and has a VM to itself meanwhile.

dict set vm::ops task_list 40
dict set vm::ops task_cancel 41
dict set vm::ops checksum 42

namespace eval task {
    namespace export list cancel wait result
    namespace ensemble create
}

# task list -> one line a task: "task 7 snapshot vm0 state=running progress=62"
proc task::list {} { lindex [vm::request task_list {}] 1 }
proc task::cancel {number} { vm::request task_cancel [::list $number]; return }

# task result N -> dict with state, progress, and error or result
proc task::result {number} {
    if {![regexp -line "^task $number .*?(state=.*)$" [task list] -> fields]} {
        assay::bad_input "task $number: there is none, or it was forgotten"
    }
    return [concat {*}[lmap field $fields {split $field =}]]
}

# task wait N CYCLES -> as task result, once it has ended. A check fails after CYCLES.
proc task::wait {number cycles} {
    set deadline [expr {[board cycle] + $cycles}]
    while {[dict get [set result [task result $number]] state] in {queued running compensating}} {
        assay::check [expr {[board cycle] < $deadline}] "task $number did not end within $cycles cycles"
        board run 500000
    }
    return $result
}

# vm checksum N -> number of a task whose result is the CRC32C of the memory of VM N, which does not run
proc vm::checksum {vm} { lindex [request checksum [::list $vm]] 0 0 }
# vm detach VF: takes the volume from the VF
proc vm::detach {vf} { request attach [::list $vf 0xffffffff]; return }
namespace eval vm { namespace export checksum detach }
