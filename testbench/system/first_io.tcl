# The main job, end to end: OpenSBI, hypervisor, two guests with a VF each, the NIC's firmware, two NVMe/TCP targets.
# Each guest reads its whole volume (CRC32C), then does seeded random I/O with read-back; afterwards the volumes are checked from outside.
# Guest 0 is saved to a third volume while it works, and set back to that instant, with its disk, at the end (first_io_snapshot.tcl).
# Parameters: see first_io_parts.tcl.

source [file join [file dirname [info script]] first_io_parts.tcl]
source [file join [file dirname [info script]] first_io_snapshot.tcl]

proc first_io::run {} {
    variable directory
    vm ping
    say "hypervisor up on three harts, management on the third"
    first_snapshot::watch
    start_guests
    follow
    foreach value [check_all] key {io.ops io.bytes io.errors} {
        report::note $key $value
    }
    first_snapshot::restore
    assay::flush
    assay::events $directory/first_io.events
}

proc first_io::main {} {
    variable directory
    if {[dict get $assay::options report] eq ""} {
        dict set assay::options report $directory/report.json
    }
    first_snapshot::prepare
    build_board
    first_io::run
    report::table
    puts "  report [dict get $assay::options report], events $directory/first_io.events, pcap $directory/first_io.pcap[expr {[dict get $assay::options waves] ne "" ? ", waves [dict get $assay::options waves]" : ""}]"
    puts "PASS"
}

first_io::main
