/* I/O queues: creation, deletion, doorbells. Sections 4.1, 5.3 to 5.6, 3.1.24. */
#include "testbench/conformance/check.h"

#define PC 1u
#define IEN 2u

static uint64_t page_address(void)
{
    return (uint64_t)pages(1);
}

static void create(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 1u << 16 | PC), ST_SUCCESS);
}

static void create_all(void)
{
    uint8_t *data = pages(1);
    struct result granted = get_feature(PF, 7, 0, 0);
    unsigned queues = (granted.dw0 & 0xffff) + 1;
    EXPECT(queues < QUEUES, "%u queues", queues);
    for (uint32_t q = 1; q <= queues; q++)
        EXPECT(make_queue(PF, q, 16), "queue pair %u cannot be created", q);
    for (uint32_t q = 1; q <= queues; q++) {
        struct sqe command = io_command(PF, IO_READ, q, 1, data);
        EXPECT_STATUS(execute(PF, q, &command), ST_SUCCESS);
    }
}

static void cq_id_zero(void)
{
    EXPECT_STATUS(create_cq(PF, 0, page_address(), 16, PC), ST_INVALID_QID);
}

static void cq_id_beyond(void)
{
    struct result granted = get_feature(PF, 7, 0, 0);
    EXPECT_STATUS(create_cq(PF, (granted.dw0 >> 16) + 2, page_address(), 16, PC), ST_INVALID_QID);
    EXPECT_STATUS(create_cq(PF, 0xffff, page_address(), 16, PC), ST_INVALID_QID);
}

static void cq_id_used(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_INVALID_QID);
}

static void sq_id_zero(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 0, page_address(), 16, 1u << 16 | PC), ST_INVALID_QID);
}

static void sq_id_beyond(void)
{
    struct result granted = get_feature(PF, 7, 0, 0);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, (granted.dw0 & 0xffff) + 2, page_address(), 16, 1u << 16 | PC), ST_INVALID_QID);
}

static void sq_id_used(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 1u << 16 | PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 1u << 16 | PC), ST_INVALID_QID);
}

static void size_one(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 1, PC), ST_INVALID_QSIZE);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 1, 1u << 16 | PC), ST_INVALID_QSIZE);
}

static void size_beyond(void)
{
    uint32_t largest = (uint32_t)(reg64(PF, REG_CAP) & 0xffff) + 1;
    EXPECT_STATUS(create_cq(PF, 1, page_address(), largest + 1, PC), ST_INVALID_QSIZE);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), largest + 1, 1u << 16 | PC), ST_INVALID_QSIZE);
}

static void largest(void)
{
    uint32_t entries = (uint32_t)(reg64(PF, REG_CAP) & 0xffff) + 1;
    EXPECT(make_queue(PF, 1, entries), "no queue of %u entries", entries);
    EXPECT_STATUS(io(PF, IO_READ, 0, 1, pages(1)), ST_SUCCESS);
}

static void not_contiguous(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, 0), ST_INVALID_FIELD);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 1u << 16), ST_INVALID_FIELD);
}

static void page_offset(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address() + 16, 16, PC), ST_PRP_OFFSET);
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, page_address() + 64, 16, 1u << 16 | PC), ST_PRP_OFFSET);
}

static void vector_beyond(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 16, 0x7ffu << 16 | IEN | PC), ST_INVALID_VECTOR);
}

static void cq_not_there(void)
{
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 3u << 16 | PC), ST_INVALID_CQ);
}

static void cq_of_admin(void)
{
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, PC), ST_INVALID_QID);
}

static void cq_id_of_sq_beyond(void)
{
    EXPECT_STATUS(create_sq(PF, 1, page_address(), 16, 0x3000u << 16 | PC), ST_INVALID_QID);
}

static void failed_create_leaves_nothing(void)
{
    EXPECT_STATUS(create_cq(PF, 1, page_address(), 1, PC), ST_INVALID_QSIZE);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_INVALID_QID);
}

static void delete_order(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_QUEUE_DELETION);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_SUCCESS);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_SUCCESS);
}

static void delete_absent(void)
{
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 3), ST_INVALID_QID);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 3), ST_INVALID_QID);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 0xffff), ST_INVALID_QID);
}

static void delete_admin(void)
{
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 0), ST_INVALID_QID);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 0), ST_INVALID_QID);
}

static void delete_twice(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_SUCCESS);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_INVALID_QID);
}

static void create_again(void)
{
    uint8_t *data = pages(1);
    for (unsigned round = 0; round < 4; round++) {
        EXPECT(make_queue(PF, 1, 8 + round), "round %u: no queue", round);
        for (unsigned i = 0; i < 10; i++)
            EXPECT_STATUS(io(PF, IO_READ, i, 1, data), ST_SUCCESS);
        EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_SUCCESS);
        EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_SUCCESS);
    }
}

static void shared_cq(void)
{
    uint8_t *data = pages(1);
    EXPECT(make_queue(PF, 1, 16), "no queue");
    PF->queues[2] = (struct queue){.sq = pages(1), .sq_entries = 16, .cqid = 1};
    EXPECT_STATUS(create_sq(PF, 2, (uint64_t)PF->queues[2].sq, 16, 1u << 16 | PC), ST_SUCCESS);
    for (unsigned i = 0; i < 20; i++) {
        struct sqe command = io_command(PF, IO_READ, i, 1, data);
        struct result result = execute(PF, 1 + i % 2, &command);
        EXPECT_STATUS(result, ST_SUCCESS);
        EXPECT(result.sq_id == 1 + i % 2, "SQID %u", result.sq_id);
    }
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_SUCCESS);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_QUEUE_DELETION);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 2), ST_SUCCESS);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_SUCCESS);
}

/* Whatever had not completed when the deletion completes never does. */
static void delete_under_load(void)
{
    uint8_t *data = pages(16);
    EXPECT(make_queue(PF, 1, 32), "no queue");
    for (unsigned i = 0; i < 16; i++) {
        struct sqe command = io_command(PF, IO_READ, i * 8, 8, data + i * PAGE);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 16);
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_SQ, 1), ST_SUCCESS);
    unsigned before = 0;
    while (reap(PF, 1, 0).done)
        before++;
    EXPECT(before <= 16, "%u completions of 16 commands", before);
    EXPECT(!reap(PF, 1, 1500).done, "a completion after the queue was deleted");
    EXPECT_STATUS(delete_queue(PF, ADMIN_DELETE_CQ, 1), ST_SUCCESS);
    EXPECT(make_queue(PF, 1, 16), "no queue afterwards");
    EXPECT_STATUS(io(PF, IO_READ, 0, 8, data), ST_SUCCESS);
}

static void ring_wraps(void)
{
    uint8_t *data = pages(1);
    EXPECT(make_queue(PF, 1, 3), "no queue of 3 entries");
    for (unsigned i = 0; i < 11; i++) {
        struct result result = io(PF, IO_READ, i, 1, data);
        EXPECT_STATUS(result, ST_SUCCESS);
        EXPECT(result.sq_head == PF->queues[1].tail, "SQHD %u, tail %u", result.sq_head, PF->queues[1].tail);
    }
}

/* A full completion queue holds commands back; acknowledging lets them complete, none is lost. */
static void full_cq(void)
{
    uint8_t *data = pages(1);
    PF->queues[1] = (struct queue){.sq = pages(1), .cq = pages(1), .sq_entries = 16, .cq_entries = 3, .phase = 1, .cqid = 1};
    EXPECT_STATUS(create_cq(PF, 1, (uint64_t)PF->queues[1].cq, 3, PC), ST_SUCCESS);
    EXPECT_STATUS(create_sq(PF, 1, (uint64_t)PF->queues[1].sq, 16, 1u << 16 | PC), ST_SUCCESS);
    for (unsigned i = 0; i < 10; i++) {
        struct sqe command = io_command(PF, IO_READ, i, 1, data);
        submit_quietly(PF, 1, &command);
    }
    ring_sq(PF, 1, 10);
    delay_us(1000);
    EXPECT(PF->queues[1].cq[2].status == 0, "a full completion queue was overrun");
    for (unsigned i = 0; i < 10; i++)
        EXPECT_STATUS(reap(PF, 1, COMMAND_US), ST_SUCCESS);
    EXPECT(!reap(PF, 1, 200).done, "one completion too many");
}

static void doorbell_same_tail(void)
{
    EXPECT(make_queue(PF, 1, 16), "no queue");
    ring_sq(PF, 1, 0);
    ring_cq(PF, 1, 0);
    delay_us(100);
    EXPECT_STATUS(io(PF, IO_READ, 0, 1, pages(1)), ST_SUCCESS);
    ring_sq(PF, 1, PF->queues[1].tail);
    EXPECT(!reap(PF, 1, 300).done, "the same tail again fetched something");
}

/* None of these may stop the controller, or any queue but the one that was abused. */
static void doorbell_abuse(void)
{
    static const uint32_t values[] = {0xffffffff, 0x10000, 16, 17, 0x8000};
    EXPECT(make_queue(PF, 1, 16) && make_queue(PF, 2, 16), "no queues");
    for (unsigned i = 0; i < 5; i++) {
        ring_sq(PF, 1, values[i]);
        ring_cq(PF, 1, values[i]);
        ring_sq(PF, 7, values[i]);
        ring_cq(PF, 8, values[i]);
    }
    struct sqe command = io_command(PF, IO_READ, 0, 1, pages(1));
    EXPECT_STATUS(execute(PF, 2, &command), ST_SUCCESS);
    EXPECT_STATUS(get_feature(PF, 7, 0, 0), ST_SUCCESS);
    EXPECT((reg32(PF, REG_CSTS) & CSTS_CFS) == 0, "CFS");
}

const struct check queue_checks[] = {
    {"queue.create", "5.3, 5.4", create},
    {"queue.create_all", "5.21.1.7", create_all},
    {"queue.cq_id_zero", "5.3", cq_id_zero},
    {"queue.cq_id_beyond", "5.3", cq_id_beyond},
    {"queue.cq_id_used", "5.3", cq_id_used},
    {"queue.sq_id_zero", "5.4", sq_id_zero},
    {"queue.sq_id_beyond", "5.4", sq_id_beyond},
    {"queue.sq_id_used", "5.4", sq_id_used},
    {"queue.size_one", "5.3, 5.4", size_one},
    {"queue.size_beyond", "5.3, 5.4, 3.1.1", size_beyond},
    {"queue.largest", "3.1.1", largest},
    {"queue.not_contiguous", "5.3, 5.4, 3.1.1 (CQR)", not_contiguous},
    {"queue.page_offset", "5.3, 5.4", page_offset},
    {"queue.vector_beyond", "5.3", vector_beyond},
    {"queue.cq_not_there", "5.4", cq_not_there},
    {"queue.cq_of_admin", "5.4", cq_of_admin},
    {"queue.cq_id_of_sq_beyond", "5.4", cq_id_of_sq_beyond},
    {"queue.failed_create", "5.3", failed_create_leaves_nothing},
    {"queue.delete_order", "5.5, 5.6", delete_order},
    {"queue.delete_absent", "5.5, 5.6", delete_absent},
    {"queue.delete_admin", "5.5, 5.6", delete_admin},
    {"queue.delete_twice", "5.6", delete_twice},
    {"queue.create_again", "7.4", create_again},
    {"queue.shared_cq", "4.1", shared_cq},
    {"queue.delete_under_load", "5.6, 7.4.1", delete_under_load},
    {"queue.wraps", "4.1.2", ring_wraps},
    {"queue.full_cq", "4.1.2", full_cq},
    {"queue.doorbell_same", "3.1.24", doorbell_same_tail},
    {"queue.doorbell_abuse", "3.1.24, 3.1.25", doorbell_abuse},
    {0},
};
