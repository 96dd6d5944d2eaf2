# The stock Linux of linux_board_test.tcl with virtio_net (linux_net.tcl), the flow classifier in lockstep, then the capture judged by tshark.
# usage: ASSAY_BUILD=build tclsh8.6 linux_net_test.tcl
# Exit status: 0 pass, 1 fail, 77 if the kernel cannot be built here.

set here [file dirname [file normalize [info script]]]
source $here/linux/build.tcl

proc main {build} {
    global here
    try {
        set linux [linux_build::ensure $build/linux]
        linux_build::build_init $linux net_init.c net.cpio
    } trap SKIP text {
        puts "skipped: $text"
        exit 77
    }
    set directory $build/run-linux-net
    set status [catch {exec $build/assay run $here/linux_net.tcl --hart fast --see model --bau model --port lockstep --set build=$build \
        --set linux=$linux --set directory=$directory 2>@1} output]
    puts $output
    if {!$status && [auto_execok tshark] ne ""} {
        set wrong [string trim [exec tshark -r $directory/linux_net.pcap -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE \
            -Y {_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0} 2>/dev/null | wc -l]]
        puts "$wrong frames malformed or with a wrong checksum"
        incr status [expr {$wrong != 0}]
    }
    exit [expr {$status != 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
