/* The SBI that guests see (SBI specification v2.0): one handler an extension, in a table. */
#ifndef HYPERVISOR_GUEST_SBI_H
#define HYPERVISOR_GUEST_SBI_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/arch/sbi.h"
#include "hypervisor/core/vcpu.h"

/**
 * Answers one call.
 * @param function a6 of the guest
 * @param a the guest's a0..a5
 */
typedef struct sbi_result guest_sbi_handler(struct vcpu *v, uint64_t function, const uint64_t *a);

struct guest_sbi_extension {
    uint64_t id;
    bool is_legacy; /* answers in a0 only */
    guest_sbi_handler *handle;
};

/** Answers the guest's ecall: a7 and a6 say what, a0 and a1 get error and value. */
void guest_sbi_call(struct vcpu *v);
/** True when guests may call extension @p id. */
bool guest_sbi_probe(uint64_t id);

guest_sbi_handler guest_sbi_base, guest_sbi_time, guest_sbi_legacy_timer, guest_sbi_ipi, guest_sbi_rfence, guest_sbi_hsm,
    guest_sbi_suspend, guest_sbi_reset, guest_sbi_legacy_shutdown, guest_sbi_legacy_putchar, guest_sbi_legacy_getchar, guest_sbi_legacy_clear_ipi,
    guest_sbi_legacy_ipi, guest_sbi_legacy_fence, guest_sbi_console, guest_sbi_assay;

/** Suspends the vCPU until something that it has enabled is pending; it then starts at @p address with @p opaque in a1, as a hart does that is started. */
struct sbi_result guest_sbi_restart_later(struct vcpu *v, uint64_t address, uint64_t opaque);

/** Calls @p action for each vCPU that the SBI hart mask (@p mask, @p base) names. @return SBI_SUCCESS or SBI_INVALID_PARAM */
int guest_sbi_for_each(struct vcpu *v, uint64_t mask, uint64_t base, void (*action)(struct vcpu *));

/** Makes each vCPU that the mask names forget its stage-one translations and fetched instructions, and waits until none uses them any more. */
struct sbi_result guest_sbi_fence(struct vcpu *v, uint64_t mask, uint64_t base);

#endif
