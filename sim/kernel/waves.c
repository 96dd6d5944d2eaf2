#include "sim/kernel/waves.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The FST writer maps its temporary files into memory, so that a full disk shows as a bus error. Then there is nothing to complete: the file and the
 * writer's are removed, and one line says why the run ends. Only what a signal handler may call is called. */
static char open_path[512], hierarchy_path[520], full_message[600];

static void disk_is_full(int signal_number)
{
	(void)signal_number;
	unlink(open_path);
	unlink(hierarchy_path);
	(void)!write(STDERR_FILENO, full_message, strlen(full_message));
	_exit(2);
}

static void watch_disk(const char *path)
{
	struct sigaction action = {.sa_handler = disk_is_full};
	snprintf(open_path, sizeof open_path, "%s", path);
	snprintf(hierarchy_path, sizeof hierarchy_path, "%s.hier", open_path);
	snprintf(full_message, sizeof full_message, "assay: waves %s: the disk is full; the run ends here, without waves\n", open_path);
	sigaction(SIGBUS, &action, NULL);
}

/* An FST file is a chain of blocks: a byte of kind, eight of length (big-endian, they count, the kind does not). The writer says nothing when the disk
 * takes no more, but then the chain does not end with the file, or the block of names, which is written last, is missing. */
static bool is_whole(const char *path)
{
	enum { NAMES = 4, NAMES_LZ4 = 6, NAMES_LZ4_TWICE = 7, HEADER_BYTES = 9 };
	uint8_t header[HEADER_BYTES];
	bool named = false;
	FILE *file = fopen(path, "rb");
	if (!file)
		return false;
	fseek(file, 0, SEEK_END);
	uint64_t size = (uint64_t)ftell(file), at = 0;
	while (at + HEADER_BYTES <= size && fseek(file, (long)at, SEEK_SET) == 0 && fread(header, 1, sizeof header, file) == sizeof header) {
		uint64_t length = 0;
		for (unsigned i = 1; i < HEADER_BYTES; i++)
			length = length << 8 | header[i];
		named |= header[0] == NAMES || header[0] == NAMES_LZ4 || header[0] == NAMES_LZ4_TWICE;
		if (length < HEADER_BYTES - 1 || length > size)
			break;
		at += 1 + length;
	}
	fclose(file);
	return named && at == size;
}

void waves_begin(struct waves *waves)
{
	*waves = (struct waves){.file = rtl_waves_create()};
}

void waves_add(struct waves *waves, const struct block *block, const struct pin_view_ops *ops, const void *in, const void *out)
{
	struct waves_block *added = &waves->block[waves->count++];
	char scope[64];

	*added = (struct waves_block){.block = block, .in = in, .out = out, .ops = ops};
	if (block->model) {
		snprintf(scope, sizeof scope, "lockstep.%s.model", block->type->pins->block);
		added->view = ops->create(scope, waves->file);
	}
	if (block->rtl)
		block->rtl_ops->attach_waves(block->rtl, waves->file);
}

int waves_open(struct waves *waves, const char *path)
{
	int status = rtl_waves_open(waves->file, path);
	if (status == 0)
		watch_disk(path);
	return status;
}

void waves_dump(struct waves *waves, uint64_t cycle)
{
	for (unsigned i = 0; i < waves->count; i++) {
		struct waves_block *block = &waves->block[i];
		if (block->view)
			block->ops->sample(block->view, block->in, block->out);
		if (block->block->rtl)
			block->block->rtl_ops->show(block->block->rtl, block->in);
	}
	rtl_waves_dump(waves->file, cycle);
}

void waves_end(struct waves *waves)
{
	rtl_waves_close(waves->file);
	signal(SIGBUS, SIG_DFL);
	if (*open_path && !is_whole(open_path))
		fprintf(stderr, "assay: waves %s: cut short: the disk is full\n", open_path);
	*open_path = '\0';
	for (unsigned i = 0; i < waves->count; i++) {
		if (waves->block[i].view)
			waves->block[i].ops->destroy(waves->block[i].view);
	}
}
