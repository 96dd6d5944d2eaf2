/* Limits and switches: each of them must stop what it stops, and nothing else. */
#include "testbench/unit/see/driver.h"

enum { DATA_AT = 0x300000, LIST_AT = 0x310000 };

static struct bench *one_function(struct driver *d)
{
	struct bench *b = bench_new();
	board_up(b, 1);
	driver_up(d, b, 1, 2);
	attach(b, 1, 1000);
	return b;
}

static void finish(struct driver *d, unsigned q)
{
	struct descriptor e = next_descriptor(d->b);
	answer(d->b, SEE_CE_COMPLETE, e.slot, (e.word[0] & 0xff) == 2, 0, e.length, 0);
	EXPECT_EQ(reap(d, q).status, 0u);
}

/* The list ends exactly at its page's end: its last entry is data, not a pointer. */
TEST(see_limits, a_list_that_fills_its_page_has_no_chain)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	for (unsigned entries = 2; entries <= 31; entries++) {
		uint64_t list = LIST_AT + 4096 - 8 * entries;
		for (unsigned i = 0; i < entries; i++)
			store64(b->host, list + 8 * i, DATA_AT + 0x20000 + i * 4096u);
		fill(b, b->host + DATA_AT + 0x20000, entries * 4096);
		make_io(sqe, 1, 0, (entries + 1) * 8, DATA_AT, list);
		submit(&d, 1, sqe);
		struct descriptor e = next_descriptor(b);
		EXPECT_EQ(memcmp(b->nic + e.buffer + 4096, b->host + DATA_AT + 0x20000, entries * 4096), 0);
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
		EXPECT_EQ(reap(&d, 1).status, 0u);
	}
	bench_free(b);
}

/* Answers of timed-out or poisoned requests arrive while their tags serve other requests. */
static void stale_answers(enum bench_fault fault, unsigned latency)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	unsigned wrong = 0;
	fw_write(b, SEE_CPL_TIMEOUT, 2);
	fill(b, b->host + DATA_AT, 8192);
	memset(b->host + DATA_AT + 0x8000, 0xee, 4096);
	for (unsigned round = 0; round < 8; round++) {
		unsigned fetched = b->events[SEE_EVENT_FETCHED];
		b->latency = 50;
		make_io(sqe, 1, 0, 8, DATA_AT + 0x8000, 0);
		submit(&d, 1, sqe);
		while (b->events[SEE_EVENT_FETCHED] == fetched)
			bench_step(b);
		b->latency = latency;
		b->fault = fault;
		b->fault_start = DATA_AT + 0x8000;
		b->fault_end = DATA_AT + 0x9000;
		complete_failed(&d, 4);
		EXPECT_EQ(reap(&d, 1).status, 4u);
		b->latency = 50;
		make_io(sqe, 1, 0, 16, DATA_AT, DATA_AT + 4096);
		for (unsigned i = 0; i < 4; i++) {
			submit(&d, 2, sqe);
			struct descriptor e = next_descriptor(b);
			EXPECT_EQ(e.type, SEE_DESC_COMMAND);
			for (unsigned n = 0; n < 8192; n++)
				wrong += b->nic[e.buffer + n] != b->host[DATA_AT + n];
			answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
			EXPECT_EQ(reap(&d, 2).status, 0u);
		}
	}
	EXPECT_EQ(wrong, 0u);
	EXPECT_GT(fw_read(b, SEE_DROPPED), 0u);
	bench_free(b);
}

TEST(see_limits, stale_answers_do_not_reach_reused_tags)
{
	stale_answers(FAULT_NONE, 9000);
	stale_answers(FAULT_POISON, 50);
}

TEST(see_limits, completions_for_another_requester_are_dropped)
{
	struct driver d;
	struct bench *b = one_function(&d);
	struct tlp t;
	uint64_t sqe[8] = {6};
	b->latency = 2000;
	submit(&d, 0, sqe);
	bench_run(b, 200);
	for (unsigned tag = 0; tag < 8; tag++) {
		tlp_make_completion(&t, 0, SEE_PF_RID, tag, TLP_SC, 64, 0, 16);
		memset(tlp_payload(&t), 0xff, 64);
		bench_send(b, &t);
	}
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.word[0] & 0xff, 6u);
	EXPECT_EQ(fw_read(b, SEE_DROPPED), 8u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
	bench_free(b);
}

TEST(see_limits, a_queue_without_interrupts_sends_none)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 1), SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_VECTOR, 1) |
								  FIELD_PREP(SEE_CQ_CONTROL_SIZE, DRIVER_SIZE));
	make_io(sqe, 0, 0, 1, 0, 0);
	submit(&d, 1, sqe);
	finish(&d, 1);
	bench_settle(b);
	EXPECT_EQ(b->message_count, 0u);
	EXPECT_EQ(host_read64(b, d.bar + SEE_MSIX_PBA), 0u);
	bench_free(b);
}

TEST(see_limits, one_admin_command_is_fetched_beyond_the_slot_limit)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8], identify[8] = {6};
	fw_write(b, SEE_SLOT_LIMIT, 5);
	make_io(sqe, 0, 0, 1, 0, 0);
	for (unsigned i = 0; i < 12; i++)
		submit(&d, 1 + i % 2, sqe);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 5u);
	submit(&d, 0, identify);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 6u);
	EXPECT_EQ(__builtin_popcountll(fw_read(b, SEE_SLOTS_FREE)), 58);
	for (unsigned i = 0; i < 13; i++) {
		struct descriptor e = next_descriptor(b);
		answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	}
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	bench_free(b);
}

TEST(see_limits, fatal_status_and_bus_mastering_stop_fetching)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8] = {6};
	host_config_write(b, bdf_of(1), SEE_CFG_COMMAND, 0);
	submit(&d, 0, sqe);
	bench_settle(b);
	EXPECT_EQ(b->dma_of[1], 0u);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_CSTS, 1)), 1u);
	fw_write(b, function_register(SEE_FN_CSTS, 1), 3);
	host_config_write(b, bdf_of(1), SEE_CFG_COMMAND, 4);
	bench_settle(b);
	EXPECT_EQ(b->dma_of[1], 0u);
	fw_write(b, function_register(SEE_FN_CSTS, 1), 1);
	finish(&d, 0);
	bench_free(b);
}

TEST(see_limits, a_reset_forgets_what_was_to_be_reported)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	make_io(sqe, 0, 0, 1, 0, 0);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	fw_write(b, SEE_CTRL, SEE_CTRL_IRQ_ENABLE_MASK); /* the ring stands still */
	host_write32(b, d.bar + SEE_CC, 0x00464001);
	host_write32(b, d.bar + SEE_CC, 0);
	bench_settle(b);
	fw_write(b, SEE_CTRL, SEE_CTRL_IRQ_ENABLE_MASK | SEE_CTRL_ENABLE_MASK);
	EXPECT_EQ(next_descriptor(b).type, SEE_DESC_DISABLE);
	bench_settle(b);
	EXPECT_FALSE(b->out.irq);
	EXPECT_EQ(FIELD_GET(SEE_SQ_STATE_INFLIGHT, fw_read(b, queue_register(SEE_SQ_STATE, 1, 1))), 0u);
	EXPECT_NE(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 0u);
	bench_free(b);
}

TEST(see_limits, vector_control_keeps_its_half)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t entry = d.bar + SEE_MSIX_TABLE + 16 * 2 + 8;
	host_write32(b, entry + 4, 1);
	host_write32(b, entry, 0xabcdef01);
	EXPECT_EQ(host_read64(b, entry), 1ull << 32 | 0xabcdef01);
	host_write64(b, entry, 0x12345678);
	EXPECT_EQ(host_read64(b, entry), 0x12345678u);
	bench_free(b);
}

TEST(see_limits, a_full_ring_waits_for_the_firmware)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	fw_write(b, SEE_RING_LOG2, 2);
	make_io(sqe, 0, 0, 1, 0, 0);
	for (unsigned i = 0; i < 9; i++)
		submit(&d, 1, sqe);
	bench_settle(b);
	EXPECT_EQ((uint16_t)(fw_read(b, SEE_RING_PROD) - b->ring_cons), 4u);
	for (unsigned i = 0; i < 4; i++)
		EXPECT_EQ(load64(b->nic, RING_AT + i * SEE_DESC_BYTES + 64) & 0xff, SEE_DESC_COMMAND);
	fw_write(b, SEE_RING_CONS, ++b->ring_cons);
	bench_settle(b);
	EXPECT_EQ((uint16_t)(fw_read(b, SEE_RING_PROD) - b->ring_cons), 4u);
	bench_free(b);
}

/* Refused doorbells and commands take turns in the ring. */
TEST(see_limits, doorbell_reports_and_commands_alternate)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	fw_write(b, SEE_CTRL, SEE_CTRL_ENABLE_MASK | SEE_CTRL_IRQ_ENABLE_MASK);
	fw_write(b, SEE_RING_LOG2, 0); /* one entry: everything queues up */
	make_io(sqe, 0, 0, 1, 0, 0);
	for (unsigned i = 0; i < 4; i++) {
		submit(&d, 1, sqe);
		host_write32(b, d.bar + SEE_DOORBELL_BASE + 8 * 7, i);
	}
	bench_settle(b);
	unsigned types[8];
	for (unsigned i = 0; i < 8; i++) {
		bench_settle(b);
		types[i] = load64(b->nic, RING_AT + 64) & 0xff;
		fw_write(b, SEE_RING_CONS, ++b->ring_cons);
	}
	for (unsigned i = 2; i < 7; i++)
		EXPECT_NE(types[i], types[i + 1]);
	bench_free(b);
}

/* Parts of poisoned answers come while other requests of the same function use the tags. */
TEST(see_limits, rests_of_poisoned_answers_are_dropped)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8], good = DATA_AT + 0x20000;
	unsigned wrong = 0;
	b->fault = FAULT_POISON;
	b->fault_start = DATA_AT;
	b->fault_end = DATA_AT + 0x10000;
	for (unsigned i = 0; i < 16; i++) {
		store64(b->host, LIST_AT + 8 * i, DATA_AT + 4096u * (i + 1));
		store64(b->host, LIST_AT + 0x800 + 8 * i, good + 4096u * (i + 1));
	}
	fill(b, b->host + good, 65536);
	for (unsigned round = 0; round < 8; round++) {
		make_io(sqe, 1, 0, 64, DATA_AT, LIST_AT);
		submit(&d, 1, sqe);
		make_io(sqe, 1, 0, 128, good, LIST_AT + 0x800);
		submit(&d, 2, sqe);
		for (unsigned i = 0; i < 2; i++) {
			struct descriptor e = next_descriptor(b);
			EXPECT_EQ(e.type, e.qid == 2 ? SEE_DESC_COMMAND : SEE_DESC_PULLED);
			for (unsigned n = 0; e.qid == 2 && n < 65536; n++)
				wrong += b->nic[e.buffer + n] != b->host[good + n];
			answer(b, SEE_CE_COMPLETE, e.slot, false, e.status, 0, 0);
		}
		EXPECT_EQ(reap(&d, 2).status, 0u);
		EXPECT_EQ(reap(&d, 1).status, 4u);
	}
	EXPECT_EQ(wrong, 0u);
	EXPECT_GT(fw_read(b, SEE_DROPPED), 0u);
	bench_free(b);
}

/* A function that is held fetches nothing; what was fetched goes on; released, it goes on where it stood. */
TEST(see_limits, a_held_function_fetches_nothing)
{
	struct driver d, other;
	struct bench *b = bench_new();
	uint64_t sqe[8];
	board_up(b, 2);
	driver_up(&d, b, 1, 1);
	driver_up(&other, b, 2, 1);
	attach(b, 1, 1000);
	attach(b, 2, 1000);
	make_io(sqe, 1, 0, 8, DATA_AT, 0);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	fw_write(b, SEE_HOLD, 1u << 1);
	EXPECT_EQ(fw_read(b, SEE_HOLD), 1u << 1);
	unsigned fetched = b->events[SEE_EVENT_FETCHED];
	submit(&d, 1, sqe);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
	for (unsigned i = 0; i < 2000; i++)
		bench_step(b);
	EXPECT_EQ(b->events[SEE_EVENT_FETCHED], fetched);
	EXPECT_EQ(fw_read(b, function_register(SEE_FN_INFLIGHT, 1)), 0u);
	submit(&other, 1, sqe);
	e = next_descriptor(b);
	EXPECT_EQ(e.fn, 2u);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&other, 1).status, 0u);
	fw_write(b, SEE_HOLD, 0);
	finish(&d, 1);
	bench_free(b);
}

/* A queue is created elsewhere with the positions that it had, and its driver notices nothing. */
TEST(see_limits, a_queue_goes_on_with_the_positions_it_is_given)
{
	struct driver d;
	struct bench *b = one_function(&d);
	uint64_t sqe[8];
	make_io(sqe, 1, 0, 8, DATA_AT, 0);
	for (unsigned i = 0; i < DRIVER_SIZE + 5; i++) {
		submit(&d, 1, sqe);
		finish(&d, 1);
	}
	fw_write(b, SEE_HOLD, 1u << 1);
	uint64_t sq = fw_read(b, queue_register(SEE_SQ_CONTROL, 1, 1)), cq = fw_read(b, queue_register(SEE_CQ_CONTROL, 1, 1));
	uint64_t sq_state = fw_read(b, queue_register(SEE_SQ_STATE, 1, 1)), cq_state = fw_read(b, queue_register(SEE_CQ_STATE, 1, 1));
	EXPECT_EQ(sq_state, 5u | 5u << 16);
	EXPECT_EQ(cq_state, 5u | 5u << 16);
	fw_write(b, queue_register(SEE_SQ_STATE, 1, 1), DRIVER_SIZE);
	fw_write(b, queue_register(SEE_CQ_STATE, 1, 1), DRIVER_SIZE << 16);
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_STATE, 1, 1)), sq_state);
	EXPECT_EQ(fw_read(b, queue_register(SEE_CQ_STATE, 1, 1)), cq_state);
	fw_write(b, queue_register(SEE_SQ_CONTROL, 1, 1), 0);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 1), 0);
	fw_write(b, queue_register(SEE_SQ_STATE, 1, 1), 3);
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_STATE, 1, 1)), sq_state);
	fw_write(b, queue_register(SEE_CQ_CONTROL, 1, 1), cq);
	fw_write(b, queue_register(SEE_SQ_CONTROL, 1, 1), sq);
	EXPECT_EQ(fw_read(b, queue_register(SEE_SQ_STATE, 1, 1)), 0u);
	fw_write(b, queue_register(SEE_CQ_STATE, 1, 1), cq_state);
	fw_write(b, queue_register(SEE_SQ_STATE, 1, 1), sq_state + (1u << 16)); /* one command waits */
	fw_write(b, SEE_HOLD, 0);
	struct descriptor e = next_descriptor(b);
	answer(b, SEE_CE_COMPLETE, e.slot, false, 0, 0, 0);
	d.queue[1].tail++;
	EXPECT_EQ(reap(&d, 1).sq_head, 6u);
	submit(&d, 1, sqe);
	finish(&d, 1);
	bench_free(b);
}
