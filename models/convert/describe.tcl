# The language of a guest ISA's description (rv64.tcl) and its first checks.
#
#   isa NAME NUMBER TITLE
#   space NAME BYTES PATTERN INDEX     instructions of one length; the first space whose pattern matches decides; INDEX is the
#                                      list of bit ranges (most significant first) that select the first-level row
#   field NAME KIND RANGES ?SHIFT? ?ADD?  an operand: KIND of describe::kinds (how the disassembler prints it);
#                                      value = ranges << SHIFT (+ ADD, registers only)
#   register NAME NUMBER               a native register that operands may name
#   insn NAME PATTERN OPERANDS OPS ?INFO?  PATTERN: 0 1 fixed, . operand bit, @ ignored bit; OPERANDS: text with {field};
#                                      OPS: 1..4 native ops "NAME key=value...", key rd rs1 rs2 imm aux or imm+BIT (a part of imm
#                                      from bit BIT on), value field, number or register name;
#                                      INFO: 32-bit word for traps of memory accesses and "field@bit" insertions
#   reserved NAME PATTERN              encodings that are illegal although a wider row matches them
#
# Overlap: of two rows that match the same instruction the one with more fixed bits wins; both must be nested, or a third row
# must cover exactly what they share. Everything else is an error that names the rows.

namespace eval describe {
	variable isa {}
	variable spaces {}
	variable fields [dict create]
	variable registers [dict create t0 32 t1 33 t2 34 t3 35]
	# Their places in the list are their numbers in an image.
	variable kinds {reg uint sint rel csr freg rm xreg wreg xsp wsp cond mask wmask page extend}
	variable signed_kinds {sint rel page}
	variable rows {}
	variable natives [dict create]
	variable flows [dict create]
}

proc describe::fail {what} { error "description: $what" }

proc native {name effect {files xxx}} {
	if {![regexp {^[xfsn]{3}$} $files]} { describe::fail "native $name: register files $files" }
	dict set describe::natives $name [dict create number [dict size $describe::natives] effect $effect files $files]
}

# How a block goes on after an op: `straight` at the next instruction, `branch` there or at pc + imm, `jump` at pc + imm, `leave`:
# known only once it has executed. Ops that are not named go straight on.
proc flow {kind args} {
	foreach name $args {
		if {![dict exists $describe::natives $name]} { describe::fail "flow $kind: no native op $name" }
		dict set describe::flows $name [lsearch {straight branch jump leave} $kind]
	}
}

proc describe::flow_of {native} {
	variable flows
	return [expr {[dict exists $flows $native] ? [dict get $flows $native] : 0}]
}

proc isa {name number title} { set describe::isa [list $name $number $title] }

# "31:25 7" -> {{25 7} {7 1}}: low bit and length of each range, most significant range first.
proc describe::ranges {text} {
	set out {}
	foreach r $text {
		lassign [split $r :] hi lo
		if {$lo eq ""} { set lo $hi }
		if {$hi > 31 || $lo < 0 || $hi < $lo} { fail "range $r is outside 31:0 or reversed" }
		lappend out [list $lo [expr {$hi - $lo + 1}]]
	}
	return $out
}

proc register {name number} { dict set describe::registers $name $number }

proc space {name bytes pattern index} {
	lassign [describe::pattern $pattern [expr {$bytes * 8}]] mask value
	lappend describe::spaces [dict create name $name bytes $bytes mask $mask value $value index [describe::ranges $index]]
}

proc field {name kind ranges {shift 0} {add 0}} {
	if {$kind ni $describe::kinds} { describe::fail "field $name: kind $kind" }
	dict set describe::fields $name [dict create name $name kind $kind ranges [describe::ranges $ranges] shift $shift add $add \
		number [dict size $describe::fields]]
}

# -> {mask value operand-bits}
proc describe::pattern {text bits} {
	set text [string map {" " ""} $text]
	if {[string length $text] != $bits} { fail "pattern $text has [string length $text] bits, not $bits" }
	set mask 0; set value 0; set operand 0
	foreach c [split $text ""] {
		set mask [expr {$mask << 1 | ($c in {0 1})}]
		set value [expr {$value << 1 | ($c eq "1")}]
		set operand [expr {$operand << 1 | ($c eq ".")}]
	}
	return [list $mask $value $operand]
}

proc describe::range_mask {ranges} {
	set m 0
	foreach r $ranges { lassign $r lo len; set m [expr {$m | (((1 << $len) - 1) << $lo)}] }
	return $m
}

proc describe::space_of {pattern} {
	foreach s $describe::spaces {
		if {[string length [string map {" " ""} $pattern]] == 8 * [dict get $s bytes]} { return $s }
	}
	fail "pattern $pattern fits no space"
}

proc describe::add_row {name pattern operands ops info} {
	set s [space_of $pattern]
	lassign [pattern $pattern [expr {8 * [dict get $s bytes]}]] mask value operand
	set mask [expr {$mask | [dict get $s mask]}]
	set value [expr {$value | [dict get $s value]}]
	lappend describe::rows [dict create name $name space [dict get $s name] bytes [dict get $s bytes] mask $mask value $value \
		operand $operand operands $operands ops $ops info $info number [llength $describe::rows]]
}

proc insn {name pattern operands ops {info ""}} { describe::add_row $name $pattern $operands $ops $info }
proc reserved {name pattern} { describe::add_row $name $pattern {} {{ILLEGAL}} "" }

# --- checks ------------------------------------------------------------------------------------------------

# The encoding from the topmost bit down: 0 and 1 are fixed, . is an operand, @ is ignored.
proc describe::encoding {row} {
	set out ""
	for {set bit [expr {8 * [dict get $row bytes] - 1}]} {$bit >= 0} {incr bit -1} {
		set fixed [expr {[dict get $row mask] >> $bit & 1}]
		append out [expr {$fixed ? [dict get $row value] >> $bit & 1 : [dict get $row operand] >> $bit & 1 ? "." : "@"}]
		if {$bit % 8 == 0 && $bit} { append out " " }
	}
	return $out
}

# What a message calls a row: its name, and where several rows share it, its encoding.
proc describe::label {row} {
	variable rows
	set name [dict get $row name]
	set same 0
	foreach r $rows { incr same [expr {[dict get $r name] eq $name}] }
	return [expr {$same > 1 ? "$name ([encoding $row])" : $name}]
}

proc describe::popcount {x} { return [string length [string map {0 ""} [format %b $x]]] }

proc describe::check_row {row} {
	variable fields
	variable registers
	set name [label $row]
	if {[llength [dict get $row ops]] < 1 || [llength [dict get $row ops]] > 4} { fail "$name: 1 to 4 native ops" }
	set used 0
	foreach op [dict get $row ops] {
		if {![dict exists $describe::natives [lindex $op 0]]} { fail "$name: no native op [lindex $op 0]" }
		foreach assignment [lrange $op 1 end] {
			lassign [split $assignment =] key value
			if {![regexp {^(rd|rs1|rs2|imm(\+[0-9]+)?|aux)$} $key]} { fail "$name: operand $key" }
			if {[dict exists $fields $value]} {
				set used [expr {$used | [range_mask [dict get $fields $value ranges]]}]
			} elseif {![string is integer -strict $value] && ![dict exists $registers $value]} {
				fail "$name: $key=$value is neither field, number nor register"
			}
		}
	}
	if {$used & ~((1 << 8 * [dict get $row bytes]) - 1)} { fail "$name: a field lies outside the instruction" }
	foreach {- f} [regexp -all -inline {\{(\w+)\}} [dict get $row operands]] {
		if {![dict exists $fields $f]} { fail "$name: operand text names no field $f" }
	}
	if {[lindex [dict get $row ops] 0 0] ne "ILLEGAL" && ([dict get $row operand] & ~$used)} {
		fail "$name: operand bits [format 0x%x [expr {[dict get $row operand] & ~$used}]] are used by no native op"
	}
}

proc describe::intersect {a b} {
	return [expr {(([dict get $a value] ^ [dict get $b value]) & [dict get $a mask] & [dict get $b mask]) == 0}]
}

proc describe::check_pair {a b keys} {
	if {![intersect $a $b]} return
	set both [expr {[dict get $a mask] | [dict get $b mask]}]
	if {[dict get $a mask] == [dict get $b mask]} { fail "rows [label $a] and [label $b] match the same instructions" }
	if {$both == [dict get $a mask] || $both == [dict get $b mask]} return
	set value [expr {[dict get $a value] | [dict get $b value]}]
	if {![dict exists $keys $both,$value]} { fail "rows [label $a] and [label $b] overlap and no row covers what they share" }
}

# A row is reachable if some instruction matches it and no row with more fixed bits; operand bits are varied deterministically.
proc describe::check_reachable {row rivals} {
	set x 88172645463325252
	for {set try 0} {$try < 200} {incr try} {
		set x [expr {($x * 6364136223846793005 + 1442695040888963407) & 0xffffffffffffffff}]
		set insn [expr {(($x >> 20) & ~[dict get $row mask] & ((1 << 8 * [dict get $row bytes]) - 1)) | [dict get $row value]}]
		set hidden 0
		foreach r $rivals {
			if {($insn & [dict get $r mask]) == [dict get $r value]} { set hidden 1; break }
		}
		if {!$hidden} return
	}
	fail "row [label $row] can never match: rows with more fixed bits take all of it"
}

proc describe::check {} {
	variable rows
	set keys [dict create]
	foreach r $rows { dict set keys [dict get $r mask],[dict get $r value] 1 }
	foreach r $rows { check_row $r }
	foreach space $describe::spaces {
		set mine [lmap r $rows { if {[dict get $r space] ne [dict get $space name]} continue; set r }]
		set n [llength $mine]
		for {set i 0} {$i < $n} {incr i} {
			set a [lindex $mine $i]
			set rivals {}
			for {set j 0} {$j < $n} {incr j} {
				if {$j == $i} continue
				set b [lindex $mine $j]
				if {$j > $i} { check_pair $a $b $keys }
				if {[intersect $a $b] && [popcount [dict get $b mask]] > [popcount [dict get $a mask]]} { lappend rivals $b }
			}
			if {[llength $rivals]} { check_reachable $a $rivals }
		}
	}
}
