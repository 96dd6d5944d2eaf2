# Speed of the hart: MIPS in fast mode, native ops a second in timed mode, and ratios to Debian's qemu-system-riscv64 (TCG, and with
# -singlestep), on integer, floating-point and memory kernels; CPU seconds of a Linux boot to user space, if build/linux has a kernel.
#
# Usage: tclsh8.6 hart.tcl   (environment ASSAY_BUILD: the build directory, default build)

namespace eval hart_bench {
	variable build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
	variable here [file dirname [file normalize [info script]]]
	variable opensbi /usr/lib/riscv64-linux-gnu/opensbi/generic/fw_dynamic.bin
	# name, -march, -mabi, rounds; a slow machine gets one in twenty
	variable kernels {integer rv64imac_zicsr lp64 12000 float rv64gc lp64d 2000 memory rv64gc lp64d 2000}
	variable share 20
}

proc hart_bench::compile {name march mabi rounds} {
	variable build
	variable here
	set elf $build/test/hart_${name}_$rounds.elf
	exec riscv64-unknown-elf-gcc -O2 -march=$march -mabi=$mabi -mcmodel=medany -ffreestanding -nostdlib -mno-relax \
		-fno-tree-loop-distribute-patterns -DROUNDS=$rounds -I$here/../.. -Wl,-n -Wl,-Ttext=0x80000000 -Wl,--no-warn-rwx-segments \
		-o $elf $here/hart_$name.c
	return $elf
}

# CPU seconds of a command; its standard output goes to *text*.
proc hart_bench::cpu {command textvar} {
	upvar $textvar text
	set text [exec bash -c "TIMEFORMAT='cpu %U %S'; time $command" 2>@1]
	regexp {cpu ([0-9.]+) ([0-9.]+)} $text - user system
	return [expr {$user + $system}]
}

proc hart_bench::qemu {option elf} {
	return "timeout 120 qemu-system-riscv64 -M virt -m 128 $option -bios $elf -display none -serial stdio -monitor none < /dev/null"
}

# Every machine must print the same sum.
proc hart_bench::sum {text} { return [lindex [regexp -inline -line {^([0-9a-f]{8})\r?$} $text] 1] }

proc hart_bench::kernel {name march mabi rounds} {
	variable build
	variable share
	set elf [compile $name $march $mabi $rounds]
	set short [compile $name $march $mabi [expr {$rounds / $share}]]
	foreach {mode command} [list fast "timeout 120 $build/test/hart_runner --stats $elf" timed "timeout 120 $build/test/hart_runner --timed --stats $short" \
			qemu [qemu {} $elf] single [qemu -singlestep $short]] {
		set seconds [cpu $command text]
		set sums($mode) [sum $text]
		if {[regexp {(\d+) instructions (\d+) native ops} $text - instructions ops]} { set count($mode) [list $instructions $ops] }
		set of [expr {$mode in {fast qemu} ? "fast" : "timed"}]
		set mips($mode) [expr {[lindex $count($of) [expr {$mode eq "timed"}]] / $seconds / 1e6}]
	}
	if {$sums(fast) ne $sums(qemu) || $sums(timed) ne $sums(single)} { error "$name: the machines print different sums" }
	puts [format "%-8s fast %7.1f MIPS   timed %6.1f M native ops/s   QEMU TCG %7.1f (fast/it %.2f)   -singlestep %6.1f (fast/it %.1f)" \
		$name $mips(fast) $mips(timed) $mips(qemu) [expr {$mips(fast) / $mips(qemu)}] $mips(single) [expr {$mips(fast) / $mips(single)}]]
}

# CPU seconds that QEMU has used when its console shows the first line of user space.
proc hart_bench::qemu_boot {linux} {
	set command [list qemu-system-riscv64 -M virt -cpu rv64,h=true,sstc=false -m 256 -smp 1 -kernel $linux/Image -initrd $linux/init.cpio -append console=ttyS0 \
		-display none -serial stdio -monitor none]
	set channel [open "|$command < /dev/null 2>@1"]
	set process [pid $channel]
	try {
		while {[gets $channel line] >= 0 && ![string match "init: Linux user space*" $line]} {}
		set stat [open /proc/$process/stat]
		set fields [read $stat]
		close $stat
		return [expr {([lindex $fields 13] + [lindex $fields 14]) / 100.0}]
	} finally {
		catch {exec kill $process}
		catch {close $channel}
	}
}

proc hart_bench::linux {} {
	variable build
	variable here
	variable opensbi
	if {![file exists $build/linux/Image] || ![file exists $build/linux/init.cpio] || ![file exists $opensbi]} {
		puts "linux    no kernel: tclsh8.6 testbench/interop/linux/build.tcl makes one"
		return
	}
	set ours [cpu "$build/assay run $here/../interop/linux_board.tcl --hart fast --see model --bau model --set harts=1 --set until=user --set build=$build \
		--set linux=$build/linux --set directory=$build/run-linux-bench" text]
	regexp {user space after (\d+) cycles} $text - cycles
	set qemu [qemu_boot $build/linux]
	puts [format "linux    %.1f M cycles to user space on the whole board: %.2f CPU s   QEMU %.2f s (it/board %.2f)" [expr {$cycles / 1e6}] $ours $qemu [expr {$qemu / $ours}]]
}

proc main {} {
	foreach {name march mabi rounds} $hart_bench::kernels { hart_bench::kernel $name $march $mabi $rounds }
	hart_bench::linux
}
main
