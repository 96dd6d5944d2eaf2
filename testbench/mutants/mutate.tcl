# Mutates a block's RTL and sees whether the tests notice: one build holds N mutants behind a select value, each mutant is a run.
# usage: tclsh8.6 testbench/mutants/mutate.tcl BUILD BLOCK N SEED JOBS STAGES ONLY SOURCES   (through `make mutate`)
#   Work goes to BUILD/mutate/BLOCK, the result to BUILD/mutate/BLOCK.html, BLOCK.json and BLOCK.tsv, each mutant as a patch to BUILD/mutate/BLOCK/patches.
#   ONLY: a pattern of FILE:LINE OPERATOR that mutants must match, "*" for all.
#   STAGES, each for those mutants that the one before has let live: lockstep (the block's lockstep test), unit (its unit tests in lockstep, if it
#   has such a program), board (guests' I/O on small volumes with the block in lockstep).
# Exit status 0 if the score (killed of all, without those that explained.tcl explains) is at least 90 %, 1 if not, 2 if something cannot be built.

source [file join [file dirname [info script]] sites.tcl]
source [file join [file dirname [info script]] operators.tcl]
source [file join [file dirname [info script]] schemata.tcl]
source [file join [file dirname [info script]] report.tcl]

namespace eval mutate {
    variable here [file dirname [file normalize [info script]]]
    variable least 90.0
    variable flags "-O3 --x-assign fast -Wno-fatal -Wno-lint -Wno-style"
}

proc mutate::fail {text} {
    puts stderr "mutate: $text"
    exit 2
}

proc mutate::write {path text} {
    set channel [open $path w]
    puts -nonewline $channel $text
    close $channel
}

proc mutate::read_text {path} {
    set channel [open $path]
    set text [read $channel]
    close $channel
    return $text
}

# Lines that Verilator does not accept, as FILE:LINE of the original sources.
proc mutate::refused {directory sources top} {
    variable flags
    catch {exec verilator --lint-only {*}$flags --top-module $top $directory/select.sv {*}$sources 2>@1} output
    set places {}
    foreach {all file line} [regexp -all -inline -line {^%Error[^:]*: ([^\s:]+):(\d+):} $output] {
        lappend places [string map [list $directory/source/ ""] $file]:$line
    }
    if {$places eq "" && [string match *%Error* $output]} {
        fail "verilator: [lindex [split [string trim $output] \n] 0]"
    }
    return $places
}

# Writes the sources with the mutants in them. -> the list of sources, packages first
proc mutate::write_sources {directory sources mutants} {
    set by_file [dict create]
    set number 0
    foreach mutant $mutants {
        dict set by_file [dict get $mutant file] [incr number] $mutant
    }
    return [lmap file $sources {
        if {![dict exists $by_file $file]} {
            string cat $file
        } else {
            file mkdir [file dirname $directory/source/$file]
            write $directory/source/$file [schemata::apply [read_text $file] [dict get $by_file $file]]
            string cat $directory/source/$file
        }
    }]
}

# The mutants of this seed that the language allows. -> {mutants sources}
proc mutate::choose {directory block count seed only sources} {
    set files [lmap file $sources {
        if {![string match rtl/$block/* $file]} {
            continue
        }
        string cat $file
    }]
    set order [lmap mutant [schemata::order $files $seed] {
        if {![string match $only "[dict get $mutant file]:[dict get $mutant line] [dict get $mutant operator]"]} {
            continue
        }
        string cat $mutant
    }]
    if {$order eq ""} {
        fail "no mutant of $block matches \"$only\""
    }
    set next [expr {min($count, [llength $order])}]
    set mutants [lrange $order 0 [expr {$next - 1}]]
    write $directory/select.sv "package mutants;\n  int unsigned selected = \$c32(\"(getenv(\\\"ASSAY_MUTANT\\\") ? atoi(getenv(\\\"ASSAY_MUTANT\\\")) : 0)\");\nendpackage\n"
    while {1} {
        set written [write_sources $directory $sources $mutants]
        set refused [refused $directory $written $block]
        if {$refused eq ""} {
            break
        }
        set kept {}
        foreach mutant $mutants {
            if {"[dict get $mutant file]:[dict get $mutant line]" ni $refused} {
                lappend kept $mutant
            }
        }
        if {[llength $kept] == [llength $mutants]} {
            fail "verilator refuses [lindex $refused 0], where no mutant is"
        }
        set missing [expr {[llength $mutants] - [llength $kept]}]
        set mutants [concat $kept [lrange $order $next [expr {$next + $missing - 1}]]]
        incr next $missing
    }
    return [list $mutants $written]
}

# DIFF of each mutant against the project, for reading and for `patch -p1`.
proc mutate::write_patches {directory mutants} {
    file delete -force $directory/patches
    file mkdir $directory/patches
    set number 0
    foreach mutant $mutants {
        set file [dict get $mutant file]
        write $directory/alone.sv [schemata::alone [read_text $file] $mutant]
        catch {exec diff -u --label a/$file --label b/$file $file $directory/alone.sv} difference
        regsub {\nchild process exited abnormally$} $difference "" difference
        write $directory/patches/[incr number].patch $difference\n
    }
}

# A copy of the build in which the block's sources are those with mutants. Waves are not wanted: depth 1.
proc mutate::build {build directory block targets written} {
    variable flags
    file mkdir $directory/b
    foreach part {gen lib obj src verilated} {
        exec cp -a $build/$part $directory/b/
    }
    if {[catch {exec make B=$directory/b ${block}_SV=$directory/select.sv\ [join [lmap file $written {expr {[string match *lib_* $file] || [string match *_pkg.sv $file] ? [continue] : $file}}]] \
            "FAST_FLAGS=$flags --x-initial unique --noassert --savable" "DEBUG_FLAGS=$flags --x-initial unique --assert --trace-fst --trace-depth 1" \
            {*}[lmap target $targets {string cat $directory/b/ $target}] >& $directory/build.log}]} {
        fail "the mutants do not build, see $directory/build.log"
    }
}

# Real software on the board with the block in lockstep, the others as models: the boot of all harts behind their CLBs, or I/O of two guests of which one touches
# what is not its own.
proc mutate::board_run {directory block} {
    set backends [concat {*}[lmap other {see bau port} {list --$other [expr {$other eq $block ? "lockstep" : "model"}]}]]
    if {$block eq "clb"} {
        return [list testbench/system/clb_boot.tcl --set cycles=2500000 --set build=[file normalize $directory/../..] --set directory=$directory/board --clb lockstep --clb-hart all {*}$backends]
    }
    return [list testbench/unit/hypervisor/board/isolation.tcl --hart fast --max-cycles 400000000 {*}$backends]
}

# -> {targets stages}: what must be built, and {name program argument...} of each stage
proc mutate::stages {block directory names} {
    set targets {}
    set stages {}
    foreach name $names {
        switch $name {
            lockstep {
                lappend targets test/${block}_lockstep
                lappend stages [list lockstep $directory/b/test/${block}_lockstep --gtest_break_on_failure]
            }
            unit {
                if {[file exists $directory/../../test/${block}_unit_lockstep]} {
                    lappend targets test/${block}_unit_lockstep
                    lappend stages [list unit $directory/b/test/${block}_unit_lockstep --gtest_break_on_failure]
                }
            }
            board {
                lappend targets assay
                lappend stages [list board env ASSAY_BUILD=[file normalize $directory/../..] $directory/b/assay run {*}[board_run $directory $block]]
            }
            default { fail "there is no stage \"$name\": lockstep, unit, board" }
        }
    }
    return [list $targets $stages]
}

# CPU seconds that the unmutated build needs for a stage. It must survive by the same script that kills mutants.
proc mutate::baseline {directory stage} {
    variable here
    set command [list [info nameofexecutable] $here/kill.tcl $directory/baseline 0 [list 36000 {*}$stage]]
    if {[catch {exec bash -c {TIMEFORMAT=%U; time "$@"} time {*}$command 2>@1} output] || ![string match survives* [read_text $directory/baseline]]} {
        fail "the build without a mutant fails [lindex $stage 0]: [lindex [split [string trim $output] \n] end]"
    }
    return [expr {int(ceil([lindex [split [string trim $output] \n] end]))}]
}

# One job of a regression for each mutant.
proc mutate::run_all {build directory block count jobs stages} {
    variable here
    set plan "plan mutate-$block\nstall 3600\n"
    for {set n 1} {$n <= $count} {incr n} {
        append plan [list command mutant$n [list [info nameofexecutable] $here/kill.tcl $directory/results/$n $n {*}$stages]] \n
    }
    write $directory/plan.tcl $plan
    file delete -force $directory/results
    file mkdir $directory/results
    if {[catch {exec $build/assay regress $directory/plan.tcl -j $jobs --quiet --directory $directory/regress >@stdout 2>@stderr} message]} {
        fail "the runs did not end well: $message"
    }
}

# -> the records of report.tcl
proc mutate::records {directory block mutants} {
    variable here
    set explanations [read_text $here/explained.tcl]
    set number 0
    return [lmap mutant $mutants {
        incr number
        dict with mutant {}
        lassign [split [string trim [read_text $directory/results/$number]] \t] result what
        set text [string trim [lindex [split [read_text $file] \n] $line-1]]
        if {$result eq "survives" && [set what [mutate_report::explanation $explanations $block $file $text $operator]] ne ""} {
            set result explained
        }
        dict create number $number result $result place $file:$line operator $operator what $what diff [read_text $directory/patches/$number.patch]
    }]
}

proc mutate::report {build directory block seed mutants} {
    set count [dict create killed 0 explained 0 survives 0]
    set records [records $directory $block $mutants]
    set command $directory/b/test/${block}_lockstep
    foreach record $records {
        dict incr count [dict get $record result]
        if {[dict get $record result] eq "survives"} {
            dict with record {
                puts "survives: $number at $place: $operator; ASSAY_MUTANT=$number $command\n    [string map {\n "\n    "} [mutate_report::changed_lines $diff]]"
            }
        }
    }
    set judged [expr {[dict get $count killed] + [dict get $count survives]}]
    set score [expr {$judged ? 100.0 * [dict get $count killed] / $judged : 100.0}]
    set figures [dict merge $count [dict create block $block seed $seed mutants [llength $mutants] score $score]]
    write $build/mutate/$block.tsv [mutate_report::tsv $records]
    write $build/mutate/$block.json [mutate_report::json_text $figures $records]
    write $build/mutate/$block.html [mutate_report::html_text $figures $records $command]
    dict with count {
        puts [format "%s: %d mutants, %d killed, %d explained, %d survive: score %.1f %% (seed %s), %s" $block [llength $mutants] $killed $explained $survives $score $seed $build/mutate/$block.html]
    }
    return $score
}

proc mutate::main {build block count seed jobs names only sources} {
    variable least
    variable here
    if {![string is integer -strict $count] || $count < 1 || $count > 2000} {
        fail "N is $count; one build holds 1 to 2000 mutants"
    }
    set directory $build/mutate/$block
    file delete -force $directory $build/mutate/$block.json $build/mutate/$block.tsv $build/mutate/$block.html
    file mkdir $directory
    set started [clock seconds]
    lassign [stages $block $directory $names] targets stages
    foreach pattern [mutate_report::stale [read_text $here/explained.tcl] $block [concat {*}[lmap file [glob rtl/$block/*.sv] {list $file [read_text $file]}]]] {
        puts "explained.tcl: no line of the sources matches \"$pattern\" any more"
    }
    lassign [choose $directory $block $count $seed $only $sources] mutants written
    write_patches $directory $mutants
    build $build $directory $block $targets $written
    set stages [lmap stage $stages {list [expr {3 * [baseline $directory $stage] + 5}] {*}$stage}]
    puts "$block: [llength $mutants] mutants in one build, made and tried without a mutant in [expr {[clock seconds] - $started}] s; limits in CPU seconds: [lmap stage $stages {string cat [lindex $stage 1]\ [lindex $stage 0]}]"
    run_all $build $directory $block [llength $mutants] $jobs $stages
    return [expr {[report $build $directory $block $seed $mutants] >= $least ? 0 : 1}]
}

exit [mutate::main {*}$argv]
