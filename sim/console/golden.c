#include "sim/console/golden.h"

#include <stdlib.h>
#include <string.h>

#include "hypervisor/events_wire.h"
#include "hypervisor/snapshot/instant.h"

static void read_hart(struct golden_vcpu *to, const struct hart *hart)
{
	to->has_registers = true;
	to->vsstatus = hart->vsstatus | 2ull << 32; /* UXL is wired */
	if ((hart->vsstatus >> 13 & 3) == 3)
		to->vsstatus |= 1ull << 63; /* SD says that FS is dirty */
	to->vstvec = hart->vstvec;
	to->vsscratch = hart->vsscratch;
	to->vsepc = hart->vsepc;
	to->vscause = hart->vscause;
	to->vstval = hart->vstval;
	to->vsatp = hart->vsatp;
	to->has_fp = (hart->isa & HART_ISA_FD) != 0;
	memcpy(to->f, &hart->x[HART_F0], sizeof to->f);
	to->fcsr = hart->fcsr;
	to->application[0] = hart->uisa;
	to->application[1] = hart->x[HART_SP];
	to->application[2] = hart->x[HART_FLAGS];
	to->application[3] = hart->x[HART_THREAD];
}

static void read_vcpu(struct golden_vcpu *to, struct host *host, const struct snapshot_instant *instant, unsigned i)
{
	const uint64_t *x = host_ram(host, instant->vcpus + i * instant->vcpu_stride, sizeof to->x + sizeof to->pc);
	memset(to, 0, sizeof *to);
	if (!x)
		return;
	memcpy(to->x, x, sizeof to->x);
	to->pc = x[32];
	if (instant->hart[i] < host->config.harts)
		read_hart(to, hart_state(host->core[instant->hart[i]]));
}

static void copy_file(const char *path, uint64_t id)
{
	char name[GOLDEN_PATH_BYTES + 32], block[65536];
	size_t got;
	snprintf(name, sizeof name, "%s.instant-%llu", path, (unsigned long long)id);
	FILE *from = fopen(path, "rb"), *to = fopen(name, "wb");
	while (from && to && (got = fread(block, 1, sizeof block, from)) > 0)
		if (fwrite(block, 1, got, to) != got)
			break;
	if (from)
		fclose(from);
	if (to)
		fclose(to);
}

int golden_watch_volume(struct golden *golden, const char *path)
{
	if (golden->volumes == GOLDEN_VOLUMES || strlen(path) >= GOLDEN_PATH_BYTES)
		return -1;
	strcpy(golden->volume[golden->volumes++], path);
	return 0;
}

static void take(struct golden *golden, struct board *board, uint64_t address, uint64_t cycle)
{
	struct host *host = board->host.host;
	const struct snapshot_instant *instant = host_ram(host, address, sizeof *instant);
	const void *memory = instant ? host_ram(host, instant->memory, instant->memory_bytes) : NULL;
	if (!memory || instant->vcpu_count > GOLDEN_VCPUS)
		return;
	struct golden_copy *copy = &golden->copy[golden->next++ % GOLDEN_COPIES];
	free(copy->memory);
	copy->memory = malloc(instant->memory_bytes);
	copy->snapshot = copy->memory ? instant->snapshot : 0;
	copy->memory_bytes = instant->memory_bytes;
	copy->cycle = cycle;
	copy->vcpus = (unsigned)instant->vcpu_count;
	if (copy->memory)
		memcpy(copy->memory, memory, instant->memory_bytes);
	for (unsigned i = 0; i < copy->vcpus; i++)
		read_vcpu(&copy->vcpu[i], host, instant, i);
	for (unsigned i = 0; i < golden->volumes; i++)
		copy_file(golden->volume[i], instant->snapshot);
}

static void observe(void *ctx, struct board *board, const struct event *event)
{
	if (event->code == EVENT_SW_SNAPSHOT)
		take(ctx, board, event->value, event->cycle);
}

void golden_watch(struct golden *golden, struct board *board)
{
	board->observe = observe;
	board->observe_ctx = golden;
}

void golden_free(struct golden *golden)
{
	for (unsigned i = 0; i < GOLDEN_COPIES; i++)
		free(golden->copy[i].memory);
	memset(golden, 0, sizeof *golden);
}

const struct golden_copy *golden_find(const struct golden *golden, uint64_t id)
{
	for (unsigned back = 1; back <= GOLDEN_COPIES && back <= golden->next; back++) {
		const struct golden_copy *copy = &golden->copy[(golden->next - back) % GOLDEN_COPIES];
		if (copy->snapshot == id)
			return copy;
	}
	return NULL;
}

static int differ(char *text, size_t size, const char *what, unsigned vcpu, uint64_t image, uint64_t golden)
{
	snprintf(text, size, "vcpu %u: %s is %016llx in the image, was %016llx", vcpu, what, (unsigned long long)image, (unsigned long long)golden);
	return 1;
}

static int compare_fp(const struct golden_vcpu *golden, const struct snapshot_vcpu *image, unsigned i, char *text, size_t size)
{
	for (unsigned f = 0; f < 32; f++) {
		char name[8];
		snprintf(name, sizeof name, "f%u", f);
		if (image->f[f] != golden->f[f])
			return differ(text, size, name, i, image->f[f], golden->f[f]);
	}
	return image->fcsr == golden->fcsr ? 0 : differ(text, size, "fcsr", i, image->fcsr, golden->fcsr);
}

static int compare_vcpu(const struct golden_vcpu *golden, const struct snapshot_vcpu *image, unsigned i, char *text, size_t size)
{
	const struct {
		const char *name;
		uint64_t image, golden;
	} registers[] = {
		{"vsstatus", image->vsstatus, golden->vsstatus}, {"vstvec", image->vstvec, golden->vstvec}, {"vsscratch", image->vsscratch, golden->vsscratch},
		{"vsepc", image->vsepc, golden->vsepc}, {"vscause", image->vscause, golden->vscause}, {"vstval", image->vstval, golden->vstval}, {"vsatp", image->vsatp, golden->vsatp},
		{"uisa", image->application[0], golden->application[0]}, {"usp", image->application[1], golden->application[1]},
		{"uflags", image->application[2], golden->application[2]}, {"uthread", image->application[3], golden->application[3]},
	};
	for (unsigned x = 1; x < 32; x++) {
		char name[8];
		snprintf(name, sizeof name, "x%u", x);
		if (image->x[x] != golden->x[x])
			return differ(text, size, name, i, image->x[x], golden->x[x]);
	}
	if (image->pc != golden->pc)
		return differ(text, size, "pc", i, image->pc, golden->pc);
	for (size_t k = 0; golden->has_registers && k < sizeof registers / sizeof registers[0]; k++) {
		if (registers[k].image != registers[k].golden)
			return differ(text, size, registers[k].name, i, registers[k].image, registers[k].golden);
	}
	return golden->has_fp ? compare_fp(golden, image, i, text, size) : 0;
}

int golden_compare(const struct golden_copy *copy, const struct snapshot_content *content, char *text, size_t size)
{
	const struct snapshot_header *h = content->header;
	if (h->memory_bytes != copy->memory_bytes || h->vcpus != copy->vcpus) {
		snprintf(text, size, "the image is of %llu bytes and %u vCPUs, the VM had %llu and %u", (unsigned long long)h->memory_bytes, h->vcpus,
			(unsigned long long)copy->memory_bytes, copy->vcpus);
		return 1;
	}
	for (uint64_t at = 0; at < copy->memory_bytes; at++) {
		if (content->memory[at] == copy->memory[at])
			continue;
		snprintf(text, size, "byte 0x%llx of RAM is %02x in the image, was %02x", (unsigned long long)at, content->memory[at], copy->memory[at]);
		return 1;
	}
	for (unsigned i = 0; i < copy->vcpus; i++) {
		const struct snapshot_vcpu *v = snapshot_record_find(content->state, h->state_bytes, SNAPSHOT_RECORD_VCPU, i, sizeof *v, NULL);
		if (!v) {
			snprintf(text, size, "vcpu %u is not in the image", i);
			return 1;
		}
		if (compare_vcpu(&copy->vcpu[i], v, i, text, size) != 0)
			return 1;
	}
	return 0;
}
