# multipath.tcl, with paths from the configuration and with those that a discovery controller names.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/multipath

file mkdir $directory
foreach n {0 1} {
    harness::make_volume $directory/v$n [expr {$n + 1}]
}
foreach {discovery options} {0 {} 1 {--hart fast --port model}} {
    lassign [harness::assay run testbench/system/multipath.tcl --see model --bau model --seed $harness::seed {*}$options --set build=$harness::build \
        --set directory=$directory --set discovery=$discovery --set ops=1500 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
    harness::check [expr {$status == 0 && [string match *PASS* $output]}] "discovery=$discovery: status $status: $errors $output"
}
harness::finish
