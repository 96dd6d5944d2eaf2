/* Enabling, disabling, resets and shutdown, sections 3.1.5, 7.3 and 7.6. */
#include "testbench/conformance/check.h"

#define SHUTDOWN_US 50000u /* less than the silence after which the runner gives the suite up */

static void enable_disable(void)
{
    EXPECT(dut_disable(PF), "CSTS.RDY stays 1 after CC.EN = 0");
    EXPECT((reg32(PF, REG_CSTS) & CSTS_CFS) == 0, "CFS after a reset");
    EXPECT(dut_enable(PF, 32, 32), "CSTS.RDY stays 0 after CC.EN = 1");
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

/* AQA takes 12 bits, whatever CAP.MQES says of I/O queues: the tail goes once around. */
static void largest_admin_queues(void)
{
    EXPECT(dut_disable(PF), "no reset");
    EXPECT(dut_enable(PF, 4096, 4096), "does not start with admin queues of 4096 entries");
    for (unsigned i = 0; i < 4100; i++) {
        struct result result = get_feature(PF, 7, 0, 0);
        EXPECT(result.done && result.status == ST_SUCCESS && result.sq_head == (i + 1) % 4096, "command %u: status %x, SQ head %u", i, result.status, result.sq_head);
    }
}

static void often(void)
{
    for (unsigned i = 0; i < 20; i++) {
        EXPECT(dut_restart(PF), "round %u: CSTS.RDY does not follow CC.EN", i);
        EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
    }
}

static void keeps_admin_registers(void)
{
    uint32_t aqa = reg32(PF, REG_AQA);
    uint64_t asq = reg64(PF, REG_ASQ), acq = reg64(PF, REG_ACQ);
    EXPECT(dut_disable(PF), "no reset");
    EXPECT(reg32(PF, REG_AQA) == aqa && reg64(PF, REG_ASQ) == asq && reg64(PF, REG_ACQ) == acq, "AQA, ASQ or ACQ changed");
}

static void drops_queues(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue 1");
    EXPECT(dut_restart(PF), "no reset");
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_INVALID_QID);
    EXPECT(make_queue(PF, 1, 16), "queue 1 cannot be created again");
}

static void drops_features(void)
{
    EXPECT_STATUS(set_feature(PF, 4, 300), ST_SUCCESS);
    EXPECT(dut_restart(PF), "no reset");
    struct result now = get_feature(PF, 4, 0, 0), initial = get_feature(PF, 4, 1, 0);
    EXPECT(now.done && initial.done && now.dw0 == initial.dw0, "threshold %u after a reset, default %u", now.dw0, initial.dw0);
}

static void drops_async_requests(void)
{
    for (unsigned i = 0; i < 4; i++)
        submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    delay_us(200);
    EXPECT(dut_restart(PF), "no reset");
    for (unsigned i = 0; i < 4; i++)
        submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    EXPECT(!reap(PF, 0, 300).done, "a request of the life before still counts, or is answered");
}

/* Commands that are with the storage when CC.EN falls: nothing of them shows up later. */
static void reset_under_load(void)
{
    uint8_t *data = pages(32);
    EXPECT(make_queue(PF, 1, 64), "no queue");
    for (unsigned i = 0; i < 32; i++) {
        struct sqe command = io_command(PF, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 32);
    delay_us(20);
    volatile struct cqe *cq = PF->queues[1].cq;
    EXPECT(dut_disable(PF), "no reset under load");
    for (unsigned i = 0; i < 64; i++)
        cq[i].status = 0;
    for (unsigned i = 0; i < 32 * PAGE; i++)
        data[i] = 0x5a;
    delay_us(1500);
    for (unsigned i = 0; i < 64; i++)
        EXPECT(cq[i].status == 0, "completion %u was written after the reset", i);
    for (unsigned i = 0; i < 32 * PAGE; i++)
        EXPECT(data[i] == 0x5a, "data at %x was written after the reset", i);
    EXPECT(dut_enable(PF, 32, 32) && make_queue(PF, 1, 16), "not usable again");
    EXPECT_STATUS(io(PF, IO_READ, 0, 8, data), ST_SUCCESS);
}

static void shut_down(uint32_t how)
{
    write32(PF, REG_CC, CC_ENTRY_SIZES | CC_EN | how);
    uint64_t end = now_us() + SHUTDOWN_US;
    while (CSTS_SHST(reg32(PF, REG_CSTS)) != 2)
        EXPECT(now_us() < end, "SHST is %x and does not become 2", CSTS_SHST(reg32(PF, REG_CSTS)));
}

static void normal_shutdown(void)
{
    shut_down(CC_SHN_NORMAL);
}

static void abrupt_shutdown(void)
{
    shut_down(CC_SHN_ABRUPT);
}

static void shutdown_leaves_ready(void)
{
    shut_down(CC_SHN_NORMAL);
    EXPECT(reg32(PF, REG_CSTS) & CSTS_RDY, "RDY fell with the shutdown");
}

static void enable_after_shutdown(void)
{
    shut_down(CC_SHN_NORMAL);
    EXPECT(dut_restart(PF), "no start after a shutdown");
    EXPECT(CSTS_SHST(reg32(PF, REG_CSTS)) == 0, "SHST %x after the start", CSTS_SHST(reg32(PF, REG_CSTS)));
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

static void shutdown_keeps_data(void)
{
    uint8_t *data = pages(2);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    fill_pattern(data, PAGE, 77);
    EXPECT_STATUS(io(PF, IO_WRITE, 100, 8, data), ST_SUCCESS);
    shut_down(CC_SHN_NORMAL);
    EXPECT(dut_restart(PF) && make_queue(PF, 1, 16), "no start after a shutdown");
    uint8_t *back = pages(2);
    EXPECT_STATUS(io(PF, IO_READ, 100, 8, back), ST_SUCCESS);
    EXPECT(is_pattern(back, PAGE, 77), "what was written before the shutdown is not there");
}

static void unsupported_page_size(void)
{
    uint32_t too_large = (reg64(PF, REG_CAP) >> 52 & 0xf) + 1;
    EXPECT(dut_disable(PF), "no reset");
    write32(PF, REG_CC, CC_ENTRY_SIZES | CC_EN | too_large << 7);
    EXPECT(!dut_wait_ready(PF, CSTS_RDY, 500), "ready with MPS above MPSMAX");
}

static void unsupported_command_set(void)
{
    EXPECT(dut_disable(PF), "no reset");
    write32(PF, REG_CC, CC_ENTRY_SIZES | CC_EN | 3u << 4);
    EXPECT(!dut_wait_ready(PF, CSTS_RDY, 500), "ready with a command set that CAP does not offer");
}

static void smallest_queues(void)
{
    EXPECT(dut_disable(PF) && dut_enable(PF, 2, 2), "not ready with queues of two entries");
    for (unsigned i = 0; i < 7; i++)
        EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

static void unequal_queues(void)
{
    EXPECT(dut_disable(PF) && dut_enable(PF, 5, 3), "not ready with queues of 5 and 3 entries");
    for (unsigned i = 0; i < 12; i++)
        EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

static void large_queues(void)
{
    EXPECT(dut_disable(PF) && dut_enable(PF, 1024, 1024), "not ready with queues of 1024 entries");
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

static void flr_registers(void)
{
    EXPECT(dut_flr(PF), "the function does not come back");
    EXPECT(reg32(PF, REG_CC) == 0, "CC is %x", reg32(PF, REG_CC));
    EXPECT(reg32(PF, REG_CSTS) == 0, "CSTS is %x", reg32(PF, REG_CSTS));
    EXPECT(reg32(PF, REG_AQA) == 0 && reg64(PF, REG_ASQ) == 0 && reg64(PF, REG_ACQ) == 0, "admin queue registers survive");
}

static void flr_then_work(void)
{
    uint8_t *data = pages(1);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT(dut_flr(PF) && dut_enable(PF, 32, 32), "not ready after a function-level reset");
    EXPECT(make_queue(PF, 1, 16), "no queue after the reset");
    EXPECT_STATUS(io(PF, IO_READ, 0, 8, data), ST_SUCCESS);
}

static void flr_under_load(void)
{
    uint8_t *data = pages(32);
    EXPECT(make_queue(PF, 1, 64), "no queue");
    for (unsigned i = 0; i < 32; i++) {
        struct sqe command = io_command(PF, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 32);
    EXPECT(dut_flr(PF), "the function does not come back");
    EXPECT(dut_enable(PF, 32, 32) && make_queue(PF, 1, 64), "not usable after the reset");
    for (unsigned i = 0; i < 8; i++)
        EXPECT_STATUS(io(PF, IO_READ, i * 8, 8, data), ST_SUCCESS);
}

static void config_reset_by_flr(void)
{
    EXPECT(dut_flr(PF), "the function does not come back");
    struct dut probe = *PF;
    EXPECT((config_read(&probe, 0x3c) & 0xff) == 0, "interrupt line survives");
}

/* Nothing is fetched while RDY is 0: a doorbell of a disabled controller is ignored. */
static void doorbell_while_disabled(void)
{
    EXPECT(dut_disable(PF), "no reset");
    ring_sq(PF, 0, 1);
    ring_cq(PF, 0, 1);
    delay_us(50);
    EXPECT(dut_enable(PF, 32, 32), "not ready");
    EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
}

const struct check controller_checks[] = {
    {"ctrl.enable_disable", "3.1.5, 7.6.1", enable_disable},
    {"ctrl.largest_admin_queues", "3.1.8", largest_admin_queues},
    {"ctrl.enable_often", "7.6.1", often},
    {"ctrl.reset_keeps_admin_registers", "7.3.2", keeps_admin_registers},
    {"ctrl.reset_drops_queues", "7.3.2", drops_queues},
    {"ctrl.reset_drops_features", "7.3.2, 5.21", drops_features},
    {"ctrl.reset_drops_async_requests", "5.2, 7.3.2", drops_async_requests},
    {"ctrl.reset_under_load", "7.3.2", reset_under_load},
    {"ctrl.shutdown_normal", "7.6.2", normal_shutdown},
    {"ctrl.shutdown_abrupt", "7.6.2", abrupt_shutdown},
    {"ctrl.shutdown_leaves_ready", "3.1.6", shutdown_leaves_ready},
    {"ctrl.enable_after_shutdown", "7.6.2", enable_after_shutdown},
    {"ctrl.shutdown_keeps_data", "7.6.2", shutdown_keeps_data},
    {"ctrl.unsupported_page_size", "3.1.5", unsupported_page_size},
    {"ctrl.unsupported_command_set", "3.1.5", unsupported_command_set},
    {"ctrl.smallest_admin_queues", "3.1.8", smallest_queues},
    {"ctrl.unequal_admin_queues", "3.1.8", unequal_queues},
    {"ctrl.large_admin_queues", "3.1.8", large_queues},
    {"ctrl.doorbell_while_disabled", "3.1.24", doorbell_while_disabled},
    {"ctrl.flr_registers", "7.3.3", flr_registers},
    {"ctrl.flr_configuration", "PCIe 6.6.2", config_reset_by_flr},
    {"ctrl.flr_then_work", "7.3.3", flr_then_work},
    {"ctrl.flr_under_load", "7.3.3, PCIe 6.6.2", flr_under_load},
    {0},
};
