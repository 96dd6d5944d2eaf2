/* TLB shootdown of a VM: the firmware's remote fence on every hart, or the hart's own fence. */
#include "hypervisor/arch/hart.h"
#include "hypervisor/arch/sbi.h"
#include "hypervisor/core/gstage.h"

void gstage_shootdown(uint32_t vmid) {
    uint64_t mask = 0;
    for (uint32_t i = 0; i < hart_count; i++)
        if (harts[i].online)
            mask |= 1ull << harts[i].id;
    sbi_call(SBI_RFENCE, SBI_RFENCE_GVMA_VMID, mask, 0, 0, UINT64_MAX, vmid);
}

void gstage_forget(gpa_t guest, uint32_t vmid) {
    __asm__ volatile(".option push\n.option arch, +h\nhfence.gvma %0, %1\n.option pop" ::"r"(guest.value >> 2), "r"((uint64_t)vmid) : "memory");
}
