#include "sim/console/status_text.h"

#include <string.h>

static void write_cycle(FILE *file, const char *text, uint64_t cycle)
{
	if (cycle == UINT64_MAX)
		fprintf(file, "%s, nothing due", text);
	else
		fprintf(file, "%s, next at cycle %llu", text, (unsigned long long)cycle);
}

static void write_access(FILE *file, const struct host_state *host, unsigned hart)
{
	const struct host_bau_access *bau = &host->bau_access[hart];
	const struct host_pcie_access *pcie = &host->pcie_access[hart];
	bool at_bau = bau->waiting || host->bau_access_owner == (int32_t)hart;

	if (at_bau)
		fprintf(file, "waits for the BAU (%s of register 0x%x)", bau->is_store ? "store" : "load", bau->offset);
	else if (pcie->waiting)
		fprintf(file, "waits for room in the PCIe bridge (0x%llx)", (unsigned long long)pcie->address);
	else
		fputs("waits for an answer over the PCIe link", file);
}

static void write_hart(FILE *file, const char *name, struct hart_core *core, const struct host_state *host, unsigned index)
{
	const struct hart *hart = hart_state(core);

	fprintf(file, "  hart %-8s pc %016llx %c%s  %llu instructions  ", name, (unsigned long long)hart->pc, "USHM"[hart->priv & 3], hart->virt ? " V=1" : "    ",
		(unsigned long long)hart->instructions);
	if (hart_is_stopped(core))
		fputs("stopped by the debugger", file);
	else if (hart_is_waiting(core))
		write_cycle(file, "sleeps in WFI", host ? host->next_timer_cycle : UINT64_MAX);
	else if (!hart_is_stalled(core))
		fputs("runs", file);
	else if (host)
		write_access(file, host, index);
	else
		fputs("waits for a register of the SEE", file);
	fputc('\n', file);
}

static const struct pin *pin_named(const struct pin *pins, uint32_t count, const char *name, size_t stem, const char *end)
{
	for (uint32_t i = 0; i < count; i++) {
		if (strncmp(pins[i].name, name, stem) == 0 && strcmp(pins[i].name + stem, end) == 0)
			return &pins[i];
	}
	return NULL;
}

/* Channels whose valid is up while ready is not. */
static unsigned write_waiting(FILE *file, const struct pin *valids, uint32_t valid_count, const void *valid_image, const struct pin *readies,
	uint32_t ready_count, const void *ready_image, const char *format)
{
	unsigned waiting = 0;
	for (uint32_t i = 0; i < valid_count; i++) {
		size_t length = strlen(valids[i].name);
		if (length < 6 || strcmp(valids[i].name + length - 6, "_valid") != 0 || !((const uint8_t *)valid_image)[valids[i].offset_bytes])
			continue;
		const struct pin *ready = pin_named(readies, ready_count, valids[i].name, length - 6, "_ready");
		if (!ready || ((const uint8_t *)ready_image)[ready->offset_bytes])
			continue;
		fprintf(file, format, (int)length - 6, valids[i].name);
		waiting++;
	}
	return waiting;
}

static void write_block(FILE *file, const struct board_part *part)
{
	const struct block *block = part->block;
	const struct pin_table *pins = block->type->pins;

	fprintf(file, "  block %-7s %s, %llu cycles stepped, %llu idle: ", part->name, block_backend_name(block->backend),
		(unsigned long long)block->cycles_stepped, (unsigned long long)block->cycles_skipped);
	if (((const uint8_t *)part->out)[block->type->idle_offset]) {
		fputs("idle\n", file);
		return;
	}
	unsigned waiting = write_waiting(file, pins->out, pins->out_count, part->out, pins->in, pins->in_count, part->in, "its %.*s waits to be taken; ");
	waiting += write_waiting(file, pins->in, pins->in_count, part->in, pins->out, pins->out_count, part->out, "holds up %.*s; ");
	fputs(waiting ? "busy\n" : "works\n", file);
}

static void write_goal(FILE *file, const char *name, const struct board_console *console)
{
	if (console->pattern)
		fprintf(file, "  waits for \"%s\" on the %s console\n", console->pattern, name);
}

void status_write(FILE *file, struct board *board, double cycles_per_s)
{
	struct host_state *host = &board->host.host->state;
	struct board_part part;
	char name[16];

	fprintf(file, "  cycle %llu of at most %llu in this step, %.0f cycles a second\n", (unsigned long long)platform_cycle(),
		(unsigned long long)board->run_until, cycles_per_s);
	write_goal(file, "host", &board->host_console);
	write_goal(file, "nic", &board->nic_console);
	for (unsigned i = 0; i < host->harts; i++) {
		snprintf(name, sizeof name, "host.%u", i);
		write_hart(file, name, board->host.host->core[i], host, i);
	}
	write_hart(file, "nic", board->nic.nic->core, NULL, 0);
	for (unsigned i = 0; board_part(board, i, &part); i++)
		write_block(file, &part);
	write_cycle(file, "  fabric", fabric_next_event(board->fabric));
	fputc('\n', file);
}
