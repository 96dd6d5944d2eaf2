#include "sim/kernel/checkpoint_parts.h"

#include <stdio.h>

#include "models/board/memory_map.h"

static void add(struct checkpoint_parts *parts, const char *name, void *bytes, size_t size)
{
	struct checkpoint_part *part = &parts->part[parts->count++];
	*part = (struct checkpoint_part){.bytes = bytes, .size = size};
	snprintf(part->name, sizeof part->name, "%s", name);
}

static void add_numbered(struct checkpoint_parts *parts, const char *name, unsigned number, void *bytes, size_t size)
{
	char text[CHECKPOINT_NAME_BYTES];
	snprintf(text, sizeof text, "%s.%u", name, number);
	add(parts, text, bytes, size);
}

static void add_block(struct checkpoint_parts *parts, const struct board_part *block)
{
	const struct block_type *type = block->block->type;
	char text[CHECKPOINT_NAME_BYTES];

	snprintf(text, sizeof text, "%s.in", block->name);
	add(parts, text, block->block->in_before, type->pins->in_bytes);
	if (!block->block->model)
		return;
	snprintf(text, sizeof text, "%s.model", block->name);
	add(parts, text, block->block->model, type->model_bytes);
}

static void add_console(struct checkpoint_parts *parts, const char *name, struct board_console *console)
{
	char text[CHECKPOINT_NAME_BYTES];
	snprintf(text, sizeof text, "%s.text", name);
	add(parts, text, console->text, BOARD_TEXT_BYTES);
	snprintf(text, sizeof text, "%s.length", name);
	add(parts, text, &console->length, sizeof console->length);
	snprintf(text, sizeof text, "%s.line", name);
	add(parts, text, console->line, sizeof console->line);
	snprintf(text, sizeof text, "%s.line_length", name);
	add(parts, text, &console->line_length, sizeof console->line_length);
}

/* A hart behind a CLB: its front end, and what the hart and its domain know of the stream. */
static void add_front(struct checkpoint_parts *parts, unsigned number, struct front_end *front)
{
	struct hart_stream_state *stream = &parts->stream[number];

	hart_stream_save(front->core, stream);
	add_numbered(parts, "front.state", number, &front->state, sizeof front->state);
	add_numbered(parts, "front.memory", number, front->memory, FRONT_END_MEMORY_BYTES);
	add_numbered(parts, "front.stream", number, stream, sizeof *stream);
}

static void add_lines(struct checkpoint_parts *parts, const char *name, struct hart_domain *domain)
{
	uint64_t *lines;
	size_t pages;
	for (unsigned i = 0; (lines = hart_stream_lines(domain, i, &pages)) != NULL; i++)
		add_numbered(parts, name, i, lines, pages * sizeof *lines);
}

static void add_fronts(struct checkpoint_parts *parts, struct board *board)
{
	if (board->config.host.clb) {
		for (unsigned i = 0; i < board->config.host.harts; i++)
			add_front(parts, i, &board->host.host->front[i]);
		add_lines(parts, "host.lines", board->host.host->domain);
	}
	if (board->config.nic_clb) {
		add_front(parts, HOST_MAX_HARTS, &board->nic.nic->front);
		add_lines(parts, "nic.lines", board->nic.nic->domain);
	}
}

void checkpoint_list_parts(struct board *board, struct checkpoint_parts *parts)
{
	struct host *host = board->host.host;
	struct nic *nic = board->nic.nic;
	struct board_part block;

	parts->count = 0;
	add(parts, "host.state", &host->state, sizeof host->state);
	add(parts, "host.ram", host->ram, host->config.ram_bytes);
	for (unsigned i = 0; i < host->config.harts; i++)
		add_numbered(parts, "host.hart", i, hart_state(host->core[i]), sizeof(struct hart));
	add(parts, "nic.state", &nic->state, sizeof nic->state);
	add(parts, "nic.memory", nic->memory, NIC_MEMORY_BYTES);
	add(parts, "nic.flash", nic->flash, NIC_CONFIG_BYTES);
	add(parts, "nic.slot_flash", nic->slot_flash, SYS_FLASH_BYTES);
	add(parts, "nic.hart", hart_state(nic->core), sizeof(struct hart));
	add(parts, "nic.arriving", board->nic.arriving, sizeof *board->nic.arriving);
	for (unsigned i = 0; board_part(board, i, &block); i++)
		add_block(parts, &block);
	add_fronts(parts, board);
	add_console(parts, "host.console", &board->host_console);
	add_console(parts, "partition.console", &board->partition_console);
	add_console(parts, "nic.console", &board->nic_console);
	add(parts, "board.message_hash", board->message_hash, sizeof board->message_hash);
	add(parts, "board.finished", &board->finished, sizeof board->finished);
	add(parts, "board.finish_code", &board->finish_code, sizeof board->finish_code);
	add(parts, "board.firmware_crashes", &board->firmware_crashes, sizeof board->firmware_crashes);
	add(parts, "events.seen", board->log.seen, sizeof board->log.seen);
}

void checkpoint_take_parts(struct board *board, struct checkpoint_parts *parts)
{
	hart_domain_drop_caches(board->host.host->domain);
	hart_domain_drop_caches(board->nic.nic->domain);
	if (board->config.host.clb) {
		for (unsigned i = 0; i < board->config.host.harts; i++)
			hart_stream_restore(board->host.host->front[i].core, &parts->stream[i]);
		hart_stream_lines_changed(board->host.host->domain);
	}
	if (board->config.nic_clb) {
		hart_stream_restore(board->nic.nic->front.core, &parts->stream[HOST_MAX_HARTS]);
		hart_stream_lines_changed(board->nic.nic->domain);
	}
}
