# The firmware on the board (models), under two guests' verified I/O:
#   loss:  targets that refuse and stall for a while lose nothing and change nothing
#   reset: a VM destroyed in the middle of its I/O leaves the other's alone, and its VF serves the next VM
source testbench/system/harness.tcl

namespace eval board_test {
    variable directory $harness::build/test-results/firmware_board
}

proc board_test::run {name script} {
    variable directory
    set scenario $directory/$name.tcl
    set channel [open $scenario w]
    puts $channel "source testbench/system/first_io_parts.tcl\nfirst_io::build_board\nfirst_io::start_guests\n$script\nputs SURVIVED"
    close $channel
    lassign [harness::assay run $scenario --see model --bau model --seed $harness::seed --set build=$harness::build \
        --set directory=$directory --set ops=600 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
    harness::check [expr {$status == 0}] "$name: status $status: $errors"
    harness::check [string match *SURVIVED* $output] "$name: did not come to its end: $output"
    return $output
}

proc board_test::loss {} {
    set output [run loss {
        foreach {target mode cycles} {0 refuses 3000000 0 runs 9000000 1 stalls 2000000 1 runs 6000000 0 refuses 4000000 0 runs 1000000} {
            fault target $target $mode
            board run $cycles
        }
        first_io::follow
        first_io::check_all
        puts "NIC [board text nic]"
    }]
    harness::check [expr {[regexp -all {storage 0: refused or reset} $output] >= 2}] "loss: the firmware did not notice: $output"
    harness::check [expr {[regexp -all {storage 0: ready} $output] >= 2}] "loss: the firmware did not come back: $output"
}

proc board_test::reset {} {
    set output [run reset {
        while {[first_io::guest_line 1 "image crc32c"] eq ""} {
            board run 200000
        }
        board run 300000
        set early [first_io::guest_line 1 "io done"]
        vm destroy 1
        lassign [first_io::region 1] first count
        set next [vm create next -memory 16M -image $first_io::build/hypervisor/guest-kernel.elf \
            -bootargs "workload=io seed=99 ops=300 first_lba=$first lbas=$count qd=32"]
        vm assign $next 2
        vm start $next
        set end [expr {[board cycle] + 300000000}]
        while {[board cycle] < $end && ([first_io::guest_line 0 "guest done"] eq "" ||
               ![regexp -all {ops=300 bytes=\d+ errors=0} [board text host]])} {
            board run 1000000
        }
        puts "EARLY $early"
        puts "VM0 [first_io::guest_line 0 {io done}]"
        puts "NEXT [regexp -inline {ops=300 bytes=\d+ errors=\d+} [board text host]]"
        puts "NIC [board text nic]"
    }]
    harness::check [regexp {EARLY \n} $output] "reset: the VM was done before it was destroyed"
    harness::check [regexp {VM0 \S+ io done ops=600 bytes=\d+ errors=0} $output] "reset: the other VM suffered: $output"
    harness::check [regexp {NEXT \{ops=300 bytes=\d+ errors=0\}} $output] "reset: the VF served nobody any more: $output"
    harness::check [regexp {nvme 2: disabled} $output] "reset: the firmware saw no reset"
}

file mkdir $board_test::directory
harness::make_volume $board_test::directory/v0 1
harness::make_volume $board_test::directory/v1 2
board_test::loss
board_test::reset
harness::finish
