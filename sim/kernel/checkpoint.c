#include "sim/kernel/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "models/board/memory_map.h"
#include "sim/fabric/volume.h"
#include "sim/kernel/checkpoint_file.h"
#include "sim/kernel/hash.h"
#include "sim/kernel/image.h"

enum { PARTS_MAX = 64, IDENTITY_BYTES = 256, PATH_BYTES = 4096 };

/* A piece of state that is copied as it lies. */
struct part {
	char name[CHECKPOINT_NAME_BYTES];
	void *bytes;
	size_t size;
};

struct parts {
	unsigned count;
	struct part part[PARTS_MAX];
};

/* --- what there is --------------------------------------------------------------------------------------------- */

static void add(struct parts *parts, const char *name, void *bytes, size_t size)
{
	struct part *part = &parts->part[parts->count++];
	*part = (struct part){.bytes = bytes, .size = size};
	snprintf(part->name, sizeof part->name, "%s", name);
}

static void add_numbered(struct parts *parts, const char *name, unsigned number, void *bytes, size_t size)
{
	char text[CHECKPOINT_NAME_BYTES];
	snprintf(text, sizeof text, "%s.%u", name, number);
	add(parts, text, bytes, size);
}

static void add_block(struct parts *parts, struct block *block)
{
	const char *name = block->type->pins->block;
	char text[CHECKPOINT_NAME_BYTES];

	snprintf(text, sizeof text, "%s.in", name);
	add(parts, text, block->in_before, block->type->pins->in_bytes);
	if (!block->model)
		return;
	snprintf(text, sizeof text, "%s.model", name);
	add(parts, text, block->model, block->type->model_bytes);
}

static void add_console(struct parts *parts, const char *name, struct board_console *console)
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

static void list_parts(struct board *board, struct parts *parts)
{
	struct host *host = board->host.host;
	struct nic *nic = board->nic.nic;

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
	add_block(parts, &board->host.bau);
	add_block(parts, &board->nic.see);
	add_block(parts, &board->nic.port);
	add_console(parts, "host.console", &board->host_console);
	add_console(parts, "partition.console", &board->partition_console);
	add_console(parts, "nic.console", &board->nic_console);
	add(parts, "board.message_hash", board->message_hash, sizeof board->message_hash);
	add(parts, "board.finished", &board->finished, sizeof board->finished);
	add(parts, "board.finish_code", &board->finish_code, sizeof board->finish_code);
	add(parts, "board.firmware_crashes", &board->firmware_crashes, sizeof board->firmware_crashes);
	add(parts, "events.seen", board->log.seen, sizeof board->log.seen);
}

/* Which program and board a checkpoint belongs to. */
static int describe(struct board *board, char text[IDENTITY_BYTES])
{
	char error[BOARD_ERROR_BYTES];
	struct fabric_part part[FABRIC_PARTS_MAX];
	size_t size;
	void *program = image_read_file("/proc/self/exe", &size, error, sizeof error);

	if (!program)
		return -1;
	snprintf(text, IDENTITY_BYTES, "program %016llx harts %u ram %llu fabric %u", (unsigned long long)XXH3_64bits(program, size), board->config.host.harts,
		(unsigned long long)board->config.host.ram_bytes, fabric_state(board->fabric, part));
	free(program);
	return 0;
}

static const char *impossible(const struct board *board)
{
	if (fabric_has_outside(board->fabric))
		return "a link to the outside cannot be saved";
	if (board->config.host.clb || board->config.nic_clb)
		return "harts that take their ops from CLBs cannot be saved; run with --clb none";
	if (board->config.waves || board->config.failure_prefix)
		return "not together with waves or a failure window, whose RTL cannot be saved";
	return NULL;
}

/* --- RTL: Verilator saves to files of its own ------------------------------------------------------------------ */

static struct block *block_at(struct board *board, unsigned i)
{
	struct block *blocks[] = {&board->host.bau, &board->nic.see, &board->nic.port};
	return i < sizeof blocks / sizeof blocks[0] ? blocks[i] : NULL;
}

static int save_rtl(FILE *file, const struct block *block, const char *path)
{
	char beside[PATH_BYTES + 16], name[CHECKPOINT_NAME_BYTES], error[BOARD_ERROR_BYTES];
	size_t size;

	if (!block->rtl)
		return 0;
	snprintf(beside, sizeof beside, "%s.rtl", path);
	snprintf(name, sizeof name, "%s.rtl", block->type->pins->block);
	void *bytes = block->rtl_ops->save(block->rtl, beside) == 0 ? image_read_file(beside, &size, error, sizeof error) : NULL;
	int status = bytes ? checkpoint_file_put(file, name, bytes, size) : -1;
	free(bytes);
	unlink(beside);
	return status;
}

static int restore_rtl(const struct checkpoint_section *section, struct block *block, const char *path)
{
	char beside[PATH_BYTES + 32];
	snprintf(beside, sizeof beside, "%s.%d.rtl", path, (int)getpid());
	FILE *file = fopen(beside, "wb");
	bool written = file && fwrite(section->bytes, 1, section->size, file) == section->size;
	if (file)
		written = fclose(file) == 0 && written;
	int status = written ? block->rtl_ops->restore(block->rtl, beside) : -1;
	unlink(beside);
	return status;
}

/* --- saving ---------------------------------------------------------------------------------------------------- */

static int save_volumes(FILE *file, struct fabric *fabric)
{
	struct volume *volume;
	char name[CHECKPOINT_NAME_BYTES];

	for (unsigned i = 0; (volume = fabric_volume(fabric, i)) != NULL; i++) {
		uint8_t *bytes = malloc(volume->bytes);
		snprintf(name, sizeof name, "volume.%u", i);
		int status = bytes && volume_read(volume, 0, bytes, volume->bytes) == 0 ? checkpoint_file_put(file, name, bytes, volume->bytes) : -1;
		free(bytes);
		if (status != 0)
			return -1;
	}
	return 0;
}

static int save_all(struct board *board, FILE *file, const char *path, const char *identity)
{
	struct fabric_part fabric[FABRIC_PARTS_MAX];
	struct parts *parts = malloc(sizeof *parts);
	uint64_t cycle = platform_cycle();
	char name[CHECKPOINT_NAME_BYTES];
	int status = parts ? checkpoint_file_put(file, "identity", identity, strlen(identity) + 1) : -1;

	status |= checkpoint_file_put(file, "cycle", &cycle, sizeof cycle);
	if (parts)
		list_parts(board, parts);
	for (unsigned i = 0; status == 0 && i < parts->count; i++)
		status = checkpoint_file_put(file, parts->part[i].name, parts->part[i].bytes, parts->part[i].size);
	for (unsigned i = 0, count = fabric_state(board->fabric, fabric); status == 0 && i < count; i++) {
		snprintf(name, sizeof name, "fabric.%u", i);
		status = checkpoint_file_put(file, name, fabric[i].bytes, fabric[i].size);
	}
	for (unsigned i = 0; status == 0 && block_at(board, i); i++)
		status = save_rtl(file, block_at(board, i), path);
	if (status == 0)
		status = save_volumes(file, board->fabric);
	if (status == 0)
		status = checkpoint_file_put(file, "events", board->log.events, board->log.count * sizeof board->log.events[0]);
	free(parts);
	return status | checkpoint_file_put(file, "end", "", 0);
}

int checkpoint_save(struct board *board, const char *path, char *error, size_t error_size)
{
	char beside[PATH_BYTES], identity[IDENTITY_BYTES];
	const char *cause = impossible(board);

	if (cause || describe(board, identity) != 0 || (size_t)snprintf(beside, sizeof beside, "%s.new", path) >= sizeof beside - 16) {
		snprintf(error, error_size, "checkpoint %s: %s", path, cause ? cause : "cannot be written");
		return -1;
	}
	host_settle(board->host.host);
	nic_settle(board->nic.nic);
	FILE *file = checkpoint_file_begin(beside);
	bool written = file && save_all(board, file, beside, identity) == 0;
	if (file)
		written = fclose(file) == 0 && written;
	if (written && rename(beside, path) == 0)
		return 0;
	unlink(beside);
	snprintf(error, error_size, "checkpoint %s: cannot be written", path);
	return -1;
}

/* --- restoring ------------------------------------------------------------------------------------------------- */

static bool has(const struct checkpoint_file *file, const char *name, size_t size)
{
	const struct checkpoint_section *section = checkpoint_file_find(file, name);
	return section && section->size == size;
}

/* @return what is wrong with the checkpoint for this board, NULL if nothing is. */
static const char *unfit(struct board *board, const struct checkpoint_file *file, const struct parts *parts, char text[64])
{
	struct fabric_part fabric[FABRIC_PARTS_MAX];
	struct volume *volume;
	char identity[IDENTITY_BYTES], name[CHECKPOINT_NAME_BYTES];

	if (describe(board, identity) != 0 || !has(file, "identity", strlen(identity) + 1) ||
	    strcmp((const char *)checkpoint_file_find(file, "identity")->bytes, identity) != 0)
		return "is of another program or board";
	for (unsigned i = 0; i < parts->count; i++) {
		snprintf(text, 64, "holds no %s of this board's backend", parts->part[i].name);
		if (!has(file, parts->part[i].name, parts->part[i].size))
			return text;
	}
	for (unsigned i = 0; block_at(board, i); i++) {
		snprintf(name, sizeof name, "%s.rtl", block_at(board, i)->type->pins->block);
		snprintf(text, 64, "holds no RTL state of block %s", block_at(board, i)->type->pins->block);
		if (block_at(board, i)->rtl && !checkpoint_file_find(file, name))
			return text;
	}
	for (unsigned i = 0, count = fabric_state(board->fabric, fabric); i < count; i++) {
		snprintf(name, sizeof name, "fabric.%u", i);
		if (!has(file, name, fabric[i].size))
			return "is of another fabric";
	}
	for (unsigned i = 0; (volume = fabric_volume(board->fabric, i)) != NULL; i++) {
		snprintf(name, sizeof name, "volume.%u", i);
		snprintf(text, 64, "volume %u has another size", i);
		if (!has(file, name, volume->bytes))
			return text;
	}
	return has(file, "cycle", sizeof(uint64_t)) && checkpoint_file_find(file, "events") ? NULL : "is damaged";
}

static int restore_events(struct event_log *log, const struct checkpoint_section *section)
{
	size_t count = section->size / sizeof log->events[0];
	struct event *events = realloc(log->events, (count + 1) * sizeof *events);

	if (!events)
		return -1;
	memcpy(events, section->bytes, count * sizeof *events);
	log->events = events;
	log->capacity = count + 1;
	log->count = count;
	return 0;
}

static int restore_fabric(struct fabric *fabric, const struct checkpoint_file *file)
{
	struct fabric_part part[FABRIC_PARTS_MAX];
	struct volume *volume;
	char name[CHECKPOINT_NAME_BYTES];
	int status = 0;

	for (unsigned i = 0, count = fabric_state(fabric, part); i < count; i++) {
		snprintf(name, sizeof name, "fabric.%u", i);
		fabric_restore_part(fabric, i, checkpoint_file_find(file, name)->bytes);
	}
	for (unsigned i = 0; (volume = fabric_volume(fabric, i)) != NULL; i++) {
		snprintf(name, sizeof name, "volume.%u", i);
		if (!volume->read_only)
			status |= volume_write(volume, 0, checkpoint_file_find(file, name)->bytes, volume->bytes);
	}
	return status;
}

static int restore_all(struct board *board, const struct checkpoint_file *file, const struct parts *parts, const char *path)
{
	char name[CHECKPOINT_NAME_BYTES];
	uint64_t cycle;
	int status = 0;

	for (unsigned i = 0; i < parts->count; i++)
		memcpy(parts->part[i].bytes, checkpoint_file_find(file, parts->part[i].name)->bytes, parts->part[i].size);
	hart_domain_drop_caches(board->host.host->domain);
	hart_domain_drop_caches(board->nic.nic->domain);
	for (unsigned i = 0; block_at(board, i); i++) {
		snprintf(name, sizeof name, "%s.rtl", block_at(board, i)->type->pins->block);
		if (block_at(board, i)->rtl)
			status |= restore_rtl(checkpoint_file_find(file, name), block_at(board, i), path);
	}
	status |= restore_fabric(board->fabric, file);
	status |= restore_events(&board->log, checkpoint_file_find(file, "events"));
	memcpy(&cycle, checkpoint_file_find(file, "cycle")->bytes, sizeof cycle);
	platform_set_cycle(cycle);
	board->failure[0] = '\0';
	return status;
}

int checkpoint_restore(struct board *board, const char *path, char *error, size_t error_size)
{
	struct checkpoint_file *file = malloc(sizeof *file);
	struct parts *parts = malloc(sizeof *parts);
	const char *cause = impossible(board);
	char text[64];
	int status = -1;

	if (!file || !parts || cause) {
		snprintf(error, error_size, "checkpoint %s: %s", path, cause ? cause : "out of memory");
	} else if (checkpoint_file_read(file, path, error, error_size) == 0) {
		list_parts(board, parts);
		cause = unfit(board, file, parts, text);
		status = cause ? -1 : restore_all(board, file, parts, path);
		if (status != 0)
			snprintf(error, error_size, "checkpoint %s: %s", path, cause ? cause : "cannot be brought to the volumes or the RTL");
		checkpoint_file_free(file);
	}
	free(file);
	free(parts);
	return status;
}
