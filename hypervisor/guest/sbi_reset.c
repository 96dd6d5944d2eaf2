/* SBI system reset: the VM ends; with a failure as reason it counts as crashed. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

#define RESET_TYPES 3u
#define RESET_REASONS 2u
#define RESET_REASON_OWN 0xe0000000u /* of an implementation or a vendor, from here on */

struct sbi_result guest_sbi_reset(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function != 0)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    uint32_t type = (uint32_t)a[0], reason = (uint32_t)a[1];
    if (type >= RESET_TYPES || (reason >= RESET_REASONS && reason < RESET_REASON_OWN))
        return (struct sbi_result){SBI_INVALID_PARAM, 0};
    vm_end(v->vm, reason ? MAILBOX_VM_CRASHED : MAILBOX_VM_SHUTDOWN);
    return (struct sbi_result){SBI_SUCCESS, 0};
}

struct sbi_result guest_sbi_legacy_shutdown(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    (void)a;
    vm_end(v->vm, MAILBOX_VM_SHUTDOWN);
    return (struct sbi_result){SBI_SUCCESS, 0};
}
