# Line coverage from executed instructions: a run computes the same with it; lines that must run are hit, lines that cannot are not; files of several
# runs add up; files of other images, and what is no such file, are refused.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory $harness::build/test-results/coverage
file delete -force $directory
file mkdir $directory
set ::env(ASSAY_BUILD) $harness::build

proc run {name scenario args} {
    lassign [harness::assay run $scenario --see model --bau model --hart fast --set build=$harness::build --set directory=$::directory/work {*}$args] status output errors
    harness::check [expr {$status == 0}] "$name: status $status: $errors"
}

proc coverage {expected args} {
    lassign [harness::assay coverage lines {*}$args] status output errors
    harness::check [expr {$status == $expected}] "coverage lines $args: status $status, not $expected: $output$errors"
    return $output$errors
}

# The lines of FILE in INFO: dict from line to 0 or 1.
proc lines_of {info file} {
    set channel [open $info]
    set text [read $channel]
    close $channel
    harness::check [regexp "SF:$file\n(.*?)end_of_record" $text -> body] "$info has no $file"
    return [concat {*}[lmap {all line hit} [regexp -all -inline {DA:(\d+),(\d)} $body] {list $line $hit}]]
}

proc hit {info file text} {
    set channel [open $file]
    set number [lsearch -glob [split [read $channel] \n] "*$text*"]
    close $channel
    set lines [lines_of $info $file]
    harness::check [dict exists $lines [incr number]] "$file:$number has no code"
    return [expr {[dict exists $lines $number] && [dict get $lines $number]}]
}

proc main {} {
    set d $::directory
    run plain testbench/system/first_io.tcl --set ops=10 --report $d/plain.json
    run covered testbench/system/first_io.tcl --set ops=10 --report $d/covered.json --coverage $d/io
    harness::check [expr {[harness::report_value $d/plain.json state_hash] eq [harness::report_value $d/covered.json state_hash]}] "coverage changes the state hash"
    run tasks testbench/unit/hypervisor/board/tasks.tcl --coverage $d/tasks
    coverage 0 hypervisor $d/io.info $d/io.hypervisor.executed
    coverage 0 hypervisor $d/both.info $d/io.hypervisor.executed $d/tasks.hypervisor.executed
    coverage 0 firmware $d/firmware.info $d/io.firmware.executed
    set checksum hypervisor/management/checksum.c
    harness::check [expr {![hit $d/io.info $checksum "task_succeed(tasks_manager()"]}] "a checksum was taken without a request"
    harness::check [hit $d/both.info $checksum "task_succeed(tasks_manager()"] "the checksum's end was not seen"
    harness::check [hit $d/io.info hypervisor/core/scheduler.c "vcpu_run(v)"] "the scheduler ran no vCPU"
    harness::check [expr {[llength [lines_of $d/firmware.info firmware/nvme/io.c]] > 40}] "hardly a line of the firmware's io.c"
    harness::check [string match "*is of another image*" [coverage 2 hypervisor $d/x.info $d/io.hypervisor.executed $d/io.firmware.executed]] "files of two images were mixed"
    harness::check [string match "*is no file of executed*" [coverage 2 hypervisor $d/x.info $d/plain.json]] "a report was taken for coverage"
    harness::check [expr {![file exists $d/x.info]}] "a refused merge left a file"
    harness::check [expr {[file size $d/tasks.events] > 1000}] "no events beside the coverage"
}

main
harness::finish
