/*
 * SBI remote fences. Every kind is answered by the strongest local fence: the target forgets all stage-one translations and its
 * instruction cache before its next guest instruction, and the caller waits until each target that is in the guest has left it.
 */
#include "hypervisor/core/vm.h"
#include "hypervisor/guest/sbi.h"

#define LAST_GUEST_FUNCTION 2u /* FENCE.I, SFENCE.VMA, SFENCE.VMA with ASID; guests have no guests of their own */

static void request_fence(struct vcpu *target) {
    __atomic_store_n(&target->fence, 1, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&target->running, __ATOMIC_SEQ_CST) && target->hart != hart_self())
        hart_kick(target->hart);
}

/* A target that fences itself at its entry clears the flag; one that is not running does so when it runs again. */
static void wait_for_fence(struct vcpu *target) {
    if (target->hart == hart_self())
        return;
    while (__atomic_load_n(&target->running, __ATOMIC_SEQ_CST) && __atomic_load_n(&target->fence, __ATOMIC_SEQ_CST))
        ;
}

struct sbi_result guest_sbi_fence(struct vcpu *v, uint64_t mask, uint64_t base) {
    int error = guest_sbi_for_each(v, mask, base, request_fence);
    if (error)
        return (struct sbi_result){error, 0};
    /* While we wait ourselves, we are outside the guest: whoever waits for us needs not. */
    __atomic_store_n(&v->running, 0, __ATOMIC_SEQ_CST);
    guest_sbi_for_each(v, mask, base, wait_for_fence);
    return (struct sbi_result){SBI_SUCCESS, 0};
}

struct sbi_result guest_sbi_rfence(struct vcpu *v, uint64_t function, const uint64_t *a) {
    if (function > LAST_GUEST_FUNCTION)
        return (struct sbi_result){SBI_NOT_SUPPORTED, 0};
    return guest_sbi_fence(v, a[0], a[1]);
}
