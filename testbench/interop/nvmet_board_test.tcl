# The whole board, firmware on its own processor, against the Linux kernel's NVMe/TCP target in a virtual machine: scenario
# nvmet_board.tcl live, then again from the recording of the machine: same state hash. With the NIC's NVMe function, and in accelerator mode; and with a
# disk whose blocks have 4 KiB, which the kernel's target hands on.
# usage: ASSAY_BUILD=build tclsh8.6 nvmet_board_test.tcl
# Exit status: 0 pass, 1 fail, 77 if this machine has no QEMU or no package source.

set here [file dirname [file normalize [info script]]]
source $here/nvmet_machine.tcl

# Returns the state hash of a run that passed, else "failed".
proc run_board {build image args} {
    set command [list $build/assay run testbench/interop/nvmet_board.tcl --see model --bau model --set build=$build --set image=$image]
    foreach {name value} $args {
        lappend command --set $name=$value
    }
    set status [catch {exec {*}$command 2>@1} output]
    puts $output
    return [expr {!$status && [regexp {state hash ([0-9a-f]+)} $output -> hash] ? $hash : "failed"}]
}

proc make_image {path} {
    set channel [open $path wb]
    for {set block 0} {$block < 2048} {incr block} {
        puts -nonewline $channel [string repeat [binary format ii [expr {$block * 2654435761 & 0x7fffffff}] $block] 64]
    }
    close $channel
}

proc main {build} {
    set work [file normalize $build/interop]
    try {
        nvmet_machine::prepare $work/nvmet
    } trap SKIP text {
        puts $text
        exit 77
    }
    foreach {mode block} {nvme 512 accelerated 512 nvme 4096} {
        make_image $work/board.img
        file copy -force $work/board.img $work/board.before.img
        set machine [nvmet_machine::start $work/nvmet $work/board.sock $work/board.img 10.0.0.10/24 nqn.2026-11.assay:target0 1500 "" $block]
        try {
            set live [run_board $build $work/board.before.img mode $mode block $block link qemu:unix:$work/board.sock recording $work/board.rec]
            nvmet_machine::command $machine off
        } finally {
            nvmet_machine::end $machine
        }
        set again [run_board $build $work/board.before.img mode $mode block $block link replay:$work/board.rec after $work/board.img]
        if {$live eq "failed" || $again ne $live} {
            puts "FAIL $mode, blocks of $block bytes: live run: $live, replay: $again"
            exit 1
        }
    }
    exit 0
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
