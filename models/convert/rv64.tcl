# RV64GC, Zba, Zbb, Zbs, Zicbom, Zicboz, Svinval, privileged and hypervisor instructions: the one description of this guest ISA.
# The converter's tables, the disassembler and the reference page all come from here; nothing else decodes RISC-V.
# The language is defined in models/convert/describe.tcl. Patterns are written from bit 31 (15) down to bit 0.

isa rv64 1 "RISC-V RV64GC_Zba_Zbb_Zbs_Zicbom_Zicboz with S, H and Svinval"

# The bits that index the first-level table. The first space whose pattern matches takes the instruction.
space wide   4 {..............................11} {14:12 6:2}
space narrow 2 {................} {15:13 1:0}

# --- fields: kind, bits from the most significant one down, shift to the left, constant added ------------------
field rd    reg  {11:7}
field rs1   reg  {19:15}
field rs2   reg  {24:20}
field immi  sint {31:20}
field imms  sint {31:25 11:7}
field immb  rel  {31 7 30:25 11:8} 1
field immu  sint {31:12} 12
field immj  rel  {31 19:12 20 30:21} 1
field sh6   uint {25:20}
field sh5   uint {24:20}
field csr   csr  {31:20}
field zimm  uint {19:15}
field frd   freg {11:7}
field frs1  freg {19:15}
field frs2  freg {24:20}
field frs3  freg {31:27}
field rm    rm   {14:12}

field rdc   reg  {11:7}
field rs2c  reg  {6:2}
field rdp   reg  {4:2} 0 8
field rs1p  reg  {9:7} 0 8
field frdc  freg {11:7}
field frs2c freg {6:2}
field frdp  freg {4:2} 0 8
field ci    sint {12 6:2}
field clui  sint {12 6:2} 12
field csh   uint {12 6:2}
field c16sp sint {12 4:3 5 2 6} 4
field c4spn uint {10:7 12:11 5 6} 2
field clw   uint {5 12:10 6} 2
field cld   uint {6:5 12:10} 3
field clwsp uint {3:2 12 6:4} 2
field cldsp uint {4:2 12 6:5} 3
field cswsp uint {8:7 12:9} 2
field csdsp uint {9:7 12:10} 3
field cj    rel  {12 8 10:9 6 7 2 11 5:3} 1
field cb    rel  {12 6:5 2 11:10 4:3} 1

# --- integer computation -----------------------------------------------------------------------------------
foreach {name f7 f3 opcode} {
	add 0000000 000 0110011  sub 0100000 000 0110011  sll  0000000 001 0110011  slt  0000000 010 0110011
	sltu 0000000 011 0110011 xor 0000000 100 0110011  srl  0000000 101 0110011  sra  0100000 101 0110011
	or  0000000 110 0110011  and 0000000 111 0110011
	addw 0000000 000 0111011 subw 0100000 000 0111011 sllw 0000000 001 0111011
	srlw 0000000 101 0111011 sraw 0100000 101 0111011
	mul 0000001 000 0110011  mulh 0000001 001 0110011 mulhu 0000001 011 0110011 mulw 0000001 000 0111011
	div 0000001 100 0110011  divu 0000001 101 0110011 rem   0000001 110 0110011 remu 0000001 111 0110011
	divw 0000001 100 0111011 divuw 0000001 101 0111011 remw 0000001 110 0111011 remuw 0000001 111 0111011
} {
	insn $name "$f7 ..... ..... $f3 ..... $opcode" {{rd}, {rs1}, {rs2}} [list "[string toupper $name] rd=rd rs1=rs1 rs2=rs2"]
}

# The signed-unsigned product has no native op: high(u * u) less the second operand where the first is negative.
insn mulhsu {0000001 ..... ..... 010 ..... 0110011} {{rd}, {rs1}, {rs2}} {
	{MULHU rd=t0 rs1=rs1 rs2=rs2}
	{SRAI rd=t1 rs1=rs1 imm=63}
	{AND rd=t1 rs1=t1 rs2=rs2}
	{SUB rd=rd rs1=t0 rs2=t1}
}

foreach {name f3} {addi 000 slti 010 sltiu 011 xori 100 ori 110 andi 111} {
	insn $name "............ ..... $f3 ..... 0010011" {{rd}, {rs1}, {immi}} [list "[string toupper $name] rd=rd rs1=rs1 imm=immi"]
}
foreach {name f6 f3} {slli 000000 001 srli 000000 101 srai 010000 101} {
	insn $name "$f6 ...... ..... $f3 ..... 0010011" {{rd}, {rs1}, {sh6}} [list "[string toupper $name] rd=rd rs1=rs1 imm=sh6"]
}
insn addiw {............ ..... 000 ..... 0011011} {{rd}, {rs1}, {immi}} {{ADDIW rd=rd rs1=rs1 imm=immi}}
foreach {name f7 f3} {slliw 0000000 001 srliw 0000000 101 sraiw 0100000 101} {
	insn $name "$f7 ..... ..... $f3 ..... 0011011" {{rd}, {rs1}, {sh5}} [list "[string toupper $name] rd=rd rs1=rs1 imm=sh5"]
}
insn lui   {.................... ..... 0110111} {{rd}, {immu}} {{LI rd=rd imm=immu}}
insn auipc {.................... ..... 0010111} {{rd}, {immu}} {{ADDPC rd=rd imm=immu}}

# --- control transfer --------------------------------------------------------------------------------------
insn jal  {.................... ..... 1101111} {{rd}, {immj}} {{J rd=rd imm=immj}}
insn jalr {............ ..... 000 ..... 1100111} {{rd}, {immi}({rs1})} {{JR rd=rd rs1=rs1 imm=immi}}
foreach {name f3} {beq 000 bne 001 blt 100 bge 101 bltu 110 bgeu 111} {
	insn $name "....... ..... ..... $f3 ..... 1100011" {{rs1}, {rs2}, {immb}} [list "[string toupper $name] rs1=rs1 rs2=rs2 imm=immb"]
}

# --- loads and stores; `info` is the transformed instruction that mtinst and htinst report (priv. 8.6.3) ------
foreach {name f3} {lb 000 lh 001 lw 010 ld 011 lbu 100 lhu 101 lwu 110} {
	insn $name "............ ..... $f3 ..... 0000011" {{rd}, {immi}({rs1})} \
		[list "[string toupper $name] rd=rd rs1=rs1 imm=immi"] "00000000000000000${f3}000000000011 rd@7"
}
foreach {name f3} {sb 000 sh 001 sw 010 sd 011} {
	insn $name "....... ..... ..... $f3 ..... 0100011" {{rs2}, {imms}({rs1})} \
		[list "[string toupper $name] rs1=rs1 rs2=rs2 imm=imms"] "00000000000000000${f3}000000100011 rs2@20"
}

# --- bit manipulation (Zba, Zbb, Zbs 1.0.0) --------------------------------------------------------------------
foreach {n f3} {1 010 2 100 3 110} {
	insn sh${n}add    "0010000 ..... ..... $f3 ..... 0110011" {{rd}, {rs1}, {rs2}} [list "SHADD rd=rd rs1=rs1 rs2=rs2 imm=$n"]
	insn sh${n}add.uw "0010000 ..... ..... $f3 ..... 0111011" {{rd}, {rs1}, {rs2}} [list "SHADDUW rd=rd rs1=rs1 rs2=rs2 imm=$n"]
}
insn add.uw  {0000100 ..... ..... 000 ..... 0111011} {{rd}, {rs1}, {rs2}} {{SHADDUW rd=rd rs1=rs1 rs2=rs2}}
insn slli.uw {000010 ...... ..... 001 ..... 0011011} {{rd}, {rs1}, {sh6}} {{SLLIUW rd=rd rs1=rs1 imm=sh6}}
foreach {name f7 f3 opcode} {
	andn 0100000 111 0110011 orn 0100000 110 0110011 xnor 0100000 100 0110011
	max  0000101 110 0110011 maxu 0000101 111 0110011 min 0000101 100 0110011 minu 0000101 101 0110011
	rol  0110000 001 0110011 ror 0110000 101 0110011 rolw 0110000 001 0111011 rorw 0110000 101 0111011
	bclr 0100100 001 0110011 bext 0100100 101 0110011 binv 0110100 001 0110011 bset 0010100 001 0110011
} {
	insn $name "$f7 ..... ..... $f3 ..... $opcode" {{rd}, {rs1}, {rs2}} [list "[string toupper $name] rd=rd rs1=rs1 rs2=rs2"]
}
foreach {name f7 sel f3 opcode} {
	clz  0110000 00000 001 0010011 ctz  0110000 00001 001 0010011 cpop  0110000 00010 001 0010011
	clzw 0110000 00000 001 0011011 ctzw 0110000 00001 001 0011011 cpopw 0110000 00010 001 0011011
	sext.b 0110000 00100 001 0010011 sext.h 0110000 00101 001 0010011 zext.h 0000100 00000 100 0111011
	orc.b 0010100 00111 101 0010011 rev8 0110101 11000 101 0010011
} {
	insn $name "$f7 $sel ..... $f3 ..... $opcode" {{rd}, {rs1}} [list "[string toupper [string map {. ""} $name]] rd=rd rs1=rs1"]
}
insn rori  {011000 ...... ..... 101 ..... 0010011} {{rd}, {rs1}, {sh6}} {{RORI rd=rd rs1=rs1 imm=sh6}}
insn roriw {0110000 ..... ..... 101 ..... 0011011} {{rd}, {rs1}, {sh5}} {{RORIW rd=rd rs1=rs1 imm=sh5}}
foreach {name f6 f3} {bclri 010010 001 bexti 010010 101 binvi 011010 001 bseti 001010 001} {
	insn $name "$f6 ...... ..... $f3 ..... 0010011" {{rd}, {rs1}, {sh6}}  [list "LI rd=t0 imm=sh6" "[string toupper [string trimright $name i]] rd=rd rs1=rs1 rs2=t0"]
}

# --- floating point (F and D 2.2) ---------------------------------------------------------------------------------
foreach {w f3} {w 010 d 011} {
	insn fl$w "............ ..... $f3 ..... 0000111" {{frd}, {immi}({rs1})} [list "FL[string toupper $w] rd=frd rs1=rs1 imm=immi"]  "00000000000000000${f3}000000000111 frd@7"
	insn fs$w "....... ..... ..... $f3 ..... 0100111" {{frs2}, {imms}({rs1})} [list "FS[string toupper $w] rs1=rs1 rs2=frs2 imm=imms"]  "00000000000000000${f3}000000100111 frs2@20"
}
foreach {p P fmt} {s S 00 d D 01} {
	foreach {name f5} {fadd 00000 fsub 00001 fmul 00010 fdiv 00011} {
		insn $name.$p "$f5$fmt ..... ..... ... ..... 1010011" {{frd}, {frs1}, {frs2}, {rm}}  [list "[string toupper $name]_$P rd=frd rs1=frs1 rs2=frs2 aux=rm"]
	}
	insn fsqrt.$p "01011$fmt 00000 ..... ... ..... 1010011" {{frd}, {frs1}, {rm}} [list "FSQRT_$P rd=frd rs1=frs1 aux=rm"]
	foreach {name opcode} {fmadd 1000011 fmsub 1000111 fnmsub 1001011 fnmadd 1001111} {
		insn $name.$p ".....$fmt ..... ..... ... ..... $opcode" {{frd}, {frs1}, {frs2}, {frs3}, {rm}}  [list "[string toupper $name]_$P rd=frd rs1=frs1 rs2=frs2 imm=frs3 aux=rm"]
	}
	foreach {name f5 f3} {fsgnj 00100 000 fsgnjn 00100 001 fsgnjx 00100 010 fmin 00101 000 fmax 00101 001} {
		insn $name.$p "$f5$fmt ..... ..... $f3 ..... 1010011" {{frd}, {frs1}, {frs2}}  [list "[string toupper $name]_$P rd=frd rs1=frs1 rs2=frs2"]
	}
	foreach {name f3} {fle 000 flt 001 feq 010} {
		insn $name.$p "10100$fmt ..... ..... $f3 ..... 1010011" {{rd}, {frs1}, {frs2}}  [list "[string toupper $name]_$P rd=rd rs1=frs1 rs2=frs2"]
	}
	insn fclass.$p "11100$fmt 00000 ..... 001 ..... 1010011" {{rd}, {frs1}} [list "FCLASS_$P rd=rd rs1=frs1"]
	foreach {name sel kind} {w 00000 0 wu 00001 1 l 00010 2 lu 00011 3} {
		insn fcvt.$name.$p "11000$fmt $sel ..... ... ..... 1010011" {{rd}, {frs1}, {rm}}  [list "FCVT_I_$P rd=rd rs1=frs1 imm=$kind aux=rm"]
		insn fcvt.$p.$name "11010$fmt $sel ..... ... ..... 1010011" {{frd}, {rs1}, {rm}}  [list "FCVT_${P}_I rd=frd rs1=rs1 imm=$kind aux=rm"]
	}
}
insn fcvt.s.d {0100000 00001 ..... ... ..... 1010011} {{frd}, {frs1}, {rm}} {{FCVT_S_D rd=frd rs1=frs1 aux=rm}}
insn fcvt.d.s {0100001 00000 ..... ... ..... 1010011} {{frd}, {frs1}, {rm}} {{FCVT_D_S rd=frd rs1=frs1 aux=rm}}
insn fmv.x.w  {1110000 00000 ..... 000 ..... 1010011} {{rd}, {frs1}} {{FMV_X_W rd=rd rs1=frs1}}
insn fmv.x.d  {1110001 00000 ..... 000 ..... 1010011} {{rd}, {frs1}} {{FMV_X_D rd=rd rs1=frs1}}
insn fmv.w.x  {1111000 00000 ..... 000 ..... 1010011} {{frd}, {rs1}} {{FMV_W_X rd=frd rs1=rs1}}
insn fmv.d.x  {1111001 00000 ..... 000 ..... 1010011} {{frd}, {rs1}} {{FMV_D_X rd=frd rs1=rs1}}

# --- atomics: acquire and release need nothing, the executor is sequentially consistent ------------------------
foreach {suffix f3 size} {w 010 2 d 011 3} {
	foreach {bits order} {00 {} 01 .rl 10 .aq 11 .aqrl} {
		insn lr.$suffix$order "00010 $bits 00000 ..... $f3 ..... 0101111" {{rd}, ({rs1})} \
			[list "LR rd=rd rs1=rs1 aux=$size"] "00010${bits}0000000000${f3}000000101111 rd@7"
		foreach {name f5} {
			sc 00011 amoswap 00001 amoadd 00000 amoxor 00100 amoand 01100 amoor 01000
			amomin 10000 amomax 10100 amominu 11000 amomaxu 11100
		} {
			insn $name.$suffix$order "$f5 $bits ..... ..... $f3 ..... 0101111" {{rd}, {rs2}, ({rs1})} \
				[list "[string toupper $name] rd=rd rs1=rs1 rs2=rs2 aux=$size"] \
				"${f5}${bits}0000000000${f3}000000101111 rd@7 rs2@20"
		}
	}
}

# --- fences: reserved fields are ignored, as the ISA asks -----------------------------------------------------
insn fence   {@@@@@@@@@@@@ @@@@@ 000 @@@@@ 0001111} {} {{FENCE}}
insn fence.i {@@@@@@@@@@@@ @@@@@ 001 @@@@@ 0001111} {} {{FENCEI}}

# --- cache blocks (Zicbom, Zicboz 1.0); a trap reports the instruction with its rs1 field cleared ------------------
foreach {name sel op} {cbo.inval 00000 {CBO rs1=rs1} cbo.clean 00001 {CBO rs1=rs1 aux=1} cbo.flush 00010 {CBO rs1=rs1 aux=2}
		cbo.zero 00100 {CBOZERO rs1=rs1}} {
	insn $name "0000000 $sel ..... 010 00000 0001111" {({rs1})} [list $op] "0000000${sel}00000010000000001111"
}

# --- CSRs: what is not read or not written depends on the operands -------------------------------------------
insn csrrw  {............ ..... 001 ..... 1110011} {{rd}, {csr}, {rs1}} {{CSRW rd=rd rs1=rs1 imm=csr aux=3}}
insn csrw   {............ ..... 001 00000 1110011} {{csr}, {rs1}} {{CSRW rs1=rs1 imm=csr aux=2}}
insn csrrs  {............ ..... 010 ..... 1110011} {{rd}, {csr}, {rs1}} {{CSRS rd=rd rs1=rs1 imm=csr aux=3}}
insn csrr   {............ 00000 010 ..... 1110011} {{rd}, {csr}} {{CSRS rd=rd imm=csr aux=1}}
insn csrrc  {............ ..... 011 ..... 1110011} {{rd}, {csr}, {rs1}} {{CSRC rd=rd rs1=rs1 imm=csr aux=3}}
insn csrrc0 {............ 00000 011 ..... 1110011} {{rd}, {csr}} {{CSRC rd=rd imm=csr aux=1}}
insn csrrwi {............ ..... 101 ..... 1110011} {{rd}, {csr}, {zimm}} {{CSRW rd=rd rs1=zimm imm=csr aux=7}}
insn csrwi  {............ ..... 101 00000 1110011} {{csr}, {zimm}} {{CSRW rs1=zimm imm=csr aux=6}}
insn csrrsi {............ ..... 110 ..... 1110011} {{rd}, {csr}, {zimm}} {{CSRS rd=rd rs1=zimm imm=csr aux=7}}
insn csrri  {............ 00000 110 ..... 1110011} {{rd}, {csr}} {{CSRS rd=rd imm=csr aux=1}}
insn csrrci {............ ..... 111 ..... 1110011} {{rd}, {csr}, {zimm}} {{CSRC rd=rd rs1=zimm imm=csr aux=7}}
insn csrrci0 {............ 00000 111 ..... 1110011} {{rd}, {csr}} {{CSRC rd=rd imm=csr aux=1}}

# --- system ------------------------------------------------------------------------------------------------
insn ecall  {000000000000 00000 000 00000 1110011} {} {{ECALL}}
insn ebreak {000000000001 00000 000 00000 1110011} {} {{EBREAK}}
insn sret   {000100000010 00000 000 00000 1110011} {} {{SRET}}
insn mret   {001100000010 00000 000 00000 1110011} {} {{MRET}}
insn wfi    {000100000101 00000 000 00000 1110011} {} {{WFI}}
insn sfence.vma  {0001001 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{SFENCE rs1=rs1 rs2=rs2}}
insn sinval.vma  {0001011 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{SFENCE rs1=rs1 rs2=rs2}}
insn hinval.vvma {0010011 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{HFENCEV rs1=rs1 rs2=rs2}}
insn hinval.gvma {0110011 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{HFENCEG rs1=rs1 rs2=rs2}}
insn sfence.w.inval  {0001100 00000 00000 000 00000 1110011} {} {{SFENCEI}}
insn sfence.inval.ir {0001100 00001 00000 000 00000 1110011} {} {{SFENCEI}}
insn hfence.vvma {0010001 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{HFENCEV rs1=rs1 rs2=rs2}}
insn hfence.gvma {0110001 ..... ..... 000 00000 1110011} {{rs1}, {rs2}} {{HFENCEG rs1=rs1 rs2=rs2}}
foreach {name f7 sel native aux} {
	hlv.b 0110000 00000 HLV 0  hlv.bu 0110000 00001 HLV 4  hlv.h 0110010 00000 HLV 1  hlv.hu 0110010 00001 HLV 5
	hlv.w 0110100 00000 HLV 2  hlv.wu 0110100 00001 HLV 6  hlv.d 0110110 00000 HLV 3
	hlvx.hu 0110010 00011 HLVX 5  hlvx.wu 0110100 00011 HLVX 6
} {
	insn $name "$f7 $sel ..... 100 ..... 1110011" {{rd}, ({rs1})} [list "$native rd=rd rs1=rs1 aux=$aux"] \
		"${f7}${sel}00000100000001110011 rd@7"
}
foreach {name f7 aux} {hsv.b 0110001 0 hsv.h 0110011 1 hsv.w 0110101 2 hsv.d 0110111 3} {
	insn $name "$f7 ..... ..... 100 00000 1110011" {{rs2}, ({rs1})} [list "HSV rs1=rs1 rs2=rs2 aux=$aux"] \
		"${f7}0000000000100000001110011 rs2@20"
}

# --- compressed: quadrant 0 ----------------------------------------------------------------------------------
insn c.addi4spn {000 ........ ... 00} {{rdp}, sp, {c4spn}} {{ADDI rd=rdp rs1=2 imm=c4spn}}
reserved c.addi4spn.0 {000 00000000 ... 00}
insn c.fld {001 ... ... .. ... 00} {{frdp}, {cld}({rs1p})} {{FLD rd=frdp rs1=rs1p imm=cld}} {00000000000000000011000000000101 frdp@7}
insn c.fsd {101 ... ... .. ... 00} {{frdp}, {cld}({rs1p})} {{FSD rs2=frdp rs1=rs1p imm=cld}} {00000000000000000011000000100101 frdp@20}
insn c.lw {010 ... ... .. ... 00} {{rdp}, {clw}({rs1p})} {{LW rd=rdp rs1=rs1p imm=clw}} {00000000000000000010000000000001 rdp@7}
insn c.ld {011 ... ... .. ... 00} {{rdp}, {cld}({rs1p})} {{LD rd=rdp rs1=rs1p imm=cld}} {00000000000000000011000000000001 rdp@7}
insn c.sw {110 ... ... .. ... 00} {{rdp}, {clw}({rs1p})} {{SW rs2=rdp rs1=rs1p imm=clw}} {00000000000000000010000000100001 rdp@20}
insn c.sd {111 ... ... .. ... 00} {{rdp}, {cld}({rs1p})} {{SD rs2=rdp rs1=rs1p imm=cld}} {00000000000000000011000000100001 rdp@20}

# --- compressed: quadrant 1 ----------------------------------------------------------------------------------
insn c.addi     {000 . ..... ..... 01} {{rdc}, {ci}} {{ADDI rd=rdc rs1=rdc imm=ci}}
insn c.addiw    {001 . ..... ..... 01} {{rdc}, {ci}} {{ADDIW rd=rdc rs1=rdc imm=ci}}
reserved c.addiw.0 {001 . 00000 ..... 01}
insn c.li       {010 . ..... ..... 01} {{rdc}, {ci}} {{LI rd=rdc imm=ci}}
insn c.lui      {011 . ..... ..... 01} {{rdc}, {clui}} {{LI rd=rdc imm=clui}}
insn c.addi16sp {011 . 00010 ..... 01} {sp, {c16sp}} {{ADDI rd=2 rs1=2 imm=c16sp}}
reserved c.lui.0      {011 0 ..... 00000 01}
reserved c.addi16sp.0 {011 0 00010 00000 01}
insn c.srli {100 . 00 ... ..... 01} {{rs1p}, {csh}} {{SRLI rd=rs1p rs1=rs1p imm=csh}}
insn c.srai {100 . 01 ... ..... 01} {{rs1p}, {csh}} {{SRAI rd=rs1p rs1=rs1p imm=csh}}
insn c.andi {100 . 10 ... ..... 01} {{rs1p}, {ci}} {{ANDI rd=rs1p rs1=rs1p imm=ci}}
foreach {name hi lo} {sub 0 00 xor 0 01 or 0 10 and 0 11 subw 1 00 addw 1 01} {
	insn c.$name "100 $hi 11 ... $lo ... 01" {{rs1p}, {rdp}} [list "[string toupper $name] rd=rs1p rs1=rs1p rs2=rdp"]
}
insn c.j    {101 ........... 01} {{cj}} {{J imm=cj}}
insn c.beqz {110 ... ... ..... 01} {{rs1p}, {cb}} {{BEQ rs1=rs1p imm=cb}}
insn c.bnez {111 ... ... ..... 01} {{rs1p}, {cb}} {{BNE rs1=rs1p imm=cb}}

# --- compressed: quadrant 2 ----------------------------------------------------------------------------------
insn c.slli {000 . ..... ..... 10} {{rdc}, {csh}} {{SLLI rd=rdc rs1=rdc imm=csh}}
insn c.fldsp {001 . ..... ..... 10} {{frdc}, {cldsp}(sp)} {{FLD rd=frdc rs1=2 imm=cldsp}} {00000000000000000011000000000101 frdc@7}
insn c.fsdsp {101 ...... ..... 10} {{frs2c}, {csdsp}(sp)} {{FSD rs1=2 rs2=frs2c imm=csdsp}} {00000000000000000011000000100101 frs2c@20}
insn c.lwsp {010 . ..... ..... 10} {{rdc}, {clwsp}(sp)} {{LW rd=rdc rs1=2 imm=clwsp}} {00000000000000000010000000000001 rdc@7}
insn c.ldsp {011 . ..... ..... 10} {{rdc}, {cldsp}(sp)} {{LD rd=rdc rs1=2 imm=cldsp}} {00000000000000000011000000000001 rdc@7}
reserved c.lwsp.0 {010 . 00000 ..... 10}
reserved c.ldsp.0 {011 . 00000 ..... 10}
insn c.mv     {100 0 ..... ..... 10} {{rdc}, {rs2c}} {{ADDI rd=rdc rs1=rs2c}}
insn c.jr     {100 0 ..... 00000 10} {{rdc}} {{JR rs1=rdc}}
reserved c.jr.0 {100 0 00000 00000 10}
insn c.add    {100 1 ..... ..... 10} {{rdc}, {rs2c}} {{ADD rd=rdc rs1=rdc rs2=rs2c}}
insn c.jalr   {100 1 ..... 00000 10} {{rdc}} {{JR rd=1 rs1=rdc}}
insn c.ebreak {100 1 00000 00000 10} {} {{EBREAK}}
insn c.swsp {110 ...... ..... 10} {{rs2c}, {cswsp}(sp)} {{SW rs1=2 rs2=rs2c imm=cswsp}} {00000000000000000010000000100001 rs2c@20}
insn c.sdsp {111 ...... ..... 10} {{rs2c}, {csdsp}(sp)} {{SD rs1=2 rs2=rs2c imm=csdsp}} {00000000000000000011000000100001 rs2c@20}
