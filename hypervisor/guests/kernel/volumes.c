/*
 * Workload `volumes`: verified random I/O on a namespace that comes, goes and changes its size meanwhile. The guest asks for the events of namespaces.
 * After each it lets its commands end, reads what has changed, reads the whole volume, which must hold what was written to it, and goes on. A command that
 * is refused because of a change must be explained by an event; what it did is not known until the volume has been read.
 * Volumes are known by their NGUID, so that one that comes back is verified too.
 *
 * Boot arguments: seed=N qd=N (1..32) [8] attachments=N: it ends when a volume has come for the N-th time (one that is there at the start counts) and has
 * been read [1]; most=N: blocks of the longest command [256]; report_us=N: says so often how much it has done [0: never].
 */
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/guests/kernel/io_pattern.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define MOST_SLOTS 32u
#define MOST_VOLUMES 2u
#define MOST_BLOCKS 8192u
#define SLOT_DATA_BYTES (IO_MAX_BYTES + PAGE_BYTES) /* room for an offset in the first page */
#define MOST_ERRORS_SHOWN 8u
#define TICKS_PER_US 10u
#define LONG_TICKS 90000000u /* 9 s; nvme_wait() gives up after 10 */

/* NVMe 1.4, figures 127 and 128 */
enum status { SUCCESS = 0x000, INVALID_NAMESPACE = 0x00b, LBA_OUT_OF_RANGE = 0x080 };

struct volume {
    bool used;
    uint8_t id[NVME_ID_BYTES];
    uint64_t blocks;               /* that are known; the rest has not been read */
    uint32_t hashes[MOST_BLOCKS];  /* of what a block holds, */
    uint32_t others[MOST_BLOCKS];  /* or else of what a write would have made of it */
};

struct slot {
    bool busy;
    bool reading_back;
    uint64_t k;
    struct io_op op;
    uint8_t *pages;
    uint64_t *prp_list;
};

static struct slot slots[MOST_SLOTS];
static uint32_t slot_count, most_blocks;
static struct volume *volumes, *present; /* present: what namespace 1 is, NULL: there is none */
static struct io_pattern pattern;
static uint64_t next_k, commands, bytes_moved, refused;
static unsigned errors, in_flight, events, attachments;
static bool unexplained; /* a command was refused, and no event has come yet */
static bool event;       /* one has come: nothing is begun before it has been handled, since the namespace may be another one */
static uint64_t report_ticks, report_due;

static void complain(const char *what, uint64_t k, uint64_t lba) {
    if (errors++ < MOST_ERRORS_SHOWN)
        print("volumes error %s op=%lu lba=%lu", what, k, lba);
}

static bool setup(void) {
    void *crc_tables = memory_take(CRC32C_TABLE_BYTES, 16);
    pattern.seed = string_option(bootargs, "seed", 1);
    slot_count = (uint32_t)string_option(bootargs, "qd", 8);
    most_blocks = (uint32_t)string_option(bootargs, "most", IO_MAX_BLOCKS);
    report_ticks = string_option(bootargs, "report_us", 0) * TICKS_PER_US;
    volumes = memory_take(MOST_VOLUMES * sizeof *volumes, PAGE_BYTES);
    if (!crc_tables || !volumes || slot_count < 1 || slot_count > MOST_SLOTS) {
        print("volumes error: qd=%u is not 1 to %u, or there is too little memory", slot_count, MOST_SLOTS);
        return false;
    }
    memset(volumes, 0, MOST_VOLUMES * sizeof *volumes);
    crc32c_setup(crc_tables);
    for (uint32_t i = 0; i < slot_count; i++) {
        slots[i].pages = memory_take(SLOT_DATA_BYTES, PAGE_BYTES);
        slots[i].prp_list = memory_take(NVME_PRP_LIST_BYTES, PAGE_BYTES);
        if (!slots[i].prp_list)
            return false;
    }
    return true;
}

static uint8_t *slot_data(const struct slot *s) {
    return s->pages + s->op.buffer_offset;
}

/* @return whether the command has succeeded. A refusal that only a change of the namespace can explain is noted, anything else is an error. */
static bool judge(uint16_t status, uint64_t k, uint64_t lba) {
    commands++;
    if (status == SUCCESS)
        return true;
    if (status == INVALID_NAMESPACE || status == LBA_OUT_OF_RANGE) {
        refused++;
        unexplained = true;
    } else {
        complain("status", status, k + lba);
    }
    return false;
}

/* The block holds what was last written to it, or what a write that was refused would have. */
static bool is_known(struct volume *v, uint64_t lba, uint32_t hash) {
    if (hash != v->hashes[lba] && hash != v->others[lba])
        return false;
    v->hashes[lba] = v->others[lba] = hash;
    return true;
}

/* ---- While nothing else is under way ---- */

/* Does one command and waits for it. @return its status */
static uint16_t execute(enum nvme_io_opcode opcode, uint64_t lba, uint32_t blocks) {
    slots[0].op = (struct io_op){.lba = lba, .blocks = blocks};
    nvme_submit(0, opcode, lba, blocks, slots[0].pages, slots[0].prp_list);
    if (nvme_wait_polled() != 1)
        complain("no answer", opcode, lba);
    return nvme_request_status(0);
}

static void take_blocks(struct volume *v, uint64_t lba, uint32_t count) {
    for (uint64_t b = lba; b < lba + count; b++) {
        uint32_t hash = io_block_hash(slots[0].pages + (b - lba) * IO_BLOCK_BYTES, IO_BLOCK_BYTES);
        if (b >= v->blocks) {
            v->hashes[b] = v->others[b] = hash;
            v->blocks = b + 1;
        } else if (!is_known(v, b, hash)) {
            complain("block read", b, hash);
        }
    }
}

/* Reads all of it. @return false if it has changed meanwhile */
static bool read_volume(struct volume *v, uint64_t blocks, bool known) {
    uint32_t crc = 0;
    if (v->blocks > blocks)
        v->blocks = blocks;
    for (uint64_t lba = 0; lba < blocks; lba += IO_MAX_BLOCKS) {
        uint32_t count = (uint32_t)(blocks - lba < IO_MAX_BLOCKS ? blocks - lba : IO_MAX_BLOCKS);
        if (!judge(execute(NVME_READ, lba, count), 0, lba))
            return false;
        take_blocks(v, lba, count);
        crc = crc32c(crc, slots[0].pages, count * IO_BLOCK_BYTES);
    }
    print("volumes present blocks=%lu known=%u crc32c=%08x", blocks, known, crc);
    return true;
}

/* A volume may come meanwhile; then its event has come too. */
static void expect_none(void) {
    if (execute(NVME_READ, 0, 1) == INVALID_NAMESPACE)
        return;
    event |= nvme_take_event();
    if (!event)
        complain("a command without a namespace is taken", NVME_READ, 0);
}

static void expect(enum nvme_io_opcode opcode, uint64_t lba, uint32_t blocks, enum status wanted) {
    uint16_t status = execute(opcode, lba, blocks);
    if (status != wanted && judge(status, 0, lba))
        complain("a command is taken", opcode, lba);
}

static void try_end(uint64_t blocks) {
    expect(NVME_READ, blocks - 1, 1, SUCCESS);
    expect(NVME_READ, blocks, 1, LBA_OUT_OF_RANGE);
    expect(NVME_READ, blocks - 1, 2, LBA_OUT_OF_RANGE);
    expect(NVME_WRITE, blocks - 1, 2, LBA_OUT_OF_RANGE);
    expect(NVME_WRITE_ZEROES, blocks - 3, 4, LBA_OUT_OF_RANGE);
}

static struct volume *find_volume(bool *known) {
    struct volume *v = volumes;
    while (v < volumes + MOST_VOLUMES && v->used && memcmp(v->id, nvme_namespace_id(), NVME_ID_BYTES) != 0)
        v++;
    if (v == volumes + MOST_VOLUMES)
        return NULL;
    *known = v->used;
    v->used = true;
    memcpy(v->id, nvme_namespace_id(), NVME_ID_BYTES);
    return v;
}

static void look(void) {
    uint64_t blocks = nvme_blocks();
    const struct volume *before = present;
    bool known = false;
    unexplained = false;
    present = NULL;
    if (!blocks) {
        if (before)
            print("volumes gone refused=%lu", refused);
        expect_none();
        return;
    }
    struct volume *v = find_volume(&known);
    if (!v || blocks > MOST_BLOCKS || blocks < 4 || nvme_block_bytes() != IO_BLOCK_BYTES) {
        complain("a volume that does not fit", nvme_block_bytes(), blocks);
        return;
    }
    attachments += v != before;
    present = v;
    pattern.lbas = blocks;
    if (read_volume(v, blocks, known))
        try_end(blocks);
}

static void handle_event(void) {
    bool listed;
    events++;
    if (!nvme_reread_namespace(&listed)) {
        complain("namespace cannot be read", events, 0);
        return;
    }
    if (!listed)
        print("volumes event %u lists nothing", events);
    look();
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

static void start_transfer(struct slot *s, enum nvme_io_opcode opcode) {
    nvme_submit((uint32_t)(s - slots), opcode, s->op.lba, s->op.blocks, slot_data(s), s->prp_list);
}

static void start_operation(struct slot *s, const struct io_op *op) {
    *s = (struct slot){.busy = true, .k = next_k, .op = *op, .pages = s->pages, .prp_list = s->prp_list};
    for (uint32_t b = 0; op->kind == IO_WRITE && b < op->blocks; b++) {
        uint8_t *data = slot_data(s) + b * IO_BLOCK_BYTES;
        io_pattern_block(&pattern, next_k, op->lba + b, data);
        present->others[op->lba + b] = io_block_hash(data, IO_BLOCK_BYTES);
    }
    in_flight++;
    start_transfer(s, op->kind == IO_WRITE ? NVME_WRITE : NVME_READ);
}

static struct io_op next_operation(void) {
    struct io_op op = io_pattern_op(&pattern, next_k);
    if (op.blocks > most_blocks)
        op.blocks = most_blocks;
    return op;
}

static void start_operations(void) {
    struct slot *s;
    struct io_op next = next_operation();
    while ((s = free_slot()) && !overlaps_flight(&next)) {
        start_operation(s, &next);
        next_k++;
        next = next_operation();
    }
}

static void verify(const struct slot *s) {
    for (uint32_t b = 0; b < s->op.blocks; b++)
        if (!is_known(present, s->op.lba + b, io_block_hash(slot_data(s) + b * IO_BLOCK_BYTES, IO_BLOCK_BYTES)))
            complain(s->reading_back ? "data read back" : "data read", s->k, s->op.lba + b);
}

static void written(const struct slot *s) {
    for (uint32_t b = 0; b < s->op.blocks; b++)
        present->hashes[s->op.lba + b] = present->others[s->op.lba + b];
}

/* A write is read back into the cleared buffer; after an event the whole volume is read instead. */
static void continue_operation(struct slot *s) {
    if (judge(nvme_request_status((uint32_t)(s - slots)), s->k, s->op.lba)) {
        bytes_moved += s->op.blocks * IO_BLOCK_BYTES;
        if (s->op.kind == IO_WRITE && !s->reading_back) {
            written(s);
            if (!event) {
                s->reading_back = true;
                memset(slot_data(s), 0, s->op.blocks * IO_BLOCK_BYTES);
                start_transfer(s, NVME_READ);
                return;
            }
        } else {
            verify(s);
        }
    }
    s->busy = false;
    in_flight--;
}

static void report(void) {
    uint64_t now = csr_read(time);
    if (!report_ticks || now < report_due)
        return;
    report_due = now + report_ticks;
    print("volumes rate ticks=%lu commands=%lu bytes=%lu", now, commands, bytes_moved);
}

/* The event of a detachment is there before the completions that come after it, so it is looked for first. @return false when nothing has come for long */
static bool turn(void) {
    uint64_t begun = csr_read(time);
    if (present && !event && !unexplained)
        start_operations();
    uint64_t bits = nvme_wait();
    bool came = bits || csr_read(time) - begun < LONG_TICKS;
    event |= nvme_take_event();
    for (uint32_t i = 0; bits && i < slot_count; i++, bits >>= 1)
        if ((bits & 1) && slots[i].busy)
            continue_operation(&slots[i]);
    report();
    return came;
}

unsigned workload_volumes(void) {
    uint64_t wanted = string_option(bootargs, "attachments", 1);
    if (!setup() || !nvme_start() || !nvme_watch_namespace())
        return 1;
    look();
    while (attachments < wanted || unexplained) {
        if (event && in_flight == 0) {
            event = false;
            handle_event();
        } else if (!turn()) {
            complain("nothing comes any more", commands, events);
            break;
        }
    }
    if (nvme_lost_interrupts())
        complain("lost interrupt", nvme_lost_interrupts(), 0);
    print("volumes done commands=%lu events=%u attachments=%u refused=%lu errors=%u", commands, events, attachments, refused, errors);
    return errors;
}
