# Compiles a guest ISA's description into the table image and the C files around it.
#
# Usage: tclsh8.6 tables.tcl DESCRIPTION.tcl OUTPUT_DIRECTORY
# Writes NAME.tbl (the image), NAME_tables.c (the same bytes for programs that carry it) and native_ops.h.
# The image's layout is specified in README.md; convert_image.h repeats its numbers for C.

set here [file dirname [file normalize [info script]]]
source [file join $here describe.tcl]
source [file join $here native.tcl]

namespace eval tables {
	variable level1 {}
	variable level2 {}
	variable directives {}
	variable lists [dict create]
	variable text ""
	variable none 4294967295
}

# --- field substitution ----------------------------------------------------------------------------------------

# The directives that place field F at bit DST of a 64-bit word; SIGNED extends through bit 63.
proc tables::place {f dst signed} {
	set out {}
	set at [expr {$dst + [dict get $f shift]}]
	set first 1
	set ranges [lreverse [dict get $f ranges]]
	set left [llength $ranges]
	foreach r $ranges {
		lassign $r lo len
		incr left -1
		set sign [expr {$signed && $left == 0}]
		lappend out [expr {$lo | ($len - 1) << 5 | $at << 10 | $sign << 16}]
		incr at $len
	}
	return $out
}

# Lists of directives are shared between templates. -> first | count << 16
proc tables::intern {list} {
	variable directives
	variable lists
	if {![dict exists $lists $list]} {
		dict set lists $list [expr {[llength $directives] | [llength $list] << 16}]
		lappend directives {*}$list
	}
	return [dict get $lists $list]
}

proc tables::native_op {op length last} {
	set word [dict get $describe::natives [lindex $op 0] number]
	if {$last} { set word [expr {$word | ($length / 2) << 26}] }
	set list {}
	foreach assignment [lrange $op 1 end] {
		lassign [split $assignment =] key value
		lassign [split $key +] key part
		set at [expr {[dict get {rd 8 rs1 14 rs2 20 aux 28 imm 32} $key] + ($part eq "" ? 0 : $part)}]
		if {[dict exists $describe::fields $value]} {
			set f [dict get $describe::fields $value]
			set word [expr {$word | [dict get $f add] << $at}]
			lappend list {*}[place $f $at [expr {[dict get $f kind] in $describe::signed_kinds}]]
		} else {
			if {[dict exists $describe::registers $value]} { set value [dict get $describe::registers $value] }
			set word [expr {$word | $value << $at}]
		}
	}
	return [list [expr {$word & 0xffffffff}] [expr {$word >> 32 & 0xffffffff}] [intern $list]]
}

proc tables::info_op {info} {
	if {$info eq ""} { return {0 0 0} }
	scan [lindex $info 0] %b word
	set list {}
	foreach insertion [lrange $info 1 end] {
		lassign [split $insertion @] name bit
		set f [dict get $describe::fields $name]
		set word [expr {$word | [dict get $f add] << $bit}]
		lappend list {*}[place $f $bit 0]
	}
	return [list $word 0 [intern $list]]
}

proc tables::template {row} {
	set ops [dict get $row ops]
	set words [list [expr {[llength $ops] | [dict get $row bytes] << 8 | [describe::flow_of [lindex $ops end 0]] << 16}]]
	for {set i 0} {$i < 4} {incr i} {
		if {$i < [llength $ops]} {
			lappend words {*}[native_op [lindex $ops $i] [dict get $row bytes] [expr {$i == [llength $ops] - 1}]]
		} else {
			lappend words 0 0 0
		}
	}
	return [concat $words [info_op [dict get $row info]]]
}

# --- the two levels -------------------------------------------------------------------------------------------

# Up to three ranges as 10-bit pieces, most significant range first: low bit, length.
proc tables::pieces {ranges} {
	if {[llength $ranges] > 3} { describe::fail "an index has more than three ranges" }
	set word 0
	set at 0
	foreach r $ranges { lassign $r lo len; set word [expr {$word | ($lo | $len << 5) << $at}]; incr at 10 }
	return $word
}

# -> {mask value} of the index bits that spell NUMBER
proc tables::spell {ranges number} {
	set mask 0; set value 0
	foreach r [lreverse $ranges] {
		lassign $r lo len
		set ones [expr {(1 << $len) - 1}]
		set mask [expr {$mask | $ones << $lo}]
		set value [expr {$value | ($number & $ones) << $lo}]
		set number [expr {$number >> $len}]
	}
	return [list $mask $value]
}

proc tables::bits_of {ranges} { return [tcl::mathop::+ 0 {*}[lmap r $ranges {lindex $r 1}]] }

proc tables::matching {rows ranges number} {
	lassign [spell $ranges $number] mask value
	return [lmap r $rows { if {(([dict get $r value] ^ $value) & $mask & [dict get $r mask])} continue; set r }]
}

proc tables::longest {rows ranges} {
	set worst 0
	for {set n 0} {$n < 1 << [bits_of $ranges]} {incr n} {
		set worst [expr {max($worst, [llength [matching $rows $ranges $n]])}]
	}
	return $worst
}

# Chooses the ranges that spread ROWS best: greedily the range of 1..3 bits that shortens the longest chain most.
proc tables::choose {rows} {
	set fixed 0
	foreach r $rows { set fixed [expr {$fixed | [dict get $r mask]}] }
	set chosen {}
	set best [llength $rows]
	while {$best > 1 && [llength $chosen] < 3} {
		set better {}
		for {set len 1} {$len <= 3} {incr len} {
			for {set lo 0} {$lo + $len <= 32} {incr lo} {
				if {(((1 << $len) - 1) << $lo) & ~$fixed} continue
				set worst [longest $rows [concat $chosen [list [list $lo $len]]]]
				if {$worst < $best} { set best $worst; set better [list $lo $len] }
			}
		}
		if {$better eq ""} break
		lappend chosen $better
	}
	return $chosen
}

# Appends the chain of ROWS (most fixed bits first) to level 2, its head at index AT.
proc tables::chain {rows at} {
	variable level2
	variable none
	set rows [lsort -decreasing -integer -command {apply {{a b} {
		expr {[describe::popcount [dict get $a mask]] - [describe::popcount [dict get $b mask]]}}}} $rows]
	set last [expr {[llength $rows] - 1}]
	foreach r $rows {
		set i [lsearch -exact $rows $r]
		set next [expr {$i == $last ? $none : [llength $level2] + ($i == 0 ? 0 : 1)}]
		set entry [list [dict get $r mask] [dict get $r value] [dict get $r number] $next]
		if {$i == 0} { lset level2 $at $entry } else { lappend level2 $entry }
	}
}

proc tables::partial {rows} {
	variable level2
	variable none
	set mask 0xffffffff
	foreach r $rows { set mask [expr {$mask & [dict get $r mask] & ~([dict get $r value] ^ [dict get [lindex $rows 0] value])}] }
	set ranges [choose $rows]
	set base [llength $level2]
	set size [expr {1 << [bits_of $ranges]}]
	for {set n 0} {$n < $size} {incr n} { lappend level2 [list 0 1 0 $none] }
	for {set n 0} {$n < $size} {incr n} {
		set mine [matching $rows $ranges $n]
		if {[llength $mine]} { chain $mine [expr {$base + $n}] }
	}
	return [list $mask [expr {[dict get [lindex $rows 0] value] & $mask}] [expr {2 << 30 | $base}] [pieces $ranges]]
}

proc tables::build_space {space} {
	variable level1
	set base [llength $level1]
	set ranges [dict get $space index]
	set rows [lmap r $describe::rows { if {[dict get $r space] ne [dict get $space name]} continue; set r }]
	for {set n 0} {$n < 1 << [bits_of $ranges]} {incr n} {
		set mine [matching $rows $ranges $n]
		switch [llength $mine] {
			0 { lappend level1 {0 0 0 0} }
			1 {
				set r [lindex $mine 0]
				lappend level1 [list [dict get $r mask] [dict get $r value] [expr {1 << 30 | [dict get $r number]}] 0]
			}
			default { lappend level1 [partial $mine] }
		}
	}
	return [list [dict get $space mask] [dict get $space value] [dict get $space bytes] [pieces $ranges] $base \
		[dict get $space illegal]]
}

# --- disassembly ----------------------------------------------------------------------------------------------

proc tables::string_at {s} {
	variable text
	set at [string length $text]
	append text $s "\0"
	return $at
}

# Operand text: {field} becomes one byte, 0x80 + the field's number.
proc tables::operand_text {operands} {
	set out ""
	while {[regexp -indices {\{(\w+)\}} $operands all name]} {
		append out [string range $operands 0 [lindex $all 0]-1]
		set f [dict get $describe::fields [string range $operands {*}$name]]
		append out [format %c [expr {0x80 + [dict get $f number]}]]
		set operands [string range $operands [lindex $all 1]+1 end]
	}
	return $out$operands
}

# --- output ---------------------------------------------------------------------------------------------------

proc tables::image {} {
	variable level1; variable level2; variable directives; variable text
	foreach s $describe::spaces {
		dict set s illegal [llength $describe::rows]
		lappend spaces $s
		set bits [string repeat . [expr {8 * [dict get $s bytes]}]]
		lappend describe::rows [dict create name illegal space - bytes [dict get $s bytes] mask 0 value 0 operand 0 operands {} \
			ops {{ILLEGAL}} info "" number [dict get $s illegal]]
	}
	set groups [concat {*}[lmap s $spaces {build_space $s}]]
	set templates [concat {*}[lmap r $describe::rows {template $r}]]
	set names {}
	foreach r $describe::rows { lappend names [string_at [dict get $r name]] [string_at [operand_text [dict get $r operands]]] }
	set fields {}
	foreach f [dict values $describe::fields] {
		set kind [dict get $f kind]
		lappend fields [lsearch $describe::kinds $kind] [intern [place $f 0 [expr {$kind in $describe::signed_kinds}]]] [dict get $f add]
	}
	while {[string length $text] % 4} { append text "\0" }
	set body ""
	set head {}
	foreach {count words} [list [llength $spaces] $groups [llength $level1] [concat {*}$level1] [llength $level2] [concat {*}$level2] \
			[llength $describe::rows] $templates [llength $directives] $directives \
			[llength $describe::rows] $names [dict size $describe::fields] $fields] {
		lappend head $count [expr {128 + [string length $body]}]
		append body [binary format i* $words]
		while {[string length $body] % 16} { append body "\0" }
	}
	lappend head [string length $text] [expr {128 + [string length $body]}]
	append body [encoding convertto iso8859-1 $text]
	lappend head [lindex $describe::isa 1]
	while {[llength $head] < 28} { lappend head 0 }
	set covered [binary format i* $head]$body
	return [binary format iiii 0x54435341 1 [expr {16 + [string length $covered]}] [zlib crc32 $covered]]$covered
}

proc tables::write {path content} {
	set f [open $path w]
	try { fconfigure $f -translation binary; puts -nonewline $f $content } finally { close $f }
}

proc tables::c_array {name image} {
	binary scan $image cu* bytes
	set out "/* Generated from models/convert: the table image of $name. */\n#include \"models/convert/convert.h\"\n"
	append out "const _Alignas(8) unsigned char ${name}_table_image\[\] = {\n"
	foreach {*}[list {a b c d e f g h i j k l m n o p}] $bytes {
		append out "\t" [join [lmap v [list $a $b $c $d $e $f $g $h $i $j $k $l $m $n $o $p] { if {$v eq ""} continue; set v }] ","] ",\n"
	}
	append out "};\nconst size_t ${name}_table_bytes = sizeof(${name}_table_image);\n"
	return $out
}

# Which operands of a native op are in the file LETTER, as an initializer.
proc tables::operands_in {letter name record} {
	lassign [split [dict get $record files] ""] rd rs1 rs2
	set bits [expr {($rd eq $letter) | ($rs1 eq $letter) << 1 | ($rs2 eq $letter) << 2}]
	return [expr {$bits ? " \\\n\t\[NATIVE_$name\] = $bits," : ""}]
}

proc tables::native_header {} {
	set out "/* Generated from models/convert/native.tcl: the opcodes of the native ISA. */\n#ifndef NATIVE_OPS_H\n#define NATIVE_OPS_H\n"
	append out "#define NATIVE_OPS(X)"
	foreach n [dict keys $describe::natives] { append out " \\\n\tX($n)" }
	append out "\nenum native_op {\n"
	foreach n [dict keys $describe::natives] { append out "\tNATIVE_$n,\n" }
	append out "\tNATIVE_COUNT\n};\n\n/* Operands in the floating-point file: bit 0 rd, 1 rs1, 2 rs2. */\n#define NATIVE_FLOAT_OPERANDS"
	dict for {n d} $describe::natives {
		append out [operands_in f $n $d]
	}
	append out "\n\n/* Operands of which number 31 is the stack pointer under ISA select. */\n#define NATIVE_STACK_OPERANDS"
	dict for {n d} $describe::natives { append out [operands_in s $n $d] }
	append out "\n\n/* Operands that are numbers, not registers. */\n#define NATIVE_NUMBER_OPERANDS"
	dict for {n d} $describe::natives { append out [operands_in n $n $d] }
	append out "\n\n#endif\n"
	return $out
}

proc main {argv} {
	if {[llength $argv] != 2} { puts stderr "usage: tables.tcl DESCRIPTION.tcl OUTPUT_DIRECTORY"; exit 2 }
	lassign $argv description out
	uplevel #0 [list source $description]
	describe::check
	set name [lindex $describe::isa 0]
	file mkdir $out
	set image [tables::image]
	tables::write [file join $out $name.tbl] $image
	tables::write [file join $out ${name}_tables.c] [tables::c_array $name $image]
	tables::write [file join $out native_ops.h] [tables::native_header]
}
if {[catch {main $argv} message]} { puts stderr "tables.tcl: $message"; exit 1 }
