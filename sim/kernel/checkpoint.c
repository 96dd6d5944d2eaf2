#include "sim/kernel/checkpoint.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fabric/volume.h"
#include "sim/kernel/checkpoint_file.h"
#include "sim/kernel/checkpoint_parts.h"
#include "sim/kernel/hash.h"
#include "sim/kernel/image.h"

enum { IDENTITY_BYTES = 256, PATH_BYTES = 4096, UNFIT_BYTES = 128 };

/* The program's own file does not change while it runs. @return 0 if it cannot be read. */
static uint64_t program_hash(void)
{
	static uint64_t hash;
	char error[BOARD_ERROR_BYTES];
	size_t size;
	void *program = hash ? NULL : image_read_file("/proc/self/exe", &size, error, sizeof error);

	if (program)
		hash = XXH3_64bits(program, size);
	free(program);
	return hash;
}

/* Which program and board a checkpoint belongs to. */
static int describe(struct board *board, char text[IDENTITY_BYTES])
{
	struct fabric_part part[FABRIC_PARTS_MAX];
	uint64_t program = program_hash();

	snprintf(text, IDENTITY_BYTES, "program %016llx harts %u partitions %u ram %llu fabric %u", (unsigned long long)program, board->config.host.harts,
		board->host.host->config.partitions, (unsigned long long)board->config.host.ram_bytes, fabric_state(board->fabric, part));
	return program ? 0 : -1;
}

/* @return why the board can be neither saved nor restored now, NULL if it can. */
static const char *impossible(const struct board *board)
{
	if (fabric_has_outside(board->fabric))
		return "a link to the outside cannot be saved";
	if (board->host.window.set)
		return "not while a lockstep window of a CLB is waited for or open";
	return NULL;
}

static const char *cannot_save(struct board *board)
{
	struct board_part part;
	for (unsigned i = 0; board_part(board, i, &part); i++) {
		if (part.block->rtl && !part.block->rtl_ops->save)
			return "not together with waves or a failure window, whose RTL cannot be saved";
	}
	return impossible(board);
}

/* --- RTL: Verilator saves to files of its own ------------------------------------------------------------------ */

static const struct checkpoint_section *section_of(const struct checkpoint_file *file, const struct board_part *part, const char *what)
{
	char name[CHECKPOINT_NAME_BYTES];
	snprintf(name, sizeof name, "%s.%s", part->name, what);
	return checkpoint_file_find(file, name);
}

static int save_rtl(FILE *file, const struct board_part *part, const char *path)
{
	char beside[PATH_BYTES + 16], name[CHECKPOINT_NAME_BYTES], error[BOARD_ERROR_BYTES];
	const struct block *block = part->block;
	size_t size;

	snprintf(beside, sizeof beside, "%s.rtl", path);
	snprintf(name, sizeof name, "%s.rtl", part->name);
	void *bytes = block->rtl_ops->save(block->rtl, beside) == 0 ? image_read_file(beside, &size, error, sizeof error) : NULL;
	int status = bytes ? checkpoint_file_put(file, name, bytes, size) : -1;
	free(bytes);
	unlink(beside);
	return status;
}

static int save_pins(FILE *file, const struct board_part *part)
{
	char name[CHECKPOINT_NAME_BYTES];
	size_t size;
	void *image = pin_journal_save(part->block->journal, &size);

	snprintf(name, sizeof name, "%s.pins", part->name);
	int status = image ? checkpoint_file_put(file, name, image, size) : -1;
	free(image);
	return status;
}

/* The model's state is among the parts; here is what the RTL needs. */
static int save_block(FILE *file, const struct board_part *part, const char *path)
{
	int status = part->block->rtl ? save_rtl(file, part, path) : 0;
	return status == 0 && part->block->journal ? save_pins(file, part) : status;
}

static int restore_saved_rtl(const struct checkpoint_section *section, struct block *block, const char *path)
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

/* The RTL takes the steps that the model took. */
static int restore_rtl_by_pins(const struct checkpoint_section *section, const struct board_part *part)
{
	struct pin_journal *journal = pin_journal_create(part->block->type->pins->in_bytes);
	int status = journal ? pin_journal_load(journal, section->bytes, section->size) : -1;

	if (status == 0)
		status = block_catch_up(part->block, journal, part->out);
	pin_journal_destroy(journal);
	return status;
}

static bool takes_saved_rtl(const struct checkpoint_file *file, const struct board_part *part)
{
	return part->block->rtl_ops->restore && section_of(file, part, "rtl");
}

static int restore_block(const struct checkpoint_file *file, const struct board_part *part, const char *path)
{
	const struct checkpoint_section *pins = section_of(file, part, "pins");
	int status = 0;

	if (part->block->rtl)
		status = takes_saved_rtl(file, part) ? restore_saved_rtl(section_of(file, part, "rtl"), part->block, path) : restore_rtl_by_pins(pins, part);
	if (part->block->journal)
		status |= pin_journal_load(part->block->journal, pins->bytes, pins->size);
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
	struct board_part part;
	struct checkpoint_parts *parts = malloc(sizeof *parts);
	uint64_t cycle = platform_cycle();
	char name[CHECKPOINT_NAME_BYTES];
	int status = parts ? checkpoint_file_put(file, "identity", identity, strlen(identity) + 1) : -1;

	status |= checkpoint_file_put(file, "cycle", &cycle, sizeof cycle);
	if (parts)
		checkpoint_list_parts(board, parts);
	for (unsigned i = 0; status == 0 && i < parts->count; i++)
		status = checkpoint_file_put(file, parts->part[i].name, parts->part[i].bytes, parts->part[i].size);
	for (unsigned i = 0, count = fabric_state(board->fabric, fabric); status == 0 && i < count; i++) {
		snprintf(name, sizeof name, "fabric.%u", i);
		status = checkpoint_file_put(file, name, fabric[i].bytes, fabric[i].size);
	}
	for (unsigned i = 0; status == 0 && board_part(board, i, &part); i++)
		status = save_block(file, &part, path);
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
	const char *cause = cannot_save(board);

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

/* @return what is wrong with what the checkpoint holds of a block, NULL if nothing is. */
static const char *unfit_block(const struct checkpoint_file *file, const struct board_part *part, char text[UNFIT_BYTES])
{
	bool pins = section_of(file, part, "pins") != NULL;

	if (part->block->rtl && !pins && !takes_saved_rtl(file, part))
		snprintf(text, UNFIT_BYTES, "holds no RTL state of block %s and no recorded inputs (run --record-pins on)", part->name);
	else if (part->block->journal && !pins)
		snprintf(text, UNFIT_BYTES, "holds no recorded inputs of block %s, which this run records", part->name);
	else
		return NULL;
	return text;
}

/* @return what is wrong with the checkpoint for this board, NULL if nothing is. */
static const char *unfit(struct board *board, const struct checkpoint_file *file, const struct checkpoint_parts *parts, char text[UNFIT_BYTES])
{
	struct board_part block;
	struct fabric_part fabric[FABRIC_PARTS_MAX];
	struct volume *volume;
	char identity[IDENTITY_BYTES], name[CHECKPOINT_NAME_BYTES];

	if (describe(board, identity) != 0 || !has(file, "identity", strlen(identity) + 1) ||
	    strcmp((const char *)checkpoint_file_find(file, "identity")->bytes, identity) != 0)
		return "is of another program or board";
	for (unsigned i = 0; i < parts->count; i++) {
		snprintf(text, UNFIT_BYTES, "holds no %s of this board's backend", parts->part[i].name);
		if (!has(file, parts->part[i].name, parts->part[i].size))
			return text;
	}
	for (unsigned i = 0; board_part(board, i, &block); i++) {
		if (unfit_block(file, &block, text))
			return text;
	}
	for (unsigned i = 0, count = fabric_state(board->fabric, fabric); i < count; i++) {
		snprintf(name, sizeof name, "fabric.%u", i);
		if (!has(file, name, fabric[i].size))
			return "is of another fabric";
	}
	for (unsigned i = 0; (volume = fabric_volume(board->fabric, i)) != NULL; i++) {
		snprintf(name, sizeof name, "volume.%u", i);
		snprintf(text, UNFIT_BYTES, "volume %u has another size", i);
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

static int restore_all(struct board *board, const struct checkpoint_file *file, struct checkpoint_parts *parts, const char *path)
{
	struct board_part block;
	uint64_t cycle;
	int status = 0;

	for (unsigned i = 0; i < parts->count; i++)
		memcpy(parts->part[i].bytes, checkpoint_file_find(file, parts->part[i].name)->bytes, parts->part[i].size);
	checkpoint_take_parts(board, parts);
	for (unsigned i = 0; board_part(board, i, &block); i++)
		status |= restore_block(file, &block, path);
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
	struct checkpoint_parts *parts = malloc(sizeof *parts);
	const char *cause = impossible(board);
	char text[UNFIT_BYTES];
	int status = -1;

	if (!file || !parts || cause) {
		snprintf(error, error_size, "checkpoint %s: %s", path, cause ? cause : "out of memory");
	} else if (checkpoint_file_read(file, path, error, error_size) == 0) {
		checkpoint_list_parts(board, parts);
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
