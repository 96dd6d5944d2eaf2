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
stripe_test faults 3 --see model --bau model --port model --hart fast --set faults=[list 10 crash 80 away 150 crash 250 crash]
harness::finish
