# Snapshots on the board, in lockstep and on the models, and the tool that looks into their volume.
source [file join [file dirname [info script]] harness.tcl]

proc scenario {name arguments} {
    set directory $harness::build/test-results/snapshot-$name
    lassign [harness::assay run testbench/system/$name.tcl --set build=$harness::build --set directory=$directory --seed $harness::seed {*}$arguments] status output errors
    set ::last_output $output
    puts "$name $arguments: status $status"
    harness::check [expr {$status == 0}] "$name $arguments: status $status: $errors\n$output"
    return $directory
}

proc tool {status text args} {
    lassign [harness::assay snapshot {*}$args] got output errors
    harness::check [expr {$got == $status && [string match $text "$output$errors"]}] "assay snapshot $args: status $got: $output$errors"
    return $output
}

proc look {directory} {
    set image $directory/volume0.img
    tool 0 "1 first vm writer memory 8388608 vcpus 1 parent 0*" list $image
    tool 0 "snapshot 1 ok, content *" verify $image
    tool 0 "snapshot 1 ok, content *" verify $image 1
    tool 0 "" extract $image 1 $directory/memory
    harness::check [expr {[file size $directory/memory] == 8388608}] "the extracted memory has [file size $directory/memory] bytes"
    tool 0 "0 of 2048 pages differ" diff $image 1 1
    tool 2 "*snapshot 7 is not on the volume*" verify $image 7
    tool 2 "*No such file*" list $directory/missing
    file copy -force $image $directory/cut.img
    set channel [open $directory/cut.img r+b]
    chan truncate $channel 300000
    close $channel
    tool 2 "*is shorter than when it was formatted*" list $directory/cut.img
    tool 2 "usage:*" frobnicate $image
}

# A chain, what may go wrong, and power cuts; what they leave is restored on another board.
proc recover {directory output} {
    regexp {ended: (dirty done.*?errors=0)} $output -> ended
    foreach image [glob $directory/cut-*.img] {
        scenario snapshot_recover [list --see model --bau model --hart fast --set image=$image --set ended=$ended]
    }
}

proc main {} {
    look [scenario snapshot_basic {--see model --bau model --hart fast}]
    scenario snapshot_basic {--see lockstep --bau lockstep}
    scenario snapshot_io {--see lockstep --bau lockstep --set ops=400}
    scenario snapshot_chain {--see model --bau model}
    scenario snapshot_faults {--see model --bau model --set cancels=6}
    scenario snapshot_restore {--see model --bau model --set cancels=4}
    scenario snapshot_failover {--see model --bau model --hart fast}
    set directory [scenario snapshot_powercut {--see model --bau model}]
    recover $directory $::last_output
    harness::finish
}

main
