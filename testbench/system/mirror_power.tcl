# A mirror over two storages, and power that goes. Run once with cut=missed or cut=writing, then again with cut=after and the same directory.
#   returns  a guest writes; in the middle one storage goes away, and comes back when the guest has ended: what it missed is copied
#   missed   a guest writes; in the middle one storage goes away for good; the guest ends, then power goes
#   writing  power goes at a random cycle while the guest writes to both
#   after    another board with what is left: slot flash and volume files. First only the second storage can be reached: with missed=1 nothing may be
#            served from it. Then the first one, too; the members become equal without any host.
# Parameters beside those of first_io_parts.tcl: cut, missed, commands and cycles (of the guest's, before the storage or power goes).
# `returns` ends with its own board; of the others, cut=after is the second half.
source testbench/system/first_io_parts.tcl

namespace eval mirror_power {
    variable cut [assay::parameter cut missed]
    variable missed [assay::parameter missed 0]
    variable commands [assay::parameter commands 90]
    variable cycles [assay::parameter cycles 1]
}

proc first_io::nic_config {} {
    return "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed [dict get $assay::options seed]\nkato 0
volume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1 timeout 100
volume 1 nvme-tcp 10.0.0.11:4420 nqn.2026-11.assay:target1 nsid 1 timeout 100
volume 2 mirror 0 1\n"
}

proc mirror_power::await_volume {state} {
    for {set patience 60} {![regexp -line "^volume 2 $state" [volume list]]} {incr patience -1} {
        assay::check [expr {$patience > 0}] "the mirror is not $state: [volume list]"
        board run 5000000
    }
}

# Both volumes begin with the same bytes.
proc mirror_power::before {} {
    variable cut
    variable commands
    variable cycles
    set first_io::guests {0 1}
    first_io::build_board
    volume enable 1
    await_volume ready
    volume attach 1 2
    lassign [first_io::region 0] first count
    set seed [expr {[dict get $assay::options seed] * 16}]
    vm create guest -memory 16M -image $first_io::build/hypervisor/guest-kernel.elf \
        -bootargs "workload=io seed=$seed ops=$first_io::operations first_lba=$first lbas=$count qd=32"
    vm assign 0 1
    progress::begin
    vm start 0
    progress::await $commands
    board run $cycles
    if {$cut in {missed returns}} {
        fault target 1 refuses
        for {set patience 100} {[first_io::guest_line 0 "guest done"] eq ""} {incr patience -1} {
            assay::check [expr {$patience > 0}] "the guest was not done: [string range [board text host] end-1500 end] [volume list] [string range [board text nic] end-1500 end]"
            board run 5000000
        }
        first_io::check_guest 0
        assay::check [regexp -line "^volume 2 degraded" [volume list]] "no member is behind: [volume list]"
    }
    assay::check [regexp {volume 2: attached} [board text nic]] "the mirror was not attached"
    if {$cut eq "returns"} {
        fault target 1 runs
        await_volume ready
        assay::check [expr {[assay::file_crc32c $first_io::directory/volume0.img] eq [assay::file_crc32c $first_io::directory/volume1.img]}] "the members differ"
        puts "MEMBERS are equal"
        return
    }
    firmware flash $first_io::directory/flash.img
    puts "CUT at [board cycle]"
}

proc mirror_power::after {} {
    variable missed
    set directory $first_io::directory
    foreach n {0 1} {
        set file($n) $directory/volume$n.img
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $file($n)
    }
    set equal [expr {[assay::file_crc32c $file(0)] eq [assay::file_crc32c $file(1)]}]
    assay::check [expr {!$missed || !$equal}] "the second member has missed nothing"
    set good [assay::file_crc32c $file(0)]
    board create -harts 3 -ram 256M -bios $first_io::bios -kernel $first_io::build/hypervisor/assay-hv.elf -slot-flash $directory/flash.img -config [first_io::nic_config]
    fault target 0 refuses
    volume enable 1
    board run 40000000
    assay::check [expr {[regexp -line "^volume 1 ready" [volume list]]}] "the second storage was not reached: [volume list]"
    if {$missed} {
        assay::check [regexp -line {^volume 2 degraded 0 blocks} [volume list]] "a member that has missed writes is served: [volume list]"
        assay::check [catch {volume attach 1 2}] "a member that has missed writes was attached"
    } else {
        assay::check [regexp -line {^volume 2 (degraded|ready) [1-9]} [volume list]] "the member that can be reached does not serve: [volume list]"
    }
    fault target 0 runs
    await_volume ready
    board run 1000000
    set crcs [lmap n {0 1} {assay::file_crc32c $file($n)}]
    assay::check [expr {[lindex $crcs 0] eq [lindex $crcs 1]}] "the members differ: $crcs"
    assay::check [expr {!$missed || [lindex $crcs 0] eq $good}] "the first member was changed from the second"
    foreach line [split [board text nic] \n] {
        if {[regexp {volume 2: } $line]} {
            first_io::say "nic: $line"
        }
    }
    puts "MEMBERS [expr {$equal ? "were equal" : "differed"}], are equal"
}

if {$mirror_power::cut eq "after"} {
    mirror_power::after
} else {
    mirror_power::before
}
