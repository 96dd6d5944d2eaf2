# The main job with every hart behind its CLB, that of one hart in lockstep: at least 20 million cycles without a difference, the state hash
# of the model, hit rates above 99 %. Then 5 million cycles of random stimulus at the ports.
source [file join [file dirname [info script]] harness.tcl]

proc run {directory name args} {
    set report $directory/$name.json
    lassign [harness::assay run testbench/system/first_io.tcl --set build=$harness::build --set directory=$directory --seed $harness::seed \
        --see model --bau model --report $report {*}$args] status output errors
    harness::check [expr {$status == 0}] "$name: status $status: $errors"
    return $report
}

proc main {} {
    set directory $harness::build/test-results/clb_long
    file mkdir $directory
    set model [run $directory model --clb model]
    set lockstep [run $directory lockstep --clb lockstep --clb-hart 0]
    harness::check [expr {[harness::report_value $model state_hash] eq [harness::report_value $lockstep state_hash]}] "lockstep gives another state hash than the model"
    set compared [harness::report_value $lockstep blocks.clb.cycles_compared]
    puts "$compared cycles compared"
    harness::check [expr {$compared >= 20000000}] "only $compared cycles were compared"
    harness::check [expr {[harness::report_value $lockstep blocks.clb.mismatches] == 0}] "there are mismatches"
    foreach hart {host0 host1 host2 nic} {
        set rate [harness::report_value $model blocks.clb.$hart.hit_rate]
        puts "$hart: hit rate $rate"
        harness::check [expr {$rate > 0.99}] "$hart: the hit rate is $rate"
    }
    set ::env(CLB_RANDOM_CYCLES) 5000000
    set failed [catch {exec $harness::build/test/clb_lockstep --gtest_filter=clb_random.* 2>@1} output]
    harness::check [expr {!$failed}] "random stimulus: $output"
}

main
harness::finish
