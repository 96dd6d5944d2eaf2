# Interoperation with the Linux kernel's NVMe/TCP target in a virtual machine, through `qemu:unix:` of a fabric port:
# verified random I/O, a target that stops and comes back in the middle, the image compared afterwards, the capture judged
# by tshark, and the recording of the machine replayed to the same frames.
# usage: ASSAY_BUILD=build tclsh8.6 nvmet_interop.tcl
# Exit status: 0 pass, 1 fail, 77 if this machine has no QEMU or no package source.

set here [file dirname [file normalize [info script]]]
source $here/nvmet_machine.tcl

proc count {capture filter args} {
    return [string trim [exec -ignorestderr tshark -r $capture -o tcp.reassemble_out_of_order:TRUE -d tcp.port==4420,nvme-tcp {*}$args -Y $filter 2>/dev/null | wc -l]]
}

proc make_image {path} {
    set channel [open $path wb]
    set value 12345
    for {set block 0} {$block < 16384} {incr block} {
        set value [expr {($value * 1103515245 + 12345) & 0x7fffffff}]
        puts -nonewline $channel [string repeat [binary format iiii $value $block $value $block] 32]
    }
    close $channel
}

proc same_files {one two} {
    return [expr {![catch {exec cmp $one $two}]}]
}

# Runs the client; at its "half" the target goes away for a while.
proc run_client {command machine} {
    set client [open [list | {*}$command 2>@1]]
    set lines {}
    while {[gets $client line] >= 0} {
        puts "client: $line"
        lappend lines $line
        if {$line eq "half"} {
            nvmet_machine::command $machine stop
            after 1000
            nvmet_machine::command $machine start
        }
    }
    close $client
    return [lindex $lines end]
}

proc judge {capture} {
    set failures {}
    if {[auto_execok tshark] eq ""} {
        return $failures
    }
    if {[count $capture {ip.src == 10.0.0.2 && tcp.flags.syn == 1}] < 4} {
        lappend failures "no second connection after the target came back"
    }
    if {[count $capture nvme-tcp] < 500} {
        lappend failures "few NVMe/TCP PDUs in the capture"
    }
    foreach {what filter} {
        malformed _ws.malformed
        "wrong checksums from us" {ip.src == 10.0.0.2 && (ip.checksum.status == 0 || tcp.checksum.status == 0)}
    } {
        set found [count $capture $filter -o ip.check_checksum:TRUE -o tcp.check_checksum:TRUE]
        if {$found} {
            lappend failures "$found frames: $what"
        }
    }
    return $failures
}

proc main {build} {
    set work [file normalize $build/interop]
    try {
        nvmet_machine::prepare $work/nvmet
    } trap SKIP text {
        puts $text
        exit 77
    }
    make_image $work/nvmet.img
    file copy -force $work/nvmet.img $work/before.img
    set machine [nvmet_machine::start $work/nvmet $work/nvmet.sock $work/nvmet.img 10.0.0.10/24 nqn.2026-11.assay:target0]
    set failures {}
    try {
        set live [run_client [list $build/interop/nvmet_client qemu:unix:$work/nvmet.sock $work/before.img 600 1 \
            $work/nvmet.pcap $work/nvmet.rec] $machine]
        nvmet_machine::command $machine off
    } finally {
        nvmet_machine::end $machine
    }
    if {![same_files $work/nvmet.img $work/before.img.expected]} {
        lappend failures "the image is not what was written"
    }
    lappend failures {*}[judge $work/nvmet.pcap]
    set again [lindex [split [exec $build/interop/nvmet_client replay:$work/nvmet.rec $work/before.img 600 1 $work/replay.pcap -] \n] end]
    if {$again ne $live} {
        lappend failures "the replay differs: $again"
    }
    foreach failure $failures {
        puts "FAIL $failure"
    }
    exit [expr {[llength $failures] != 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
