# Coverage of everything, merged over runs, as one HTML page with a page for each file.
# usage: tclsh8.6 testbench/coverage/collect.tcl BUILD JOBS ?PROGRAMS? ?SCENARIOS?        (through `make coverage`; lists of names, all by default)
#   RTL      lines, toggles, user points: Verilator's counters of the lockstep tests, from a build of their own (BUILD/coverage/tree)
#   models   lines: gcov, from the same build and tests
#   hypervisor, firmware   lines, from executed instructions of scenarios on the ordinary build: no instrumentation
#   functional             points and crosses of points.tcl, from the event logs of the same scenarios
# exclusions.tcl: lines that do not count, with the reason. Results: BUILD/coverage/index.html, coverage.json, functional.tsv.
# Exit status: 0, or 2 if something cannot be built or run.

namespace eval collect {
    variable here [file dirname [file normalize [info script]]]
    variable programs {see bau see_lockstep see_unit_lockstep bau_lockstep port_lockstep clb_lockstep hart_modes hart_translation hart_memory hart_traps hart_pmp hart_float
        hart_extensions hart_debug convert_tables a64 board port clb}
    variable scenarios {
        first_io      testbench/system/first_io.tcl {--set ops=200}
        refusing      testbench/unit/hypervisor/board/lifecycle.tcl {--hart fast}
        tasks         testbench/unit/hypervisor/board/tasks.tcl {--hart fast}
        isolation     testbench/unit/hypervisor/board/isolation.tcl {--hart fast}
        overcommit    testbench/unit/hypervisor/board/overcommit.tcl {--hart fast}
        snapshot      testbench/system/snapshot_basic.tcl {--hart fast}
        device        testbench/system/snapshot_io.tcl {--hart fast --set ops=400}
        faults        testbench/system/snapshot_faults.tcl {--hart fast}
        race          testbench/system/interrupt_race.tcl {--set pings=40 --set rounds=1}
        doze          testbench/system/interrupt_doze.tcl {}
        commands      testbench/unit/hypervisor/board/commands.tcl {--hart fast}
        multipath     testbench/system/multipath.tcl {--hart fast --set discovery=1 --set ops=1500}
        stripe        testbench/system/stripe.tcl {--hart fast --set {faults=10 crash 80 away 150 crash}}
        mirror        testbench/system/mirror_power.tcl {--hart fast --set ops=200 --set cut=returns}
        update        testbench/system/firmware_update.tcl {--hart fast --set ops=100}
    }
}
foreach part {functional counters pages} {
    source [file join $collect::here $part.tcl]
}

proc collect::fail {text} {
    puts stderr "coverage: $text"
    exit 2
}

proc collect::build {build jobs} {
    variable programs
    set flags "-O3 --x-assign fast --x-initial unique --noassert --coverage-line --coverage-toggle --coverage-user --coverage-max-width 8 --output-split-cfuncs 500 \
        --trace-fst --trace-depth 1 -Wno-fatal -Wno-lint -Wno-style"
    set tree $build/coverage/tree
    if {[catch {exec make -j$jobs B=$tree WARN=-Wall RTL_COVERAGE=1 VERILATED_OPT=-O1 "OPT=-O1 --coverage" LDFLAGS=--coverage "DEBUG_FLAGS=$flags" \
            {*}[lmap program $programs {string cat $tree/test/ $program}] >& $build/coverage/build.log}]} {
        fail "the build for coverage failed, see $build/coverage/build.log"
    }
}

# The runs as a plan of the regression runner.
proc collect::run {build jobs} {
    variable programs
    variable scenarios
    set plan "plan coverage\nstall 3600\n"
    foreach program $programs {
        append plan [list command $program [list env ASSAY_RTL_COVERAGE=$build/coverage/rtl/$program $build/coverage/tree/test/$program]] \n
    }
    foreach {name file options} $scenarios {
        append plan [list command scenario_$name [list env ASSAY_BUILD=$build $build/assay run $file --see model --bau model --port model {*}$options --set build=$build \
            --set directory=$build/coverage/work/$name --coverage $build/coverage/executed/$name --report $build/coverage/work/$name/report.json]] \n
    }
    foreach directory {rtl executed work} {
        file delete -force $build/coverage/$directory
        file mkdir $build/coverage/$directory
    }
    set channel [open $build/coverage/plan.tcl w]
    puts $channel $plan
    close $channel
    if {[catch {exec $build/assay regress $build/coverage/plan.tcl -j $jobs --directory $build/coverage/regress >@stdout 2>@stderr} message options]} {
        if {[lindex [dict get $options -errorcode] 2] != 1} {
            fail "the runs could not be started"
        }
        puts "coverage: not all runs passed; what they covered counts all the same"
    }
}

proc collect::software {build kind} {
    set files [glob -nocomplain $build/coverage/executed/*.$kind.executed]
    if {[llength $files] == 0} {
        return {}
    }
    exec $build/assay coverage lines $kind $build/coverage/$kind.info {*}[lsort $files]
    return [counters::read_info $build/coverage/$kind.info]
}

# The conformance suite's own lines of this very image, if make test has left them (testbench/conformance/check_run.tcl), belong to the firmware's.
proc collect::with_conformance {build table} {
    set info $build/test-results/firmware_check/firmware-check.info
    if {![file exists $info] || [file mtime $info] < [file mtime $build/firmware/assay-nic.elf]} {
        return $table
    }
    dict for {file lines} [counters::read_info $info] {
        dict for {line counts} $lines {
            if {![dict exists $table $file $line] || [lindex [dict get $table $file $line] 0] == 0} {
                dict set table $file $line $counts
            }
        }
    }
    return $table
}

# Only those that were asked for, of what there is. -> 1 if that is all
proc collect::choose {wanted_programs wanted_scenarios} {
    variable programs
    variable scenarios
    set all [list $programs $scenarios]
    foreach name $wanted_programs {
        if {$name ni $programs} {
            fail "there is no program \"$name\": [join $programs {, }]"
        }
    }
    set names [lmap {name file options} $scenarios {set name}]
    foreach name $wanted_scenarios {
        if {$name ni $names} {
            fail "there is no scenario \"$name\": [join $names {, }]"
        }
    }
    if {[llength $wanted_programs]} {
        set programs $wanted_programs
    }
    if {[llength $wanted_scenarios]} {
        set scenarios [concat {*}[lmap {name file options} $scenarios {expr {$name in $wanted_scenarios ? [list $name $file $options] : [continue]}}]]
    }
    return [expr {$all eq [list $programs $scenarios]}]
}

proc collect::main {build jobs {wanted_programs {}} {wanted_scenarios {}}} {
    set complete [choose $wanted_programs $wanted_scenarios]
    file mkdir $build/coverage
    file delete $build/coverage/coverage.json $build/coverage/functional.tsv ;# what fails on the way was not measured
    foreach old [exec find $build/coverage -name *.gcda] {
        file delete $old
    }
    build $build $jobs
    run $build $jobs
    set exclusions [counters::read_exclusions]
    lassign [counters::read_verilator [glob -nocomplain $build/coverage/rtl/*.dat]] lines toggles user
    set kinds [list "RTL lines" $lines "RTL toggles" $toggles "RTL user points" $user models [counters::read_gcov $build/coverage/tree] \
        hypervisor [software $build hypervisor] firmware [with_conformance $build [software $build firmware]]]
    set functional [functional::evaluate [glob -nocomplain $build/coverage/executed/*.events]]
    pages::write_all $build/coverage $kinds $exclusions $functional $complete
}

collect::main {*}$argv
