# The race fuzz in full: 10 million deliveries at the BAU's ports (testbench/unit/bau/test_nothing_lost.c, about 20 CPU minutes) and 100,000
# on the board (about 5). ASSAY_SEED chooses the seed. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-work/race
file mkdir $directory
set ::env(ASSAY_BAU_ROUNDS) 4020000
set ::env(ASSAY_SEED) $harness::seed
set failed [catch {exec $harness::build/test/bau --gtest_filter=bau_protocol* 2>@1} output]
harness::check [expr {!$failed && [regexp {(\d+) messages, seed} $output -> messages] && $messages >= 10000000}] "ports: $output"
puts [lindex [regexp -inline -line {^\d+ messages.*$} $output] 0]
lassign [harness::assay run testbench/system/interrupt_race.tcl --hart fast --seed $harness::seed --set build=$harness::build --set directory=$directory --set pings=1000 --set rounds=33] status output errors
harness::check [expr {$status == 0}] "the race on the board ends with status $status; repeat with ASSAY_SEED=$harness::seed: $output $errors"
puts [lindex [split [string trim $output] \n] 0]
harness::finish
