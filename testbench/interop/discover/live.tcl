# Discovery on a running machine: a stock Linux (testbench/interop/linux) on the board, looked at from outside. Its own list of processes
# must be what `vm ps` reads from its memory, addresses those of its own /proc/kallsyms, and hooked functions must log events with the
# names of the processes that call them. Use --hart fast.
# Parameters: linux (directory of Image), initramfs (guest.tcl), directory, build.

set here [file dirname [info script]]
source [file join $here .. .. system volumes.tcl]
source [file join $here guest.tcl]

namespace eval live {
    variable build [assay::parameter build build]
    variable directory [assay::parameter directory $build/run-live]
    variable linux [assay::parameter linux $build/linux]
    variable patience 400000000
}

proc live::create {} {
    variable build
    variable directory
    variable linux
    file mkdir $directory
    lassign [volumes::prepare 0 $directory] image
    assay::target 10.0.0.10/24 nqn.2026-11.assay:target0 $image
    board create -harts 2 -ram 128M -mailbox 0 -bios /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin -payload $linux/Image \
        -initrd [assay::parameter initramfs $directory/initramfs-riscv64] -bootargs "console=ttyS0 panic=-1" \
        -firmware $build/firmware/assay-nic.elf \
        -config "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 1\nkato 0\nvolume 0 nvme-tcp 10.0.0.10:4420 nqn.2026-11.assay:target0 nsid 1\n"
}

proc live::check_addresses {text} {
    set symbols [guest::symbols $text]
    set right 0
    foreach line [split [discover --vm native] \n] {
        if {[regexp {^(\w+) +(?:data|function) +(0x[0-9a-f]+) } $line -> name value] && [dict exists $symbols $name]} {
            assay::check [expr {[expr $value] in [dict get $symbols $name]}] "$name is $value, the guest says [dict get $symbols $name]"
            incr right
        }
    }
    assay::check [expr {$right >= 12}] "only $right addresses could be compared"
    puts "  $right addresses as the guest's kallsyms has them"
}

proc live::check_processes {text} {
    set guest [guest::comparable [guest::processes $text]]
    set seen [guest::comparable [lmap line [lrange [split [vm ps native] \n] 1 end] {
        regexp {^ *(\d+) +(\d+)  (.*)$} $line -> pid parent name
        list $pid $parent $name
    }]]
    assay::check [expr {[llength $guest] > 10}] "the guest lists only [llength $guest] processes"
    assay::check [expr {$guest eq $seen}] "processes differ\n  guest: $guest\n  seen:  $seen"
    puts "  [llength $seen] processes as the guest lists them"
}

# The ticker sleeps half a millisecond at a time: each time somebody wakes it, and it becomes the current process.
proc live::check_hooks {} {
    variable directory
    vm hook native try_to_wake_up
    vm processes native on
    board run 20000000
    lassign [lindex [vm hooks] 0] vm function address hits
    vm unhook native try_to_wake_up
    vm processes native off
    assay::check [expr {$hits >= 20}] "try_to_wake_up was seen only $hits times in 20 ms"
    assay::check [expr {[vm hooks] eq ""}] "hooks are left: [vm hooks]"
    assay::events $directory/live.events
    set channel [open $directory/live.events]
    set lines [split [read $channel] \n]
    close $channel
    set named 0
    foreach line $lines {
        lassign [split $line \t] cycle event number id value
        if {$event eq "guest.process"} {
            binary scan [binary format w $value] A8 name
            dict set names $id $name
            incr named
        }
    }
    assay::check [expr {"assay-ti" in [dict values $names]}] "no event names the ticker: $names"
    assay::check [expr {[llength [lsearch -all -glob $lines "*guest.hook*"]] == $hits}] "events and hits differ"
    puts "  $hits calls of $function at $address, $named switches of processes, [dict size $names] of them named"
}

proc live::main {} {
    variable patience
    create
    board wait "MARK-END" $patience
    puts "  told by cycle [board cycle]"
    set text [string map {\r ""} [board text host]]
    check_addresses $text
    check_processes $text
    check_hooks
    puts PASS
}

live::main
