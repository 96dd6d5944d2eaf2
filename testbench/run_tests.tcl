# Runs GoogleTest binaries and script tests one after the other and closes with "N passed, N failed[, N skipped]".
# usage: tclsh8.6 run_tests.tcl BUILD_DIR TEST...
#   TEST ending in .tcl is a script: status 0 passes, 77 skips (its last line says why), anything else fails.
#   Any other TEST is a GoogleTest binary: each of its cases counts.
# A test that takes longer than 20 minutes of wall time is ended and fails: a hang must not eat the whole run.
# Output of each test goes to BUILD_DIR/test-results/NAME.log, GoogleTest's JUnit XML beside it, a script's result to NAME.status: the testplan
# (assay regress --testplan) reads both.

namespace eval runner {
    variable passed 0 failed 0 skipped 0
}

proc runner::count_cases {xml} {
    variable passed
    variable failed
    variable skipped
    set channel [open $xml]
    set text [read $channel]
    close $channel
    if {![regexp {<testsuites tests="(\d+)" failures="(\d+)" disabled="(\d+)" errors="(\d+)"} $text -> tests failures disabled errors]} {
        error "no totals in $xml"
    }
    if {$tests == 0} {
        error "$xml holds no test"
    }
    incr failed [expr {$failures + $errors}]
    incr skipped $disabled
    incr passed [expr {$tests - $failures - $errors - $disabled}]
    return [expr {$failures + $errors}]
}

proc runner::execute {log command} {
    set status 0
    if {[catch {exec timeout -k 10 1200 {*}$command >& $log < /dev/null} message options]} {
        set code [dict get $options -errorcode]
        set status [expr {[lindex $code 0] eq "CHILDSTATUS" ? [lindex $code 2] : 128}]
    }
    return $status
}

proc runner::tail_of {log lines} {
    set channel [open $log]
    set text [split [string trimright [read $channel]] \n]
    close $channel
    return [join [lrange $text end-[expr {$lines - 1}] end] \n]
}

proc runner::run_binary {results name path} {
    variable failed
    set log $results/$name.log
    set xml $results/$name.xml
    file delete $xml
    set status [execute $log [list $path --gtest_output=xml:$xml]]
    if {[catch {count_cases $xml} broken]} {
        incr failed
        return "FAILED (status $status: $broken)\n[tail_of $log 20]"
    }
    if {$broken == 0 && $status == 0} {
        return ok
    }
    if {$broken == 0} {
        incr failed
    }
    return "FAILED (status $status)\n[tail_of $log 40]"
}

proc runner::note_script {file status} {
    set channel [open $file w]
    puts $channel [expr {$status == 0 ? "pass" : $status == 77 ? "skip" : "fail"}]
    close $channel
}

proc runner::run_script {results name path} {
    variable passed
    variable failed
    variable skipped
    set log $results/$name.log
    set status [execute $log [list [info nameofexecutable] $path]]
    note_script $results/$name.status $status
    switch $status {
        0 { incr passed; return ok }
        77 { incr skipped; return "skipped: [tail_of $log 1]" }
        default { incr failed; return "FAILED (status $status)\n[tail_of $log 40]" }
    }
}

proc runner::main {build tests} {
    variable passed
    variable failed
    variable skipped
    set results $build/test-results
    file mkdir $results
    set ::env(ASSAY_BUILD) $build
    foreach path $tests {
        set name [file rootname [file tail $path]]
        set started [clock seconds]
        if {[file extension $path] eq ".tcl"} {
            set outcome [run_script $results $name $path]
        } else {
            set outcome [run_binary $results $name $path]
        }
        puts [format "%-44s %4d s  %s" $name [expr {[clock seconds] - $started}] $outcome]
        flush stdout
    }
    puts "$passed passed, $failed failed[expr {$skipped ? ", $skipped skipped" : ""}]"
    return [expr {$failed > 0 || $passed == 0}]
}

exit [runner::main [lindex $argv 0] [lrange $argv 1 end]]
