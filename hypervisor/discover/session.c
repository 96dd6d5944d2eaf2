#include "hypervisor/discover/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RULE_ARENA_BYTES = 4 << 20 };

/* A private mapping: an Image is relocated in place, the file stays as it is. */
static int map_file(struct session *s, const char *path, const char **why)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd < 0 || fstat(fd, &st)) {
		*why = strerror(errno);
		if (fd >= 0)
			close(fd);
		return 2;
	}
	if (!S_ISREG(st.st_mode) || st.st_size < 64) {
		*why = "not a file of at least 64 bytes";
		close(fd);
		return 2;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p == MAP_FAILED) {
		*why = strerror(errno);
		return 2;
	}
	s->file = p;
	s->file_bytes = (size_t)st.st_size;
	return 0;
}

static int open_disassembler(struct session *s, const char **why)
{
	if (s->memory.arch == DISCOVER_RV64 && tables_rv64_open(&s->tables, &s->ops) == 0)
		return 0;
	if (capstone_open(&s->capstone, s->memory.arch, &s->ops) == 0) {
		s->has_capstone = true;
		return 0;
	}
	*why = "no disassembler for this architecture";
	return 2;
}

static int run(struct session *s, const char *rules_text, const char **why)
{
	s->rule_arena = (struct discover_arena){ malloc(RULE_ARENA_BYTES), RULE_ARENA_BYTES, 0 };
	s->arena = (struct discover_arena){ malloc(DISCOVER_ARENA_BYTES), DISCOVER_ARENA_BYTES, 0 };
	*why = "out of memory";
	if (!s->rule_arena.base || !s->arena.base)
		return 2;
	if (rules_parse(rules_text, &s->rule_arena, &s->rules)) {
		*why = s->rules.error;
		return 2;
	}
	switch (discover_run(&s->discover, &s->memory, &s->ops, &s->rules, &s->arena)) {
	case DISCOVER_OK: return 0;
	case DISCOVER_NO_EXPORTS: *why = "no table of exported symbols: not a Linux kernel"; return 1;
	case DISCOVER_NO_MEMORY: break;
	}
	return 2;
}

int session_open(struct session *s, const char *path, const char *rules_text, const char **why)
{
	int status;

	memset(s, 0, sizeof(*s));
	status = map_file(s, path, why);
	if (status)
		return status;
	status = image_open(&s->image, s->file, s->file_bytes, &s->memory, why);
	if (status == 1)
		status = dump_open(&s->dump, s->file, s->file_bytes, &s->memory, why);
	if (status)
		return 2;
	status = open_disassembler(s, why);
	return status ? status : run(s, rules_text, why);
}

int session_attach(struct session *s, const struct discover_memory *memory, const char *rules_text, const char **why)
{
	int status;

	memset(s, 0, sizeof(*s));
	s->memory = *memory;
	status = open_disassembler(s, why);
	return status ? status : run(s, rules_text, why);
}

void session_close(struct session *s)
{
	if (s->has_capstone)
		capstone_close(&s->capstone);
	image_close(&s->image);
	free(s->arena.base);
	free(s->rule_arena.base);
	if (s->file)
		munmap(s->file, s->file_bytes);
}
