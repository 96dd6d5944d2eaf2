/* Calls to the M-mode firmware (SBI specification v1.0). */
#ifndef HYPERVISOR_ARCH_SBI_H
#define HYPERVISOR_ARCH_SBI_H

#include <stdint.h>

#define SBI_LEGACY_SET_TIMER 0x0u
#define SBI_LEGACY_PUTCHAR 0x1u
#define SBI_LEGACY_GETCHAR 0x2u
#define SBI_LEGACY_CLEAR_IPI 0x3u
#define SBI_LEGACY_SEND_IPI 0x4u
#define SBI_LEGACY_FENCE_I 0x5u
#define SBI_LEGACY_SFENCE 0x6u
#define SBI_LEGACY_SFENCE_ASID 0x7u
#define SBI_LEGACY_SHUTDOWN 0x8u
#define SBI_BASE 0x10u
#define SBI_TIME 0x54494d45u
#define SBI_IPI 0x735049u
#define SBI_RFENCE 0x52464e43u
#define SBI_HSM 0x48534du
#define SBI_SRST 0x53525354u
#define SBI_SUSP 0x53555350u
#define SBI_PMU 0x504d55u
#define SBI_DBCN 0x4442434eu

#define SBI_SUCCESS 0
#define SBI_FAILED (-1)
#define SBI_NOT_SUPPORTED (-2)
#define SBI_INVALID_PARAM (-3)
#define SBI_DENIED (-4)
#define SBI_INVALID_ADDRESS (-5)
#define SBI_ALREADY_AVAILABLE (-6)

#define SBI_RFENCE_FENCE_I 0u
#define SBI_RFENCE_SFENCE 1u
#define SBI_RFENCE_SFENCE_ASID 2u
#define SBI_RFENCE_GVMA_VMID 3u
#define SBI_RFENCE_VVMA 6u

struct sbi_result {
    int64_t error;
    int64_t value;
};

static inline struct sbi_result sbi_call(uint64_t extension, uint64_t function, uint64_t a, uint64_t b, uint64_t c,
                                         uint64_t d, uint64_t e) {
    register uint64_t a0 __asm__("a0") = a;
    register uint64_t a1 __asm__("a1") = b;
    register uint64_t a2 __asm__("a2") = c;
    register uint64_t a3 __asm__("a3") = d;
    register uint64_t a4 __asm__("a4") = e;
    register uint64_t a6 __asm__("a6") = function;
    register uint64_t a7 __asm__("a7") = extension;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a2), "r"(a3), "r"(a4), "r"(a6), "r"(a7) : "memory");
    return (struct sbi_result){(int64_t)a0, (int64_t)a1};
}

static inline void sbi_set_timer(uint64_t deadline) {
    sbi_call(SBI_TIME, 0, deadline, 0, 0, 0, 0);
}

static inline struct sbi_result sbi_hart_start(uint64_t id, uint64_t address, uint64_t opaque) {
    return sbi_call(SBI_HSM, 0, id, address, opaque, 0, 0);
}

static inline void sbi_send_ipi(uint64_t mask, uint64_t base) {
    sbi_call(SBI_IPI, 0, mask, base, 0, 0, 0);
}

#endif
