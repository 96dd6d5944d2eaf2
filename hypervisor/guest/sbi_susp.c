/* SBI system suspend: a VM whose other vCPUs are stopped sleeps until its last one is woken, and goes on where it said. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

#define SUSPEND_TO_RAM 0u

static bool others_are_stopped(const struct vcpu *v) {
    for (uint32_t i = 0; i < v->vm->vcpu_count; i++)
        if (i != v->index && __atomic_load_n(&v->vm->vcpus[i].state, __ATOMIC_ACQUIRE) != VCPU_OFF)
            return false;
    return true;
}

struct sbi_result guest_sbi_suspend(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function != 0)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    if ((uint32_t)a[0] != SUSPEND_TO_RAM)
        return (struct sbi_result){SBI_INVALID_PARAM, 0};
    if (!others_are_stopped(v))
        return (struct sbi_result){SBI_DENIED, 0};
    return guest_sbi_restart_later(v, a[1], a[2]);
}
