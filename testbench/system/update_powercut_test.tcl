# Wherever the power goes in a firmware update, the board starts again, and the guests' I/O of the update's time is whole.
source testbench/system/harness.tcl

set directory $harness::build/test-results/update_powercut
file mkdir $directory
harness::make_volume $directory/v 3
set common [list --seed $harness::seed --see model --bau model --port model --hart fast --set build=$harness::build --set directory=$directory]
lassign [harness::assay run testbench/system/update_powercut.tcl {*}$common --set cut=under --set ops=100 --set volume0=$directory/v --set volume1=$directory/v] status output errors
harness::check [expr {$status == 0 && [regexp {CUT at (\d+) points} $output -> points]}] "the update: status $status: $errors$output"
set different [dict create]
for {set i 0} {$status == 0 && $i < $points} {incr i} {
    set channel [open $directory/cut-$i.img rb]
    dict set different [zlib crc32 [read $channel]] 1
    close $channel
    lassign [harness::assay run testbench/system/update_powercut.tcl {*}$common --set cut=after --set image=$directory/cut-$i.img] after output errors
    harness::check [expr {$after == 0 && [string match STARTED* $output]}] "cut $i: status $after: $errors$output"
}
harness::check [expr {[dict size $different] >= 4}] "only [dict size $different] of the cuts differ"
puts "[dict size $different] of the cuts differ"
harness::finish
