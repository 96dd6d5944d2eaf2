/* The PF: bring-up, SR-IOV, volumes. */
#include "hypervisor/drivers/pf.h"

#include "firmware/nvme/function_state_wire.h"
#include "hypervisor/core/log.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/nvme_admin.h"
#include "hypervisor/drivers/nvme_io.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mailbox_wire.h"

#define MAX_VFS 16u
#define VF_SETTLE_TICKS 10000u /* 1 ms */

static struct {
    bool enabled;
    uint16_t rid;
    uint32_t vfs;
    uint32_t vf_id;
    uint16_t first_vf, stride;
    uint64_t vf_bar, vf_bar_bytes;
    struct nvme_admin admin;
    struct nvme_io io;
} pf;

/* What the partition level has laid down; no VFs: the machine is whole. */
static struct {
    uint32_t first_rid, vfs, vf_id, bar_bytes;
    uint64_t bar;
} share;

void pf_setup(const struct fdt *fdt) {
    uint32_t high = 0, low = 0;
    int node = fdt_find_compatible(fdt, FDT_NONE, "pci-host-ecam-generic");
    if (node == FDT_NONE || !fdt_cell(fdt, node, "assay,virtual-functions", 1, &share.vfs))
        return;
    fdt_cell(fdt, node, "assay,virtual-functions", 0, &share.first_rid);
    fdt_cell(fdt, node, "assay,vf-id", 0, &share.vf_id);
    fdt_cell(fdt, node, "assay,vf-bar-bytes", 0, &share.bar_bytes);
    fdt_cell(fdt, node, "assay,vf-bar", 0, &high);
    fdt_cell(fdt, node, "assay,vf-bar", 1, &low);
    share.bar = (uint64_t)high << 32 | low;
}

static int start_controller(void) {
    uint64_t bytes, bar = pci_assign_bar(pf.rid, PCI_BAR0, 1, &bytes);
    if (!bar)
        return MAILBOX_NO_DEVICE;
    /* The PF is polled; its line is one that network functions share. */
    pci_write(pf.rid, PCI_COMMAND, pci_read(pf.rid, PCI_COMMAND) | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_OFF);
    bau_attach_host(pf.rid);
    return nvme_admin_start(&pf.admin, bar);
}

/* VF Enable and VF MSE last: the BAR and NumVFs may only change before (SR-IOV, section 9.3.3.3). */
static int create_vfs(uint32_t vfs) {
    uint32_t cap = pci_find_extended(pf.rid, PCI_EXT_CAP_SRIOV);
    if (!cap || vfs > pci_read(pf.rid, cap + SRIOV_TOTAL_VFS) >> 16)
        return MAILBOX_NO_DEVICE;
    uint32_t total = pci_read(pf.rid, cap + SRIOV_TOTAL_VFS) >> 16;
    if (pf.vf_bar)
        ; /* it keeps its place */
    else if (!share.vfs)
        pf.vf_bar = pci_assign_bar(pf.rid, cap + SRIOV_VF_BAR0, total, &pf.vf_bar_bytes);
    else if (pci_place_bar(pf.rid, cap + SRIOV_VF_BAR0, share.bar, &pf.vf_bar_bytes))
        pf.vf_bar = share.bar;
    if (!pf.vf_bar)
        return MAILBOX_NO_DEVICE;
    pci_write(pf.rid, cap + SRIOV_NUM_VFS, vfs);
    uint32_t routing = pci_read(pf.rid, cap + SRIOV_ROUTING);
    pf.first_vf = (uint16_t)routing;
    pf.stride = (uint16_t)(routing >> 16);
    pf.vf_id = (pci_read(pf.rid, PCI_ID) & 0xffffu) | (pci_read(pf.rid, cap + SRIOV_VF_DEVICE) & 0xffff0000u);
    pci_write(pf.rid, cap + SRIOV_CONTROL, pci_read(pf.rid, cap + SRIOV_CONTROL) | SRIOV_VF_ENABLE | SRIOV_VF_MSE);
    pf.vfs = vfs;
    return MAILBOX_OK;
}

int pf_enable(uint32_t vfs) {
    if (pf.enabled)
        return MAILBOX_BAD_STATE;
    if (vfs < 1 || vfs > MAX_VFS)
        return MAILBOX_BAD_ARGUMENT;
    pf.rid = pci_find_class(PCI_CLASS_NVME);
    if (pf.rid == PCI_NO_FUNCTION)
        return MAILBOX_NO_DEVICE;
    int status = start_controller();
    if (status == MAILBOX_OK)
        status = create_vfs(vfs);
    pf.enabled = status == MAILBOX_OK;
    if (pf.enabled)
        log_line("pf: at 0x%x, %u VFs from 0x%x", pf.rid, vfs, pf.rid + pf.first_vf);
    return status;
}

/* The functions reset themselves (SR-IOV, section 3.3.3.1). SR-IOV allows them a second; these need microseconds, since every read of theirs is
 * answered: nobody holds accesses of a VF while no task has its VM. What they sent before is in memory then. */
static void remove_vfs(void) {
    uint32_t cap = pci_find_extended(pf.rid, PCI_EXT_CAP_SRIOV);
    uint64_t until = csr_read(time) + VF_SETTLE_TICKS;
    pci_write(pf.rid, cap + SRIOV_CONTROL, pci_read(pf.rid, cap + SRIOV_CONTROL) & ~(SRIOV_VF_ENABLE | SRIOV_VF_MSE));
    pf.vfs = 0;
    while (csr_read(time) < until)
        ;
}

int pf_set_vfs(uint32_t vfs, void (*lost)(void), void (*back)(void)) {
    if (!pf.enabled)
        return MAILBOX_NO_DEVICE;
    if (vfs > MAX_VFS)
        return MAILBOX_BAD_ARGUMENT;
    if (pf.vfs) {
        remove_vfs();
        lost();
        log_line("pf: no VFs");
    }
    int status = vfs ? create_vfs(vfs) : MAILBOX_OK;
    if (status == MAILBOX_OK && vfs) {
        back();
        log_line("pf: %u VFs", vfs);
    }
    return status;
}

uint16_t pf_rid(void) {
    return pf.rid;
}

/* A VF that another partition's PF makes: it has a BAR0, but answers only when that has happened. */
static bool get_shared_vf(uint32_t vf, struct pf_function *out) {
    out->rid = (uint16_t)(share.first_rid + vf - 1);
    out->bar = share.bar + (uint64_t)share.bar_bytes * (vf - 1);
    out->bar_bytes = share.bar_bytes;
    out->id = share.vf_id;
    return pci_read(out->rid, PCI_CAPABILITIES) != PCI_NO_DEVICE;
}

bool pf_get_vf(uint32_t vf, struct pf_function *out) {
    if (vf < 1 || (share.vfs && vf > share.vfs))
        return false;
    if (!pf.enabled)
        return share.vfs && get_shared_vf(vf, out);
    if (vf > pf.vfs)
        return false;
    out->rid = (uint16_t)(pf.rid + pf.first_vf + pf.stride * (vf - 1));
    out->bar = pf.vf_bar + pf.vf_bar_bytes * (vf - 1);
    out->bar_bytes = pf.vf_bar_bytes;
    out->id = pf.vf_id;
    return true;
}

static int execute(struct nvme_sqe *command, uint16_t *nvme_error) {
    int status = nvme_admin_execute(&pf.admin, command, nvme_error);
    return status == MAILBOX_OK && *nvme_error ? MAILBOX_DEVICE_ERROR : status;
}

/* A command that names a VF. */
static int execute_for(uint32_t vf, struct nvme_sqe *command, uint16_t *nvme_error) {
    if (!pf.enabled)
        return MAILBOX_NO_DEVICE;
    if (vf < 1 || vf > pf.vfs)
        return MAILBOX_BAD_ARGUMENT;
    return execute(command, nvme_error);
}

int pf_attach_volume(uint32_t vf, uint32_t volume, uint16_t *nvme_error) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_VOLUME_ATTACH, .cdw10 = vf, .cdw11 = volume};
    return execute_for(vf, &command, nvme_error);
}

int pf_limit_vf(uint32_t vf, uint32_t commands, uint32_t kib, uint16_t *nvme_error) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_FUNCTION_LIMIT, .cdw10 = vf, .cdw11 = commands, .cdw12 = kib};
    return execute_for(vf, &command, nvme_error);
}

int pf_update_firmware(const uint8_t *image, uint64_t bytes, uint32_t slot, uint32_t action, uint16_t *nvme_error) {
    if (!pf.enabled)
        return MAILBOX_NO_DEVICE;
    for (uint64_t at = 0; at < bytes; at += NVME_PAGE_BYTES) {
        uint64_t piece = bytes - at < NVME_PAGE_BYTES ? bytes - at : NVME_PAGE_BYTES;
        struct nvme_sqe command = {.opcode = NVME_ADMIN_FIRMWARE_DOWNLOAD, .prp1 = (uint64_t)pf.admin.data,
                                   .cdw10 = (uint32_t)((piece + 3) / 4 - 1), .cdw11 = (uint32_t)(at / 4)};
        memset(pf.admin.data, 0, NVME_PAGE_BYTES);
        memcpy(pf.admin.data, image + at, piece);
        int status = execute(&command, nvme_error);
        if (status != MAILBOX_OK)
            return status;
    }
    struct nvme_sqe commit = {.opcode = NVME_ADMIN_FIRMWARE_COMMIT, .cdw10 = action << 3 | slot};
    return execute(&commit, nvme_error);
}

static int function_command(uint32_t vf, uint8_t opcode, uint16_t *nvme_error) {
    struct nvme_sqe command = {.opcode = opcode, .prp1 = (uint64_t)pf.admin.data, .cdw10 = vf};
    if (!pf.enabled || vf < 1 || vf > pf.vfs)
        return MAILBOX_NO_DEVICE;
    return execute(&command, nvme_error);
}

int pf_hold_vf(uint32_t vf, uint16_t *nvme_error) {
    return function_command(vf, NVME_ADMIN_FUNCTION_HOLD, nvme_error);
}

int pf_release_vf(uint32_t vf, uint16_t *nvme_error) {
    return function_command(vf, NVME_ADMIN_FUNCTION_RELEASE, nvme_error);
}

int pf_get_vf_state(uint32_t vf, void *to, uint16_t *nvme_error) {
    int status = function_command(vf, NVME_ADMIN_FUNCTION_GET, nvme_error);
    if (status == MAILBOX_OK)
        memcpy(to, pf.admin.data, FUNCTION_STATE_BYTES);
    return status;
}

int pf_set_vf_state(uint32_t vf, const void *from, uint16_t *nvme_error) {
    memcpy(pf.admin.data, from, FUNCTION_STATE_BYTES);
    return function_command(vf, NVME_ADMIN_FUNCTION_SET, nvme_error);
}

int pf_io_open(uint32_t volume, uint64_t *blocks, uint16_t *nvme_error) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_VOLUME_ATTACH, .cdw10 = 0, .cdw11 = volume};
    if (!pf.enabled)
        return MAILBOX_NO_DEVICE;
    int status = execute(&command, nvme_error);
    if (status == MAILBOX_OK)
        status = nvme_io_open(&pf.io, &pf.admin, blocks, nvme_error);
    return status == MAILBOX_OK && *nvme_error ? MAILBOX_DEVICE_ERROR : status;
}

void pf_io_submit(uint32_t tag, uint8_t opcode, uint64_t lba, uint32_t blocks, uint64_t prp1, uint64_t prp2) {
    nvme_io_submit(&pf.io, tag, opcode, lba, blocks, prp1, prp2);
}

bool pf_io_poll(uint32_t *tag, uint16_t *nvme_error) {
    return nvme_io_poll(&pf.io, tag, nvme_error);
}

int pf_list_volumes(char *text, uint32_t bytes, uint16_t *nvme_error) {
    struct nvme_sqe command = {.opcode = NVME_ADMIN_VOLUME_LIST};
    if (!pf.enabled)
        return MAILBOX_NO_DEVICE;
    command.prp1 = (uint64_t)pf.admin.data;
    memset(pf.admin.data, 0, NVME_PAGE_BYTES);
    int status = execute(&command, nvme_error);
    if (status == MAILBOX_OK)
        string_copy(text, (const char *)pf.admin.data, bytes < NVME_PAGE_BYTES ? bytes : NVME_PAGE_BYTES);
    return status;
}
