/* A volume of a storage with blocks of 4 KiB: what the board's configuration has (lib/firmware.tcl) as volume 13, of 2 MiB; the storage takes 16 KiB a command.
 * Whatever counts blocks counts the volume's own. Volume 14 would mirror volumes 0 and 13, whose blocks differ. Volume 15 stripes volumes 1 and 13 by 8 KiB. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define LONG_BLOCK 4096u
#define FIRST 13u
#define SECOND 1u
#define MIXED 14u
#define STRIPE 15u
#define CHUNK 2u /* blocks of the stripe */
#define MOST 32u /* blocks in 128 KiB, MDTS */
#define FIRST_BLOCKS 512u
#define PATTERN 40u

/* The PF gets @p volume and a queue. */
static bool use(uint32_t volume)
{
    if (dut_restart(PF) && !attach_volume(0, volume).status && make_queue(PF, 1, 64))
        return true;
    check_fail("volume %u cannot be used", volume);
    return false;
}

/* Every check gives volume 0 back, whatever it finds. */
static void with_volume(uint32_t volume, void (*body)(void))
{
    PF->block_bytes = LONG_BLOCK;
    if (use(volume))
        body();
    PF->block_bytes = 0;
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

static void expect_format(unsigned lbads, uint64_t blocks)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 0, 1, data), ST_SUCCESS);
    EXPECT(data[25] == 0 && data[26] == 0, "NLBAF %u, FLBAS %x", data[25], data[26]);
    EXPECT(data[130] == lbads && get16(data, 128) == 0, "LBADS %u instead of %u, MS %u", data[130], lbads, get16(data, 128));
    EXPECT(get64(data, 0) == blocks && get64(data, 8) == blocks && get64(data, 16) == blocks, "NSZE %lu, NCAP %lu, NUSE %lu instead of %lu",
           get64(data, 0), get64(data, 8), get64(data, 16), blocks);
}

static void format_body(void)
{
    expect_format(12, FIRST_BLOCKS);
}

static void format_kept_body(void)
{
    EXPECT(dut_restart(PF), "no restart");
    expect_format(12, FIRST_BLOCKS);
    EXPECT(dut_flr(PF) && dut_restart(PF), "no restart after FLR");
    expect_format(12, FIRST_BLOCKS);
}

/* From short blocks to long ones and back: what was attached before leaves nothing behind. */
static void changes_body(void)
{
    uint8_t *data = pages(33);
    for (unsigned turn = 0; turn < 3; turn++) {
        PF->block_bytes = LONG_BLOCK;
        if (!use(FIRST))
            return;
        transfer(IO_READ, 0, MOST, data, ST_SUCCESS);
        transfer(IO_READ, 0, MOST + 1, data, ST_INVALID_FIELD);
        PF->block_bytes = 0;
        if (!use(0))
            return;
        transfer(IO_READ, 0, 256, data, ST_SUCCESS);
        transfer(IO_READ, 0, 257, data, ST_INVALID_FIELD);
    }
}

static void edge_body(void)
{
    uint8_t *data = pages(MOST);
    transfer(IO_WRITE, FIRST_BLOCKS - 1, 1, data, ST_SUCCESS);
    transfer(IO_WRITE, FIRST_BLOCKS - MOST, MOST, data, ST_SUCCESS);
    transfer(IO_WRITE, FIRST_BLOCKS - MOST + 1, MOST, data, ST_LBA_RANGE);
    transfer(IO_READ, FIRST_BLOCKS, 1, data, ST_LBA_RANGE);
    transfer(IO_READ, FIRST_BLOCKS * 8ull - 1, 1, data, ST_LBA_RANGE);
    transfer(IO_COMPARE, FIRST_BLOCKS - 1, 2, data, ST_LBA_RANGE);
    transfer(IO_READ, ~0ull, 1, data, ST_LBA_RANGE);
    transfer(IO_WRITE_ZEROES, FIRST_BLOCKS - 1, 2, NULL, ST_LBA_RANGE);
}

/* Writes and reads back @p blocks blocks from @p offset bytes into a page on; nothing around the buffer changes. */
static void round_trip(uint64_t lba, uint32_t blocks, uint32_t offset)
{
    uint32_t bytes = blocks * LONG_BLOCK;
    uint8_t *from = pages(MOST + 1), *to = pages(MOST + 2);
    fill_pattern(from + offset, bytes, (uint32_t)lba + PATTERN);
    transfer(IO_WRITE, lba, blocks, from + offset, ST_SUCCESS);
    memset(to, 0xee, (MOST + 2) * PAGE);
    transfer(IO_READ, lba, blocks, to + offset, ST_SUCCESS);
    EXPECT(is_pattern(to + offset, bytes, (uint32_t)lba + PATTERN), "%u blocks at %lu, offset %x: the data differs", blocks, lba, offset);
    for (uint32_t i = 0; i < (MOST + 2) * PAGE; i++)
        EXPECT((i >= offset && i < offset + bytes) || to[i] == 0xee, "byte %x outside of the buffer was written", i);
}

static void largest_body(void)
{
    round_trip(100, MOST, 0);
    round_trip(200, MOST, 1028);
    transfer(IO_WRITE, 0, MOST + 1, pages(MOST + 1), ST_INVALID_FIELD);
    transfer(IO_COMPARE, 0, MOST + 1, pages(MOST + 1), ST_INVALID_FIELD);
}

static void sizes_body(void)
{
    static const uint32_t sizes[] = {1, 2, 3, 7, 31};
    for (unsigned i = 0; i < 5; i++) {
        arena_reset();
        if (use(FIRST))
            round_trip(40 + i * 40, sizes[i], i * 1236 % PAGE & ~3u);
    }
}

/* A write of one block leaves the blocks beside it as they were. */
static void neighbours_body(void)
{
    uint8_t *data = pages(3), *back = pages(3);
    fill_pattern(data, 3 * LONG_BLOCK, 1);
    transfer(IO_WRITE, 60, 3, data, ST_SUCCESS);
    fill_pattern(data + LONG_BLOCK, LONG_BLOCK, 2);
    transfer(IO_WRITE, 61, 1, data + LONG_BLOCK, ST_SUCCESS);
    transfer(IO_READ, 60, 3, back, ST_SUCCESS);
    EXPECT(memcmp(data, back, 3 * LONG_BLOCK) == 0, "the data differs");
}

static void compare_body(void)
{
    uint8_t *data = pages(4);
    fill_pattern(data, 4 * LONG_BLOCK, 3);
    transfer(IO_WRITE, 8, 4, data, ST_SUCCESS);
    transfer(IO_COMPARE, 8, 4, data, ST_SUCCESS);
    data[4 * LONG_BLOCK - 1] ^= 1;
    transfer(IO_COMPARE, 8, 4, data, ST_COMPARE_FAILURE);
    transfer(IO_COMPARE, 8, 3, data, ST_SUCCESS);
}

static bool is_zero(const uint8_t *data, uint32_t bytes)
{
    for (uint32_t i = 0; i < bytes; i++)
        if (data[i])
            return false;
    return true;
}

/* Of whole blocks, and of more than a transfer may move. */
static void zeroes_body(void)
{
    uint8_t *data = pages(3), *back = pages(3);
    fill_pattern(data, 3 * LONG_BLOCK, 4);
    transfer(IO_WRITE, 70, 3, data, ST_SUCCESS);
    transfer(IO_WRITE_ZEROES, 71, 1, NULL, ST_SUCCESS);
    transfer(IO_READ, 70, 3, back, ST_SUCCESS);
    EXPECT(is_zero(back + LONG_BLOCK, LONG_BLOCK), "the block is not zero");
    EXPECT(!memcmp(back, data, LONG_BLOCK) && !memcmp(back + 2 * LONG_BLOCK, data + 2 * LONG_BLOCK, LONG_BLOCK), "blocks beside it changed");
    transfer(IO_WRITE_ZEROES, 0, FIRST_BLOCKS, NULL, ST_SUCCESS);
    transfer(IO_READ, 70, 3, back, ST_SUCCESS);
    EXPECT(is_zero(back, 3 * LONG_BLOCK), "the volume is not zero");
}

/* Dataset Management, section 6.7: deallocated blocks of this storage read zeroes. */
static void deallocate_body(void)
{
    uint8_t *data = pages(3), *back = pages(3);
    uint64_t *range = pages(1);
    struct sqe command = {.opcode = IO_DSM, .nsid = 1, .prp1 = (uint64_t)range, .dw11 = 4};
    fill_pattern(data, 3 * LONG_BLOCK, 5);
    transfer(IO_WRITE, 90, 3, data, ST_SUCCESS);
    range[0] = 1ull << 32;
    range[1] = 91;
    EXPECT_STATUS(execute(PF, 1, &command), ST_SUCCESS);
    transfer(IO_READ, 90, 3, back, ST_SUCCESS);
    EXPECT(is_zero(back + LONG_BLOCK, LONG_BLOCK) && !memcmp(back, data, LONG_BLOCK) && !memcmp(back + 2 * LONG_BLOCK, data + 2 * LONG_BLOCK, LONG_BLOCK),
           "not exactly one block was deallocated");
    range[1] = FIRST_BLOCKS;
    EXPECT_STATUS(execute(PF, 1, &command), ST_LBA_RANGE);
}

/* Units of a thousand blocks of 512 bytes, whatever blocks the volume has (section 5.14.1.2). */
static void smart_body(void)
{
    uint8_t *data = pages(MOST), *before = pages(1), *after = pages(1);
    EXPECT_STATUS(get_log(PF, 2, NSID_ALL, before, 512), ST_SUCCESS);
    for (unsigned i = 0; i < 8; i++)
        transfer(IO_READ, i * MOST, MOST, data, ST_SUCCESS);
    EXPECT_STATUS(get_log(PF, 2, NSID_ALL, after, 512), ST_SUCCESS);
    uint64_t units = get64(after, 32) - get64(before, 32);
    EXPECT(units == 2 || units == 3, "1 MiB is %lu units", units);
}

static void limit_body(void)
{
    uint8_t *data = pages(MOST);
    struct sqe limit = {.opcode = 0xd0, .dw10 = 0, .dw12 = 51200};
    EXPECT_STATUS(admin(PF, &limit), ST_SUCCESS);
    uint64_t start = now_us();
    for (unsigned i = 0; i < 4; i++)
        transfer(IO_READ, 0, MOST, data, ST_SUCCESS);
    uint64_t took = now_us() - start;
    limit.dw12 = 0;
    EXPECT_STATUS(admin(PF, &limit), ST_SUCCESS);
    EXPECT(took >= 6000 && took < 14000, "512 KiB at 50 MiB a second took %lu us", took);
}

/* Blocks of the stripe from @p lba on, one by one, where they must be on the two storages. */
static void expect_at_members(uint64_t lba, uint32_t blocks, uint32_t seed)
{
    uint8_t *whole = pages(MOST), *one = pages(1);
    for (uint32_t member = 0; member < 2; member++) {
        if (!use(member ? FIRST : SECOND))
            return;
        fill_pattern(whole, blocks * LONG_BLOCK, seed);
        for (uint64_t at = lba; at < lba + blocks; at++) {
            if (at / CHUNK % 2 != member)
                continue;
            transfer(IO_READ, at / (2 * CHUNK) * CHUNK + at % CHUNK, 1, one, ST_SUCCESS);
            EXPECT(!memcmp(one, whole + (at - lba) * LONG_BLOCK, LONG_BLOCK), "block %lu of the stripe is not on member %u", at, member);
        }
    }
}

static void stripe_body(void)
{
    expect_format(12, 2 * FIRST_BLOCKS);
    round_trip(101, MOST, 0);
    arena_reset();
    if (!use(STRIPE))
        return;
    round_trip(300, 7, 516);
    arena_reset();
    expect_at_members(300, 7, 300 + PATTERN);
    arena_reset();
    if (!use(STRIPE))
        return;
    uint8_t *data = pages(MOST + 1);
    fill_pattern(data, 8 * LONG_BLOCK, 6);
    transfer(IO_WRITE, 2 * FIRST_BLOCKS - 8, 8, data, ST_SUCCESS);
    transfer(IO_COMPARE, 2 * FIRST_BLOCKS - 8, 8, data, ST_SUCCESS);
    data[5 * LONG_BLOCK + 17] ^= 1;
    transfer(IO_COMPARE, 2 * FIRST_BLOCKS - 8, 8, data, ST_COMPARE_FAILURE);
    transfer(IO_WRITE_ZEROES, 2 * FIRST_BLOCKS - 7, 6, NULL, ST_SUCCESS);
    transfer(IO_READ, 2 * FIRST_BLOCKS - 7, 6, data, ST_SUCCESS);
    EXPECT(is_zero(data, 6 * LONG_BLOCK), "six blocks on both storages are not zero");
    transfer(IO_READ, 2 * FIRST_BLOCKS - 7, 8, data, ST_LBA_RANGE);
    transfer(IO_READ, 0, MOST + 1, data, ST_INVALID_FIELD);
    transfer(IO_FLUSH, 0, 1, NULL, ST_SUCCESS);
}

/* A block of one storage would be part of one of the other. */
static void mixed(void)
{
    EXPECT_STATUS(attach_volume(0, MIXED), ST_INVALID_FIELD);
    expect_format(9, volume_blocks());
}

static void format(void)
{
    with_volume(FIRST, format_body);
}

static void format_kept(void)
{
    with_volume(FIRST, format_kept_body);
}

static void changes(void)
{
    with_volume(FIRST, changes_body);
}

static void edge(void)
{
    with_volume(FIRST, edge_body);
}

static void largest(void)
{
    with_volume(FIRST, largest_body);
}

static void sizes(void)
{
    with_volume(FIRST, sizes_body);
}

static void neighbours(void)
{
    with_volume(FIRST, neighbours_body);
}

static void compare(void)
{
    with_volume(FIRST, compare_body);
}

static void zeroes(void)
{
    with_volume(FIRST, zeroes_body);
}

static void deallocate(void)
{
    with_volume(FIRST, deallocate_body);
}

static void smart(void)
{
    with_volume(FIRST, smart_body);
}

static void limit(void)
{
    with_volume(FIRST, limit_body);
}

static void stripe(void)
{
    with_volume(STRIPE, stripe_body);
}

const struct check block_checks[] = {
    {"block.format", "5.15.2.1: NSZE, NCAP, NUSE, LBAF0", format},
    {"block.format_kept", "5.15.2.1, 7.3.2", format_kept},
    {"block.changes", "5.15.2.1, 5.15.2.2: MDTS", changes},
    {"block.edge", "4.6.1.2.2: LBA Out of Range", edge},
    {"block.largest", "5.15.2.2: MDTS", largest},
    {"block.sizes", "4.3, 6.9, 6.15", sizes},
    {"block.neighbours", "6.15", neighbours},
    {"block.compare", "6.6", compare},
    {"block.zeroes", "6.17", zeroes},
    {"block.deallocate", "6.7", deallocate},
    {"block.smart", "5.14.1.2: Data Units Read", smart},
    {"block.stripe", "5.15.2.1, 6.6, 6.9, 6.15, 6.17, 6.8", stripe},
    {"block.mixed", "vendor command C0h", mixed},
    {"block.limit", "vendor command D0h", limit},
    {0},
};
