# assay regress --testplan and --signoff over made-up results: what passes is green, what fails, is missing or was not measured is not.
source [file join [file dirname [info script]] common.tcl]

set build [file normalize $directory/build]

proc put {path text} {
    file mkdir [file dirname $::build/$path]
    set channel [open $::build/$path w]
    puts $channel $text
    close $channel
}

proc testplan {expected args} {
    return [regress $expected --testplan [write_plan testplan.tcl {
        requirement A1 {both kinds of tests} {tests {ring:ring.* power_test} bug {spin/task:overtake mutate/see}}
        requirement A2 {a case that fails} {tests {ring:full.*}}
        requirement A3 {a test that never ran} {tests {ring:ring.* no_such_test}}
        requirement A4 {passes but something is missing} {tests {power_test} gap {the other half}}
        requirement A5 {nothing}
        requirement A6 {a test and a long one that did not run} {tests {power_test hours_long}}
        requirement A7 {a case that fails and a long test that did not run} {tests {ring:full.* hours_long}}
    }] --build $::build {*}$args]
}

proc row {text id} {
    regexp -line "^$id +(.*)$" $text -> row
    return $row
}

proc test_testplan {} {
    put test-results/ring.xml {<testsuites tests="3"><testsuite name="ring">
        <testcase name="wraps" status="run" classname="ring" />
        <testcase name="empties" status="run" classname="ring" />
        <testcase name="full" status="run" classname="full"><failure message="no"/></testcase></testsuite></testsuites>}
    put test-results/power_test.status pass
    put test-results/task_test.status fail
    put mutate/see.json {{"score": 93.5}}
    set text [testplan 1]
    expect "RED *3/3 *spin/task:overtake: not caught; mutate/see: 93.5 %*" [row $text A1] "bug that is not caught"
    put test-results/task_test.status pass
    set text [testplan 1]
    expect "pass *3/3 *spin/task:overtake: caught*" [row $text A1] "tests that pass"
    expect "RED *0/1*failed: ring:full.full*" [row $text A2] "test that fails"
    expect "RED *2/3*no result: no_such_test*" [row $text A3] "test that never ran"
    expect "RED *1/1*missing: the other half*" [row $text A4] "gap"
    expect "RED *0/0*" [row $text A5] "requirement without a test"
    expect "RED *1/2*no result: hours_long*" [row $text A6] "test that nobody knows to be a long one"
    put long_tests testbench/system/hours_long.tcl
    set text [testplan 1]
    expect "open *1/2*needs make test-long: hours_long*" [row $text A6] "long test that did not run"
    expect "RED *0/2*failed: ring:full.full*" [row $text A7] "failed test beside a long one"
    expect "*1 of 7 requirements*, 1 wait for make test-long, 5 are red*" $text "count"
    put test-results/hours_long.status fail
    expect "RED *1/2*failed: hours_long*" [row [testplan 1] A6] "long test that failed"
}

proc figure {text what} {
    regexp -line "^$what +(.*)$" $text -> row
    return $row
}

proc test_signoff {} {
    put coverage/coverage.json "{\n  \"rtl_lines\": {\"hit\": 96, \"total\": 100, \"excluded\": 0, \"percent\": 96.0},\n  \"models\": {\"hit\": 1, \"total\": 2, \"excluded\": 0, \"percent\": 50.0}\n}"
    put mutate/see.json {{"block": "see", "seed": 1, "mutants": 10, "killed": 8, "explained": 0, "survivors": 2, "score": 80.0}}
    put clean/valgrind.json {{"passed": 3, "failed": 0}}
    put run/report.json "{\n  \"blocks\": {\n    \"see\": {\n      \"cycles_compared\": 2000000,\n      \"mismatches\": 0\n    },\n    \"clb\": {\n      \"cycles_compared\": 1000000,\n      \"mismatches\": 0,\n      \"host1\": {\"lookups\": 3}, \"host2\": {\"lookups\": 3}\n    }\n  },\n  \"io\": {\n    \"latency_cycles\": {\n      \"p50\": 999999\n    }\n  },\n  \"cycles\": 1000\n}"
    set text [regress 1 --signoff --build $::build]
    harness::check [expr {[string first "compared, host" $text] < 0}] "an object inside of a block's is taken for a block: $text"
    expect "96.0 % *pass" [figure $text "coverage: rtl lines"] "coverage above its limit"
    expect "50.0 % *RED" [figure $text "coverage: models"] "coverage below its limit"
    expect "*not measured" [figure $text "coverage: firmware"] "coverage that was not measured"
    put coverage/coverage.json "{\n  \"complete\": 0,\n  \"rtl_lines\": {\"hit\": 96, \"total\": 100, \"excluded\": 0, \"percent\": 96.0},\n  \"models\": {\"hit\": 1, \"total\": 2, \"excluded\": 0, \"percent\": 50.0}\n}"
    set part [regress 1 --signoff --build $::build]
    expect "at least 96.0 % *pass" [figure $part "coverage: rtl lines"] "what a part of the runs covers is enough"
    expect "at least 50.0 % *not measured" [figure $part "coverage: models"] "what a part of the runs covers is not enough"
    expect "80.0 % (8 of 10, 0 explained) *RED" [figure $text "mutation score, see"] "mutation score below 90 %"
    expect "*not measured" [figure $text "mutation score, bau"] "mutation score that was not measured"
    expect "2000000 *pass" [figure $text "lockstep cycles compared, see"] "lockstep cycles"
    expect "3 programs, 0 with errors *pass" [figure $text "Valgrind clean"] Valgrind
    expect "999999 *RED" [figure $text "NVMe command, median cycles"] "latency above its baseline"
    harness::check [expr {[string match "*<table>*Testplan*" [text_of $::build/signoff/index.html]]}] "no HTML"
    harness::check [regexp -all {"state": "(pass|RED|not measured)"} [text_of $::build/signoff/signoff.json]] "no JSON"
    put run/report.json "{\n  \"blocks\": {\n    \"see\": {\n      \"cycles_compared\": 2000000,\n      \"mismatches\": 1\n    }\n  }\n}"
    expect "1 *RED" [figure [regress 1 --signoff --build $::build] "lockstep mismatches"] "a mismatch"
}

proc test_bad_input {} {
    foreach {text pattern} {
        "requirement A1 {x} {test {a}}" "*testplan*bad.tcl:1: requirement A1: unknown key \"test\"*"
        "\nrequirment A1 {x}" "*bad.tcl:2: invalid command name*"
        "requirement A1 {x}\nrequirement A1 {y}" "*bad.tcl:2: requirement A1 stands there twice*"
    } {
        expect $pattern [regress 2 --testplan [write_plan bad.tcl $text] --build $::build] "bad testplan"
    }
    expect "*no/plan.tcl: cannot be read*" [regress 2 --testplan no/plan.tcl --build $::build] "testplan that is not there"
}

foreach test {test_testplan test_signoff test_bad_input} {
    $test
}
finish
