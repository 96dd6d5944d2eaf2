/*
 * Workload `commands`: every I/O command of NVMe's command set, one after the other in random order, each ended well and badly. The guest keeps
 * what the volume must hold: it reads back what each command was to change and, at the end, after a reset of the controller, everything.
 * Deallocated blocks may read as before or as zeroes (NVMe 1.4, section 6.7.1.1), each block for itself, and must stay that way.
 * Boot arguments: ops=N seed=N.
 */
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/guests/kernel/io_pattern.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/string.h"

#define MOST_BLOCKS 32u
#define RANGES 3u
#define BUFFER_BYTES (MOST_BLOCKS * block)
#define MOST_ERRORS_SHOWN 8u

/* NVMe 1.4, figures 127 to 130 */
enum status { SUCCESS = 0x000, INVALID_NAMESPACE = 0x00b, LBA_OUT_OF_RANGE = 0x080, COMPARE_FAILURE = 0x285 };

static uint8_t *contents, *buffer;
static uint64_t *prp_list;
static uint64_t blocks, random;
static uint32_t block; /* bytes */
static unsigned errors;

static void complain(const char *what, uint64_t lba, uint32_t value) {
    if (errors++ < MOST_ERRORS_SHOWN)
        print("commands error %s lba=%lu: 0x%x", what, lba, value);
}

static uint64_t below(uint64_t limit) {
    return io_random(&random) % limit;
}

static bool setup(void) {
    blocks = nvme_blocks();
    block = nvme_block_bytes();
    random = io_mix(string_option(bootargs, "seed", 1), 0, 0);
    contents = memory_take(blocks * block, PAGE_BYTES);
    buffer = memory_take(BUFFER_BYTES, PAGE_BYTES);
    prp_list = memory_take(NVME_PRP_LIST_BYTES, PAGE_BYTES);
    if (blocks > MOST_BLOCKS && contents && buffer && prp_list)
        return true;
    print("commands error: a volume of %lu blocks of %u bytes does not fit", blocks, block);
    return false;
}

/* Does one command and waits for it. */
static void expect(enum nvme_io_opcode opcode, uint64_t lba, uint32_t count, enum status wanted) {
    nvme_submit(0, opcode, lba, count, buffer, prp_list);
    if (nvme_wait() != 1)
        complain("no answer", lba, opcode);
    else if (nvme_request_status(0) != wanted)
        complain("status", lba, (uint32_t)opcode << 16 | nvme_request_status(0));
}

static void expect_contents(uint64_t lba, uint32_t count) {
    memset(buffer, 0xa5, count * block);
    expect(NVME_READ, lba, count, SUCCESS);
    for (uint32_t b = 0; b < count; b++)
        if (memcmp(buffer + b * block, contents + (lba + b) * block, block) != 0)
            complain("data", lba + b, buffer[b * block]);
}

static void do_write(uint64_t lba, uint32_t count) {
    for (uint32_t i = 0; i < count * block / sizeof(uint64_t); i++)
        ((uint64_t *)buffer)[i] = io_random(&random);
    expect(NVME_WRITE, lba, count, SUCCESS);
    memcpy(contents + lba * block, buffer, count * block);
}

static void do_zeroes(uint64_t lba, uint32_t count) {
    expect(NVME_WRITE_ZEROES, lba, count, SUCCESS);
    memset(contents + lba * block, 0, count * block);
}

static void do_compare(uint64_t lba, uint32_t count) {
    memcpy(buffer, contents + lba * block, count * block);
    expect(NVME_COMPARE, lba, count, SUCCESS);
    buffer[below(count * block)] ^= 0x10;
    expect(NVME_COMPARE, lba, count, COMPARE_FAILURE);
}

static bool is_zero(const uint8_t *bytes) {
    uint8_t any = 0;
    for (uint32_t i = 0; i < block; i++)
        any |= bytes[i];
    return any == 0;
}

/* What a deallocated block reads as is what it holds from now on. */
static void adopt(uint64_t lba) {
    expect(NVME_READ, lba, 1, SUCCESS);
    if (is_zero(buffer))
        memset(contents + lba * block, 0, block);
}

static void do_deallocate(uint64_t lba, uint32_t count) {
    struct nvme_dsm_range ranges[RANGES];
    for (uint32_t i = 0; i < RANGES; i++)
        ranges[i] = (struct nvme_dsm_range){.blocks = 1 + (uint32_t)below(count), .lba = i ? below(blocks - count) : lba};
    memcpy(buffer, ranges, sizeof ranges);
    expect(NVME_DATASET, 0, RANGES, SUCCESS);
    for (uint32_t i = 0; i < RANGES; i++)
        for (uint32_t b = 0; b < ranges[i].blocks; b++)
            adopt(ranges[i].lba + b);
    ranges[RANGES - 1].lba = blocks;
    memcpy(buffer, ranges, sizeof ranges);
    expect(NVME_DATASET, 0, RANGES, LBA_OUT_OF_RANGE);
}

/* What must be refused, and change nothing. */
static void do_refused(uint64_t lba, uint32_t count) {
    static const enum nvme_io_opcode moving[] = {NVME_WRITE, NVME_READ, NVME_COMPARE, NVME_WRITE_ZEROES};
    memset(buffer, 0x5a, BUFFER_BYTES);
    for (uint32_t i = 0; i < sizeof moving / sizeof moving[0]; i++)
        expect(moving[i], blocks - count + 1, count, LBA_OUT_OF_RANGE);
    nvme_set_namespace(2);
    expect(NVME_FLUSH, 0, 0, INVALID_NAMESPACE);
    expect(NVME_WRITE, lba, count, INVALID_NAMESPACE);
    nvme_set_namespace(1);
    expect_contents(blocks - count, count);
}

static void do_flush(uint64_t lba, uint32_t count) {
    (void)lba, (void)count;
    expect(NVME_FLUSH, 0, 0, SUCCESS);
}

static void run_operations(uint64_t operations) {
    static void (*const kinds[])(uint64_t lba, uint32_t count) = {do_write, do_zeroes, do_compare, do_deallocate, do_refused, do_flush};
    for (uint64_t k = 0; k < operations; k++) {
        uint32_t count = 1 + (uint32_t)below(MOST_BLOCKS);
        uint64_t lba = below(blocks - count + 1);
        kinds[below(sizeof kinds / sizeof kinds[0])](lba, count);
        expect_contents(lba, count);
    }
}

static void read_everything(uint8_t *into) {
    for (uint64_t lba = 0; lba < blocks; lba += MOST_BLOCKS) {
        uint32_t count = (uint32_t)(blocks - lba < MOST_BLOCKS ? blocks - lba : MOST_BLOCKS);
        if (into) {
            expect(NVME_READ, lba, count, SUCCESS);
            memcpy(into + lba * block, buffer, count * block);
        } else {
            expect_contents(lba, count);
        }
    }
}

unsigned workload_commands(void) {
    uint64_t operations = string_option(bootargs, "ops", 100);
    void *crc_tables = memory_take(CRC32C_TABLE_BYTES, 16);
    if (!crc_tables || !nvme_start() || !setup())
        return 1;
    crc32c_setup(crc_tables);
    read_everything(contents);
    run_operations(operations);
    if (!nvme_restart())
        return 1;
    read_everything(NULL);
    print("commands done ops=%lu errors=%u lost=%lu contents crc32c=%08x", operations, errors, nvme_lost_interrupts(),
          crc32c(0, contents, blocks * block));
    return errors;
}
