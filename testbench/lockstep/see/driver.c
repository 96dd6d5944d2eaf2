/* Setting functions up and taking them down. */
#include "testbench/lockstep/see/driver.h"

#include <string.h>


static uint64_t bar_of(uint32_t function)
{
	return function ? BENCH_BAR_BASE + 0x100000 + (function - 1) * (uint64_t)SEE_BAR_BYTES : BENCH_BAR_BASE;
}

static void write_register(struct driver *driver, uint32_t function, uint64_t offset, uint64_t value, uint32_t bytes)
{
	bench_bar_write(driver->bench, driver->functions[function].bar + offset, value, bytes);
}

void driver_configure(struct driver *driver, uint32_t function)
{
	uint32_t rid = driver->functions[function].rid;

	if (function == 0) {
		bench_config_write(driver->bench, rid, SEE_CFG_BAR0, (uint32_t)BENCH_BAR_BASE);
		bench_config_write(driver->bench, rid, SEE_CFG_BAR0 + 4, (uint32_t)(BENCH_BAR_BASE >> 32));
	}
	bench_config_write(driver->bench, rid, SEE_CFG_COMMAND, 6);
	bench_config_write(driver->bench, rid, SEE_CFG_MSIX, 1u << 31);
	for (uint32_t v = 0; v < SEE_NUM_VECTORS; v++) {
		write_register(driver, function, SEE_MSIX_TABLE + 16 * v, BENCH_MESSAGES + function * 0x1000 + v * 4, 8);
		write_register(driver, function, SEE_MSIX_TABLE + 16 * v + 8, function << 8 | v, 8);
	}
}

void driver_reconfigure(struct driver *driver, uint32_t function)
{
	struct bench *bench = driver->bench;

	driver_configure(driver, function);
	if (function)
		return;
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_NUMVFS, driver->function_count - 1);
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0, (uint32_t)(BENCH_BAR_BASE + 0x100000));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_BAR0 + 4, (uint32_t)(BENCH_BAR_BASE >> 32));
	bench_config_write(bench, SEE_PF_RID, SEE_CFG_SRIOV_CONTROL, 9);
	for (uint32_t f = 1; f < driver->function_count; f++)
		driver_configure(driver, f);
}

static uint32_t function_of(struct driver *driver, uint16_t requester)
{
	uint32_t function = requester == SEE_PF_RID ? 0 : requester - SEE_FIRST_VF_RID + 1u;

	if (function >= driver->function_count) {
		bench_fail(driver->bench, "a packet of requester %04x", requester);
		return 0;
	}
	return function;
}

/* Isolation: a function that was reset is silent. */
static void watch(void *context, uint16_t requester, uint64_t address, uint32_t bytes)
{
	struct driver *driver = context;
	uint32_t function = function_of(driver, requester);

	if (driver->functions[function].silent)
		bench_fail(driver->bench, "function %u was reset and still accesses %u bytes at %llx", function, bytes, (unsigned long long)address);
}

static void watch_interrupt(void *context, uint16_t requester, uint64_t address, uint32_t data)
{
	struct driver *driver = context;
	uint32_t function = function_of(driver, requester);

	watch(context, requester, address, 4);
	if (address != BENCH_MESSAGES + function * 0x1000 + (data & 0xff) * 4 || data >> 8 != function)
		bench_fail(driver->bench, "function %u: message %x to %llx", function, data, (unsigned long long)address);
	driver->interrupts++;
}

void driver_open(struct driver *driver, struct bench *bench, struct firmware *firmware, uint32_t functions)
{
	memset(driver, 0, sizeof *driver);
	driver->bench = bench;
	driver->firmware = firmware;
	driver->function_count = functions;
	bench->host.context = driver;
	bench->host.wrote = watch;
	bench->host.asked = watch;
	bench->host.interrupted = watch_interrupt;
	rng_seed(&driver->rng, bench->seed ^ 0xd41fe4);
	for (uint32_t f = 0; f < functions; f++) {
		driver->functions[f].rid = f ? SEE_FIRST_VF_RID + f - 1 : SEE_PF_RID;
		driver->functions[f].bar = bar_of(f);
	}
	driver_reconfigure(driver, 0);
}

static void wait_ready(struct driver *driver, uint32_t function, uint32_t wanted)
{
	uint64_t limit = driver->bench->cycle + BENCH_LIMIT_CYCLES;
	uint64_t csts;

	do {
		csts = bench_bar_read(driver->bench, driver->functions[function].bar + SEE_CSTS, 4);
		if (driver->bench->cycle > limit)
			bench_fail(driver->bench, "function %u: CSTS.RDY never becomes %u", function, wanted);
	} while (FIELD_GET(SEE_CSTS_RDY, csts) != wanted && !driver->bench->failed);
}

static void place_queue(struct driver *driver, uint32_t function, uint32_t queue, uint32_t entries)
{
	struct driver_queue *q = &driver->functions[function].queues[queue];

	memset(q, 0, sizeof *q);
	q->sq = BENCH_HOST_BASE + (function * DRIVER_QUEUES + queue) * 0x2000;
	q->cq = q->sq + 0x1000;
	q->entries = entries;
	q->phase = 1;
	q->live = true;
	memset(host_at(&driver->bench->host, q->sq, 0x2000), 0, 0x2000);
}

static void create_queues(struct driver *driver, uint32_t function)
{
	for (uint32_t q = 1; q < DRIVER_QUEUES; q++) {
		uint32_t cq = q == 3 ? 2 : q; /* queues 2 and 3 share a completion queue */
		uint32_t cdw10 = q | (DRIVER_ENTRIES - 1) << 16;

		place_queue(driver, function, q, DRIVER_ENTRIES);
		struct driver_queue *queue = &driver->functions[function].queues[q];
		if (cq == q && driver_admin(driver, function, 0x05, queue->cq, 0, cdw10, 3 | q << 16, NULL) != 0)
			bench_fail(driver->bench, "function %u: completion queue %u not created", function, q);
		if (driver_admin(driver, function, 0x01, queue->sq, 0, cdw10, 1 | cq << 16, NULL) != 0)
			bench_fail(driver->bench, "function %u: submission queue %u not created", function, q);
	}
}

void driver_enable(struct driver *driver, uint32_t function)
{
	struct driver_function *f = &driver->functions[function];

	place_queue(driver, function, 0, 16);
	f->silent = false;
	write_register(driver, function, SEE_AQA, 15 << 16 | 15, 4);
	write_register(driver, function, SEE_ASQ, f->queues[0].sq, 8);
	write_register(driver, function, SEE_ACQ, f->queues[0].cq, 8);
	write_register(driver, function, SEE_CC, 0x00460001, 4);
	wait_ready(driver, function, 1);
	f->enabled = true;
	f->progress_cycle = driver->bench->cycle;
	create_queues(driver, function);
}

static void forget(struct driver *driver, uint32_t function)
{
	struct driver_function *f = &driver->functions[function];

	f->enabled = false;
	f->silent = true;
	for (uint32_t q = 0; q < DRIVER_QUEUES; q++) {
		for (uint32_t c = 0; c < DRIVER_COMMANDS; c++)
			if (f->queues[q].commands[c].used && f->queues[q].commands[c].buffer >= 0)
				driver->buffer_used[f->queues[q].commands[c].buffer] = false;
		f->queues[q].live = false;
		f->queues[q].outstanding = 0;
		memset(f->queues[q].commands, 0, sizeof f->queues[q].commands);
	}
}

void driver_disable(struct driver *driver, uint32_t function)
{
	write_register(driver, function, SEE_CC, 0x00460000, 4);
	wait_ready(driver, function, 0);
	forget(driver, function);
}

void driver_flr(struct driver *driver, uint32_t function)
{
	uint32_t first = function, last = function ? function : driver->function_count - 1;
	uint32_t lives[SEE_NUM_FUNCTIONS];
	uint64_t limit = driver->bench->cycle + BENCH_LIMIT_CYCLES;

	for (uint32_t f = first; f <= last; f++)
		lives[f] = driver->firmware->functions[f].life;
	bench_config_write(driver->bench, driver->functions[function].rid, SEE_CFG_DEVCTL, 0x8000);
	for (uint32_t f = first; f <= last; f++) {
		while (driver->firmware->functions[f].life == lives[f] && !driver->bench->failed) {
			bench_step(driver->bench);
			if (driver->bench->cycle > limit)
				bench_fail(driver->bench, "function %u: the reset never ends", f);
		}
		forget(driver, f);
	}
}

uint32_t driver_outstanding(const struct driver *driver)
{
	uint32_t count = 0;

	for (uint32_t f = 0; f < driver->function_count; f++)
		for (uint32_t q = 0; q < DRIVER_QUEUES; q++)
			count += driver->functions[f].queues[q].outstanding;
	return count;
}
