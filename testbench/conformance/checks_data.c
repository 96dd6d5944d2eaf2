/* Data goes where the PRPs and LBAs say, whatever the shape, depth and number of queues; what it costs. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

#define MOST_BLOCKS 256u

/* Writes a pattern, reads it back into another buffer that lies @p offset bytes into its page, and looks around it. */
static void round_trip(uint64_t lba, uint32_t blocks, uint32_t offset)
{
    uint32_t bytes = blocks * BLOCK;
    uint8_t *from = pages(34), *to = pages(36);
    if (!make_queue(PF, 1, 16)) {
        check_fail("no queue");
        return;
    }
    fill_pattern(from + offset, bytes, (uint32_t)lba + 1);
    EXPECT_STATUS(io(PF, IO_WRITE, lba, blocks, from + offset), ST_SUCCESS);
    memset(to, 0xee, 36 * PAGE);
    EXPECT_STATUS(io(PF, IO_READ, lba, blocks, to + offset), ST_SUCCESS);
    EXPECT(is_pattern(to + offset, bytes, (uint32_t)lba + 1), "%u blocks at %lu, offset %x: the data differs", blocks, lba, offset);
    for (uint32_t i = 0; i < 36 * PAGE; i++)
        EXPECT((i >= offset && i < offset + bytes) || to[i] == 0xee, "byte %x outside of the buffer was written", i);
}

static void one_block(void)
{
    round_trip(10, 1, 0);
}

static void one_page(void)
{
    round_trip(20, 8, 0);
}

static void two_pages(void)
{
    round_trip(40, 16, 0);
}

static void largest(void)
{
    round_trip(1000, MOST_BLOCKS, 0);
}

static void offset_in_page(void)
{
    round_trip(60, 8, 512);
}

static void offset_dword(void)
{
    round_trip(60, 8, 4);
}

static void offset_near_end(void)
{
    round_trip(80, 9, PAGE - 4);
}

static void largest_with_offset(void)
{
    round_trip(2000, MOST_BLOCKS, 1028);
}

static void odd_sizes(void)
{
    static const uint32_t sizes[] = {3, 7, 15, 17, 33, 129, 255};
    for (unsigned i = 0; i < 7; i++) {
        arena_reset();
        EXPECT(dut_restart(PF), "no restart");
        round_trip(1500 + i * 300, sizes[i], i * 236 & ~3u);
    }
}

/* The list begins near the end of its page: its last entry there points to the rest (section 4.3). */
static void list_of_two_pages(void)
{
    uint8_t *from = pages(32), *to = pages(32);
    uint64_t *first = pages(1), *second = pages(1);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    fill_pattern(from, 32 * PAGE, 31);
    EXPECT_STATUS(io(PF, IO_WRITE, 3000, 256, from), ST_SUCCESS);
    uint64_t *list = first + 512 - 4;
    for (unsigned i = 0; i < 3; i++)
        list[i] = (uint64_t)to + (i + 1) * PAGE;
    list[3] = (uint64_t)second;
    for (unsigned i = 3; i < 31; i++)
        second[i - 3] = (uint64_t)to + (i + 1) * PAGE;
    struct sqe command = {.opcode = IO_READ, .nsid = 1, .prp1 = (uint64_t)to, .prp2 = (uint64_t)list, .dw10 = 3000, .dw12 = 255};
    EXPECT_STATUS(execute(PF, 1, &command), ST_SUCCESS);
    EXPECT(is_pattern(to, 32 * PAGE, 31), "the data differs");
}

static void scattered(void)
{
    uint8_t *from = pages(8), *to = pages(32);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    fill_pattern(from, 8 * PAGE, 8);
    EXPECT_STATUS(io(PF, IO_WRITE, 3300, 64, from), ST_SUCCESS);
    uint64_t *list = pages(1);
    for (unsigned i = 1; i < 8; i++)
        list[i - 1] = (uint64_t)to + (i * 5 % 8) * 4 * PAGE;
    struct sqe command = {.opcode = IO_READ, .nsid = 1, .prp1 = (uint64_t)to, .prp2 = (uint64_t)list, .dw10 = 3300, .dw12 = 63};
    EXPECT_STATUS(execute(PF, 1, &command), ST_SUCCESS);
    for (unsigned i = 0; i < 8; i++)
        EXPECT(memcmp(to + (i * 5 % 8) * 4 * PAGE, from + i * PAGE, PAGE) == 0, "page %u is wrong", i);
}

static void neighbours(void)
{
    uint8_t *data = pages(3), *back = pages(3);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    fill_pattern(data, 2 * PAGE, 12);
    EXPECT_STATUS(io(PF, IO_WRITE, 700, 16, data), ST_SUCCESS);
    fill_pattern(data + 7 * BLOCK, BLOCK, 13);
    EXPECT_STATUS(io(PF, IO_WRITE, 707, 1, data + 7 * BLOCK), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 700, 16, back), ST_SUCCESS);
    EXPECT(memcmp(data, back, 2 * PAGE) == 0, "blocks beside a write of one block changed");
}

static void force_unit_access(void)
{
    uint8_t *data = pages(2), *back = pages(2);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    fill_pattern(data, PAGE, 14);
    struct sqe command = io_command(PF, IO_WRITE, 720, 8, data);
    command.dw12 |= 1u << 30;
    EXPECT_STATUS(execute(PF, 1, &command), ST_SUCCESS);
    command = io_command(PF, IO_READ, 720, 8, back);
    command.dw12 |= 1u << 30 | 1u << 31;
    EXPECT_STATUS(execute(PF, 1, &command), ST_SUCCESS);
    EXPECT(memcmp(data, back, PAGE) == 0, "the data differs");
}

static void overwrite(void)
{
    uint8_t *data = pages(2), *back = pages(2);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    for (uint32_t i = 0; i < 12; i++) {
        fill_pattern(data, PAGE, 100 + i);
        EXPECT_STATUS(io(PF, IO_WRITE, 800, 8, data), ST_SUCCESS);
        EXPECT_STATUS(io(PF, IO_READ, 800, 8, back), ST_SUCCESS);
        EXPECT(memcmp(data, back, PAGE) == 0, "round %u: an older version came back", i);
    }
}

#define DEEP 48u

/* Writes of different contents to different places at once, then reads of all of them at once. */
static void deep_queue(void)
{
    uint8_t *data = pages(DEEP), *back = pages(DEEP);
    EXPECT(make_queue(PF, 1, 64), "no queue");
    fill_pattern(data, DEEP * PAGE, 21);
    for (unsigned pass = 0; pass < 2; pass++) {
        uint64_t seen = 0;
        uint16_t first = PF->next_cid;
        for (unsigned i = 0; i < DEEP; i++) {
            unsigned place = i * 29 % DEEP;
            struct sqe command = io_command(PF, pass ? IO_READ : IO_WRITE, 1024 + place * 8, 8, (pass ? back : data) + place * PAGE);
            submit_quietly(PF, 1, &command);
        }
        ring_sq(PF, 1, PF->queues[1].tail);
        for (unsigned i = 0; i < DEEP; i++) {
            struct result result = reap(PF, 1, COMMAND_US);
            unsigned which = (uint16_t)(result.cid - first);
            EXPECT_STATUS(result, ST_SUCCESS);
            EXPECT(which < DEEP && !(seen >> which & 1), "command %u completes twice or was never given", which);
            seen |= 1ull << which;
        }
    }
    EXPECT(memcmp(data, back, DEEP * PAGE) == 0, "the data differs");
}

static void all_queues(void)
{
    uint8_t *data = pages(64), *back = pages(64);
    fill_pattern(data, 64 * PAGE, 22);
    for (uint32_t q = 1; q < QUEUES; q++)
        EXPECT(make_queue(PF, q, 16), "no queue %u", q);
    for (unsigned pass = 0; pass < 2; pass++) {
        for (uint32_t q = 1; q < QUEUES; q++) {
            for (unsigned i = 0; i < 8; i++) {
                unsigned place = (q - 1) * 8 + i;
                struct sqe command = io_command(PF, pass ? IO_READ : IO_WRITE, 2048 + place * 8, 8, (pass ? back : data) + place * PAGE);
                submit_quietly(PF, q, &command);
            }
            ring_sq(PF, q, PF->queues[q].tail);
        }
        for (uint32_t q = 1; q < QUEUES; q++)
            for (unsigned i = 0; i < 8; i++) {
                struct result result = reap(PF, q, COMMAND_US);
                EXPECT_STATUS(result, ST_SUCCESS);
                EXPECT(result.sq_id == q, "SQID %u in queue %u", result.sq_id, q);
            }
    }
    EXPECT(memcmp(data, back, 64 * PAGE) == 0, "the data differs");
}

static void admin_beside_io(void)
{
    uint8_t *data = pages(32);
    EXPECT(make_queue(PF, 1, 64), "no queue");
    for (unsigned i = 0; i < 32; i++) {
        struct sqe command = io_command(PF, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 32);
    for (unsigned i = 0; i < 10; i++)
        EXPECT_STATUS(identify(PF, 1, 0, pages(1)), ST_SUCCESS);
    for (unsigned i = 0; i < 32; i++)
        EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
}

/* Bus mastering off: commands fail or never complete, nothing is written; on again and reset, all is well. */
static void no_bus_mastering(void)
{
    uint8_t *data = pages(1);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    memset(data, 0xcc, PAGE);
    config_write(PF, 4, 2);
    struct sqe command = io_command(PF, IO_READ, 0, 8, data);
    submit(PF, 1, &command);
    delay_us(1000);
    bool written = data[0] != 0xcc || PF->queues[1].cq[0].status;
    config_write(PF, 4, 6);
    EXPECT(!written, "memory was written without Bus Master Enable");
    EXPECT(dut_restart(PF) && make_queue(PF, 1, 16), "no start afterwards");
    EXPECT_STATUS(io(PF, IO_READ, 0, 8, data), ST_SUCCESS);
}

/* What an operation costs: the runner counts the firmware's instructions between the marks. */
static void cost(const char *name, uint8_t opcode, uint32_t blocks, unsigned depth, unsigned count)
{
    uint8_t *data = pages(34);
    EXPECT(make_queue(PF, 1, 64), "no queue");
    EXPECT_STATUS(io(PF, opcode, 0, blocks, data), ST_SUCCESS);
    check_mark("begin", name, count);
    for (unsigned done = 0, sent = 0; done < count; done++) {
        for (; sent < count && sent - done < depth; sent++) {
            struct sqe command = io_command(PF, opcode, sent * blocks % 2048, blocks, data);
            submit(PF, 1, &command);
        }
        EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    }
    check_mark("end", name, count);
}

static void cost_read(void)
{
    cost("read_4k", IO_READ, 8, 1, 64);
}

static void cost_write(void)
{
    cost("write_4k", IO_WRITE, 8, 1, 64);
}

static void cost_deep(void)
{
    cost("read_4k_qd32", IO_READ, 8, 32, 256);
}

static void cost_large(void)
{
    cost("read_128k", IO_READ, 256, 4, 16);
}

static void cost_large_write(void)
{
    cost("write_128k", IO_WRITE, 256, 4, 16);
}

const struct check data_checks[] = {
    {"data.one_block", "6.9, 6.15", one_block},
    {"data.one_page", "4.3", one_page},
    {"data.two_pages", "4.3", two_pages},
    {"data.largest", "4.3, 5.15.2.2 (MDTS)", largest},
    {"data.offset_in_page", "4.3", offset_in_page},
    {"data.offset_dword", "4.3", offset_dword},
    {"data.offset_near_end", "4.3", offset_near_end},
    {"data.largest_with_offset", "4.3", largest_with_offset},
    {"data.odd_sizes", "4.3", odd_sizes},
    {"data.list_of_two_pages", "4.3", list_of_two_pages},
    {"data.scattered", "4.3", scattered},
    {"data.neighbours", "6.15", neighbours},
    {"data.force_unit_access", "6.9, 6.15", force_unit_access},
    {"data.overwrite", "6.3", overwrite},
    {"data.deep_queue", "4.1", deep_queue},
    {"data.all_queues", "4.1", all_queues},
    {"data.admin_beside_io", "4.13", admin_beside_io},
    {"data.no_bus_mastering", "2.1.2 (BME)", no_bus_mastering},
    {"cost.read_4k", "6.9", cost_read},
    {"cost.write_4k", "6.15", cost_write},
    {"cost.read_4k_qd32", "6.9", cost_deep},
    {"cost.read_128k", "6.9", cost_large},
    {"cost.write_128k", "6.15", cost_large_write},
    {0},
};
