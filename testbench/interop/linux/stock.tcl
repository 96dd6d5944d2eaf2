# A kernel that nobody here has configured or built: Debian's for riscv64, from the first Debian release that has this architecture.
#   stock_kernel::ensure DIRECTORY     downloads and unpacks by package name (once); DIRECTORY then holds Image and init.cpio
# Nothing is installed and the machine's package sources stay as they are: apt-get works in DIRECTORY, on the mirror that this machine uses.
# The error code SKIP means that this machine cannot do it.

source [file join [file dirname [file normalize [info script]]] build.tcl]

namespace eval stock_kernel {
	variable here [file dirname [file normalize [info script]]]
	variable suite trixie
	variable modules {kvm nvme crc32c_generic ext4 virtio_net}
	variable tools {apt-get apt-cache dpkg-deb xz cpio riscv64-linux-gnu-gcc riscv64-linux-gnu-objcopy}
}

proc stock_kernel::write_file {path text} {
	set channel [open $path w]
	puts $channel $text
	close $channel
}

# A Debian mirror of this machine's, with other suite and architecture.
proc stock_kernel::configure {directory} {
	variable suite
	set targets [exec apt-get indextargets --format {$(SITE) $(ORIGIN) $(CODENAME)} {Identifier: Packages}]
	if {![regexp -line {^(\S+) Debian [a-z]+$} $targets -> site]} {
		throw SKIP "no package source of Debian"
	}
	set apt $directory/apt
	file mkdir $apt/lists/partial $apt/archives/partial
	write_file $apt/sources.list "deb \[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg\] $site $suite main"
	close [open $apt/status w]
	write_file $apt/apt.conf [subst {
		APT::Architecture "riscv64";
		APT::Architectures { "riscv64"; };
		APT::Sandbox::User "root";
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::State::Lists "$apt/lists";
		Dir::State::status "$apt/status";
		Dir::Cache "$apt";
	}]
	return $apt/apt.conf
}

proc stock_kernel::download {directory} {
	set configuration [configure $directory]
	set here [pwd]
	cd $directory
	try {
		exec -ignorestderr apt-get -q -c $configuration update >> apt.log 2>@1
		set text [exec apt-cache -c $configuration depends linux-image-riscv64]
		if {![regexp {Depends: (linux-image-\S+)} $text -> kernel]} {
			throw SKIP "no linux-image-riscv64"
		}
		exec -ignorestderr apt-get -q -c $configuration download $kernel busybox-static >> apt.log 2>@1
		foreach package [glob *.deb] {
			exec dpkg-deb -x $package root
			file delete $package
		}
	} trap CHILDSTATUS {} {
		throw SKIP "apt-get: see $directory/apt.log"
	} finally {
		cd $here
	}
}

proc stock_kernel::needs {file} {
	set information [exec riscv64-linux-gnu-objcopy -O binary --only-section=.modinfo $file /dev/stdout]
	foreach line [split $information \0] {
		if {[regexp {^depends=(.+)$} $line -> names]} {
			return [split $names ,]
		}
	}
	return {}
}

# Unpacks the module and what it needs into TO; its place in `order` is behind theirs.
proc stock_kernel::add_module {name kernel to orderVar} {
	upvar 1 $orderVar order
	set pattern [string map {_ [-_] - [-_]} $name]
	set found [exec find $kernel -name $pattern.ko.xz]
	if {$found eq ""} {
		error "the kernel has no module $name"
	}
	set file $to/[file rootname [file tail $found]]
	exec xz -dc $found > $file
	foreach needed [needs $file] {
		add_module $needed $kernel $to order
	}
	if {[file tail $file] ni $order} {
		lappend order [file tail $file]
	}
}

proc stock_kernel::make_initrd {directory} {
	variable here
	variable modules
	set tree $directory/tree
	file delete -force $tree
	file mkdir $tree/bin $tree/dev $tree/proc $tree/sys $tree/mnt $tree/modules
	set order {}
	foreach name $modules {
		add_module $name [lindex [glob $directory/root/usr/lib/modules/*/kernel] 0] $tree/modules order
	}
	write_file $tree/modules/order [join $order \n]
	file copy $directory/root/usr/bin/busybox $tree/bin
	file copy $here/stock_init.sh $tree/init
	file attributes $tree/init -permissions a+x
	linux_build::compile_init $here/init.c $tree/probe
	linux_build::archive $tree $directory/init.cpio
}

proc stock_kernel::ensure {directory} {
	variable tools
	set directory [file normalize $directory]
	foreach tool $tools {
		if {[auto_execok $tool] eq ""} {
			throw SKIP "$tool is not here"
		}
	}
	file mkdir $directory
	if {![file exists $directory/root/usr/bin/busybox]} {
		download $directory
	}
	file copy -force [lindex [glob $directory/root/boot/vmlinux-*] 0] $directory/Image
	make_initrd $directory
	return $directory
}
