# hotplug.tcl on the models: limits; volumes that come, change, go and are exchanged. (In lockstep: hotplug_long.tcl. What the SEE does for it: see_unit_lockstep, check_run.)
source [file join [file dirname [info script]] harness.tcl]

proc hotplug_test {name args} {
    set directory $harness::build/test-results/hotplug/$name
    file mkdir $directory
    lassign [harness::assay run testbench/system/hotplug.tcl --seed $harness::seed --hart fast --set build=$harness::build --set directory=$directory {*}$args] status output errors
    harness::check [expr {$status == 0 && [regexp -line {^PASS$} $output]}] "$name: status $status; repeat with ASSAY_SEED=$harness::seed: $errors $output"
}

hotplug_test limits --see model --bau model --port model --set changes=0
hotplug_test changes --see model --bau model --port model --set limits=0 --set exchanges=2
harness::finish
