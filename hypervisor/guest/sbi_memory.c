/* The guest gives pages of its RAM back. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"
#include "hypervisor/guests/sbi_assay.h"
#include "hypervisor/snapshot/protect.h"

struct sbi_result guest_sbi_assay(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function != SBI_ASSAY_GIVE_BACK)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    return (struct sbi_result){snapshot_page_give_back(v->vm, GPA(a[0])) ? SBI_SUCCESS : SBI_INVALID_ADDRESS, 0};
}
