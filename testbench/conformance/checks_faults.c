/* Poisoned and lost completions of the host under verified I/O: commands end with Data Transfer Error or well, never with wrong data; a controller
 * that cannot read its queue says so in CSTS.CFS and serves again after a reset. PCIe 4.0, 2.7.2 and 2.8; NVMe 1.4, 4.6.1.2.1 and 9.5. */
#include "testbench/conformance/check.h"

#define ROUNDS 60u
#define PLACES 12u
#define FAULT_US 40000u /* the SEE's completion time-out and what follows */

static uint32_t versions[PLACES]; /* what each place holds; 0: not known */
static unsigned failures, restarts;

static void ask_for(const char *mode, unsigned every)
{
    print("SUITE FAULT %s %u", mode, every);
    delay_us(20);
}

/* The queue or the command was lost: reset, as a driver does. @return false if the controller does not come back. */
static bool start_again(void)
{
    ask_for("none", 1);
    restarts++;
    return dut_restart(PF) && make_queue(PF, 1, 32);
}

/* The completion, or nothing as soon as CFS says that there will be none. */
static struct result reap_or_fatal(void)
{
    struct result result = {.done = false};
    for (uint64_t end = now_us() + FAULT_US; now_us() < end && !(reg32(PF, REG_CSTS) & CSTS_CFS) && !result.done;)
        result = reap(PF, 1, 100);
    return result;
}

/* One write or read of a place. */
static void one(unsigned round, const char *mode, unsigned every, uint8_t *data)
{
    unsigned place = round * 7 % PLACES;
    bool write = round % 3 != 2;
    if (write)
        fill_pattern(data, PAGE, round + 1000);
    else
        fill_pattern(data, PAGE, 1);
    struct sqe command = io_command(PF, write ? IO_WRITE : IO_READ, 3000 + place * 8, 8, data);
    submit(PF, 1, &command);
    struct result result = reap_or_fatal();
    if (write)
        versions[place] = result.done && !result.status ? round + 1000 : 0;
    if (!result.done || reg32(PF, REG_CSTS) & CSTS_CFS) {
        if (!(reg32(PF, REG_CSTS) & CSTS_CFS))
            check_fail("round %u: no completion, and CFS is 0", round);
        else if (!start_again())
            check_fail("round %u: the controller does not start again after CFS", round);
        ask_for(mode, every);
        return;
    }
    failures += result.status != 0;
    if (result.status && result.status != ST_DATA_TRANSFER)
        check_fail("round %u: status %x", round, result.status);
    else if (!write && !result.status && versions[place] && !is_pattern(data, PAGE, versions[place]))
        check_fail("round %u: a read succeeded with other data than was written", round);
}

static void under(const char *mode, unsigned every)
{
    uint8_t *data = pages(1);
    failures = restarts = 0;
    for (unsigned i = 0; i < PLACES; i++)
        versions[i] = 0;
    EXPECT(make_queue(PF, 1, 32), "no queue");
    ask_for(mode, every);
    for (unsigned round = 0; round < ROUNDS; round++)
        one(round, mode, every, data);
    ask_for("none", 1);
    EXPECT(failures + restarts > 0, "no command was hit");
    EXPECT(dut_restart(PF) && make_queue(PF, 1, 32), "the controller does not start afterwards");
    for (unsigned place = 0; place < PLACES; place++) {
        EXPECT_STATUS(io(PF, IO_READ, 3000 + place * 8, 8, data), ST_SUCCESS);
        EXPECT(!versions[place] || is_pattern(data, PAGE, versions[place]), "place %u lost a write that had succeeded", place);
    }
}

static void poison(void)
{
    under("poison", 17);
}

static void poison_often(void)
{
    under("poison", 3);
}

static void lost(void)
{
    under("drop", 17);
}

const struct check fault_checks[] = {
    {"fault.poison", "PCIe 2.7.2, 4.6.1.2.1", poison},
    {"fault.poison_often", "PCIe 2.7.2, 9.5", poison_often},
    {"fault.completion_timeout", "PCIe 2.8, 9.5", lost},
    {0},
};
