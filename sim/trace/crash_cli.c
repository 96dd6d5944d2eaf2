#include "sim/trace/crash_cli.h"

#include <stdio.h>
#include <string.h>

#include "firmware/boot/crash.h"
#include "sim/trace/backtrace.h"

static int refuse(const char *path, const char *why)
{
	fprintf(stderr, "assay: crash dump %s: %s\n", path, why);
	return 2;
}

static const char *read_dump(const char *path, struct crash_dump *dump)
{
	FILE *file = fopen(path, "rb");
	size_t bytes = file ? fread(dump, 1, sizeof *dump, file) : 0;

	if (!file)
		return "cannot be read";
	fclose(file);
	if (bytes != sizeof *dump || dump->magic != CRASH_MAGIC)
		return "not a crash dump";
	if (dump->version != CRASH_VERSION)
		return "of another version";
	if (dump->check != crash_check(dump) || dump->stack_bytes > CRASH_STACK_BYTES || dump->log_bytes > CRASH_LOG_BYTES)
		return "damaged";
	return NULL;
}

static void print_id(const uint8_t id[IMAGE_BUILD_ID_BYTES])
{
	for (unsigned i = 0; i < IMAGE_BUILD_ID_BYTES; i++)
		printf("%02x", id[i]);
}

static const char *reason_text(uint32_t reason)
{
	static const char *const text[] = {[CRASH_TRAP] = "trap", [CRASH_PANIC] = "panic", [CRASH_WATCHDOG] = "watchdog: the main loop hung"};
	return reason >= CRASH_TRAP && reason <= CRASH_WATCHDOG ? text[reason] : "unknown";
}

static void print_head(const struct crash_dump *dump)
{
	printf("reason     %s\n", reason_text(dump->reason));
	printf("firmware   revision %.8s, slot %u, build id ", dump->revision, dump->slot);
	print_id(dump->build_id);
	printf("\ntime       %llu.%07llu s after power-on, crash %u since then\n", (unsigned long long)(dump->ticks / 10000000), (unsigned long long)(dump->ticks % 10000000), dump->count);
	printf("mcause     %016llx   mepc %016llx   mtval %016llx\n", (unsigned long long)dump->cause, (unsigned long long)dump->pc, (unsigned long long)dump->value);
	for (unsigned i = 0; i < 32; i += 4)
		printf("x%-2u        %016llx %016llx %016llx %016llx\n", i, (unsigned long long)dump->registers[i], (unsigned long long)dump->registers[i + 1],
		       (unsigned long long)dump->registers[i + 2], (unsigned long long)dump->registers[i + 3]);
}

static int print_backtrace(const struct crash_dump *dump, const char *image)
{
	struct backtrace_state state = {.pc = dump->pc, .address = dump->stack_address, .stack = dump->stack, .bytes = dump->stack_bytes};
	uint8_t build_id[IMAGE_BUILD_ID_BYTES];
	char error[512];
	struct backtrace *trace = backtrace_open(image, build_id, error, sizeof error);

	if (!trace) {
		fprintf(stderr, "assay: %s\n", error);
		return 2;
	}
	memcpy(state.registers, dump->registers, sizeof state.registers);
	printf("backtrace\n");
	if (memcmp(build_id, dump->build_id, sizeof build_id) != 0)
		printf("  (%s is another build: what follows may be wrong)\n", image);
	backtrace_print(trace, &state);
	backtrace_close(trace);
	return 0;
}

int crash_main(int argc, char **argv)
{
	static struct crash_dump dump;
	const char *image = argc == 4 && strcmp(argv[2], "--image") == 0 ? argv[3] : NULL;

	if (argc != 2 && !image) {
		fprintf(stderr, "assay: usage: assay firmware crash FILE [--image ELF]\n");
		return 2;
	}
	const char *why = read_dump(argv[1], &dump);
	if (why)
		return refuse(argv[1], why);
	print_head(&dump);
	int status = image ? print_backtrace(&dump, image) : 0;
	printf("log\n%.*s", (int)dump.log_bytes, dump.log);
	return status;
}
