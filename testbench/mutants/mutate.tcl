# Mutates a block's RTL with Yosys and sees whether the tests notice: one netlist holds N mutants behind a select value, each mutant is a run.
# usage: tclsh8.6 testbench/mutants/mutate.tcl BUILD BLOCK N SEED JOBS STAGES SOURCES   (through `make mutate`)
#   N at most 255. Work goes to BUILD/mutate/BLOCK, the result to BUILD/mutate/BLOCK.tsv and BLOCK.json.
#   STAGES, each for those mutants that the one before has let live: lockstep (the block's lockstep test), unit (its unit tests in lockstep, if it
#   has such a program), board (guests' I/O on small volumes with the block in lockstep).
# Exit status 0 if the score (killed of all, without those that explained.tcl explains) is at least 90 %, 1 if not, 2 if something cannot be built.

namespace eval mutate {
    variable here [file dirname [file normalize [info script]]]
    variable least 90.0
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

proc mutate::yosys {directory name script} {
    if {[catch {exec yosys -q -l $directory/$name.log -p $script 2>@1} message options] && [lindex [dict get $options -errorcode] 0] eq "CHILDSTATUS"} {
        fail "yosys: [lindex [split [string trim $message] \n] end], see $directory/$name.log"
    }
}

# Inputs of cells that are one constant: dict from "CELL PORT" to its bits, the highest first.
proc mutate::constant_ports {path} {
    set constants [dict create]
    set cell ""
    foreach line [split [read_text $path] \n] {
        if {[regexp {^  cell \S+ (\S+)} $line -> cell]} {
            continue
        }
        if {[regexp {^    connect \\(\S+) (\d+)'([01xz]+)$} $line -> port width bits]} {
            dict set constants "$cell $port" [format %0*s $width $bits]
        }
    }
    return $constants
}

# Whether a mutant puts a constant where the same one, or no value at all, stands already.
proc mutate::changes_nothing {line constants} {
    regexp -- {-mode (\S+) } $line -> mode
    regexp -- {-cell (\S+) -port (\S+) -portbit (\d+)} $line -> cell port bit
    set cell [expr {[string index $cell 0] in {\\ $} ? $cell : "\\$cell"}]
    if {![dict exists $constants "$cell $port"]} {
        return 0
    }
    set value [string index [dict get $constants "$cell $port"] end-$bit]
    return [expr {$value in {x z} || ($mode eq "const0" && $value eq "0") || ($mode eq "const1" && $value eq "1")}]
}

# The list of mutants, as Yosys names them. The same seed gives the same ones.
proc mutate::choose {directory block count seed sources} {
    set read "read_verilog -sv -DSYNTHESIS $sources; hierarchy -check -top $block; proc; flatten; opt_clean; memory_collect"
    yosys $directory choose "$read; dump -o $directory/netlist.il; mutate -list [expr {2 * $count}] -seed $seed -o $directory/candidates.txt"
    set constants [constant_ports $directory/netlist.il]
    set lines {}
    foreach line [split [string trim [read_text $directory/candidates.txt]] \n] {
        if {![changes_nothing $line $constants] && [llength $lines] < $count} {
            lappend lines $line
        }
    }
    write $directory/list.txt [join $lines \n]
    # Names with dollars and backslashes must stay as they are: no list operations on them.
    set script ""
    set number 0
    foreach line $lines {
        append script "mutate -ctrl mutsel 8 [incr number] [string range $line 7 end]\n"
    }
    write $directory/apply.ys $script
    yosys $directory apply "$read; script $directory/apply.ys; write_verilog -noattr $directory/raw.v"
}

# The select value becomes a register that is loaded from the environment: no port, so that everything else is built as always.
proc mutate::make_netlist {directory} {
    set text [read_text $directory/raw.v]
    set loaded "  reg \[7:0\] mutsel; initial mutsel = \$c(\"(getenv(\\\"ASSAY_MUTANT\\\") ? atoi(getenv(\\\"ASSAY_MUTANT\\\")) : 0)\");"
    if {![regsub {, mutsel\);} $text {);} text] || ![regsub -line {^  input \[7:0\] mutsel;$} $text [string map {& \\& \\ \\\\} $loaded] text]} {
        fail "the netlist has no select input"
    }
    regsub -line {^  wire \[7:0\] mutsel;\n} $text "" text
    write $directory/netlist.v $text
}

# A copy of the build in which the block's sources are the netlist. Waves of flattened netlists take minutes to compile: depth 1.
proc mutate::build {build directory block targets} {
    if {![file exists $directory/b]} {
        file mkdir $directory/b
        foreach part {gen lib obj src verilated} {
            exec cp -a $build/$part $directory/b/
        }
    }
    set flags "-O3 --x-assign fast --x-initial fast --noassert --output-split-cfuncs 500 -Wno-fatal -Wno-lint -Wno-style -Wno-UNOPTFLAT"
    if {[catch {exec make B=$directory/b VERILATED_OPT=-O1 ${block}_SV=$directory/netlist.v "FAST_FLAGS=$flags --savable" "DEBUG_FLAGS=$flags --trace-fst --trace-depth 1" \
            {*}[lmap target $targets {string cat $directory/b/ $target}] >& $directory/build.log}]} {
        fail "the netlist does not build, see $directory/build.log"
    }
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
                lappend stages [list board env ASSAY_BUILD=[file normalize $directory/../..] $directory/b/assay run testbench/unit/hypervisor/board/isolation.tcl \
                    --hart fast --max-cycles 400000000 {*}[concat {*}[lmap other {see bau} {list --$other [expr {$other eq $block ? "lockstep" : "model"}]}]]]
            }
            default { fail "there is no stage \"$name\": lockstep, unit, board" }
        }
    }
    return [list $targets $stages]
}

# CPU seconds that the unmutated netlist needs for a stage. It must survive by the same script that kills mutants.
proc mutate::baseline {directory stage} {
    variable here
    set command [list [info nameofexecutable] $here/kill.tcl $directory/baseline 0 [list 36000 {*}$stage]]
    if {[catch {exec bash -c {TIMEFORMAT=%U; time "$@"} time {*}$command 2>@1} output] || ![string match survives* [read_text $directory/baseline]]} {
        fail "the netlist without a mutant fails [lindex $stage 0]: [lindex [split [string trim $output] \n] end]"
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

# file:line of the innermost source, and how it was changed.
proc mutate::place {line} {
    set places [regexp -all -inline -- {-src (\S+?):(\d+)} $line]
    regexp -- {-mode (\S+)} $line -> mode
    set best ""
    foreach {all file number} $places {
        if {$number > 0} {
            set best $file:$number
        }
    }
    regexp -- {-cell (\S+)} $line -> cell
    if {[regexp {\$(rtl/[\w/]+\.sv):([1-9]\d*)\$} $cell -> file number]} {
        set best $file:$number
    }
    return [list [expr {$best eq "" ? "?" : $best}] $mode $cell]
}

proc mutate::source_text {place} {
    lassign [split $place :] file number
    if {![file readable $file]} {
        return ""
    }
    return [string trim [lindex [split [read_text $file] \n] [expr {$number - 1}]]]
}

# explained.tcl: BLOCK FILE TEXT-PATTERN REASON: a survivor in a source line that matches is no loss.
proc mutate::explanation {block place} {
    variable here
    foreach {owner pattern reason} [read_text $here/explained.tcl] {
        if {$owner eq $block && [string match $pattern [lindex [split $place :] 0]:[source_text $place]]} {
            return $reason
        }
    }
    return ""
}

proc mutate::report {build directory block seed lines} {
    set killed 0
    set explained 0
    set table "number\tresult\tplace\tmode\tcell\twhat\n"
    set number 0
    foreach line $lines {
        incr number
        lassign [split [string trim [read_text $directory/results/$number]] \t] result what
        lassign [place $line] where mode cell
        set reason ""
        if {$result eq "survives" && [set reason [explanation $block $where]] ne ""} {
            set result explained
            set what $reason
        }
        incr killed [expr {$result eq "killed"}]
        incr explained [expr {$result eq "explained"}]
        append table "$number\t$result\t$where\t$mode\t$cell\t$what\n"
        if {$result eq "survives"} {
            puts "survives: $mode at $where: [source_text $where]"
            puts "          cell $cell; ASSAY_MUTANT=$number $directory/b/test/${block}_lockstep"
        }
    }
    set total [llength $lines]
    set score [expr {$total > $explained ? 100.0 * $killed / ($total - $explained) : 100.0}]
    write $build/mutate/$block.tsv $table
    write $build/mutate/$block.json [format "{\"block\": \"%s\", \"seed\": %s, \"mutants\": %d, \"killed\": %d, \"explained\": %d, \"survivors\": %d, \"score\": %.1f}\n" \
        $block $seed $total $killed $explained [expr {$total - $killed - $explained}] $score]
    puts [format "%s: %d mutants, %d killed, %d explained, %d survive: score %.1f %% (seed %s)" $block $total $killed $explained [expr {$total - $killed - $explained}] $score $seed]
    return $score
}

proc mutate::main {build block count seed jobs names sources} {
    variable least
    if {![string is integer -strict $count] || $count < 1 || $count > 255} {
        fail "N is $count; one netlist holds 1 to 255 mutants"
    }
    set directory [file normalize $build/mutate/$block]
    file mkdir $directory
    file delete $build/mutate/$block.json $build/mutate/$block.tsv
    lassign [stages $block $directory $names] targets stages
    set stamp "$count $seed $names [exec cat {*}$sources | md5sum]"
    if {![file exists $directory/stamp] || [read_text $directory/stamp] ne $stamp} {
        file delete -force $directory/b $directory/stamp
        choose $directory $block $count $seed $sources
        make_netlist $directory
        build $build $directory $block $targets
        write $directory/stamp $stamp
    }
    set lines [split [string trim [read_text $directory/list.txt]] \n]
    set stages [lmap stage $stages {list [expr {3 * [baseline $directory $stage] + 20}] {*}$stage}]
    run_all $build $directory $block [llength $lines] $jobs $stages
    return [expr {[report $build $directory $block $seed $lines] >= $least ? 0 : 1}]
}

exit [mutate::main {*}$argv]
