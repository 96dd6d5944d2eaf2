/* Limits of functions, set by the PF's vendor command D0h: DW10 function, DW11 commands a second, DW12 KiB a second, 0: no limit.
 * A command takes time from its function's accounts, one of commands and one of data; one that comes while one of them is overdrawn waits its turn. */
#include "firmware/nvme/io.h"

#include "firmware/boot/keep.h"
#include "firmware/core/clock.h"

#include <string.h>

/* Time that an idle function may save up. */
#define BURST_TICKS (CLOCK_TICKS_PER_MS)

static struct limit {
	uint32_t commands, kib; /* a second */
	uint64_t commands_ticks, data_ticks; /* until then the account is paid */
} limits[SEE_NUM_FUNCTIONS] KEEP;
#ifdef __riscv
_Static_assert(sizeof(limits) == 408 && KEEP_LAYOUT == 5, "another layout of what is kept is another number");
#endif

/* Commands of a function that wait, in their order, as slot + 1; 0: the end. */
static struct line {
	uint8_t first, last;
} lines[SEE_NUM_FUNCTIONS];
static uint8_t behind[SEE_NUM_SLOTS];
static uint32_t waiting;    /* bit f: somebody waits in line f */
static uint64_t next_ticks; /* before, nobody who waits may go */

void qos_init(void)
{
	memset(limits, 0, sizeof(limits));
}

/* When it is the turn of the function's next command. */
static uint64_t turn_ticks(const struct limit *limit)
{
	uint64_t ticks = limit->commands_ticks > limit->data_ticks ? limit->commands_ticks : limit->data_ticks;

	return ticks > BURST_TICKS ? ticks - BURST_TICKS : 0;
}

static bool may_pay(const struct limit *limit)
{
	return clock_ticks() >= turn_ticks(limit);
}

static void pay_into(uint64_t *account_ticks, uint64_t price_ticks)
{
	uint64_t now = clock_ticks();

	*account_ticks = (*account_ticks < now ? now : *account_ticks) + price_ticks;
}

static void pay(struct limit *limit, uint32_t bytes)
{
	pay_into(&limit->commands_ticks, limit->commands ? CLOCK_TICKS_PER_SECOND / limit->commands : 0);
	pay_into(&limit->data_ticks, limit->kib ? (uint64_t)bytes * CLOCK_TICKS_PER_SECOND / 1024 / limit->kib : 0);
}

static void join(unsigned function, unsigned slot)
{
	struct line *line = &lines[function];

	behind[slot] = 0;
	if (line->first)
		behind[line->last - 1] = (uint8_t)(slot + 1);
	else
		line->first = (uint8_t)(slot + 1);
	line->last = (uint8_t)(slot + 1);
	waiting |= 1u << function;
	io_of(slot)->deferred = true;
}

static void leave(unsigned function, unsigned slot)
{
	struct line *line = &lines[function];
	uint8_t *link = &line->first, before = 0;

	while (*link != slot + 1) {
		before = *link;
		link = &behind[before - 1];
	}
	*link = behind[slot];
	if (line->last == slot + 1)
		line->last = before;
	if (!line->first)
		waiting &= ~(1u << function);
	io_of(slot)->deferred = false;
}

bool qos_defers(unsigned slot, uint32_t bytes)
{
	struct io *io = io_of(slot);
	struct limit *limit = &limits[io->function];

	if (limit->commands == 0 && limit->kib == 0)
		return false;
	if (may_pay(limit) && !lines[io->function].first) {
		pay(limit, bytes);
		return false;
	}
	io->limited_bytes = bytes;
	join(io->function, slot);
	next_ticks = turn_ticks(limit) < next_ticks ? turn_ticks(limit) : next_ticks;
	controller_attention = true;
	return true;
}

void qos_cancel(unsigned slot)
{
	if (io_of(slot)->deferred)
		leave(io_of(slot)->function, slot);
}

static void send_line(unsigned function)
{
	struct limit *limit = &limits[function];

	while (lines[function].first && may_pay(limit)) {
		unsigned slot = lines[function].first - 1u;

		leave(function, slot);
		pay(limit, io_of(slot)->limited_bytes);
		io_send(slot);
	}
}

uint64_t qos_run(void)
{
	if (clock_ticks() < next_ticks)
		return next_ticks;
	next_ticks = UINT64_MAX;
	for (unsigned function = 0; waiting >> function; function++) {
		if (!(waiting >> function & 1))
			continue;
		send_line(function);
		if (lines[function].first && turn_ticks(&limits[function]) < next_ticks)
			next_ticks = turn_ticks(&limits[function]);
	}
	return next_ticks;
}

void admin_limit_function(const struct admin_command *command)
{
	uint32_t function = command->sqe->dw10;

	if (function >= SEE_NUM_FUNCTIONS) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	limits[function].commands = command->sqe->dw11;
	limits[function].kib = command->sqe->dw12;
	limits[function].commands_ticks = limits[function].data_ticks = 0;
	next_ticks = 0;
	admin_complete(command, NVME_SUCCESS, 0);
}
