#include "testbench/lockstep/see/bench_internal.h"

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/gtest/test.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

extern const struct rtl_ops see_rtl_debug_ops;
extern const struct pin_table see_pins;

static const struct rtl_ops *const rtl_ops = &see_rtl_debug_ops;

void bench_fail(struct bench *bench, const char *format, ...)
{
	char text[256];
	va_list arguments;

	if (bench->failed)
		return;
	bench->failed = true;
	va_start(arguments, format);
	vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	test_fail(__FILE__, __LINE__, "cycle %llu: %s\n  repro: ASSAY_SEED=%llu build/test/see_lockstep",
		(unsigned long long)bench->cycle, text, (unsigned long long)test_seed());
}

static void compare(struct bench *bench, const struct see_out *model, const struct see_out *rtl)
{
	char model_text[64], rtl_text[64];

	if (memcmp(model, rtl, sizeof *model) == 0)
		return;
	const struct pin *pin = pins_first_difference(&see_pins, model, rtl);
	if (!pin) {
		bench_fail(bench, "padding of the output image differs");
		return;
	}
	pin_format(pin, model, model_text, sizeof model_text);
	pin_format(pin, rtl, rtl_text, sizeof rtl_text);
	bench_fail(bench, "lockstep: block see, port %s, cycle %llu: model %s, rtl %s", pin->name,
		(unsigned long long)bench->cycle, model_text, rtl_text);
}

void bench_open(struct bench *bench, uint64_t seed)
{
	struct see_out rtl_out;

	memset(bench, 0, sizeof *bench);
	bench->seed = seed;
	rng_seed(&bench->rng, seed);
	host_open(&bench->host, BENCH_HOST_BASE, BENCH_HOST_BYTES, rng_next(&bench->rng));
	bench->host.message_window = BENCH_MESSAGES;
	nicmem_open(&bench->nic, BENCH_NIC_BASE, BENCH_NIC_BYTES, rng_next(&bench->rng));
	see_reset(&bench->model);
	bench->rtl = rtl_ops->create("lockstep.see.rtl");
	rtl_ops->reset(bench->rtl, &rtl_out);
	/* The reset itself is compared with the first edge: until then no output has been read. */
	bench->out = rtl_out;
}

void bench_close(struct bench *bench)
{
	rtl_ops->destroy(bench->rtl);
	host_close(&bench->host);
	nicmem_close(&bench->nic);
}

void bench_step(struct bench *bench)
{
	struct see_out before = bench->out, rtl_out;
	struct see_in in_before = bench->in;

	if (bench->failed)
		return;
	if (bench->actor)
		bench->actor(bench->context);
	bench_drive(bench);
	see_step(&bench->model, &bench->in, &bench->out);
	rtl_ops->step(bench->rtl, &bench->in, &rtl_out);
	compare(bench, &bench->out, &rtl_out);
	if (before.idle && see_in_quiet(&bench->in, &in_before) && memcmp(&before, &bench->out, sizeof before) != 0)
		bench_fail(bench, "an output moved although the block was idle and its inputs quiet");
	bench_transfer(bench, &bench->in, &before);
	bench->cycle++;
}

void bench_run(struct bench *bench, uint64_t cycles)
{
	for (uint64_t n = 0; n < cycles && !bench->failed; n++)
		bench_step(bench);
}
