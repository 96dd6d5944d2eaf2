#include "sim/trace/wave_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gtkwave/fstapi.h"

enum { HEADER_BYTES = 329, LENGTH_BYTES = 8 };

/* A block: its type, one byte, then its length without the type, 8 bytes, big-endian. */
static bool next_block(FILE *f, uint64_t size, uint64_t *at, int *type, uint64_t *length)
{
	uint8_t head[1 + LENGTH_BYTES];

	if (fseeko(f, (off_t)*at, SEEK_SET) != 0 || fread(head, sizeof head, 1, f) != 1)
		return false;
	*type = head[0];
	*length = 0;
	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		*length = *length << 8 | head[1 + i];
	if (*length < LENGTH_BYTES || *length > size - *at - 1)
		return false;
	*at += 1 + *length;
	return true;
}

static bool blocks_are_whole(FILE *f)
{
	uint32_t seen = 0;
	uint64_t size, at = 0, length;
	int type;

	if (fseeko(f, 0, SEEK_END) != 0)
		return false;
	size = (uint64_t)ftello(f);
	while (at < size) {
		bool first = at == 0;
		if (!next_block(f, size, &at, &type, &length))
			return false;
		if (first && type == FST_BL_ZWRAPPER)
			return at == size;
		if (type > FST_BL_VCDATA_DYN_ALIAS2 || first != (type == FST_BL_HDR) || (first && length != HEADER_BYTES))
			return false;
		seen |= 1u << type;
	}
	return seen & 1u << FST_BL_GEOM && seen & (1u << FST_BL_HIER | 1u << FST_BL_HIER_LZ4 | 1u << FST_BL_HIER_LZ4DUO);
}

bool wave_blocks_are_whole(const char *path)
{
	FILE *f = fopen(path, "rb");
	bool whole = f && blocks_are_whole(f);

	if (f)
		fclose(f);
	return whole;
}

static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGABRT};

enum { DEADLY = sizeof deadly / sizeof deadly[0] };

static const char *guarded; /* the file that the library works on */
static int kept_stderr;
static struct sigaction kept_action[DEADLY];

static void say(const char *text)
{
	if (write(kept_stderr, text, strlen(text)) < 0)
		_exit(3);
}

static void give_up(void)
{
	if (!guarded)
		return;
	say("assay: wave file ");
	say(guarded);
	say(": damaged\n");
	_exit(2);
}

static void on_signal(int number)
{
	(void)number;
	give_up();
}

void wave_guard_enter(const char *path)
{
	static bool registered;
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct sigaction action = {.sa_handler = on_signal};

	if (!registered)
		registered = atexit(give_up) == 0;
	fflush(stderr);
	kept_stderr = dup(STDERR_FILENO);
	dup2(nowhere, STDERR_FILENO);
	close(nowhere);
	for (unsigned i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &action, &kept_action[i]);
	guarded = path;
}

void wave_guard_leave(void)
{
	guarded = NULL;
	for (unsigned i = 0; i < DEADLY; i++)
		sigaction(deadly[i], &kept_action[i], NULL);
	fflush(stderr);
	dup2(kept_stderr, STDERR_FILENO);
	close(kept_stderr);
}
