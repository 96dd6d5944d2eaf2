# Debian's OpenSBI and U-Boot on the board, up to U-Boot's prompt and a few commands. Use --hart fast.
# Parameters: firmware (OpenSBI's fw_dynamic or fw_jump), cycles (instead: run only that many and print the state hash).

namespace eval uboot_board {
    variable opensbi /usr/lib/riscv64-linux-gnu/opensbi/generic/[assay::parameter firmware fw_dynamic].bin
    variable uboot [assay::parameter uboot /usr/lib/u-boot/qemu-riscv64_smode/u-boot.bin]
    variable prompt "=> "
    variable patience 500000000
    # Command and what it must answer.
    variable commands {
        {version} {U-Boot 20\d\d\.\d\d}
        {bdinfo} {size += 0x0+8000000}
        {mw.q 84000000 123456789abcdef0 4; md.q 84000000 2} {84000000: 123456789abcdef0 123456789abcdef0}
        {crc32 84000000 20} {84000000 \.\.\. 8400001f ==> [0-9a-f]{8}}
        {pci enum; pci} {00\.01\.00 +0xa55a +0x0e00 +Mass storage controller}
        {sbi} {OpenSBI 1\.}
    }
}

# Waits until the console ends in U-Boot's prompt, COUNT times altogether.
proc uboot_board::await_prompt {count} {
    variable prompt
    variable patience
    set limit [expr {[board cycle] + $patience}]
    while {[regexp -all -- "\n$prompt" [board text host]] < $count} {
        assay::check [expr {[board cycle] < $limit}] "U-Boot shows no prompt number $count:\n[board text host]"
        board run 5000000
    }
}

proc uboot_board::main {} {
    variable opensbi
    variable uboot
    variable commands
    board create -harts 2 -ram 128M -mailbox 0 -bios $opensbi -payload $uboot
    if {[assay::parameter cycles 0]} {
        board run [assay::parameter cycles 0]
        puts "state hash [dict get [assay::stats] state_hash]"
        return
    }
    board wait "Net:" 400000000
    board run 20000000 ;# the autoboot message has no end of line
    board type " "
    await_prompt 1
    set prompts 1
    foreach {command answer} $commands {
        set before [string length [board text host]]
        board type "$command\r"
        await_prompt [incr prompts]
        set said [string range [board text host] $before end]
        assay::check [regexp -- $answer $said] "U-Boot answered \"$command\" with\n$said"
        puts "  $command: [lindex [regexp -inline -- $answer $said] 0]"
    }
    puts "prompt and [expr {[llength $commands] / 2}] commands after [board cycle] cycles\nPASS"
}

uboot_board::main
