source [file join [file dirname [info script]] volumes.tcl]
set build [assay::parameter build build]
board create -harts 4 -partitions 2 -ram 256M -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf
board run 60000000
puts [board text host]
puts ------
puts [board text host1]
