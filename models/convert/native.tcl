# The native ISA: every native op, once. models/convert/README.md explains the 64-bit format; this list gives the opcode
# numbers (in order), the executor's enum and the meaning that the reference page prints.
#   native NAME "effect" ?FILES?   (FILES: what rd, rs1, rs2 name: x a register, f a floating-point register, s a register or the stack
#                                   pointer, n a number; xxx unless given)
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
native ADDI     "rd = rs1 + imm" ssx
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
native LB       "rd = sext8(mem\[rs1 + imm\])" xsx
native LH       "rd = sext16(mem\[rs1 + imm\])" xsx
native LW       "rd = sext32(mem\[rs1 + imm\])" xsx
native LD       "rd = mem64\[rs1 + imm\]" xsx
native LBU      "rd = mem8\[rs1 + imm\]" xsx
native LHU      "rd = mem16\[rs1 + imm\]" xsx
native LWU      "rd = mem32\[rs1 + imm\]" xsx
native SB       "mem8\[rs1 + imm\] = rs2" xsx
native SH       "mem16\[rs1 + imm\] = rs2" xsx
native SW       "mem32\[rs1 + imm\] = rs2" xsx
native SD       "mem64\[rs1 + imm\] = rs2" xsx
native BEQ      "if rs1 = rs2: next = pc + imm"
native BNE      "if rs1 != rs2: next = pc + imm"
native BLT      "if rs1 < rs2, signed: next = pc + imm"
native BGE      "if rs1 >= rs2, signed: next = pc + imm"
native BLTU     "if rs1 < rs2, unsigned: next = pc + imm"
native BGEU     "if rs1 >= rs2, unsigned: next = pc + imm"
native BCOND    "if condition rs2 holds for the flags: next = pc + imm" xxn
native J        "rd = next; next = pc + imm"
native JR       "t = (rs1 + imm) & ~1; rd = next; next = t"
native JRX      "t = rs1; rd = next; next = t; misaligned-fetch trap instead if t is not a multiple of 4"
native LR       "rd = sext(mem\[rs1\]) of 1 << aux bytes; reserve it" xsx
native SC       "if reserved: mem\[rs1\] = rs2, rd = 0; else rd = 1; the reservation ends" xsx
native AMOSWAP  "rd = sext(mem\[rs1\]); mem\[rs1\] = rs2; one indivisible access of 1 << aux bytes" xsx
native AMOADD   "as AMOSWAP with the sum" xsx
native AMOXOR   "as AMOSWAP with the exclusive or" xsx
native AMOAND   "as AMOSWAP with the conjunction" xsx
native AMOOR    "as AMOSWAP with the disjunction" xsx
native AMOMIN   "as AMOSWAP with the signed minimum" xsx
native AMOMAX   "as AMOSWAP with the signed maximum" xsx
native AMOMINU  "as AMOSWAP with the unsigned minimum" xsx
native AMOMAXU  "as AMOSWAP with the unsigned maximum" xsx

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

# For guest ISAs with flags and 32-bit results that clear the upper half. The flags N, Z, C, V are bits 31:28 of register 37. word: a bit
# of imm that says that operands and result have 32 bits. A condition is A64's: 0 Z, 2 C, 4 N, 6 V, 8 C & ~Z, 10 N = V, 12 N = V & ~Z,
# 14 always, 15 always; the other odd ones are the opposites.
native ADDZ     "rd = zext32(rs1 + rs2)"
native SUBZ     "rd = zext32(rs1 - rs2)"
native ANDZ     "rd = zext32(rs1 & rs2)"
native ORZ      "rd = zext32(rs1 | rs2)"
native XORZ     "rd = zext32(rs1 ^ rs2)"
native ANDNZ    "rd = zext32(rs1 & ~rs2)"
native ORNZ     "rd = zext32(rs1 | ~rs2)"
native XNORZ    "rd = zext32(~(rs1 ^ rs2))"
native SLLZ     "rd = zext32(rs1 << rs2\[4:0\])"
native SRLZ     "rd = rs1\[31:0\] >> rs2\[4:0\], logical"
native SRAZ     "rd = zext32(rs1\[31:0\] >> rs2\[4:0\], arithmetic)"
native RORZ     "rd = rs1\[31:0\] rotated right by rs2\[4:0\]"
native ADDIZ    "rd = zext32(rs1 + imm)" ssx
native SUBI     "rd = rs1 - imm" ssx
native SUBIZ    "rd = zext32(rs1 - imm)" ssx
native ADDX     "rd = rs1 + (e << imm\[5:3\]), - if imm.7; e = rs2 extended: imm\[2:0\] 0 byte, 1 half, 2 word, 3 all, + 4 signed; word imm.6" ssx
native ADDXS    "as ADDX, and sets the flags" xsx
native ADDS     "rd = rs1 + rs2, sets the flags"
native ADDSZ    "rd = zext32(rs1 + rs2), sets the flags of the words"
native SUBS     "rd = rs1 - rs2, sets the flags; C: no borrow"
native SUBSZ    "rd = zext32(rs1 - rs2), sets the flags of the words"
native ANDS     "rd = rs1 & rs2, sets N and Z, clears C and V"
native ANDSZ    "rd = zext32(rs1 & rs2), sets N and Z of the word, clears C and V"
native ADDSI    "rd = rs1 + imm, sets the flags" xsx
native ADDSIZ   "rd = zext32(rs1 + imm), sets the flags of the words" xsx
native SUBSI    "rd = rs1 - imm, sets the flags; C: no borrow" xsx
native SUBSIZ   "rd = zext32(rs1 - imm), sets the flags of the words" xsx
native ADC      "rd = rs1 + s + C, s = rs2, ~rs2 if imm.2; sets the flags if imm.1; word imm.0"
native CSEL     "rd = rs1 if condition imm\[3:0\] holds, else rs2, ~rs2 if imm.5, + 1 if imm.4; word imm.6"
native CCMP     "if condition imm\[7:4\] holds: the flags of rs1 + rs2, - if imm.9; else flags = imm\[3:0\]; word imm.8"
native CCMPI    "as CCMP with the number rs2" xxn
native UBFM     "r = imm\[5:0\], s = imm\[11:6\]; s >= r: rd = rs1\[s:r\]; else rd = rs1\[s:0\] << (width - r); word imm.12"
native SBFM     "as UBFM, sign-extended from the topmost bit taken"
native BFM      "as UBFM, the other bits of rd from rs2"
native EXTR     "rd = (rs1:rs2) >> imm\[5:0\]; word imm.6"
native ANDM     "rd = rs1 & m, m the bit mask that A64 encodes as N:immr:imms = imm\[12:0\]; word imm.13" sxx
native ORM      "rd = rs1 | m, as ANDM" sxx
native XORM     "rd = rs1 ^ m, as ANDM" sxx
native ANDMS    "as ANDM, sets N and Z, clears C and V"
native ADRP     "rd = (pc & ~4095) + (imm << 12)"
native DIVA     "rd = rs1 / rs2, signed; 0 if rs2 = 0; word imm.0"
native DIVUA    "rd = rs1 / rs2, unsigned; 0 if rs2 = 0; word imm.0"
native CLS      "rd = how many bits below the topmost bit of rs1 equal it; word imm.0"
native RBIT     "rd = the bits of rs1 in reverse order"
native REV16    "rd = rs1 with the bytes of each half word exchanged"
native CRC32    "rd = CRC-32 of rs1\[31:0\] (imm.2: CRC-32C) continued over the low 1 << imm\[1:0\] bytes of rs2"
native CLREX    "the reservation ends"
# aux: size code: log2 of the bytes, + 4 zero-extended, + 8 result cut to 32 bits. Both results or none.
native LDX      "rd = mem\[rs1 + imm\], by aux" xsx
native LDPRE    "as LDX; rs1 = rs1 + imm" xsx
native LDPOST   "rd = mem\[rs1\], by aux; rs1 = rs1 + imm" xsx
native STPRE    "mem\[rs1 + imm\] = rs2, by aux; rs1 = rs1 + imm" xsx
native STPOST   "mem\[rs1\] = rs2, by aux; rs1 = rs1 + imm" xsx
# aux\[1:0\]: 0 words, 1 words sign-extended, 2 double words; aux\[3:2\]: 0 at rs1 + imm, 1 so and rs1 = rs1 + imm, 2 at rs1 and rs1 = rs1 + imm.
native LDP      "rd and register rs2 = two neighbours in memory, by aux" xsx
native STP      "two neighbours in memory = registers rd and rs2, by aux" xsx

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
flow branch BEQ BNE BLT BGE BLTU BGEU BCOND
flow jump J
flow leave ILLEGAL JR JRX CSRW CSRS CSRC ECALL EBREAK MRET SRET WFI SFENCE HFENCEV HFENCEG
