/* Commands as checks use them. */
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"

struct result identify(struct dut *d, uint32_t cns, uint32_t nsid, void *data)
{
    return admin(d, &(struct sqe){.opcode = ADMIN_IDENTIFY, .nsid = nsid, .prp1 = (uint64_t)data, .dw10 = cns});
}

struct result get_feature(struct dut *d, uint32_t id, uint32_t select, uint32_t dw11)
{
    return admin(d, &(struct sqe){.opcode = ADMIN_GET_FEATURES, .dw10 = id | select << 8, .dw11 = dw11});
}

struct result set_feature(struct dut *d, uint32_t id, uint32_t dw11)
{
    return admin(d, &(struct sqe){.opcode = ADMIN_SET_FEATURES, .dw10 = id, .dw11 = dw11});
}

struct result get_log(struct dut *d, uint32_t page, uint32_t nsid, void *data, uint32_t bytes)
{
    uint32_t numd = bytes / 4 - 1;
    return admin(d, &(struct sqe){.opcode = ADMIN_GET_LOG_PAGE, .nsid = nsid, .prp1 = (uint64_t)data, .dw10 = page | numd << 16, .dw11 = numd >> 16});
}

struct result attach_volume(unsigned function, uint32_t volume)
{
    submit(PF, 0, &(struct sqe){.opcode = ADMIN_ATTACH_VOLUME, .dw10 = function, .dw11 = volume});
    return reap(PF, 0, 12000000);
}

struct result create_cq(struct dut *d, uint32_t qid, uint64_t prp1, uint32_t entries, uint32_t dw11)
{
    return admin(d, &(struct sqe){.opcode = ADMIN_CREATE_CQ, .prp1 = prp1, .dw10 = (entries - 1) << 16 | qid, .dw11 = dw11});
}

struct result create_sq(struct dut *d, uint32_t qid, uint64_t prp1, uint32_t entries, uint32_t dw11)
{
    return admin(d, &(struct sqe){.opcode = ADMIN_CREATE_SQ, .prp1 = prp1, .dw10 = (entries - 1) << 16 | qid, .dw11 = dw11});
}

struct result delete_queue(struct dut *d, uint8_t opcode, uint32_t qid)
{
    return admin(d, &(struct sqe){.opcode = opcode, .dw10 = qid});
}

bool make_queue(struct dut *d, uint32_t qid, uint32_t entries)
{
    struct queue *q = &d->queues[qid];
    *q = (struct queue){.sq = pages((entries * 64 + PAGE - 1) / PAGE), .cq = pages((entries * 16 + PAGE - 1) / PAGE), .sq_entries = entries,
                        .cq_entries = entries, .phase = 1, .cqid = qid};
    struct result cq = create_cq(d, qid, (uint64_t)q->cq, entries, qid << 16 | 3);
    if (!cq.done || cq.status)
        return false;
    struct result sq = create_sq(d, qid, (uint64_t)q->sq, entries, qid << 16 | 1);
    return sq.done && !sq.status;
}

/* PRP1 covers the rest of its page, PRP2 the second page or a list of the others (section 4.3). */
static void set_prps(struct sqe *command, uint64_t data, uint64_t bytes)
{
    uint64_t page = (data & ~(uint64_t)(PAGE - 1)) + PAGE, end = data + bytes;
    command->prp1 = data;
    if (end <= page)
        return;
    if (end <= page + PAGE) {
        command->prp2 = page;
        return;
    }
    uint64_t *list = pages(1);
    command->prp2 = (uint64_t)list;
    for (; page < end; page += PAGE)
        *list++ = page;
}

static bool moves_data(uint8_t opcode)
{
    return opcode == IO_READ || opcode == IO_WRITE || opcode == IO_COMPARE;
}

struct sqe io_command(struct dut *d, uint8_t opcode, uint64_t lba, uint32_t blocks, const void *data)
{
    struct sqe command = {.opcode = opcode, .nsid = 1, .dw10 = (uint32_t)lba, .dw11 = (uint32_t)(lba >> 32), .dw12 = blocks - 1};
    if (moves_data(opcode))
        set_prps(&command, (uint64_t)data, (uint64_t)blocks * (d->block_bytes ? d->block_bytes : BLOCK));
    return command;
}

struct result io(struct dut *d, uint8_t opcode, uint64_t lba, uint32_t blocks, const void *data)
{
    struct sqe command = io_command(d, opcode, lba, blocks, data);
    return execute(d, 1, &command);
}

static uint32_t step(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

void fill_pattern(void *data, uint32_t bytes, uint32_t seed)
{
    uint8_t *to = data;
    for (uint32_t i = 0; i < bytes; i++)
        to[i] = (uint8_t)step(&seed);
}

bool is_pattern(const void *data, uint32_t bytes, uint32_t seed)
{
    const uint8_t *from = data;
    for (uint32_t i = 0; i < bytes; i++)
        if (from[i] != (uint8_t)step(&seed))
            return false;
    return true;
}

uint64_t volume_blocks(void)
{
    static uint64_t blocks;
    if (!blocks) {
        uint8_t *data = pages(1);
        if (identify(PF, 0, 1, data).done)
            blocks = get64(data, 0);
    }
    return blocks;
}
