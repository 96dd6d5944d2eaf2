# The initial file system of a guest that tells about itself (guest_init.c), and what it told.

namespace eval guest {
	variable here [file dirname [file normalize [info script]]]
}

# guest::initramfs ARCH DIRECTORY -> path of the archive. An error with errorcode SKIP says what is missing.
proc guest::initramfs {arch directory} {
	variable here
	set compiler [dict get {riscv64 riscv64-linux-gnu-gcc arm64 aarch64-linux-gnu-gcc} $arch]
	foreach tool [list $compiler cpio] {
		if {[auto_execok $tool] eq ""} {
			return -code error -errorcode SKIP "$tool is not installed"
		}
	}
	set tree $directory/root-$arch
	file delete -force $tree
	file mkdir $tree/proc $tree/dev
	exec $compiler -O2 -static -nostdlib -ffreestanding -fno-stack-protector -fno-pic -no-pie -Wl,--build-id=none -I$here/../../.. -o $tree/init $here/guest_init.c
	set archive [file normalize $directory/initramfs-$arch]
	exec sh -c "cd '$tree' && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet" > $archive
	return $archive
}

# guest::processes TEXT -> list of {pid parent name} of the /proc/PID/stat lines that the guest printed
proc guest::processes {text} {
	set list {}
	regexp {MARK-PS\n(.*)MARK-END} $text -> lines
	foreach line [split $lines \n] {
		if {[regexp {^(\d+) \((.*)\) \S (\d+)} $line -> pid name parent]} {
			lappend list [list $pid $parent $name]
		}
	}
	return $list
}

# guest::symbols TEXT -> dict: name -> list of addresses
proc guest::symbols {text} {
	set symbols {}
	regexp {MARK-SYMBOLS\n(.*)MARK-PS} $text -> lines
	foreach line [split $lines \n] {
		if {[regexp {^([0-9a-f]+) \S (\S+)} $line -> address name]} {
			dict lappend symbols $name [expr "0x$address"]
		}
	}
	return $symbols
}

# The guest's kernel lengthens the names of its own threads beyond the 15 characters that a task holds; kworkers come, go and rename
# themselves between the guest's own listing and the look from outside. Everything else must be the same.
proc guest::comparable {list {renamed {}}} {
	set kept {}
	foreach process $list {
		lassign $process pid parent name
		set name [string trim $name {[]}]
		if {[string match kworker* $name]} {
			continue
		}
		lappend kept [list $pid $parent [expr {[dict exists $renamed $pid] ? [dict get $renamed $pid] : [string range $name 0 14]}]]
	}
	return [lsort -integer -index 0 $kept]
}
