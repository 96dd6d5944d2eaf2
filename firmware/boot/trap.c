/* The only way into the firmware but its start: exceptions, and the watchdog's warning. Both write a crash dump and restart. */
#include "firmware/boot/crash.h"

#include "firmware/boot/keep.h"
#include "firmware/boot/system.h"
#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/update/update.h"
#include "sys_regs.h"

#include <string.h>

#define CAUSE_BREAKPOINT 3u
#define CAUSE_SOFTWARE_INTERRUPT (1ull << 63 | 3u)
#define STACK_POINTER 2

#define READ_CSR(name)                                                                             \
	({                                                                                         \
		uint64_t value_;                                                                   \
		__asm__ volatile("csrr %0, " #name : "=r"(value_));                                \
		value_;                                                                            \
	})

extern uint8_t __stack_top[], __stack_bottom[], __build_id[];

static struct crash_dump dump __attribute__((section(".keep.crash")));
static struct {
	uint32_t magic;
	uint32_t used; /* characters ever; the newest CRASH_LOG_BYTES are kept */
	char text[CRASH_LOG_BYTES];
} ring KEEP;
static bool crashing; /* a second fault on the way out: no time for more */

/** Called by crt0 with the integer registers in order (x0's place is not used). Never returns. */
_Noreturn void trap_fatal(const uint64_t *registers);

void crash_log(const char *text)
{
	if (ring.magic != CRASH_MAGIC) {
		ring.magic = CRASH_MAGIC;
		ring.used = 0;
	}
	for (; *text; text++)
		ring.text[ring.used++ % CRASH_LOG_BYTES] = *text;
}

static void copy_log(void)
{
	uint32_t bytes = ring.used < CRASH_LOG_BYTES ? ring.used : CRASH_LOG_BYTES;

	for (uint32_t i = 0; i < bytes; i++)
		dump.log[i] = ring.text[(ring.used - bytes + i) % CRASH_LOG_BYTES];
	dump.log_bytes = bytes;
}

static void copy_stack(uint64_t pointer)
{
	uint64_t bottom = (uintptr_t)__stack_bottom, top = (uintptr_t)__stack_top;

	dump.stack_address = pointer;
	if (pointer < bottom || pointer > top)
		return;
	dump.stack_bytes = (uint32_t)(top - pointer < CRASH_STACK_BYTES ? top - pointer : CRASH_STACK_BYTES);
	memcpy(dump.stack, (const void *)(uintptr_t)pointer, dump.stack_bytes);
}

static uint32_t reason_of(uint64_t cause)
{
	return cause == CAUSE_SOFTWARE_INTERRUPT ? CRASH_WATCHDOG : cause == CAUSE_BREAKPOINT ? CRASH_PANIC : CRASH_TRAP;
}

static void write_dump(const uint64_t *registers)
{
	uint32_t count = dump.magic == CRASH_MAGIC ? dump.count : 0;

	memset(&dump, 0, sizeof(dump));
	dump.magic = CRASH_MAGIC;
	dump.version = CRASH_VERSION;
	dump.count = count + 1;
	memcpy(dump.build_id, __build_id, sizeof(dump.build_id));
	memcpy(dump.revision, update_revision(0), sizeof(dump.revision));
	dump.slot = system_booted_slot();
	dump.ticks = clock_ticks();
	dump.cause = READ_CSR(mcause);
	dump.pc = READ_CSR(mepc);
	dump.value = READ_CSR(mtval);
	dump.reason = reason_of(dump.cause);
	memcpy(dump.registers, registers, sizeof(dump.registers));
	dump.registers[0] = 0;
	copy_stack(registers[STACK_POINTER]);
	copy_log();
	dump.check = crash_check(&dump);
}

void trap_fatal(const uint64_t *registers)
{
	static const char *const names[] = {[CRASH_TRAP] = "trap", [CRASH_PANIC] = "panic", [CRASH_WATCHDOG] = "watchdog"};

	if (!crashing) {
		crashing = true;
		write_dump(registers);
		log_line("crash: %s, cause %lx at %lx, value %lx, ra %lx", names[dump.reason], dump.cause, dump.pc, dump.value, registers[1]);
	}
	system_restart(reason_of(READ_CSR(mcause)) == CRASH_WATCHDOG ? SYS_CAUSE_WATCHDOG : SYS_CAUSE_CRASH);
}

void crash_report(void)
{
	if (dump.magic == CRASH_MAGIC && dump.check == crash_check(&dump))
		log_line("restarted after crash %u", dump.count);
}
