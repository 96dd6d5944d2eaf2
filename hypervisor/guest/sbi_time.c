/* SBI timer extension and its legacy form. */
#include "hypervisor/guest/sbi.h"

struct sbi_result guest_sbi_time(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function != 0)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    vcpu_set_timer(v, a[0]);
    return (struct sbi_result){SBI_SUCCESS, 0};
}

struct sbi_result guest_sbi_legacy_timer(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    vcpu_set_timer(v, a[0]);
    return (struct sbi_result){SBI_SUCCESS, 0};
}
