/*
 * Driver of the NIC's physical function: an NVMe controller whose admin queue the hypervisor uses (polled, from the manager only), its
 * virtual functions, and the vendor commands for volumes. All functions answer enum mailbox_status.
 */
#ifndef HYPERVISOR_DRIVERS_PF_H
#define HYPERVISOR_DRIVERS_PF_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

struct pf_function {
    uint16_t rid;
    uint64_t bar; /* host-physical address of BAR0 */
    uint64_t bar_bytes;
    uint32_t id;  /* vendor and device, as a guest is to see them */
};

/** Reads which functions are this partition's, if the machine is split: the first partition has the PF, and some VFs; the others have VFs only,
 * which exist once the first one has enabled the PF. */
void pf_setup(const struct fdt *fdt);
/** Resets and enables the PF and creates @p vfs virtual functions. Once. */
int pf_enable(uint32_t vfs);
/** Changes the number of VFs, 0 to 16: what is there ends first. The functions of @p lost and @p back are called when all VFs have gone, and
 * when the new ones are there. */
int pf_set_vfs(uint32_t vfs, void (*lost)(void), void (*back)(void));
/** VF @p vf (1-based, of those of this partition). @return false when there is none */
bool pf_get_vf(uint32_t vf, struct pf_function *out);
uint16_t pf_rid(void);
/** Attaches a volume to a VF's namespace 1 (0xffffffff detaches). @p nvme_error gets the status field on MAILBOX_DEVICE_ERROR. */
int pf_attach_volume(uint32_t vf, uint32_t volume, uint16_t *nvme_error);
/** Limits a VF to so many commands and KiB a second; 0: no limit. */
int pf_limit_vf(uint32_t vf, uint32_t commands, uint32_t kib, uint16_t *nvme_error);
/** Downloads firmware to the NIC and commits it (NVMe 1.4 sections 5.11, 5.12). @return MAILBOX_OK, MAILBOX_NO_DEVICE, MAILBOX_TIMEOUT, or MAILBOX_DEVICE_ERROR with the NVMe status */
int pf_update_firmware(const uint8_t *image, uint64_t bytes, uint32_t slot, uint32_t action, uint16_t *nvme_error);

/** The firmware's list of volumes, NUL-terminated text. */
int pf_list_volumes(char *text, uint32_t bytes, uint16_t *nvme_error);

/*
 * A VF held still, for its state to be moved (firmware/nvme/function_state_wire.h). What is under way ends before pf_hold_vf() returns; a held
 * VF begins nothing. @p nvme_error as above.
 */
int pf_hold_vf(uint32_t vf, uint16_t *nvme_error);
int pf_release_vf(uint32_t vf, uint16_t *nvme_error);
/** Copies the state: 1 KiB. */
int pf_get_vf_state(uint32_t vf, void *to, uint16_t *nvme_error);
/** Gives a held VF, whose controller is enabled with the state's own registers, the state. */
int pf_set_vf_state(uint32_t vf, const void *from, uint16_t *nvme_error);

/*
 * The PF's own I/O queue pair, polled, from the manager only: namespace 1 is what volume is attached to function 0. Blocks have 512 bytes.
 */
#define PF_IO_TAGS 16u
#define PF_IO_MAX_BYTES 0x20000u

/** Attaches @p volume to the PF and makes the queue pair. @p blocks: of the namespace. */
int pf_io_open(uint32_t volume, uint64_t *blocks, uint16_t *nvme_error);
/** Starts a command; @p tag (below PF_IO_TAGS) must not be in flight. @p prp1, @p prp2 as NVMe wants them. */
void pf_io_submit(uint32_t tag, uint8_t opcode, uint64_t lba, uint32_t blocks, uint64_t prp1, uint64_t prp2);
/** Takes one completion. @return false when there is none */
bool pf_io_poll(uint32_t *tag, uint16_t *nvme_error);

#endif
