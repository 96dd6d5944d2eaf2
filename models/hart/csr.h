/* Control and status registers: numbers, and the value functions behind csr.c's access rules. */
#ifndef ASSAY_MODELS_HART_CSR_H
#define ASSAY_MODELS_HART_CSR_H

#include "models/hart/bits.h"
#include "models/hart/core.h"

enum csr_number {
	CSR_FFLAGS = 1, CSR_FRM, CSR_FCSR,
	CSR_SSTATUS = 0x100, CSR_SIE = 0x104, CSR_STVEC, CSR_SCOUNTEREN, CSR_SENVCFG = 0x10a, CSR_SSCRATCH = 0x140, CSR_SEPC,
	CSR_SCAUSE, CSR_STVAL, CSR_SIP, CSR_STIMECMP = 0x14d, CSR_SATP = 0x180,
	CSR_VSSTATUS = 0x200, CSR_VSIE = 0x204, CSR_VSTVEC, CSR_VSSCRATCH = 0x240, CSR_VSEPC, CSR_VSCAUSE, CSR_VSTVAL, CSR_VSIP,
	CSR_VSTIMECMP = 0x24d, CSR_VSATP = 0x280,
	CSR_MSTATUS = 0x300, CSR_MISA, CSR_MEDELEG, CSR_MIDELEG, CSR_MIE, CSR_MTVEC, CSR_MCOUNTEREN, CSR_MENVCFG = 0x30a,
	CSR_MCOUNTINHIBIT = 0x320, CSR_MHPMEVENT3 = 0x323, CSR_MHPMEVENT31 = 0x33f, CSR_MSCRATCH, CSR_MEPC, CSR_MCAUSE, CSR_MTVAL,
	CSR_MIP, CSR_MTINST = 0x34a, CSR_MTVAL2, CSR_PMPCFG0 = 0x3a0, CSR_PMPCFG15 = 0x3af, CSR_PMPADDR0 = 0x3b0, CSR_PMPADDR63 = 0x3ef,
	CSR_HSTATUS = 0x600, CSR_HEDELEG = 0x602, CSR_HIDELEG, CSR_HIE, CSR_HTIMEDELTA, CSR_HCOUNTEREN, CSR_HGEIE, CSR_HENVCFG = 0x60a,
	CSR_UISA = 0x5c0, CSR_USP, CSR_UFLAGS, CSR_UTHREAD, CSR_HISA = 0x6c0,
	CSR_HTVAL = 0x643, CSR_HIP, CSR_HVIP, CSR_HTINST = 0x64a, CSR_HGATP = 0x680,
	CSR_TSELECT = 0x7a0, CSR_TINFO = 0x7a4,
	CSR_MCYCLE = 0xb00, CSR_MINSTRET = 0xb02, CSR_MHPMCOUNTER3, CSR_MHPMCOUNTER31 = 0xb1f,
	CSR_CYCLE = 0xc00, CSR_TIME, CSR_INSTRET, CSR_HPMCOUNTER3, CSR_HPMCOUNTER31 = 0xc1f, CSR_HGEIP = 0xe12,
	CSR_MVENDORID = 0xf11, CSR_MARCHID, CSR_MIMPID, CSR_MHARTID, CSR_MCONFIGPTR,
};

/* The register's value as the current instruction may read it; access rules are the caller's.
 * @return false if there is no such register in this configuration. */
bool csr_read_machine(struct hart_core *c, unsigned number, uint64_t *value);
bool csr_read_supervisor(struct hart_core *c, unsigned number, uint64_t *value);
bool csr_read_hypervisor(struct hart_core *c, unsigned number, uint64_t *value);
bool csr_read_float(struct hart_core *c, unsigned number, uint64_t *value);
bool csr_read_counter(struct hart_core *c, unsigned number, uint64_t *value);

/* Writes a register that exists; unsupported fields keep legal values (WARL). */
void csr_write_machine(struct hart_core *c, unsigned number, uint64_t value);
void csr_write_float(struct hart_core *c, unsigned number, uint64_t value);
void csr_write_supervisor(struct hart_core *c, unsigned number, uint64_t value);
void csr_write_hypervisor(struct hart_core *c, unsigned number, uint64_t value);

/* Whether reading or writing NUMBER is the supervisor's own business, once its numbers mean the VS registers in a guest. */
static inline unsigned csr_level(unsigned number) { return number >> 8 & 3; }

/* Shared by the levels. */
uint64_t csr_tvec(uint64_t old, uint64_t value);
uint64_t csr_atp(uint64_t old, uint64_t value);

uint64_t csr_status_writable(const struct hart *h);
uint64_t csr_envcfg(uint64_t old, uint64_t value, uint64_t mask);
static inline uint64_t csr_status_dirty(uint64_t status) { return (status & MSTATUS_FS) == MSTATUS_FS ? MSTATUS_SD : 0; }

static inline uint64_t csr_merge(uint64_t old, uint64_t value, uint64_t mask) { return (old & ~mask) | (value & mask); }

#endif
