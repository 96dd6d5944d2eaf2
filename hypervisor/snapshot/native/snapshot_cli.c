#include "hypervisor/snapshot/native/snapshot_cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hypervisor/snapshot/native/image.h"

enum { PASSED = 0, DIFFERS = 1, BAD_INPUT = 2 };

static const char usage[] =
	"usage: assay snapshot list IMAGE              what the volume holds\n"
	"       assay snapshot verify IMAGE [ID]       read and check everything\n"
	"       assay snapshot extract IMAGE ID FILE   write the memory to FILE and the state to FILE.state\n"
	"       assay snapshot diff IMAGE ID ID        pages that differ between two snapshots\n"
	"       assay snapshot registers IMAGE ID      the vCPUs\n";

struct session {
	const char *path;
	struct snapshot_image image;
};

static int complain(const struct session *s)
{
	fprintf(stderr, "assay snapshot: %s: %s\n", s->path, s->image.error);
	return BAD_INPUT;
}

static void print_header(const struct snapshot_header *h)
{
	printf("%llu %s vm %s memory %llu vcpus %u parent %llu blocks %llu\n", (unsigned long long)h->id, h->name[0] ? h->name : "-", h->vm_name,
		(unsigned long long)h->memory_bytes, h->vcpus, (unsigned long long)h->parent, (unsigned long long)h->block_count);
	printf("  pages %llu: stored %llu (packed %llu), zero %llu, absent %llu, parent's %llu; by write %llu, by device %llu\n",
		(unsigned long long)snapshot_pages(h), (unsigned long long)h->pages_stored, (unsigned long long)h->pages_packed,
		(unsigned long long)h->pages_zero, (unsigned long long)h->pages_absent, (unsigned long long)h->pages_parent,
		(unsigned long long)h->pages_by_write, (unsigned long long)h->pages_by_device);
}

static int list(struct session *s, int argc, char **argv)
{
	(void)argc, (void)argv;
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		if (s->image.slot[i].id)
			print_header(&s->image.slot[i]);
		else if (s->image.fault[i])
			printf("slot %u: not a snapshot: %s\n", i, s->image.fault[i]);
	}
	return PASSED;
}

static int parse_id(const char *text, uint64_t *id)
{
	char *end;
	errno = 0;
	*id = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0)
		return 0;
	fprintf(stderr, "assay snapshot: \"%s\" is no snapshot's number\n", text);
	return -1;
}

static int load(struct session *s, const char *text, struct snapshot_content *content)
{
	uint64_t id;
	if (parse_id(text, &id) != 0)
		return -1;
	if (snapshot_image_load(&s->image, id, content) != 0)
		return complain(s), -1;
	return 0;
}

static int verify_one(struct session *s, uint64_t id)
{
	struct snapshot_content content;
	if (snapshot_image_load(&s->image, id, &content) != 0) {
		return complain(s);
	}
	printf("snapshot %llu ok, content %016llx\n", (unsigned long long)id, (unsigned long long)content.header->content_sum);
	snapshot_image_free(&content);
	return PASSED;
}

static int verify(struct session *s, int argc, char **argv)
{
	uint64_t id;
	int status = PASSED;
	if (argc == 1) {
		if (parse_id(argv[0], &id) != 0)
			return BAD_INPUT;
		return verify_one(s, id);
	}
	for (unsigned i = 0; i < SNAPSHOT_SLOTS; i++) {
		if (s->image.slot[i].id && verify_one(s, s->image.slot[i].id) != PASSED)
			status = BAD_INPUT;
		if (s->image.fault[i]) {
			fprintf(stderr, "assay snapshot: %s: slot %u %s\n", s->path, i, s->image.fault[i]);
			status = BAD_INPUT;
		}
	}
	return status;
}

/* Whole or not at all. */
static int write_file(const char *path, const void *bytes, size_t size)
{
	char fresh[4096];
	snprintf(fresh, sizeof fresh, "%s.new", path);
	FILE *file = fopen(fresh, "wb");
	bool failed = !file || fwrite(bytes, 1, size, file) != size;
	if (file && fclose(file) != 0)
		failed = true;
	if (!failed && rename(fresh, path) == 0)
		return 0;
	fprintf(stderr, "assay snapshot: %s: %s\n", path, strerror(errno));
	remove(fresh);
	return -1;
}

static int extract(struct session *s, int argc, char **argv)
{
	struct snapshot_content content;
	char path[4096];
	(void)argc;
	if (load(s, argv[0], &content) != 0)
		return BAD_INPUT;
	snprintf(path, sizeof path, "%s.state", argv[1]);
	int failed = write_file(argv[1], content.memory, content.header->memory_bytes);
	if (!failed)
		failed = write_file(path, content.state, content.header->state_bytes);
	snapshot_image_free(&content);
	return failed ? BAD_INPUT : PASSED;
}

static int diff(struct session *s, int argc, char **argv)
{
	struct snapshot_content a, b;
	uint64_t different = 0;
	(void)argc;
	if (load(s, argv[0], &a) != 0)
		return BAD_INPUT;
	if (load(s, argv[1], &b) != 0) {
		snapshot_image_free(&a);
		return BAD_INPUT;
	}
	int status = PASSED;
	if (a.header->memory_bytes != b.header->memory_bytes) {
		printf("memory %llu and %llu bytes\n", (unsigned long long)a.header->memory_bytes, (unsigned long long)b.header->memory_bytes);
		status = DIFFERS;
	}
	for (uint64_t page = 0; status == PASSED && page < snapshot_pages(a.header); page++) {
		if (memcmp(a.memory + page * SNAPSHOT_BLOCK_BYTES, b.memory + page * SNAPSHOT_BLOCK_BYTES, SNAPSHOT_BLOCK_BYTES) == 0)
			continue;
		printf("page %llu address 0x%llx\n", (unsigned long long)page, (unsigned long long)(0x80000000ull + page * SNAPSHOT_BLOCK_BYTES));
		different++;
	}
	if (status == PASSED)
		printf("%llu of %llu pages differ\n", (unsigned long long)different, (unsigned long long)snapshot_pages(a.header));
	snapshot_image_free(&a);
	snapshot_image_free(&b);
	return different ? DIFFERS : status;
}

static int registers(struct session *s, int argc, char **argv)
{
	struct snapshot_content content;
	(void)argc;
	if (load(s, argv[0], &content) != 0)
		return BAD_INPUT;
	for (uint32_t i = 0; i < content.header->vcpus; i++) {
		const struct snapshot_vcpu *v = snapshot_record_find(content.state, content.header->state_bytes, SNAPSHOT_RECORD_VCPU, i, sizeof *v, NULL);
		if (!v)
			continue;
		printf("vcpu %u pc=%016llx state=%u vsatp=%016llx vsstatus=%016llx\n", i, (unsigned long long)v->pc, v->state, (unsigned long long)v->vsatp, (unsigned long long)v->vsstatus);
		for (unsigned x = 1; x < 32; x++)
			printf("  x%-2u %016llx%s", x, (unsigned long long)v->x[x], x % 4 == 3 ? "\n" : "");
		for (unsigned f = 0; f < 32; f++)
			printf("  f%-2u %016llx%s", f, (unsigned long long)v->f[f], f % 4 == 3 ? "\n" : "");
		printf("  fcsr %02llx\n", (unsigned long long)v->fcsr);
		if (v->application[0])
			printf("  application of the second ISA: sp %016llx flags %08llx thread %016llx\n", (unsigned long long)v->application[1],
				(unsigned long long)v->application[2], (unsigned long long)v->application[3]);
	}
	snapshot_image_free(&content);
	return PASSED;
}

int snapshot_main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int least, most; /* arguments behind the image */
		int (*run)(struct session *s, int argc, char **argv);
	} commands[] = {{"list", 0, 0, list}, {"verify", 0, 1, verify}, {"extract", 2, 2, extract}, {"diff", 2, 2, diff}, {"registers", 1, 1, registers}};
	struct snapshot_source source;
	struct session s = {.path = argc > 2 ? argv[2] : ""};

	for (size_t i = 0; argc > 2 && i < sizeof commands / sizeof commands[0]; i++) {
		if (strcmp(argv[1], commands[i].name) != 0 || argc - 3 < commands[i].least || argc - 3 > commands[i].most)
			continue;
		if (snapshot_image_file_open(&source, s.path, s.image.error, sizeof s.image.error) != 0)
			return complain(&s);
		int status = snapshot_image_open(&s.image, &source) == 0 ? commands[i].run(&s, argc - 3, argv + 3) : complain(&s);
		snapshot_image_file_close(&source);
		return status;
	}
	fputs(usage, stderr);
	return BAD_INPUT;
}
