/*
 * Legacy calls with hart masks: IPIs and remote fences. Kernels that know no SBI v0.2 have no others (seL4, Linux before 5.7). The mask lies at a
 * guest-virtual address; NULL names every vCPU, as OpenSBI takes it, and bits beyond the last vCPU name nobody.
 */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"
#include "hypervisor/lib/csr.h"

int guest_load(uint64_t address, uint64_t *word);

#define IPI_WAS_PENDING 1

/* A fault of the mask is the guest's, at its call. */
static struct sbi_result take_fault(struct vcpu *v) {
    uint64_t cause = csr_read(scause), value = csr_read(stval);
    v->pc -= 4;
    vcpu_inject_exception(v, cause == CAUSE_LOAD_GUEST_PAGE ? CAUSE_LOAD_ACCESS : cause, value);
    return (struct sbi_result){(int64_t)v->x[10], 0}; /* the call has not happened */
}

static struct sbi_result with_mask(struct vcpu *v, uint64_t address, struct sbi_result (*act)(struct vcpu *v, uint64_t mask)) {
    uint64_t mask = UINT64_MAX;
    if (address && guest_load(address, &mask))
        return take_fault(v);
    return act(v, mask & ((1ull << v->vm->vcpu_count) - 1));
}

static struct sbi_result send(struct vcpu *v, uint64_t mask) {
    return (struct sbi_result){guest_sbi_for_each(v, mask, 0, vcpu_raise_ipi), 0};
}

static struct sbi_result fence(struct vcpu *v, uint64_t mask) {
    return guest_sbi_fence(v, mask, 0);
}

struct sbi_result guest_sbi_legacy_clear_ipi(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    (void)a;
    bool pending = __atomic_exchange_n(&v->ipi, 0, __ATOMIC_ACQUIRE) || (csr_read(hvip) & IRQ_BIT(IRQ_VSSI));
    csr_clear(hvip, IRQ_BIT(IRQ_VSSI));
    return (struct sbi_result){pending ? IPI_WAS_PENDING : 0, 0};
}

struct sbi_result guest_sbi_legacy_ipi(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    return with_mask(v, a[0], send);
}

struct sbi_result guest_sbi_legacy_fence(struct vcpu *v, uint64_t function, const uint64_t *a) {
    (void)function;
    return with_mask(v, a[0], fence);
}
