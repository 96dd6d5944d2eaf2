/* The test board: devices and the run loop. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "testbench/unit/hart/board.h"

enum {
	FINISHER = 0x100000, FINISHER_PASS = 0x5555, FINISHER_FAIL = 0x3333, CLINT = 0x2000000, CLINT_MTIMECMP = 0x4000,
	CLINT_MTIME = 0xbff8, CLINT_BYTES = 0xc000, PLIC = 0xc000000, PLIC_BYTES = 0x600000, UART = 0x10000000, UART_LSR = 5,
	UART_LSR_EMPTY = 0x60, CYCLES_PER_TICK = 100,
};

static uint64_t mtime(const struct board *b) { return b->now / CYCLES_PER_TICK; }

static uint64_t board_time(void *ctx) { return mtime(ctx); }

static void drive_lines(struct board *b, unsigned hart)
{
	uint64_t lines = (b->msip[hart] & 1 ? 1u << HART_IRQ_MSI : 0u) | (mtime(b) >= b->mtimecmp[hart] ? 1u << HART_IRQ_MTI : 0u);

	hart_set_irq_lines(hart_core_of(b->domain, hart), lines);
}

static uint64_t part(uint64_t value, uint64_t offset, unsigned size)
{
	value >>= 8 * (offset & 7);
	return size == 8 ? value : value & ((UINT64_C(1) << 8 * size) - 1);
}

static int slow_access(struct board *b, unsigned hart, uint64_t answer)
{
	if (b->slow_due)
		return HART_BUS_FAULT;
	b->slow_due = b->now + BOARD_SLOW_CYCLES;
	b->slow_hart = hart;
	b->slow_answer = answer;
	return HART_BUS_WAIT;
}

static int clint_load(const struct board *b, uint64_t offset, unsigned size, uint64_t *value)
{
	if (offset < 4 * b->harts)
		*value = b->msip[offset / 4];
	else if (offset >= CLINT_MTIMECMP && offset < CLINT_MTIMECMP + 8 * b->harts)
		*value = part(b->mtimecmp[(offset - CLINT_MTIMECMP) / 8], offset, size);
	else if (offset >= CLINT_MTIME)
		*value = part(mtime(b), offset, size);
	else
		*value = 0;
	return HART_BUS_OK;
}

static int board_bus_load(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value)
{
	struct board *b = ctx;

	if (pa - CLINT < CLINT_BYTES)
		return clint_load(b, pa - CLINT, size, value);
	if (pa - BOARD_SLOW_BASE < 8)
		return slow_access(b, hart, part(b->slow_value, pa, size));
	if (pa - UART < 8)
		*value = pa - UART == UART_LSR ? UART_LSR_EMPTY : 0;
	else if (pa - PLIC < PLIC_BYTES || pa - FINISHER < 8)
		*value = 0;
	else
		return HART_BUS_FAULT;
	return HART_BUS_OK;
}

static void clint_store(struct board *b, uint64_t offset, unsigned size, uint64_t value)
{
	if (offset < 4 * b->harts) {
		b->msip[offset / 4] = value & 1;
		drive_lines(b, (unsigned)offset / 4);
	} else if (offset >= CLINT_MTIMECMP && offset < CLINT_MTIMECMP + 8 * b->harts) {
		unsigned hart = (unsigned)(offset - CLINT_MTIMECMP) / 8;

		memcpy((char *)&b->mtimecmp[hart] + (offset & 7), &value, size);
		drive_lines(b, hart);
	}
}

static void put_console(struct board *b, char c)
{
	if (b->console_bytes < BOARD_CONSOLE_BYTES - 1)
		b->console[b->console_bytes++] = c;
	if (b->echo)
		fputc(c, b->echo);
}

static int board_bus_store(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value)
{
	struct board *b = ctx;

	if (pa - CLINT < CLINT_BYTES) {
		clint_store(b, pa - CLINT, size, value);
	} else if (pa - BOARD_SLOW_BASE < 8) {
		b->slow_value = value;
		return slow_access(b, hart, 0);
	} else if (pa == UART) {
		put_console(b, (char)value);
	} else if (pa == FINISHER) {
		b->finished = true;
		b->exit_code = (value & 0xffff) == FINISHER_PASS ? 0 : (uint32_t)(value >> 16) | 1u;
	} else if (pa - UART >= 8 && pa - PLIC >= PLIC_BYTES) {
		return HART_BUS_FAULT;
	}
	return HART_BUS_OK;
}

/* Zero pages that cost nothing until they are written. */
static uint8_t *map_zeroes(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		abort();
	return p;
}

struct board *board_create(const struct board_options *o)
{
	struct board *b = calloc(1, sizeof(*b));
	struct hart_bus_ops ops = {.ctx = b, .load = board_bus_load, .store = board_bus_store, .time = board_time, .trace = o->trace, .trap = o->trap};

	if (!b || convert_load(&b->tables, rv64_table_image, rv64_table_bytes))
		abort();
	b->harts = o->harts ? o->harts : 1;
	b->ram_bytes = o->ram_bytes ? o->ram_bytes : 16u << 20;
	b->ram = map_zeroes(b->ram_bytes);
	b->rom = map_zeroes(BOARD_ROM_BYTES);
	ops.memory[0] = (struct hart_memory){.base = BOARD_RAM_BASE, .size = b->ram_bytes, .host = b->ram};
	ops.memory[1] = (struct hart_memory){.base = BOARD_ROM_BASE, .size = BOARD_ROM_BYTES, .host = b->rom, .read_only = true};
	b->domain = hart_domain_create(&ops, &b->tables, b->harts);
	if (!b->domain)
		abort();
	if (o->isa & HART_ISA_A64) {
		if (convert_load(&b->application, a64_table_image, a64_table_bytes))
			abort();
		hart_domain_set_application(b->domain, &b->application);
	}
	for (unsigned i = 0; i < b->harts; i++) {
		b->mtimecmp[i] = UINT64_MAX;
		hart_reset(hart_core_of(b->domain, i), &(struct hart_config){.hartid = i, .reset_pc = BOARD_RAM_BASE, .isa = o->isa});
	}
	return b;
}

void board_destroy(struct board *b)
{
	hart_domain_destroy(b->domain);
	munmap(b->ram, b->ram_bytes);
	munmap(b->rom, BOARD_ROM_BYTES);
	free(b);
}

/* Time has passed: timers, and the slow register's answer. */
static void pass_time(struct board *b, uint64_t cycles)
{
	b->now += cycles;
	if (b->slow_due && b->now >= b->slow_due) {
		b->slow_due = 0;
		hart_complete_access(hart_core_of(b->domain, b->slow_hart), HART_BUS_OK, b->slow_answer);
	}
	for (unsigned i = 0; i < b->harts; i++) {
		drive_lines(b, i);
		if (b->now >= hart_timer_deadline(hart_core_of(b->domain, i)))
			hart_timer_check(hart_core_of(b->domain, i));
	}
}

/* A riscv-tests program reports 1 for success or 2 * test + 1. */
static void poll_tohost(struct board *b)
{
	uint64_t value;

	if (!b->tohost || b->tohost - BOARD_RAM_BASE >= b->ram_bytes - 8)
		return;
	memcpy(&value, b->ram + (b->tohost - BOARD_RAM_BASE), 8);
	if (value & 1) {
		b->finished = true;
		b->exit_code = (uint32_t)(value >> 1);
	}
}

static uint64_t run_slice(struct board *b, bool timed, unsigned slice)
{
	if (timed && b->step) {
		b->step(b);
		return 1;
	}
	if (timed) {
		for (unsigned i = 0; i < b->harts; i++)
			hart_step(hart_core_of(b->domain, i));
		return 1;
	}
	for (unsigned i = 0; i < b->harts; i++)
		hart_run(hart_core_of(b->domain, i), slice);
	return slice;
}

bool board_run(struct board *b, bool timed, uint64_t max_cycles, unsigned slice)
{
	uint64_t end = b->now + max_cycles, polled = 0;

	if (!slice)
		slice = 1000;
	while (!b->finished && b->now < end) {
		uint64_t passed = run_slice(b, timed, slice);

		/* Timers have a resolution of one tick. */
		if (!timed || b->slow_due || b->now / CYCLES_PER_TICK != (b->now + 1) / CYCLES_PER_TICK)
			pass_time(b, passed);
		else
			b->now += passed;
		if (b->now - polled >= 1000) {
			poll_tohost(b);
			polled = b->now;
		}
	}
	return b->finished && b->exit_code == 0;
}
