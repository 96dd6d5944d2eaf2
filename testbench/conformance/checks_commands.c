/* Admin commands in general: opcodes, flags, identifiers, completion queue entries, Abort. Sections 4.1, 4.2, 4.6, 5. */
#include "testbench/conformance/check.h"

static struct result with_opcode(uint8_t opcode)
{
    return admin(PF, &(struct sqe){.opcode = opcode, .prp1 = (uint64_t)pages(1)});
}

static void reserved_opcode(void)
{
    static const uint8_t opcodes[] = {0x03, 0x07, 0x0b, 0x0e, 0x12, 0x1b, 0x30, 0x7e};
    for (unsigned i = 0; i < sizeof(opcodes); i++)
        EXPECT_STATUS(with_opcode(opcodes[i]), ST_INVALID_OPCODE);
}

static void vendor_opcode(void)
{
    EXPECT_STATUS(with_opcode(0xff), ST_INVALID_OPCODE);
}

static void invalid_opcode_do_not_retry(void)
{
    EXPECT(with_opcode(0x03).dnr, "Do Not Retry is 0: the command can never succeed");
}

/* OACS tells which optional commands exist; the others are invalid opcodes. */
static void optional_commands(void)
{
    static const struct { uint8_t bit, opcode; } optional[] = {
        {0, 0x81}, {0, 0x82}, {1, 0x80}, {3, 0x0d}, {3, 0x15}, {4, 0x14}, {5, 0x19}, {5, 0x1a}, {7, 0x1c}, {8, 0x7c}, {9, 0x86},
    };
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    uint32_t oacs = get16(data, 256);
    for (unsigned i = 0; i < sizeof(optional) / sizeof(optional[0]); i++)
        if (!(oacs >> optional[i].bit & 1)) {
            struct result result = with_opcode(optional[i].opcode);
            EXPECT(result.done && result.status == ST_INVALID_OPCODE, "opcode %x is not in OACS but answers %x", optional[i].opcode, result.status);
        }
}

static void keep_alive(void)
{
    uint8_t *data = pages(1);
    EXPECT_STATUS(identify(PF, 1, 0, data), ST_SUCCESS);
    EXPECT_STATUS(with_opcode(0x18), get16(data, 320) ? ST_SUCCESS : ST_INVALID_OPCODE);
}

static void flags(uint8_t value)
{
    EXPECT_STATUS(admin(PF, &(struct sqe){.opcode = ADMIN_IDENTIFY, .flags = value, .prp1 = (uint64_t)pages(1), .dw10 = 1}), ST_INVALID_FIELD);
}

static void fused(void)
{
    flags(1);
    flags(2);
}

static void sgl(void)
{
    flags(0x40);
    flags(0x80);
}

static void reserved_psdt(void)
{
    flags(0xc0);
}

static void identifiers(void)
{
    static const uint16_t ids[] = {0, 1, 0x7fff, 0x8000, 0xfffe, 0xffff};
    for (unsigned i = 0; i < 6; i++) {
        PF->next_cid = ids[i];
        struct result result = identify(PF, 1, 0, pages(1));
        EXPECT(result.done && result.cid == ids[i], "command %x completes as %x", ids[i], result.cid);
    }
}

static void entry_fields(void)
{
    for (unsigned i = 0; i < 40; i++) {
        struct result result = get_feature(PF, 7, 0, 0);
        EXPECT(result.done && result.sq_id == 0, "SQID %x", result.sq_id);
        EXPECT(result.sq_head == PF->queues[0].tail, "SQHD %u, tail %u", result.sq_head, PF->queues[0].tail);
    }
}

static void reserved_entry_word(void)
{
    volatile struct cqe *cqe = &PF->queues[0].cq[PF->queues[0].head];
    cqe->dw1 = 0xffffffff;
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
    EXPECT(cqe->dw1 == 0, "DW1 is %x", cqe->dw1);
}

/* Three times round the ring: each entry's phase tag is inverted once a round. */
static void phase_tag(void)
{
    volatile struct cqe *cq = PF->queues[0].cq;
    for (unsigned i = 0; i < 96; i++) {
        unsigned round = i / 32;
        EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
        EXPECT((cq[i % 32].status & 1) == ((round & 1) ^ 1), "round %u: phase tag %u", round, cq[i % 32].status & 1);
    }
}

static void many_outstanding(void)
{
    uint8_t *data = pages(24);
    uint32_t seen = 0;
    uint16_t first = PF->next_cid;
    for (unsigned i = 0; i < 24; i++)
        submit_quietly(PF, 0, &(struct sqe){.opcode = ADMIN_IDENTIFY, .prp1 = (uint64_t)(data + i * PAGE), .dw10 = 1});
    ring_sq(PF, 0, PF->queues[0].tail);
    for (unsigned i = 0; i < 24; i++) {
        struct result result = reap(PF, 0, COMMAND_US);
        uint16_t which = (uint16_t)(result.cid - first);
        EXPECT(result.done && !result.status && which < 24, "completion %u: %x of command %x", i, result.status, result.cid);
        EXPECT(!(seen >> which & 1), "command %u completes twice", which);
        seen |= 1u << which;
    }
    EXPECT(!reap(PF, 0, 200).done, "one completion too many");
    for (unsigned i = 0; i < 24; i++)
        EXPECT(get32(data + i * PAGE, 80) == 0x10400, "no data of command %u", i);
}

static void abort_unknown(void)
{
    struct result result = admin(PF, &(struct sqe){.opcode = ADMIN_ABORT, .dw10 = 0x1234u << 16});
    EXPECT_STATUS(result, ST_SUCCESS);
    EXPECT(result.dw0 & 1, "a command that is not there counts as aborted");
}

static void abort_unknown_queue(void)
{
    struct result result = admin(PF, &(struct sqe){.opcode = ADMIN_ABORT, .dw10 = 7});
    EXPECT(result.done && ((result.status == ST_SUCCESS && result.dw0 & 1) || result.status == ST_INVALID_FIELD), "status %x, DW0 %x", result.status, result.dw0);
}

static void abort_async_request(void)
{
    uint16_t cid = submit(PF, 0, &(struct sqe){.opcode = ADMIN_ASYNC_EVENT});
    delay_us(100);
    uint16_t abort = submit(PF, 0, &(struct sqe){.opcode = ADMIN_ABORT, .dw10 = (uint32_t)cid << 16});
    bool request = false, command = false;
    for (unsigned i = 0; i < 2; i++) {
        struct result result = reap(PF, 0, COMMAND_US);
        EXPECT(result.done, "completion %u is missing", i);
        if (result.cid == cid) {
            EXPECT(result.status == ST_ABORTED, "the request ends with %x", result.status);
            request = true;
        } else if (result.cid == abort) {
            EXPECT(result.status == ST_SUCCESS && !(result.dw0 & 1), "Abort says %x, DW0 %x", result.status, result.dw0);
            command = true;
        }
    }
    EXPECT(request && command, "one of the two never completed");
}

/* An Abort for a command that is on its way: whichever way it goes, each of the two completes once. */
static void abort_io(void)
{
    uint8_t *data = pages(16);
    EXPECT(make_queue(PF, 1, 32), "no queue");
    for (unsigned i = 0; i < 8; i++) {
        struct sqe command = io_command(PF, IO_READ, i * 16, 16, data);
        submit_quietly(PF, 1, &command);
    }
    uint16_t last = (uint16_t)(PF->next_cid - 1);
    ring_sq(PF, 1, 8);
    struct result abort = admin(PF, &(struct sqe){.opcode = ADMIN_ABORT, .dw10 = (uint32_t)last << 16 | 1});
    EXPECT_STATUS(abort, ST_SUCCESS);
    for (unsigned i = 0; i < 8; i++) {
        struct result result = reap(PF, 1, COMMAND_US);
        EXPECT(result.done, "command %u never completes", i);
        EXPECT(result.status == ST_SUCCESS || (result.cid == last && result.status == ST_ABORTED), "command %x: %x", result.cid, result.status);
        EXPECT(result.cid != last || (result.status == ST_ABORTED) == !(abort.dw0 & 1), "Abort said %u, the command %x", abort.dw0 & 1, result.status);
    }
    EXPECT(!reap(PF, 1, 300).done, "one completion too many");
}

const struct check command_checks[] = {
    {"admin.reserved_opcode", "5, 4.6.1.2.1", reserved_opcode},
    {"admin.vendor_opcode", "5", vendor_opcode},
    {"admin.invalid_opcode_dnr", "4.6.1", invalid_opcode_do_not_retry},
    {"admin.optional_commands", "5.15.2.2 (OACS)", optional_commands},
    {"admin.keep_alive", "5.15.2.2 (KAS)", keep_alive},
    {"admin.fused", "4.12", fused},
    {"admin.sgl", "4.2", sgl},
    {"admin.reserved_psdt", "4.2", reserved_psdt},
    {"admin.command_identifiers", "4.2", identifiers},
    {"admin.entry_fields", "4.6", entry_fields},
    {"admin.entry_reserved_word", "4.6", reserved_entry_word},
    {"admin.phase_tag", "4.6", phase_tag},
    {"admin.many_outstanding", "4.1", many_outstanding},
    {"admin.abort_unknown", "5.1", abort_unknown},
    {"admin.abort_unknown_queue", "5.1", abort_unknown_queue},
    {"admin.abort_async_request", "5.1", abort_async_request},
    {"admin.abort_io", "5.1", abort_io},
    {0},
};
