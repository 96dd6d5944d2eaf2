# The testplan with results: requirement -> tests -> coverage -> bug. Its file: testbench/testplan.tcl.

namespace eval testplan {
    variable requirements
    variable cases    ;# "PROGRAM:suite.case" or script -> pass, fail or skip
    variable long     ;# names of the tests that `make test-long` runs
}

proc testplan::add {id what {body {}}} {
    variable requirements
    if {[dict exists $requirements $id]} {
        error "requirement $id stands there twice"
    }
    if {[catch {dict size $body}]} {
        error "requirement $id: not pairs of key and value"
    }
    dict for {key value} $body {
        if {$key ni {tests cover bug gap}} {
            error "requirement $id: unknown key \"$key\""
        }
    }
    dict set requirements $id [dict merge [dict create id $id what $what tests {} cover {} bug {} gap {}] $body]
}

proc testplan::load {path} {
    variable requirements [dict create]
    if {![file isfile $path] || ![file readable $path]} {
        regress::refuse "testplan $path: cannot be read"
    }
    set interp [interp create -safe]
    $interp alias requirement testplan::add
    set code [catch {$interp invokehidden source $path} message result]
    interp delete $interp
    if {$code} {
        set line 0
        regexp {\(file "[^\n]*" line (\d+)\)} [dict get $result -errorinfo] -> line
        regress::refuse "testplan $path:$line: [lindex [split $message \n] 0]"
    }
}

# What testbench/run_tests.tcl left in DIRECTORY: GoogleTest's XML, and NAME.status of scripts.
proc testplan::read_results {directory} {
    variable cases [dict create]
    foreach file [glob -nocomplain -directory $directory *.xml] {
        set program [file rootname [file tail $file]]
        foreach {all name body} [regexp -all -inline {<testcase name="([^"]*)"([^>]*>)} [regress::read_file $file]] {
            if {[regexp {classname="([^"]*)"} $body -> class]} {
                dict set cases $program:$class.$name [expr {[string match "*/>" $body] ? "pass" : "fail"}]
            }
        }
    }
    foreach file [glob -nocomplain -directory $directory *.status] {
        dict set cases [file rootname [file tail $file]] [string trim [regress::read_file $file]]
    }
}

# The list that make leaves for us; without it every test without a result is a missing one.
proc testplan::read_long {path} {
    variable long {}
    if {[file readable $path]} {
        set long [lmap test [regress::read_file $path] {file rootname [file tail $test]}]
    }
}

# -> {pass fail skip missing long}: lists; `long` are those without a result that only `make test-long` gives
proc testplan::judge_tests {patterns} {
    variable cases
    variable long
    set result [dict create pass {} fail {} skip {} missing {} long {}]
    foreach pattern $patterns {
        set matches [dict filter $cases key $pattern]
        if {[dict size $matches] == 0} {
            dict lappend result [expr {$pattern in $long ? "long" : "missing"}] $pattern
        }
        dict for {name state} $matches {
            dict lappend result $state $name
        }
    }
    return $result
}

# Percent of a coverage point, "" if it was not measured.
proc testplan::coverage_of {points build} {
    set values {}
    foreach point $points {
        set value ""
        if {[file exists $build/coverage/functional.tsv]} {
            foreach line [split [regress::read_file $build/coverage/functional.tsv] \n] {
                lassign [split $line \t] name hit total
                if {$name eq $point} {
                    set value [format %.0f%% [expr {100.0 * $hit / $total}]]
                }
            }
        }
        lappend values "$point[expr {$value eq "" ? " ?" : " $value"}]"
    }
    return [join $values {, }]
}

proc testplan::bug_state {bug build} {
    variable cases
    if {[regexp {^spin/(\w+):(\w+)$} $bug -> model case]} {
        set test ${model}_test
        return [expr {[dict exists $cases $test] ? [dict get $cases $test] eq "pass" ? "caught" : "not caught" : "not run"}]
    }
    if {[regexp {^mutate/(\w+)$} $bug -> block]} {
        if {![file exists $build/mutate/$block.json]} {
            return "not run"
        }
        regexp {"score": ([\d.]+)} [regress::read_file $build/mutate/$block.json] -> score
        return "$score %"
    }
    set log $build/test-results/check.log
    if {[file exists $log] && [regexp -line "^$bug +(.*)$" [regress::read_file $log] -> line]} {
        return [expr {[string match SURVIVES* $line] ? "not caught" : "caught"}]
    }
    return [expr {[file exists testbench/mutants/$bug.patch] ? "not run" : "there is none"}]
}

# Red is what is known to be bad or to be missing; "open" is what nothing speaks against but that a long test has no result.
proc testplan::judge {counts gap bugs} {
    dict with counts {
        if {$fail > 0 || $missing > 0 || $gap ne "" || [string match "*not caught*" $bugs] || $pass + $long == 0} {
            return RED
        }
        return [expr {$long > 0 ? "open" : "pass"}]
    }
}

# -> list of dicts id what state passed total coverage bugs note
proc testplan::rows {build} {
    variable requirements
    set rows {}
    dict for {id requirement} $requirements {
        set result [judge_tests [dict get $requirement tests]]
        set counts [dict map {state names} $result {llength $names}]
        set notes {}
        foreach state {fail missing long skip} text {failed "no result" "needs make test-long" skipped} {
            if {[dict get $counts $state]} {
                lappend notes "$text: [join [lrange [dict get $result $state] 0 3] {, }][expr {[dict get $counts $state] > 4 ? ", ..." : ""}]"
            }
        }
        if {[dict get $requirement gap] ne ""} {
            lappend notes "missing: [dict get $requirement gap]"
        }
        set bugs [lmap bug [dict get $requirement bug] {string cat $bug ": " [bug_state $bug $build]}]
        lappend rows [dict create id $id what [dict get $requirement what] state [judge $counts [dict get $requirement gap] $bugs] passed [dict get $counts pass] \
            total [tcl::mathop::+ {*}[dict values $counts]] \
            coverage [coverage_of [dict get $requirement cover] $build] bugs [join $bugs {; }] note [join $notes {; }]]
    }
    return $rows
}

proc testplan::html {rows} {
    set cells [lmap row $rows {
        set class [dict get {pass pass RED red open skip} [dict get $row state]]
        report::row $class [lmap value [list [dict get $row id] [dict get $row what] [dict get $row state] "[dict get $row passed]/[dict get $row total]" \
            [dict get $row coverage] [dict get $row bugs] [dict get $row note]] {report::escape $value}]
    }]
    return [report::table {requirement what state tests coverage "injected bugs" note} $cells]
}

proc testplan::count {rows state} { llength [lsearch -all -exact [lmap row $rows {dict get $row state}] $state] }

# Reads plan and results; -> rows
proc testplan::evaluate {options {path testbench/testplan.tcl}} {
    load $path
    read_results [dict get $options build]/test-results
    read_long [dict get $options build]/long_tests
    return [rows [dict get $options build]]
}

proc regress::testplan_main {options} {
    set path [expr {[dict get $options plan] eq "" ? "testbench/testplan.tcl" : [dict get $options plan]}]
    set rows [testplan::evaluate $options $path]
    foreach row $rows {
        puts [format "%-5s %-4s %3d/%-3d %s%s" [dict get $row id] [dict get $row state] [dict get $row passed] [dict get $row total] [dict get $row what] \
            [join [lmap key {coverage bugs note} {expr {[dict get $row $key] eq "" ? [continue] : "  | [dict get $row $key]"}}] ""]]
    }
    set green [testplan::count $rows pass]
    puts "$green of [llength $rows] requirements have passing tests and no gap, [testplan::count $rows open] wait for make test-long, [testplan::count $rows RED] are red"
    return [expr {$green == [llength $rows] ? 0 : 1}]
}
