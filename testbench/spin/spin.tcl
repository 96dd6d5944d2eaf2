# Runs Spin on a model and on its mutants: the model must hold in every interleaving, each mutant must be caught. A script sources this file, sets
# spin::model, and calls spin::main with its cases: name, search, expectation (holds, lost, stuck, endless), macros of the model.
#   environment: ASSAY_BUILD, the build directory (build of the current directory): work goes to its subdirectory spin
# Exit status: 0 pass, 1 fail, 77 no spin or no gcc here.

namespace eval spin {
    variable model
    variable complete "" ;# the case in which every statement of the model must be reached, or its result says less than it seems to
    variable memory_megabytes 900
    variable seconds 150
    variable optimise -O2
}

# Translates and compiles the verifier: "rest" looks for a bad state, "cycle" (without assertions) for a run that never comes to rest.
proc spin::build {directory search macros} {
    variable model
    variable memory_megabytes
    variable optimise
    file mkdir $directory
    set defines [lmap macro $macros {string cat -D $macro}]
    set kind [expr {$search eq "rest" ? "-DSAFETY" : "-DNP"}]
    set back [pwd]
    cd $directory
    try {
        exec spin -a {*}$defines $model 2>@1
        exec gcc $optimise -w -DMEMLIM=$memory_megabytes -DNOFAIR $kind -o pan pan.c 2>@1
    } finally {
        cd $back
    }
}

# Returns what the search says: holds, lost (an assertion), stuck (an invalid end state), endless, or a sentence that says why it does not count.
proc spin::verdict {output} {
    if {![regexp {errors: (\d+)} $output -> errors]} {
        return "no result: [lindex [split [string trim $output] \n] end]"
    }
    if {$errors == 0} {
        set complete [expr {![string match "*Search not completed*" $output] && ![string match "*max search depth too small*" $output]}]
        return [expr {$complete ? "holds" : "search not completed"}]
    }
    # The summary names every kind of error, found or not: only the line of the error itself counts.
    if {[regexp {pan:\d+: assertion violated} $output]} {
        return lost
    }
    if {[regexp {pan:\d+: invalid end state} $output]} {
        return stuck
    }
    if {[regexp {pan:\d+: non-progress cycle} $output]} {
        return endless
    }
    return "other error: [lindex [split [string trim $output] \n] 0]"
}

proc spin::search {directory search} {
    variable seconds
    set options [expr {$search eq "rest" ? "" : "-l -A -E"}]
    set back [pwd]
    cd $directory
    try {
        catch {exec timeout $seconds ./pan {*}$options -m100000 2>@1} output
    } finally {
        cd $back
    }
    return $output
}

# Statements that the search never reached.
proc spin::unreached {output} {
    set lines [regexp -all -inline -line {^\t\S+\.pml:\d+, state \d+, .*$} $output]
    return [lsearch -all -inline -not $lines *-end-*]
}

proc spin::run_case {build name search expected macros} {
    variable complete
    variable model
    set directory [file join $build spin [file rootname [file tail $model]] $name]
    file delete -force $directory
    build $directory $search $macros
    set output [search $directory $search]
    set result [verdict $output]
    set states "?"
    regexp {(\d+) states, stored} $output -> states
    puts [format "%-18s %-8s %9s states  %s" $name $result $states $macros]
    if {$name eq $complete && [llength [unreached $output]]} {
        puts "not reached:\n[join [unreached $output] \n]"
        return 0
    }
    return [expr {$result eq $expected}]
}

proc spin::main {cases} {
    foreach tool {spin gcc} {
        if {[auto_execok $tool] eq ""} {
            puts "$tool is not installed"
            exit 77
        }
    }
    set build [file normalize [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]]
    set failures {}
    foreach {name search expected macros} $cases {
        if {![run_case $build $name $search $expected $macros]} {
            lappend failures "$name: expected $expected"
        }
    }
    foreach failure $failures {
        puts $failure
    }
    exit [expr {[llength $failures] > 0}]
}
