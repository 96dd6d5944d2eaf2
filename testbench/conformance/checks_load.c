/* Everything at once: 16 VFs with eight I/O queue pairs each under verified load, and what happens to some of them meanwhile must not reach
 * the others. SR-IOV 1.1 section 2.2.2, NVMe sections 7.3.2 and 7.3.3, 6.4. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define VFS 16u
#define VOLUME OTHER_VOLUME
#define ENTRIES 8u
#define DEPTH 2u /* commands of a queue at once */
#define LOAD_US 400000u /* patience: 256 commands wait for one another */

/* What one queue works on: its own blocks of the volume that all VFs share, pages of its own. */
struct worker {
    uint8_t *data;
    uint32_t seed;
    unsigned open;
};

static struct worker workers[VFS + 1][QUEUES];

static uint64_t lba_of(unsigned n, uint32_t q, unsigned i)
{
    return (((uint64_t)(n - 1) * (QUEUES - 1) + (q - 1)) * DEPTH + i) * 8;
}

static bool function_up(unsigned n)
{
    struct dut *d = &duts[n];
    if (!dut_restart(d))
        return false;
    for (uint32_t q = 1; q < QUEUES; q++)
        if (!make_queue(d, q, ENTRIES))
            return false;
    return true;
}

static bool all_up(void)
{
    if (!dut_enable_vfs(VFS))
        return false;
    for (unsigned n = 1; n <= VFS; n++) {
        if (attach_volume(n, VOLUME).status || !function_up(n))
            return false;
        for (uint32_t q = 1; q < QUEUES; q++)
            workers[n][q] = (struct worker){.data = pages(DEPTH)};
    }
    return true;
}

static void all_down(void)
{
    for (unsigned n = 1; n <= VFS; n++)
        attach_volume(n, NSID_ALL);
    dut_enable_vfs(0);
}

/* @p opcode on every queue of every VF; writes carry a new pattern. */
static void start(unsigned n, uint8_t opcode, uint32_t round)
{
    for (uint32_t q = 1; q < QUEUES; q++) {
        struct worker *w = &workers[n][q];
        if (opcode == IO_WRITE)
            w->seed = round << 16 | n << 8 | q;
        for (unsigned i = 0; i < DEPTH; i++) {
            uint8_t *data = w->data + i * PAGE;
            if (opcode == IO_WRITE)
                fill_pattern(data, PAGE, w->seed + i);
            else
                memset(data, 0xee, PAGE);
            struct sqe command = io_command(&duts[n], opcode, lba_of(n, q, i), 8, data);
            submit_quietly(&duts[n], q, &command);
        }
        w->open = DEPTH;
        ring_sq(&duts[n], q, duts[n].queues[q].tail);
    }
}

static bool finish(unsigned n, bool reads)
{
    for (uint32_t q = 1; q < QUEUES; q++) {
        struct worker *w = &workers[n][q];
        for (; w->open > 0; w->open--) {
            struct result result = reap(&duts[n], q, LOAD_US);
            if (!result.done || result.status != ST_SUCCESS) {
                check_fail("VF %u, queue %u: %s, status %x", n, q, result.done ? "done" : "no completion", result.status);
                return false;
            }
        }
        for (unsigned i = 0; reads && i < DEPTH; i++)
            if (!is_pattern(w->data + i * PAGE, PAGE, w->seed + i)) {
                check_fail("VF %u, queue %u: block %lu is not what it wrote", n, q, lba_of(n, q, i));
                return false;
            }
        if (reap(&duts[n], q, 0).done) {
            check_fail("VF %u, queue %u: one completion too many", n, q);
            return false;
        }
    }
    return true;
}

/* One round of all VFs but those of the mask @p without. */
static bool round_of_all(uint8_t opcode, uint32_t round, uint32_t without)
{
    for (unsigned n = 1; n <= VFS; n++)
        if (!(without >> n & 1))
            start(n, opcode, round);
    for (unsigned n = 1; n <= VFS; n++)
        if (!(without >> n & 1) && !finish(n, opcode == IO_READ))
            return false;
    return true;
}

static void all_queues(void)
{
    EXPECT(all_up(), "not all VFs start with all their queues");
    for (uint32_t round = 1; round <= 2; round++)
        if (!round_of_all(IO_WRITE, round, 0) || !round_of_all(IO_READ, round, 0))
            return;
    all_down();
}

/* VF 3 is reset by FLR and VF 5 through CC.EN with their commands under way; the PF's controller stops and starts. */
static void resets_under_load(void)
{
    EXPECT(all_up(), "not all VFs start with all their queues");
    if (!round_of_all(IO_WRITE, 1, 0))
        return;
    for (unsigned n = 1; n <= VFS; n++)
        start(n, IO_READ, 1);
    EXPECT(dut_flr(&duts[3]), "VF 3 does not come back");
    EXPECT(dut_disable(&duts[5]), "VF 5 does not stop");
    EXPECT(dut_restart(PF), "the PF does not start again");
    for (uint32_t q = 1; q < QUEUES; q++) {
        memset(workers[3][q].data, 0x77, DEPTH * PAGE);
        memset(workers[5][q].data, 0x77, DEPTH * PAGE);
    }
    for (unsigned n = 1; n <= VFS; n++)
        if (n != 3 && n != 5 && !finish(n, true))
            return;
    for (unsigned i = 0; i < DEPTH * PAGE; i++)
        EXPECT(workers[3][1].data[i] == 0x77 && workers[5][1].data[i] == 0x77, "byte %x was written after the reset", i);
    EXPECT(function_up(3) && function_up(5), "VF 3 and 5 do not start again");
    if (round_of_all(IO_WRITE, 2, 0) && round_of_all(IO_READ, 2, 0))
        all_down();
}

/* VF Enable is cleared with every queue full; the PF's I/O goes on, and all VFs come again. */
static void disabled_under_load(void)
{
    uint8_t *data = pages(2);
    EXPECT(all_up(), "not all VFs start with all their queues");
    EXPECT(make_queue(PF, 1, 16), "no queue of the PF");
    fill_pattern(data, PAGE, 99);
    for (unsigned n = 1; n <= VFS; n++)
        start(n, IO_WRITE, 1);
    struct sqe command = io_command(PF, IO_WRITE, 40, 8, data);
    submit(PF, 1, &command);
    EXPECT(dut_enable_vfs(0), "VF Enable does not clear");
    EXPECT_STATUS(reap(PF, 1, LOAD_US), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 40, 8, data + PAGE), ST_SUCCESS);
    EXPECT(is_pattern(data + PAGE, PAGE, 99), "the PF does not read what it wrote");
    EXPECT(all_up(), "not all VFs start again");
    if (round_of_all(IO_WRITE, 2, 0) && round_of_all(IO_READ, 2, 0))
        all_down();
}

/* AWUN and AWUPF are one block: functions that write the same blocks of a volume at once leave each block whole (6.4). */
static void shared_blocks_whole(void)
{
    enum { FUNCTIONS_AT_IT = 4, BLOCKS = 8 };
    uint8_t *identity = pages(1), *back = pages(1);
    EXPECT(dut_enable_vfs(FUNCTIONS_AT_IT), "VFs do not answer");
    EXPECT_STATUS(identify(PF, 1, 0, identity), ST_SUCCESS);
    EXPECT(get16(identity, 526) == 0 && get16(identity, 528) == 0, "AWUN %u, AWUPF %u: more than the storages promise", get16(identity, 526), get16(identity, 528));
    for (unsigned n = 1; n <= FUNCTIONS_AT_IT; n++) {
        EXPECT(attach_volume(n, VOLUME).status == 0 && function_up(n), "VF %u does not start", n);
        workers[n][1].data = pages(1);
        memset(workers[n][1].data, (int)(0x10 * n), PAGE);
    }
    for (unsigned round = 0; round < 10; round++) {
        for (unsigned n = 1; n <= FUNCTIONS_AT_IT; n++) {
            struct sqe command = io_command(&duts[n], IO_WRITE, 16, BLOCKS, workers[n][1].data);
            submit(&duts[n], 1, &command);
        }
        for (unsigned n = 1; n <= FUNCTIONS_AT_IT; n++)
            EXPECT_STATUS(reap(&duts[n], 1, LOAD_US), ST_SUCCESS);
        struct sqe command = io_command(&duts[1], IO_READ, 16, BLOCKS, back);
        EXPECT_STATUS(execute(&duts[1], 2, &command), ST_SUCCESS);
        for (unsigned block = 0; block < BLOCKS; block++)
            for (unsigned i = 1; i < BLOCK; i++)
                EXPECT(back[block * BLOCK + i] == back[block * BLOCK] && back[block * BLOCK], "block %u is of two writers", block);
    }
    all_down();
}

const struct check load_checks[] = {
    {"load.all_queues", "SR-IOV 2.2.2, 4.1", all_queues},
    {"load.resets", "SR-IOV 2.2.2, 7.3.2", resets_under_load},
    {"load.vfs_disabled", "SR-IOV 3.3.3.1", disabled_under_load},
    {"load.shared_blocks_whole", "6.4", shared_blocks_whole},
    {0},
};
