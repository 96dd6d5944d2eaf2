/* Interrupts, sections 2.4 and 7.5. MSI-X messages are aimed at words of memory, so that they can be counted. */
#include "hypervisor/lib/pci.h"
#include "testbench/conformance/check.h"
#include "testbench/conformance/platform.h"

#define PC 1u
#define IEN 2u
#define MESSAGE_US 3000u
#define QUIET_US 300u

static uint32_t capability, table, pending_bits;

/* Vector v writes 100h + v into word v of a page of its own. */
static volatile uint32_t *msix_on(bool masked)
{
    volatile uint32_t *words = pages(1);
    capability = pci_find_capability(PF->rid, PCI_CAP_MSIX);
    table = config_read(PF, capability + 4) & ~7u;
    pending_bits = config_read(PF, capability + 8) & ~7u;
    config_write(PF, capability, PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL);
    for (unsigned v = 0; v < VECTORS; v++) {
        write64(PF, table + 16 * v, (uint64_t)&words[v]);
        write32(PF, table + 16 * v + 8, 0x100 + v);
        write32(PF, table + 16 * v + 12, masked);
    }
    config_write(PF, capability, PCI_MSIX_ENABLE);
    return words;
}

static bool arrives(volatile uint32_t *word, uint32_t value, uint64_t us)
{
    uint64_t end = now_us() + us;
    while (*word != value)
        if (now_us() > end)
            return false;
    return true;
}

static bool queue_with_vector(uint32_t qid, uint32_t vector, uint32_t flags)
{
    struct queue *q = &PF->queues[qid];
    *q = (struct queue){.sq = pages(1), .cq = pages(1), .sq_entries = 16, .cq_entries = 16, .phase = 1, .cqid = qid};
    struct result cq = create_cq(PF, qid, (uint64_t)q->cq, 16, vector << 16 | flags | PC);
    struct result sq = create_sq(PF, qid, (uint64_t)q->sq, 16, qid << 16 | PC);
    return cq.done && sq.done && !cq.status && !sq.status;
}

static void read_one(uint32_t qid)
{
    struct sqe command = io_command(PF, IO_READ, 0, 1, pages(1));
    submit(PF, qid, &command);
}

static void table_reset_masked(void)
{
    EXPECT(dut_flr(PF), "no reset");
    capability = pci_find_capability(PF->rid, PCI_CAP_MSIX);
    table = config_read(PF, capability + 4) & ~7u;
    for (unsigned v = 0; v < VECTORS; v++)
        EXPECT(reg32(PF, table + 16 * v + 12) & 1, "vector %u is not masked after a reset", v);
    EXPECT(!(config_read(PF, capability) & PCI_MSIX_ENABLE), "MSI-X is on after a reset");
}

static void table_read_back(void)
{
    volatile uint32_t *words = msix_on(false);
    for (unsigned v = 0; v < VECTORS; v++) {
        EXPECT(reg64(PF, table + 16 * v) == (uint64_t)&words[v], "address of vector %u", v);
        EXPECT(reg32(PF, table + 16 * v + 8) == 0x100 + v, "data of vector %u", v);
        EXPECT((reg32(PF, table + 16 * v + 12) & 1) == 0, "mask of vector %u", v);
    }
}

static void admin_message(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
    EXPECT(arrives(&words[0], 0x100, MESSAGE_US), "no message for the admin queue");
}

static void vector_of_queue(void)
{
    volatile uint32_t *words = msix_on(false);
    for (uint32_t q = 1; q < QUEUES; q++)
        EXPECT(queue_with_vector(q, QUEUES - q, IEN), "no queue %u", q);
    for (uint32_t q = 1; q < QUEUES; q++) {
        for (unsigned v = 0; v < VECTORS; v++)
            words[v] = 0;
        read_one(q);
        EXPECT(arrives(&words[QUEUES - q], 0x100 + QUEUES - q, COMMAND_US), "no message for queue %u", q);
        EXPECT_STATUS(reap(PF, q, COMMAND_US), ST_SUCCESS);
        for (unsigned v = 1; v < VECTORS; v++)
            EXPECT(v == QUEUES - q || words[v] == 0, "queue %u raised vector %u", q, v);
    }
}

static void disabled_for_queue(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT(queue_with_vector(1, 3, 0), "no queue");
    read_one(1);
    EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    delay_us(QUIET_US);
    EXPECT(words[3] == 0, "a queue with IEN = 0 interrupts");
}

static void after_the_entry(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT(queue_with_vector(1, 1, IEN), "no queue");
    for (unsigned i = 0; i < 10; i++) {
        words[1] = 0;
        read_one(1);
        EXPECT(arrives(&words[1], 0x101, COMMAND_US), "no message");
        EXPECT((PF->queues[1].cq[PF->queues[1].head].status & 1) == PF->queues[1].phase, "the message came before the completion queue entry");
        EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    }
}

static void masked_vector(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT(queue_with_vector(1, 2, IEN), "no queue");
    write32(PF, table + 16 * 2 + 12, 1);
    read_one(1);
    EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    delay_us(QUIET_US);
    EXPECT(words[2] == 0, "a masked vector was sent");
    EXPECT(reg64(PF, pending_bits) >> 2 & 1, "its pending bit is 0");
    write32(PF, table + 16 * 2 + 12, 0);
    EXPECT(arrives(&words[2], 0x102, MESSAGE_US), "not sent after the mask was cleared");
    EXPECT(!(reg64(PF, pending_bits) >> 2 & 1), "its pending bit stays");
}

static void masked_function(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT(queue_with_vector(1, 2, IEN), "no queue");
    config_write(PF, capability, PCI_MSIX_ENABLE | PCI_MSIX_MASK_ALL);
    words[0] = 0;
    read_one(1);
    EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    delay_us(QUIET_US);
    EXPECT(words[2] == 0 && words[0] == 0, "a message in spite of the function mask");
    config_write(PF, capability, PCI_MSIX_ENABLE);
    EXPECT(arrives(&words[2], 0x102, MESSAGE_US), "not sent after the function mask was cleared");
}

/* Messages on the PF's vector 1 while @p commands reads are completed one by one: the word is cleared after each. */
static unsigned messages_of(volatile uint32_t *words, unsigned commands)
{
    unsigned messages = 0;
    for (unsigned i = 0; i < commands; i++) {
        words[1] = 0;
        read_one(1);
        if (reap(PF, 1, COMMAND_US).status != ST_SUCCESS)
            return 0;
        delay_us(20);
        messages += words[1] == 0x101;
    }
    return messages;
}

/* Eight entries a message, or 25.5 ms. */
static void coalesced_by_number(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT_STATUS(set_feature(PF, 8, 255u << 8 | 7), ST_SUCCESS);
    EXPECT(queue_with_vector(1, 1, IEN), "no queue");
    unsigned messages = messages_of(words, 24);
    EXPECT(messages == 3, "%u messages for 24 entries", messages);
}

/* 200 entries a message, or 300 us after the first. */
static void coalesced_by_time(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT_STATUS(set_feature(PF, 8, 3u << 8 | 199), ST_SUCCESS);
    EXPECT(queue_with_vector(1, 1, IEN), "no queue");
    read_one(1);
    EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    uint64_t start = now_us();
    EXPECT(words[1] == 0, "the message did not wait");
    EXPECT(arrives(&words[1], 0x101, MESSAGE_US), "no message after the aggregation time");
    EXPECT(now_us() - start <= 400, "the message came %u us after the entry", (unsigned)(now_us() - start));
    EXPECT(now_us() - start >= 200, "the message came %u us after the entry", (unsigned)(now_us() - start));
}

static void coalescing_disabled(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT_STATUS(set_feature(PF, 8, 255u << 8 | 7), ST_SUCCESS);
    EXPECT_STATUS(set_feature(PF, 9, 1u << 16 | 1), ST_SUCCESS);
    EXPECT(queue_with_vector(1, 1, IEN), "no queue");
    unsigned messages = messages_of(words, 5);
    EXPECT(messages == 5, "%u messages for 5 entries of a vector without coalescing", messages);
    EXPECT_STATUS(set_feature(PF, 9, 1), ST_SUCCESS);
    messages = messages_of(words, 5);
    EXPECT(messages == 0, "%u messages for 5 entries after coalescing was allowed again", messages);
}

static void coalescing_not_of_admin(void)
{
    volatile uint32_t *words = msix_on(false);
    EXPECT_STATUS(set_feature(PF, 8, 255u << 8 | 100), ST_SUCCESS);
    for (unsigned i = 0; i < 4; i++) {
        words[0] = 0;
        EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
        EXPECT(arrives(&words[0], 0x100, 100), "the admin queue's message waits");
    }
}

static bool pin_is(bool level)
{
    uint64_t end = now_us() + MESSAGE_US;
    for (;;) {
        interrupt_take(INTA_SOURCE);
        if (interrupt_pending(INTA_SOURCE) == level)
            return true;
        if (now_us() > end)
            return false;
    }
}

/* The controller of a check is fresh, but its admin queue has been used through MSI-X or polling: the pin follows the queues. */
static void pin_follows_queue(void)
{
    EXPECT(queue_with_vector(1, 0, IEN), "no queue");
    EXPECT(pin_is(false), "the pin is up with everything acknowledged");
    read_one(1);
    EXPECT(pin_is(true), "the pin stays down");
    EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    EXPECT(pin_is(false), "the pin stays up after the head moved");
}

static void pin_of_admin_queue(void)
{
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    EXPECT(pin_is(true), "the pin stays down");
    EXPECT(config_read(PF, PCI_COMMAND) & 1u << 19, "Interrupt Status is 0");
    EXPECT_STATUS(reap(PF, 0, COMMAND_US), ST_SUCCESS);
    EXPECT(pin_is(false), "the pin stays up");
    EXPECT(!(config_read(PF, PCI_COMMAND) & 1u << 19), "Interrupt Status stays 1");
}

static void pin_masked(void)
{
    write32(PF, REG_INTMS, 1);
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    delay_us(QUIET_US);
    EXPECT(pin_is(false), "the pin is up in spite of INTMS");
    write32(PF, REG_INTMC, 1);
    EXPECT(pin_is(true), "the pin stays down after INTMC");
    EXPECT_STATUS(reap(PF, 0, COMMAND_US), ST_SUCCESS);
}

static void pin_disabled(void)
{
    config_write(PF, PCI_COMMAND, 1u << 10 | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    delay_us(QUIET_US);
    EXPECT(pin_is(false), "the pin is up in spite of Interrupt Disable");
    config_write(PF, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    EXPECT(pin_is(true), "the pin stays down when Interrupt Disable is cleared");
    EXPECT_STATUS(reap(PF, 0, COMMAND_US), ST_SUCCESS);
}

static void pin_down_by_reset(void)
{
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    EXPECT(pin_is(true), "the pin stays down");
    EXPECT(dut_disable(PF), "no reset");
    EXPECT(pin_is(false), "the pin is up after a reset");
}

const struct check interrupt_checks[] = {
    {"irq.msix_reset", "PCIe 7.7.2", table_reset_masked},
    {"irq.msix_table", "2.4.3", table_read_back},
    {"irq.msix_admin", "7.5.2", admin_message},
    {"irq.msix_vector_of_queue", "5.3 (IV), 7.5.2", vector_of_queue},
    {"irq.msix_disabled_for_queue", "5.3 (IEN)", disabled_for_queue},
    {"irq.msix_after_entry", "4.1, PCIe 2.4.1", after_the_entry},
    {"irq.msix_masked_vector", "PCIe 6.1.4.5", masked_vector},
    {"irq.msix_masked_function", "PCIe 6.1.4.5", masked_function},
    {"irq.coalesced_by_number", "5.21.1.8", coalesced_by_number},
    {"irq.coalesced_by_time", "5.21.1.8", coalesced_by_time},
    {"irq.coalescing_disabled", "5.21.1.9", coalescing_disabled},
    {"irq.coalescing_not_of_admin", "5.21.1.8", coalescing_not_of_admin},
    {"irq.pin_of_admin_queue", "7.5.1", pin_of_admin_queue},
    {"irq.pin_follows_queue", "7.5.1", pin_follows_queue},
    {"irq.pin_masked", "3.1.3, 3.1.4", pin_masked},
    {"irq.pin_disabled", "2.1.2, PCIe 7.5.1.1.3", pin_disabled},
    {"irq.pin_down_by_reset", "7.3.2", pin_down_by_reset},
    {0},
};
