# Sign-off: the figures of everything that was measured, as a table, HTML and JSON. It measures nothing itself: `make signoff` does, then calls it.
#
# Each row: what, value, limit, state (pass, RED, or "not measured"), where from. The whole is green only if every row passes.

namespace eval signoff {
    variable rows
}

proc signoff::row {what value limit state source} {
    variable rows
    lappend rows [dict create what $what value $value limit $limit state $state source $source]
}

proc signoff::missing {what limit source} { row $what "" $limit "not measured" $source }

# The number behind KEY in a JSON text; the first one if several stand there.
proc signoff::number {text key} {
    if {[regexp "\"$key\": (-?\[\\d.\]+)" $text -> value]} {
        return $value
    }
    return ""
}

# Reports of runs below DIRECTORY that compared both sides of a block.
proc signoff::reports {build} {
    set files [glob -nocomplain $build/run/report.json $build/test-results/*/*.json $build/test-results/*.json $build/regress/jobs/*/report.json $build/coverage/work/*/report.json]
    return [lsort -unique $files]
}

proc signoff::lockstep {build} {
    array set compared {}
    set mismatches 0
    set runs 0
    foreach file [reports $build] {
        set text [regress::read_file $file]
        if {![regexp "\n  \"blocks\": \{(.*?)\n  \}" $text -> blocks]} {
            continue
        }
        incr runs
        foreach {all block body} [regexp -all -inline {"(\w+)": \{([^\}]*)\}} $blocks] {
            set cycles [number $body cycles_compared]
            if {$cycles eq ""} continue ;# an object inside of a block's
            incr compared($block) [expr {int($cycles)}]
            set found [number $body mismatches]
            incr mismatches [expr {$found eq "" ? 0 : int($found)}]
        }
    }
    if {$runs == 0} {
        missing "lockstep cycles compared" "1 000 000 a block" "reports of runs"
        return
    }
    foreach block [lsort [array names compared]] {
        row "lockstep cycles compared, $block" $compared($block) "1000000" [expr {$compared($block) >= 1000000 ? "pass" : "RED"}] "$runs reports of runs"
    }
    row "lockstep mismatches" $mismatches 0 [expr {$mismatches == 0 ? "pass" : "RED"}] "$runs reports of runs"
}

# Coverage only grows with more runs: what a part of them reaches is a lower bound, which may pass but cannot fail.
proc signoff::coverage {build} {
    set limits {rtl_lines 95 rtl_toggles 90 rtl_user_points 0 functional 90 models 90 hypervisor 80 firmware 80}
    set file $build/coverage/coverage.json
    set text [expr {[file exists $file] ? [regress::read_file $file] : ""}]
    set part [expr {[number $text complete] eq "0"}]
    foreach {kind limit} $limits {
        if {[regexp "\"$kind\": \{(\[^\}\]*)\}" $text -> body] && [number $body total] > 0} {
            set percent [number $body percent]
            if {$part && $percent < $limit} {
                row "coverage: [string map {_ " "} $kind]" "at least $percent %" "$limit %" "not measured" "$file, of a part of the runs; make coverage"
                continue
            }
            row "coverage: [string map {_ " "} $kind]" "[expr {$part ? "at least " : ""}]$percent %" "$limit %" [expr {$percent >= $limit ? "pass" : "RED"}] $file
        } else {
            missing "coverage: [string map {_ " "} $kind]" "$limit %" "make coverage"
        }
    }
}

proc signoff::mutation {build} {
    foreach directory [lsort [glob -nocomplain -type d rtl/*]] {
        set block [file tail $directory]
        if {![file exists $directory/ports.tcl]} {
            continue
        }
        if {![file exists $build/mutate/$block.json]} {
            missing "mutation score, $block" "90 %" "make mutate"
            continue
        }
        set text [regress::read_file $build/mutate/$block.json]
        set score [number $text score]
        row "mutation score, $block" "$score % ([number $text killed] of [number $text mutants], [number $text explained] explained)" "90 %" \
            [expr {$score >= 90 ? "pass" : "RED"}] "$build/mutate/$block.tsv, seed [number $text seed]"
    }
}

proc signoff::closure {options} {
    set rows [testplan::evaluate $options]
    set open [testplan::count $rows open]
    set red [testplan::count $rows RED]
    row "testplan closure" "[testplan::count $rows pass] of [llength $rows]: $red red, $open open" [llength $rows] [expr {$red ? "RED" : $open ? "not measured" : "pass"}] \
        "testbench/testplan.tcl[expr {$open ? "; make test-long closes the open ones" : ""}]"
    return $rows
}

# Simulated figures repeat exactly for the same sources; one that grows by more than its tolerance is red until it is mended or accepted.
# testbench/baseline.tcl: name, path in the report of `make run`, accepted value, tolerance in percent.
proc signoff::baseline {build} {
    set file $build/run/report.json
    if {![file exists testbench/baseline.tcl]} {
        missing "latency and speed against the baseline" "" "testbench/baseline.tcl"
        return
    }
    set text [expr {[file exists $file] ? [regress::read_file $file] : ""}]
    foreach {name path expected tolerance} [regress::read_file testbench/baseline.tcl] {
        set value [value_at $text $path]
        if {$value eq ""} {
            missing $name "$expected +-$tolerance %" "make run"
            continue
        }
        set change [expr {100.0 * ($value - $expected) / $expected}]
        row $name [format "%s (%+.1f %%)" $value $change] "$expected + $tolerance %" [expr {$change <= $tolerance ? "pass" : "RED"}] $file
    }
}

# "a.b.c" in the JSON that the program writes: objects nest, keys stand once in each.
proc signoff::value_at {text path} {
    foreach key [lrange [split $path .] 0 end-1] {
        if {![regexp -indices "\"$key\": \{" $text place]} {
            return ""
        }
        set text [string range $text [lindex $place 1] end]
    }
    return [number $text [lindex [split $path .] end]]
}

proc signoff::clean {build} {
    foreach tool {asan_ubsan valgrind} text {"ASan and UBSan" Valgrind} {
        set file $build/clean/$tool.json
        if {![file exists $file]} {
            missing "$text clean" "0 failures" "make clean-check"
            continue
        }
        set body [regress::read_file $file]
        row "$text clean" "[number $body passed] programs, [number $body failed] with errors" "0 failures" [expr {[number $body failed] == 0 && [number $body passed] > 0 ? "pass" : "RED"}] $file
    }
}

proc signoff::tests {build} {
    set passed 0
    set failed 0
    dict for {name state} $testplan::cases {
        incr passed [expr {$state eq "pass"}]
        incr failed [expr {$state eq "fail"}]
    }
    if {$passed + $failed == 0} {
        missing "tests of the last make test" "all pass" "make test"
        return
    }
    row "tests of the last make test" "$passed passed, $failed failed" "all pass" [expr {$failed == 0 ? "pass" : "RED"}] $build/test-results
}

proc signoff::json {} {
    variable rows
    set items [lmap row $rows {
        string cat "  \{" [join [lmap {key value} $row {string cat "\"$key\": \"" [string map {\\ \\\\ \" \\\"} $value] \"}] ", "] "\}"
    }]
    return "\[\n[join $items ",\n"]\n\]\n"
}

proc signoff::html {plan} {
    variable rows
    set cells [lmap row $rows {
        report::row [dict get {pass pass RED red {not measured} skip} [dict get $row state]] [lmap {key value} $row {report::escape $value}]
    }]
    return [report::page "Sign-off" "<p>revision [report::escape [history::revision]]; <a href=\"../coverage/index.html\">coverage</a>, <a href=\"../regress/report.html\">regression</a></p>
[report::table {what value limit state from} $cells]<h2>Testplan</h2>\n[testplan::html $plan]"]
}

proc regress::signoff_main {options} {
    set build [dict get $options build]
    set signoff::rows {}
    set plan [signoff::closure $options]
    signoff::tests $build
    signoff::lockstep $build
    signoff::coverage $build
    signoff::mutation $build
    signoff::baseline $build
    signoff::clean $build
    foreach row $signoff::rows {
        puts [format "%-44s %-40s %-22s %s" [dict get $row what] [dict get $row value] [dict get $row limit] [dict get $row state]]
    }
    set states [lmap row $signoff::rows {dict get $row state}]
    set passed [llength [lsearch -all -exact $states pass]]
    file mkdir $build/signoff
    write_file $build/signoff/index.html [signoff::html $plan]
    write_file $build/signoff/signoff.json [signoff::json]
    puts "$passed of [llength $states] figures pass, [llength [lsearch -all -exact $states RED]] are red, [llength [lsearch -all -exact $states {not measured}]] were not measured: $build/signoff/index.html"
    return [expr {$passed == [llength $states] ? 0 : 1}]
}
