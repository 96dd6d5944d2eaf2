# The reference pages list exactly the rows that the table images have, and a wrong description is refused.
# usage: tclsh8.6 reference_test.tcl   (environment ASSAY_BUILD: the build directory, default build)
set build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
set failures 0

proc check {condition text} {
	if {!$condition} { incr ::failures; puts "FAILED: $text" }
}

proc contents {path} {
	set f [open $path rb]
	try { return [read $f] } finally { close $f }
}

# -> the page's text; LISTED receives the names of its rows
proc check_page {table name listed} {
	upvar 1 $listed names
	set image [contents $table]
	binary scan $image @16iu2iu2iu2iu2iu2iu2iu2iu2 spaces first second templates directives texts fields text
	lassign $text length offset
	set strings [split [string range $image $offset [expr {$offset + $length - 1}]] \0]
	set page [encoding convertfrom utf-8 [contents $::build/gen/${name}_instructions.md]]
	set names {}
	foreach line [split $page \n] {
		if {[regexp {^\| (\S+) \| `} $line -> row]} { lappend names $row }
	}
	check [expr {[llength $names] == [lindex $templates 0] - [lindex $spaces 0]}] "$name: [llength $names] rows are listed, the image has [lindex $templates 0] with [lindex $spaces 0] illegal ones"
	foreach row $names { check [expr {$row in $strings}] "$name: $row is listed, but the image does not know it" }
	return $page
}

set page [check_page $build/gen/a64/a64.tbl a64 listed]
set encodings [llength [lsearch -all -not -glob $listed *.ones]]
check [expr {$encodings >= 200}] "a64: only $encodings encodings"
set page [check_page $build/gen/rv64.tbl rv64 listed]
check [string match {*| add | `0000000. ........ .000.... .0110011` | rd, rs1, rs2 | ADD rd=rd rs1=rs1 rs2=rs2 |*} $page] "the row of add is not as described"

set bad $build/test-results/bad_description.tcl
file mkdir [file dirname $bad]
set f [open $bad w]
puts $f "isa bad 9 bad\nspace all 4 {................................} {6:2}\ninsn twice {............ ..... 000 ..... 0000000} {} {{NOP}}"
close $f
set status [catch {exec tclsh8.6 models/convert/reference.tcl $bad $build/test-results/bad.md 2>@1} output options]
check [expr {$status && [lindex [dict get $options -errorcode] 2] == 2 && [string match "*twice*" $output]}] "a bad description: $output"
check [expr {![file exists $build/test-results/bad.md]}] "a bad description leaves a page"
puts [expr {$failures ? "$failures checks failed" : "all checks passed"}]
exit [expr {$failures != 0}]
