# Boots a kernel in QEMU under KASLR, dumps the guest's memory (raw and as an ELF core), and holds discovery to what the guest says of
# itself: its process list and, for the addresses, its own /proc/kallsyms.
#
# dumps::check ARCH IMAGE INITRAMFS MIB DIRECTORY -> number of failures, with a line for each

namespace eval dumps {
	variable boot_seconds 150
	variable machines {
		amd64 {qemu-system-x86_64 {-M q35 -cpu max} ttyS0 0}
		arm64 {qemu-system-aarch64 {-M virt -cpu neoverse-n1} ttyAMA0 0x40000000}
		riscv64 {qemu-system-riscv64 {-M virt} ttyS0 0x80000000}
	}
	variable failures 0
}

proc dumps::expect {condition text} {
	variable failures
	if {![uplevel 1 [list expr $condition]]} {
		puts "FAILED: $text"
		incr failures
	}
}

proc dumps::wait_for {file pattern seconds} {
	set until [expr {[clock seconds] + $seconds}]
	while {[clock seconds] < $until} {
		set in [open $file]
		set text [string map {\r ""} [read $in]]
		close $in
		if {[regexp $pattern $text]} {
			return $text
		}
		after 500
	}
	error "the guest did not print $pattern within $seconds s; last lines: [string range $text end-400 end]"
}

# Gives QEMU's monitor all commands at once and waits until it has carried them out and ended.
proc dumps::monitor_all {channel commands} {
	puts $channel [join [concat $commands quit] \n]
	flush $channel
	read $channel
}

proc dumps::boot {arch image initramfs mib directory} {
	variable machines
	variable boot_seconds
	lassign [dict get $machines $arch] program options console base
	set log $directory/console.log
	close [open $log w] ;# what an earlier run left there would be taken for this one's
	set qemu [open "|[list timeout 600 $program {*}$options -accel tcg -m $mib -smp 2 -nodefaults -display none \
		-no-reboot -kernel $image -initrd $initramfs -serial file:$log -monitor stdio \
		-append "console=$console quiet panic=-1 ipv6.disable=1"] 2>@1" r+]
	fconfigure $qemu -buffering none -translation binary
	try {
		set text [wait_for $log {MARK-END} $boot_seconds]
		after 1000
		monitor_all $qemu [list stop "pmemsave $base [expr {$mib << 20}] \"$directory/raw.dump\"" \
			"dump-guest-memory \"$directory/core.dump\""]
	} finally {
		catch {exec kill [pid $qemu]}
		catch {close $qemu}
	}
	return $text
}

proc dumps::discovered_processes {dump} {
	set list {}
	foreach line [lrange [split [exec $::env(ASSAY_BUILD)/assay-discover ps $dump] \n] 1 end] {
		if {[regexp {^ *(\d+) +(\d+)  (.*)$} $line -> pid parent name]} {
			lappend list [list $pid $parent $name]
		}
	}
	return $list
}

# init may have become another program since it told (busybox's, on amd64).
proc dumps::compare_processes {text dump} {
	set guest [guest::comparable [guest::processes $text] {1 init}]
	set found [guest::comparable [discovered_processes $dump] {1 init}]
	expect {[llength $guest] > 10} "the guest lists only [llength $guest] processes"
	expect {$guest eq $found} "$dump: processes differ\n  guest: $guest\n  found: $found"
	puts "  [file tail $dump]: [llength $found] processes, as the guest lists them"
}

proc dumps::compare_symbols {text dump arch mib} {
	lassign [score::run_discovery $dump] json seconds kib
	set truth [guest::symbols $text]
	set right 0
	set known 0
	set all [score::parse_json $json]
	foreach finding $all {
		lassign $finding target kind value
		incr known [expr {$value ne ""}]
		set name [expr {$target eq "swapper_pg_dir" && [dict exists $truth init_top_pgt] ? "init_top_pgt" : $target}]
		if {$kind eq "offset" || $value eq "" || ![dict exists $truth $name]} {
			continue
		}
		expect {[expr {$value}] in [dict get $truth $name]} "$dump: $target is $value, the guest says [format %#lx [lindex [dict get $truth $name] 0]]"
		incr right
	}
	# AArch64's 6.1 names functions only.
	expect {$right >= ([dict exists $truth init_task] ? 8 : 2)} "$dump: only $right addresses could be compared"
	expect {$known >= 0.9 * [llength $all]} "$dump: only $known of [llength $all] targets are known"
	expect {$seconds < ($mib >= 1024 ? 5 : 3)} "$dump: took $seconds s"
	puts "  [file tail $dump]: $known of [llength $all] targets known, $right addresses equal to the guest's kallsyms; $seconds s CPU, [expr {$kib / 1024}] MiB"
}

proc dumps::check {arch image initramfs mib directory} {
	variable failures
	set failures 0
	file mkdir $directory
	puts "$arch, $mib MiB: [file tail $image]"
	set text [boot $arch $image $initramfs $mib $directory]
	if {$arch ne "riscv64"} { ;# without a seed in its device tree it stays where it is
		set moved [expr {[dict exists [guest::symbols $text] _text] ? [dict get [guest::symbols $text] _text] != 0xffffffff81000000 : 1}]
		expect {$moved} "KASLR did not move the kernel"
	}
	foreach dump [list $directory/raw.dump $directory/core.dump] {
		compare_processes $text $dump
		compare_symbols $text $dump $arch $mib
	}
	file delete -force $directory/raw.dump $directory/core.dump
	return $failures
}
