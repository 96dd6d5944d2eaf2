# Two partitions: OpenSBI domains give each half of the harts, the memory and the NIC's virtual functions, and each runs a hypervisor of its own,
# with a VM that does verified I/O and takes directed interrupts, at the same time. Volumes are attached by the partition that has the PF.
# Parameters: ops, build, directory, as first_io_parts.tcl.

source [file join [file dirname [info script]] partition_parts.tcl]

proc partitions::main {} {
    boot
    foreach n {0 1} {
        start_guest $n
    }
    follow {0 1}
    foreach n {0 1} {
        check_guest $n
    }
    puts "PASS"
}

partitions::main
