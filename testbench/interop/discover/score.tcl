# Compares what discovery says about one kernel with the truth from the image's own kallsyms and BTF.
#
# score::kernel FILE  ->  dict: arch, seconds, kib, findings (list of {target verdict value witnesses})
# A verdict is right, wrong, unknown, or untold (the image holds no truth about that target).

namespace eval score {
	variable build $::env(ASSAY_BUILD)
	# Targets whose name in the kernel is another one: {target {other names}}
	variable alias {
		modules {modules} tcp_hashinfo {tcp_hashinfo} swapper_pg_dir {swapper_pg_dir init_top_pgt}
		current_task {current_task pcpu_hot}
	}
}

# Reads the output of the truth program into the arrays symbols (name -> addresses) and members.
proc score::read_truth {file symbols_name members_name} {
	variable build
	upvar $symbols_name symbols $members_name members
	set in [open "|[list $build/test/discover-truth $file]"]
	while {[gets $in line] >= 0} {
		set fields [split $line]
		if {[lindex $fields 0] eq "s"} {
			set name [lindex $fields 3]
			lappend symbols($name) [expr {[lindex $fields 1]}]
			# What the compiler made of a function (.isra.0, .constprop.0, .part.0) is still that function.
			if {[regexp {^([^.]+)\.(isra|constprop|part)\.} $name -> plain]} {
				lappend symbols($plain) [expr {[lindex $fields 1]}]
			}
		} else {
			lappend members([lindex $fields 1]) [expr {[lindex $fields 2]}]
		}
	}
	close $in
}

# Runs discovery; returns {json seconds kib}.
proc score::run_discovery {file args} {
	variable build
	catch {exec $build/assay-discover $file --json --cost {*}$args 2>@1} output
	if {![regexp {cost: ([0-9.]+) s CPU, (\d+) KiB} $output -> seconds kib]} {
		error "$file: discovery printed no cost: [string range $output 0 300]"
	}
	return [list $output $seconds $kib]
}

# Takes {name kind value agreeing} of each target; the value is empty when unknown.
proc score::parse_json {json} {
	set result {}
	foreach line [split $json \n] {
		if {[regexp {^    "([^"]+)": \{"kind": "(\w+)", "(value|why)": "([^"]*)", "agreeing": (\d+)} $line -> name kind key value n]} {
			lappend result [list $name $kind [expr {$key eq "value" ? $value : ""}] $n]
		}
	}
	return $result
}

proc score::names_of {target} {
	variable alias
	return [expr {[dict exists $alias $target] ? [dict get $alias $target] : [list $target]}]
}

# The true values of a target, empty if the image does not tell.
proc score::truth_of {target kind symbols_name members_name} {
	upvar $symbols_name symbols $members_name members
	if {$kind eq "offset"} {
		return [expr {[info exists members($target)] ? $members($target) : {}}]
	}
	set values {}
	foreach name [names_of $target] {
		if {[info exists symbols($name)]} {
			lappend values {*}$symbols($name)
		}
	}
	return $values
}

# The symbols of a position-independent image are relative to its start.
proc score::kernel {file args} {
	array set symbols {}
	array set members {}
	read_truth $file symbols members
	lassign [run_discovery $file {*}$args] json seconds kib
	if {![regexp {"arch": "(\w+)"} $json -> arch] || ![regexp {"image": \{"start": "(\w+)"} $json -> start]} {
		error "$file: discovery failed: [string range $json 0 300]"
	}
	set findings {}
	foreach finding [parse_json $json] {
		lassign $finding target kind value witnesses
		set truth [truth_of $target $kind symbols members]
		if {$truth eq ""} {
			set verdict untold
		} elseif {$value eq ""} {
			set verdict unknown
		} else {
			set verdict [expr {$value in $truth || ($kind ne "offset" && $value - $start in $truth) ? "right" : "wrong"}]
		}
		lappend findings [list $target $verdict $value $witnesses]
	}
	return [dict create arch $arch seconds $seconds kib $kib findings $findings]
}

proc score::count {result verdict} {
	return [llength [lsearch -all -index 1 -exact [dict get $result findings] $verdict]]
}

# One line for the log: recall counts what is knowable, that is, what the image tells the truth about.
proc score::summary {name result} {
	set right [count $result right]
	set wrong [count $result wrong]
	set unknown [count $result unknown]
	set knowable [expr {$right + $wrong + $unknown}]
	return [format "%-34s %3d of %3d right (%5.1f %%), %d wrong, %d unknown, %d untold; %.2f s CPU, %d MiB" $name $right \
		$knowable [expr {$knowable ? 100.0 * $right / $knowable : 0}] $wrong $unknown [count $result untold] \
		[dict get $result seconds] [expr {[dict get $result kib] / 1024}]]
}

proc score::list_verdict {result verdict} {
	set names {}
	foreach finding [dict get $result findings] {
		if {[lindex $finding 1] eq $verdict} {
			lappend names [lindex $finding 0]
		}
	}
	return $names
}

# score.tcl FILE...: scores kernels by hand. Status 1 on a wrong answer.
if {[info exists argv0] && [file normalize $argv0] eq [file normalize [info script]]} {
	set bad 0
	foreach file $argv {
		set result [score::kernel $file]
		puts [score::summary [string range [file tail $file] 8 end] $result]
		foreach verdict {wrong unknown untold} {
			set names [score::list_verdict $result $verdict]
			if {$names ne ""} {
				puts "    $verdict: $names"
			}
		}
		incr bad [score::count $result wrong]
	}
	exit [expr {$bad > 0}]
}
