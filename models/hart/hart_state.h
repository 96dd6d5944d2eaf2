/* The architectural state of one hart: a plain struct without pointers.
 *
 * Copying a struct hart is a checkpoint; nothing else has to be saved (the host-side caches are rebuilt).
 * Registers are readable between two calls of hart_step/hart_run at any time; who writes the struct
 * calls hart_state_changed() afterwards.
 */
#ifndef ASSAY_MODELS_HART_HART_STATE_H
#define ASSAY_MODELS_HART_HART_STATE_H

#include <stdint.h>

/** Privilege encodings as in mstatus.MPP. */
enum hart_priv { HART_U = 0, HART_S = 1, HART_M = 3 };

/** Native register files: 0 reads as zero, 1..31 are the guest's, 32.. temporaries of templates; from HART_F0 on the 32 floating-point registers.
 * While an application of the second guest ISA executes, what its templates call 0 is 31 and the other way round (models/hart/README.md). */
enum { HART_SP = 36, HART_FLAGS = 37, HART_THREAD = 38, HART_F0 = 64, HART_REGISTERS = HART_F0 + 32, HART_PMP_ENTRIES = 16, HART_GEILEN = 8 };

/** Interrupt numbers; the levels that a board drives are 1 << number. */
enum hart_irq {
	HART_IRQ_SSI = 1, HART_IRQ_VSSI = 2, HART_IRQ_MSI = 3, HART_IRQ_STI = 5, HART_IRQ_VSTI = 6,
	HART_IRQ_MTI = 7, HART_IRQ_SEI = 9, HART_IRQ_VSEI = 10, HART_IRQ_MEI = 11, HART_IRQ_SGEI = 12,
};

/** Extensions that a configuration may switch; RV64IMAC, Zicsr, Zifencei, Zba, Zbb, Zbs are always there, S and U unless said otherwise. */
enum hart_isa {
	HART_ISA_H = 1u << 0,		/**< hypervisor extension */
	HART_ISA_SSTC = 1u << 1,	/**< stimecmp, vstimecmp */
	HART_ISA_FD = 1u << 3,		/**< single- and double-precision floating point */
	HART_ISA_A64 = 1u << 4,		/**< applications may be A64 code: ISA select, see hart_domain_set_application() */
	HART_ISA_M_ONLY = 1u << 2,	/**< neither S nor U nor H: a microcontroller such as the NIC's */
};

/** Why an access to the bus has not been answered yet; see hart_complete_access(). */
enum hart_wait { HART_WAIT_NONE = 0, HART_WAIT_PENDING = 1, HART_WAIT_DONE = 2 };

/** The state of one hart. CSR fields hold the bits that software would read, unless said otherwise. */
struct hart {
	uint64_t x[HART_REGISTERS];	/**< x[0] stays 0; x[63] is a sink of the executor and means nothing; f0 is x[HART_F0] */
	uint64_t fcsr;			/**< frm in bits 7:5, fflags in 4:0 */
	uint64_t pc;			/**< address of the instruction that executes next or is being executed */
	uint64_t cycles;		/**< cycles since reset: native ops and stalls in timed mode, instructions in fast */
	uint64_t instructions;		/**< instructions retired since reset */
	uint64_t native_ops;		/**< native ops executed since reset */

	uint32_t uop;			/**< native ops of the instruction at pc already executed (timed mode) */
	uint8_t priv;			/**< enum hart_priv */
	uint8_t virt;			/**< V: 1 in VS- and VU-mode */
	uint8_t in_wfi;			/**< stalled by WFI */
	uint8_t reserved_valid;		/**< LR/SC reservation held */
	uint64_t reserved_pa;		/**< reserved physical address, 8-byte aligned */

	uint32_t wait;			/**< enum hart_wait */
	uint32_t wait_fault;		/**< the answer was an access fault */
	uint64_t wait_value;		/**< the answer's data */

	uint64_t isa;			/**< enum hart_isa */
	uint64_t hartid;

	/* machine level */
	uint64_t mstatus, medeleg, mideleg, mie, mtvec, mcounteren, mcountinhibit, menvcfg;
	uint64_t mscratch, mepc, mcause, mtval, mtval2, mtinst;
	uint64_t mip_soft;		/**< bits that software set: SSIP, STIP, SEIP */
	uint64_t mip_lines;		/**< bits that the board drives: MSIP, MTIP, MEIP, SEIP */
	uint64_t cycle_offset;		/**< mcycle = cycles + cycle_offset (while not inhibited) */
	uint64_t instret_offset;	/**< minstret = instructions + instret_offset (while not inhibited) */
	uint8_t pmpcfg[HART_PMP_ENTRIES];
	uint64_t pmpaddr[HART_PMP_ENTRIES];

	/* supervisor level */
	uint64_t stvec, scounteren, senvcfg, sscratch, sepc, scause, stval, satp, stimecmp;

	/* hypervisor and virtual supervisor level */
	uint64_t hstatus, hedeleg, hideleg, hcounteren, htimedelta, htval, htinst, hgatp, henvcfg;
	uint64_t hvip;			/**< VSSIP, VSTIP, VSEIP as software set them */
	uint64_t hgeie;
	uint64_t hgeip_lines;		/**< guest external interrupts that the board drives, bits 1..HART_GEILEN */
	uint64_t vsstatus, vstvec, vsscratch, vsepc, vscause, vstval, vsatp, vstimecmp;

	/* ISA select: the ISA of U-mode, 1 the second one; whether a guest may use it */
	uint64_t uisa, hisa;
};

#endif
