# A host outside drives the NIC by vfio-user: verified I/O with mapped memory and doorbells, and with everything by messages; SEE and port as
# model and in lockstep; what it wrote is in the volume's file. A socket that cannot be made is bad input.
source [file join [file dirname [info script]] .. system harness.tcl]

set directory [file normalize $harness::build/test-results/vfio_user]

# A path of a Unix socket is short.
proc socket_path {} {
    set channel [file tempfile path]
    close $channel
    file delete $path
    return $path
}

proc serve {way see} {
    variable directory
    set socket [socket_path]
    set server [open [list | $harness::build/assay run testbench/system/vfio_user.tcl --hart fast --see $see --bau model --port $see --max-cycles 20000000000 \
        --set build=$harness::build --set directory=$directory/$way --set socket=$socket 2>@1]]
    if {[catch {exec $harness::build/interop/vfio_nvme $socket $way 2>@1} output]} {
        harness::check 0 "$way, $see: $output"
    }
    harness::check [regexp {40 writes and reads verified} $output] "$way, $see: $output"
    set said [read $server]
    harness::check [expr {![catch {close $server} message]}] "$way, $see: the server failed: $said"
    harness::check [regexp {(\d+) messages, 12 rejected, (\d+) interrupts, [1-9]\d* accesses} $said -> messages interrupts] "$way, $see: $said"
    harness::check [expr {[info exists interrupts] && $interrupts >= 80}] "$way, $see: too few interrupts: $said"
    check_volume $directory/$way/volume0.img "$way, $see"
}

# The last writes to each place, as vfio_nvme.c makes them.
proc check_volume {path what} {
    set channel [open $path rb]
    for {set round 32} {$round < 40} {incr round} {
        seek $channel [expr {(12288 + $round % 8 * 16) * 512}]
        binary scan [read $channel 8192] iu* words
        for {set i 0} {$i < 2048} {incr i 97} {
            set expected [expr {(($round * 0x9e3779b9) & 0xffffffff) ^ (($i * 0x85ebca6b) & 0xffffffff)}]
            harness::check [expr {[lindex $words $i] == $expected}] "$what: round $round, word $i is not what was written"
        }
    }
    close $channel
}

proc main {} {
    variable directory
    file delete -force $directory
    serve mapped model
    serve messages model
    serve mapped lockstep
    lassign [harness::assay run testbench/system/vfio_user.tcl --see model --bau model --hart fast --set build=$harness::build --set directory=$directory/bad \
        --set socket=$directory/none/there.sock] status output errors
    harness::check [expr {$status == 2 && [string match "*vfio-user socket*none/there.sock*" $errors]}] "a socket that cannot be made: $status $errors"
}

main
harness::finish
