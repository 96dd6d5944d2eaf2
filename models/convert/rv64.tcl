# RV64IMAC, Zicsr, Zifencei, privileged and hypervisor instructions: the one description of this guest ISA.
# The converter's tables, the disassembler and the reference page all come from here; nothing else decodes RISC-V.
# The language is defined in models/convert/describe.tcl. Patterns are written from bit 31 (15) down to bit 0.

isa rv64 1 "RISC-V RV64IMAC_Zicsr_Zifencei with S and H"

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

field rdc   reg  {11:7}
field rs2c  reg  {6:2}
field rdp   reg  {4:2} 0 8
field rs1p  reg  {9:7} 0 8
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
