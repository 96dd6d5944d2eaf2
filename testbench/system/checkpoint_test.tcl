# Checkpoints in the middle of I/O, packets and interrupts: 2N = N + save + N = N + restore + N, in one process and in a new one, on models and in lockstep.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/checkpoint

proc leg {backend leg args} {
    variable directory
    lassign [harness::assay run testbench/system/checkpoint.tcl --see $backend --bau $backend --port $backend --seed $harness::seed \
        --set build=$harness::build --set directory=$directory --set ops=200 --set leg=$leg --set file=$directory/$backend.ckpt {*}$args] status output errors
    harness::check [expr {$status == 0}] "$backend $leg: status $status: $errors"
    return [regexp -all -inline -line {^(?:first|second) cycle .*$} $output]
}

proc identity {backend} {
    lassign [leg $backend whole] first second
    harness::check [expr {$first ne "" && [regexp {commands (\d+)} $first -> done] && $done > 100}] "$backend: no I/O before the checkpoint: $first"
    harness::check [expr {$first ne $second}] "$backend: nothing happens after the checkpoint"
    harness::check [expr {[leg $backend save] eq [list $first $second $first $second]}] "$backend: save and restore in one process change the run"
    harness::check [expr {[leg $backend restore] eq [list $first $second]}] "$backend: a restore in a new process is another run"
    return [list $first $second]
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
    set model [identity model]
    harness::check [expr {[identity lockstep] eq $model}] "lockstep differs from models"
    # A checkpoint of lockstep holds the models, too.
    harness::check [expr {[leg model restore --set file=$directory/lockstep.ckpt] eq $model}] "a checkpoint of lockstep does not go on with models"
    refused $directory/none.ckpt {cannot be read}
    copy_changed $directory/model.ckpt $directory/short.ckpt {string range $bytes 0 end-5000}
    refused $directory/short.ckpt {ends too early}
    copy_changed $directory/model.ckpt $directory/flipped.ckpt {string replace $bytes 300000 300000 [expr {[string index $bytes 300000] eq "x" ? "y" : "x"}]}
    refused $directory/flipped.ckpt {is damaged}
    refused testbench/system/checkpoint.tcl {is not a checkpoint}
    refused $directory/model.ckpt {holds no RTL state|holds no .*backend} --see rtl
    lassign [harness::assay run testbench/system/checkpoint.tcl --see model --bau model --port model --set build=$harness::build --set directory=$directory/refused \
        --set leg=save --set file=$directory/none/x.ckpt --set first=30000000] status output errors
    harness::check [expr {$status == 2 && [regexp {cannot be written} $errors] && [glob -nocomplain $directory/none*] eq ""}] "saving to nowhere: $status $errors"
}

main
harness::finish
