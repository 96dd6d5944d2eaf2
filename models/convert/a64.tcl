# AArch64 (A64), the integer subset that applications are made of, with CRC32: the one description of this guest ISA. The converter's tables,
# the disassembler and the reference page come from here. The language is defined in models/convert/describe.tcl; patterns are written
# from bit 31 down to bit 0. Document: Arm Architecture Reference Manual for A-profile, DDI 0487, C4 (encodings) and C6.
#
# Registers: under ISA select the native register 31 reads as zero and 0 is X0; where a native op's operand is a stack-pointer operand (native.tcl),
# 31 is SP. So register fields need no special cases here.

isa a64 2 "AArch64: A64 base integer instructions with CRC32"
space word 4 {................................} {31:24}

register zr 31
register lr 30
register sp 36
register nzcv 37
register tpidr 38

foreach r {x w} {
	field ${r}d ${r}reg {4:0}
	field ${r}n ${r}reg {9:5}
	field ${r}m ${r}reg {20:16}
	field ${r}a ${r}reg {14:10}
	field ${r}t ${r}reg {4:0}
	field ${r}dsp ${r}sp {4:0}
	field ${r}nsp ${r}sp {9:5}
}
field ws wreg {20:16}
field xt2 xreg {14:10}
field wt2 wreg {14:10}
field imm12 uint {21:10}
field imm12h uint {21:10} 12
field imm16 uint {20:5}
field imm9 sint {20:12}
field imm6 uint {15:10}
field imm5 uint {14:10}
field ccimm uint {20:16}
field imm3 uint {12:10}
field option extend {15:13}
field cond cond {15:12}
field bcond cond {3:0}
field flags uint {3:0}
field immr uint {21:16}
field imms uint {15:10}
field mask mask {22:10}
field wmask wmask {22:10}
field adr rel {23:5 30:29}
field page page {23:5 30:29}
field b26 rel {25:0} 2
field b19 rel {23:5} 2
field b14 rel {18:5} 2
field bit uint {31 23:19}
field bit5 uint {23:19}
foreach shift {0 1 2 3} { field offset$shift uint {21:10} $shift }
foreach shift {2 3} { field pair$shift sint {21:15} $shift }

# Adds a row for each width: in the name and operands %r becomes x or w, in ops %Z becomes "" or Z (results of 32 bits); %w is 0 or 1.
proc both {name pattern operands ops} {
	foreach {sf r Z w} {1 x "" 0 0 w Z 1} {
		set map [list %s $sf %r $r %Z $Z %w $w]
		insn $name [string map $map $pattern] [string map $map $operands] [lmap op $ops { string map $map $op }]
	}
}

# --- immediates --------------------------------------------------------------------------------------------------
foreach {name op native d} {add 00 ADDI dsp adds 01 ADDSI d sub 10 SUBI dsp subs 11 SUBSI d} {
	both $name "%s$op 100010 0 ............ ..... ....." "{%r$d}, {%rnsp}, #{imm12}" [list "$native%Z rd=%r$d rs1=%rnsp imm=imm12"]
	both $name "%s$op 100010 1 ............ ..... ....." "{%r$d}, {%rnsp}, #{imm12}, lsl #12" [list "$native%Z rd=%r$d rs1=%rnsp imm=imm12h"]
}
foreach {name opc native d} {and 00 ANDM dsp orr 01 ORM dsp eor 10 XORM dsp ands 11 ANDMS d} {
	insn $name "1$opc 100100 . ...... ...... ..... ....." "{x$d}, {xn}, #{mask}" [list "$native rd=x$d rs1=xn imm+0=mask"]
	insn $name "0$opc 100100 0 ...... ...... ..... ....." "{w$d}, {wn}, #{wmask}" [list "$native rd=w$d rs1=wn imm=8192 imm+0=wmask"]
	reserved $name.ones "1$opc 100100 1 ...... 111111 ..... ....."
	foreach ones {011111 101111 110111 111011 111101 11111.} {
		foreach sf {0 1} { reserved $name.ones "$sf$opc 100100 0 ...... $ones ..... ....." }
	}
}
foreach {r sf hws} {x 1 {00 01 10 11} w 0 {00 01}} {
	foreach hw $hws {
		scan $hw %b half
		set shift [expr {16 * $half}]
		set text "{${r}d}, #{imm16}[expr {$half ? ", lsl #$shift" : ""}]"
		set place [expr {$half ? [list "SLLI rd=t0 rs1=t0 imm=$shift"] : {}}]
		insn movz "${sf}10 100101 $hw ................ ....." $text [expr {$half
			? [list {LI rd=t0 imm=imm16} "SLLI rd=${r}d rs1=t0 imm=$shift"] : [list "LI rd=${r}d imm=imm16"]}]
		set invert [expr {$sf ? [list "XORI rd=xd rs1=t0 imm=-1"] : [list {XORI rd=t0 rs1=t0 imm=-1} {SLLIUW rd=wd rs1=t0}]}]
		insn movn "${sf}00 100101 $hw ................ ....." $text [concat {{LI rd=t0 imm=imm16}} $place $invert]
		set width [expr {$sf ? 64 : 32}]
		set field [expr {($width - $shift) % $width | 15 << 6 | !$sf << 12}]
		insn movk "${sf}11 100101 $hw ................ ....." $text [list {LI rd=t0 imm=imm16} "BFM rd=${r}d rs1=t0 rs2=${r}d imm=$field"]
	}
}
insn adr  {0 .. 10000 ................... .....} {{xd}, {adr}} {{ADDPC rd=xd imm=adr}}
insn adrp {1 .. 10000 ................... .....} {{xd}, {page}} {{ADRP rd=xd imm=page}}

foreach {name opc native old} {sbfm 00 SBFM "" bfm 01 BFM "rs2=%rd" ubfm 10 UBFM ""} {
	foreach {sf r bits word} {1 x ...... 0 0 w 0..... 4096} {
		insn $name "$sf$opc 100110 $sf $bits $bits ..... ....." "{${r}d}, {${r}n}, #{immr}, #{imms}" \
			[list "$native rd=${r}d rs1=${r}n [string map [list %r $r] $old] imm=$word imm+0=immr imm+6=imms"]
	}
}
# Frequent cases (lsr, asr, sxtw, sxth, sxtb, uxth, uxtb) in one plain op; like all aliases they are disassembled as what they are cases of.
insn ubfm {110 100110 1 ...... 111111 ..... .....} {{xd}, {xn}, #{immr}, #63} {{SRLI rd=xd rs1=xn imm=immr}}
insn sbfm {100 100110 1 ...... 111111 ..... .....} {{xd}, {xn}, #{immr}, #63} {{SRAI rd=xd rs1=xn imm=immr}}
insn sbfm {100 100110 1 000000 011111 ..... .....} {{xd}, {xn}, #0, #31} {{ADDIW rd=xd rs1=xn}}
insn sbfm {100 100110 1 000000 001111 ..... .....} {{xd}, {xn}, #0, #15} {{SEXTH rd=xd rs1=xn}}
insn sbfm {100 100110 1 000000 000111 ..... .....} {{xd}, {xn}, #0, #7} {{SEXTB rd=xd rs1=xn}}
insn ubfm {010 100110 0 000000 001111 ..... .....} {{wd}, {wn}, #0, #15} {{ZEXTH rd=wd rs1=wn}}
insn ubfm {010 100110 0 000000 000111 ..... .....} {{wd}, {wn}, #0, #7} {{ANDI rd=wd rs1=wn imm=255}}

insn extr {100 100111 10 ..... ...... ..... .....} {{xd}, {xn}, {xm}, #{imms}} {{EXTR rd=xd rs1=xn rs2=xm imm+0=imms}}
insn extr {000 100111 00 ..... 0..... ..... .....} {{wd}, {wn}, {wm}, #{imms}} {{EXTR rd=wd rs1=wn rs2=wm imm=64 imm+0=imms}}

# --- registers -----------------------------------------------------------------------------------------------------

# A row without and one for each kind of shift; OPS use %m for the second operand.
proc shifted {name sf head middle natives kinds} {
	set r [expr {$sf ? "x" : "w"}]
	set text "{${r}d}, {${r}n}, {${r}m}"
	insn $name "$sf$head 00 $middle ..... 000000 ..... ....." $text [lmap op $natives { string map [list %m ${r}m %r $r] $op }]
	foreach kind $kinds {
		lassign [dict get {
			lsl {00 {SLLI rd=t0 rs1=xm imm=imm6} {SLLI rd=t0 rs1=wm imm=imm5}}
			lsr {01 {SRLI rd=t0 rs1=xm imm=imm6} {UBFM rd=t0 rs1=wm imm=6080 imm+0=imm5}}
			asr {10 {SRAI rd=t0 rs1=xm imm=imm6} {SBFM rd=t0 rs1=wm imm=6080 imm+0=imm5}}
			ror {11 {RORI rd=t0 rs1=xm imm=imm6} {EXTR rd=t0 rs1=wm rs2=wm imm=64 imm+0=imm5}}
		} $kind] bits wide narrow
		insn $name "$sf$head $bits $middle ..... [expr {$sf ? "......" : "0....."}] ..... ....." "$text, $kind #{imm6}" \
			[concat [list [expr {$sf ? $wide : $narrow}]] [lmap op $natives { string map [list %m t0 %r $r] $op }]]
	}
}
foreach {sf Z} {1 "" 0 Z} {
	foreach {name op native} {add 00 ADD adds 01 ADDS sub 10 SUB subs 11 SUBS} {
		shifted $name $sf "$op 01011" 0 [list "$native$Z rd=%rd rs1=%rn rs2=%m"] {lsl lsr asr}
	}
	foreach {name opc n native} {and 00 0 AND bic 00 1 ANDN orr 01 0 OR orn 01 1 ORN eor 10 0 XOR eon 10 1 XNOR ands 11 0 ANDS} {
		shifted $name $sf "$opc 01010" $n [list "$native$Z rd=%rd rs1=%rn rs2=%m"] {lsl lsr asr ror}
	}
	shifted bics $sf "11 01010" 1 [list "ANDN rd=t1 rs1=%rn rs2=%m" "ANDS$Z rd=%rd rs1=t1 rs2=t1"] {lsl lsr asr ror}
}
# Extended operand; shifts above 4 are reserved.
foreach {name op native d bits} {add 00 ADDX dsp 0 adds 01 ADDXS d 0 sub 10 ADDX dsp 128 subs 11 ADDXS d 128} {
	foreach {sf r} {1 x 0 w} {
		set constant [expr {$bits + 64 * !$sf}]
		foreach amount {0.. 100} {
			foreach {option m} {... wm .11 xm} {
				insn $name "$sf$op 01011 001 ..... $option $amount ..... ....." "{${r}$d}, {${r}nsp}, {[expr {$sf ? $m : "wm"}]}, {option} #{imm3}" \
					[list "$native rd=${r}$d rs1=${r}nsp rs2=$m imm=$constant imm+0=option imm+3=imm3"]
			}
		}
	}
}
foreach {name op bits} {adc 00 0 adcs 01 2 sbc 10 4 sbcs 11 6} {
	insn $name "1$op 11010000 ..... 000000 ..... ....." {{xd}, {xn}, {xm}} [list "ADC rd=xd rs1=xn rs2=xm imm=$bits"]
	insn $name "0$op 11010000 ..... 000000 ..... ....." {{wd}, {wn}, {wm}} [list "ADC rd=wd rs1=wn rs2=wm imm=[expr {$bits | 1}]"]
}
foreach {name op op2 bits} {csel 0 00 0 csinc 0 01 16 csinv 1 00 32 csneg 1 01 48} {
	foreach {sf r word} {1 x 0 0 w 64} {
		insn $name "$sf${op}0 11010100 ..... .... $op2 ..... ....." "{${r}d}, {${r}n}, {${r}m}, {cond}" \
			[list "CSEL rd=${r}d rs1=${r}n rs2=${r}m imm=[expr {$bits | $word}] imm+0=cond"]
	}
}
foreach {name op bits} {ccmn 0 0 ccmp 1 512} {
	foreach {sf r word} {1 x 0 0 w 256} {
		insn $name "$sf${op}1 11010010 ..... .... 00 ..... 0...." "{${r}n}, {${r}m}, #{flags}, {cond}" \
			[list "CCMP rs1=${r}n rs2=${r}m imm=[expr {$bits | $word}] imm+0=flags imm+4=cond"]
		insn $name "$sf${op}1 11010010 ..... .... 10 ..... 0...." "{${r}n}, #{ccimm}, #{flags}, {cond}" \
			[list "CCMPI rs1=${r}n rs2=ccimm imm=[expr {$bits | $word}] imm+0=flags imm+4=cond"]
	}
}
both udiv "%s00 11010110 ..... 000010 ..... ....." "{%rd}, {%rn}, {%rm}" {{DIVUA rd=%rd rs1=%rn rs2=%rm imm=%w}}
both sdiv "%s00 11010110 ..... 000011 ..... ....." "{%rd}, {%rn}, {%rm}" {{DIVA rd=%rd rs1=%rn rs2=%rm imm=%w}}
foreach {name opcode native} {lslv 001000 SLL lsrv 001001 SRL asrv 001010 SRA rorv 001011 ROR} {
	both $name "%s00 11010110 ..... $opcode ..... ....." "{%rd}, {%rn}, {%rm}" [list "$native%Z rd=%rd rs1=%rn rs2=%rm"]
}
foreach {size sf m} {b 0 w h 0 w w 0 w x 1 x} {
	set code [lsearch {b h w x} $size]
	foreach {name c bits} {crc32 0 0 crc32c 1 4} {
		insn $name$size "${sf}00 11010110 ..... 010$c[format %02b $code] ..... ....." "{wd}, {wn}, {${m}m}" \
			[list "CRC32 rd=wd rs1=wn rs2=${m}m imm=[expr {$bits | $code}]"]
	}
}
foreach {name opcode ops} {
	rbit  000000 {{RBIT rd=xd rs1=xn}}
	rev16 000001 {{REV16 rd=xd rs1=xn}}
	rev32 000010 {{REV8 rd=t0 rs1=xn} {RORI rd=xd rs1=t0 imm=32}}
	rev   000011 {{REV8 rd=xd rs1=xn}}
	clz   000100 {{CLZ rd=xd rs1=xn}}
	cls   000101 {{CLS rd=xd rs1=xn}}
} {
	insn $name "110 11010110 00000 $opcode ..... ....." {{xd}, {xn}} $ops
}
foreach {name opcode ops} {
	rbit  000000 {{RBIT rd=t0 rs1=wn} {SRLI rd=wd rs1=t0 imm=32}}
	rev16 000001 {{REV16 rd=t0 rs1=wn} {SLLIUW rd=wd rs1=t0}}
	rev   000010 {{REV8 rd=t0 rs1=wn} {SRLI rd=wd rs1=t0 imm=32}}
	clz   000100 {{CLZW rd=wd rs1=wn}}
	cls   000101 {{CLS rd=wd rs1=wn imm=1}}
} {
	insn $name "010 11010110 00000 $opcode ..... ....." {{wd}, {wn}} $ops
}
both madd "%s00 11011 000 ..... 0 ..... ..... ....." "{%rd}, {%rn}, {%rm}, {%ra}" {{MUL rd=t0 rs1=%rn rs2=%rm} {ADD%Z rd=%rd rs1=%ra rs2=t0}}
both msub "%s00 11011 000 ..... 1 ..... ..... ....." "{%rd}, {%rn}, {%rm}, {%ra}" {{MUL rd=t0 rs1=%rn rs2=%rm} {SUB%Z rd=%rd rs1=%ra rs2=t0}}
insn madd {100 11011 000 ..... 0 11111 ..... .....} {{xd}, {xn}, {xm}, xzr} {{MUL rd=xd rs1=xn rs2=xm}}
foreach {name op31 o0 extend native} {smaddl 001 0 ADDIW ADD smsubl 001 1 ADDIW SUB umaddl 101 0 SLLIUW ADD umsubl 101 1 SLLIUW SUB} {
	insn $name "100 11011 $op31 ..... $o0 ..... ..... ....." {{xd}, {wn}, {wm}, {xa}} \
		[list "$extend rd=t0 rs1=wn" "$extend rd=t1 rs1=wm" "MUL rd=t0 rs1=t0 rs2=t1" "$native rd=xd rs1=xa rs2=t0"]
}
insn smulh {100 11011 010 ..... 0 @@@@@ ..... .....} {{xd}, {xn}, {xm}} {{MULH rd=xd rs1=xn rs2=xm}}
insn umulh {100 11011 110 ..... 0 @@@@@ ..... .....} {{xd}, {xn}, {xm}} {{MULHU rd=xd rs1=xn rs2=xm}}

# --- control transfer ------------------------------------------------------------------------------------------------
insn b  {000101 ..........................} {{b26}} {{J rd=zr imm=b26}}
insn bl {100101 ..........................} {{b26}} {{J rd=lr imm=b26}}
insn b. {01010100 ................... 0 ....} {{bcond} {b19}} {{BCOND rs2=bcond imm=b19}}
foreach {name op native} {cbz 0 BEQ cbnz 1 BNE} {
	insn $name "1 011010 $op ................... ....." {{xt}, {b19}} [list "$native rs1=xt rs2=zr imm=b19"]
	insn $name "0 011010 $op ................... ....." {{wt}, {b19}} [list {SLLIUW rd=t0 rs1=wt} "$native rs1=t0 rs2=zr imm=b19"]
}
foreach {name op native} {tbz 0 BEQ tbnz 1 BNE} {
	foreach {b5 r} {1 x 0 w} {
		insn $name "$b5 011011 $op ..... .............. ....." "{${r}t}, #{bit}, {b14}" \
			[list "UBFM rd=t0 rs1=${r}t imm=[expr {$b5 << 5 | $b5 << 11}] imm+0=bit5 imm+6=bit5" "$native rs1=t0 rs2=zr imm=b14"]
	}
}
foreach {name opc link} {br 0000 zr blr 0001 lr ret 0010 zr} {
	insn $name "1101011 $opc 11111 000000 ..... 00000" {{xn}} [list "JRX rd=$link rs1=xn"]
}

# --- system ------------------------------------------------------------------------------------------------------------
insn svc {11010100 000 @@@@@@@@@@@@@@@@ 000 01} {#{imm16}} {{ECALL}}
insn brk {11010100 001 @@@@@@@@@@@@@@@@ 000 00} {#{imm16}} {{EBREAK}}
insn hint {1101010100 0 00 011 0010 @@@@ @@@ 11111} {} {{NOP}}
insn nop  {1101010100 0 00 011 0010 0000 000 11111} {} {{NOP}}
insn clrex {1101010100 0 00 011 0011 @@@@ 010 11111} {} {{CLREX}}
foreach {name op2} {dsb 100 dmb 101} { insn $name "1101010100 0 00 011 0011 @@@@ $op2 11111" {} {{FENCE}} }
insn isb {1101010100 0 00 011 0011 @@@@ 110 11111} {} {{FENCEI}}
insn mrs {1101010100 1 11 011 1101 0000 010 .....} {{xt}, tpidr_el0} {{ADD rd=xt rs1=tpidr rs2=zr}}
insn msr {1101010100 0 11 011 1101 0000 010 .....} {tpidr_el0, {xt}} {{ADD rd=tpidr rs1=xt rs2=zr}}
insn mrs {1101010100 1 11 011 0100 0010 000 .....} {{xt}, nzcv} {{ADD rd=xt rs1=nzcv rs2=zr}}
insn msr {1101010100 0 11 011 0100 0010 000 .....} {nzcv, {xt}} {{UBFM rd=t0 rs1=xt imm=2012} {SLLI rd=nzcv rs1=t0 imm=28}}
# Lines of 64 bytes, caches coherent with each other; no DC ZVA.
insn mrs {1101010100 1 11 011 0000 0000 001 .....} {{xt}, ctr_el0} {{LI rd=xt imm=0x3004c004}}
insn mrs {1101010100 1 11 011 0000 0000 111 .....} {{xt}, dczid_el0} {{LI rd=xt imm=0x10}}
foreach {name crm} {{dc cvac} 1010 {dc cvau} 1011 {dc civac} 1110 {ic ivau} 0101} {
	insn [lindex $name 0] "1101010100 0 01 011 0111 $crm 001 @@@@@" "[lindex $name 1], {xt}" {{FENCEI}}
}

# --- loads and stores ----------------------------------------------------------------------------------------------------
# name, size, opc, register, native op, its aux; aux of the forms that write the base (size code, + 8 cut to 32 bits)
foreach {name size opc r native aux code} {
	strb  00 00 w SB - 0   ldrb 00 01 w LBU - 4   ldrsb 00 10 x LB - 0   ldrsb 00 11 w LDX 8 8
	strh  01 00 w SH - 1   ldrh 01 01 w LHU - 5   ldrsh 01 10 x LH - 1   ldrsh 01 11 w LDX 9 9
	str   10 00 w SW - 2   ldr  10 01 w LWU - 6   ldrsw 10 10 x LW - 2
	str   11 00 x SD - 3   ldr  11 01 x LD - 3
} {
	scan $size %b shift
	set stores [expr {$opc eq "00"}]
	set op "$native [expr {$stores ? "rs2" : "rd"}]=${r}t[expr {$aux eq "-" ? "" : " aux=$aux"}]"
	set update [expr {$stores ? "ST%s rs2=${r}t rs1=xnsp aux=$code imm=imm9" : "LD%s rd=${r}t rs1=xnsp aux=$code imm=imm9"}]
	set stem [string range $name 0 1]
	set rest [string range $name 2 end]
	insn $name "$size 111 001 $opc ............ ..... ....." "{${r}t}, \[{xnsp}, #{offset$shift}\]" [list "$op rs1=xnsp imm=offset$shift"]
	insn ${stem}u$rest "$size 111 000 $opc 0 ......... 00 ..... ....." "{${r}t}, \[{xnsp}, #{imm9}\]" [list "$op rs1=xnsp imm=imm9"]
	insn ${stem}t$rest "$size 111 000 $opc 0 ......... 10 ..... ....." "{${r}t}, \[{xnsp}, #{imm9}\]" [list "$op rs1=xnsp imm=imm9"]
	insn $name "$size 111 000 $opc 0 ......... 01 ..... ....." "{${r}t}, \[{xnsp}\], #{imm9}" [list [format $update POST]]
	insn $name "$size 111 000 $opc 0 ......... 11 ..... ....." "{${r}t}, \[{xnsp}, #{imm9}\]!" [list [format $update PRE]]
	foreach s {0 1} {
		foreach {option m} {.10 wm .11 xm} {
			insn $name "$size 111 000 $opc 1 ..... $option $s 10 ..... ....." \
				"{${r}t}, \[{xnsp}, {$m}, {option}[expr {$s ? " #$shift" : ""}]\]" \
				[list "ADDX rd=t0 rs1=xnsp rs2=xm imm=[expr {$s ? $shift << 3 : 0}] imm+0=option" "$op rs1=t0"]
		}
	}
}
foreach {name opc r native} {ldr 00 w LWU ldr 01 x LD ldrsw 10 x LW} {
	insn $name "$opc 011 000 ................... ....." "{${r}t}, {b19}" [list {ADDPC rd=t0 imm=b19} "$native rd=${r}t rs1=t0"]
}
# Prefetches do nothing.
insn prfm {11 011 000 @@@@@@@@@@@@@@@@@@@ @@@@@} {{b19}} {{NOP}}
insn prfm {11 111 001 10 @@@@@@@@@@@@ @@@@@ @@@@@} {\[{xnsp}, #{offset3}\]} {{NOP}}
insn prfum {11 111 000 10 0 @@@@@@@@@ 00 @@@@@ @@@@@} {\[{xnsp}, #{imm9}\]} {{NOP}}
insn prfm {11 111 000 10 1 @@@@@ @1@ @ 10 @@@@@ @@@@@} {\[{xnsp}, {xm}\]} {{NOP}}

foreach {name opc l native r shift kind} {stp 00 0 STP w 2 0 ldp 00 1 LDP w 2 0 ldpsw 01 1 LDP x 2 1 stp 10 0 STP x 3 2 ldp 10 1 LDP x 3 2} {
	foreach {index mode left right} {010 0 "" "\]" 011 1 "" "\]!" 001 2 "\]" ""} {
		insn $name "$opc 101 0 $index $l ....... ..... ..... ....." "{${r}t}, {${r}t2}, \[{xnsp}$left, #{pair$shift}$right" \
			[list "$native rd=${r}t rs2=${r}t2 rs1=xnsp imm=pair$shift aux=[expr {$kind | $mode << 2}]"]
	}
	if {$opc ne "01"} {
		insn [string map {tp tnp dp dnp} $name] "$opc 101 0 000 $l ....... ..... ..... ....." "{${r}t}, {${r}t2}, \[{xnsp}, #{pair$shift}\]" \
			[list "$native rd=${r}t rs2=${r}t2 rs1=xnsp imm=pair$shift aux=$kind"]
	}
}

# Exclusive and ordered accesses: the executor is sequentially consistent.
foreach {size suffix r} {00 b w 01 h w 10 "" w 11 "" x} {
	scan $size %b code
	foreach {name o0} {xr 0 lxr 1} {
		insn st$name$suffix "$size 001000 000 ..... $o0 @@@@@ ..... ....." "{ws}, {${r}t}, \[{xnsp}\]" [list "SC rd=ws rs2=${r}t rs1=xnsp aux=$code"]
	}
	foreach {name o0} {xr 0 axr 1} {
		insn ld$name$suffix "$size 001000 010 @@@@@ $o0 @@@@@ ..... ....." "{${r}t}, \[{xnsp}\]" [list "LR rd=${r}t rs1=xnsp aux=[expr {$code | 4}]"]
	}
	insn stlr$suffix "$size 001000 100 @@@@@ 1 @@@@@ ..... ....." "{${r}t}, \[{xnsp}\]" [list "[lindex {SB SH SW SD} $code] rs2=${r}t rs1=xnsp"]
	insn ldar$suffix "$size 001000 110 @@@@@ 1 @@@@@ ..... ....." "{${r}t}, \[{xnsp}\]" [list "[lindex {LBU LHU LWU LD} $code] rd=${r}t rs1=xnsp"]
}
