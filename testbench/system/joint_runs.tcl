# One run of joint.tcl from outside, for joint_test.tcl and joint_long.tcl.
namespace eval joint_runs {}

proc joint_runs::run {seed operations args} {
    set directory $harness::build/test-results/joint/$seed
    file mkdir $directory
    lassign [harness::assay run testbench/system/joint.tcl --see lockstep --bau lockstep --port lockstep {*}$args --seed $seed --set build=$harness::build \
        --set directory=$directory --set ops=$operations] status output errors
    harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "status $status; repeat with ASSAY_SEED=$seed: $errors $output"
    puts "seed $seed: [lindex [regexp -inline -line {^JOINT: .*$} $output] 0]"
}
