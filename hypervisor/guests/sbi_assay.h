/* The hypervisor's own SBI extension for its guests (vendor space of SBI 1.0, chapter 3). */
#ifndef HYPERVISOR_GUESTS_SBI_ASSAY_H
#define HYPERVISOR_GUESTS_SBI_ASSAY_H

#define SBI_ASSAY 0x0900a55aull
/* a0 = guest-physical address of a page of RAM that the guest does not need: it reads as 0 when touched again. */
#define SBI_ASSAY_GIVE_BACK 0ull

#endif
