/* Bits of the privileged architecture 1.12 that the model uses, named as the specification names them. */
#ifndef ASSAY_MODELS_HART_BITS_H
#define ASSAY_MODELS_HART_BITS_H

#include <stdint.h>

#define BIT(n) (UINT64_C(1) << (n))

#define MSTATUS_SIE BIT(1)
#define MSTATUS_MIE BIT(3)
#define MSTATUS_SPIE BIT(5)
#define MSTATUS_MPIE BIT(7)
#define MSTATUS_SPP BIT(8)
#define MSTATUS_MPP (UINT64_C(3) << 11)
#define MSTATUS_MPP_SHIFT 11
#define MSTATUS_FS (UINT64_C(3) << 13)
#define MSTATUS_FS_SHIFT 13
#define MSTATUS_MPRV BIT(17)
#define MSTATUS_SUM BIT(18)
#define MSTATUS_MXR BIT(19)
#define MSTATUS_TVM BIT(20)
#define MSTATUS_TW BIT(21)
#define MSTATUS_TSR BIT(22)
#define MSTATUS_UXL (UINT64_C(2) << 32)
#define MSTATUS_SXL (UINT64_C(2) << 34)
#define MSTATUS_GVA BIT(38)
#define MSTATUS_MPV BIT(39)
#define MSTATUS_SD BIT(63)
#define SSTATUS_WRITABLE (MSTATUS_SIE | MSTATUS_SPIE | MSTATUS_SPP | MSTATUS_SUM | MSTATUS_MXR)

#define HSTATUS_GVA BIT(6)
#define HSTATUS_SPV BIT(7)
#define HSTATUS_SPVP BIT(8)
#define HSTATUS_HU BIT(9)
#define HSTATUS_VGEIN (UINT64_C(63) << 12)
#define HSTATUS_VGEIN_SHIFT 12
#define HSTATUS_VTVM BIT(20)
#define HSTATUS_VTW BIT(21)
#define HSTATUS_VTSR BIT(22)
#define HSTATUS_VSXL (UINT64_C(2) << 32)

#define FLAGS_MASK (UINT64_C(15) << 28)

#define FCSR_FFLAGS UINT64_C(0x1f)
#define FCSR_FRM_SHIFT 5

#define ENVCFG_FIOM BIT(0)
#define ENVCFG_CBIE (UINT64_C(3) << 4)
#define ENVCFG_CBIE_RESERVED (UINT64_C(2) << 4)
#define ENVCFG_CBCFE BIT(6)
#define ENVCFG_CBZE BIT(7)
#define ENVCFG_ADUE BIT(61)
#define ENVCFG_PBMTE BIT(62)
#define ENVCFG_STCE BIT(63)
#define ENVCFG_OF_MENVCFG (ENVCFG_ADUE | ENVCFG_PBMTE | ENVCFG_STCE)	/* henvcfg has them only where menvcfg has */

#define IRQ(name) BIT(HART_IRQ_##name)
#define IRQ_VS (IRQ(VSSI) | IRQ(VSTI) | IRQ(VSEI))
#define IRQ_S (IRQ(SSI) | IRQ(STI) | IRQ(SEI))
#define IRQ_M (IRQ(MSI) | IRQ(MTI) | IRQ(MEI))

#define ATP_MODE_SHIFT 60
#define ATP_PPN ((UINT64_C(1) << 44) - 1)
#define ATP_BARE 0
#define ATP_SV39 8
#define ATP_SV57 10

#define PTE_V BIT(0)
#define PTE_R BIT(1)
#define PTE_W BIT(2)
#define PTE_X BIT(3)
#define PTE_U BIT(4)
#define PTE_A BIT(6)
#define PTE_D BIT(7)
#define PTE_PPN_SHIFT 10
#define PTE_N BIT(63)
#define PTE_PBMT (UINT64_C(3) << 61)
#define PTE_RESERVED (UINT64_C(0x7f) << 54)

enum cause {
	CAUSE_FETCH_MISALIGNED = 0, CAUSE_FETCH_ACCESS = 1, CAUSE_ILLEGAL = 2, CAUSE_BREAKPOINT = 3, CAUSE_LOAD_MISALIGNED = 4, CAUSE_LOAD_ACCESS = 5,
	CAUSE_STORE_MISALIGNED = 6, CAUSE_STORE_ACCESS = 7, CAUSE_ECALL_U = 8, CAUSE_ECALL_S = 9, CAUSE_ECALL_VS = 10,
	CAUSE_ECALL_M = 11, CAUSE_FETCH_PAGE = 12, CAUSE_LOAD_PAGE = 13, CAUSE_STORE_PAGE = 15, CAUSE_FETCH_GUEST = 20,
	CAUSE_LOAD_GUEST = 21, CAUSE_VIRTUAL = 22, CAUSE_STORE_GUEST = 23,
};
#define CAUSE_INTERRUPT BIT(63)

static inline unsigned pp_of(uint64_t mstatus) { return (unsigned)((mstatus & MSTATUS_MPP) >> MSTATUS_MPP_SHIFT); }

#endif
