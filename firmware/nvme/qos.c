/* Limits of functions, set by the PF's vendor command D0h: DW10 function, DW11 commands a second, DW12 KiB a second, 0: no limit.
 * A command takes time from its function's account; one that comes while the account is overdrawn waits its turn. */
#include "firmware/nvme/io.h"

#include "firmware/boot/keep.h"
#include "firmware/core/clock.h"

#include <string.h>

/* Time that an idle function may save up. */
#define BURST_TICKS (CLOCK_TICKS_PER_MS)

static struct limit {
	uint32_t commands, kib; /* a second */
	uint64_t paid_until_ticks;
	uint64_t order; /* of the next command that waits */
} limits[SEE_NUM_FUNCTIONS] KEEP;
static uint64_t orders[SEE_NUM_SLOTS]; /* who waits goes by this */
static unsigned deferred;

void qos_init(void)
{
	memset(limits, 0, sizeof(limits));
}

static uint64_t price_ticks(const struct limit *limit, uint32_t bytes)
{
	uint64_t price = limit->commands ? CLOCK_TICKS_PER_SECOND / limit->commands : 0;
	uint64_t data = limit->kib ? (uint64_t)bytes * CLOCK_TICKS_PER_SECOND / 1024 / limit->kib : 0;

	return price > data ? price : data;
}

static bool may_pay(const struct limit *limit)
{
	return clock_ticks() + BURST_TICKS >= limit->paid_until_ticks;
}

static void pay(struct limit *limit, uint32_t bytes)
{
	uint64_t now = clock_ticks();

	if (limit->paid_until_ticks < now)
		limit->paid_until_ticks = now;
	limit->paid_until_ticks += price_ticks(limit, bytes);
}

static bool somebody_waits(unsigned function)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && deferred > 0; slot++)
		if (io_of(slot)->deferred && io_of(slot)->function == function)
			return true;
	return false;
}

bool qos_defers(unsigned slot, uint32_t bytes)
{
	struct io *io = io_of(slot);
	struct limit *limit = &limits[io->function];

	if (limit->commands == 0 && limit->kib == 0)
		return false;
	if (may_pay(limit) && !somebody_waits(io->function)) {
		pay(limit, bytes);
		return false;
	}
	io->deferred = true;
	orders[slot] = limit->order++;
	deferred++;
	controller_attention = true;
	return true;
}

void qos_cancel(unsigned slot)
{
	if (io_of(slot)->deferred) {
		io_of(slot)->deferred = false;
		deferred--;
	}
}

/* The command of @p function that has waited longest. */
static unsigned first_of(unsigned function)
{
	unsigned first = SEE_NUM_SLOTS;

	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (io_of(slot)->deferred && io_of(slot)->function == function &&
		    (first == SEE_NUM_SLOTS || orders[slot] < orders[first]))
			first = slot;
	return first;
}

bool qos_run(void)
{
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS && deferred > 0; function++) {
		unsigned slot = first_of(function);

		while (slot < SEE_NUM_SLOTS && may_pay(&limits[function])) {
			qos_cancel(slot);
			pay(&limits[function], io_of(slot)->request.bytes);
			io_send(slot);
			slot = first_of(function);
		}
	}
	return deferred > 0;
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
	limits[function].paid_until_ticks = 0;
	admin_complete(command, NVME_SUCCESS, 0);
}
