# The board boots: OpenSBI and hypervisor on three harts, firmware on the NIC, each behind its CLB if --clb says so. Ends after a number of cycles.
# Parameters (--set NAME=VALUE): cycles; window ("from=CYCLE to=CYCLE ?hart=N?": lockstep of one CLB from a flush on); those of first_io_parts.tcl.

source [file join [file dirname [info script]] first_io_parts.tcl]

proc clb_boot {} {
    first_io::build_board
    if {[assay::parameter window ""] ne ""} {
        lockstep clb {*}[assay::parameter window ""]
    }
    board run [assay::parameter cycles 3000000]
    assay::flush
}

proc main {} {
    clb_boot
    report::table
}

main
