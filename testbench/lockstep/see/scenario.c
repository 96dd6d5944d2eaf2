#include "testbench/lockstep/see/scenario.h"

#include <stdlib.h>

enum {
	PATIENCE_CYCLES = 400000, /**< under load a completion waits for 100 transfers of others */
	FAULT_PATIENCE_CYCLES = 40000,
};

struct scenario *scenario_open(uint64_t seed, uint32_t functions)
{
	struct scenario *s = calloc(1, sizeof *s);

	bench_open(&s->bench, seed);
	rng_seed(&s->rng, seed ^ 0x5ce4a210);
	s->bench.host.behaviour.latency_cycles = 60;
	s->bench.host.behaviour.jitter_cycles = 200;
	s->bench.host.behaviour.split_percent = 30;
	s->firmware.bench = &s->bench;
	firmware_open(&s->firmware, &s->bench, functions, 1 + rng_below(&s->rng, 6));
	s->firmware.behaviour.delay_cycles = 400;
	driver_open(&s->driver, &s->bench, &s->firmware, functions);
	s->driver.big_percent = 10;
	for (uint32_t f = 0; f < functions; f++)
		driver_enable(&s->driver, f);
	return s;
}

void scenario_close(struct scenario *s)
{
	firmware_close(&s->firmware);
	bench_close(&s->bench);
	free(s);
}

void scenario_stall(struct scenario *s)
{
	struct bench *bench = &s->bench;

	bench->host.behaviour.gap_percent = rng_below(&s->rng, 60);
	bench->host.behaviour.stall_percent = rng_below(&s->rng, 70);
	bench->host.behaviour.jitter_cycles = rng_below(&s->rng, 800);
	bench->nic.behaviour.latency_cycles = 1 + rng_below(&s->rng, 20);
	bench->nic.behaviour.jitter_cycles = rng_below(&s->rng, 30);
	bench->nic.behaviour.write_stall_percent = rng_below(&s->rng, 70);
	bench->nic.behaviour.read_stall_percent = rng_below(&s->rng, 70);
	bench->nic.behaviour.gap_percent = rng_below(&s->rng, 70);
	bench->reg_gap_percent = rng_below(&s->rng, 70);
	bench->reg_stall_percent = rng_below(&s->rng, 70);
}

/* Faults pause while a controller comes up: drivers do not expect admin commands to fail. */
static void bring_up(struct scenario *s, uint32_t function)
{
	struct host_behaviour kept = s->bench.host.behaviour;
	uint32_t last = function;

	s->bench.host.behaviour.poison_permille = 0;
	s->bench.host.behaviour.refuse_permille = 0;
	s->bench.host.behaviour.forget_permille = 0;
	if (rng_percent(&s->rng, 50)) {
		driver_disable(&s->driver, function);
	} else {
		driver_flr(&s->driver, function);
		last = function ? function : s->driver.function_count - 1;
		driver_reconfigure(&s->driver, function);
	}
	for (uint32_t f = function; f <= last; f++)
		driver_enable(&s->driver, f);
	s->bench.host.behaviour = kept;
	s->resets++;
}

/* What is under way is lost, in the middle of packets, lists and queues. Nobody looks at completions before the reset. */
static void lose_bus(struct scenario *s, uint32_t function)
{
	uint32_t rid = s->driver.functions[function].rid;

	bench_config_write(&s->bench, rid, SEE_CFG_COMMAND, 2);
	bench_run(&s->bench, rng_below(&s->rng, 3000));
	bench_config_write(&s->bench, rid, SEE_CFG_COMMAND, 6);
	bench_run(&s->bench, rng_below(&s->rng, 1500));
	bring_up(s, function);
}

static bool has_faults(const struct scenario *s)
{
	const struct host_behaviour *behaviour = &s->bench.host.behaviour;

	return behaviour->poison_permille || behaviour->refuse_permille || behaviour->forget_permille;
}

/* A queue whose SQE could not be fetched has stopped: its driver resets the controller. */
static void rescue(struct scenario *s, uint32_t function)
{
	if (has_faults(s))
		bring_up(s, function);
	else
		bench_fail(&s->bench, "function %u: no progress for %u cycles", function, PATIENCE_CYCLES);
}

static bool is_stuck(const struct scenario *s, uint32_t function)
{
	const struct driver_function *f = &s->driver.functions[function];
	uint32_t outstanding = 0, patience = has_faults(s) ? FAULT_PATIENCE_CYCLES : PATIENCE_CYCLES;

	for (uint32_t q = 1; q < DRIVER_QUEUES; q++)
		outstanding += f->queues[q].outstanding;
	return outstanding && s->bench.cycle - f->progress_cycle > patience;
}

static void work(struct scenario *s, bool submits)
{
	uint32_t function = rng_below(&s->rng, s->driver.function_count);
	uint32_t queue = rng_below(&s->rng, DRIVER_QUEUES);

	if (submits && queue && rng_percent(&s->rng, 30))
		driver_submit(&s->driver, function, queue);
	if (rng_percent(&s->rng, 30))
		driver_reap(&s->driver, function, queue);
	if (is_stuck(s, function))
		rescue(s, function);
}

void scenario_run(struct scenario *s, uint64_t cycles)
{
	uint64_t end = s->bench.cycle + cycles;

	while (s->bench.cycle < end && !s->bench.failed) {
		bench_run(&s->bench, 1 + rng_below(&s->rng, 40));
		work(s, true);
		if (rng_below(&s->rng, 1000) < s->mischief_permille * 20)
			scenario_mischief(s);
		if (rng_below(&s->rng, 5000) < s->reset_permille)
			bring_up(s, rng_below(&s->rng, s->driver.function_count));
		if (s->master_permille && rng_below(&s->rng, 5000) < s->master_permille)
			lose_bus(s, rng_below(&s->rng, s->driver.function_count));
	}
}

void scenario_drain(struct scenario *s)
{
	uint64_t limit = s->bench.cycle + 4 * PATIENCE_CYCLES;

	while (driver_outstanding(&s->driver) && !s->bench.failed) {
		bench_run(&s->bench, 10);
		work(s, false);
		if (s->bench.cycle > limit)
			bench_fail(&s->bench, "%u commands never ended", driver_outstanding(&s->driver));
	}
	for (uint32_t n = 0; n < 4 * SEE_COALESCE_CYCLES && !s->bench.out.idle && !s->bench.failed; n++)
		bench_step(&s->bench);
	if (!s->bench.out.idle)
		bench_fail(&s->bench, "not idle although nothing is outstanding");
}
