# A guest that touches what is not its own gets the fault; the other guest's verified I/O and the run go on.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/guest_faults
file mkdir $directory
set scenario $directory/guest_faults.tcl
set channel [open $scenario w]
puts $channel {
source testbench/system/first_io_parts.tcl
first_io::build_board
first_io::start_guests
set bad [vm create intruder -memory 8M -bootargs "workload=touch"]
vm start $bad
board wait "\[vm$bad\] guest done" 200000000
first_io::follow
first_io::check_all
puts "intruder: [vm list]"
puts "stat: [vm stat $bad]"
puts SURVIVED
}
close $channel

lassign [harness::assay run $scenario --see model --bau model --seed $harness::seed --set build=$harness::build --set directory=$directory --set ops=60] status output errors
harness::check [expr {$status == 0}] "status $status: $errors"
harness::check [string match *SURVIVED* $output] "the run did not go on: $output"
harness::check [regexp {injected.fault ([0-9]+)} $output -> faults] "no statistics of the intruder"
harness::check [expr {[info exists faults] && $faults > 0}] "the intruder got no fault"
harness::finish
