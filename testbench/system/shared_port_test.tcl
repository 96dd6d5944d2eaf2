# Guests ping and exchange TCP with the fabric through virtio-net functions while their verified storage I/O runs over the same port.
# vm0's function is open, vm1's is guarded: only what answers its own flows reaches it, and that learned flow dies with the VM.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-results/shared_port
file mkdir $directory
foreach n {0 1} {
    harness::make_volume $directory/v$n [expr {$n + 5}]
}
set scenario $directory/shared_port.tcl
set channel [open $scenario w]
puts $channel {
source testbench/system/first_io_parts.tcl

rename first_io::nic_config first_io::storage_config
proc first_io::nic_config {} {
    return "[storage_config]net 1 mac 02:00:00:00:02:01\nnet 2 mac 02:00:00:00:02:02 guard\n"
}

proc first_io::start_guests {} {
    variable guests
    variable operations
    variable build
    volume enable [llength $guests]
    await_volumes
    foreach n $guests {
        lassign [region $n] first count
        volume attach [expr {$n + 1}] $n
        set vm [vm create guest$n -memory 16M -image $build/hypervisor/guest-kernel.elf -bootargs "workload=io \
seed=[expr {[dict get $assay::options seed] * 16 + $n}] ops=$operations first_lba=$first lbas=$count qd=32 \
net=[format 0x%x [expr {0x0a000032 + $n}]] peer=[format 0x%x [expr {0x0a00000a + $n}]] pings=20 tcp=[assay::parameter tcp 400000]"]
        vm assign $vm [expr {$n + 1}]
        vm assign_net $vm [expr {$n + 1}]
        vm start $vm
        say "vm $vm runs with VF [expr {$n + 1}] and network function [expr {$n + 1}]"
    }
}

first_io::build_board
first_io::start_guests
first_io::follow
foreach n $first_io::guests {
    first_io::check_guest $n
    set line [first_io::guest_line $n "net done"]
    assay::check [regexp {pings=20 tcp=(\d+) errors=0 } $line -> bytes] "vm$n: $line"
    assay::check [expr {$bytes == [assay::parameter tcp 400000]}] "vm$n exchanged $bytes bytes only"
}
first_io::check_interrupts
puts "NIC [board text nic]"
puts SURVIVED
}
close $channel

foreach backend lockstep {
    lassign [harness::assay run $scenario --see model --bau model --port $backend --seed $harness::seed --set build=$harness::build \
        --set directory=$directory --set ops=400 --set volume0=$directory/v0 --set volume1=$directory/v1] status output errors
    harness::check [expr {$status == 0 && [string match *SURVIVED* $output]}] "$backend: status $status: $errors\n$output"
}
harness::finish
