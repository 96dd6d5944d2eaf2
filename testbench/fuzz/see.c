/* libFuzzer target: a hostile host of the SEE (model): configuration and register writes, doorbells, queue entries, PRPs, packets of any form.
 *
 * The input is a list of acts, a byte and its operands each. A firmware that knows no doubt answers whatever it is told of. What counts: every
 * run ends; the SEE comes to rest; a function-level reset of every function gives all slots back; and then a well-behaved driver is served.
 */
#include "testbench/fuzz/harness.h"
#include "testbench/fuzz/input.h"
#include "testbench/unit/see/driver.h"

enum { VFS = 2, FUNCTIONS = VFS + 1, BLOCKS = 4096, MOST_ACTS = 60, ACT_CYCLES = 150 };

/* Answers every descriptor, sometimes with data, sometimes with a pull that nobody needs. */
static void firmware_turn(struct bench *b)
{
	for (unsigned n = 0; n < 64 && b->out.irq; n++) {
		struct descriptor d = next_descriptor(b);
		if (d.type == SEE_DESC_COMMAND && d.qid == 0 && d.word[5] % 3 == 1)
			answer(b, SEE_CE_PULL, d.slot, false, 0, (uint32_t)d.word[5], 0);
		else if (d.type == SEE_DESC_COMMAND || d.type == SEE_DESC_PULLED)
			answer(b, SEE_CE_COMPLETE, d.slot, d.word[5] & 1, d.status, (uint32_t)d.word[5], 0);
		bench_run(b, 20);
	}
}

static void raw_packet(struct bench *b, struct input *in)
{
	struct tlp t = {.beats = 2 + (uint32_t)take_bytes(in, 1) % 5};
	for (uint32_t i = 0; i < t.beats; i++)
		t.beat[i] = take_bytes(in, 8);
	bench_send(b, &t);
}

static void queue_entry(struct bench *b, struct input *in)
{
	unsigned fn = (unsigned)take_bytes(in, 1) % FUNCTIONS, q = (unsigned)take_bytes(in, 1) % 3, entry = (unsigned)take_bytes(in, 1) % DRIVER_SIZE;
	uint64_t at = DRIVER_QUEUE_BASE + (fn * SEE_NUM_QUEUES + q) * (uint64_t)DRIVER_QUEUE_STRIDE + entry * 64;
	for (unsigned i = 0; i < 8; i++)
		store64(b->host, at + 8 * i, take_bytes(in, i == 3 || i == 4 ? 3 : 8));
}

static void act(struct bench *b, struct input *in)
{
	unsigned kind = (unsigned)take_bytes(in, 1) % 8, fn = (unsigned)take_bytes(in, 1) % FUNCTIONS;
	switch (kind) {
	case 0:
		host_config_write(b, bdf_of((unsigned)take_bytes(in, 1) % 20), (unsigned)take_bytes(in, 2) & 0xffc, (uint32_t)take_bytes(in, 4));
		break;
	case 1:
		host_write32(b, bar_of(fn) + (take_bytes(in, 2) & 0x3ffc), (uint32_t)take_bytes(in, 4));
		break;
	case 2:
		host_write64(b, bar_of(fn) + (take_bytes(in, 2) & 0x3ff8), take_bytes(in, 8));
		break;
	case 3:
		host_write32(b, bar_of(fn) + SEE_DOORBELL_BASE + 4 * (take_bytes(in, 1) % 20), (uint32_t)take_bytes(in, 2));
		break;
	case 4:
		raw_packet(b, in);
		break;
	case 5:
		store64(b->host, 0x300000 + (take_bytes(in, 2) & 0xfff8), take_bytes(in, 4));
		break;
	default:
		queue_entry(b, in);
		host_write32(b, bar_of(fn) + SEE_DOORBELL_BASE + 8 * (take_bytes(in, 1) % 3), (uint32_t)take_bytes(in, 1) % DRIVER_SIZE);
	}
	bench_run(b, ACT_CYCLES);
	firmware_turn(b);
}

/* Whatever the host has done: resets end everything, and the next driver finds the device as new. */
static void recover(struct bench *b)
{
	host_config_write(b, SEE_PF_RID, SEE_CFG_COMMAND, 6);
	host_config_write(b, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 0);
	host_config_write(b, SEE_PF_RID, SEE_CFG_DEVCTL, 1 << 15);
	for (unsigned i = 0; i < 40; i++) {
		bench_settle(b);
		firmware_turn(b);
	}
	EXPECT_FALSE(b->out.irq);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
}

static void serve_one(struct bench *b)
{
	struct driver d;
	uint64_t sqe[8];
	board_up(b, VFS);
	attach(b, 1, BLOCKS);
	while (b->out.irq)
		next_descriptor(b);
	driver_up(&d, b, 1, 1);
	make_io(sqe, 2, 7, 8, 0x300000, 0);
	submit(&d, 1, sqe);
	struct descriptor e = next_descriptor(b);
	EXPECT_EQ(e.type, SEE_DESC_COMMAND);
	answer(b, SEE_CE_COMPLETE, e.slot, true, 0, 0, 0);
	EXPECT_EQ(reap(&d, 1).status, 0u);
}

/* Every function enabled with two I/O queues and a namespace. */
static struct bench *bring_up(void)
{
	struct driver d[FUNCTIONS];
	struct bench *b = bench_new();
	b->latency = 20;
	fw_write(b, SEE_CPL_TIMEOUT, 2);
	board_up(b, VFS);
	for (unsigned fn = 0; fn < FUNCTIONS; fn++) {
		driver_up(&d[fn], b, fn, 2);
		attach(b, fn, BLOCKS);
	}
	return b;
}

/* A copy of the bench as it was after bring-up, which takes longer than most inputs. */
static struct bench *bench_again(void)
{
	static struct bench *first;
	if (!first)
		first = bring_up();
	struct bench *b = malloc(sizeof(*b));
	*b = *first;
	b->host = malloc(BENCH_HOST_BYTES);
	b->nic = malloc(BENCH_NIC_BYTES);
	memcpy(b->host, first->host, BENCH_HOST_BYTES);
	memcpy(b->nic, first->nic, BENCH_NIC_BYTES);
	return b;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = {data, size};
	struct bench *b = bench_again();
	for (unsigned n = 0; n < MOST_ACTS && in.left; n++)
		act(b, &in);
	recover(b);
	serve_one(b);
	b->stray = b->collector.malformed = 0;
	bench_free(b);
	return 0;
}
