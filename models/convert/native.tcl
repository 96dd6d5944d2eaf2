# The native ISA: every native op, once. models/convert/README.md explains the 64-bit format; this list gives the opcode
# numbers (in order), the executor's enum and the meaning that the reference page prints.
#   native NAME "effect" ?FILES?   (FILES: the register files of rd, rs1, rs2; xxx unless given)
# Registers are 64 bits wide; imm is a signed 32-bit immediate; pc is the address of the guest instruction, next the one after it.

native ILLEGAL  "illegal-instruction trap"
native NOP      "nothing"
native LI       "rd = imm"
native ADDPC    "rd = pc + imm"
native ADD      "rd = rs1 + rs2"
native SUB      "rd = rs1 - rs2"
native SLL      "rd = rs1 << rs2\[5:0\]"
native SRL      "rd = rs1 >> rs2\[5:0\], logical"
native SRA      "rd = rs1 >> rs2\[5:0\], arithmetic"
native SLT      "rd = rs1 < rs2, signed"
native SLTU     "rd = rs1 < rs2, unsigned"
native XOR      "rd = rs1 ^ rs2"
native OR       "rd = rs1 | rs2"
native AND      "rd = rs1 & rs2"
native ADDW     "rd = sext32(rs1 + rs2)"
native SUBW     "rd = sext32(rs1 - rs2)"
native SLLW     "rd = sext32(rs1 << rs2\[4:0\])"
native SRLW     "rd = sext32(rs1\[31:0\] >> rs2\[4:0\]), logical"
native SRAW     "rd = sext32(rs1\[31:0\] >> rs2\[4:0\]), arithmetic"
native ADDI     "rd = rs1 + imm"
native SLLI     "rd = rs1 << imm"
native SRLI     "rd = rs1 >> imm, logical"
native SRAI     "rd = rs1 >> imm, arithmetic"
native SLTI     "rd = rs1 < imm, signed"
native SLTIU    "rd = rs1 < imm, unsigned"
native XORI     "rd = rs1 ^ imm"
native ORI      "rd = rs1 | imm"
native ANDI     "rd = rs1 & imm"
native ADDIW    "rd = sext32(rs1 + imm)"
native SLLIW    "rd = sext32(rs1 << imm)"
native SRLIW    "rd = sext32(rs1\[31:0\] >> imm), logical"
native SRAIW    "rd = sext32(rs1\[31:0\] >> imm), arithmetic"
native MUL      "rd = low half of rs1 * rs2"
native MULH     "rd = high half of rs1 * rs2, signed"
native MULHU    "rd = high half of rs1 * rs2, unsigned"
native MULW     "rd = sext32(rs1 * rs2)"
native DIV      "rd = rs1 / rs2, signed; -1 if rs2 = 0"
native DIVU     "rd = rs1 / rs2, unsigned; all ones if rs2 = 0"
native REM      "rd = rs1 % rs2, signed; rs1 if rs2 = 0"
native REMU     "rd = rs1 % rs2, unsigned; rs1 if rs2 = 0"
native DIVW     "as DIV on the low words, sign-extended"
native DIVUW    "as DIVU on the low words, sign-extended"
native REMW     "as REM on the low words, sign-extended"
native REMUW    "as REMU on the low words, sign-extended"
native LB       "rd = sext8(mem\[rs1 + imm\])"
native LH       "rd = sext16(mem\[rs1 + imm\])"
native LW       "rd = sext32(mem\[rs1 + imm\])"
native LD       "rd = mem64\[rs1 + imm\]"
native LBU      "rd = mem8\[rs1 + imm\]"
native LHU      "rd = mem16\[rs1 + imm\]"
native LWU      "rd = mem32\[rs1 + imm\]"
native SB       "mem8\[rs1 + imm\] = rs2"
native SH       "mem16\[rs1 + imm\] = rs2"
native SW       "mem32\[rs1 + imm\] = rs2"
native SD       "mem64\[rs1 + imm\] = rs2"
native BEQ      "if rs1 = rs2: next = pc + imm"
native BNE      "if rs1 != rs2: next = pc + imm"
native BLT      "if rs1 < rs2, signed: next = pc + imm"
native BGE      "if rs1 >= rs2, signed: next = pc + imm"
native BLTU     "if rs1 < rs2, unsigned: next = pc + imm"
native BGEU     "if rs1 >= rs2, unsigned: next = pc + imm"
native J        "rd = next; next = pc + imm"
native JR       "t = (rs1 + imm) & ~1; rd = next; next = t"
native LR       "rd = sext(mem\[rs1\]) of 1 << aux bytes; reserve it"
native SC       "if reserved: mem\[rs1\] = rs2, rd = 0; else rd = 1; the reservation ends"
native AMOSWAP  "rd = sext(mem\[rs1\]); mem\[rs1\] = rs2; one indivisible access of 1 << aux bytes"
native AMOADD   "as AMOSWAP with the sum"
native AMOXOR   "as AMOSWAP with the exclusive or"
native AMOAND   "as AMOSWAP with the conjunction"
native AMOOR    "as AMOSWAP with the disjunction"
native AMOMIN   "as AMOSWAP with the signed minimum"
native AMOMAX   "as AMOSWAP with the signed maximum"
native AMOMINU  "as AMOSWAP with the unsigned minimum"
native AMOMAXU  "as AMOSWAP with the unsigned maximum"

# Bit manipulation.
native SHADD    "rd = (rs1 << imm) + rs2"
native SHADDUW  "rd = (zext32(rs1) << imm) + rs2"
native SLLIUW   "rd = zext32(rs1) << imm"
native ANDN     "rd = rs1 & ~rs2"
native ORN      "rd = rs1 | ~rs2"
native XNOR     "rd = ~(rs1 ^ rs2)"
native CLZ      "rd = leading zeros of rs1; 64 if rs1 = 0"
native CLZW     "rd = leading zeros of rs1\[31:0\]; 32 if they are 0"
native CTZ      "rd = trailing zeros of rs1; 64 if rs1 = 0"
native CTZW     "rd = trailing zeros of rs1\[31:0\]; 32 if they are 0"
native CPOP     "rd = ones in rs1"
native CPOPW    "rd = ones in rs1\[31:0\]"
native MAX      "rd = the greater of rs1 and rs2, signed"
native MAXU     "rd = the greater of rs1 and rs2, unsigned"
native MIN      "rd = the lesser of rs1 and rs2, signed"
native MINU     "rd = the lesser of rs1 and rs2, unsigned"
native SEXTB    "rd = sext8(rs1)"
native SEXTH    "rd = sext16(rs1)"
native ZEXTH    "rd = zext16(rs1)"
native ROL      "rd = rs1 rotated left by rs2\[5:0\]"
native ROLW     "rd = sext32(rs1\[31:0\] rotated left by rs2\[4:0\])"
native ROR      "rd = rs1 rotated right by rs2\[5:0\]"
native RORW     "rd = sext32(rs1\[31:0\] rotated right by rs2\[4:0\])"
native RORI     "rd = rs1 rotated right by imm"
native RORIW    "rd = sext32(rs1\[31:0\] rotated right by imm)"
native ORCB     "each byte of rd = 0xff if that of rs1 is not 0, else 0"
native REV8     "rd = the bytes of rs1 in reverse order"
native BCLR     "rd = rs1 without bit rs2\[5:0\]"
native BEXT     "rd = bit rs2\[5:0\] of rs1"
native BINV     "rd = rs1 with bit rs2\[5:0\] inverted"
native BSET     "rd = rs1 with bit rs2\[5:0\] set"

# Floating point. The letters say which file rd, rs1 and rs2 name: x integer, f floating. aux is the rounding mode (7: that of fcsr),
# imm\[4:0\] the third source of the multiply-adds, or the kind of integer: 0 W, 1 WU, 2 L, 3 LU. Illegal-instruction trap while the
# floating-point unit is off or the rounding mode is reserved.
native FLW      "f\[rd\] = mem32\[rs1 + imm\], NaN-boxed" fxx
native FLD      "f\[rd\] = mem64\[rs1 + imm\]" fxx
native FSW      "mem32\[rs1 + imm\] = f\[rs2\]" xxf
native FSD      "mem64\[rs1 + imm\] = f\[rs2\]" xxf
native FADD_S   "f\[rd\] = f\[rs1\] + f\[rs2\], single" fff
native FSUB_S   "f\[rd\] = f\[rs1\] - f\[rs2\], single" fff
native FMUL_S   "f\[rd\] = f\[rs1\] * f\[rs2\], single" fff
native FDIV_S   "f\[rd\] = f\[rs1\] / f\[rs2\], single" fff
native FSQRT_S  "f\[rd\] = square root of f\[rs1\], single" ffx
native FMADD_S  "f\[rd\] = f\[rs1\] * f\[rs2\] + f\[rs3\], single, rounded once" fff
native FMSUB_S  "f\[rd\] = f\[rs1\] * f\[rs2\] - f\[rs3\], single, rounded once" fff
native FNMSUB_S "f\[rd\] = -(f\[rs1\] * f\[rs2\]) + f\[rs3\], single, rounded once" fff
native FNMADD_S "f\[rd\] = -(f\[rs1\] * f\[rs2\]) - f\[rs3\], single, rounded once" fff
native FSGNJ_S  "f\[rd\] = f\[rs1\] with the sign of f\[rs2\], single" fff
native FSGNJN_S "as FSGNJ_S with the opposite sign" fff
native FSGNJX_S "as FSGNJ_S with the exclusive or of both signs" fff
native FMIN_S   "f\[rd\] = minimumNumber(f\[rs1\], f\[rs2\]), single" fff
native FMAX_S   "f\[rd\] = maximumNumber(f\[rs1\], f\[rs2\]), single" fff
native FEQ_S    "rd = f\[rs1\] == f\[rs2\], single, quiet" xff
native FLT_S    "rd = f\[rs1\] < f\[rs2\], single" xff
native FLE_S    "rd = f\[rs1\] <= f\[rs2\], single" xff
native FCLASS_S "rd = class of f\[rs1\], single, one bit of ten" xfx
native FCVT_I_S "rd = integer of kind imm from f\[rs1\], single" xfx
native FCVT_S_I "f\[rd\] = single from rs1, an integer of kind imm" fxx
native FADD_D   "f\[rd\] = f\[rs1\] + f\[rs2\], double" fff
native FSUB_D   "f\[rd\] = f\[rs1\] - f\[rs2\], double" fff
native FMUL_D   "f\[rd\] = f\[rs1\] * f\[rs2\], double" fff
native FDIV_D   "f\[rd\] = f\[rs1\] / f\[rs2\], double" fff
native FSQRT_D  "f\[rd\] = square root of f\[rs1\], double" ffx
native FMADD_D  "f\[rd\] = f\[rs1\] * f\[rs2\] + f\[rs3\], double, rounded once" fff
native FMSUB_D  "f\[rd\] = f\[rs1\] * f\[rs2\] - f\[rs3\], double, rounded once" fff
native FNMSUB_D "f\[rd\] = -(f\[rs1\] * f\[rs2\]) + f\[rs3\], double, rounded once" fff
native FNMADD_D "f\[rd\] = -(f\[rs1\] * f\[rs2\]) - f\[rs3\], double, rounded once" fff
native FSGNJ_D  "f\[rd\] = f\[rs1\] with the sign of f\[rs2\], double" fff
native FSGNJN_D "as FSGNJ_D with the opposite sign" fff
native FSGNJX_D "as FSGNJ_D with the exclusive or of both signs" fff
native FMIN_D   "f\[rd\] = minimumNumber(f\[rs1\], f\[rs2\]), double" fff
native FMAX_D   "f\[rd\] = maximumNumber(f\[rs1\], f\[rs2\]), double" fff
native FEQ_D    "rd = f\[rs1\] == f\[rs2\], double, quiet" xff
native FLT_D    "rd = f\[rs1\] < f\[rs2\], double" xff
native FLE_D    "rd = f\[rs1\] <= f\[rs2\], double" xff
native FCLASS_D "rd = class of f\[rs1\], double, one bit of ten" xfx
native FCVT_I_D "rd = integer of kind imm from f\[rs1\], double" xfx
native FCVT_D_I "f\[rd\] = double from rs1, an integer of kind imm" fxx
native FCVT_S_D "f\[rd\] = single from double f\[rs1\]" ffx
native FCVT_D_S "f\[rd\] = double from single f\[rs1\]" ffx
native FMV_X_W  "rd = sext32(f\[rs1\])" xfx
native FMV_X_D  "rd = f\[rs1\]" xfx
native FMV_W_X  "f\[rd\] = rs1\[31:0\], NaN-boxed" fxx
native FMV_D_X  "f\[rd\] = rs1" fxx

# Cache blocks have 64 bytes; memory is coherent, so that the management operations only check rights.
native CBO      "manage the block at rs1; aux: 0 invalidate, 1 clean, 2 flush"
native CBOZERO  "64 bytes of memory at rs1 & ~63 = 0"
native FENCE    "orders memory accesses; the executor is sequentially consistent"
native FENCEI   "orders stores before later fetches; the executor is coherent"
native CSRW     "rd = csr\[imm\] (if aux.0); csr\[imm\] = s (if aux.1); s = rs1, or the number of rs1 if aux.2"
native CSRS     "as CSRW, setting the bits of s"
native CSRC     "as CSRW, clearing the bits of s"
native ECALL    "environment-call trap"
native EBREAK   "breakpoint trap"
native MRET     "return from M-mode"
native SRET     "return from S- or VS-mode"
native WFI      "stall until an interrupt is pending"
native SFENCE   "forget translations of rs1 (if not register 0) in space rs2 (if not register 0)"
native HFENCEV  "as SFENCE for the guest's first stage"
native HFENCEG  "as SFENCE for the second stage"
native HLV      "rd = load from guest memory; aux: log2 of bytes, +4 if zero-extended"
native HLVX     "as HLV with execute permission instead of read"
native HSV      "store of rs2 to guest memory; aux: log2 of bytes"
native SFENCEI  "orders SINVAL with SFENCE (Svinval); it checks rights only"

# How a block of converted code goes on after them; all others go straight on. After `leave` privilege or translation may differ, a
# trap is certain, or the target is in a register.
flow branch BEQ BNE BLT BGE BLTU BGEU
flow jump J
flow leave ILLEGAL JR CSRW CSRS CSRC ECALL EBREAK MRET SRET WFI SFENCE HFENCEV HFENCEG
