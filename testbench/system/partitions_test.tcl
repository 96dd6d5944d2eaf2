# Two partitions with a hypervisor each do verified I/O at once; one of them is malicious (testbench/system/rogue) without any effect on the other; and
# harts that use the BAU's registers without end do not starve those of the other partition.
# ASSAY_SEED chooses the seed. Status 0: pass; 1: fail.
source [file join [file dirname [info script]] harness.tcl]

set directory $harness::build/test-work/partitions
file mkdir $directory
foreach {scenario settings} {partitions {ops=60} partition_rogue {ops=60 actions=12000} partition_hammer {accesses=3000}} {
    set arguments {}
    foreach setting [concat $settings [list build=$harness::build directory=$directory]] {
        lappend arguments --set $setting
    }
    lassign [harness::assay run testbench/system/$scenario.tcl --see model --port model --seed $harness::seed {*}$arguments] status output errors
    harness::check [expr {$status == 0 && [string match *PASS* $output]}] "$scenario ends with status $status; repeat with ASSAY_SEED=$harness::seed: $output $errors"
    puts [lindex [split [string trim $output] \n] end-1]
}

# What cannot be split is refused before anything is built.
set script $directory/refused.tcl
set channel [open $script w]
puts $channel {board create -harts [assay::parameter harts 3] -partitions 2 -ram 256M -bios [assay::parameter bios ""] -kernel [assay::parameter kernel ""]}
close $channel
foreach {settings text} {{harts=3 kernel=K bios=/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin} "3 harts with*in 2 partitions cannot be built" {harts=4} "partitions need a firmware image and a hypervisor"} {
    set arguments {}
    foreach setting [string map [list K $harness::build/hypervisor/assay-hv.elf] $settings] {
        lappend arguments --set $setting
    }
    lassign [harness::assay run $script {*}$arguments] status output errors
    harness::check [expr {$status == 2 && [string match "*$text*" $errors]}] "$settings in two partitions: $status $errors"
}
harness::finish
