# Interoperation with the Linux kernel's NVMe/TCP target in a virtual machine, through `qemu:unix:` of a fabric port:
# verified random I/O plainly, with digests over several queues, and over two paths with asymmetric access; what the target does in the
# middle of each (stops and comes back, hides the namespace); the image compared afterwards, the capture judged by tshark, and the
# recording of the machine replayed to the same frames.
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

# Runs the client; at its "half" the machine gets TROUBLE, commands with milliseconds between them.
proc run_client {command machine trouble} {
    set client [open [list | {*}$command 2>@1]]
    set lines {}
    while {[gets $client line] >= 0} {
        puts "client: $line"
        lappend lines $line
        if {$line eq "half"} {
            nvmet_machine::command $machine [lindex $trouble 0]
            foreach {milliseconds order} [lrange $trouble 1 end] {
                after $milliseconds
                nvmet_machine::command $machine $order
            }
        }
    }
    close $client
    return [lindex $lines end]
}

# Digests are checked where the connections have them.
proc judge {capture connections digests} {
    set failures {}
    if {[auto_execok tshark] eq ""} {
        return $failures
    }
    if {[count $capture {ip.src == 10.0.0.2 && tcp.flags.syn == 1}] < $connections} {
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
    if {$digests} {
        set wrong [count $capture {nvme-tcp.hdgst.status == 0 || nvme-tcp.ddgst.status == 0} -o nvme-tcp.check_hdgst:TRUE -o nvme-tcp.check_ddgst:TRUE]
        set right [count $capture {nvme-tcp.ddgst.status == 1} -o nvme-tcp.check_hdgst:TRUE -o nvme-tcp.check_ddgst:TRUE]
        if {$wrong || !$right} {
            lappend failures "$wrong frames with a wrong digest, $right with a right one"
        }
    }
    return $failures
}

# What a round asks of the volume, what the machine does at half time, how many connections that makes, whether there are digests, and the machine's settings.
# A stop ends the connections of port 4420 only; 4421 is there all the time. (inline=0 is no setting: nvmet_tcp_map_data()
# refuses data in a capsule beyond inline_data_size with SGL Offset Invalid, and so the 1024 bytes of every Connect.)
set rounds {
    plain {"" {stop 1000 start} 4 0 ""}
    digests {"hdgst ddgst queues 3" {stop 1000 start} 8 1 ""}
    paths {"path 10.0.0.10:4421 queues 2 hdgst" {hide 1000 show 500 stop 1000 start 1000 hide} 9 0 ""}
    little_inline {"ddgst queues 4" {stop 1000 start} 6 1 "inline=2048\nqids=2\n"}
    inline {"hdgst queues 2" {stop 1000 start} 6 0 "inline=16384\nqids=2\n"}
}

# Returns what went wrong.
proc round {name build work} {
    lassign [dict get $::rounds $name] options trouble connections digests settings
    make_image $work/$name.img
    file copy -force $work/$name.img $work/$name.before.img
    set machine [nvmet_machine::start $work/nvmet $work/$name.sock $work/$name.img 10.0.0.10/24 nqn.2026-11.assay:target0 1500 [subst -nocommands -novariables $settings]]
    set failures {}
    try {
        set live [run_client [list $build/interop/nvmet_client qemu:unix:$work/$name.sock $work/$name.before.img 600 1 \
            $work/$name.pcap $work/$name.rec $options] $machine $trouble]
        nvmet_machine::command $machine off
    } finally {
        nvmet_machine::end $machine
    }
    if {![same_files $work/$name.img $work/$name.before.img.expected]} {
        lappend failures "the image is not what was written"
    }
    lappend failures {*}[judge $work/$name.pcap $connections $digests]
    set again [lindex [split [exec $build/interop/nvmet_client replay:$work/$name.rec $work/$name.before.img 600 1 $work/$name.replay.pcap - $options] \n] end]
    if {$again ne $live} {
        lappend failures "the replay differs: $again"
    }
    return [lmap failure $failures {string cat "$name: " $failure}]
}

proc main {build only} {
    set work [file normalize $build/interop]
    try {
        nvmet_machine::prepare $work/nvmet
    } trap SKIP text {
        puts $text
        exit 77
    }
    set failures {}
    foreach name [expr {$only eq "" ? [dict keys $::rounds] : $only}] {
        puts "round $name"
        lappend failures {*}[round $name $build $work]
    }
    foreach failure $failures {
        puts "FAIL $failure"
    }
    exit [expr {[llength $failures] != 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}] $argv
