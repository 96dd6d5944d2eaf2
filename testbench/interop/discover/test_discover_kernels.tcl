# Scores discovery on one kernel of each architecture: no wrong answer, recall and cost as promised, and the same
# answers when the tables that discovery must not read (kallsyms, BTF) are garbage.

set here [file dirname [file normalize [info script]]]
source $here/kernels.tcl
source $here/score.tcl

# The goals of the project, and what a run must reach not to be a step back.
set least_recall {x86_64 95 aarch64 85}
set most_seconds 4.0
set most_mib 200

proc check {condition text} {
	if {![uplevel 1 [list expr $condition]]} {
		puts "FAILED: $text"
		incr ::failures
	}
}

proc poisoned_answers_are_equal {image} {
	set poisoned $::env(ASSAY_BUILD)/interop/discover/poisoned
	set plain $::env(ASSAY_BUILD)/interop/discover/plain
	exec $::env(ASSAY_BUILD)/test/discover-truth --unpack $image $plain
	puts "    [string map {\n "; "} [exec $::env(ASSAY_BUILD)/test/discover-truth --poison $image $poisoned]]"
	set differs [catch {exec cmp -s $plain $poisoned}]
	check {$differs} "$image: poisoning changed nothing"
	set before [lindex [score::run_discovery $plain] 0]
	set after [lindex [score::run_discovery $poisoned] 0]
	regsub {cost: [^\n]*} $before "" before
	regsub {cost: [^\n]*} $after "" after
	check {$before eq $after} "$image: answers depend on kallsyms, BTF, ORC or debug data"
	file delete $plain $poisoned
}

proc test_one {arch} {
	set name [kernels::newest $arch]
	set image [kernels::fetch $arch $name]
	set result [score::kernel $image]
	puts [score::summary $name $result]
	foreach verdict {wrong unknown} {
		puts "    $verdict: [score::list_verdict $result $verdict]"
	}
	set right [score::count $result right]
	set knowable [expr {$right + [score::count $result wrong] + [score::count $result unknown]}]
	set recall [expr {$knowable ? 100.0 * $right / $knowable : 0}]
	check {[score::count $result wrong] == 0} "$name: wrong answers"
	check {$knowable >= 40} "$name: only $knowable targets can be scored"
	check {$recall >= [dict get $::least_recall [dict get $result arch]]} "$name: recall $recall %"
	check {[dict get $result seconds] < $::most_seconds} "$name: took [dict get $result seconds] s"
	check {[dict get $result kib] < $::most_mib * 1024} "$name: took [dict get $result kib] KiB"
	poisoned_answers_are_equal $image
}

set failures 0
foreach arch {amd64 arm64} {
	if {[catch {test_one $arch} message]} {
		if {[string match "*cannot be downloaded*" $message] || [string match "*offer no kernel*" $message]} {
			puts "skipped: $message"
			exit 77
		}
		puts "FAILED: $arch: $message"
		incr failures
	}
}
exit [expr {$failures > 0}]
