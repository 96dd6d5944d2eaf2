# A learned flow dies with its VM, whose function is reset under load; the other VM's TCP and storage go on (port_detach.tcl).
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/port_detach
file mkdir $directory
foreach n {0 1} {
    harness::make_volume $directory/v$n [expr {$n + 5}]
}
lassign [harness::assay run testbench/system/port_detach.tcl --see model --bau model --port lockstep --seed $harness::seed --set build=$harness::build \
    --set directory=$directory --set ops=400 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
harness::check [expr {$status == 0}] "status $status: $errors\n$output"
harness::finish
