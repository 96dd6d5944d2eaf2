/* The BAU's global side: bring-up, device table, command queue, fault queue. */
#include "hypervisor/drivers/bau.h"

#include "bau_regs.h"
#include "hypervisor/core/lock.h"
#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau_wire.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "rtl/gen/field.h"

#define COMMAND_LOG2 6u
#define FAULT_LOG2 6u
#define TIMEOUT_TICKS 10000000u
#define MOST_FAULTS_LOGGED 16u

uint64_t bau_window;
uint64_t bau_page = BAU_PARTITION_PAGE;

static bool is_split; /* by the partition level: the global page and HART_PARTITION are not ours */
static uint32_t partition, irq_queues;
static struct lock command_lock;
static uint64_t *device_table, *command_queue, *fault_queue;
static uint64_t faults;

bool bau_present(void) {
    return bau_window != 0;
}

uint64_t bau_doorbell_base(void) {
    return BAU_DOORBELL_BASE + partition * BAU_DOORBELL_STRIDE;
}

uint64_t bau_counter(uint32_t index) {
    return bau_present() && !is_split ? bau_read(BAU_COUNT_MESSAGES + 8 * index) : 0;
}

uint64_t bau_faults(void) {
    return faults;
}

static void set_partition_table(void) {
    uint64_t map = 0, mask = 0;
    for (uint32_t i = 0; i < hart_count; i++) {
        map |= (0x80ull | harts[i].id) << (8 * harts[i].id);
        mask |= 1ull << harts[i].id;
    }
    bau_write(BAU_PT_BASE, memory_ram_base());
    bau_write(BAU_PT_LIMIT, memory_ram_end());
    bau_write(BAU_PT_LPID_MAP, map);
    bau_write(BAU_REQUESTER_OWNER, 0);
    bau_write(BAU_PT_CONTROL, FIELD_PREP(BAU_PT_CONTROL_VALID, 1) | FIELD_PREP(BAU_PT_CONTROL_WAIT, 1) | FIELD_PREP(BAU_PT_CONTROL_HARTS, mask));
    for (uint32_t i = 0; i < hart_count; i++)
        bau_write(BAU_RECEIVER_PAGE + harts[i].id * BAU_RECEIVER_STRIDE + BAU_HART_PARTITION, 0);
}

static void set_queues(void) {
    const uint64_t page = bau_page;
    bau_write(page + BAU_DEVICE_TABLE, (uint64_t)device_table);
    bau_write(page + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
    bau_write(page + BAU_COMMAND_BASE, (uint64_t)command_queue);
    bau_write(page + BAU_COMMAND_SIZE, COMMAND_LOG2);
    bau_write(page + BAU_FAULT_BASE, (uint64_t)fault_queue);
    bau_write(page + BAU_FAULT_SIZE, FAULT_LOG2);
    bau_write(page + BAU_CONTROL, FIELD_PREP(BAU_CONTROL_ENABLE, 1) | FIELD_PREP(BAU_CONTROL_COMMAND_ENABLE, 1) |
                                      FIELD_PREP(BAU_CONTROL_FAULT_ENABLE, 1) | FIELD_PREP(BAU_CONTROL_EVENT_ENABLE, 1) |
                                      FIELD_PREP(BAU_CONTROL_FAULT_IRQ, 1) | FIELD_PREP(BAU_CONTROL_EVENT_IRQ, 1));
}

void bau_setup(const struct fdt *fdt) {
    uint64_t address, bytes;
    int node = fdt_find_compatible(fdt, FDT_NONE, "assay,bau-1.0");
    if (node == FDT_NONE || !fdt_reg(fdt, node, 0, &address, &bytes))
        return;
    device_table = memory_page_alloc();
    command_queue = memory_page_alloc();
    fault_queue = memory_page_alloc();
    CHECK(device_table && command_queue && fault_queue);
    bau_window = address;
    fdt_cell(fdt, node, "interrupts", 0, &irq_queues);
    is_split = fdt_cell(fdt, node, "assay,partition", 0, &partition);
    bau_page += partition * BAU_PARTITION_STRIDE;
    if (!is_split && FIELD_GET(BAU_ID_MAGIC, bau_read(BAU_ID)) != FIELD_GET(BAU_ID_MAGIC, BAU_ID_RESET)) {
        log_line("bau: no unit answers at 0x%lx", address);
        bau_window = 0;
        return;
    }
    if (!is_split)
        set_partition_table();
    CHECK(bau_hold_setup());
    set_queues();
    if (is_split)
        log_line("bau: at 0x%lx, partition %u", address, partition);
    else
        log_line("bau: at 0x%lx, %u devices", address, (unsigned)BAU_NUM_DEVICES);
}

static void wait_for_commands(void) {
    const uint64_t page = bau_page;
    uint64_t limit = csr_read(time) + TIMEOUT_TICKS;
    while (bau_read(page + BAU_COMMAND_HEAD) != bau_read(page + BAU_COMMAND_TAIL))
        if (csr_read(time) > limit)
            panic("bau: the command queue does not advance");
}

static void put_command(uint64_t *tail, uint64_t command) {
    command_queue[2 * *tail] = command;
    command_queue[2 * *tail + 1] = 0;
    *tail = (*tail + 1) & ((1u << COMMAND_LOG2) - 1);
}

void bau_execute(const uint64_t *commands, unsigned count) {
    lock_take(&command_lock);
    uint64_t tail = bau_read(bau_page + BAU_COMMAND_TAIL);
    for (unsigned i = 0; i < count; i++)
        put_command(&tail, commands[i]);
    put_command(&tail, FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_FENCE));
    bau_write(bau_page + BAU_COMMAND_TAIL, tail);
    wait_for_commands();
    lock_release(&command_lock);
}

static bool cold;

void bau_keep_cold(bool on) {
    cold = on && bau_present();
}

/* A device that holds writes would lose them with its entry. */
bool bau_chill(void) {
    static const uint64_t commands[2] = {
        FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_INVALIDATE_DTE) | BAU_COMMAND_ALL_MASK,
        FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_INVALIDATE_IOTLB) | BAU_COMMAND_ALL_MASK,
    };
    if (cold && !bau_read(bau_page + BAU_HELD))
        bau_execute(commands, 2);
    return cold;
}

void bau_set_device(uint16_t rid, const uint64_t *words, uint32_t vmid) {
    const uint64_t commands[2] = {
        FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_INVALIDATE_DTE) | FIELD_PREP(BAU_COMMAND_RID, rid),
        FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_INVALIDATE_IOTLB) | FIELD_PREP(BAU_COMMAND_GSCID, vmid),
    };
    CHECK(rid < BAU_NUM_DEVICES);
    uint64_t *entry = device_table + rid * (BAU_DTE_BYTES / 8);
    __atomic_store_n(&entry[0], 0, __ATOMIC_RELEASE);
    for (unsigned i = 1; i < BAU_DTE_BYTES / 8; i++)
        entry[i] = words[i];
    __atomic_store_n(&entry[0], words[0] ? words[0] | FIELD_PREP(BAU_DTE_PARTITION, partition) : 0, __ATOMIC_RELEASE);
    bau_execute(commands, 2);
}

void bau_forget_translations(uint32_t vmid) {
    const uint64_t command = FIELD_PREP(BAU_COMMAND_OPCODE, BAU_COMMAND_INVALIDATE_IOTLB) | FIELD_PREP(BAU_COMMAND_GSCID, vmid);
    if (bau_present())
        bau_execute(&command, 1);
}

void bau_attach_host(uint16_t rid) {
    const uint64_t words[BAU_DTE_BYTES / 8] = {FIELD_PREP(BAU_DTE_VALID, 1) | FIELD_PREP(BAU_DTE_IOMMU_MODE, BAU_IOMMU_BYPASS)};
    if (bau_present())
        bau_set_device(rid, words, 0);
}

/* A fault is its owner's: it is counted, the first ones are shown. */
static void drain_faults(void) {
    const uint64_t page = bau_page;
    uint64_t head = bau_read(page + BAU_FAULT_HEAD), tail = bau_read(page + BAU_FAULT_TAIL);
    for (; head != tail; head = (head + 1) & ((1u << FAULT_LOG2) - 1)) {
        const uint64_t *record = fault_queue + head * (BAU_FAULT_RECORD_BYTES / 8);
        if (faults++ < MOST_FAULTS_LOGGED)
            log_line("bau: fault cause=%lu write=%lu rid=0x%lx address=0x%lx detail=0x%lx",
                     (uint64_t)FIELD_GET(BAU_FAULT_RECORD_CAUSE, record[0]), (uint64_t)FIELD_GET(BAU_FAULT_RECORD_WRITE, record[0]),
                     (uint64_t)FIELD_GET(BAU_FAULT_RECORD_RID, record[0]), record[1], record[2]);
    }
    bau_write(page + BAU_FAULT_HEAD, head);
}

static void serve_queues(uint32_t source) {
    (void)source;
    bau_write(bau_page + BAU_STATUS, bau_read(bau_page + BAU_STATUS));
    bau_hold_drain();
    drain_faults();
}

void bau_setup_manager(void) {
    const uint64_t id = hart_self()->id;
    if (!bau_present())
        return;
    irq_enable(irq_queues, serve_queues);
    irq_enable(BAU_IRQ_NOTIFY + (uint32_t)id, bau_serve_broadcast);
    bau_write(BAU_NOTIFY_PAGE + id * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, 1);
}
