/* PCI functions and controllers of the device under test. */
#include "testbench/conformance/dut.h"

#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"
#include "testbench/conformance/platform.h"

#define ENABLE_US 100000u
#define FLR_US 100000u

struct dut duts[FUNCTIONS];
static uint64_t vf_bar, vf_bar_bytes;
static uint32_t sriov;

uint32_t config_read(const struct dut *d, uint32_t offset)
{
    return pci_read(d->rid, offset);
}

void config_write(const struct dut *d, uint32_t offset, uint32_t value)
{
    pci_write(d->rid, offset, value);
}

uint32_t reg32(const struct dut *d, uint32_t offset)
{
    return *(volatile uint32_t *)(d->registers + offset);
}

uint64_t reg64(const struct dut *d, uint32_t offset)
{
    return *(volatile uint64_t *)(d->registers + offset);
}

void write32(const struct dut *d, uint32_t offset, uint32_t value)
{
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint32_t *)(d->registers + offset) = value;
}

void write64(const struct dut *d, uint32_t offset, uint64_t value)
{
    __asm__ volatile("fence rw, o" ::: "memory");
    *(volatile uint64_t *)(d->registers + offset) = value;
}

void ring_sq(const struct dut *d, uint32_t qid, uint32_t tail)
{
    write32(d, REG_DOORBELLS + 8 * qid, tail);
}

void ring_cq(const struct dut *d, uint32_t qid, uint32_t head)
{
    write32(d, REG_DOORBELLS + 8 * qid + 4, head);
}

static void function_on(const struct dut *d)
{
    config_write(d, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

bool dut_setup(const void *device_tree)
{
    struct fdt fdt;
    uint64_t bytes, base, ram;
    if (!fdt_open(&fdt, device_tree))
        return false;
    int memory = fdt_find_path(&fdt, "/memory@80000000");
    if (memory == FDT_NONE || !fdt_reg(&fdt, memory, 0, &base, &ram))
        return false;
    bypass_bau(&fdt, base + ram);
    find_update_image(&fdt);
    pci_setup(&fdt);
    PF->rid = pci_find_class(PCI_CLASS_NVME);
    if (PF->rid == PCI_NO_FUNCTION)
        return false;
    PF->registers = (volatile uint8_t *)pci_assign_bar(PF->rid, PCI_BAR0, 1, &bytes);
    sriov = pci_find_extended(PF->rid, PCI_EXT_CAP_SRIOV);
    if (sriov)
        vf_bar = pci_assign_bar(PF->rid, sriov + SRIOV_VF_BAR0, FUNCTIONS - 1, &vf_bar_bytes);
    function_on(PF);
    return PF->registers != NULL;
}

bool dut_enable_vfs(unsigned vfs)
{
    if (!sriov || !vf_bar)
        return false;
    config_write(PF, sriov + SRIOV_CONTROL, 0);
    delay_us(50);
    if (vfs == 0)
        return true;
    uint32_t routing = config_read(PF, sriov + SRIOV_ROUTING);
    config_write(PF, sriov + SRIOV_NUM_VFS, vfs);
    config_write(PF, sriov + SRIOV_CONTROL, SRIOV_VF_ENABLE | SRIOV_VF_MSE);
    for (unsigned n = 1; n <= vfs; n++) {
        struct dut *d = &duts[n];
        *d = (struct dut){.function = n, .rid = (uint16_t)(PF->rid + (routing & 0xffff) + (routing >> 16) * (n - 1)),
                          .registers = (volatile uint8_t *)(vf_bar + vf_bar_bytes * (n - 1))};
        if (config_read(d, PCI_CAPABILITIES) == PCI_NO_DEVICE)
            return false;
        function_on(d);
    }
    return true;
}

void dut_restore(void)
{
    uint32_t msix = pci_find_capability(PF->rid, PCI_CAP_MSIX);
    if (config_read(PF, msix) & (PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL))
        config_write(PF, msix, 0);
    if (sriov && config_read(PF, sriov + SRIOV_CONTROL) & SRIOV_VF_ENABLE)
        dut_enable_vfs(0);
    function_on(PF);
}

bool dut_wait_ready(const struct dut *d, uint32_t ready, uint64_t us)
{
    uint64_t end = now_us() + us;
    while ((reg32(d, REG_CSTS) & CSTS_RDY) != ready) {
        if (now_us() > end || (ready && reg32(d, REG_CSTS) & CSTS_CFS))
            return false;
        delay_us(2);
    }
    return true;
}

bool dut_disable(struct dut *d)
{
    write32(d, REG_CC, reg32(d, REG_CC) & ~CC_EN);
    return dut_wait_ready(d, 0, ENABLE_US);
}

static void queue_begin(struct queue *q, unsigned sq_entries, unsigned cq_entries)
{
    *q = (struct queue){.sq = pages((sq_entries * 64 + PAGE - 1) / PAGE), .cq = pages((cq_entries * 16 + PAGE - 1) / PAGE),
                        .sq_entries = sq_entries, .cq_entries = cq_entries, .phase = 1};
}

bool dut_enable(struct dut *d, unsigned sq_entries, unsigned cq_entries)
{
    return dut_enable_arbitrated(d, sq_entries, cq_entries, 0);
}

bool dut_enable_arbitrated(struct dut *d, unsigned sq_entries, unsigned cq_entries, uint32_t ams)
{
    queue_begin(&d->queues[0], sq_entries, cq_entries);
    write32(d, REG_AQA, (cq_entries - 1) << 16 | (sq_entries - 1));
    write64(d, REG_ASQ, (uint64_t)d->queues[0].sq);
    write64(d, REG_ACQ, (uint64_t)d->queues[0].cq);
    write32(d, REG_CC, CC_ENTRY_SIZES | ams << 11 | CC_EN);
    return dut_wait_ready(d, CSTS_RDY, ENABLE_US);
}

bool dut_restart(struct dut *d)
{
    return dut_disable(d) && dut_enable(d, 32, 32);
}

bool dut_flr(struct dut *d)
{
    uint32_t express = pci_find_capability(d->rid, PCI_CAP_EXPRESS);
    uint32_t bar[2] = {config_read(d, PCI_BAR0), config_read(d, PCI_BAR0 + 4)};
    config_write(d, express + PCI_EXPRESS_DEVCTL, config_read(d, express + PCI_EXPRESS_DEVCTL) | PCI_EXPRESS_FLR);
    delay_us(100);
    uint64_t end = now_us() + FLR_US;
    while (config_read(d, PCI_CAPABILITIES) == PCI_NO_DEVICE)
        if (now_us() > end)
            return false;
    if (d->function == 0) {
        config_write(d, PCI_BAR0, bar[0]);
        config_write(d, PCI_BAR0 + 4, bar[1]);
        if (sriov) {
            config_write(d, sriov + SRIOV_VF_BAR0, (uint32_t)vf_bar);
            config_write(d, sriov + SRIOV_VF_BAR0 + 4, (uint32_t)(vf_bar >> 32));
        }
    }
    function_on(d);
    return true;
}

uint16_t submit_quietly(struct dut *d, uint32_t qid, const struct sqe *command)
{
    struct queue *q = &d->queues[qid];
    struct sqe *slot = &q->sq[q->tail];
    *slot = *command;
    slot->cid = d->next_cid++;
    q->tail = (q->tail + 1) % q->sq_entries;
    return slot->cid;
}

uint16_t submit(struct dut *d, uint32_t qid, const struct sqe *command)
{
    uint16_t cid = submit_quietly(d, qid, command);
    ring_sq(d, qid, d->queues[qid].tail);
    return cid;
}

struct result reap(struct dut *d, uint32_t qid, uint64_t us)
{
    uint32_t cqid = qid ? d->queues[qid].cqid : 0;
    struct queue *q = &d->queues[cqid];
    volatile struct cqe *cqe = &q->cq[q->head];
    uint64_t end = now_us() + us;
    while ((cqe->status & 1) != q->phase)
        if (now_us() > end)
            return (struct result){.done = false};
    __asm__ volatile("fence r, rw" ::: "memory");
    struct result result = {.done = true, .status = cqe->status >> 1 & 0x7ff, .dnr = cqe->status >> 15, .more = cqe->status >> 14 & 1,
                            .dw0 = cqe->dw0, .cid = cqe->cid, .sq_id = cqe->sq_id, .sq_head = cqe->sq_head};
    q->head = (q->head + 1) % q->cq_entries;
    q->phase ^= q->head == 0;
    ring_cq(d, cqid, q->head);
    return result;
}

struct result execute(struct dut *d, uint32_t qid, const struct sqe *command)
{
    uint16_t cid = submit(d, qid, command);
    struct result result = reap(d, qid, COMMAND_US);
    if (result.done && result.cid != cid) {
        check_fail("completion of command %x instead of %x", result.cid, cid);
        result.done = false;
    }
    return result;
}
