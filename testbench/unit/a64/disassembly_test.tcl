# What the A64 tables accept and how they print it is what GNU objdump says, for random words: half of them match a row of the tables.
# usage: ASSAY_BUILD=DIR ASSAY_SEED=N tclsh8.6 testbench/unit/a64/disassembly_test.tcl ?WORDS?
# Status 0: all agree; 1: the first differences are printed.

namespace eval disassembly {
	variable build [expr {[info exists ::env(ASSAY_BUILD)] ? $::env(ASSAY_BUILD) : "build"}]
	variable seed [expr {[info exists ::env(ASSAY_SEED)] ? $::env(ASSAY_SEED) : 1}]
	# Operands that are named differently and mean nothing here: only the instruction is compared.
	variable loose {dmb dsb isb clrex prfm prfum hint nop mrs msr dc ic sys}
}

# Numbers in decimal, no spaces beside commas, no shift or extension by nothing.
proc disassembly::plain {text} {
	regsub {\s*//.*$} $text {} text
	regsub {\s+<.*>$} $text {} text
	regsub {^b\. (\w+)} $text {b.\1} text
	regsub -all {,\s+} [string trim $text] , text
	if {[string match *wsp* $text]} { regsub {,uxtw } $text {,lsl } text }
	regsub -all {\s+} $text { } text
	set out ""
	while {[regexp -indices {#?-?\m(0x[0-9a-f]+|[0-9]+)\M} $text where]} {
		set number [string trimleft [string range $text {*}$where] #]
		append out [string range $text 0 [lindex $where 0]-1] [expr {$number & 0xffffffffffffffff}]
		set text [string range $text [lindex $where 1]+1 end]
	}
	append out $text
	regsub {,(uxtx|uxtw|sxtw|sxtx|lsl|uxtb|uxth|sxtb|sxth) 0(\]?)$} $out {,\1\2} out
	regsub {,(uxtx|lsl)(\]?)$} $out {\2} out
	regsub {,uxtx (\d+)} $out {,lsl \1} out
	regsub {,0\]$} $out {]} out
	return $out
}

proc disassembly::first {text} { return [regexp -inline {^\S*} $text] }

proc disassembly::agree {ours theirs} {
	variable loose
	set undefined [regexp {undefined|^\.inst|^udf} $theirs]
	set mnemonic [first $ours]
	if {$mnemonic eq "illegal" || [string match *.ones $mnemonic]} { return [expr {$undefined || ![subset $theirs]}] }
	if {$undefined} { return [unpredictable $ours] }
	if {$mnemonic in $loose} { return [expr {[first $theirs] in $loose}] }
	if {$mnemonic in {svc brk}} { return [expr {$mnemonic eq [first $theirs]}] }
	return [expr {[plain $ours] eq [plain $theirs]}]
}

# What objdump takes for undefined, but the architecture leaves to the processor: ldar with other bits than ones in fields without meaning, a register
# that is written twice.
proc disassembly::unpredictable {ours} {
	if {[string match ldar* $ours]} { return 1 }
	return [expr {[regexp {^ldpsw x(\w+), x(\w+), \[x?(\w+)(.*)$} $ours -> first second base rest] &&
		($first eq $second || ($rest ne "]" && $base in [list $first $second]))}]
}

# Whether an instruction that objdump knows is of the subset: integer registers only, no later extension.
proc disassembly::subset {theirs} {
	set mnemonic [first $theirs]
	if {[regexp {[^a-z][bhsdqvz][0-9]+|\{|\mp[0-9]|za} " $theirs"]} { return 0 }
	return [regexp {^(adds?|subs?|ands?|orr|eor|bics?|orn|eon|mov[znk]|adrp?|[su]?bfm|extr|adcs?|sbcs?|csel|csin[cv]|csneg|ccm[pn]|[us]div|(ls[lr]|asr|ror)v|crc32c?[bhwx]|rbit|rev(16|32)?|cl[zs]|m(add|sub)|[us]m(add|sub)l|[us]mulh|bl?r?|b\.[a-z]+|ret|cbn?z|tbn?z|svc|brk|(ld|st)[ut]?r(s?[bhw])?|(ld|st)n?p|ldpsw|prfu?m|(ld|st)l?a?xr[bh]?|(ldar|stlr)[bh]?)$} $mnemonic]
}

proc disassembly::main {arguments} {
	variable build
	variable seed
	set count [expr {[llength $arguments] ? [lindex $arguments 0] : 30000}]
	set file $build/test-results/a64_words.bin
	file mkdir [file dirname $file]
	set ours [split [exec $build/test/a64_words $seed $count $file] \n]
	set theirs {}
	foreach line [split [exec aarch64-linux-gnu-objdump -D -b binary -m aarch64 -M no-aliases -z $file] \n] {
		if {[regexp {^\s*[0-9a-f]+:\s+([0-9a-f]{8})\s+(.*)$} $line -> word text]} { lappend theirs [string map {\t " "} $text] }
	}
	set failures [expr {[llength $ours] != [llength $theirs]}]
	set legal 0
	foreach our $ours their $theirs {
		incr legal [expr {![string match *illegal* $our]}]
		if {[agree [string range $our 9 end] $their]} continue
		if {[incr failures] <= 20} { puts "[string range $our 0 7]: the tables say \"[string range $our 9 end]\", objdump \"$their\"" }
	}
	puts "seed $seed: [llength $ours] words, $legal of the subset, $failures differences"
	return [expr {$failures > 0}]
}

exit [disassembly::main $argv]
