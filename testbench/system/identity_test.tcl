# One run, many ways: every choice of backends, with and without idle skip, with and without waves, gives the same state hash.
source [file join [file dirname [info script]] harness.tcl]

proc run {name args} {
    set directory $harness::build/test-results/identity
    set report $directory/$name.json
    lassign [harness::assay run testbench/system/first_io.tcl --set build=$harness::build --set directory=$directory \
        --set ops=100 --seed $harness::seed --report $report {*}$args] status output errors
    harness::check [expr {$status == 0}] "$name: status $status: $errors"
    if {$status != 0} {
        return ""
    }
    puts [format "%-16s %s  %s cycles/s" $name [harness::report_value $report state_hash] [harness::report_value $report cycles_per_s]]
    if {[string match *lockstep* $args]} {
        foreach block {see bau} {
            harness::check [expr {[harness::report_value $report blocks.$block.cycles_compared] > 100000}] "$name: hardly anything of $block was compared"
        }
    }
    return [harness::report_value $report state_hash]
}

proc main {} {
    set wave $harness::build/test-results/identity/run.fst
    file mkdir [file dirname $wave]
    set hash [run model --see model --bau model]
    foreach {name arguments} [list \
        rtl {--see rtl --bau rtl} \
        lockstep {--see lockstep --bau lockstep} \
        mixed {--see rtl --bau model} \
        stepped {--see model --bau model --idle-skip off} \
        window {--see lockstep --bau lockstep --failure-window 10000000} \
        waves [list --see lockstep --bau lockstep --waves $wave --waves-from 50000000 --waves-cycles 20000]] {
        harness::check [expr {[run $name {*}$arguments] eq $hash}] "$name: another state hash than model"
    }
    harness::check [expr {[file exists $wave] && [file size $wave] > 1000}] "no waves in $wave"
    foreach block {see bau} {
        lassign [harness::assay wave diff $wave lockstep.$block.model lockstep.$block.rtl] status output
        harness::check [expr {$status == 0 && [regexp {\d\d signals compared, 0 differ} $output]}] "the waves of $block differ between model and RTL: $output"
    }
    run fast --see lockstep --bau lockstep --hart fast
    set again [run again --see model --bau model --seed [expr {$harness::seed + 1}]]
    harness::check [expr {$again ne $hash}] "another seed gives the same state hash"
}

main
harness::finish
