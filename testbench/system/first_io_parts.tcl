# What first_io and its relatives are made of: the board of the main job, its guests, and the checks of what they did.
# Parameters (--set NAME=VALUE): volume0, volume1 (files; they are copied, never written), ops, build, directory,
# target_options (of each target: `assay::target`),
# target0, target1 (runs, refuses or stalls), inject (a fault of the RTL, to see the testbench find it).

source [file join [file dirname [info script]] volumes.tcl]
source [file join [file dirname [info script]] progress.tcl]

namespace eval first_io {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run]
    variable operations [assay::parameter ops 2000]
    variable guests {0 1}
    variable extra_volumes {} ;# files behind the volumes that no guest has
    variable bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
}

proc first_io::say {text} {
    puts [format "%10.3f ms  %s" [expr {[board cycle] / 1e6}] $text]
}

proc first_io::nic_config {} {
    variable guests
    set lines [list "ip 10.0.0.2/24" "mac 02:00:00:00:00:02" "seed [dict get $assay::options seed]" "kato 0"]
    variable extra_volumes
    for {set n 0} {$n < [llength $guests] + [llength $extra_volumes]} {incr n} {
        lappend lines "volume $n nvme-tcp 10.0.0.[expr {10 + $n}]:4420 nqn.2026-11.assay:target$n nsid 1"
    }
    return [join $lines \n]\n
}

proc first_io::build_board {} {
    variable build
    variable bios
    variable directory
    variable volumes
    variable guests
    foreach n $guests {
        set volumes($n) [volumes::prepare $n $directory]
        assay::target 10.0.0.[expr {10 + $n}]/24 nqn.2026-11.assay:target$n [lindex $volumes($n) 0] {*}[assay::parameter target_options ""]
    }
    variable extra_volumes
    set next [llength $guests]
    foreach file $extra_volumes {
        assay::target 10.0.0.[expr {10 + $next}]/24 nqn.2026-11.assay:target$next $file
        incr next
    }
    assay::pcap $directory/first_io.pcap
    board create -harts 3 -ram 256M -bios $bios -kernel $build/hypervisor/assay-hv.elf -firmware $build/firmware/assay-nic.elf -config [nic_config]
    foreach n $guests {
        fault target $n [assay::parameter target$n runs]
    }
    inject_before
}

# `inject`: BLOCK PIN CYCLE, or BLOCK PIN @COMMANDS of the guests that have ended before.
proc first_io::inject_before {} {
    lassign [assay::parameter inject ""] block pin cycle
    if {$block ne "" && ![string match @* $cycle]} {
        fault lockstep $block $pin $cycle
    }
}

# Of a block of the targets' volumes.
proc first_io::block_bytes {} {
    set options [assay::parameter target_options ""]
    return [expr {[dict exists $options block] ? [dict get $options block] : 512}]
}

proc first_io::inject_after {} {
    lassign [assay::parameter inject ""] block pin commands
    if {[string match @* $commands]} {
        progress::await [string range $commands 1 end]
        fault lockstep $block $pin [board cycle]
    }
}

# The last quarter of a volume is for random I/O.
proc first_io::region {n} {
    variable volumes
    set blocks [expr {[file size [lindex $volumes($n) 1]] / [block_bytes]}]
    set count [expr {$blocks / 4}]
    return [list [expr {$blocks - $count}] $count]
}

# A storage target that cannot be reached is the user's to mend: it is named, and the run ends as with any bad input.
proc first_io::await_volumes {} {
    variable guests
    set patience 20
    foreach n $guests {
        while {![regexp -line "^volume $n ready" [volume list]]} {
            if {[incr patience -1] == 0} {
                assay::bad_input "volume $n: target 10.0.0.[expr {10 + $n}]:4420 (nqn.2026-11.assay:target$n) refuses or cannot be reached"
            }
            board run 5000000
        }
    }
}

proc first_io::start_guests {} {
    variable guests
    variable operations
    variable build
    volume enable [llength $guests]
    await_volumes
    say "PF enabled, [llength $guests] VFs"
    progress::begin
    foreach n $guests {
        lassign [region $n] first count
        volume attach [expr {$n + 1}] $n
        set vm [vm create guest$n -memory 16M -image $build/hypervisor/guest-kernel.elf \
            -bootargs "workload=io seed=[expr {[dict get $assay::options seed] * 16 + $n}] ops=$operations first_lba=$first lbas=$count qd=32"]
        vm assign $vm [expr {$n + 1}]
        vm start $vm
        say "vm $vm runs with VF [expr {$n + 1}] on volume $n"
    }
    inject_after
}

proc first_io::guest_line {n text} {
    foreach line [split [board text host] \n] {
        if {[string first "\[vm$n\] $text" $line] >= 0} {
            return [string trim $line]
        }
    }
    return ""
}

# What a scenario does beside, each time that it looks at the guests.
proc first_io::meanwhile {} {}

# Runs until every guest is done; prints what they say as it comes.
proc first_io::follow {} {
    variable guests
    variable operations
    set shown [dict create]
    set deadline [expr {[board cycle] + 60000000 + $operations * 200000}]
    while {[llength [lmap n $guests {expr {[guest_line $n "guest done"] eq "" ? $n : [continue]}}]]} {
        assay::check [expr {[board cycle] < $deadline}] "the guests were not done by cycle $deadline"
        board run 5000000
        foreach line [split [board text host] \n] {
            if {[string match {\[vm*} $line] && ![dict exists $shown $line]} {
                dict set shown $line 1
                say [string trim $line]
            }
        }
        meanwhile
        say "[assay::event_count see.cqe] commands completed, [assay::event_count bau.accepted] interrupts delivered"
    }
}

proc first_io::check_guest {n} {
    variable volumes
    variable operations
    lassign $volumes($n) work before
    set expected [assay::file_crc32c $before]
    assay::check [regexp {crc32c=([0-9a-f]{8}) bytes=(\d+)} [guest_line $n "image crc32c"] -> crc bytes] "vm$n reported no CRC of its image"
    assay::check [expr {$crc eq $expected && $bytes == [file size $before]}] "vm$n read $bytes bytes with CRC32C $crc; the file has [file size $before] bytes with $expected"
    assay::check [regexp {ops=(\d+) bytes=(\d+) errors=(\d+)} [guest_line $n "io done"] -> ops io errors] "vm$n reported no end of its I/O"
    assay::check [expr {$ops == $operations && $errors == 0}] "vm$n did $ops of $operations I/Os with $errors errors"
    lassign [region $n] first count
    set difference [assay::io_replay $before $work [expr {[dict get $assay::options seed] * 16 + $n}] $first $count $operations [block_bytes]]
    assay::check [expr {$difference == -1}] "file $work differs from what vm$n wrote, first at byte $difference"
    if {[assay::parameter volume$n ""] eq ""} {
        volumes::check_ext4 $work
    }
    say "vm$n: CRC32C $crc as the file's own, $ops random I/Os verified by the guest and in $work from outside"
    return [list [expr {$ops + $bytes / 131072}] [expr {$io + $bytes}] $errors]
}

# Completions must have come to the guests without the hypervisor: the VF's interrupts cause no exit.
proc first_io::check_interrupts {} {
    set stats [assay::stats]
    assay::check [expr {[dict get $stats interrupts.directed] > 0}] "no interrupt was delivered directly"
    assay::check [expr {[dict get $stats latency.msi.count] > 0}] "no guest handler was seen to start"
}

# A directed interrupt causes no exit: what exits a VM had are few, however many interrupts its handler took.
proc first_io::check_exits {n} {
    set stat [vm stat $n]
    set exits 0
    foreach cause {exits.interrupt exits.ecall exits.mmio exits.wfi exits.other} {
        incr exits [dict get $stat $cause]
    }
    assay::check [regexp {io interrupts=(\d+) lost=(\d+)} [guest_line $n "io interrupts"] -> interrupts lost] "vm$n reported no interrupts"
    assay::check [expr {$lost == 0}] "vm$n lost $lost interrupts"
    assay::check [expr {$exits < 100 && $interrupts > $exits}] "vm$n had $exits exits for $interrupts interrupts: they did not come directly"
    say "vm$n: $interrupts interrupts taken by the guest's handler, $exits exits in its whole life"
}

# Checks every guest and its volume; returns {operations bytes errors} over all of them.
proc first_io::check_all {} {
    variable guests
    set totals {0 0 0}
    foreach n $guests {
        check_exits $n
        set totals [lmap total $totals part [check_guest $n] {expr {$total + $part}}]
    }
    check_interrupts
    return $totals
}
