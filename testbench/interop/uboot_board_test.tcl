# Debian's OpenSBI (fw_dynamic and fw_jump) and U-Boot on the board, to its prompt and a few commands; fast mode with and without
# skipping idle cycles.
# usage: ASSAY_BUILD=build tclsh8.6 uboot_board_test.tcl
# Exit status: 0 pass, 1 fail, 77 if OpenSBI or U-Boot is not installed.

set here [file dirname [file normalize [info script]]]
set build [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
foreach file {/usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin /usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin} {
    if {![file exists $file]} { puts "no $file: skipped"; exit 77 }
}
set failed 0
foreach firmware {fw_dynamic fw_jump} {
    set status [catch {exec $build/assay run $here/uboot_board.tcl --hart fast --see model --bau model --set firmware=$firmware 2>@1} output]
    puts "$firmware:\n$output"
    incr failed [expr {$status != 0}]
}

# In fast mode, too, skipped cycles give what stepped ones give.
foreach skip {on off} {
    lappend hashes [exec $build/assay run $here/uboot_board.tcl --hart fast --see model --bau model --idle-skip $skip --set cycles=1000000]
}
puts "idle cycles skipped: [lindex $hashes 0], stepped: [lindex $hashes 1]"
if {[lindex $hashes 0] ne [lindex $hashes 1] || ![regexp {state hash [0-9a-f]{16}} $hashes]} { puts "FAIL they differ"; incr failed }
puts "2 boots, $failed failed"
exit [expr {$failed > 0}]
