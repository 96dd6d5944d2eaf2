# A VM belongs to the task that works on it: other operations answer busy with its progress, other VMs and other tasks go on, a cancelled task
# lets go at once, and the result is the memory's checksum.
source [file join [file dirname [info script]] common.tcl]

proc refused_busy {pattern args} {
    assay::check [catch {{*}$args} text] "\"$args\" was not refused"
    assay::check [string match $pattern $text] "\"$args\" was refused with: $text"
}

scene::boot 1
scene::attach_volumes
set worker [scene::io_vm worker 1 8 1000]
set first [vm create first -memory 64M]
set second [vm create second -memory 4M]
set task [vm checksum $first]
board run 1000000
foreach command [list [list vm destroy $first] [list vm start $first] [list vm assign $first 1] [list vm checksum $first]] {
    refused_busy "*busy: task $task checksum vm$first * % (status -20)*" {*}$command
}
set other [vm checksum $second]
task cancel $task
vm destroy $first
assay::check [expr {[dict get [task result $task] state] eq "cancelled"}] "the task is: [task list]"
refused_busy "*no task $task*" task cancel $task
refused_busy "*the VM runs*" vm checksum $worker

set result [task wait $other 400000000]
assay::check [expr {[dict get $result state] eq "succeeded" && [dict get $result progress] == 100}] "the checksum is: $result"
assay::check [expr {[dict get [task wait [vm checksum $second] 400000000] result] == [dict get $result result]}] "another checksum of the same memory: [task list]"
scene::expect "\[vm$worker\] io done ops=1000" 1000000000
foreach event {task.begin task.progress task.end} least {3 90 3} {
    assay::check [expr {[assay::event_count $event] >= $least}] "[assay::event_count $event] events $event, expected $least"
}
puts [task list]
