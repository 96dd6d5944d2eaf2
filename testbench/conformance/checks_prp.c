/* Hostile PRPs of I/O commands, section 4.3: what names no place is refused and moves nothing; what is merely odd harms only the command itself. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

enum { LBA = 5000, SEED = 41, BEFORE = 42 };

/* Beyond all of the host's memory. */
static const uint64_t nowhere = 1ull << 46;

/* A queue, and @p blocks blocks at LBA with a known pattern. */
static bool begin(uint32_t blocks)
{
    uint8_t *data = pages(32);
    fill_pattern(data, blocks * BLOCK, SEED);
    return make_queue(PF, 1, 16) && !io(PF, IO_WRITE, LBA, blocks, data).status;
}

static bool still_there(uint32_t blocks)
{
    uint8_t *data = pages(32);
    return !io(PF, IO_READ, LBA, blocks, data).status && is_pattern(data, blocks * BLOCK, SEED);
}

static struct sqe command_of(uint8_t opcode, uint32_t blocks, uint64_t prp1, uint64_t prp2)
{
    return (struct sqe){.opcode = opcode, .nsid = 1, .prp1 = prp1, .prp2 = prp2, .dw10 = LBA, .dw12 = blocks - 1};
}

/* Read and write with these PRPs are refused; @p bytes at @p data are as they were, and so is the disk. */
static void expect_refused(uint32_t blocks, uint8_t *data, uint32_t bytes, uint64_t prp1, uint64_t prp2)
{
    fill_pattern(data, bytes, BEFORE);
    struct sqe read = command_of(IO_READ, blocks, prp1, prp2), write = command_of(IO_WRITE, blocks, prp1, prp2);
    EXPECT_STATUS(execute(PF, 1, &read), ST_PRP_OFFSET);
    EXPECT_STATUS(execute(PF, 1, &write), ST_PRP_OFFSET);
    EXPECT(is_pattern(data, bytes, BEFORE), "a refused read has written");
    EXPECT(still_there(blocks), "a refused write has changed the disk");
}

static void no_second_page(void)
{
    uint8_t *data = pages(2);
    EXPECT(begin(16), "no queue");
    expect_refused(16, data, 2 * PAGE, (uint64_t)data, 0);
    expect_refused(8, data, 2 * PAGE, (uint64_t)data + PAGE - BLOCK, 0);
    expect_refused(1, data, 2 * PAGE, (uint64_t)data + PAGE - 4, 0);
}

static void no_list(void)
{
    uint8_t *data = pages(5);
    EXPECT(begin(40), "no queue");
    expect_refused(40, data, 5 * PAGE, (uint64_t)data, 0);
}

static void list_with_hole(void)
{
    uint8_t *data = pages(5);
    uint64_t *list = pages(1);
    EXPECT(begin(40), "no queue");
    for (unsigned hole = 0; hole < 4; hole++) {
        for (unsigned i = 0; i < 4; i++)
            list[i] = i == hole ? 0 : (uint64_t)data + (i + 1) * PAGE;
        expect_refused(40, data, 5 * PAGE, (uint64_t)data, (uint64_t)list);
    }
}

/* The list begins near the end of its page and its last entry there, which points to the rest, names nothing or an odd place. */
static void list_not_continued(void)
{
    uint8_t *data = pages(5);
    uint64_t *list = (uint64_t *)pages(1) + 510, *rest = pages(1);
    EXPECT(begin(40), "no queue");
    list[0] = (uint64_t)data + PAGE;
    list[1] = 0;
    expect_refused(40, data, 5 * PAGE, (uint64_t)data, (uint64_t)list);
    list[1] = (uint64_t)rest + 8;
    expect_refused(40, data, 5 * PAGE, (uint64_t)data, (uint64_t)list);
    list[1] = (uint64_t)rest;
    for (unsigned i = 0; i < 3; i++)
        rest[i] = i == 2 ? 0 : (uint64_t)data + (i + 2) * PAGE;
    expect_refused(40, data, 5 * PAGE, (uint64_t)data, (uint64_t)list);
}

/* What is not needed is not looked at. */
static void unused_second(void)
{
    uint8_t *data = pages(1);
    EXPECT(begin(8), "no queue");
    struct sqe read = command_of(IO_READ, 8, (uint64_t)data, ~0ull);
    EXPECT_STATUS(execute(PF, 1, &read), ST_SUCCESS);
    EXPECT(is_pattern(data, PAGE, SEED), "the data differs");
}

static void entries_behind_the_last(void)
{
    uint8_t *data = pages(3);
    uint64_t *list = pages(1);
    EXPECT(begin(24), "no queue");
    list[0] = (uint64_t)data + PAGE;
    list[1] = (uint64_t)data + 2 * PAGE;
    list[2] = 3; /* two entries are needed */
    struct sqe read = command_of(IO_READ, 24, (uint64_t)data, (uint64_t)list);
    EXPECT_STATUS(execute(PF, 1, &read), ST_SUCCESS);
    EXPECT(is_pattern(data, 3 * PAGE, SEED), "the data differs");
}

/* Each page the same: the last one stays. The command ends well, nothing else is written. */
static void same_page(void)
{
    uint8_t *data = pages(2), *whole = pages(32);
    uint64_t *list = pages(1);
    EXPECT(begin(256), "no queue");
    fill_pattern(data + PAGE, PAGE, BEFORE);
    fill_pattern(whole, 256 * BLOCK, SEED);
    for (unsigned i = 0; i < 31; i++)
        list[i] = (uint64_t)data;
    struct sqe read = command_of(IO_READ, 256, (uint64_t)data, (uint64_t)list);
    EXPECT_STATUS(execute(PF, 1, &read), ST_SUCCESS);
    EXPECT(memcmp(data, whole + 31 * PAGE, PAGE) == 0, "not the last page");
    EXPECT(is_pattern(data + PAGE, PAGE, BEFORE), "the next page was written");
}

/* The list is overwritten by the data that it places: it has been read before. */
static void list_is_target(void)
{
    uint8_t *data = pages(3);
    uint64_t *list = pages(1);
    EXPECT(begin(32), "no queue");
    list[0] = (uint64_t)list;
    list[1] = (uint64_t)data + PAGE;
    list[2] = (uint64_t)data + 2 * PAGE;
    struct sqe read = command_of(IO_READ, 32, (uint64_t)data, (uint64_t)list);
    EXPECT_STATUS(execute(PF, 1, &read), ST_SUCCESS);
    EXPECT(still_there(32), "the next command fails");
}

/* What cannot be read there is an error; what cannot be written there is lost. Commands behind are none the worse. */
static void out_of_memory(void)
{
    uint8_t *data = pages(5);
    uint64_t *list = pages(1);
    EXPECT(begin(40), "no queue");
    struct sqe write = command_of(IO_WRITE, 8, nowhere, 0), read = command_of(IO_READ, 8, nowhere, 0);
    EXPECT_STATUS(execute(PF, 1, &write), ST_DATA_TRANSFER);
    EXPECT(execute(PF, 1, &read).done, "no completion in time");
    read = command_of(IO_READ, 40, (uint64_t)data, nowhere);
    EXPECT_STATUS(execute(PF, 1, &read), ST_DATA_TRANSFER);
    for (unsigned i = 0; i < 4; i++)
        list[i] = i == 3 ? nowhere : (uint64_t)data + (i + 1) * PAGE;
    write = command_of(IO_WRITE, 40, (uint64_t)data, (uint64_t)list);
    EXPECT_STATUS(execute(PF, 1, &write), ST_DATA_TRANSFER);
    EXPECT(still_there(40), "a write whose data could not be read has changed the disk");
}

const struct check prp_checks[] = {
    {"prp.no_second_page", "4.3", no_second_page},
    {"prp.no_list", "4.3", no_list},
    {"prp.list_with_hole", "4.3", list_with_hole},
    {"prp.list_not_continued", "4.3", list_not_continued},
    {"prp.unused_second", "4.3", unused_second},
    {"prp.entries_behind_the_last", "4.3", entries_behind_the_last},
    {"prp.same_page", "4.3", same_page},
    {"prp.list_is_target", "4.3", list_is_target},
    {"prp.out_of_memory", "4.3, 4.6.1.2.1", out_of_memory},
    {NULL, NULL, NULL},
};
