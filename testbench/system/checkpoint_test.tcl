# Checkpoints in the middle of I/O, packets, interrupts and a snapshot: 2N = N + save + N = N + restore + N, in one process and in a new one, on models and in
# lockstep; and from models into RTL that takes the recorded steps.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/checkpoint

proc leg {backend leg args} {
    variable directory
    lassign [harness::assay run testbench/system/checkpoint.tcl --see $backend --bau $backend --port $backend --seed $harness::seed \
        --set build=$harness::build --set directory=$directory --set ops=200 --set leg=$leg --set file=$directory/$backend.ckpt {*}$args] status output errors
    harness::check [expr {$status == 0}] "$backend $leg: status $status: $errors"
    return [regexp -all -inline -line {^(?:first|second) (?:cycle|image) .*$} $output]
}

# @param whole what the run without a checkpoint says; empty: it is run
proc identity {backend whole args} {
    lassign [expr {$whole eq "" ? [leg $backend whole {*}$args] : $whole}] first second
    harness::check [expr {$first ne "" && [regexp {commands (\d+)} $first -> done] && $done > 100}] "$backend: no I/O before the checkpoint: $first"
    harness::check [expr {$first ne $second}] "$backend: nothing happens after the checkpoint"
    harness::check [expr {[leg $backend save {*}$args] eq [list $first $second $first $second]}] "$backend: save and restore in one process change the run"
    harness::check [expr {[leg $backend restore {*}$args] eq [list $first $second]}] "$backend: a restore in a new process is another run"
    return [list $first $second]
}

# A run on models goes on in RTL, alone and in lockstep with waves. (from_fast and snapshot_in_flight go on in lockstep, too.)
proc into_rtl {model} {
    variable directory
    set file [list --set file=$directory/model.ckpt]
    harness::check [expr {[leg rtl restore {*}$file] eq $model}] "a checkpoint of models does not go on with RTL alone"
    set waves $directory/waves.fst
    harness::check [expr {[leg lockstep restore {*}$file --waves $waves --waves-from 52000000 --waves-cycles 10000] eq $model}] "it does not go on in lockstep with waves"
    lassign [harness::assay wave list $waves] status output
    harness::check [expr {$status == 0 && [string match *lockstep.see.rtl* $output]}] "no waves of the RTL after a restore: $status"
}

# From fast harts to timed ones in lockstep: the same run as on models from there.
proc from_fast {} {
    variable directory
    set fast [list --set file=$directory/fast.ckpt]
    leg model save --hart fast --record-pins on {*}$fast
    set model [leg model restore {*}$fast]
    harness::check [expr {[llength $model] == 2 && [leg lockstep restore {*}$fast] eq $model}] "a checkpoint of fast harts does not go on in lockstep: $model"
}

# Harts behind CLBs, early in the run, where they are busy.
proc behind_clbs {} {
    variable directory
    set options [list --set file=$directory/clb.ckpt --set first=30000000 --set second=300000 --clb]
    set saved [leg model save --record-pins on {*}$options model]
    harness::check [expr {[llength $saved] == 4 && [lindex $saved 0] ne [lindex $saved 1] && [lrange $saved 2 3] eq [lrange $saved 0 1]}] "with CLBs: save and restore in one process change the run: $saved"
    harness::check [expr {[leg model restore {*}$options model] eq [lrange $saved 0 1]}] "with CLBs: a restore in a new process is another run"
    harness::check [expr {[leg model restore {*}$options lockstep --clb-hart 1] eq [lrange $saved 0 1]}] "with CLBs: a checkpoint of models does not go on with a CLB in lockstep"
}

# The image that was begun before the checkpoint is completed after each restore, and is the simulator's copy of the instant (checked in the save leg).
proc snapshot_in_flight {} {
    variable directory
    set options [list --set snapshot=1 --set ops=1000 --set file=$directory/snapshot.ckpt]
    set saved [leg model save {*}$options --record-pins on]
    lassign $saved first image second
    harness::check [regexp {snapshot saving [1-9]} $first] "no snapshot is under way at the checkpoint: $first"
    harness::check [regexp {snapshot complete} $second] "the snapshot does not come to its end: $second"
    harness::check [expr {[lrange $saved 3 end] eq [list $first $image $second]}] "a restore into the middle of a snapshot is another run: $saved"
    harness::check [expr {[leg lockstep restore {*}$options] eq [list $first $image $second]}] "the snapshot does not go on in lockstep in a new process"
}

proc refused {file pattern args} {
    lassign [harness::assay run testbench/system/checkpoint.tcl --see model --bau model --port model --set build=$harness::build \
        --set directory=$::directory/refused --set leg=restore --set file=$file {*}$args] status output errors
    harness::check [expr {$status == 2 && [regexp $pattern $errors] && [llength [split [string trim $errors] \n]] == 1}] "restoring $file: status $status: $errors"
}

proc copy_changed {from to script} {
    set channel [open $from rb]
    set bytes [read $channel]
    close $channel
    set channel [open $to wb]
    puts -nonewline $channel [apply [list bytes $script] $bytes]
    close $channel
}

proc main {} {
    variable directory
    file delete -force $directory
    file mkdir $directory
    set model [identity model "" --record-pins on]
    identity lockstep $model
    # A checkpoint of lockstep holds the models, too.
    harness::check [expr {[leg model restore --set file=$directory/lockstep.ckpt] eq $model}] "a checkpoint of lockstep does not go on with models"
    into_rtl $model
    from_fast
    snapshot_in_flight
    behind_clbs
    refused $directory/none.ckpt {cannot be read}
    copy_changed $directory/model.ckpt $directory/short.ckpt {string range $bytes 0 end-5000}
    refused $directory/short.ckpt {ends too early}
    copy_changed $directory/model.ckpt $directory/flipped.ckpt {string replace $bytes 300000 300000 [expr {[string index $bytes 300000] eq "x" ? "y" : "x"}]}
    refused $directory/flipped.ckpt {is damaged}
    refused testbench/system/checkpoint.tcl {is not a checkpoint}
    leg model save --set file=$directory/bare.ckpt --set first=30000000 --set second=1000
    refused $directory/bare.ckpt {holds no RTL state of block see and no recorded inputs} --see rtl
    refused $directory/bare.ckpt {holds no recorded inputs} --record-pins on
    lassign [harness::assay run testbench/system/checkpoint.tcl --see model --bau model --port model --set build=$harness::build --set directory=$directory/refused \
        --set leg=save --set file=$directory/none/x.ckpt --set first=30000000] status output errors
    harness::check [expr {$status == 2 && [regexp {cannot be written} $errors] && [glob -nocomplain $directory/none*] eq ""}] "saving to nowhere: $status $errors"
}

main
harness::finish
