# Debian's kernels through the machine's own package client: apt downloads a package into the build directory, only
# the kernel image is kept. What is not in the machine's lists (other architectures, other suites) has lists in a private state
# directory, so the machine's configuration stays as it is.
#
#   kernels::available ARCH      names of the kernels that the suites offer, oldest first
#   kernels::fetch ARCH NAME     path of the image; an error says why there is none
#   kernels::newest ARCH ?FLAVOUR?   name of the newest kernel of a flavour (generic: none; cloud, rt, 16k)
#
# The suites are the configured ones; with kernels::wide, and where those know the architecture not, also the neighbours below at
# the same mirror, as far as it has them.

namespace eval kernels {
	variable directory $::env(ASSAY_BUILD)/interop/discover
	variable neighbours {bullseye bookworm bookworm-updates bookworm-backports trixie trixie-backports}
	variable wide 0
}

proc kernels::needs_neighbours {arch} {
	variable wide
	return [expr {$wide || $arch eq "riscv64"}]
}

# The mirror of the machine's own suite.
proc kernels::mirror {} {
	foreach line [split [exec apt-get indextargets --format {$(SITE) $(RELEASE)} "Created-By: Packages"] \n] {
		lassign $line site release
		if {[regexp {^[a-z]+$} $release] && [string match */debian $site]} {
			return $site
		}
	}
	error "the configured suites offer no kernel: no Debian mirror is configured"
}

proc kernels::apt_options {arch} {
	variable directory
	variable neighbours
	if {![needs_neighbours $arch] && $arch eq [exec dpkg --print-architecture]} {
		return {}
	}
	set state [file normalize $directory/apt-$arch[expr {[needs_neighbours $arch] ? "-wide" : ""}]]
	file mkdir $state/lists/partial $state/cache/archives/partial
	close [open $state/status a]
	set options [list -o APT::Architecture=$arch -o APT::Architectures=$arch -o Dir::State=$state \
		-o Dir::State::status=$state/status -o Dir::Cache=$state/cache -o APT::Sandbox::User=root]
	if {[needs_neighbours $arch]} {
		set sources [open $state/sources.list w]
		foreach suite $neighbours {
			puts $sources "deb \[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg\] [mirror] $suite main"
		}
		close $sources
		lappend options -o Dir::Etc::sourcelist=$state/sources.list -o Dir::Etc::sourceparts=/dev/null
	}
	return $options
}

# Private lists are read once. A suite without the architecture is no error: the others count.
proc kernels::update {arch} {
	set options [apt_options $arch]
	if {$options eq ""} {
		return
	}
	set state [string range [lindex [lsearch -inline $options Dir::State=*] 0] 11 end]
	if {[glob -nocomplain $state/lists/*Packages*] eq ""} {
		catch {exec apt-get {*}$options update >& /dev/null}
	}
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

# Writes the kernel image of the first package that can be had and has one. @return whether there was one
proc kernels::download {options name image} {
	variable directory
	# A mirror may hold a kernel before its signed package; since 7.0 the image is in a package of its own.
	foreach package [list linux-image-$name linux-binary-$name linux-image-$name-unsigned] {
		if {[catch {exec sh -c "cd '$directory/package' && exec apt-get \"\$@\"" sh {*}$options download -qq $package 2>@1} why]} {
			continue
		}
		set deb [lindex [glob -nocomplain $directory/package/${package}_*.deb] 0]
		catch {exec dpkg-deb --fsys-tarfile $deb | tar xf - --wildcards --occurrence=1 -O ./boot/vmlinu* > $image.part 2>/dev/null}
		if {[file size $image.part] == 0} {
			catch {exec dpkg-deb --fsys-tarfile $deb | tar xf - --wildcards --occurrence=1 -O ./usr/lib/modules/*/vmlinu* > $image.part 2>/dev/null}
		}
		file delete $deb
		if {[file size $image.part] > 0} {
			file rename -force $image.part $image
			return 1
		}
	}
	return 0
}

proc kernels::fetch {arch name} {
	variable directory
	set directory [file normalize $directory]
	set image $directory/vmlinuz-$name
	if {![file exists $image]} {
		file mkdir $directory/package
		if {![download [apt_options $arch] $name $image]} {
			error "linux-image-$name cannot be downloaded"
		}
	}
	return $image
}

proc kernels::newest {arch {flavour ""}} {
	set pattern [dict get [list "" "-$arch\$" cloud "-cloud-$arch\$" rt "-rt-$arch\$" 16k "-$arch-16k\$"] $flavour]
	set found [lsearch -all -inline -regexp [available $arch] "^\\d+\\.\\d+\\.\[-0-9+.deb\]*$pattern"]
	if {$found eq ""} {
		error "the suites offer no kernel for $arch $flavour"
	}
	return [lindex $found end]
}
