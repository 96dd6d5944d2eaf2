/* A function that is held, whose state is taken, and that goes on with a state it is given: vendor commands of the PF
 * (firmware/nvme/function_state_wire.h), which the hypervisor's snapshots need. */
#include "firmware/nvme/function_state_wire.h"
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define VF (&duts[1])
#define HOLD_US 5000u

static struct result about_vf(uint8_t opcode, uint32_t function, void *data)
{
    return admin(PF, &(struct sqe){.opcode = opcode, .prp1 = (uint64_t)data, .dw10 = function});
}

static bool vf_up(void)
{
    if (dut_enable_vfs(2) && dut_restart(VF) && !attach_volume(1, OTHER_VOLUME).status && make_queue(VF, 1, 16) && make_queue(VF, 2, 16))
        return true;
    check_fail("VF 1 cannot be used");
    return false;
}

static void vf_down(void)
{
    attach_volume(1, NSID_ALL);
    dut_enable_vfs(0);
}

static void read_one(uint32_t qid, uint64_t lba, void *data)
{
    struct sqe command = io_command(VF, IO_READ, lba, 1, data);
    submit(VF, qid, &command);
}

static void hold_and_release(void)
{
    uint8_t *data = pages(1);
    if (!vf_up())
        return;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_SUCCESS);
    read_one(1, 0, data);
    submit(VF, 0, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = 7});
    EXPECT(!reap(VF, 1, HOLD_US).done && !reap(VF, 0, 0).done, "a held function goes on");
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_SUCCESS);
    EXPECT_STATUS(reap(VF, 1, COMMAND_US), ST_SUCCESS);
    EXPECT_STATUS(reap(VF, 0, COMMAND_US), ST_SUCCESS);
    vf_down();
}

/* What is under way when the function is held ends before the command does. */
static void hold_waits(void)
{
    uint8_t *data = pages(16);
    if (!vf_up())
        return;
    for (unsigned i = 0; i < 8; i++)
        read_one(1, i * 8, data + i * PAGE);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_SUCCESS);
    unsigned done = 0;
    while (reap(VF, 1, 100).done)
        done++;
    delay_us(HOLD_US);
    EXPECT(!reap(VF, 1, 0).done, "a completion came after the function was held");
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_SUCCESS);
    for (; done < 8; done++)
        EXPECT_STATUS(reap(VF, 1, COMMAND_US), ST_SUCCESS);
    vf_down();
}

static void refused(void)
{
    struct function_state *state = pages(1);
    if (!vf_up())
        return;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_GET, 1, state), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 0, NULL), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 17, NULL), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_SUCCESS);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_GET, 1, (uint8_t *)state + 4), ST_PRP_OFFSET);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_GET, 1, state), ST_SUCCESS);
    EXPECT(state->magic == FUNCTION_STATE_MAGIC && state->version == FUNCTION_STATE_VERSION, "no state");
    struct function_state good = *state;
    state->magic ^= 1;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_INVALID_FIELD);
    *state = good;
    state->blocks++;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_INVALID_FIELD);
    *state = good;
    state->queue[1].sq_control = (state->queue[1].sq_control & ~0x1fff0000ull) | 1u << 16; /* one entry */
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_INVALID_FIELD);
    *state = good;
    state->queue[2].cq_address |= 8;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_INVALID_FIELD);
    *state = good;
    state->aers = 200;
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_INVALID_FIELD);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_SUCCESS);
    vf_down();
}

/* The controller is reset and made what it was: queues in the middle of their rings, features, an event request. */
static void goes_on(void)
{
    struct function_state *state = pages(1);
    uint8_t *data = pages(1);
    if (!vf_up())
        return;
    EXPECT_STATUS(set_feature(VF, 4, 350), ST_SUCCESS);
    EXPECT_STATUS(set_feature(VF, 8, 0x0203), ST_SUCCESS);
    submit(VF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    for (unsigned i = 0; i < 21; i++) {
        read_one(1 + i % 2, i, data);
        EXPECT_STATUS(reap(VF, 1 + i % 2, COMMAND_US), ST_SUCCESS);
    }
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_SUCCESS);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_GET, 1, state), ST_SUCCESS);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_SUCCESS);
    struct queue kept[QUEUES];
    memcpy(kept, VF->queues, sizeof(kept));
    EXPECT(dut_disable(VF), "no reset");
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_HOLD, 1, NULL), ST_SUCCESS);
    write32(VF, REG_AQA, state->aqa);
    write64(VF, REG_ASQ, state->asq);
    write64(VF, REG_ACQ, state->acq);
    write32(VF, REG_CC, state->cc);
    EXPECT(dut_wait_ready(VF, CSTS_RDY, 100000), "not ready");
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_SET, 1, state), ST_SUCCESS);
    EXPECT_STATUS(about_vf(NVME_ADMIN_FUNCTION_RELEASE, 1, NULL), ST_SUCCESS);
    memcpy(VF->queues, kept, sizeof(kept));
    for (unsigned i = 0; i < 40; i++) {
        read_one(1 + i % 2, i, data);
        EXPECT_STATUS(reap(VF, 1 + i % 2, COMMAND_US), ST_SUCCESS);
    }
    EXPECT((get_feature(VF, 4, 0, 0).dw0 & 0xffff) == 350 && get_feature(VF, 8, 0, 0).dw0 == 0x0203, "the features are not what they were");
    ring_sq(VF, 7, 1);
    struct result event = reap(VF, 0, COMMAND_US);
    EXPECT(event.done && event.status == ST_SUCCESS && (event.dw0 & 7) == 0, "the event request is gone: %x", event.dw0);
    vf_down();
}

const struct check state_checks[] = {
    {"state.hold_and_release", "vendor commands C8h, CCh", hold_and_release},
    {"state.hold_waits", "vendor command C8h", hold_waits},
    {"state.refused", "vendor commands C8h to D2h", refused},
    {"state.goes_on", "vendor commands D1h, D2h", goes_on},
    {0},
};
