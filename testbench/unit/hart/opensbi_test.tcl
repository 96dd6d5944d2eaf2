# Debian's OpenSBI boots on the test board, fast and timed, starts a supervisor program, serves its timer and powers off.
#
# Usage: tclsh8.6 opensbi_test.tcl   (environment ASSAY_BUILD: the build directory, default build). Status 77: no firmware or QEMU.

set build [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
set here [file dirname [file normalize [info script]]]
set firmware /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_jump.bin

if {![file exists $firmware] || [auto_execok qemu-system-riscv64] eq ""} { puts "no OpenSBI or no QEMU for its device tree"; exit 77 }
set dtb $build/test/virt.dtb
set payload $build/test/payload
exec qemu-system-riscv64 -M virt,dumpdtb=$dtb -cpu rv64,h=true,sstc=false -m 128M -smp 1 2>@1
exec riscv64-unknown-elf-gcc -march=rv64imac_zicsr -mabi=lp64 -nostdlib -Wl,-n -Wl,-Ttext=0x80200000 -o $payload.elf $here/payload.S
exec riscv64-unknown-elf-objcopy -O binary $payload.elf $payload.bin

set failed 0
foreach mode {{} --timed} {
	if {[catch {exec timeout 100 $build/test/hart_runner {*}$mode --cycles 60000000 --dtb $dtb --load 0x80200000 $payload.bin $firmware} text]} {
		puts "FAIL hart_runner $mode: $text"
		incr failed
		continue
	}
	foreach line {"OpenSBI v" "Boot HART Base ISA        : rv64imafdch" "Boot HART PMP Count       : 16" "supervisor took its timer interrupt"} {
		if {[string first $line $text] < 0} { puts "FAIL hart_runner $mode: no line \"$line\" in:\n$text"; incr failed }
	}
}
puts "2 modes, $failed failures"
exit [expr {$failed > 0}]
