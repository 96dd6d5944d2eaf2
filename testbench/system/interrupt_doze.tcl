# A vCPU that shares its hart falls asleep just when its message comes, again and again: the BAU meets it running, being taken from the hart, and gone.
# None may be lost, and both races must have been met: a receiver that runs another one already (mismatch), and an entry that changed after the receiver
# had accepted (such a message is broadcast, too, so that the counters of both ends add up to more than the messages).
# Parameters: pings (of a round), rounds (at most, until both have been met), build, directory.

source [file join [file dirname [info script]] volumes.tcl]

namespace eval doze {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable pings [assay::parameter pings 150]
    variable rounds [assay::parameter rounds 20]
    variable seed [dict get $assay::options seed]
}

proc doze::boot {} {
    variable build
    variable directory
    variable seed
    set volume [volumes::prepare 0 $directory]
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 [lindex $volume 0]
    board create -harts 3 -ram 256M -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed $seed\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n" \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf
    volume enable 1
    board run 5000000
    volume attach 1 0
    set spinner [vm create spinner -memory 4M -bootargs "workload=spin"]
    share_hart $spinner
}

proc doze::share_hart {vm} {
    vm migrate $vm 0 0
    vm pin $vm 0 yes
    vm start $vm
}

proc doze::ended {} { regexp -all {ping done pings=\d+ interrupts=\d+ lost=0 errors=0} [board text host] }

proc doze::run {round} {
    variable pings
    variable seed
    set vm [vm create doze -memory 4M -bootargs "workload=ping pings=$pings sleep=1 gap=20 doze=400 seed=[expr {$seed * 100 + $round}]"]
    vm assign $vm 1
    share_hart $vm
    set limit [expr {[board cycle] + 20000000 + $pings * 1000000}]
    while {[ended] <= $round} {
        board run 1000000
        assay::check [expr {[board cycle] < $limit && [string first crashed [vm list]] < 0}] "round $round does not end well: [vm list]\n[board text host]"
    }
    vm destroy $vm
}

# -> {counters of the BAU, of which changed is worked out}
proc doze::counters {} {
    foreach key {messages direct mismatch broadcast recorded rescan} {
        dict set counters $key [dict get [vm machine] count.$key]
    }
    dict with counters {
        dict set counters changed [expr {$direct + $broadcast + $recorded - $messages - $rescan}]
    }
    return $counters
}

proc doze::main {} {
    variable rounds
    variable pings
    boot
    for {set round 0} {$round < $rounds} {incr round} {
        run $round
        set counters [counters]
        if {[dict get $counters mismatch] && [dict get $counters changed]} {
            break
        }
    }
    puts "[expr {($round + 1) * $pings}] messages to a vCPU that dozes, lost 0: $counters"
    assay::check [expr {$round < $rounds}] "a race was not met"
    puts "PASS"
}

doze::main
