/* I/O commands and how they are refused, section 6. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

static bool ready(void)
{
    if (make_queue(PF, 1, 32))
        return true;
    check_fail("no queue");
    return false;
}

#define READY() \
    do { \
        if (!ready()) \
            return; \
    } while (0)

static uint32_t optional_commands(void)
{
    uint8_t *data = pages(1);
    return identify(PF, 1, 0, data).status ? 0 : get16(data, 520);
}

static struct result with_namespace(uint8_t opcode, uint32_t nsid)
{
    struct sqe command = io_command(PF, opcode, 0, 1, pages(1));
    command.nsid = nsid;
    return execute(PF, 1, &command);
}

static void bad_namespace(void)
{
    static const uint32_t namespaces[] = {0, 2, 0xfffffffe, NSID_ALL};
    READY();
    for (unsigned i = 0; i < 4; i++) {
        EXPECT_STATUS(with_namespace(IO_READ, namespaces[i]), ST_INVALID_NAMESPACE);
        EXPECT_STATUS(with_namespace(IO_WRITE, namespaces[i]), ST_INVALID_NAMESPACE);
    }
}

static void flush(void)
{
    READY();
    EXPECT_STATUS(with_namespace(IO_FLUSH, 1), ST_SUCCESS);
}

static void flush_bad_namespace(void)
{
    READY();
    EXPECT_STATUS(with_namespace(IO_FLUSH, 0), ST_INVALID_NAMESPACE);
    EXPECT_STATUS(with_namespace(IO_FLUSH, 2), ST_INVALID_NAMESPACE);
}

/* All namespaces, as VWC allows or not (1.4: bits 2:1). */
static void flush_all(void)
{
    uint8_t *data = pages(1);
    READY();
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    struct result result = with_namespace(IO_FLUSH, NSID_ALL);
    EXPECT(result.done, "no completion");
    if ((data[525] >> 1 & 3) == 2)
        EXPECT(result.status == ST_INVALID_NAMESPACE, "VWC says not supported, status %x", result.status);
    else
        EXPECT(result.status == ST_SUCCESS, "status %x", result.status);
}

static void reserved_opcode(void)
{
    static const uint8_t opcodes[] = {0x03, 0x06, 0x07, 0x0a, 0x10, 0x40, 0x7f};
    READY();
    for (unsigned i = 0; i < sizeof(opcodes); i++)
        EXPECT_STATUS(with_namespace(opcodes[i], 1), ST_INVALID_OPCODE);
}

static void optional_opcodes(void)
{
    static const struct { uint8_t bit, opcode; } optional[] = {{0, 0x05}, {1, 0x04}, {2, 0x09}, {3, 0x08}, {5, 0x0d}, {5, 0x0e}, {7, 0x0c}};
    READY();
    uint32_t oncs = optional_commands();
    for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (!(oncs >> optional[i].bit & 1)) {
            struct result result = with_namespace(optional[i].opcode, 1);
            EXPECT(result.done && result.status == ST_INVALID_OPCODE, "opcode %x is not in ONCS but answers %x", optional[i].opcode, result.status);
        }
}

static struct result with_flags(uint8_t flags)
{
    struct sqe command = io_command(PF, IO_READ, 0, 1, pages(1));
    command.flags = flags;
    return execute(PF, 1, &command);
}

static void fused(void)
{
    READY();
    EXPECT_STATUS(with_flags(1), ST_INVALID_FIELD);
    EXPECT_STATUS(with_flags(2), ST_INVALID_FIELD);
}

static void sgl(void)
{
    READY();
    EXPECT_STATUS(with_flags(0x40), ST_INVALID_FIELD);
    EXPECT_STATUS(with_flags(0xc0), ST_INVALID_FIELD);
}

static void range_end(void)
{
    uint64_t blocks = volume_blocks();
    uint8_t *data = pages(8);
    READY();
    EXPECT_STATUS(io(PF, IO_READ, blocks - 1, 1, data), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, blocks - 8, 8, data), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_WRITE, blocks - 8, 8, data), ST_SUCCESS);
}

static void range_beyond(void)
{
    uint64_t blocks = volume_blocks();
    uint8_t *data = pages(8);
    READY();
    EXPECT_STATUS(io(PF, IO_READ, blocks, 1, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_READ, blocks - 1, 2, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_WRITE, blocks - 7, 8, data), ST_LBA_RANGE);
}

static void range_wraps(void)
{
    uint8_t *data = pages(8);
    READY();
    EXPECT_STATUS(io(PF, IO_READ, ~0ull, 1, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_READ, ~0ull - 3, 8, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_WRITE, 1ull << 63, 1, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_READ, 1ull << 32, 1, data), ST_LBA_RANGE);
}

static void range_error_moves_nothing(void)
{
    uint8_t *data = pages(8), *before = pages(8), *after = pages(8);
    uint64_t last = volume_blocks() - 8;
    READY();
    EXPECT_STATUS(io(PF, IO_READ, last, 8, before), ST_SUCCESS);
    fill_pattern(data, PAGE, 9);
    EXPECT_STATUS(io(PF, IO_WRITE, last + 1, 8, data), ST_LBA_RANGE);
    EXPECT_STATUS(io(PF, IO_READ, last, 8, after), ST_SUCCESS);
    EXPECT(memcmp(before, after, PAGE) == 0, "a refused write changed the volume");
    EXPECT_STATUS(io(PF, IO_READ, last + 1, 8, data), ST_LBA_RANGE);
    EXPECT(is_pattern(data, PAGE, 9), "a refused read changed memory");
}

static void transfer_limit(void)
{
    uint8_t *data = pages(40);
    READY();
    EXPECT_STATUS(io(PF, IO_READ, 0, 257, data), ST_INVALID_FIELD);
    EXPECT_STATUS(io(PF, IO_WRITE, 0, 300, data), ST_INVALID_FIELD);
}

static void prp1_offset(void)
{
    READY();
    struct sqe command = io_command(PF, IO_READ, 0, 1, pages(1));
    command.prp1 += 2;
    EXPECT_STATUS(execute(PF, 1, &command), ST_PRP_OFFSET);
}

static void prp2_offset(void)
{
    READY();
    struct sqe command = io_command(PF, IO_READ, 0, 16, pages(3));
    command.prp2 += 8;
    EXPECT_STATUS(execute(PF, 1, &command), ST_PRP_OFFSET);
}

static void list_pointer_offset(void)
{
    READY();
    struct sqe command = io_command(PF, IO_READ, 0, 32, pages(5));
    command.prp2 += 4;
    EXPECT_STATUS(execute(PF, 1, &command), ST_PRP_OFFSET);
}

static void list_entry_offset(void)
{
    READY();
    struct sqe command = io_command(PF, IO_WRITE, 0, 32, pages(5));
    ((uint64_t *)command.prp2)[1] += 512;
    EXPECT_STATUS(execute(PF, 1, &command), ST_PRP_OFFSET);
}

static void compare_equal(void)
{
    uint8_t *data = pages(2);
    if (!(optional_commands() & 1))
        return;
    READY();
    fill_pattern(data, PAGE, 4);
    EXPECT_STATUS(io(PF, IO_WRITE, 200, 8, data), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_COMPARE, 200, 8, data), ST_SUCCESS);
}

static void compare_different(void)
{
    uint8_t *data = pages(2);
    if (!(optional_commands() & 1))
        return;
    READY();
    fill_pattern(data, PAGE, 4);
    EXPECT_STATUS(io(PF, IO_WRITE, 200, 8, data), ST_SUCCESS);
    data[PAGE - 1] ^= 1;
    EXPECT_STATUS(io(PF, IO_COMPARE, 200, 8, data), ST_COMPARE_FAILURE);
}

static void write_zeroes(void)
{
    uint8_t *data = pages(2);
    if (!(optional_commands() & 8))
        return;
    READY();
    fill_pattern(data, PAGE, 5);
    EXPECT_STATUS(io(PF, IO_WRITE, 300, 8, data), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_WRITE_ZEROES, 302, 4, NULL), ST_SUCCESS);
    uint8_t *back = pages(2);
    EXPECT_STATUS(io(PF, IO_READ, 300, 8, back), ST_SUCCESS);
    EXPECT(memcmp(back, data, 1024) == 0 && memcmp(back + 3072, data + 3072, 1024) == 0, "blocks around the range changed");
    for (unsigned i = 1024; i < 3072; i++)
        EXPECT(back[i] == 0, "byte %u is %x", i, back[i]);
}

static void write_zeroes_beyond(void)
{
    if (!(optional_commands() & 8))
        return;
    READY();
    EXPECT_STATUS(io(PF, IO_WRITE_ZEROES, volume_blocks() - 1, 2, NULL), ST_LBA_RANGE);
}

static struct result deallocate(uint32_t ranges, uint64_t lba, uint32_t blocks)
{
    uint8_t *data = pages(1);
    for (uint32_t i = 0; i < ranges; i++) {
        memcpy(data + i * 16 + 4, &blocks, 4);
        memcpy(data + i * 16 + 8, &lba, 8);
        lba += blocks;
    }
    struct sqe command = {.opcode = IO_DSM, .nsid = 1, .prp1 = (uint64_t)data, .dw10 = ranges - 1, .dw11 = 4};
    return execute(PF, 1, &command);
}

static void dataset_management(void)
{
    if (!(optional_commands() & 4))
        return;
    READY();
    EXPECT_STATUS(deallocate(1, 400, 8), ST_SUCCESS);
    EXPECT_STATUS(deallocate(16, 400, 8), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 400, 8, pages(1)), ST_SUCCESS);
}

static void dataset_beyond(void)
{
    if (!(optional_commands() & 4))
        return;
    READY();
    EXPECT_STATUS(deallocate(1, volume_blocks() - 4, 8), ST_LBA_RANGE);
}

static void dataset_leaves_others(void)
{
    uint8_t *data = pages(3), *back = pages(3);
    if (!(optional_commands() & 4))
        return;
    READY();
    fill_pattern(data, 2 * PAGE, 6);
    EXPECT_STATUS(io(PF, IO_WRITE, 500, 16, data), ST_SUCCESS);
    EXPECT_STATUS(deallocate(1, 504, 4), ST_SUCCESS);
    EXPECT_STATUS(io(PF, IO_READ, 500, 16, back), ST_SUCCESS);
    EXPECT(memcmp(data, back, 2048) == 0 && memcmp(data + 4096, back + 4096, 4096) == 0, "blocks outside of the range changed");
}

static void detached(void)
{
    READY();
    EXPECT_STATUS(attach_volume(0, NSID_ALL), ST_SUCCESS);
    struct result result = io(PF, IO_READ, 0, 1, pages(1)), beyond = io(PF, IO_READ, ~0ull - 8, 1, pages(1));
    uint8_t *data = pages(1), *list = pages(1);
    struct result inactive = identify(PF, 0, 1, data), active = identify(PF, 2, 0, list);
    struct result attached = attach_volume(0, 0);
    EXPECT_STATUS(attached, ST_SUCCESS);
    EXPECT_STATUS(result, ST_INVALID_NAMESPACE);
    EXPECT_STATUS(beyond, ST_INVALID_NAMESPACE); /* no block of it is in no range */
    EXPECT_STATUS(inactive, ST_SUCCESS);
    EXPECT_STATUS(active, ST_SUCCESS);
    EXPECT(get64(data, 0) == 0, "an inactive namespace has %lu blocks", get64(data, 0));
    EXPECT(get32(list, 0) == 0, "namespace %x is active without a volume", get32(list, 0));
    EXPECT_STATUS(io(PF, IO_READ, 0, 1, data), ST_SUCCESS);
}

static void attach_bad(void)
{
    EXPECT_STATUS(attach_volume(40, 0), ST_INVALID_FIELD);
    EXPECT_STATUS(attach_volume(0, 99), ST_INVALID_FIELD);
    READY();
    EXPECT_STATUS(io(PF, IO_READ, 0, 1, pages(1)), ST_SUCCESS);
}

const struct check io_checks[] = {
    {"io.bad_namespace", "6.1.5", bad_namespace},
    {"io.flush", "6.8", flush},
    {"io.flush_bad_namespace", "6.8", flush_bad_namespace},
    {"io.flush_all", "6.8, 5.15.2.2 (VWC)", flush_all},
    {"io.reserved_opcode", "6", reserved_opcode},
    {"io.optional_opcodes", "5.15.2.2 (ONCS)", optional_opcodes},
    {"io.fused", "4.12", fused},
    {"io.sgl", "4.2", sgl},
    {"io.range_end", "6.9", range_end},
    {"io.range_beyond", "6.9, 4.6.1.2.2", range_beyond},
    {"io.range_wraps", "4.6.1.2.2", range_wraps},
    {"io.range_error_moves_nothing", "4.6.1.2.2", range_error_moves_nothing},
    {"io.transfer_limit", "5.15.2.2 (MDTS)", transfer_limit},
    {"io.prp1_offset", "4.3", prp1_offset},
    {"io.prp2_offset", "4.3", prp2_offset},
    {"io.prp_list_pointer", "4.3", list_pointer_offset},
    {"io.prp_list_entry", "4.3", list_entry_offset},
    {"io.compare_equal", "6.6", compare_equal},
    {"io.compare_different", "6.6", compare_different},
    {"io.write_zeroes", "6.17", write_zeroes},
    {"io.write_zeroes_beyond", "6.17", write_zeroes_beyond},
    {"io.dataset_management", "6.7", dataset_management},
    {"io.dataset_beyond", "6.7", dataset_beyond},
    {"io.dataset_leaves_others", "6.7.1", dataset_leaves_others},
    {"io.detached", "6.1.3, 6.1.5", detached},
    {"io.attach_bad", "vendor command C0h", attach_bad},
    {0},
};
