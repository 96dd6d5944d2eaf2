/* The firmware breaks (the suite asks the runner for it): commands under way end well and once; where what it had kept is lost, the controller says
 * so in CSTS.CFS (NVMe 1.4, 3.1.6 and 9.5), and serves again after a reset. */
#include "testbench/conformance/check.h"

#define DEPTH 16u
#define PLACE(i) (6000 + (i) * 8)
#define RESTART_US 60000u
#define VF1 (&duts[1])

/* An image that has crashed three times in its first 20 ms gives way to the other one (8.1): each check crashes it twice at most. */
static void settle(void)
{
    delay_us(22000);
}

static void ask_for_crash(const char *lost)
{
    print("SUITE BREAK crash %s", lost);
    delay_us(20);
}

/* Commands of all places at once; the firmware breaks @p us after they have left. */
static bool all_end_well(struct dut *d, uint8_t opcode, uint8_t *data, uint64_t us)
{
    uint64_t ended = 0;
    uint16_t first = 0;
    for (unsigned i = 0; i < DEPTH; i++) {
        struct sqe command = io_command(d, opcode, PLACE(i), 8, data + i * PAGE);
        uint16_t cid = submit(d, 1, &command);
        first = i ? first : cid;
    }
    delay_us(us);
    ask_for_crash("");
    for (unsigned i = 0; i < DEPTH; i++) {
        struct result result = reap(d, 1, RESTART_US);
        uint64_t bit = 1ull << (uint16_t)(result.cid - first);
        if (!result.done || result.status || ended & bit) {
            check_fail("completion %u: done %u status %x cid %u", i, result.done, result.status, result.cid);
            return false;
        }
        ended |= bit;
    }
    return ended == (1ull << DEPTH) - 1 && !reap(d, 1, 1000).done;
}

static void under_io(void)
{
    uint8_t *data = pages(DEPTH), *back = pages(DEPTH);
    settle();
    EXPECT(make_queue(PF, 1, 32), "no queue");
    fill_pattern(data, DEPTH * PAGE, 70);
    if (!all_end_well(PF, IO_WRITE, data, 11) || !all_end_well(PF, IO_READ, back, 7))
        return;
    EXPECT(is_pattern(back, DEPTH * PAGE, 70), "other data than was written");
    EXPECT((reg32(PF, REG_CSTS) & (CSTS_RDY | CSTS_CFS)) == CSTS_RDY, "CSTS %x", reg32(PF, REG_CSTS));
}

/* An event request, a feature and a queue outlive it. */
static void keeps_state(void)
{
    settle();
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(set_feature(PF, 0x04, 400), ST_SUCCESS);
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    ask_for_crash("");
    delay_us(RESTART_US / 6);
    struct result threshold = get_feature(PF, 0x04, 0, 0);
    EXPECT_STATUS(threshold, ST_SUCCESS);
    EXPECT((threshold.dw0 & 0xffff) == 400, "temperature threshold %u", threshold.dw0 & 0xffff);
    ring_sq(PF, 5, 1);
    struct result event = reap(PF, 0, RESTART_US);
    EXPECT(event.done && !event.status && event.dw0 == 1u << 16, "no event for a doorbell of no queue: done %u dw0 %x", event.done, event.dw0);
    EXPECT_STATUS(io(PF, IO_READ, 0, 8, pages(1)), ST_SUCCESS);
}

static bool becomes_fatal(struct dut *d)
{
    for (uint64_t end = now_us() + RESTART_US; now_us() < end;)
        if (reg32(d, REG_CSTS) & CSTS_CFS)
            return true;
    return false;
}

static bool serves(struct dut *d, unsigned function)
{
    uint8_t *data = pages(1);
    return dut_restart(d) && !(reg32(d, REG_CSTS) & CSTS_CFS) && !attach_volume(function, 0).status && make_queue(d, 1, 16) &&
           !io(d, IO_READ, 0, 8, data).status;
}

static void all_lost(void)
{
    settle();
    EXPECT(dut_enable_vfs(1) && dut_restart(VF1) && make_queue(PF, 1, 16), "the functions do not start");
    ask_for_crash("kept");
    EXPECT(becomes_fatal(PF) && becomes_fatal(VF1), "CSTS %x and %x", reg32(PF, REG_CSTS), reg32(VF1, REG_CSTS));
    EXPECT(serves(PF, 0), "the PF does not serve after a reset");
    EXPECT(serves(VF1, 1), "the VF does not serve after a reset");
}

/* What is lost of one controller is no other's business. */
static void one_lost(void)
{
    uint8_t *data = pages(1);
    settle();
    EXPECT(dut_enable_vfs(1) && serves(VF1, 1), "the VF does not serve");
    ask_for_crash("controllers");
    EXPECT(becomes_fatal(PF), "CSTS %x", reg32(PF, REG_CSTS));
    EXPECT_STATUS(io(VF1, IO_READ, 8, 8, data), ST_SUCCESS);
    EXPECT((reg32(VF1, REG_CSTS) & (CSTS_RDY | CSTS_CFS)) == CSTS_RDY, "the VF's CSTS %x", reg32(VF1, REG_CSTS));
    EXPECT(serves(PF, 0), "the PF does not serve after a reset");
}

const struct check crash_checks[] = {
    {"firmware.crash_under_io", "9.5", under_io},
    {"firmware.crash_keeps_state", "5.2, 5.21", keeps_state},
    {"firmware.crash_one_lost", "3.1.6 (CFS), 9.5", one_lost},
    {"firmware.crash_all_lost", "3.1.6 (CFS), 9.5", all_lost},
    {NULL, NULL, NULL},
};
