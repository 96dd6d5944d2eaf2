# hotplug.tcl with the blocks in lockstep; many exchanges on the models; and exchanges in which the NIC's firmware breaks.
source [file join [file dirname [info script]] harness.tcl]

proc hotplug_long {name restarts args} {
    set directory $harness::build/test-results/hotplug_long/$name
    file mkdir $directory
    lassign [harness::assay run testbench/system/hotplug.tcl --seed $harness::seed --set build=$harness::build --set directory=$directory {*}$args] status output errors
    harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "$name: status $status; repeat with ASSAY_SEED=$harness::seed: $errors $output"
    harness::check [regexp -line "^RESTARTS $restarts\$" $output] "$name: not $restarts restarts: $output"
}

hotplug_long limits 0 --see lockstep --bau lockstep --port lockstep --set changes=0
hotplug_long changes 0 --see lockstep --bau lockstep --port lockstep --set limits=0
hotplug_long exchanges 0 --see model --bau model --port model --hart fast --set limits=0 --set exchanges=60
hotplug_long crashes 13 --see model --bau model --port model --hart fast --set limits=0 --set exchanges=6 --set crashes=6
harness::finish
