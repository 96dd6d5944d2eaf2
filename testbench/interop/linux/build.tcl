# Builds a small Linux 6.1 for RV64 from Debian's linux-source-6.1, once: kernel, symbols and initial file system.
#
# Usage: tclsh8.6 testbench/interop/linux/build.tcl ?DIRECTORY?   (default $ASSAY_BUILD/linux, default build/linux)
# DIRECTORY then holds Image, vmlinux, System.map and init.cpio. Nothing is installed; the source package is downloaded with apt-get.
# Status 77: a tool or the package is not to be had here. ASSAY_JOBS: parallel compilers (default 2).

namespace eval linux_build {
	variable here [file dirname [file normalize [info script]]]
	variable cross riscv64-linux-gnu-
	variable tools {riscv64-linux-gnu-gcc apt-get dpkg-deb xz make flex bison bc cpio}
	variable products {Image vmlinux System.map init.cpio}
}

proc linux_build::skip {text} { throw SKIP $text }

proc linux_build::check_tools {} {
	variable tools
	foreach tool $tools {
		if {[auto_execok $tool] eq ""} { skip "$tool is not here" }
	}
}

# The source tree without what RISC-V does not need.
proc linux_build::fetch_source {directory} {
	set source $directory/source
	if {[file exists $source/Makefile]} return
	set here [pwd]
	cd $directory
	try {
		if {[catch {exec -ignorestderr apt-get -q download linux-source-6.1 2>@1} text]} {
			skip "cannot download linux-source-6.1: [lindex [split $text \n] end]"
		}
		set package [lindex [glob linux-source-6.1_*.deb] 0]
		exec dpkg-deb --fsys-tarfile $package | tar xf - --wildcards --to-stdout *.tar.xz > source.tar.xz
		file delete -force source.part $package
		file mkdir source.part
		exec tar xJf source.tar.xz -C source.part --strip-components=1
		file delete source.tar.xz
		file rename source.part source
	} finally {
		cd $here
	}
}

proc linux_build::run_make {directory args} {
	variable cross
	set jobs [expr {[info exists ::env(ASSAY_JOBS)] ? $::env(ASSAY_JOBS) : 2}]
	set quiet [list env -u MAKEFLAGS -u MAKELEVEL -u CC -u CXX -u CFLAGS make -s -j$jobs -C $directory/source O=$directory/objects ARCH=riscv]
	exec -ignorestderr {*}$quiet CROSS_COMPILE=$cross KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=assay KBUILD_BUILD_HOST=assay \
		{*}$args >> $directory/build.log 2>@1
}

# Every option of the fragment must have survived Kconfig's dependencies.
proc linux_build::check_config {directory fragment} {
	set wanted [open $fragment]
	set config [open $directory/objects/.config]
	try {
		set have [split [read $config] \n]
		foreach line [split [read $wanted] \n] {
			if {[string match CONFIG_* $line] && $line ni $have} { error "the kernel's configuration lost $line" }
		}
	} finally {
		close $wanted
		close $config
	}
}

proc linux_build::build_kernel {directory} {
	variable here
	file mkdir $directory/objects
	run_make $directory KCONFIG_ALLCONFIG=$here/rv64.config allnoconfig
	check_config $directory $here/rv64.config
	run_make $directory Image
	file copy -force $directory/objects/arch/riscv/boot/Image $directory/objects/vmlinux $directory/objects/System.map $directory
}

# A static program that needs no C library.
proc linux_build::compile_init {program to} {
	variable here
	exec riscv64-linux-gnu-gcc -march=rv64gc -mabi=lp64d -O2 -Wall -Wextra -Werror -fno-pie -no-pie -ffreestanding -fno-tree-loop-distribute-patterns -nostdlib -static -I$here/../../.. -Wl,--no-warn-rwx-segments \
		-o $to $program
}

proc linux_build::archive {tree to} {
	exec sh -c "cd '$tree' && find . | LC_ALL=C sort | cpio -o -H newc -R 0:0 --quiet --reproducible" > $to
}

# An initial file system: one static program.
proc linux_build::build_init {directory {program init.c} {name init.cpio}} {
	variable here
	set tree $directory/tree
	file delete -force $tree
	foreach folder {dev proc sys} { file mkdir $tree/$folder }
	compile_init $here/$program $tree/init
	archive $tree $directory/$name
}

proc linux_build::current {directory} {
	variable here
	variable products
	foreach name $products {
		if {![file exists $directory/$name]} { return 0 }
	}
	return [expr {[file mtime $directory/Image] >= [file mtime $here/rv64.config]}]
}

# Makes DIRECTORY complete; error code SKIP if this machine cannot.
proc linux_build::ensure {directory} {
	set directory [file normalize $directory]
	file mkdir $directory
	check_tools
	if {![current $directory]} {
		fetch_source $directory
		build_kernel $directory
	}
	build_init $directory
	return $directory
}

proc linux_build::main {argv} {
	set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
	try {
		set directory [ensure [expr {[llength $argv] ? [lindex $argv 0] : "$build/linux"}]]
	} trap SKIP {text} {
		puts "skipped: $text"
		exit 77
	}
	puts "$directory/Image: [file size $directory/Image] bytes"
}

if {[info exists argv0] && [file normalize $argv0] eq [file normalize [info script]]} { linux_build::main $argv }
