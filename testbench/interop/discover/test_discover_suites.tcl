# Scores discovery on kernels of other suites than the configured ones, which their mirror may have too: of each series (5.10, 6.1, 6.12, ...) the
# newest one, its flavour in turn; RV64 is only there.

set here [file dirname [file normalize [info script]]]
source $here/kernels.tcl
source $here/score.tcl
set kernels::wide 1

# The newest kernel of each series; generic, cloud, rt in turn.
proc choose {arch} {
	set series {}
	foreach name [kernels::available $arch] {
		regexp {^\d+\.\d+} $name version
		set flavour [expr {[string match *-cloud-* $name] ? 1 : [string match *-rt-* $name] ? 2 : 0}]
		dict set series $version $flavour $name
	}
	set chosen {}
	set turn 0
	dict for {version flavours} $series {
		set flavour [expr {$turn % 3}]
		lappend chosen [dict get $flavours [expr {[dict exists $flavours $flavour] ? $flavour : 0}]]
		incr turn
	}
	return $chosen
}

set failures 0
set scored 0
foreach {arch least} {amd64 95 arm64 85 riscv64 85} {
	if {[catch {choose $arch} names]} {
		puts "skipped: $arch: $names"
		continue
	}
	array set total {right 0 wrong 0 unknown 0}
	foreach name $names {
		if {[catch {kernels::fetch $arch $name} image]} {
			puts "skipped: $image"
			continue
		}
		set result [score::kernel $image]
		file delete $image
		puts [score::summary $name $result]
		foreach verdict {wrong unknown} {
			incr total($verdict) [score::count $result $verdict]
			puts "    $verdict: [score::list_verdict $result $verdict]"
		}
		incr total(right) [score::count $result right]
		incr scored
		flush stdout
	}
	set all [expr {$total(right) + $total(wrong) + $total(unknown)}]
	if {$all == 0} {
		continue
	}
	set recall [expr {100.0 * $total(right) / $all}]
	puts [format "%s: recall %.1f %%, %d wrong" $arch $recall $total(wrong)]
	incr failures [expr {$total(wrong) > 0 || $recall < $least}]
	array unset total
}
exit [expr {$failures > 0 ? 1 : $scored ? 0 : 77}]
