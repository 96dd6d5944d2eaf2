# Races on the board: VMs take interrupts as fast as they come while their vCPUs are moved, pinned, crowded and the BAU's caches are emptied
# at random moments; some sleep, some compute, on direct, broadcast and classical paths. Each message must reach its handler (the guests
# count what a timer finds instead), and nothing may repeat for ever.
# Parameters: pings (of each of three VMs in a round; a fourth one sleeps between a twentieth of them), rounds, build, directory.

source [file join [file dirname [info script]] volumes.tcl]

namespace eval race {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable pings [assay::parameter pings 300]
    variable rounds [assay::parameter rounds 2]
    variable random [dict get $assay::options seed]
    variable harts 2
    variable moves 0
}

proc race::below {limit} {
    variable random
    set random [expr {($random * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
    return [expr {($random >> 33) % $limit}]
}

proc race::boot {} {
    variable build
    variable directory
    file mkdir $directory
    set config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed [dict get $assay::options seed]\nkato 0\n"
    set volume [volumes::prepare 0 $directory]
    foreach n {0 1 2 3} {
        assay::target 10.0.0.1$n/24 nqn.2026-11.assay:target$n [lindex $volume 0]
        append config "volume $n nvme-tcp 10.0.0.1$n:4420 nqn.2026-11.assay:target$n nsid 1\n"
    }
    board create -harts 3 -ram 256M -config $config -firmware $build/firmware/assay-nic.elf \
        -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -kernel $build/hypervisor/assay-hv.elf
    volume enable 4
    foreach n {0 1 2 3} {
        board run 5000000
        volume attach [expr {$n + 1}] $n
    }
}

# One that sleeps gets its hart back every 400 microseconds only.
proc race::sleepers_pings {} {
    variable pings
    return [expr {max(5, $pings / 20)}]
}

proc race::start {round} {
    variable pings
    set vms {}
    foreach {vf path sleep count} [list 1 direct 0 $pings 2 direct 1 [sleepers_pings] 3 broadcast 0 $pings 4 classical 0 $pings] {
        set vm [vm create ping$vf -memory 4M -bootargs "workload=ping pings=$count gap=20 sleep=$sleep seed=[expr {$round * 10 + $vf}]"]
        vm assign $vm $vf
        vm path $vm $path
        lappend vms $vm
    }
    lappend vms [vm create spinner -memory 4M -bootargs "workload=spin"]
    foreach vm $vms {
        vm start $vm
    }
    return $vms
}

# One thing that a hypervisor's user does, at a random moment.
proc race::disturb {vms} {
    variable harts
    variable moves
    set vm [lindex $vms [below [llength $vms]]]
    incr moves
    switch [below 8] {
        0 { vm pin $vm 0 yes }
        1 - 2 { vm pin $vm 0 no }
        3 { vm cold yes }
        4 { vm cold no }
        default { vm migrate $vm 0 [below $harts] }
    }
}

proc race::done {} { regexp -all {ping done pings=} [board text host] }

proc race::main {} {
    variable pings
    variable rounds
    variable moves
    boot
    set total 0
    for {set round 0} {$round < $rounds} {incr round} {
        set vms [start $round]
        set limit [expr {[board cycle] + 100000000 + $pings * 20000000}]
        while {[done] < 4 * ($round + 1)} {
            board run [expr {5000 + [below 60000]}]
            disturb [lrange $vms 0 3]
            assay::check [expr {[string first crashed [vm list]] < 0}] "a guest crashed: [vm list]"
            assay::check [expr {[board cycle] < $limit}] "round $round: a guest waits for ever: [vm list]"
        }
        vm cold no
        foreach vm $vms {
            set stat [vm stat $vm]
            assay::check [expr {[dict get $stat bau.faults] == 0}] "the BAU saw faults: $stat"
            vm destroy $vm
        }
        incr total [expr {3 * $pings + [sleepers_pings]}]
    }
    assay::check [expr {[regexp -all {ping done pings=\d+ interrupts=\d+ lost=0 errors=0} [board text host]] == 4 * $rounds}] \
        "an interrupt was lost: [regexp -all -inline -line {ping done .*$} [board text host]]"
    set machine [vm machine]
    report::note interrupts.fuzzed $total
    puts "$total interrupts, $moves disturbances, lost 0: [join [lmap key {direct mismatch broadcast recorded rescan} {set _ "[dict get $machine count.$key] $key"}] {, }]"
    puts "PASS"
}

race::main
