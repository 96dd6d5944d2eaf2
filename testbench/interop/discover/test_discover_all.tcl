# Scores discovery on every kernel that the configured suites offer, amd64 and arm64, all flavours; closes with the
# recall per target and the totals. Takes many minutes and some gigabytes of downloads.

set here [file dirname [file normalize [info script]]]
source $here/kernels.tcl
source $here/score.tcl

proc tally {arch result} {
	foreach finding [dict get $result findings] {
		lassign $finding target verdict
		dict incr ::by_target($arch) [list $target $verdict]
		dict incr ::totals($arch) $verdict
	}
}

proc score_all {arch} {
	foreach name [kernels::available $arch] {
		set image [kernels::fetch $arch $name]
		set result [score::kernel $image]
		file delete $image
		puts [score::summary $name $result]
		set wrong [score::list_verdict $result wrong]
		if {$wrong ne ""} {
			puts "    wrong: $wrong"
		}
		if {[dict get $result seconds] >= 4.0 || [dict get $result kib] >= 200 * 1024} {
			puts "    too costly"
			incr ::failures
		}
		tally $arch $result
		flush stdout
	}
}

proc print_targets {arch} {
	puts "\n$arch: target, kernels where it is right, wrong, unknown, untold"
	set names [lsort -unique [lmap key [dict keys $::by_target($arch)] {lindex $key 0}]]
	foreach target $names {
		set row [format %-32s $target]
		foreach verdict {right wrong unknown untold} {
			set key [list $target $verdict]
			append row [format %6d [expr {[dict exists $::by_target($arch) $key] ? [dict get $::by_target($arch) $key] : 0}]]
		}
		puts $row
	}
}

set failures 0
foreach {arch least} {amd64 95 arm64 85} {
	set by_target($arch) {}
	set totals($arch) {right 0 wrong 0 unknown 0 untold 0}
	if {[catch {score_all $arch} message]} {
		puts "FAILED: $arch: $message"
		incr failures
	}
	print_targets $arch
	dict with totals($arch) {
		set recall [expr {$right + $wrong + $unknown ? 100.0 * $right / ($right + $wrong + $unknown) : 0}]
		puts [format "%s: recall %.1f %%, %d wrong, %d untold" $arch $recall $wrong $untold]
		if {$wrong > 0 || $recall < $least} {
			incr failures
		}
	}
}
exit [expr {$failures > 0}]
