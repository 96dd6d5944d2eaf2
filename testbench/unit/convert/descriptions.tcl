# The table compiler refuses bad descriptions and names the row. Usage: tclsh8.6 descriptions.tcl

set compiler [file join [file dirname [info script]] ../../../models/convert/tables.tcl]
set head {isa x 9 "test"
space wide 4 {..............................11} {14:12 6:2}
space narrow 2 {................} {15:13 1:0}
field rd reg {11:7}
field rs1 reg {19:15}
field imm sint {31:20}
}
# name, description after the head, what the message must contain
set cases {
	same-rows {
		insn one {............ ..... 000 ..... 0010011} {} {{ADDI rd=rd rs1=rs1 imm=imm}}
		insn two {............ ..... 000 ..... 0010011} {} {{ADDI rd=rd rs1=rs1 imm=imm}}
	} {rows one and two match the same instructions}
	overlap {
		insn one {............ 00000 000 ..... 0010011} {} {{ADDI rd=rd imm=imm}}
		insn two {............ ..... 000 00000 0010011} {} {{ADDI rs1=rs1 imm=imm}}
	} {rows one and two overlap}
	unreachable {
		insn all {............ ..... 000 0.... 0010011} {} {{ADDI rd=rd rs1=rs1 imm=imm}}
		insn low {............ ..... 000 00... 0010011} {} {{ADDI rd=rd rs1=rs1 imm=imm}}
		insn high {............ ..... 000 01... 0010011} {} {{ADDI rd=rd rs1=rs1 imm=imm}}
	} {row all can never match}
	same-name {
		insn one {............ 00000 000 ..... 0010011} {} {{ADDI rd=rd imm=imm}}
		insn one {............ ..... 000 00000 0010011} {} {{ADDI rs1=rs1 imm=imm}}
	} {rows one (........ ....0000 0000.... .0010011) and one (........ ........ .0000000 00010011) overlap}
	unused-bits {
		insn one {............ ..... 000 ..... 0010011} {} {{ADDI rd=rd rs1=rs1}}
	} {one: operand bits 0xfff00000 are used by no native op}
	range { field bad uint {32:20} } {range 32:20 is outside 31:0}
	reversed { field bad uint {3:5} } {range 3:5}
	native { insn one {............ ..... 000 ..... 0010011} {} {{NOSUCH rd=rd}} } {one: no native op NOSUCH}
	operand { insn one {............ ..... 000 ..... 0010011} {} {{ADDI rd=rq}} } {one: rd=rq is neither}
	kind { field bad xyz {4:0} } {field bad: kind xyz}
	part { insn one {............ ..... 000 ..... 0010011} {} {{ADDI rd=rd rs1=rs1 imm+x=imm}} } {one: operand imm+x}
	register { insn one {............ ..... 000 ..... 0010011} {} {{ADDI rd=rd rs1=stack imm=imm}} } {one: rs1=stack is neither}
	template {
		insn one {............ ..... 000 ..... 0010011} {} {{NOP} {NOP} {NOP} {NOP} {NOP}}
	} {one: 1 to 4 native ops}
	pattern { insn one {...... 000 ..... 0010011} {} {{NOP}} } {fits no space}
	outside { insn one {001 ........... 01} {} {{ADDI imm=imm}} } {one: a field lies outside the instruction}
	text { insn one {............ ..... 000 ..... 0010011} {{nofield}} {{ADDI rd=rd rs1=rs1 imm=imm}} } {one: operand text names no field nofield}
}

set directory [file join [expr {[info exists env(ASSAY_BUILD)] ? $env(ASSAY_BUILD) : "build"}] test descriptions]
file mkdir $directory
set failed 0
foreach {name text expected} $cases {
	set path [file join $directory $name.tcl]
	set f [open $path w]
	puts $f $head$text
	close $f
	if {![catch {exec [info nameofexecutable] $compiler $path $directory/out} message]} {
		puts "FAIL $name: accepted"
		incr failed
	} elseif {[string first $expected $message] < 0} {
		puts "FAIL $name: says \"$message\", not \"$expected\""
		incr failed
	}
}
puts "[expr {[llength $cases] / 3}] bad descriptions, $failed failed"
exit [expr {$failed > 0}]
