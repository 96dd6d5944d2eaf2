# stripe.tcl: alone with the blocks in lockstep, over storages with blocks of 512 bytes and of 4 KiB; and, on the models, with crashes of the firmware and a storage that goes and comes.
source [file join [file dirname [info script]] harness.tcl]

proc stripe_test {name restarts args} {
    set directory $harness::build/test-results/stripe/$name
    file mkdir $directory
    lassign [harness::assay run testbench/system/stripe.tcl --seed $harness::seed --set build=$harness::build --set directory=$directory {*}$args] status output errors
    harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "$name: status $status; repeat with ASSAY_SEED=$harness::seed: $errors $output"
    harness::check [regexp -line "^RESTARTS $restarts\$" $output] "$name: not $restarts restarts: $output"
}

stripe_test lockstep 0 --see lockstep --bau lockstep --port lockstep --hart fast --set ops=40
stripe_test long_blocks 0 --see lockstep --bau lockstep --port lockstep --hart fast --set ops=40 --set block=4096
stripe_test faults 3 --see model --bau model --port model --hart fast --set faults=[list 700001 crash 4000013 refuses 3000000 runs 3000017 crash 5500007 crash]
harness::finish
