#include "hypervisor/drivers/net.h"

#include "hypervisor/lib/pci.h"

#define CLASS_ETHERNET 0x020000u
#define VENDOR_VIRTIO 0x1af4u
#define FIRST_RID 0x20u
#define FUNCTIONS 16u

static struct pf_function functions[FUNCTIONS];

bool net_get_function(uint32_t function, struct pf_function *out) {
    if (function >= FUNCTIONS)
        return false;
    struct pf_function *f = &functions[function];
    uint16_t rid = (uint16_t)(FIRST_RID + function);
    uint32_t id = pci_read(rid, PCI_ID);
    if ((id & 0xffff) != VENDOR_VIRTIO || pci_read(rid, PCI_CLASS) >> 8 != CLASS_ETHERNET)
        return false;
    if (!f->bar)
        f->bar = pci_assign_bar(rid, PCI_BAR0, 1, &f->bar_bytes);
    else
        pci_write(rid, PCI_BAR0, (uint32_t)f->bar); /* a reset has cleared it */
    if (!f->bar)
        return false;
    pci_write(rid, PCI_COMMAND, pci_read(rid, PCI_COMMAND) | PCI_COMMAND_MEMORY);
    f->rid = rid;
    f->id = id;
    *out = *f;
    return true;
}
