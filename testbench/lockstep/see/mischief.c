/* What a host may do out of malice or by mistake without harming anybody's I/O. */
#include "testbench/lockstep/see/scenario.h"

#include <string.h>

static uint64_t bar_of(struct scenario *s)
{
	return s->driver.functions[rng_below(&s->rng, s->driver.function_count)].bar;
}

static void bad_doorbell(struct scenario *s)
{
	uint32_t queue = rng_below(&s->rng, 40), value = DRIVER_ENTRIES + rng_below(&s->rng, 70000);

	if (queue == 0)
		value += 16;
	bench_bar_write(&s->bench, bar_of(s) + SEE_DOORBELL_BASE + 4 * queue, value, 4);
}

/* Any packet that is no memory write into a register. */
static void bad_packet(struct scenario *s)
{
	static const uint8_t types[] = { 0x00, 0x01, 0x02, 0x05, 0x45, 0x42, 0x30, 0x34, 0x70, 0x0b, 0x4b, 0x4c, 0x74, 0xff };
	struct tlp tlp = { .beats = 2 + rng_below(&s->rng, 6) };

	for (uint32_t i = 0; i < tlp.beats; i++)
		tlp.beat[i] = rng_next(&s->rng);
	tlp.beat[0] = (tlp.beat[0] & ~0xff000000ull) | (uint64_t)types[rng_below(&s->rng, sizeof types)] << 24;
	host_send(&s->bench.host, &tlp);
}

/* A write that is too long, poisoned, or cut off: dropped. */
static void bad_write(struct scenario *s)
{
	struct tlp tlp = { 0 };

	tlp_make_memory(&tlp, TLP_MWR, 0, 0, bar_of(s) + SEE_CC, 4 * (3 + rng_below(&s->rng, 20)));
	if (rng_percent(&s->rng, 30)) {
		tlp_make_memory(&tlp, TLP_MWR, 0, 0, bar_of(s) + SEE_CC, 4);
		tlp.beat[0] |= 1u << 14;
	} else if (rng_percent(&s->rng, 30)) {
		tlp_make_memory(&tlp, TLP_MWR, 0, 0, bar_of(s) + SEE_CC, 8); /* crosses a 64-bit word */
	} else if (rng_percent(&s->rng, 30)) {
		tlp.beats = 2;
	}
	host_send(&s->bench.host, &tlp);
}

static void odd_read(struct scenario *s)
{
	struct host *host = &s->bench.host;
	uint64_t address = bar_of(s) + 4 * rng_below(&s->rng, SEE_BAR_BYTES / 4 - 1);
	uint32_t bytes = 4u << rng_below(&s->rng, 2);
	int tag;

	if (rng_percent(&s->rng, 20))
		address += 0x10000000; /* nobody's */
	tag = host_read(host, address, bytes);
	if (tag >= 0)
		bench_wait(&s->bench, tag, NULL);
}

static void odd_config(struct scenario *s)
{
	static const uint16_t harmless[] = { 0x0c, 0x3c, 0x44, 0x108, 0x10c, 0x114, 0x00, 0x34, 0x54, 0x60, 0x15c, 0x1fc, 0x200, 0xffc };
	uint32_t bdf = SEE_PF_RID + rng_below(&s->rng, 30), value = (uint32_t)rng_next(&s->rng);
	uint32_t offset = harmless[rng_below(&s->rng, sizeof harmless / sizeof harmless[0])];
	int tag;

	if (rng_percent(&s->rng, 50))
		tag = host_config(&s->bench.host, bdf, 4 * rng_below(&s->rng, 1024), NULL, 0xf);
	else
		tag = host_config(&s->bench.host, bdf, offset, &value, rng_below(&s->rng, 16));
	if (tag >= 0)
		bench_wait(&s->bench, tag, NULL);
}

static void toggle_mask(struct scenario *s)
{
	uint32_t function = rng_below(&s->rng, s->driver.function_count), vector = rng_below(&s->rng, SEE_NUM_VECTORS);

	if (rng_percent(&s->rng, 30))
		bench_config_write(&s->bench, s->driver.functions[function].rid, SEE_CFG_MSIX, 1u << 31 | rng_below(&s->rng, 2) << 30);
	else
		bench_bar_write(&s->bench, s->driver.functions[function].bar + SEE_MSIX_TABLE + 16 * vector + 12,
			rng_below(&s->rng, 2), 4);
}

/* INTMS and INTMC: kept, without any effect. */
static void interrupt_masks(struct scenario *s)
{
	bench_bar_write(&s->bench, bar_of(s) + (rng_percent(&s->rng, 50) ? SEE_INTMS : SEE_INTMC), rng_next(&s->rng), 4);
}

void scenario_mischief(struct scenario *s)
{
	static void (*const acts[])(struct scenario *) = { bad_doorbell, bad_doorbell, bad_packet, bad_write, odd_read, odd_config,
							   toggle_mask, interrupt_masks };

	acts[rng_below(&s->rng, sizeof acts / sizeof acts[0])](s);
}
