# Boots Debian's kernel in QEMU under KASLR, dumps the guest's memory (raw and as an ELF core), and holds discovery
# to what the guest says of itself: its process list and, for the addresses, its own /proc/kallsyms.

set here [file dirname [file normalize [info script]]]
source $here/kernels.tcl
source $here/score.tcl

set boot_seconds 240
set memory_mib 256

foreach tool {qemu-system-x86_64 cpio busybox} {
	if {[auto_execok $tool] eq ""} {
		puts "skipped: $tool is not installed"
		exit 77
	}
}

proc check {condition text} {
	if {![uplevel 1 [list expr $condition]]} {
		puts "FAILED: $text"
		incr ::failures
	}
}

# An initramfs that prints what the guest knows between markers and then sleeps with some named processes around.
proc make_initramfs {directory} {
	file delete -force $directory/root
	file mkdir $directory/root/bin $directory/root/proc $directory/root/dev
	file copy [auto_execok busybox] $directory/root/bin/busybox
	set f [open $directory/root/init w]
	puts $f {#!/bin/busybox sh
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t devtmpfs dev /dev

/bin/busybox ln -s busybox /bin/sleep
/bin/sleep 100000 &
/bin/sleep 100001 &
echo 0 > /proc/sys/kernel/kptr_restrict
/bin/busybox sleep 2
echo MARK-SYMBOLS
/bin/busybox grep -E ' [A-Za-z] (_text|init_task|init_mm|modules|schedule|super_blocks|file_systems|try_to_wake_up|rtnl_mutex|cred_jar|__queue_work|tasklist_lock|swapper_pg_dir|init_top_pgt|sys_call_table)$' /proc/kallsyms
echo MARK-PS
for d in /proc/[0-9]*; do
	IFS= read -r line < $d/stat
	echo "$line"
done
echo MARK-END
exec /bin/sleep 100002
}
	close $f
	file attributes $directory/root/init -permissions 0755
	set here [pwd]
	cd $directory/root
	exec find . | cpio -o -H newc --quiet > ../initramfs 2>@1
	cd $here
}

proc wait_for {file pattern seconds} {
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
proc monitor_all {channel commands} {
	puts $channel [join [concat $commands quit] \n]
	flush $channel
	read $channel
}

proc run_guest {directory image} {
	set log $directory/console.log
	close [open $log w] ;# what an earlier run left there would be taken for this one's
	set qemu [open "|[list timeout 600 qemu-system-x86_64 -M q35 -accel tcg -cpu max -m $::memory_mib -smp 2 -nodefaults -display none \
		-no-reboot -kernel $image -initrd $directory/initramfs -serial file:$log -monitor stdio \
		-append "console=ttyS0 quiet panic=-1 ipv6.disable=1"] 2>@1" r+]
	fconfigure $qemu -buffering none -translation binary
	try {
		set text [wait_for $log {MARK-END} $::boot_seconds]
		after 1000
		monitor_all $qemu [list stop "pmemsave 0 [expr {$::memory_mib << 20}] \"$directory/raw.dump\"" \
			"dump-guest-memory \"$directory/core.dump\""]
	} finally {
		catch {exec kill [pid $qemu]}
		catch {close $qemu}
	}
	return $text
}

# {pid ppid name} of /proc/PID/stat lines, of processes that are still there when the dump is taken.
proc guest_processes {text} {
	set list {}
	regexp {MARK-PS\n(.*)MARK-END} $text -> lines
	foreach line [split $lines \n] {
		if {[regexp {^(\d+) \((.*)\) \S (\d+)} $line -> pid name parent]} {
			lappend list [list $pid $parent $name]
		}
	}
	return $list
}

proc discovered_processes {dump} {
	set list {}
	foreach line [lrange [split [exec $::env(ASSAY_BUILD)/assay-discover ps $dump] \n] 1 end] {
		if {[regexp {^ *(\d+) +(\d+)  (.*)$} $line -> pid parent name]} {
			lappend list [list $pid $parent [regsub {^\[(.*)\]$} $name {\1}]]
		}
	}
	return $list
}

# The guest's kernel lengthens the names of its own threads beyond the 15 characters that a task holds.
# kworkers come, go and rename themselves between the guest's own listing and the dump, and init has become sleep;
# everything else must be the same.
proc comparable {list} {
	set kept {}
	foreach process $list {
		lassign $process pid parent name
		if {![string match kworker* $name]} {
			lappend kept [list $pid $parent [expr {$pid == 1 ? "init" : [string range $name 0 14]}]]
		}
	}
	return [lsort -integer -index 0 $kept]
}

proc compare_processes {text dump} {
	set guest [comparable [guest_processes $text]]
	set found [comparable [discovered_processes $dump]]
	check {[llength $guest] > 10} "the guest lists only [llength $guest] processes"
	check {$guest eq $found} "$dump: processes differ\n  guest: $guest\n  found: $found"
	puts "[file tail $dump]: [llength $found] processes, as the guest lists them"
}

proc compare_symbols {text dump} {
	lassign [score::run_discovery $dump] json seconds kib
	regexp {MARK-SYMBOLS\n(.*)MARK-PS} $text -> lines
	foreach line [split $lines \n] {
		if {[regexp {^([0-9a-f]+) \S (\S+)} $line -> address name]} {
			lappend truth($name) [expr "0x$address"]
		}
	}
	check {[info exists truth(_text)] && $truth(_text) != 0xffffffff81000000} "KASLR did not move the kernel"
	set right 0
	set known 0
	set all [score::parse_json $json]
	foreach finding $all {
		lassign $finding target kind value
		incr known [expr {$value ne ""}]
		set names [lsearch -all -inline -exact [array names truth] $target]
		if {$target eq "swapper_pg_dir" && [info exists truth(init_top_pgt)]} {
			set names init_top_pgt
		}
		if {$kind eq "offset" || $value eq "" || $names eq ""} {
			continue
		}
		if {[expr {$value}] in $truth([lindex $names 0])} {
			incr right
		} else {
			check 0 "$dump: $target is $value, the guest says [format %#lx [lindex $truth([lindex $names 0]) 0]]"
		}
	}
	check {$right >= 8} "$dump: only $right addresses could be compared"
	check {$known >= 0.9 * [llength $all]} "$dump: only $known of [llength $all] targets are known"
	check {$seconds < 10} "$dump: took $seconds s"
	puts "[file tail $dump]: $known of [llength $all] targets known, $right addresses equal to the guest's kallsyms; $seconds s, [expr {$kib / 1024}] MiB"
}

proc main {} {
	if {[catch {kernels::fetch amd64 [kernels::newest amd64]} image]} {
		puts "skipped: $image"
		exit 77
	}
	set directory [file normalize $::env(ASSAY_BUILD)/interop/discover/guest]
	file mkdir $directory
	make_initramfs $directory
	set text [run_guest $directory $image]
	foreach dump [list $directory/raw.dump $directory/core.dump] {
		compare_processes $text $dump
		compare_symbols $text $dump
	}
	file delete $directory/raw.dump $directory/core.dump
}

set failures 0
if {[catch main message]} {
	puts "FAILED: $message"
	incr failures
}
exit [expr {$failures > 0}]
