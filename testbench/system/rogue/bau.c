/* The BAU as the rogue misuses it: every address in a table or register may be the victim's, every processor and id too. Now and then all is put in
 * order, so that the next attack gets as far as it can. */
#include "bau_regs.h"
#include "rtl/gen/field.h"
#include "testbench/system/rogue/rogue.h"

#define BAU 0x4000000ull
#define PAGE (BAU + BAU_PARTITION_PAGE + BAU_PARTITION_STRIDE) /* partition 1's */
#define TABLE_BYTES 0x4000u
#define COMMAND_LOG2 4u
#define PTE_LEAF 0xdfull /* V R W X U A D */
#define FIRST_RID 0x18u
#define RIDS 8u
#define CASES 12u

static uint8_t memory[8][TABLE_BYTES] __attribute__((aligned(TABLE_BYTES)));
enum table { DEVICES, COMMANDS, FAULTS, EVENTS, TARGETS, SUMMARY, ROOT, RING };

static uint64_t table(enum table which) {
    return (uint64_t)memory[which];
}

static void write(uint64_t address, uint64_t value) {
    __asm__ volatile("fence rw, rw" ::: "memory");
    rogue_store_64(address, &value);
}

static uint64_t ours_or_not(struct rogue *r, enum table which, uint64_t alignment) {
    switch (rogue_below(r, 8)) {
    case 0: return rogue_random(r) & ~(alignment - 1);
    case 1:
    case 2:
    case 3: return rogue_victim(r, alignment);
    default: return table(which);
    }
}

static void fill_device(struct rogue *r, uint64_t rid) {
    uint64_t *entry = (uint64_t *)memory[DEVICES] + rid * (BAU_DTE_BYTES / 8);
    bool is_bypass = rogue_below(r, 2);
    entry[1] = ours_or_not(r, ROOT, 0x4000) >> 12 & BAU_DTE_ROOT_PPN_MASK;
    entry[2] = ours_or_not(r, TARGETS, 32) & BAU_DTE_ITABLE_MASK;
    entry[3] = FIELD_PREP(BAU_DTE_ITABLE_LENGTH, rogue_below(r, BAU_NUM_TARGETS + 2)) | FIELD_PREP(BAU_DTE_SIGVEC_BASE, rogue_below(r, BAU_NUM_VECTORS));
    entry[4] = ours_or_not(r, SUMMARY, 32) & BAU_DTE_SUMMARY_MASK;
    entry[5] = is_bypass ? 0 : (ours_or_not(r, RING, 0x1000) & BAU_DTE_HOLD_RING_MASK) | FIELD_PREP(BAU_DTE_HOLD_LOG2, rogue_below(r, 3));
    entry[0] = FIELD_PREP(BAU_DTE_VALID, rogue_below(r, 16) != 0) | FIELD_PREP(BAU_DTE_DIRECT, rogue_below(r, 4) != 0) |
               FIELD_PREP(BAU_DTE_IOMMU_MODE, is_bypass ? BAU_IOMMU_BYPASS : BAU_IOMMU_SV39X4) | FIELD_PREP(BAU_DTE_FORCE_BROADCAST, rogue_below(r, 8) == 0) |
               FIELD_PREP(BAU_DTE_HOLD, !is_bypass && rogue_below(r, 2)) | FIELD_PREP(BAU_DTE_PARTITION, rogue_below(r, 8) != 0) |
               FIELD_PREP(BAU_DTE_SUBCLASS, rogue_below(r, 2) ? 0 : rogue_below(r, BAU_NUM_SUBCLASSES)) | FIELD_PREP(BAU_DTE_GSCID, rogue_below(r, 4));
}

/* Targets that claim to run on the victim's processors as its vCPUs. */
static void fill_target(struct rogue *r) {
    uint64_t target = rogue_below(r, BAU_NUM_TARGETS);
    uint64_t *entry = (uint64_t *)memory[TARGETS] + target * (BAU_ITE_BYTES / 8);
    entry[1] = rogue_below(r, 8) == 0;
    entry[2] = (rogue_below(r, 2) ? rogue_victim(r, 64) : table(SUMMARY) + 0x1000) & BAU_ITE_SIGVEC_MASK;
    entry[3] = (ours_or_not(r, SUMMARY, 32) & BAU_ITE_UNBLOCK_SUMMARY_MASK) | FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, rogue_below(r, BAU_NUM_TARGETS));
    entry[0] = FIELD_PREP(BAU_ITE_VALID, rogue_below(r, 8) != 0) | FIELD_PREP(BAU_ITE_RUNNING, 1) | FIELD_PREP(BAU_ITE_DIRECT, 1) |
               FIELD_PREP(BAU_ITE_LPID, rogue_below(r, 9)) | FIELD_PREP(BAU_ITE_GEIN, 1) | FIELD_PREP(BAU_ITE_VMID, rogue_below(r, 4));
}

/* Gigapages that lead to where the victim's memory is, and read-only ones. */
static void fill_root(struct rogue *r) {
    uint64_t *root = (uint64_t *)memory[ROOT];
    for (uint64_t i = 0; i < 4; i++) {
        uint64_t leaf = rogue_below(r, 4) ? PTE_LEAF : PTE_LEAF & ~4ull;
        root[i] = (VICTIM_RAM >> 2) | leaf;
    }
}

static void put_in_order(void) {
    write(PAGE + BAU_CONTROL, 0);
    write(PAGE + BAU_DEVICE_TABLE, table(DEVICES));
    write(PAGE + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
    write(PAGE + BAU_COMMAND_BASE, table(COMMANDS));
    write(PAGE + BAU_COMMAND_SIZE, COMMAND_LOG2);
    write(PAGE + BAU_FAULT_BASE, table(FAULTS));
    write(PAGE + BAU_FAULT_SIZE, 4);
    write(PAGE + BAU_EVENT_BASE, table(EVENTS));
    write(PAGE + BAU_EVENT_SIZE, 4);
    write(PAGE + BAU_STATUS, ~0ull);
    write(PAGE + BAU_CONTROL, 0xf);
}

/* Its page's registers, with addresses of the victim. */
static void spoil_register(struct rogue *r) {
    static const uint16_t bases[] = {BAU_DEVICE_TABLE, BAU_COMMAND_BASE, BAU_FAULT_BASE, BAU_EVENT_BASE};
    if (rogue_below(r, 2))
        write(PAGE + bases[rogue_below(r, 4)], rogue_victim(r, 64));
    else
        write(PAGE + 8 * rogue_below(r, 18), rogue_random(r));
}

static void command(struct rogue *r) {
    static const uint8_t opcodes[] = {BAU_COMMAND_INVALIDATE_DTE, BAU_COMMAND_INVALIDATE_IOTLB, BAU_COMMAND_FENCE, BAU_COMMAND_RESUME};
    uint64_t tail = 0;
    rogue_load_64(PAGE + BAU_COMMAND_TAIL, &tail);
    uint64_t *entry = (uint64_t *)memory[COMMANDS] + 2 * (tail & ((1u << COMMAND_LOG2) - 1));
    entry[0] = FIELD_PREP(BAU_COMMAND_OPCODE, rogue_below(r, 16) ? opcodes[rogue_below(r, 4)] : rogue_random(r) & 0xff) |
               FIELD_PREP(BAU_COMMAND_ALL, rogue_below(r, 2)) | FIELD_PREP(BAU_COMMAND_DENY, rogue_below(r, 2)) |
               FIELD_PREP(BAU_COMMAND_DROP, rogue_below(r, 8) == 0) | FIELD_PREP(BAU_COMMAND_IRQ, rogue_below(r, 2)) |
               FIELD_PREP(BAU_COMMAND_RID, rogue_below(r, BAU_NUM_DEVICES)) | FIELD_PREP(BAU_COMMAND_GSCID, rogue_below(r, 4));
    entry[1] = rogue_below(r, 2) ? rogue_victim(r, 8) : 0;
    write(PAGE + BAU_COMMAND_TAIL, (tail + 1) & ((1u << COMMAND_LOG2) - 1));
}

/* Our receivers say that our harts run the victim's vCPUs in the victim's partition. */
static void spoil_receiver(struct rogue *r) {
    uint64_t hart = r->first_hart + rogue_below(r, r->harts), receiver = BAU + BAU_RECEIVER_PAGE + hart * BAU_RECEIVER_STRIDE;
    write(receiver + BAU_RUNNING, FIELD_PREP(BAU_RUNNING_VALID, 1) | FIELD_PREP(BAU_RUNNING_TARGET, rogue_below(r, 4)) |
                                      FIELD_PREP(BAU_RUNNING_VMID, rogue_below(r, 4)) | FIELD_PREP(BAU_RUNNING_GEIN, 1));
    write(receiver + BAU_RUNNING_ITE, rogue_below(r, 2) ? rogue_victim(r, 32) : table(TARGETS) + 32 * rogue_below(r, BAU_NUM_TARGETS));
    write(receiver + BAU_HART_PARTITION, rogue_below(r, 2));
    write(receiver + BAU_RAISE, 1);
    write(BAU + BAU_GUEST_PAGE + hart * BAU_GUEST_STRIDE + (rogue_below(r, 4) ? BAU_UNBLOCK : BAU_ACK), 1);
    write(BAU + BAU_NOTIFY_PAGE + hart * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, rogue_random(r));
    write(BAU + BAU_NOTIFY_PAGE + hart * BAU_NOTIFY_STRIDE + BAU_NOTIFY, 1);
}

void rogue_bau_setup(void) {
    put_in_order();
}

void rogue_bau(struct rogue *r) {
    switch (rogue_below(r, CASES)) {
    case 0: put_in_order(); break;
    case 1: spoil_register(r); break;
    case 2:
    case 3:
    case 4: command(r); break;
    case 5:
    case 6: fill_device(r, FIRST_RID + rogue_below(r, RIDS)); break;
    case 7: fill_device(r, rogue_below(r, BAU_NUM_DEVICES)); break;
    case 8:
    case 9: fill_target(r); break;
    case 10: fill_root(r); break;
    default: spoil_receiver(r); break;
    }
}
