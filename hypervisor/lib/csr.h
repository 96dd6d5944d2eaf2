/* Access to control and status registers, and the bits of them that the hypervisor and its guests use. */
#ifndef HYPERVISOR_LIB_CSR_H
#define HYPERVISOR_LIB_CSR_H

#include <stdint.h>

/* The name is expanded first: it may be a number of ours. */
#define CSR_TEXT(csr) #csr
#define csr_read(csr) \
    ({ \
        uint64_t csr_value_; \
        __asm__ volatile("csrr %0, " CSR_TEXT(csr) : "=r"(csr_value_)::"memory"); \
        csr_value_; \
    })
#define csr_write(csr, value) __asm__ volatile("csrw " CSR_TEXT(csr) ", %0" ::"rK"((uint64_t)(value)) : "memory")
#define csr_set(csr, bits) __asm__ volatile("csrs " #csr ", %0" ::"rK"((uint64_t)(bits)) : "memory")
#define csr_clear(csr, bits) __asm__ volatile("csrc " #csr ", %0" ::"rK"((uint64_t)(bits)) : "memory")

#define SSTATUS_SIE (1ull << 1)
#define SSTATUS_SPIE (1ull << 5)
#define SSTATUS_FS_CLEAN (2ull << 13)
#define SSTATUS_FS_DIRTY (3ull << 13)
#define SSTATUS_SPP (1ull << 8)
#define SSTATUS_SUM (1ull << 18)
#define SSTATUS_UXL_64 (2ull << 32)

#define HSTATUS_GVA (1ull << 6)
#define HSTATUS_SPV (1ull << 7)
#define HSTATUS_SPVP (1ull << 8)
#define HSTATUS_VGEIN_LSB 12
#define HSTATUS_VGEIN_MASK (0x3full << HSTATUS_VGEIN_LSB)
#define HSTATUS_VTW (1ull << 21)
#define HSTATUS_VSXL_64 (2ull << 32)

/* ISA select (models/hart/README.md), where riscv,isa says xassayisa: the ISA of U-mode; an application's stack pointer, flags and thread
 * pointer; whether guests may use them. */
#define CSR_UISA 0x5c0
#define CSR_USP 0x5c1
#define CSR_UFLAGS 0x5c2
#define CSR_UTHREAD 0x5c3
#define CSR_HISA 0x6c0

#define IRQ_SSI 1u
#define IRQ_VSSI 2u
#define IRQ_STI 5u
#define IRQ_VSTI 6u
#define IRQ_SEI 9u
#define IRQ_VSEI 10u
#define IRQ_SGEI 12u
#define IRQ_BIT(n) (1ull << (n))

#define CAUSE_INTERRUPT (1ull << 63)
#define CAUSE_FETCH_ACCESS 1u
#define CAUSE_ILLEGAL 2u
#define CAUSE_LOAD_ACCESS 5u
#define CAUSE_STORE_ACCESS 7u
#define CAUSE_ECALL_U 8u
#define CAUSE_ECALL_VS 10u
#define CAUSE_FETCH_GUEST_PAGE 20u
#define CAUSE_LOAD_GUEST_PAGE 21u
#define CAUSE_VIRTUAL_INSTRUCTION 22u
#define CAUSE_STORE_GUEST_PAGE 23u
#define CAUSES 24u

#define CSR_HSTATEEN0 0x60c /* the assembler of Debian 12 does not know its name */
#define HSTATEEN0_ENVCFG (1ull << 62)
#define SENVCFG_FIOM 1ull
#define HENVCFG_PBMTE (1ull << 62)
#define HENVCFG_STCE (1ull << 63)
#define HENVCFG_ADUE (1ull << 61) /* a walk sets A and D bits itself */
#define HENVCFG_CBZE (1ull << 7)
#define HENVCFG_CBCFE (1ull << 6)
#define HENVCFG_CBIE_INVAL (3ull << 4)

#endif
