/* Limits of functions (firmware/nvme/qos.c): what is kept, over time, of commands and of data, alone and together. */
#include "firmware/core/clock.h"
#include "firmware/nvme/controller.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/admin.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/load.h"

#define BLOCK 512u
#define DEPTH 8u
#define WINDOW_MS 200u

static void limit(uint32_t commands, uint32_t kib)
{
	EXPECT_EQ(run(0, (struct nvme_sqe){.opcode = NVME_ADMIN_LIMIT_FUNCTION, .dw10 = 1, .dw11 = commands, .dw12 = kib}), (uint32_t)NVME_SUCCESS);
}

static bool under_way[SEE_NUM_SLOTS];
static unsigned done, begun;
static uint64_t done_bytes;

static uint32_t bytes_of(const struct nvme_sqe *sqe)
{
	return ((sqe->dw12 & 0xffff) + 1) * BLOCK;
}

/* Keeps DEPTH reads under way, of @p sizes blocks in turn. */
static void step(const uint32_t *sizes, unsigned count)
{
	unsigned busy = 0;

	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		if (under_way[slot] && !fake_see.answers[slot].open) {
			EXPECT_EQ(fake_see_status(slot), NVME_SUCCESS);
			under_way[slot] = false;
			done++;
			done_bytes += bytes_of(&fake_see.answers[slot].sqe);
		}
		busy += under_way[slot];
	}
	for (; busy < DEPTH; busy++) {
		uint32_t blocks = sizes[begun++ % count];
		struct nvme_sqe sqe = {.opcode = NVME_IO_READ, .nsid = 1, .dw10 = begun * 8 % 4096, .dw12 = blocks - 1};

		under_way[fake_see_submit(1, 1, &sqe, blocks * BLOCK)] = true;
	}
}

static const uint32_t *present_sizes;
static unsigned present_count;

static bool never(void)
{
	step(present_sizes, present_count);
	return false;
}

static bool idle(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (fake_see.answers[slot].open)
			return false;
	return true;
}

/* How much is done in a second of WINDOW_MS that follow a while of the same. */
static void measure(const uint32_t *sizes, unsigned count, double *commands, double *kib)
{
	present_sizes = sizes;
	present_count = count;
	world_run_until(never, 20);
	done = 0;
	done_bytes = 0;
	world_run_until(never, WINDOW_MS);
	*commands = done * 1000.0 / WINDOW_MS;
	*kib = (double)done_bytes / 1024 * 1000.0 / WINDOW_MS;
}

static void end(void)
{
	limit(0, 0);
	ASSERT_TRUE(world_run_until(idle, 1000));
	memset(under_way, 0, sizeof(under_way));
}

static void expect_near(double measured, double wanted)
{
	EXPECT_GT(measured, 0.95 * wanted);
	EXPECT_LT(measured, 1.03 * wanted);
}

TEST(firmware_limit, commands_alone_and_changed_while_they_wait)
{
	static const uint32_t sizes[] = {1, 16};
	double commands, kib;

	load_begin(WORLD_PLAIN);
	limit(2000, 0);
	measure(sizes, 2, &commands, &kib);
	expect_near(commands, 2000);
	limit(500, 0);
	measure(sizes, 2, &commands, &kib);
	expect_near(commands, 500);
	limit(0, 4096);
	measure(sizes, 2, &commands, &kib);
	expect_near(kib, 4096);
	end();
}

/* Two limits are two: neither is made stricter by commands that the other one counts for more. */
TEST(firmware_limit, commands_and_data_together)
{
	static const uint32_t sizes[] = {1, 1, 1, 63}; /* 33 blocks in two commands */
	double commands, kib;

	load_begin(WORLD_PLAIN);
	limit(1000, 16384);
	measure(sizes, 4, &commands, &kib);
	expect_near(commands, 1000);
	limit(4000, 4096);
	measure(sizes, 4, &commands, &kib);
	expect_near(kib, 4096);
	end();
}

/* A command that waits pays for all its parts, not for the first one. */
TEST(firmware_limit, data_of_a_stripe)
{
	static const uint32_t sizes[] = {128};
	double commands, kib;

	load_begin(WORLD_STRIPE);
	limit(0, 16384);
	measure(sizes, 1, &commands, &kib);
	expect_near(kib, 16384);
	end();
}

/* The order is kept, and what leaves the line from its middle or its end leaves it whole. */
TEST(firmware_limit, the_line_is_kept_in_order)
{
	unsigned slots[6];

	load_begin(WORLD_PLAIN);
	limit(10, 0);
	for (unsigned i = 0; i < 6; i++) {
		struct nvme_sqe sqe = {.opcode = NVME_IO_READ, .cid = (uint16_t)(100 + i), .nsid = 1, .dw10 = i};

		slots[i] = fake_see_submit(1, 1, &sqe, BLOCK);
	}
	EXPECT_TRUE(io_abort(1, 1, 103));
	EXPECT_TRUE(io_abort(1, 1, 105));
	EXPECT_EQ(fake_see_status(slots[3]), NVME_ABORTED_BY_REQUEST);
	EXPECT_EQ(fake_see_status(slots[5]), NVME_ABORTED_BY_REQUEST);
	for (unsigned i = 0; i < 5; i += i == 2 ? 2 : 1) {
		world_run(i == 0 ? 20 : 100);
		EXPECT_EQ(fake_see.answers[slots[i]].count, 1u);
		EXPECT_EQ(fake_see.answers[slots[i == 2 ? 4 : i < 4 ? i + 1 : 0]].count, i < 4 ? 0u : 1u);
	}
	limit(0, 0);
	world_run(10);
}
