# Volumes in front of running guests: three VMs with a VF each do verified I/O; meanwhile one gets limits (IOPS, bandwidth, changed while it runs), one gets
# its volume while it runs, one has its volume grown, shrunk, taken away, given back and exchanged for another, with its commands under way. Who is not meant
# notices nothing; who is meant gets an event each time, is refused what is not there any more, and finds in every volume what it has written to it.
# Parameters (--set NAME=VALUE): limits (0: without), changes (0: limits alone), exchanges, crashes (of the NIC's firmware, as many exchanges are hit), harts, build, directory.

source [file join [file dirname [info script]] snapshot_parts.tcl]

namespace eval hotplug {
    variable limits [assay::parameter limits 1]
    variable changes [assay::parameter changes 1]
    variable exchanges [assay::parameter exchanges 4]
    variable crashes [assay::parameter crashes 0]
    variable harts [assay::parameter harts 4]
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run/hotplug]
    variable seed [dict get $assay::options seed]
    variable volumes 4
    variable bytes 1048576
    variable changed 0 ;# VMs: the one whose volume changes,
    variable other 1   ;# the one that is to notice nothing,
    variable late 2    ;# the one that gets its volume while it runs
    variable measure 4000000 ;# cycles for which a rate is measured
}

proc hotplug::say {text} {
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] $text]
}

proc hotplug::make_volume {n} {
    variable directory
    variable seed
    variable bytes
    set x [expr {$seed * 64 + $n}]
    set words {}
    for {set i 0} {$i < $bytes / 8} {incr i} {
        set x [expr {($x * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
        lappend words $x
    }
    set channel [open $directory/volume$n.img wb]
    puts -nonewline $channel [binary format w* $words]
    close $channel
}

proc hotplug::build_board {} {
    variable volumes
    variable seed
    variable harts
    variable build
    variable directory
    file mkdir $directory
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed $seed" "kato 0"]
    for {set n 0} {$n < $volumes} {incr n} {
        make_volume $n
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n $directory/volume$n.img
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
    }
    lappend lines "attach 3 2"
    board create -harts $harts -ram 256M -bios $snapshot_lab::bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf \
        -config [join $lines \n]\n
    vm ping
    volume enable 3
    set patience 20
    while {[regexp -all -line {^volume \d+ ready} [volume list]] < $volumes} {
        assay::check [incr patience -1] "the volumes do not become ready: [volume list]"
        board run 2000000
    }
}

# VM n has VF n + 1; its commands have at most 8 KiB where limits are measured, so that they are kept in small steps.
proc hotplug::start_guests {} {
    variable exchanges
    variable changes
    variable limits
    variable seed
    variable build
    volume attach 1 0
    volume attach 2 1
    assay::check [regexp {volume 2 ready 2048 blocks function 3} [volume list]] "VF 3 has not got its volume from the configuration: [volume list]"
    volume detach 3
    foreach {n attachments} [list 0 [expr {$changes ? 3 + 2 * $exchanges : 2}] 1 2 2 [expr {1 + $changes}]] {
        set depth [expr {$limits || $n == 0 ? 8 : 2}]
        set vm [vm create guest$n -memory 12M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=volumes seed=[expr {$seed * 4 + $n}] qd=$depth attachments=$attachments report_us=500[expr {$limits ? " most=16" : ""}]"]
        vm assign $vm [expr {$n + 1}]
        vm start $vm
    }
    set crc [crc 1]
    assay::check [string match "*blocks=2048 known=0 crc32c=[crc 0]" [await_present 0]] "VM 0 does not read volume 0 as it is: [present 0]"
    assay::check [string match "*blocks=2048 known=0 crc32c=$crc" [await_present 1]] "VM 1 does not read volume 1 as it is: [present 1]"
}

proc hotplug::crc {volume} {
    variable directory
    return [assay::file_crc32c $directory/volume$volume.img]
}

# ---- what the guests say ----

proc hotplug::present {n} {
    return [lindex [snapshot_lab::lines $n "volumes present"] end]
}

# The guest has read its volume once more than it had by the last call (or by the call of mark).
proc hotplug::await_present {n} {
    variable seen
    return [snapshot_lab::await $n "volumes present" [incr seen($n)] 60000000]
}

proc hotplug::mark {n} {
    variable seen
    set seen($n) [llength [snapshot_lab::lines $n "volumes present"]]
}

proc hotplug::errors {} {
    set found {}
    for {set n 0} {$n < 3} {incr n} {
        lappend found {*}[snapshot_lab::lines $n "volumes error"]
    }
    return $found
}

# -> {ticks commands bytes} of the last report of VM n
proc hotplug::reported {n} {
    regexp {ticks=(\d+) commands=(\d+) bytes=(\d+)} [lindex [snapshot_lab::lines $n "volumes rate"] end] -> ticks commands bytes
    return [list $ticks $commands $bytes]
}

# -> for each VM of NUMBERS {commands a second, KiB a second} in the next time
proc hotplug::rates {numbers} {
    variable measure
    foreach n $numbers {
        set before($n) [reported $n]
    }
    board run $measure
    set rates {}
    foreach n $numbers {
        lassign $before($n) ticks commands bytes
        lassign [reported $n] now more moved
        assay::check [expr {$now > $ticks}] "VM $n has reported nothing for $measure cycles: [errors]"
        set seconds [expr {($now - $ticks) / 1e7}]
        lappend rates [expr {($more - $commands) / $seconds}] [expr {($moved - $bytes) / 1024.0 / $seconds}]
    }
    return $rates
}

# ---- limits ----

# Below the limit by what a report comes late, above it by what an idle millisecond has saved up.
proc hotplug::check_limit {what rate limit other before} {
    say [format "%s: %.0f of %d, the other VM %.0f a second (%.0f before)" $what $rate $limit $other $before]
    assay::check [expr {$rate > 0.93 * $limit && $rate < 1.05 * $limit}] "$what: $rate a second, the limit is $limit"
    assay::check [expr {$other > 0.93 * $before}] "$what: the other VM gets $other commands a second, $before before"
}

proc hotplug::limit_at {what limit field args} {
    variable changed
    variable other
    variable free
    volume limit [expr {$changed + 1}] {*}$args
    board run 2000000
    set rates [rates [list $changed $other]]
    check_limit $what [lindex $rates $field] $limit [lindex $rates 2] [lindex $free 2]
}

proc hotplug::test_limits {} {
    variable changed
    variable other
    variable free
    board run 2000000
    set free [rates [list $changed $other]]
    lassign $free commands kib
    say [format "without limits: %.0f commands and %.0f KiB a second, the other VM %.0f" $commands $kib [lindex $free 2]]
    limit_at "a third of the commands" [set limit [expr {int($commands / 3)}]] 0 -iops $limit
    limit_at "a tenth of the commands" [set limit [expr {int($commands / 10)}]] 0 -iops $limit
    limit_at "a fifth of the bandwidth" [set limit [expr {int($kib / 5)}]] 1 -kib $limit
    limit_at "half of the commands" [set limit [expr {int($commands / 2)}]] 0 -iops $limit -kib [expr {int($kib)}]
    volume limit [expr {$changed + 1}]
    board run 1000000
    set after [rates $changed]
    assay::check [expr {[lindex $after 0] > 0.9 * $commands}] "without a limit again: [lindex $after 0] commands a second, $commands before"
}

# ---- volumes that come, change and go ----

# The VMs that are not meant go on.
proc hotplug::others_go_on {numbers} {
    foreach n $numbers {
        set before($n) [reported $n]
    }
    board run 1100000
    foreach n $numbers {
        assay::check [expr {[lindex [reported $n] 1] > [lindex $before($n) 1]}] "VM $n does nothing any more"
    }
    assay::check [expr {[errors] eq ""}] [join [errors] "; "]
}

# What the PF has taken away does not come back because the firmware starts again and reads its configuration.
proc hotplug::crash_without_volume {} {
    fault firmware crash
    board run 8000000
    assay::check [regexp {volume 2 ready 2048 blocks free} [volume list]] "after a crash: [volume list]"
    others_go_on {0 1}
}

proc hotplug::test_plug {} {
    variable late
    set before [crc 2]
    volume attach [expr {$late + 1}] 2
    set line [await_present $late]
    assay::check [string match "*blocks=2048 known=0 crc32c=$before" $line] "VM $late reads \"$line\"; the file has $before"
    others_go_on {0 1 2}
    say "VM $late has its volume, and works on it"
}

proc hotplug::resize {bytes} {
    variable changed
    mark $changed
    storage resize 0 $bytes
    set line [await_present $changed]
    assay::check [string match "*blocks=[expr {$bytes / 512}] known=1 *" $line] "VM $changed reads \"$line\"; the volume has $bytes bytes"
    others_go_on {0 1 2}
    say "VM $changed: $line"
}

proc hotplug::test_sizes {} {
    variable bytes
    foreach size [list [expr {$bytes * 3 / 2}] [expr {$bytes / 2}] [expr {$bytes * 3 / 4 + 512}] $bytes] {
        resize $size
    }
}

proc hotplug::test_detach {} {
    variable changed
    mark $changed
    volume detach [expr {$changed + 1}]
    set line [snapshot_lab::await $changed "volumes gone" 1 60000000]
    others_go_on {1 2}
    mark $changed
    volume attach [expr {$changed + 1}] 0
    assay::check [string match "*known=1*" [await_present $changed]] "VM $changed does not know its volume again: [present $changed]"
    others_go_on {0 1 2}
    say "VM $changed has its volume again (while it went: $line)"
}

proc hotplug::detach_first {} {
    variable changed
    set gone [llength [snapshot_lab::lines $changed "volumes gone"]]
    volume detach [expr {$changed + 1}]
    snapshot_lab::await $changed "volumes gone" [incr gone] 60000000
}

# The volume becomes another in the middle of its commands: at one stroke, or it is detached, and the other comes when the guest has heard of that.
# Each holds what was written to it, and nothing else.
proc hotplug::exchange {k} {
    variable changed
    variable crashes
    foreach volume {3 0} {
        board run [snapshot_lab::random 300000]
        mark $changed
        set before [crc 3]
        if {$k < $crashes} {
            board run 20000000 ;# a firmware that has not worked for so long counts as one that does not start
            fault firmware crash
            board run [snapshot_lab::random 20000]
        }
        if {($k + $volume) % 2} {
            detach_first
        }
        volume attach [expr {$changed + 1}] $volume
        set line [await_present $changed]
        set known [expr {$volume == 0 || $k > 0}]
        assay::check [string match "*blocks=2048 known=$known *" $line] "VM $changed reads \"$line\" after exchange $k"
        assay::check [expr {$volume == 0 || [string match "*crc32c=$before" $line]}] "VM $changed reads \"$line\"; volume 3 had $before when nobody had it"
        assay::check [expr {[errors] eq ""}] [join [errors] "; "]
    }
}

# Each goes and comes once more; then the guests end, with what the files hold.
proc hotplug::finish {} {
    variable changes
    for {set n 0} {$n < 2 + $changes} {incr n} {
        set gone [llength [snapshot_lab::lines $n "volumes gone"]]
        volume detach [expr {$n + 1}]
        snapshot_lab::await $n "volumes gone" [expr {$gone + 1}] 60000000
        volume attach [expr {$n + 1}] $n
        set end [snapshot_lab::await $n "volumes done" 1 100000000]
        set line [present $n]
        assay::check [string match "* errors=0" $end] "VM $n: $end: [join [errors] "; "]"
        assay::check [string match "*known=1 crc32c=[crc $n]" $line] "VM $n reads \"$line\"; the file has [crc $n]"
        say "VM $n: $end"
    }
}

proc hotplug::change_volumes {} {
    variable exchanges
    variable crashes
    if {$crashes} {
        crash_without_volume
    }
    test_plug
    test_sizes
    test_detach
    for {set k 0} {$k < $exchanges} {incr k} {
        exchange $k
    }
    say "$exchanges exchanges there and back"
}

proc hotplug::main {} {
    variable limits
    variable changes
    build_board
    start_guests
    say "two VMs work, the third has no volume yet"
    if {$limits} {
        test_limits
    }
    if {$changes} {
        change_volumes
    }
    finish
    puts "RESTARTS [regexp -all {restarted after crash} [board text nic]]"
    set report [dict get $assay::options report]
    if {$report ne ""} {
        report::write $report pass ""
    }
    puts "PASS"
}

hotplug::main
