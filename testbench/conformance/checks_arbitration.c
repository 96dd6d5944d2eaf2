/* Command arbitration, sections 4.13, 3.1.5 (AMS) and 5.4 (QPRIO). All queues complete into one queue, commands fail at once (their block does
 * not exist), and so the order of the completions is the order in which they were fetched. The first queue that is rung is served while the
 * others are being rung: the order counts from where all queues wait. */
#include "testbench/conformance/check.h"

#define PC 1u
#define URGENT 0u
#define HIGH 1u
#define MEDIUM 2u
#define LOW 3u
#define EARLY 4u /* commands that may have gone before all doorbells were rung */
#define AMS_WEIGHTED 1u

static bool restart_with(uint32_t ams)
{
    return dut_disable(PF) && dut_enable_arbitrated(PF, 32, 32, ams);
}

/* Submission queues 1 to @p queues, all on completion queue 1. */
static bool queues_of(const uint8_t *priorities, uint32_t queues)
{
    if (!make_queue(PF, 1, 256) || delete_queue(PF, ADMIN_DELETE_SQ, 1).status)
        return false;
    for (uint32_t q = 1; q <= queues; q++) {
        struct queue *queue = &PF->queues[q];
        uint32_t cq_entries = queue->cq_entries;
        volatile struct cqe *cq = queue->cq;
        *queue = (struct queue){.sq = pages(2), .cq = cq, .sq_entries = 64, .cq_entries = cq_entries, .phase = 1, .cqid = 1};
        struct result result = create_sq(PF, q, (uint64_t)queue->sq, 64, 1u << 16 | (uint32_t)priorities[q - 1] << 1 | PC);
        if (!result.done || result.status)
            return false;
    }
    return true;
}

/* The queues in the order of their completions; @return whether all came. */
static bool run_commands(const uint8_t *counts, uint32_t queues, uint8_t *order)
{
    unsigned total = 0;
    struct sqe command = io_command(PF, IO_READ, 1ul << 40, 1, pages(1));
    for (uint32_t q = 1; q <= queues; q++) {
        for (unsigned i = 0; i < counts[q - 1]; i++)
            submit_quietly(PF, q, &command);
        total += counts[q - 1];
    }
    for (uint32_t q = 1; q <= queues; q++)
        ring_sq(PF, q, PF->queues[q].tail);
    for (unsigned i = 0; i < total; i++) {
        struct result result = reap(PF, 1, COMMAND_US);
        if (!result.done || result.status != ST_LBA_RANGE)
            return false;
        order[i] = (uint8_t)result.sq_id;
    }
    return true;
}

static unsigned count(const uint8_t *order, unsigned from, unsigned commands, unsigned queue)
{
    unsigned found = 0;
    for (unsigned i = from; i < from + commands; i++)
        found += order[i] == queue;
    return found;
}

static void supported(void)
{
    EXPECT(reg64(PF, REG_CAP) >> 17 & 1, "CAP.AMS: no weighted round robin");
    EXPECT(restart_with(AMS_WEIGHTED), "does not start with CC.AMS = 1");
    EXPECT((reg32(PF, REG_CC) >> 11 & 7) == AMS_WEIGHTED, "CC.AMS reads %u", reg32(PF, REG_CC) >> 11 & 7);
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
    EXPECT(!restart_with(2), "starts with a reserved CC.AMS");
    EXPECT(reg32(PF, REG_CSTS) & CSTS_CFS, "a reserved CC.AMS is not fatal");
}

/* 4 of high for 2 of medium for 1 of low. */
static void weights(void)
{
    static const uint8_t priorities[] = {LOW, MEDIUM, HIGH}, counts[] = {40, 40, 40};
    uint8_t order[120];
    EXPECT(restart_with(AMS_WEIGHTED), "does not start");
    EXPECT_STATUS(set_feature(PF, 1, 3u << 24 | 1u << 16 | 0u << 8 | 7), ST_SUCCESS);
    EXPECT(queues_of(priorities, 3), "no queues");
    EXPECT(run_commands(counts, 3, order), "commands fail");
    unsigned high = count(order, EARLY, 56, 3), medium = count(order, EARLY, 56, 2), low = count(order, EARLY, 56, 1);
    EXPECT(high >= 30 && high <= 34, "%u of 56 are of high priority, %u of medium, %u of low", high, medium, low);
    EXPECT(medium >= 14 && medium <= 18 && low >= 6 && low <= 10, "%u of 56 are of medium priority, %u of low", medium, low);
}

static void urgent_first(void)
{
    static const uint8_t priorities[] = {HIGH, LOW, URGENT}, counts[] = {30, 30, 40};
    uint8_t order[100];
    EXPECT(restart_with(AMS_WEIGHTED), "does not start");
    EXPECT_STATUS(set_feature(PF, 1, 255u << 24 | 255u << 16 | 255u << 8 | 7), ST_SUCCESS);
    EXPECT(queues_of(priorities, 3), "no queues");
    EXPECT(run_commands(counts, 3, order), "commands fail");
    EXPECT(count(order, 0, 40 + EARLY, 3) == 40, "only %u of 40 urgent commands are among the first 44", count(order, 0, 40 + EARLY, 3));
}

/* Queues of the same class share it. */
static void class_shares(void)
{
    static const uint8_t priorities[] = {HIGH, HIGH, LOW, HIGH}, counts[] = {30, 30, 30, 30};
    uint8_t order[120];
    EXPECT(restart_with(AMS_WEIGHTED), "does not start");
    EXPECT_STATUS(set_feature(PF, 1, 59u << 24 | 0u << 16 | 0u << 8 | 0), ST_SUCCESS);
    EXPECT(queues_of(priorities, 4), "no queues");
    EXPECT(run_commands(counts, 4, order), "commands fail");
    for (unsigned q = 1; q <= 4; q++)
        EXPECT(q == 3 || (count(order, EARLY, 45, q) >= 13 && count(order, EARLY, 45, q) <= 17), "queue %u has %u of 45", q, count(order, EARLY, 45, q));
}

/* Round robin: priorities are ignored. */
static void equal(void)
{
    static const uint8_t priorities[] = {LOW, MEDIUM, HIGH, URGENT}, counts[] = {30, 30, 30, 30};
    uint8_t order[120];
    EXPECT(queues_of(priorities, 4), "no queues");
    EXPECT(run_commands(counts, 4, order), "commands fail");
    for (unsigned q = 1; q <= 4; q++)
        EXPECT(count(order, EARLY, 60, q) >= 13 && count(order, EARLY, 60, q) <= 17, "queue %u has %u of 60", q, count(order, EARLY, 60, q));
}

static void admin_not_starved(void)
{
    static const uint8_t priorities[] = {URGENT}, counts[] = {50};
    EXPECT(restart_with(AMS_WEIGHTED), "does not start");
    EXPECT(queues_of(priorities, 1), "no queues");
    struct sqe command = io_command(PF, IO_READ, 0, 1, pages(1));
    for (unsigned i = 0; i < counts[0]; i++)
        submit_quietly(PF, 1, &command);
    ring_sq(PF, 1, PF->queues[1].tail);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
    EXPECT((PF->queues[1].cq[counts[0] - 1].status & 1) == 0, "all urgent commands ended before the admin command");
    for (unsigned i = 0; i < counts[0]; i++)
        EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
}

const struct check arbitration_checks[] = {
    {"arb.supported", "3.1.1, 3.1.5", supported},
    {"arb.weights", "4.13.2, 5.21.1.1", weights},
    {"arb.urgent_first", "4.13.2", urgent_first},
    {"arb.class_shares", "4.13.2", class_shares},
    {"arb.round_robin", "4.13.1", equal},
    {"arb.admin_not_starved", "4.13.2", admin_not_starved},
    {0},
};
