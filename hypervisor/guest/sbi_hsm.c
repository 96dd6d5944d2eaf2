/* SBI hart state management: a VM's vCPUs start and stop each other. */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

enum hsm_function { HSM_START, HSM_STOP, HSM_STATUS, HSM_SUSPEND };
enum hsm_status { HSM_STARTED = 0, HSM_STOPPED = 1, HSM_STOP_PENDING = 3, HSM_SUSPENDED = 4 };
enum hsm_suspend_type { HSM_RETENTIVE = 0, HSM_NON_RETENTIVE = 0x80000000u };

static struct vcpu *by_id(struct vm *vm, uint64_t id) {
    return id < vm->vcpu_count ? &vm->vcpus[id] : NULL;
}

static bool is_off(const struct vcpu *v) {
    return __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_OFF;
}

/* One that has just stopped itself is still on its way out of its exit's handler. */
static bool is_leaving(const struct vcpu *v) {
    return __atomic_load_n(&v->running, __ATOMIC_ACQUIRE) != 0;
}

static struct sbi_result start(struct vm *vm, const uint64_t *a) {
    struct vcpu *target = by_id(vm, a[0]);
    if (!target)
        return (struct sbi_result){SBI_INVALID_PARAM, 0};
    if (!vm_memory(vm, GPA(a[1]), 2))
        return (struct sbi_result){SBI_INVALID_ADDRESS, 0};
    lock_take(&vm->lock);
    bool starts = is_off(target);
    if (starts) {
        while (is_leaving(target))
            ;
        vcpu_reset(target, a[1], a[2]);
        target->ipi = 0; /* what was sent to a stopped hart */
        __atomic_store_n(&target->state, VCPU_RUNNABLE, __ATOMIC_RELEASE);
    }
    lock_release(&vm->lock);
    vcpu_wake(target);
    return (struct sbi_result){starts ? SBI_SUCCESS : SBI_ALREADY_AVAILABLE, 0};
}

/* Without its registers it comes back as a start does; what wakes it stays as it is: its timer, what is enabled and pending. They are taken off
 * the hart first, so that all of them, floating point too, are loaded as after a start. */
static void forget_registers(struct vcpu *v, uint64_t address, uint64_t opaque) {
    vcpu_unload();
    struct vs_registers kept = v->vs;
    uint64_t deadline = v->deadline;
    vcpu_reset(v, address, opaque);
    v->deadline = deadline;
    v->vs.vsie = kept.vsie;
    v->vs.hvip = kept.hvip;
    v->vs.vstimecmp = kept.vstimecmp;
}

/* A suspended hart is one in WFI that says so. */
static void wait_suspended(struct vcpu *v) {
    __atomic_store_n(&v->suspended, 1, __ATOMIC_RELEASE);
    vcpu_wait(v);
}

struct sbi_result guest_sbi_restart_later(struct vcpu *v, uint64_t address, uint64_t opaque) {
    if (!vm_memory(v->vm, GPA(address), 2))
        return (struct sbi_result){SBI_INVALID_ADDRESS, 0};
    forget_registers(v, address, opaque);
    wait_suspended(v);
    return (struct sbi_result){v->index, (int64_t)opaque}; /* a0 and a1 of a hart that starts */
}

static struct sbi_result suspend(struct vcpu *v, const uint64_t *a) {
    switch ((uint32_t)a[0]) {
    case HSM_RETENTIVE: wait_suspended(v); return (struct sbi_result){SBI_SUCCESS, 0};
    case HSM_NON_RETENTIVE: return guest_sbi_restart_later(v, a[1], a[2]);
    default: return (struct sbi_result){SBI_INVALID_PARAM, 0};
    }
}

static uint64_t status_of(const struct vcpu *v) {
    if (is_off(v))
        return is_leaving(v) ? HSM_STOP_PENDING : HSM_STOPPED;
    bool waits = __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_WAITING;
    return waits && __atomic_load_n(&v->suspended, __ATOMIC_ACQUIRE) ? HSM_SUSPENDED : HSM_STARTED;
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
        return (struct sbi_result){SBI_SUCCESS, (int64_t)status_of(target)};
    case HSM_SUSPEND: return suspend(v, a);
    default: return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    }
}
