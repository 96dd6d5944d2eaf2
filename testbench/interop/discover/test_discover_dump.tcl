# Boots Debian's kernel in QEMU under KASLR and holds discovery of its memory to what the guest says of itself (dumps.tcl).
# test_discover_dumps.tcl sets other guests: {architecture flavour MiB ...}.

set here [file dirname [file normalize [info script]]]
source $here/kernels.tcl
source $here/score.tcl
source $here/guest.tcl
source $here/dumps.tcl

set directory [file normalize $::env(ASSAY_BUILD)/interop/discover/guest]

# An initramfs that prints what the guest knows between markers and then sleeps with some named processes around.
proc make_initramfs {directory} {
	foreach tool {qemu-system-x86_64 cpio busybox} {
		if {[auto_execok $tool] eq ""} {
			return -code error -errorcode SKIP "$tool is not installed"
		}
	}
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
	exec sh -c "cd '$directory/root' && find . | cpio -o -H newc --quiet" > $directory/initramfs
	return $directory/initramfs
}

# One guest; what is missing here is said, not failed.
proc guest {arch flavour mib} {
	global directory
	if {[catch {kernels::fetch $arch [kernels::newest $arch $flavour]} image]} {
		puts "skipped: $arch $flavour: $image"
		return -1
	}
	try {
		set initramfs [expr {$arch eq "amd64" ? [make_initramfs $directory] : [guest::initramfs $arch $directory]}]
	} trap SKIP text {
		puts "skipped: $text"
		return -1
	}
	if {[auto_execok [lindex [dict get $dumps::machines $arch] 0]] eq ""} {
		puts "skipped: no QEMU for $arch"
		return -1
	}
	return [dumps::check $arch $image $initramfs $mib $directory]
}

proc main {guests} {
	global directory
	file mkdir $directory
	set failures 0
	set ran 0
	foreach {arch flavour mib} $guests {
		set result [guest $arch $flavour $mib]
		incr ran [expr {$result >= 0}]
		incr failures [expr {max($result, 0)}]
	}
	exit [expr {$failures > 0 ? 1 : $ran ? 0 : 77}]
}

if {![info exists guests]} {
	set guests {amd64 {} 256}
}
if {[catch {main $guests} message]} {
	puts "FAILED: $message"
	exit 1
}
