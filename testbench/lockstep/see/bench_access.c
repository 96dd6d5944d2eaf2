/* Register accesses of the firmware and the host's blocking accesses. */
#include "testbench/lockstep/see/bench.h"

#include <string.h>

void bench_access(struct bench *bench, const struct bench_access *access)
{
	if (bench->queued - bench->answered == BENCH_ACCESSES) {
		bench_fail(bench, "too many register accesses under way");
		return;
	}
	bench->accesses[bench->queued++ % BENCH_ACCESSES] = *access;
}

struct single {
	bool done;
	uint64_t value;
};

static void single_done(void *context, uint64_t argument, uint64_t value)
{
	struct single *single = context;

	(void)argument;
	single->done = true;
	single->value = value;
}

static uint64_t access_and_wait(struct bench *bench, bool write, uint32_t address, uint64_t data)
{
	struct single single = { 0 };
	uint64_t limit = bench->cycle + BENCH_LIMIT_CYCLES;

	bench_access(bench, &(struct bench_access){ .write = write, .address = (uint16_t)address, .data = data, .done = single_done,
		.context = &single });
	while (!single.done && !bench->failed) {
		if (bench->cycle > limit)
			bench_fail(bench, "register access to %x never answered", address);
		bench_step(bench);
	}
	return single.value;
}

uint64_t bench_reg_read(struct bench *bench, uint32_t address)
{
	return access_and_wait(bench, false, address, 0);
}

void bench_reg_write(struct bench *bench, uint32_t address, uint64_t value)
{
	if (access_and_wait(bench, true, address, value) != 0)
		bench_fail(bench, "a register write was answered with data");
}

enum tlp_status bench_wait(struct bench *bench, int tag, uint32_t *value)
{
	struct host_answer *answer = &bench->host.answers[tag];
	uint64_t limit = bench->cycle + BENCH_LIMIT_CYCLES;

	while (!answer->arrived && !bench->failed) {
		if (bench->cycle > limit)
			bench_fail(bench, "the host's request with tag %d never completed", tag);
		bench_step(bench);
	}
	answer->waiting = false;
	if (value)
		memcpy(value, answer->value, sizeof answer->value);
	return answer->status;
}

static int until_sent(struct bench *bench, int tag)
{
	if (tag < 0)
		bench_step(bench);
	return tag;
}

uint64_t bench_bar_read(struct bench *bench, uint64_t address, uint32_t bytes)
{
	uint32_t value[2] = { 0 };
	int tag;

	do
		tag = until_sent(bench, host_read(&bench->host, address, bytes));
	while (tag < 0 && !bench->failed);
	if (tag >= 0)
		bench_wait(bench, tag, value);
	return bytes == 8 ? (uint64_t)value[1] << 32 | value[0] : value[0];
}

void bench_bar_write(struct bench *bench, uint64_t address, uint64_t value, uint32_t bytes)
{
	while (!host_write(&bench->host, address, &value, bytes) && !bench->failed)
		bench_step(bench);
}

uint32_t bench_config_read(struct bench *bench, uint32_t bdf, uint32_t offset)
{
	uint32_t value[2] = { 0 };
	int tag;

	do
		tag = until_sent(bench, host_config(&bench->host, bdf, offset, NULL, 0xf));
	while (tag < 0 && !bench->failed);
	if (tag >= 0)
		bench_wait(bench, tag, value);
	return value[0];
}

void bench_config_write(struct bench *bench, uint32_t bdf, uint32_t offset, uint32_t value)
{
	int tag;

	do
		tag = until_sent(bench, host_config(&bench->host, bdf, offset, &value, 0xf));
	while (tag < 0 && !bench->failed);
	if (tag >= 0)
		bench_wait(bench, tag, NULL);
}
