# Writes the reference page of a guest ISA's instructions from the same description that the tables and the disassembler come from.
#
# Usage: tclsh8.6 reference.tcl DESCRIPTION.tcl OUTPUT.md
# Exit status 2 with one line for a wrong description or usage.

set here [file dirname [file normalize [info script]]]
source [file join $here describe.tcl]
source [file join $here native.tcl]

namespace eval reference {}

proc reference::cell {text} { return [string map {| \\|} $text] }

proc reference::row {row} {
	set ops [join [lmap op [dict get $row ops] { join $op " " }] "; "]
	if {$ops eq "ILLEGAL"} { set ops "*reserved: illegal instruction*" }
	return "| [dict get $row name] | `[describe::encoding $row]` | [cell [string map {\{ "" \} ""} [dict get $row operands]]] | [cell $ops] |"
}

proc reference::page {} {
	lassign $describe::isa name number title
	lappend out "# $title" "" "Generated from the description `$name.tcl`: table set $number. [llength $describe::rows] rows." ""
	foreach space $describe::spaces {
		set rows [lmap r $describe::rows { if {[dict get $r space] ne [dict get $space name]} continue; set r }]
		lappend out "## [dict get $space name]: instructions of [dict get $space bytes] bytes" "" "| instruction | encoding | operands | native ops |" "|---|---|---|---|"
		foreach r [lsort -command {apply {{a b} { string compare [dict get $a name] [dict get $b name] }}} $rows] { lappend out [row $r] }
		lappend out ""
	}
	lappend out "## Native ops" "" "| op | effect |" "|---|---|"
	dict for {native record} $describe::natives { lappend out "| $native | [cell [dict get $record effect]] |" }
	return [join $out "\n"]\n
}

proc main {argv} {
	if {[llength $argv] != 2} { error "usage: reference.tcl DESCRIPTION.tcl OUTPUT.md" }
	lassign $argv description output
	uplevel #0 [list source $description]
	describe::check
	set page [reference::page]
	file mkdir [file dirname $output]
	set channel [open $output.new w]
	puts -nonewline $channel $page
	close $channel
	file rename -force $output.new $output
}
if {[catch {main $argv} message]} { puts stderr "reference.tcl: $message"; exit 2 }
