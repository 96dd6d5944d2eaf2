/* Everything at once, seeded: three functions with four queues each, commands of all kinds, a firmware that answers in any
 * order, resets and FLRs in the middle. Each command that is not reset away completes once, with its status and its data. */
#include "testbench/unit/see/device.h"
#include "testbench/unit/see/driver.h"

enum { FNS = 3, QUEUES = 4, DEPTH = 8, BLOCKS = 4096, CYCLES = 200000 };
enum { AREA_AT = 0x340000, AREA_BYTES = 10 * 4096, MOST_BLOCKS = 64 };
enum life { UP, GOING_DOWN, DOWN, COMING_UP };

/* A command of the driver. Its memory: a list page, then data pages. */
struct command {
	bool open;
	uint16_t cid;
	unsigned opcode, bytes, offset, status;
	uint8_t mark;
	uint64_t area;
};

/* A command in the hands of the firmware. */
struct held {
	bool used, stale;
	struct descriptor d;
};

struct soak {
	struct bench *b;
	struct driver d[FNS];
	enum life life[FNS];
	bool by_flr[FNS];
	unsigned quiet_dma[FNS];
	struct command command[FNS][QUEUES][DEPTH];
	struct held held[SEE_NUM_SLOTS];
	unsigned completed, resets;
	uint8_t next_mark;
};

static unsigned below(struct soak *k, unsigned n)
{
	return (unsigned)(bench_random(k->b) % n);
}

static unsigned fn_number(unsigned f)
{
	return f + 1;
}

/* The pattern of a command's data: position and mark, so that neither misplaced nor foreign bytes pass. */
static uint8_t pattern(uint8_t mark, unsigned i)
{
	return (uint8_t)(mark + i * 7 + (i >> 9));
}

static uint64_t data_at(const struct command *c, unsigned i)
{
	return c->area + 4096 + c->offset + i;
}

static void lay_out(struct soak *k, struct command *c, uint64_t sqe[8])
{
	unsigned pages = (c->offset + c->bytes + 4095) / 4096;
	uint64_t list = c->area + 8 * below(k, 400);
	sqe[3] = data_at(c, 0);
	sqe[4] = pages == 2 ? c->area + 8192 : list;
	for (unsigned p = 1; p < pages; p++)
		store64(k->b->host, list + 8 * (p - 1), c->area + 4096 * (p + 1));
}

static void submit_one(struct soak *k, unsigned f, unsigned q, struct command *c, unsigned index)
{
	static const unsigned opcodes[] = {0, 1, 1, 1, 2, 2, 2, 2, 5, 8, 9, 0x99};
	uint64_t sqe[8];
	unsigned blocks = 1 + below(k, below(k, 4) ? 16 : MOST_BLOCKS - 8);
	c->opcode = opcodes[below(k, sizeof(opcodes) / sizeof(*opcodes))];
	c->area = AREA_AT + ((f * QUEUES + q) * DEPTH + index) * (uint64_t)AREA_BYTES;
	c->offset = below(k, 2) ? 0 : 4 * below(k, 1024);
	c->bytes = c->opcode == 9 ? 16 * (1 + below(k, 256)) : blocks * 512;
	c->mark = k->next_mark++;
	c->status = 0;
	make_io(sqe, c->opcode, below(k, BLOCKS - MOST_BLOCKS), blocks, 0, 0);
	if (c->opcode == 9)
		sqe[5] = c->bytes / 16 - 1;
	lay_out(k, c, sqe);
	if (below(k, 16) == 0 && c->opcode != 0x99 && c->opcode != 0 && c->opcode != 9) {
		sqe[5] = BLOCKS;
		c->status = 0x4080;
	}
	for (unsigned i = 0; i < c->bytes; i++)
		k->b->host[data_at(c, i)] = c->opcode == 2 ? 0 : pattern(c->mark, i);
	sqe[7] = c->mark;
	c->cid = submit(&k->d[f], q + 1, sqe);
	c->open = true;
}

static void maybe_submit(struct soak *k)
{
	unsigned f = below(k, FNS), q = below(k, QUEUES);
	if (k->life[f] != UP)
		return;
	for (unsigned i = 0; i < DEPTH; i++)
		if (!k->command[f][q][i].open) {
			submit_one(k, f, q, &k->command[f][q][i], i);
			return;
		}
}

static void check_completion(struct soak *k, unsigned f, unsigned q, const struct cqe *e)
{
	for (unsigned i = 0; i < DEPTH; i++) {
		struct command *c = &k->command[f][q][i];
		if (!c->open || c->cid != e->cid)
			continue;
		unsigned wrong = 0;
		for (unsigned n = 0; c->opcode == 2 && e->status == 0 && n < c->bytes; n++)
			wrong += k->b->host[data_at(c, n)] != pattern(c->mark, n);
		EXPECT_EQ(wrong, 0u);
		EXPECT_EQ(e->status, c->status);
		EXPECT_EQ(e->dw0, c->status ? 0u : c->mark + 0x100u);
		c->open = false;
		k->completed++;
		return;
	}
	test_fail(__FILE__, __LINE__, "function %u queue %u: cid %x completed unasked", f + 1, q + 1, e->cid);
}

static void reap_all(struct soak *k)
{
	for (unsigned f = 0; f < FNS; f++)
		for (unsigned q = 0; q < QUEUES; q++)
			while (k->life[f] == UP && has_completion(&k->d[f], q + 1)) {
				struct cqe e = reap(&k->d[f], q + 1);
				check_completion(k, f, q, &e);
			}
}

static void take_command(struct soak *k, const struct descriptor *d)
{
	struct held *h = &k->held[d->slot];
	unsigned opcode = (unsigned)(d->word[0] & 0xff), wrong = 0;
	EXPECT_FALSE(h->used);
	*h = (struct held){.used = true, .d = *d};
	if (opcode == 1 || opcode == 5 || opcode == 9)
		for (unsigned i = 0; i < d->length; i++)
			wrong += k->b->nic[d->buffer + i] != pattern((uint8_t)d->word[7], i);
	EXPECT_EQ(wrong, 0u);
}

static void function_gone(struct soak *k, unsigned fn)
{
	unsigned f = fn - 1;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (k->held[slot].used && k->held[slot].d.fn == fn)
			k->held[slot].stale = true;
	k->quiet_dma[f] = k->b->dma_of[fn];
	k->life[f] = DOWN;
	k->resets++;
}

static void take_descriptor(struct soak *k)
{
	struct descriptor d = next_descriptor(k->b);
	EXPECT_GE(d.fn, 1u);
	switch (d.type) {
	case SEE_DESC_COMMAND:
		take_command(k, &d);
		break;
	case SEE_DESC_PULLED:
		EXPECT_NE(d.status, 0u);
		k->held[d.slot] = (struct held){.used = true, .d = d};
		break;
	case SEE_DESC_DISABLE:
	case SEE_DESC_FLR:
		EXPECT_EQ(d.type, k->by_flr[d.fn - 1] ? SEE_DESC_FLR : SEE_DESC_DISABLE);
		function_gone(k, d.fn);
		break;
	default:
		test_fail(__FILE__, __LINE__, "descriptor of type %u", d.type);
	}
}

static void answer_one(struct soak *k)
{
	unsigned first = below(k, SEE_NUM_SLOTS);
	for (unsigned i = 0; i < SEE_NUM_SLOTS; i++) {
		unsigned slot = (first + i) % SEE_NUM_SLOTS;
		struct held *h = &k->held[slot];
		if (!h->used)
			continue;
		uint8_t mark = (uint8_t)h->d.word[7];
		bool read = (h->d.word[0] & 0xff) == 2;
		for (unsigned n = 0; read && n < h->d.length; n++)
			k->b->nic[h->d.buffer + n] = pattern(mark, n);
		h->used = false;
		bool failed = h->d.type == SEE_DESC_PULLED;
		answer(k->b, h->stale && below(k, 2) ? SEE_CE_RELEASE : SEE_CE_COMPLETE, slot, read && !failed, h->d.status,
		       h->d.length, failed ? 0 : mark + 0x100u);
		return;
	}
}

static void take_down(struct soak *k, unsigned f)
{
	if (k->life[f] != UP)
		return;
	k->life[f] = GOING_DOWN;
	k->by_flr[f] = below(k, 2);
	memset(k->command[f], 0, sizeof(k->command[f]));
	if (k->by_flr[f])
		host_config_write(k->b, bdf_of(fn_number(f)), SEE_CFG_DEVCTL, 1u << 15);
	else
		host_write32(k->b, bar_of(fn_number(f)) + SEE_CC, 0);
}

/* A function that is down sends nothing; its held commands are answered before it comes up again. */
static void bring_up(struct soak *k, unsigned f)
{
	unsigned fn = fn_number(f);
	EXPECT_EQ(k->b->dma_of[fn], k->quiet_dma[f]);
	while (k->b->out.irq)
		take_descriptor(k);
	k->life[f] = COMING_UP;
	for (unsigned i = 0; i < FNS; i++)
		if (k->life[i] == GOING_DOWN)
			return; /* its event would come between; try again later */
	host_config_write(k->b, bdf_of(fn), SEE_CFG_COMMAND, 4);
	unsigned stall = k->b->stall;
	bench_settle(k->b);
	while (k->b->out.irq)
		take_descriptor(k);
	k->b->stall = 0;
	driver_up(&k->d[f], k->b, fn, QUEUES);
	k->b->stall = stall;
	k->life[f] = UP;
}

static void soak(struct soak *k)
{
	uint64_t end = k->b->cycle + CYCLES;
	while (k->b->cycle < end && !test_has_failed()) {
		bench_run(k->b, below(k, 40));
		if (below(k, 3) == 0)
			maybe_submit(k);
		if (k->b->out.irq && below(k, 2))
			take_descriptor(k);
		if (below(k, 3) == 0)
			answer_one(k);
		reap_all(k);
		unsigned f = below(k, FNS);
		if (below(k, 100) == 0)
			take_down(k, f);
		if ((k->life[f] == DOWN || k->life[f] == COMING_UP) && below(k, 20) == 0)
			bring_up(k, f);
	}
}

static void drain(struct soak *k)
{
	for (unsigned i = 0; i < 4000; i++) {
		bench_run(k->b, 20);
		if (k->b->out.irq)
			take_descriptor(k);
		answer_one(k);
		reap_all(k);
	}
	bench_settle(k->b);
	for (unsigned f = 0; f < FNS; f++)
		for (unsigned i = 0; i < QUEUES * DEPTH; i++)
			EXPECT_FALSE(k->command[f][i / DEPTH][i % DEPTH].open);
	EXPECT_EQ(fw_read(k->b, SEE_SLOTS_FREE), ~0ull);
	EXPECT_EQ(fw_read(k->b, SEE_BAD_COMPLETIONS), 0u);
	EXPECT_EQ(fw_read(k->b, SEE_ERRORS), 0u);
	EXPECT_EQ(fw_read(k->b, SEE_DROPPED), 0u);
}

TEST(see_soak, verified_io_through_resets)
{
	for (unsigned round = 0; round < (device_has_rtl ? 2 : 6) && !test_has_failed(); round++) {
		unsigned stall = round % 3 * 64;
		static struct soak k;
		k = (struct soak){.b = bench_new()};
		k.b->random += round * 0x9e3779b97f4a7c15ull;
		board_up(k.b, FNS);
		for (unsigned f = 0; f < FNS; f++) {
			driver_up(&k.d[f], k.b, fn_number(f), QUEUES);
			attach(k.b, fn_number(f), BLOCKS);
		}
		k.b->stall = stall;
		soak(&k);
		if (!test_has_failed())
			drain(&k);
		EXPECT_GT(k.completed, 100u);
		EXPECT_GT(k.resets, 2u);
		bench_free(k.b);
	}
}
