# Two guests do every I/O command of NVMe in random order, each ended well and badly, reset their controller, and find what they left: one on blocks of 512 bytes, the
# other on blocks of 4 KiB of a storage that takes 8 KiB a command. The volumes' files hold what the guests say.
# Parameters beside those of common.tcl: ops (of each guest).
source [file join [file dirname [info script]] common.tcl]

set operations [assay::parameter ops 60]
set seed [dict get $assay::options seed]
scene::boot 2 {{} {block 4096 transfer 8192}}
scene::attach_volumes
foreach vf {1 2} {
    set vm [vm create commands$vf -memory 8M -bootargs "workload=commands seed=[expr {2 * $seed + $vf}] ops=$operations"]
    vm assign $vm $vf
    vm start $vm
    lappend vms $vm
}
foreach vm $vms number {0 1} {
    scene::expect "\[vm$vm\] guest done" 2000000000
    assay::check [regexp "\\\[vm$vm\\\] commands done ops=$operations errors=0 lost=0 contents crc32c=(\[0-9a-f\]{8})" [board text host] -> crc] \
        "vm$vm did not end well:\n[board text host]"
    set outside [assay::file_crc32c $scene::work/$number.img]
    assay::check [expr {$outside eq $crc}] "volume $number: the guest left $crc, the file has $outside"
}
