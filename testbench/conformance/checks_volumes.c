/* Volumes of several storages, and limits of functions: what the board's configuration has (lib/firmware.tcl) beside the two plain volumes:
 * storages 2 to 9, of 1 to 4.5 MiB; volume 10 joins all eight, volume 11 stripes them by 64 KiB, volume 12 mirrors 2 and 3. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define FIRST_MEMBER 2u
#define MEMBERS 8u
#define CONCAT 10u
#define STRIPE 11u
#define MIRROR 12u
#define CHUNK 128u /* blocks */

static uint64_t sizes[MEMBERS];

/* The PF gets @p volume and a queue. @return its blocks, 0 if that fails. */
static uint64_t use(uint32_t volume)
{
    uint8_t *data = pages(1);
    if (!dut_restart(PF) || attach_volume(0, volume).status || !make_queue(PF, 1, 64) || identify(PF, 0, 1, data).status) {
        check_fail("volume %u cannot be used", volume);
        return 0;
    }
    return get64(data, 0);
}

static bool learn_sizes(void)
{
    for (unsigned i = 0; i < MEMBERS && !sizes[i]; i++)
        if (!(sizes[i] = use(FIRST_MEMBER + i)))
            return false;
    return true;
}

/* Every check gives volume 0 back, whatever it finds. */
static void with_volume_0(void (*body)(void))
{
    if (learn_sizes())
        body();
    dut_restart(PF);
    struct result back = attach_volume(0, 0);
    if (!back.done || back.status)
        check_fail("volume 0 does not come back: %x", back.status);
}

static void transfer(uint8_t opcode, uint64_t lba, uint32_t blocks, const void *data, unsigned status)
{
    struct result result = io(PF, opcode, lba, blocks, data);
    if (!result.done || result.status != status)
        check_fail("opcode %x, %u blocks at %lu: %x instead of %x", opcode, blocks, lba, result.status, status);
}

/* Blocks @p lba of the volume are blocks @p member_lba of member @p member. */
static void at_member(unsigned member, uint64_t member_lba, uint32_t blocks, uint32_t seed)
{
    uint8_t *data = pages(33);
    if (!use(FIRST_MEMBER + member))
        return;
    transfer(IO_READ, member_lba, blocks, data, ST_SUCCESS);
    if (!is_pattern(data, blocks * BLOCK, seed))
        check_fail("storage %u does not hold the data at %lu", FIRST_MEMBER + member, member_lba);
}

static void sizes_body(void)
{
    uint64_t sum = 0, least = ~0ull;
    for (unsigned i = 0; i < MEMBERS; i++) {
        sum += sizes[i];
        least = sizes[i] < least ? sizes[i] : least;
    }
    EXPECT(use(CONCAT) == sum, "concatenation: not the sum of %lu blocks", sum);
    EXPECT(use(STRIPE) == least / CHUNK * CHUNK * MEMBERS, "stripes: not eight times %lu blocks", least);
    uint64_t smaller = sizes[0] < sizes[1] ? sizes[0] : sizes[1];
    EXPECT(use(MIRROR) == smaller, "mirror: not the smaller member's %lu blocks", smaller);
}

static void concat_body(void)
{
    uint8_t *data = pages(9), *back = pages(9);
    uint64_t boundary = sizes[0];
    if (!use(CONCAT))
        return;
    fill_pattern(data, 64 * BLOCK, 5);
    transfer(IO_WRITE, boundary - 32, 64, data, ST_SUCCESS);
    transfer(IO_READ, boundary - 32, 64, back, ST_SUCCESS);
    EXPECT(memcmp(data, back, 64 * BLOCK) == 0, "the data differs where the storages meet");
    fill_pattern(data, 8 * BLOCK, 6);
    transfer(IO_WRITE, boundary + sizes[1] + 100, 8, data, ST_SUCCESS);
    at_member(2, 100, 8, 6);
}

static void concat_ends_body(void)
{
    uint8_t *data = pages(2);
    uint64_t blocks = use(CONCAT);
    fill_pattern(data, 8 * BLOCK, 7);
    transfer(IO_WRITE, blocks - 8, 8, data, ST_SUCCESS);
    transfer(IO_WRITE, blocks - 7, 8, data, ST_LBA_RANGE);
    transfer(IO_READ, blocks, 1, data, ST_LBA_RANGE);
    at_member(MEMBERS - 1, sizes[MEMBERS - 1] - 8, 8, 7);
}

static void stripe_body(void)
{
    uint8_t *data = pages(33), *back = pages(33);
    if (!use(STRIPE))
        return;
    fill_pattern(data, 256 * BLOCK, 8);
    transfer(IO_WRITE, 3 * CHUNK + 60, 256, data, ST_SUCCESS);
    transfer(IO_READ, 3 * CHUNK + 60, 256, back, ST_SUCCESS);
    EXPECT(memcmp(data, back, 256 * BLOCK) == 0, "the data differs over three storages");
    fill_pattern(data, 8 * BLOCK, 9);
    transfer(IO_WRITE, (MEMBERS + 2) * CHUNK + 17, 8, data, ST_SUCCESS);
    at_member(2, CHUNK + 17, 8, 9);
}

#define DEEP 24u

static void stripe_deep_body(void)
{
    uint8_t *data = pages(DEEP * 16), *back = pages(DEEP * 16);
    if (!use(STRIPE))
        return;
    fill_pattern(data, DEEP * 16 * PAGE, 10);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (unsigned i = 0; i < DEEP; i++) {
            struct sqe command = io_command(PF, pass ? IO_READ : IO_WRITE, i * 128 + 64, 128, (pass ? back : data) + i * 16 * PAGE);
            submit_quietly(PF, 1, &command);
        }
        ring_sq(PF, 1, PF->queues[1].tail);
        for (unsigned i = 0; i < DEEP; i++)
            EXPECT_STATUS(reap(PF, 1, 4 * COMMAND_US), ST_SUCCESS);
        EXPECT(!reap(PF, 1, 200).done, "a command that was taken apart completed twice");
    }
    EXPECT(memcmp(data, back, DEEP * 16 * PAGE) == 0, "the data differs");
}

static void stripe_compare_body(void)
{
    uint8_t *data = pages(17);
    if (!use(STRIPE))
        return;
    fill_pattern(data, 128 * BLOCK, 11);
    transfer(IO_WRITE, 64, 128, data, ST_SUCCESS);
    transfer(IO_COMPARE, 64, 128, data, ST_SUCCESS);
    data[100 * BLOCK] ^= 1;
    transfer(IO_COMPARE, 64, 128, data, ST_COMPARE_FAILURE);
    transfer(IO_WRITE_ZEROES, 100, 60, NULL, ST_SUCCESS);
    transfer(IO_READ, 64, 128, data, ST_SUCCESS);
    for (unsigned i = 36 * BLOCK; i < 96 * BLOCK; i++)
        EXPECT(data[i] == 0, "byte %u after Write Zeroes", i);
    transfer(IO_FLUSH, 0, 1, NULL, ST_SUCCESS);
}

static void mirror_body(void)
{
    uint8_t *data = pages(9), *back = pages(9);
    if (!use(MIRROR))
        return;
    fill_pattern(data, 64 * BLOCK, 12);
    transfer(IO_WRITE, 500, 64, data, ST_SUCCESS);
    transfer(IO_READ, 500, 64, back, ST_SUCCESS);
    EXPECT(memcmp(data, back, 64 * BLOCK) == 0, "the data differs");
    at_member(0, 500, 64, 12);
    at_member(1, 500, 64, 12);
}

static uint64_t time_of_reads(unsigned count, uint32_t blocks)
{
    uint8_t *data = pages(33);
    uint64_t start = now_us();
    for (unsigned i = 0; i < count; i++)
        transfer(IO_READ, 0, blocks, data, ST_SUCCESS);
    return now_us() - start;
}

static struct result limit(uint32_t function, uint32_t commands, uint32_t kib)
{
    return admin(PF, &(struct sqe){.opcode = 0xd0, .dw10 = function, .dw11 = commands, .dw12 = kib});
}

static void limit_commands(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(limit(0, 4000, 0), ST_SUCCESS);
    uint64_t limited = time_of_reads(40, 1);
    EXPECT_STATUS(limit(0, 0, 0), ST_SUCCESS);
    uint64_t unlimited = time_of_reads(40, 1);
    EXPECT(limited >= 8500 && limited < 14000, "40 reads at 4000 a second took %lu us", limited);
    EXPECT(unlimited < limited / 2, "without a limit they took %lu us", unlimited);
}

static void limit_bandwidth(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(limit(0, 0, 51200), ST_SUCCESS);
    uint64_t limited = time_of_reads(4, 256);
    EXPECT_STATUS(limit(0, 0, 0), ST_SUCCESS);
    EXPECT(limited >= 6000 && limited < 14000, "512 KiB at 50 MiB a second took %lu us", limited);
}

static void limit_of_another(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(limit(3, 10, 10), ST_SUCCESS);
    uint64_t time = time_of_reads(10, 1);
    EXPECT_STATUS(limit(3, 0, 0), ST_SUCCESS);
    EXPECT(time < 5000, "another function's limit slows the PF: %lu us", time);
    EXPECT_STATUS(limit(99, 0, 0), ST_INVALID_FIELD);
}

/* What waits for its turn is given up with its queue, and by a reset. */
static void limit_and_delete(void)
{
    uint8_t *data = pages(1);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(limit(0, 100, 0), ST_SUCCESS);
    for (unsigned i = 0; i < 8; i++) {
        struct sqe command = io_command(PF, IO_READ, i, 1, data);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 8);
    delay_us(100);
    struct result deleted = delete_queue(PF, ADMIN_DELETE_SQ, 1);
    struct result unlimited = limit(0, 0, 0);
    EXPECT_STATUS(deleted, ST_SUCCESS);
    EXPECT_STATUS(unlimited, ST_SUCCESS);
    while (reap(PF, 1, 0).done)
        ;
    EXPECT(!reap(PF, 1, 500).done, "a completion after the queue was deleted");
}

static void volume_sizes(void)
{
    with_volume_0(sizes_body);
}

static void concat(void)
{
    with_volume_0(concat_body);
}

static void concat_ends(void)
{
    with_volume_0(concat_ends_body);
}

static void stripe(void)
{
    with_volume_0(stripe_body);
}

static void stripe_deep(void)
{
    with_volume_0(stripe_deep_body);
}

static void stripe_compare(void)
{
    with_volume_0(stripe_compare_body);
}

static void mirror(void)
{
    with_volume_0(mirror_body);
}

const struct check volume_checks[] = {
    {"volume.sizes", "volume configuration", volume_sizes},
    {"volume.concat", "volume configuration, 4.6", concat},
    {"volume.concat_ends", "volume configuration, 4.6.1.2.2", concat_ends},
    {"volume.stripe", "volume configuration, 4.6", stripe},
    {"volume.stripe_deep", "volume configuration, 4.6", stripe_deep},
    {"volume.stripe_compare", "6.6, 6.17, 6.8", stripe_compare},
    {"volume.mirror", "volume configuration", mirror},
    {"limit.commands", "vendor command D0h", limit_commands},
    {"limit.bandwidth", "vendor command D0h", limit_bandwidth},
    {"limit.of_another", "vendor command D0h", limit_of_another},
    {"limit.and_delete", "vendor command D0h, 5.6", limit_and_delete},
    {0},
};
