/* The partition's own virtual functions as weapons: queues, data and messages aimed at the victim's memory and targets. */
#include "bau_regs.h"
#include "hypervisor/lib/nvme_wire.h"
#include "hypervisor/lib/pci.h"
#include "testbench/system/rogue/rogue.h"

#define BARS 0x60020000ull
#define BAR_BYTES 0x4000u
#define MSIX_TABLE 0x2000u
#define FIRST_RID 0x18u
#define FUNCTIONS 8u
#define ENTRIES 16u
#define PATIENCE 64u

static struct nvme_sqe submissions[FUNCTIONS][ENTRIES] __attribute__((aligned(4096)));
static struct nvme_cqe completions[FUNCTIONS][256] __attribute__((aligned(4096)));
static uint32_t tails[FUNCTIONS];

static uint64_t bar_of(uint64_t function) {
    return BARS + function * BAR_BYTES;
}

static void write_32(uint64_t address, uint64_t value) {
    rogue_store_32(address, &value);
}

static void write_64(uint64_t address, uint64_t value) {
    rogue_store_64(address, &value);
}

static bool is_ready(uint64_t function, bool wanted) {
    uint64_t status = 0;
    for (unsigned i = 0; i < PATIENCE; i++) {
        rogue_load_32(bar_of(function) + NVME_CSTS, &status);
        if ((status & NVME_CSTS_READY) == wanted)
            return true;
    }
    return false;
}

static void enable(struct rogue *r, uint64_t function) {
    uint64_t bar = bar_of(function);
    uint16_t rid = (uint16_t)(FIRST_RID + function);
    uint32_t msix = pci_find_capability(rid, PCI_CAP_MSIX);
    pci_write(rid, PCI_COMMAND, PCI_COMMAND_MASTER | PCI_COMMAND_MEMORY);
    pci_write(rid, msix, (pci_read(rid, msix) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
    write_32(bar + NVME_CC, 0);
    if (!is_ready(function, false))
        return;
    tails[function] = 0;
    write_32(bar + NVME_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
    write_64(bar + NVME_ASQ, rogue_below(r, 8) ? (uint64_t)submissions[function] : rogue_victim(r, 4096));
    write_64(bar + NVME_ACQ, rogue_below(r, 4) ? (uint64_t)completions[function] : rogue_victim(r, 4096));
    write_32(bar + NVME_CC, NVME_CC_QUEUE_SIZES | NVME_CC_ENABLE);
    is_ready(function, true);
}

/* A message to a target of the victim, to one of ours, or a plain write of four bytes to the victim's memory. */
static void aim(struct rogue *r, uint64_t function) {
    uint64_t entry = bar_of(function) + MSIX_TABLE + 16 * rogue_below(r, 4), address;
    switch (rogue_below(r, 4)) {
    case 0: address = rogue_victim(r, 4); break;
    case 1: address = BAU_DOORBELL_BASE + BAU_DOORBELL_STRIDE + BAU_DOORBELL_SPACING * rogue_below(r, BAU_NUM_TARGETS); break;
    default: address = BAU_DOORBELL_BASE + BAU_DOORBELL_SPACING * rogue_below(r, 4); break;
    }
    write_64(entry, address);
    write_32(entry + 8, rogue_below(r, 2) ? rogue_below(r, 8) : rogue_random(r));
    write_32(entry + 12, 0);
}

static void submit(struct rogue *r, uint64_t function) {
    static const uint8_t opcodes[] = {NVME_ADMIN_IDENTIFY, NVME_ADMIN_IDENTIFY, NVME_ADMIN_CREATE_CQ, NVME_ADMIN_CREATE_SQ, NVME_ADMIN_VOLUME_ATTACH, NVME_ADMIN_VOLUME_LIST};
    struct nvme_sqe *entry = &submissions[function][tails[function]];
    *entry = (struct nvme_sqe){
        .opcode = rogue_below(r, 8) ? opcodes[rogue_below(r, sizeof opcodes)] : (uint8_t)rogue_random(r),
        .cid = (uint16_t)rogue_random(r),
        .nsid = (uint32_t)rogue_below(r, 3),
        .prp1 = rogue_below(r, 4) ? rogue_victim(r, 4096) : (uint64_t)completions[function],
        .prp2 = rogue_victim(r, 4096),
        .cdw10 = rogue_below(r, 2) ? NVME_IDENTIFY_CONTROLLER : (uint32_t)(7u << 16 | (1 + rogue_below(r, 3))),
        .cdw11 = (uint32_t)(1u | rogue_below(r, 4) << 16 | 2u),
    };
    tails[function] = (tails[function] + 1) % ENTRIES;
    __asm__ volatile("fence rw, rw" ::: "memory");
    write_32(bar_of(function) + NVME_DOORBELLS, tails[function]);
}

static bool found;

bool rogue_has_device(void) {
    return found;
}

void rogue_device(struct rogue *r) {
    uint64_t function = rogue_below(r, 2) ? 0 : rogue_below(r, FUNCTIONS);
    if (pci_read((uint16_t)(FIRST_RID + function), PCI_CAPABILITIES) == PCI_NO_DEVICE)
        return; /* the owner of the PF has not made it yet */
    found = true;
    switch (rogue_below(r, 10)) {
    case 0:
    case 1: enable(r, function); break;
    case 2:
    case 3:
    case 4: aim(r, function); break;
    case 5: write_32(bar_of(function) + (rogue_below(r, BAR_BYTES) & ~3ull), rogue_random(r)); break;
    case 6: write_32(bar_of(function) + NVME_DOORBELLS + 4 * rogue_below(r, 8), rogue_below(r, ENTRIES)); break;
    default: submit(r, function); break;
    }
}
