/* What the firmware writes down before it restarts, at a fixed place in memory that survives (link.ld): for `assay firmware crash`. */
#ifndef ASSAY_FIRMWARE_BOOT_CRASH_H
#define ASSAY_FIRMWARE_BOOT_CRASH_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/boot/image.h"

#define CRASH_ADDRESS 0x83000000u
#define CRASH_MAGIC 0x48535243u /* "CRSH" */
#define CRASH_VERSION 1u
#define CRASH_STACK_BYTES 16384u
#define CRASH_LOG_BYTES 8192u

enum crash_reason {
	CRASH_TRAP = 1,	    /* an exception */
	CRASH_PANIC = 2,    /* a broken invariant; the last line of the log says which */
	CRASH_WATCHDOG = 3, /* the main loop did not come round */
};

/* Little-endian. */
struct crash_dump {
	uint32_t magic;
	uint32_t version;
	uint32_t reason;
	uint32_t count; /* of crashes since power-on, this one included */
	uint8_t build_id[IMAGE_BUILD_ID_BYTES];
	char revision[IMAGE_REVISION_BYTES];
	uint32_t slot;
	uint64_t ticks; /* of 100 ns, since power-on */
	uint64_t cause, pc, value; /* mcause, mepc, mtval */
	uint64_t registers[32];
	uint64_t stack_address;
	uint32_t stack_bytes;
	uint32_t log_bytes;
	uint8_t stack[CRASH_STACK_BYTES];
	char log[CRASH_LOG_BYTES]; /* the newest text, ends at log_bytes */
	uint64_t check; /* crash_check() */
};

/** FNV-1a of everything before `check`: needs no table that a crash may have spoilt. */
static inline uint64_t crash_check(const struct crash_dump *dump)
{
	const uint8_t *bytes = (const uint8_t *)dump;
	uint64_t hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < offsetof(struct crash_dump, check); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	return hash;
}

/** Adds @p text to the log that the dump keeps. */
void crash_log(const char *text);

/** Says what the life before has left, if it crashed. */
void crash_report(void);

#endif
