/* The table of guests' SBI extensions. */
#include "hypervisor/guest/sbi.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/guests/sbi_assay.h"

static const struct guest_sbi_extension extensions[] = {
    {SBI_LEGACY_SET_TIMER, true, guest_sbi_legacy_timer},
    {SBI_LEGACY_PUTCHAR, true, guest_sbi_legacy_putchar},
    {SBI_LEGACY_GETCHAR, true, guest_sbi_legacy_getchar},
    {SBI_LEGACY_CLEAR_IPI, true, guest_sbi_legacy_clear_ipi},
    {SBI_LEGACY_SEND_IPI, true, guest_sbi_legacy_ipi},
    {SBI_LEGACY_FENCE_I, true, guest_sbi_legacy_fence},
    {SBI_LEGACY_SFENCE, true, guest_sbi_legacy_fence},
    {SBI_LEGACY_SFENCE_ASID, true, guest_sbi_legacy_fence},
    {SBI_LEGACY_SHUTDOWN, true, guest_sbi_legacy_shutdown},
    {SBI_BASE, false, guest_sbi_base},
    {SBI_TIME, false, guest_sbi_time},
    {SBI_IPI, false, guest_sbi_ipi},
    {SBI_RFENCE, false, guest_sbi_rfence},
    {SBI_HSM, false, guest_sbi_hsm},
    {SBI_SUSP, false, guest_sbi_suspend},
    {SBI_SRST, false, guest_sbi_reset},
    {SBI_DBCN, false, guest_sbi_console},
    {SBI_ASSAY, false, guest_sbi_assay},
};

static const struct guest_sbi_extension *find_extension(uint64_t id) {
    for (unsigned i = 0; i < sizeof extensions / sizeof extensions[0]; i++)
        if (extensions[i].id == id)
            return &extensions[i];
    return NULL;
}

bool guest_sbi_probe(uint64_t id) {
    return find_extension(id) != NULL;
}

void guest_sbi_call(struct vcpu *v) {
    const struct guest_sbi_extension *extension = find_extension(v->x[17]);
    struct sbi_result result = {SBI_NOT_SUPPORTED, 0};
    if (extension)
        result = extension->handle(v, v->x[16], &v->x[10]);
    v->x[10] = (uint64_t)result.error;
    if (!extension || !extension->is_legacy)
        v->x[11] = (uint64_t)result.value;
}

int guest_sbi_for_each(struct vcpu *v, uint64_t mask, uint64_t base, void (*action)(struct vcpu *)) {
    struct vm *vm = v->vm;
    bool all = base == UINT64_MAX;
    if (!all && mask == 0)
        return SBI_SUCCESS;
    if (!all && (base >= vm->vcpu_count || (mask >> 1) >> (vm->vcpu_count - base - 1)))
        return SBI_INVALID_PARAM;
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (all || (i >= base && ((mask >> (i - base)) & 1)))
            action(&vm->vcpus[i]);
    return SBI_SUCCESS;
}
