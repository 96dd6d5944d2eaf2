#include "testbench/unit/see/driver.h"

unsigned bdf_of(unsigned fn)
{
	return fn ? SEE_FIRST_VF_RID + fn - 1 : SEE_PF_RID;
}

uint64_t bar_of(unsigned fn)
{
	return fn ? BENCH_VF_BAR + (fn - 1) * (uint64_t)SEE_BAR_BYTES : BENCH_PF_BAR;
}

unsigned queue_register(unsigned reg, unsigned fn, unsigned q)
{
	return reg + fn * SEE_QUEUE_FN_STRIDE + q * SEE_QUEUE_STRIDE;
}

unsigned function_register(unsigned reg, unsigned fn)
{
	return reg + fn * SEE_FN_STRIDE;
}

unsigned extent_register(unsigned reg, unsigned fn, unsigned extent)
{
	return reg + fn * SEE_EXTENT_FN_STRIDE + extent * SEE_EXTENT_STRIDE;
}

void fill(struct bench *b, uint8_t *at, size_t bytes)
{
	for (size_t i = 0; i < bytes; i++)
		at[i] = (uint8_t)bench_random(b);
}

static void msix_up(struct bench *b, unsigned fn)
{
	for (unsigned v = 0; v < SEE_NUM_VECTORS; v++) {
		host_write64(b, bar_of(fn) + SEE_MSIX_TABLE + 16 * v, BENCH_MSI_ADDRESS + fn * 16);
		host_write32(b, bar_of(fn) + SEE_MSIX_TABLE + 16 * v + 8, fn << 8 | v);
		host_write32(b, bar_of(fn) + SEE_MSIX_TABLE + 16 * v + 12, 0);
	}
	host_config_write(b, bdf_of(fn), SEE_CFG_MSIX, 1u << 31);
}

void board_up(struct bench *b, unsigned vfs)
{
	host_config_write(b, SEE_PF_RID, SEE_CFG_BAR0, (uint32_t)BENCH_PF_BAR);
	host_config_write(b, SEE_PF_RID, SEE_CFG_BAR0 + 4, BENCH_PF_BAR >> 32);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_BAR0, (uint32_t)BENCH_VF_BAR);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_BAR0 + 4, BENCH_VF_BAR >> 32);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, vfs);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, vfs ? 9 : 0);
	for (unsigned fn = 0; fn <= vfs; fn++) {
		host_config_write(b, bdf_of(fn), SEE_CFG_COMMAND, 6);
		msix_up(b, fn);
	}
	fw_write(b, SEE_RING_BASE, RING_AT);
	fw_write(b, SEE_RING_LOG2, RING_LOG2);
	fw_write(b, SEE_CRING_BASE, CRING_AT);
	fw_write(b, SEE_CRING_LOG2, CRING_LOG2);
	fw_write(b, SEE_CTRL, SEE_CTRL_ENABLE_MASK | SEE_CTRL_IRQ_ENABLE_MASK);
}

static void queue_up(struct driver *d, unsigned q)
{
	struct driver_queue *dq = &d->queue[q];
	dq->sq = DRIVER_QUEUE_BASE + (d->fn * SEE_NUM_QUEUES + q) * (uint64_t)DRIVER_QUEUE_STRIDE;
	dq->cq = dq->sq + DRIVER_QUEUE_STRIDE / 2;
	dq->tail = dq->head = 0;
	dq->phase = 1;
	memset(d->b->host + dq->sq, 0, DRIVER_QUEUE_STRIDE);
	fw_write(d->b, queue_register(SEE_CQ_ADDRESS, d->fn, q), dq->cq);
	fw_write(d->b, queue_register(SEE_CQ_CONTROL, d->fn, q),
		 SEE_CQ_CONTROL_VALID_MASK | SEE_CQ_CONTROL_IEN_MASK | FIELD_PREP(SEE_CQ_CONTROL_VECTOR, q) |
			 FIELD_PREP(SEE_CQ_CONTROL_SIZE, DRIVER_SIZE));
	fw_write(d->b, queue_register(SEE_SQ_ADDRESS, d->fn, q), dq->sq);
	fw_write(d->b, queue_register(SEE_SQ_CONTROL, d->fn, q),
		 SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_CQID, q) |
			 FIELD_PREP(SEE_SQ_CONTROL_SIZE, DRIVER_SIZE));
}

void driver_up(struct driver *d, struct bench *b, unsigned fn, unsigned io_queues)
{
	*d = (struct driver){.b = b, .fn = fn, .bar = bar_of(fn)};
	host_write32(b, d->bar + SEE_AQA, (DRIVER_SIZE - 1) << 16 | (DRIVER_SIZE - 1));
	host_write64(b, d->bar + SEE_ASQ, DRIVER_QUEUE_BASE);
	host_write64(b, d->bar + SEE_ACQ, DRIVER_QUEUE_BASE);
	host_write32(b, d->bar + SEE_CC, 0x00460001);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_ENABLE);
	EXPECT_EQ(e.fn, fn);
	EXPECT_EQ(host_read32(b, d->bar + SEE_CSTS), 0u);
	for (unsigned q = 0; q <= io_queues; q++)
		queue_up(d, q);
	fw_write(b, function_register(SEE_FN_CSTS, fn), SEE_CSTS_RDY_MASK);
	EXPECT_EQ(host_read32(b, d->bar + SEE_CSTS), SEE_CSTS_RDY_MASK);
}

void attach(struct bench *b, unsigned fn, uint64_t blocks)
{
	fw_write(b, function_register(SEE_FN_NS_SIZE, fn), blocks);
	fw_write(b, extent_register(SEE_EXTENT_FIRST, fn, 0), 0);
	fw_write(b, extent_register(SEE_EXTENT_LENGTH, fn, 0), blocks);
	fw_write(b, extent_register(SEE_EXTENT_TARGET, fn, 0), 3ull << 32 | 7);
	fw_write(b, extent_register(SEE_EXTENT_REMOTE, fn, 0), 1000);
	fw_write(b, function_register(SEE_FN_NS, fn), SEE_FN_NS_ATTACHED_MASK);
}

uint16_t submit(struct driver *d, unsigned q, uint64_t sqe[8])
{
	struct driver_queue *dq = &d->queue[q];
	uint16_t cid = (uint16_t)(dq->next_cid++ | q << 12);
	sqe[0] = (sqe[0] & ~0xffff0000ull) | (uint64_t)cid << 16;
	memcpy(d->b->host + dq->sq + dq->tail * 64u, sqe, 64);
	dq->tail = (uint16_t)((dq->tail + 1) % DRIVER_SIZE);
	host_write32(d->b, d->bar + SEE_DOORBELL_BASE + 8 * q, dq->tail);
	return cid;
}

bool has_completion(struct driver *d, unsigned q)
{
	const struct driver_queue *dq = &d->queue[q];
	return (load64(d->b->host, dq->cq + dq->head * 16u + 8) >> 48 & 1) == dq->phase;
}

struct cqe reap(struct driver *d, unsigned q)
{
	struct driver_queue *dq = &d->queue[q];
	for (unsigned i = 0; i < BENCH_TIMEOUT && !has_completion(d, q); i++)
		bench_step(d->b);
	EXPECT_TRUE(has_completion(d, q));
	uint64_t w0 = load64(d->b->host, dq->cq + dq->head * 16u), w1 = load64(d->b->host, dq->cq + dq->head * 16u + 8);
	dq->head = (uint16_t)((dq->head + 1) % DRIVER_SIZE);
	dq->phase ^= dq->head == 0;
	host_write32(d->b, d->bar + SEE_DOORBELL_BASE + 8 * q + 4, dq->head);
	EXPECT_EQ(w0 >> 32, 0u);
	return (struct cqe){.dw0 = (uint32_t)w0, .sq_head = (uint16_t)w1, .sq_id = (uint16_t)(w1 >> 16),
			    .cid = (uint16_t)(w1 >> 32), .status = (uint16_t)(w1 >> 49)};
}

void make_io(uint64_t sqe[8], unsigned opcode, uint64_t lba, unsigned blocks, uint64_t prp1, uint64_t prp2)
{
	memset(sqe, 0, 64);
	sqe[0] = opcode | 1ull << 32;
	sqe[3] = prp1;
	sqe[4] = prp2;
	sqe[5] = lba;
	sqe[6] = blocks - 1;
}

void complete_failed(struct driver *d, unsigned status)
{
	struct descriptor e = next_descriptor(d->b);
	EXPECT_EQ(e.type, SEE_DESC_PULLED);
	EXPECT_EQ(e.status, status);
	answer(d->b, SEE_CE_COMPLETE, e.slot, false, e.status, 0, 0);
}

struct descriptor next_descriptor(struct bench *b)
{
	struct descriptor d;
	for (unsigned i = 0; i < BENCH_TIMEOUT && !b->out.irq; i++)
		bench_step(b);
	EXPECT_TRUE(b->out.irq);
	EXPECT_NE((uint16_t)fw_read(b, SEE_RING_PROD), b->ring_cons);
	uint64_t at = RING_AT + (b->ring_cons & ((1u << RING_LOG2) - 1)) * (uint64_t)SEE_DESC_BYTES;
	memcpy(d.word, b->nic + at, sizeof(d.word));
	fw_write(b, SEE_RING_CONS, ++b->ring_cons);
	d.type = (unsigned)FIELD_GET(SEE_DESC_TYPE, d.word[SEE_DESC_TYPE_WORD]);
	d.fn = (unsigned)FIELD_GET(SEE_DESC_FUNCTION, d.word[SEE_DESC_FUNCTION_WORD]);
	d.slot = (unsigned)FIELD_GET(SEE_DESC_SLOT, d.word[SEE_DESC_SLOT_WORD]);
	d.qid = (unsigned)FIELD_GET(SEE_DESC_QID, d.word[SEE_DESC_QID_WORD]);
	d.status = (unsigned)FIELD_GET(SEE_DESC_STATUS, d.word[SEE_DESC_STATUS_WORD]);
	d.length = (uint32_t)FIELD_GET(SEE_DESC_LENGTH, d.word[SEE_DESC_LENGTH_WORD]);
	d.buffer = (uint32_t)FIELD_GET(SEE_DESC_BUFFER, d.word[SEE_DESC_BUFFER_WORD]);
	return d;
}

void answer_words(struct bench *b, uint64_t word0, uint64_t word1)
{
	uint64_t at = CRING_AT + (b->cring_tail & ((1u << CRING_LOG2) - 1)) * (uint64_t)SEE_CENTRY_BYTES;
	store64(b->nic, at, word0);
	store64(b->nic, at + 8, word1);
	fw_write(b, SEE_CRING_TAIL, ++b->cring_tail);
}

void answer(struct bench *b, unsigned op, unsigned slot, bool push, unsigned status, uint32_t length, uint32_t dw0)
{
	answer_words(b,
		     FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, op) |
			     FIELD_PREP(SEE_CENTRY_PUSH, push) | FIELD_PREP(SEE_CENTRY_STATUS, status) |
			     FIELD_PREP(SEE_CENTRY_LENGTH, length),
		     dw0);
}
