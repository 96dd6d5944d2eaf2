# A live update of the NIC's firmware under load (firmware_update.tcl), in models.
source testbench/system/harness.tcl

set directory $harness::build/test-results/firmware_update
file mkdir $directory
harness::make_volume $directory/v0 1
harness::make_volume $directory/v1 2
lassign [harness::assay run testbench/system/firmware_update.tcl --see model --bau model --port model --hart fast --seed $harness::seed \
    --set build=$harness::build --set directory=$directory --set ops=400 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
harness::check [expr {$status == 0 && [string match *UPDATED* $output]}] "status $status: $errors$output"
harness::finish
