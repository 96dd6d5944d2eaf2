/* SBI base extension: version and probing. */
#include "hypervisor/guest/sbi.h"

#define SPEC_VERSION (2u << 24) /* 2.0, for the debug console */
#define IMPLEMENTATION_ID 0x415359u
#define IMPLEMENTATION_VERSION 1u

struct sbi_result guest_sbi_base(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)v;
    switch (function) {
    case 0: return (struct sbi_result){SBI_SUCCESS, SPEC_VERSION};
    case 1: return (struct sbi_result){SBI_SUCCESS, IMPLEMENTATION_ID};
    case 2: return (struct sbi_result){SBI_SUCCESS, IMPLEMENTATION_VERSION};
    case 3: return (struct sbi_result){SBI_SUCCESS, guest_sbi_probe(a[0])};
    case 4:
    case 5:
    case 6: return (struct sbi_result){SBI_SUCCESS, 0};
    default: return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    }
}
