#include "sim/gdb/target.h"

#include <string.h>

#include "models/board/memory_map.h"

enum { PAGE = 4096 };

void gdb_target_init(struct gdb_target *target, struct board *board)
{
	*target = (struct gdb_target){.board = board, .threads = board->config.host.harts + 1};
	host_settle(board->host.host);
}

bool gdb_target_is_nic(const struct gdb_target *target, unsigned thread)
{
	return thread == target->threads;
}

struct hart_core *gdb_target_core(const struct gdb_target *target, unsigned thread)
{
	return gdb_target_is_nic(target, thread) ? target->board->nic.nic->core : target->board->host.host->core[thread - 1];
}

/* The bytes at a physical address; @p writable is false for the boot ROM. */
static uint8_t *memory_at(const struct gdb_target *target, unsigned thread, uint64_t pa, uint64_t count, bool *writable)
{
	struct host *host = target->board->host.host;

	*writable = true;
	if (gdb_target_is_nic(target, thread))
		return nic_memory(target->board->nic.nic, pa, count);
	if (pa >= HOST_ROM_BASE && pa - HOST_ROM_BASE < HOST_ROM_BYTES && count <= HOST_ROM_BYTES - (pa - HOST_ROM_BASE)) {
		*writable = false;
		return host->rom + (pa - HOST_ROM_BASE);
	}
	return host_ram(host, pa, count);
}

/* Finds the part of the range that lies in one page. @return its length, 0 if it is not mapped to memory. */
static size_t piece(const struct gdb_target *target, unsigned thread, uint64_t address, size_t count, uint8_t **memory, uint64_t *pa, bool *writable)
{
	size_t here = PAGE - (size_t)(address % PAGE);

	here = here < count ? here : count;
	*pa = address;
	if (!target->physical && hart_translate_debug(gdb_target_core(target, thread), address, pa) != 0)
		return 0;
	*memory = memory_at(target, thread, *pa, here, writable);
	return *memory ? here : 0;
}

size_t gdb_target_read(const struct gdb_target *target, unsigned thread, uint64_t address, void *bytes, size_t count)
{
	size_t done = 0, here;
	uint8_t *memory;
	uint64_t pa;
	bool writable;

	while (done < count && (here = piece(target, thread, address + done, count - done, &memory, &pa, &writable)) > 0) {
		memcpy((uint8_t *)bytes + done, memory, here);
		done += here;
	}
	return done;
}

size_t gdb_target_write(const struct gdb_target *target, unsigned thread, uint64_t address, const void *bytes, size_t count)
{
	struct board *board = target->board;
	size_t done = 0, here;
	uint8_t *memory;
	uint64_t pa;
	bool writable;

	while (done < count && (here = piece(target, thread, address + done, count - done, &memory, &pa, &writable)) > 0 && writable) {
		memcpy(memory, (const uint8_t *)bytes + done, here);
		hart_snoop_store(gdb_target_is_nic(target, thread) ? board->nic.nic->domain : board->host.host->domain, pa, here);
		done += here;
	}
	return done;
}

static bool same_domain(const struct gdb_target *target, unsigned a, unsigned b)
{
	return gdb_target_is_nic(target, a) == gdb_target_is_nic(target, b);
}

int gdb_target_break(const struct gdb_target *target, unsigned thread, uint64_t address, bool add)
{
	int status = 0;
	for (unsigned i = 1; i <= target->threads; i++) {
		if (same_domain(target, i, thread))
			status |= add ? hart_breakpoint_add(gdb_target_core(target, i), address) : hart_breakpoint_remove(gdb_target_core(target, i), address);
	}
	return status;
}

int gdb_target_watch(const struct gdb_target *target, unsigned thread, uint64_t address, uint64_t bytes, unsigned kinds, bool add)
{
	int status = 0;
	for (unsigned i = 1; i <= target->threads; i++) {
		struct hart_core *core = gdb_target_core(target, i);
		if (same_domain(target, i, thread))
			status |= add ? hart_watchpoint_add(core, address, bytes, kinds) : hart_watchpoint_remove(core, address, bytes, kinds);
	}
	return status;
}
