# Speed of A64 applications in fast mode, translated and interpreted, and timed, on the programs of hypervisor/guests/apps, with ratios to qemu-aarch64 in
# the same sitting. Every machine must write the same.
#
# Usage: tclsh8.6 a64.tcl   (environment ASSAY_BUILD: the build directory, default build)

namespace eval a64_bench {
	variable build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
	# program, how often it does its work
	variable programs {marks 40 digest 8 compress 20 sort 30}
}

proc a64_bench::compile {name times} {
	variable build
	set elf $build/test/a64_bench_$name
	exec aarch64-linux-gnu-gcc -O2 -DAPP_TIMES=$times -I. -ffreestanding -nostdlib -static -fno-builtin -fno-stack-protector -fno-pic -no-pie \
		-fno-tree-loop-distribute-patterns -mgeneral-regs-only -Wl,-Ttext-segment=0x80010000 -Wl,-z,max-page-size=4096 \
		-o $elf hypervisor/guests/apps/$name.c hypervisor/guests/apps/app.c
	return $elf
}

# CPU seconds of a command; what it writes goes to *text*.
proc a64_bench::cpu {command textvar} {
	upvar $textvar text
	set all [exec bash -c "TIMEFORMAT='cpu %U %S'; time timeout 300 $command" 2>@1]
	regexp {cpu ([0-9.]+) ([0-9.]+)} $all - user system
	regsub -all -line {^(cpu .*|\d+ instructions, .*)\n?} $all {} text
	regexp {(\d+) instructions} $all - ::a64_bench::instructions
	return [expr {$user + $system}]
}

proc a64_bench::program {name times} {
	variable build
	variable instructions
	set elf [compile $name $times]
	set reference [cpu "qemu-aarch64-static $elf" expected]
	foreach {mode options} {translated {} interpreted {--heat 0} timed --timed} {
		set seconds [cpu "$build/test/a64_runner --stats $options $elf" text]
		if {$text ne $expected} { error "$name, $mode: writes something else than qemu-aarch64" }
		set mips($mode) [expr {$instructions / $seconds / 1e6}]
	}
	puts [format "%-9s translated %6.0f MIPS   interpreted %6.0f   timed %6.0f   qemu-aarch64 %6.0f (translated/it %.2f)" $name $mips(translated) \
		$mips(interpreted) $mips(timed) [expr {$instructions / $reference / 1e6}] [expr {$mips(translated) * $reference / ($instructions / 1e6)}]]
}

foreach {name times} $a64_bench::programs { a64_bench::program $name $times }
