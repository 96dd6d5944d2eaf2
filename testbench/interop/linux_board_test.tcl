# A stock Linux on the board: above fw_dynamic on two harts with the blocks in lockstep, above fw_jump on one with the models. Builds the
# kernel first if build/linux has none (about 10 CPU minutes).
# usage: ASSAY_BUILD=build tclsh8.6 linux_board_test.tcl
# Exit status: 0 pass, 1 fail, 77 if the kernel cannot be built here.

set here [file dirname [file normalize [info script]]]
source $here/linux/build.tcl

proc main {build} {
    global here
    try {
        set linux [linux_build::ensure $build/linux]
    } trap SKIP text {
        puts "skipped: $text"
        exit 77
    }
    set failed 0
    foreach {firmware harts backend} {fw_dynamic 2 lockstep fw_jump 1 model} {
        set status [catch {exec $build/assay run $here/linux_board.tcl --hart fast --see $backend --bau $backend --set build=$build --set linux=$linux \
            --set firmware=$firmware --set harts=$harts --set directory=$build/run-linux-$firmware 2>@1} output]
        puts "$firmware, $harts harts, $backend:\n$output"
        incr failed [expr {$status != 0}]
    }
    puts "2 boots, $failed failed"
    exit [expr {$failed > 0}]
}

main [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
