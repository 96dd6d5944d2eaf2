/* Volumes that are attached, exchanged and detached (vendor command C0h) while commands are under way: what was meant for one volume never reaches
 * another, and when the command is answered nothing of the volume before is under way any more. Volumes 0 and OTHER_VOLUME have blocks of one size. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define WRITES 16u
#define BLOCKS 256u /* of a write: 128 KiB */
#define SEED 21u
#define LIMITED 8u
#define SETTLE_US 20000u
#define NOTICED_US 2000u /* in which a host that is told has not noticed yet */

static uint8_t *data, *back;

static bool prepare(void)
{
    data = pages(33);
    back = pages(1);
    fill_pattern(data, BLOCKS * BLOCK, SEED);
    return make_queue(PF, 1, 64);
}

/* What both volumes held before is gone. */
static bool clear(uint32_t volume)
{
    return !attach_volume(0, volume).status && !io(PF, IO_WRITE_ZEROES, 0, WRITES * BLOCKS, NULL).status;
}

/* The write at @p lba, by its first and its last block: all there, nothing there, or else. */
static enum { ALL, NOTHING, ELSE } found(uint64_t lba)
{
    static uint8_t zeroes[BLOCK];
    unsigned patterns = 0, empty = 0;
    for (unsigned i = 0; i < 2; i++) {
        unsigned offset = i * (BLOCKS - 1) * BLOCK;
        if (io(PF, IO_READ, lba + i * (BLOCKS - 1), 1, back).status)
            return ELSE;
        patterns += memcmp(back, data + offset, BLOCK) == 0;
        empty += memcmp(back, zeroes, BLOCK) == 0;
    }
    return patterns == 2 ? ALL : empty == 2 ? NOTHING : ELSE;
}

static void submit_writes(unsigned count, uint32_t blocks)
{
    for (unsigned i = 0; i < count; i++) {
        struct sqe command = io_command(PF, IO_WRITE, i * blocks, blocks, data);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, PF->queues[1].tail);
}

/* Reaps the writes, whose identifiers follow one another from @p first on. @return bit i: write i has succeeded. */
static uint32_t reap_writes(unsigned count, uint16_t first)
{
    uint32_t succeeded = 0;
    for (unsigned i = 0; i < count; i++) {
        struct result result = reap(PF, 1, COMMAND_US);
        if (!result.done || (result.status != ST_SUCCESS && result.status != ST_INVALID_NAMESPACE))
            check_fail("write %u of %u: %s %x", i, count, result.done ? "status" : "no completion,", result.status);
        else if (result.status == ST_SUCCESS)
            succeeded |= 1u << (uint16_t)(result.cid - first);
    }
    return succeeded;
}

/* Writes for volume 0 are under way, in every stage, when another volume takes its place. */
static void exchange_after(uint64_t us)
{
    EXPECT(clear(OTHER_VOLUME) && clear(0), "the volumes cannot be cleared");
    uint16_t first = PF->next_cid;
    submit_writes(WRITES, BLOCKS);
    delay_us(us);
    EXPECT_STATUS(attach_volume(0, OTHER_VOLUME), ST_SUCCESS);
    uint32_t succeeded = reap_writes(WRITES, first);
    for (unsigned i = 0; i < WRITES; i++)
        EXPECT(found(i * BLOCKS) == NOTHING, "write %u for volume 0, exchanged after %lu us, is on the other one", i, us);
    EXPECT_STATUS(attach_volume(0, 0), ST_SUCCESS);
    for (unsigned i = 0; i < WRITES; i++)
        EXPECT(!(succeeded >> i & 1) || found(i * BLOCKS) == ALL, "write %u has succeeded and is not on volume 0", i);
}

static void exchange(void)
{
    static const uint64_t delays[] = {0, 15, 60, 200};
    EXPECT(prepare(), "no queue");
    for (unsigned i = 0; i < sizeof(delays) / sizeof(delays[0]); i++)
        exchange_after(delays[i]);
}

/* No write comes to the volume after the detachment has been answered: VF 1, which has it then, would see it. */
static void detach_under_way(void)
{
    EXPECT(dut_enable_vfs(1) && prepare() && clear(0), "not ready");
    uint16_t first = PF->next_cid;
    submit_writes(WRITES, BLOCKS);
    delay_us(30);
    EXPECT_STATUS(attach_volume(0, NSID_ALL), ST_SUCCESS);
    EXPECT(dut_restart(PF + 1) && !attach_volume(1, 0).status && make_queue(PF + 1, 1, 16), "VF 1 cannot have the volume");
    struct sqe zeroes = io_command(PF + 1, IO_WRITE_ZEROES, 0, WRITES * BLOCKS, NULL);
    EXPECT_STATUS(execute(PF + 1, 1, &zeroes), ST_SUCCESS);
    reap_writes(WRITES, first);
    delay_us(1000);
    EXPECT_STATUS(attach_volume(1, NSID_ALL), ST_SUCCESS);
    EXPECT_STATUS(attach_volume(0, 0), ST_SUCCESS);
    for (unsigned i = 0; i < WRITES; i++)
        EXPECT(found(i * BLOCKS) == NOTHING, "write %u came after the volume was detached", i);
}

/* What waits for its limit goes nowhere any more, and keeps nobody waiting. */
static void detach_limited(void)
{
    EXPECT(prepare() && clear(0), "not ready");
    EXPECT_STATUS(admin(PF, &(struct sqe){.opcode = 0xd0, .dw10 = 0, .dw11 = 100}), ST_SUCCESS);
    uint16_t first = PF->next_cid;
    submit_writes(LIMITED, 1);
    delay_us(200);
    uint64_t start = now_us();
    struct result detached = attach_volume(0, NSID_ALL);
    uint64_t took = now_us() - start;
    uint32_t succeeded = reap_writes(LIMITED, first);
    EXPECT_STATUS(admin(PF, &(struct sqe){.opcode = 0xd0, .dw10 = 0}), ST_SUCCESS);
    EXPECT_STATUS(attach_volume(0, 0), ST_SUCCESS);
    EXPECT_STATUS(detached, ST_SUCCESS);
    EXPECT(took < SETTLE_US / 4, "the detachment took %lu us", took);
    EXPECT(succeeded != (1u << LIMITED) - 1, "writes that waited were carried out");
}

/* Each way there and back is a namespace of its own: the commands of the one before end, and none is lost. */
static void there_and_back(void)
{
    EXPECT(prepare() && clear(0), "not ready");
    for (unsigned turn = 0; turn < 6; turn++) {
        uint16_t first = PF->next_cid;
        submit_writes(WRITES, 8);
        EXPECT_STATUS(attach_volume(0, NSID_ALL), ST_SUCCESS);
        EXPECT_STATUS(attach_volume(0, 0), ST_SUCCESS);
        reap_writes(WRITES, first);
        EXPECT_STATUS(io(PF, IO_WRITE, 0, 8, data), ST_SUCCESS);
        EXPECT(!reap(PF, 1, 0).done, "a completion too many");
    }
}

/* A volume that takes the place of another has its namespace number. A host that asks for events is told first, and until it has read which namespaces have
 * changed there is none. */
static void exchange_is_told(void)
{
    EXPECT(prepare() && clear(OTHER_VOLUME) && clear(0), "not ready");
    EXPECT_STATUS(set_feature(PF, 0x0b, 1u << 8), ST_SUCCESS);
    EXPECT_STATUS(get_log(PF, 4, 0, back, PAGE), ST_SUCCESS);
    uint16_t request = submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    uint16_t exchanged = submit(PF, 0, &(struct sqe){.opcode = ADMIN_ATTACH_VOLUME, .dw11 = OTHER_VOLUME});
    struct result event = reap(PF, 0, COMMAND_US);
    EXPECT(event.done && event.cid == request && event.dw0 == (2u | 4u << 16), "completion of %x with %x before the event", event.cid, event.dw0);
    delay_us(NOTICED_US);
    EXPECT_STATUS(io(PF, IO_WRITE, 0, 8, data), ST_INVALID_NAMESPACE);
    EXPECT(!reap(PF, 0, 0).done, "the volume comes before its host knows");
    EXPECT_STATUS(get_log(PF, 4, 0, back, PAGE), ST_SUCCESS);
    EXPECT(get32(back, 0) == 1, "the list names namespace %u", get32(back, 0));
    struct result last = reap(PF, 0, COMMAND_US);
    EXPECT(last.done && last.cid == exchanged && !last.status, "the exchange ends with %x", last.status);
    EXPECT(found(0) == NOTHING, "what was written between the volumes is on the second");
    EXPECT_STATUS(attach_volume(0, 0), ST_SUCCESS);
}

const struct check attach_checks[] = {
    {"attach.exchange", "vendor command C0h, 6.1", exchange},
    {"attach.exchange_is_told", "vendor command C0h, 5.14.1.4", exchange_is_told},
    {"attach.detach_under_way", "vendor command C0h, 6.1", detach_under_way},
    {"attach.detach_limited", "vendor commands C0h, D0h", detach_limited},
    {"attach.there_and_back", "vendor command C0h, 6.1.5", there_and_back},
    {0},
};
