/*
 * Workload `io`: reads the whole volume and prints its CRC32C, then does the random operations of io_pattern.h. While it reads the volume it
 * keeps a hash of each block, so that later reads of blocks that it never wrote are verified too.
 *
 * With `dirty=1` the other vCPUs write memory meanwhile (dirty.c).
 * Boot arguments: seed=N ops=N qd=N (1..32) first_lba=N lbas=N (0: to the end of the volume).
 */
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/guests/kernel/io_pattern.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/latency.h"
#include "hypervisor/guests/kernel/net.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define MOST_SLOTS 32u
#define SLOT_DATA_BYTES (IO_MAX_BYTES + PAGE_BYTES) /* room for an offset in the first page */
#define IMAGE_SLOTS 8u
#define MOST_ERRORS_SHOWN 8u

struct slot {
    bool busy;
    bool reading_back;
    uint64_t started; /* time CSR */
    uint64_t k;
    struct io_op op;
    uint8_t *pages;
    uint64_t *prp_list;
};

static struct slot slots[MOST_SLOTS];
static uint32_t slot_count;
static uint32_t *block_hashes; /* of every block of the volume */
static struct io_pattern pattern;
static uint32_t block_bytes, most_blocks; /* of the volume; in one transfer */
static uint64_t operations, bytes_moved; /* the bytes of the random operations, reading back included */
static unsigned errors;
static struct latency commands_took; /* of the random operations, from before the doorbell to behind the interrupt, in ticks of the time CSR */

static void complain(const char *what, uint64_t k, uint64_t lba) {
    if (errors++ < MOST_ERRORS_SHOWN)
        print("io error %s op=%lu lba=%lu", what, k, lba);
}

static bool setup(void) {
    void *crc_tables;
    uint64_t blocks = nvme_blocks();
    pattern.block_bytes = block_bytes = nvme_block_bytes();
    most_blocks = block_bytes ? IO_MAX_BYTES / block_bytes : 0;
    pattern.seed = string_option(bootargs, "seed", 1);
    pattern.first_lba = string_option(bootargs, "first_lba", 0);
    pattern.lbas = string_option(bootargs, "lbas", 0);
    operations = string_option(bootargs, "ops", 2000);
    slot_count = (uint32_t)string_option(bootargs, "qd", MOST_SLOTS);
    if (pattern.lbas == 0 && pattern.first_lba < blocks)
        pattern.lbas = blocks - pattern.first_lba;
    if (!blocks || !pattern.lbas || pattern.first_lba >= blocks || pattern.lbas > blocks - pattern.first_lba || !slot_count ||
        slot_count > MOST_SLOTS || nvme_most_blocks() < most_blocks) {
        print("io error: volume of %lu blocks does not fit the arguments", blocks);
        return false;
    }
    crc_tables = memory_take(CRC32C_TABLE_BYTES, 16);
    block_hashes = memory_take(blocks * sizeof *block_hashes, 8);
    for (uint32_t i = 0; i < slot_count; i++) {
        slots[i].pages = memory_take(SLOT_DATA_BYTES, PAGE_BYTES);
        slots[i].prp_list = memory_take(NVME_PRP_LIST_BYTES, PAGE_BYTES);
        if (!crc_tables || !block_hashes || !slots[i].prp_list) {
            print("io error: not enough memory for %u requests", slot_count);
            return false;
        }
    }
    crc32c_setup(crc_tables);
    return true;
}

static uint8_t *slot_data(const struct slot *s) {
    return s->pages + s->op.buffer_offset;
}

static void start_transfer(struct slot *s, enum nvme_io_opcode opcode) {
    bytes_moved += s->op.blocks * (uint64_t)block_bytes;
    s->started = csr_read(time);
    nvme_submit((uint32_t)(s - slots), opcode, s->op.lba, s->op.blocks, slot_data(s), s->prp_list);
}

/* ---- The whole image ---- */

static void start_chunk(struct slot *s, uint64_t lba) {
    uint64_t left = nvme_blocks() - lba;
    s->busy = true;
    s->op = (struct io_op){.kind = IO_READ, .lba = lba, .blocks = left < most_blocks ? (uint32_t)left : most_blocks};
    start_transfer(s, NVME_READ);
}

static uint32_t take_chunk(const struct slot *s, uint32_t crc) {
    uint32_t index = (uint32_t)(s - slots);
    if (nvme_request_status(index))
        complain("status of an image read", nvme_request_status(index), s->op.lba);
    for (uint32_t b = 0; b < s->op.blocks; b++)
        block_hashes[s->op.lba + b] = io_block_hash(slot_data(s) + b * block_bytes, block_bytes);
    return crc32c(crc, slot_data(s), s->op.blocks * (uint64_t)block_bytes);
}

/* Chunks are in flight in the order of slots, and are taken in that order, because a CRC runs from front to back. */
static bool read_image(void) {
    uint64_t next = 0, taken = 0, ready = 0, total = nvme_blocks();
    uint32_t depth = slot_count < IMAGE_SLOTS ? slot_count : IMAGE_SLOTS, first = 0, crc = 0;
    for (uint32_t i = 0; i < depth && next < total; i++, next += most_blocks)
        start_chunk(&slots[i], next);
    while (taken < total) {
        while (!(ready & 1ull << first)) {
            uint64_t bits = nvme_wait();
            if (!bits)
                return false;
            ready |= bits;
        }
        struct slot *s = &slots[first];
        ready &= ~(1ull << first);
        crc = take_chunk(s, crc);
        taken += s->op.blocks;
        s->busy = false;
        if (next < total) {
            start_chunk(s, next);
            next += most_blocks;
        }
        first = first + 1 == depth ? 0 : first + 1;
    }
    print("image crc32c=%08x bytes=%lu", crc, total * block_bytes);
    return true;
}

/* ---- Random operations ---- */

static bool overlaps_flight(const struct io_op *op) {
    for (uint32_t i = 0; i < slot_count; i++)
        if (slots[i].busy && op->lba < slots[i].op.lba + slots[i].op.blocks && slots[i].op.lba < op->lba + op->blocks)
            return true;
    return false;
}

static struct slot *free_slot(void) {
    for (uint32_t i = 0; i < slot_count; i++)
        if (!slots[i].busy)
            return &slots[i];
    return NULL;
}

static void start_operation(struct slot *s, uint64_t k, const struct io_op *op) {
    s->busy = true;
    s->reading_back = false;
    s->k = k;
    s->op = *op;
    for (uint32_t b = 0; op->kind == IO_WRITE && b < op->blocks; b++) {
        uint8_t *data = slot_data(s) + b * block_bytes;
        io_pattern_block(&pattern, k, op->lba + b, data);
        block_hashes[op->lba + b] = io_block_hash(data, block_bytes);
    }
    start_transfer(s, op->kind == IO_WRITE ? NVME_WRITE : NVME_READ);
}

static void verify(const struct slot *s) {
    for (uint32_t b = 0; b < s->op.blocks; b++)
        if (io_block_hash(slot_data(s) + b * block_bytes, block_bytes) != block_hashes[s->op.lba + b])
            complain(s->reading_back ? "data read back" : "data read", s->k, s->op.lba + b);
}

/* A write is read back into the cleared buffer. @return true when the operation is over */
static bool continue_operation(struct slot *s) {
    uint16_t status = nvme_request_status((uint32_t)(s - slots));
    latency_add(&commands_took, csr_read(time) - s->started);
    if (status) {
        complain("status", s->k, s->op.lba);
    } else if (s->op.kind == IO_WRITE && !s->reading_back) {
        s->reading_back = true;
        memset(slot_data(s), 0, s->op.blocks * (uint64_t)block_bytes);
        start_transfer(s, NVME_READ);
        return false;
    } else {
        verify(s);
    }
    s->busy = false;
    return true;
}

static uint64_t finish_operations(uint64_t bits) {
    uint64_t finished = 0;
    for (uint32_t i = 0; bits && i < slot_count; i++, bits >>= 1)
        if ((bits & 1) && slots[i].busy)
            finished += continue_operation(&slots[i]);
    return finished;
}

static bool run_operations(void) {
    uint64_t started = 0, finished = 0;
    bytes_moved = 0;
    struct io_op next = io_pattern_op(&pattern, 0);
    while (finished < operations) {
        struct slot *s;
        while (started < operations && (s = free_slot()) && !overlaps_flight(&next)) {
            start_operation(s, started, &next);
            next = io_pattern_op(&pattern, ++started);
        }
        uint64_t bits = nvme_wait();
        if (!bits)
            return false;
        finished += finish_operations(bits);
    }
    return true;
}

static bool flush(void) {
    nvme_submit(0, NVME_FLUSH, 0, 0, NULL, NULL);
    if (!nvme_wait())
        return false;
    if (nvme_request_status(0))
        complain("status of flush", nvme_request_status(0), 0);
    return true;
}

unsigned workload_io(void) {
    if (!nvme_start() || !setup() || !net_begin())
        return 1;
    dirty_start_others();
    if (!read_image() || !run_operations() || !flush())
        complain("timeout", operations, 0);
    errors += dirty_wait();
    if (nvme_lost_interrupts())
        complain("lost interrupt", nvme_lost_interrupts(), 0);
    print("io interrupts=%lu lost=%lu", nvme_interrupts(), nvme_lost_interrupts());
    print("io recoveries=%u", nvme_recoveries());
    print("io latency ticks count=%lu p50=%lu p99=%lu most=%lu", commands_took.count, latency_quantile(&commands_took, 500),
          latency_quantile(&commands_took, 990), commands_took.most);
    print("io done ops=%lu bytes=%lu errors=%u", operations, bytes_moved, errors);
    return errors + net_end();
}
