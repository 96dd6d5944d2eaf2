# The firmware as it is passes the suite with model and RTL in lockstep and keeps its limits; a broken one does not; bad input is refused.
source testbench/conformance/broken_builds.tcl

namespace eval check_test {
    variable directory $harness::build/test-results/firmware_check
}

proc check_test::healthy {} {
    variable directory
    lassign [harness::assay firmware check --see lockstep --output $directory] status output errors
    harness::check [expr {$status == 0}] "status $status: $errors$output"
    harness::check [expr {[harness::report_value $directory/firmware-check.json checks_pass] >= 150}] "fewer than 150 checks"
    harness::check [expr {[harness::report_value $directory/firmware-check.json mismatches] == 0}] "model and RTL differ"
    harness::check [expr {[harness::report_value $directory/firmware-check.json figures.coverage.nvme] > 80}] "coverage"
    set channel [open $directory/firmware-check.info]
    set lcov [read $channel]
    close $channel
    harness::check [regexp {SF:firmware/nvme/queues.c\nDA:\d+,[01]\n} $lcov] "no coverage of queues.c in the lcov file"
    harness::check [file exists $directory/firmware-check.html] "no HTML report"
}

proc check_test::bad_input {} {
    variable directory
    foreach {arguments text} {
        {check --image /nonexistent.elf} "cannot be read"
        {check --image Makefile} "Makefile"
        {check --nonsense on} "unknown option"
        {check --image} "usage"
        {verify} "usage"
    } {
        lassign [harness::assay firmware {*}$arguments --output $directory/none] status output errors
        harness::check [expr {$status == 2}] "firmware $arguments: status $status"
        harness::check [string match *$text* $errors] "firmware $arguments: \"$errors\" does not say \"$text\""
    }
}

check_test::healthy
check_test::bad_input
broken::compile_all
broken::judge_all 2
harness::finish
