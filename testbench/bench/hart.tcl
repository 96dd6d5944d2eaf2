# Speed of the hart: MIPS in fast mode, native ops a second in timed mode, and ratios to Debian's qemu-system-riscv64, one sitting.
#
# Usage: tclsh8.6 hart.tcl   (environment ASSAY_BUILD: the build directory, default build)

set build [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}]
set here [file dirname [file normalize [info script]]]
set rounds 12000

proc compile {rounds} {
	global build here
	set elf $build/test/hart_integer_$rounds.elf
	exec riscv64-unknown-elf-gcc -O2 -march=rv64imac -mabi=lp64 -mcmodel=medany -ffreestanding -nostdlib -mno-relax -DROUNDS=$rounds \
		-Wl,-n -Wl,-Ttext=0x80000000 -Wl,--no-warn-rwx-segments -o $elf $here/hart_integer.c
	return $elf
}

# CPU seconds of a command; its standard output goes to *text*.
proc cpu {command textvar} {
	upvar $textvar text
	set out [exec bash -c "TIMEFORMAT='cpu %U %S'; time [join $command { }]" 2>@1]
	regexp {cpu ([0-9.]+) ([0-9.]+)} $out - user system
	set text $out
	return [expr {$user + $system}]
}

set elf [compile $rounds]
set short [compile [expr {$rounds / 20}]]
foreach {name command} [list fast "timeout 60 $build/test/hart_runner --stats $elf" timed "timeout 60 $build/test/hart_runner --timed --stats $short"] {
	set seconds [cpu $command text]
	regexp {(\d+) instructions (\d+) native ops} $text - instructions ops
	set speed($name) [expr {($name eq "fast" ? $instructions : $ops) / $seconds / 1e6}]
	set count($name) $instructions
}
puts [format "hart fast   %8.1f MIPS" $speed(fast)]
puts [format "hart timed  %8.1f M native ops/s" $speed(timed)]
foreach {name option n} {qemu {} fast qemu-singlestep -singlestep timed} {
	set image [expr {$n eq "fast" ? $elf : $short}]
	set seconds [cpu "timeout 60 qemu-system-riscv64 -M virt -m 128 $option -bios $image -display none -serial stdio -monitor none < /dev/null" text]
	set mips [expr {$count($n) / $seconds / 1e6}]
	puts [format "%-16s %.1f MIPS; hart fast / it = %.2f" $name $mips [expr {$speed(fast) / $mips}]]
}
