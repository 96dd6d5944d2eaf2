/* A function on a VM's bus, as the files of vpci*.c share it. */
#ifndef HYPERVISOR_GUEST_VPCI_FUNCTION_H
#define HYPERVISOR_GUEST_VPCI_FUNCTION_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/lock.h"
#include "hypervisor/drivers/pf.h"

enum { VPCI_NVME, VPCI_NET, VPCI_FUNCTIONS };

struct vpci_function {
    bool present;
    bool gone; /* its VF is not there now: configuration space reads all ones, and so does BAR0, whose mapping stays */
    struct pf_function vf;
    uint32_t class_revision;
    uint32_t bar;     /* as the guest wrote it */
    uint32_t command; /* memory space enable and interrupt disable, as the guest wrote them; bus master is the function's own */
    uint64_t mapped;  /* where BAR0 is mapped now, 0: nowhere */
    uint32_t msix, express, capabilities; /* offsets in the function's configuration space */
    bool line;            /* the guest sees INTx instead of MSI-X */
    bool held_back;       /* the function's own INTx has come and is kept from coming again until the guest has done with it */
    uint32_t line_number; /* scratch byte of the guest */
    uint32_t before_msix, after_msix; /* neighbours in the list of capabilities: MSI-X is hidden from it */
};

struct vpci {
    struct lock lock; /* of the functions' lines */
    struct vpci_function function[VPCI_FUNCTIONS];
};

/** Maps BAR0 where the guest put it, if that is inside its window and memory space is enabled. */
void vpci_update_mapping(struct vm *vm, struct vpci_function *p);

/** Function-level reset as the guest asks for one: its window stays. */
void vpci_reset(struct vm *vm, struct vpci_function *p);

/** From now on the guest sees INTA of the function, and no MSI-X. */
void vpci_show_line(struct vm *vm, struct vpci_function *p);
/** The guest has changed Interrupt Disable or Bus Master Enable (@p master: PCI_COMMAND_MASTER or 0), or the function was reset: brings the function's
 * command register and the line up to date. */
void vpci_settle_line(struct vm *vm, struct vpci_function *p, uint32_t master);
/** Aims all messages of a VF whose line the guest sees at the hypervisor, as after a reset. */
void vpci_aim_messages(const struct vpci_function *p);

#endif
