# A checkpoint with everything in flight: guests behind CLBs do I/O, packets are on the links, and a snapshot is being written. N + save + N = N + restore + N in one
# process; a new process goes on with models and with the blocks and a hart's CLB in lockstep, to the same image and the same end.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/checkpoint_long

proc leg {leg blocks args} {
    lassign [harness::assay run testbench/system/checkpoint.tcl --see $blocks --bau $blocks --port $blocks --seed $harness::seed --set build=$harness::build \
        --set directory=$::directory --set snapshot=1 --set ops=1000 --set leg=$leg --set file=$::directory/all.ckpt {*}$args] status output errors
    harness::check [expr {$status == 0}] "$leg on $blocks: status $status: $errors"
    return [regexp -all -inline -line {^(?:first|second) (?:cycle|image) .*$} $output]
}

proc main {} {
    file delete -force $::directory
    file mkdir $::directory
    set saved [leg save model --clb model --record-pins on]
    lassign $saved first image second
    harness::check [regexp {commands ([1-9]\d+) .* snapshot saving [1-9]} $first] "no I/O or no snapshot is under way at the checkpoint: $first"
    harness::check [regexp {snapshot complete} $second] "the snapshot does not come to its end: $second"
    harness::check [expr {[lrange $saved 3 end] eq [list $first $image $second]}] "save and restore in one process change the run: $saved"
    harness::check [expr {[leg restore model --clb model] eq [list $first $image $second]}] "a restore in a new process is another run"
    harness::check [expr {[leg restore lockstep --clb lockstep --clb-hart 1] eq [list $first $image $second]}] "it does not go on in lockstep"
    puts "$first\n$image\n$second"
}

main
harness::finish
