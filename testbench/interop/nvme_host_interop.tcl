# Interoperation with the Linux kernel's NVMe/TCP initiator in a virtual machine: it connects to the embedded target, with and
# without digests, reads the volume, fills it, disconnects; sums and the file are compared, and tshark judges the capture.
# usage: ASSAY_BUILD=build tclsh8.6 nvme_host_interop.tcl
# Exit status: 0 pass, 1 fail, 77 if this machine has no QEMU or no package source.

set here [file dirname [file normalize [info script]]]
source $here/nvmet_machine.tcl

set failures {}

proc check {condition text} {
    if {!$condition} {
        puts "FAIL $text"
        lappend ::failures $text
    }
}

proc make_image {path} {
    set channel [open $path wb]
    for {set block 0} {$block < 8192} {incr block} {
        puts -nonewline $channel [string repeat [binary format ii [expr {$block * 2654435761 & 0x7fffffff}] $block] 64]
    }
    close $channel
}

proc sum_of {path} {
    return [lindex [exec md5sum $path] 0]
}

proc machine_sum {machine} {
    foreach line [nvmet_machine::command $machine sum] {
        if {[regexp {sum ([0-9a-f]{32})} $line -> sum]} {
            return $sum
        }
    }
    return "no sum"
}

# One association: what the machine reads is the file; what it writes arrives there.
proc exercise {machine image options word} {
    nvmet_machine::command $machine "connect $options"
    check [expr {[machine_sum $machine] eq [sum_of $image]}] "options $options: the machine reads another volume than the file"
    nvmet_machine::command $machine "fill $word"
    set channel [open $image rb]
    set text [read $channel]
    close $channel
    check [expr {$text eq [string range [string repeat "$word\n" [expr {[string length $text] / 2}]] 0 [expr {[string length $text] - 1}]]}] \
        "options $options: the file is not what the machine wrote"
    check [expr {[machine_sum $machine] eq [sum_of $image]}] "options $options: the machine reads back something else"
    nvmet_machine::command $machine disconnect
}

proc judge {capture statistics} {
    check [regexp {failed (\d+) terminated 0 digest_errors 0} $statistics] "the target counts errors: $statistics"
    if {[auto_execok tshark] eq ""} {
        return
    }
    foreach {what filter least most} {
        malformed _ws.malformed 0 0
        "wrong digests" {nvme-tcp.hdgst.status == 0 || nvme-tcp.ddgst.status == 0} 0 0
        "right data digests" {nvme-tcp.ddgst.status == 1} 50 1000000
    } {
        set found [exec -ignorestderr tshark -r $capture -o tcp.reassemble_out_of_order:TRUE -d tcp.port==4420,nvme-tcp \
            -o nvme-tcp.check_hdgst:TRUE -o nvme-tcp.check_ddgst:TRUE -Y $filter 2>/dev/null | wc -l]
        check [expr {$found >= $least && $found <= $most}] "$found frames: $what"
    }
}

proc main {build} {
    set work [file normalize $build/interop]
    try {
        nvmet_machine::prepare $work/nvmet
    } trap SKIP text {
        puts $text
        exit 77
    }
    make_image $work/host.img
    # The machine's card waits for its line while it boots; the server joins when QEMU's socket is there.
    set machine [nvmet_machine::start $work/nvmet $work/host.sock "" 10.0.0.20/24 nqn.2026-11.assay:target0]
    set server [open [list | $build/interop/target_server qemu:unix:$work/host.sock $work/host.img $work/host.pcap 2>@1] r+]
    try {
        exercise $machine $work/host.img - assay
        exercise $machine $work/host.img hdr_digest,data_digest digest
        nvmet_machine::command $machine off
    } finally {
        nvmet_machine::end $machine
        close $server write
        set statistics [read $server]
        catch {close $server}
    }
    puts [string trim $statistics]
    judge $work/host.pcap $statistics
    exit [expr {[llength $::failures] != 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
