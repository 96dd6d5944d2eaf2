/* SBI hart state management: a VM's vCPUs start and stop each other. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

enum hsm_function { HSM_START, HSM_STOP, HSM_STATUS };
enum hsm_status { HSM_STARTED = 0, HSM_STOPPED = 1 };

static struct vcpu *by_id(struct vm *vm, uint64_t id) {
    return id < vm->vcpu_count ? &vm->vcpus[id] : NULL;
}

static struct sbi_result start(struct vm *vm, const uint64_t *a) {
    struct vcpu *target = by_id(vm, a[0]);
    if (!target)
        return (struct sbi_result){SBI_INVALID_PARAM, 0};
    if (!vm_memory(vm, GPA(a[1]), 2))
        return (struct sbi_result){SBI_INVALID_ADDRESS, 0};
    lock_take(&vm->lock);
    bool is_off = __atomic_load_n(&target->state, __ATOMIC_ACQUIRE) == VCPU_OFF &&
                  !__atomic_load_n(&target->running, __ATOMIC_ACQUIRE) && target->hart->loaded != target;
    if (is_off) {
        vcpu_reset(target, a[1], a[2]);
        __atomic_store_n(&target->state, VCPU_RUNNABLE, __ATOMIC_RELEASE);
    }
    lock_release(&vm->lock);
    vcpu_wake(target);
    return (struct sbi_result){is_off ? SBI_SUCCESS : SBI_ALREADY_AVAILABLE, 0};
}

struct sbi_result guest_sbi_hsm(struct vcpu *v, uint64_t function, const uint64_t *a) {
    struct vcpu *target = by_id(v->vm, a[0]);
    switch (function) {
    case HSM_START: return start(v->vm, a);
    case HSM_STOP:
        vcpu_unload();
        __atomic_store_n(&v->state, VCPU_OFF, __ATOMIC_RELEASE);
        return (struct sbi_result){SBI_SUCCESS, 0};
    case HSM_STATUS:
        if (!target)
            return (struct sbi_result){SBI_INVALID_PARAM, 0};
        return (struct sbi_result){SBI_SUCCESS, target->state == VCPU_OFF ? HSM_STOPPED : HSM_STARTED};
    default: return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    }
}
