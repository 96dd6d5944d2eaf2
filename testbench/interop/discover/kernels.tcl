# Debian's kernels through the machine's own package client: apt downloads a package into the build directory, only
# the kernel image is kept. AArch64's package lists live in a private state directory, so the machine's
# configuration stays as it is.
#
#   kernels::available ARCH      names of the kernels that the configured suites offer, oldest first
#   kernels::fetch ARCH NAME     path of the image; an error says why there is none

namespace eval kernels {
	variable directory $::env(ASSAY_BUILD)/interop/discover
	variable lists_are_fresh 0
}

proc kernels::apt_options {arch} {
	variable directory
	if {$arch eq [exec dpkg --print-architecture]} {
		return {}
	}
	set state [file normalize $directory/apt-$arch]
	file mkdir $state/lists/partial $state/cache/archives/partial
	close [open $state/status a]
	return [list -o APT::Architecture=$arch -o APT::Architectures=$arch -o Dir::State=$state \
		-o Dir::State::status=$state/status -o Dir::Cache=$state/cache -o APT::Sandbox::User=root]
}

# The foreign architecture's lists are read once a run at most.
proc kernels::update {arch} {
	variable lists_are_fresh
	variable directory
	if {$lists_are_fresh || $arch eq [exec dpkg --print-architecture]} {
		return
	}
	if {[glob -nocomplain $directory/apt-$arch/lists/*Packages*] eq ""} {
		exec apt-get {*}[apt_options $arch] update >& /dev/null
	}
	set lists_are_fresh 1
}

proc kernels::available {arch} {
	file mkdir $kernels::directory
	update $arch
	set names {}
	foreach line [split [exec apt-cache {*}[apt_options $arch] search ^linux-image-\[0-9\]] \n] {
		set name [lindex $line 0]
		if {[regexp {^linux-image-(\d+\.\d+\.\d+.*)$} $name -> version] && ![regexp {dbg|unsigned|template} $name]} {
			lappend names $version
		}
	}
	return [lsort -dictionary $names]
}

proc kernels::fetch {arch name} {
	variable directory
	set image $directory/vmlinuz-$name
	if {[file exists $image]} {
		return $image
	}
	file mkdir $directory/package
	set options [apt_options $arch] ;# before the directory changes: paths may be relative
	set directory [file normalize $directory]
	set image [file normalize $image]
	set here [pwd]
	cd $directory/package
	try {
		if {[catch {exec apt-get {*}$options download -qq linux-image-$name 2>@1}]} {
			# A mirror may hold a kernel before its signed package.
			exec apt-get {*}$options download -qq linux-image-$name-unsigned 2>@1
		}
	} trap CHILDSTATUS {message} {
		error "linux-image-$name cannot be downloaded: [lindex [split $message \n] end-1]"
	} finally {
		cd $here
	}
	set package [lindex [glob -nocomplain $directory/package/linux-image-${name}_*.deb $directory/package/linux-image-${name}-unsigned_*.deb] 0]
	exec dpkg-deb --fsys-tarfile $package | tar xf - --wildcards -O ./boot/vmlinuz* > $image.part
	file rename -force $image.part $image
	file delete $package
	return $image
}

# The modules of a kernel are not needed; the newest generic image is what the quick tests use.
proc kernels::newest {arch} {
	set generic [lsearch -all -inline -regexp [available $arch] "^\\d+\\.\\d+\\.\[-0-9+deb\]*-$arch\$"]
	if {$generic eq ""} {
		error "the configured suites offer no kernel for $arch"
	}
	return [lindex $generic end]
}
