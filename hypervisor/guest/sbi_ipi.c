/* SBI IPI extension. */
#include "hypervisor/guest/sbi.h"

struct sbi_result guest_sbi_ipi(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function != 0)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    return (struct sbi_result){guest_sbi_for_each(v, a[0], a[1], vcpu_raise_ipi), 0};
}
