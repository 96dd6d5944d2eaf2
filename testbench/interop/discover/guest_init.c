/* The first process of a guest that discovery looks at: makes some processes with names, prints what the guest itself knows between
 * markers (addresses from /proc/kallsyms, /proc/PID/stat of every process), and sleeps. Freestanding, RV64 and AArch64 (their system calls
 * have the same numbers). Prints: MARK-SYMBOLS, lines of kallsyms, MARK-PS, lines of stat, MARK-END. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/interop/freestanding.h"

enum { SYS_MOUNT = 40, SYS_OPENAT = 56, SYS_CLOSE = 57, SYS_GETDENTS = 61, SYS_READ = 63, SYS_NANOSLEEP = 101,
       SYS_PRCTL = 167, SYS_CLONE = 220 };
enum { AT_FDCWD = -100, SIGCHLD = 17, PR_SET_NAME = 15, O_WRONLY = 1 };

static void sleep_us(long us)
{
	long time[2] = { us / 1000000, us % 1000000 * 1000 };

	CALL(SYS_NANOSLEEP, time, 0, 0, 0);
}

/* A process of that name that sleeps again and again. */
static void start_process(const char *name, long us)
{
	if (CALL(SYS_CLONE, SIGCHLD, 0, 0, 0))
		return;
	CALL(SYS_PRCTL, PR_SET_NAME, name, 0, 0);
	for (;;)
		sleep_us(us);
}

static bool is_wanted(const char *line, size_t bytes)
{
	static const char *const names[] = { "_text", "init_task", "init_mm", "modules", "schedule", "super_blocks", "file_systems",
					     "try_to_wake_up", "rtnl_mutex", "cred_jar", "__queue_work", "tasklist_lock", "swapper_pg_dir",
					     "sys_call_table", "__schedule", "__d_alloc", "irq_to_desc", "inode_hashtable" };
	const size_t at = 19; /* 16 digits, space, letter, space */

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		size_t n = length(names[i]), same = 0;

		while (same < n && at + same < bytes && line[at + same] == names[i][same])
			same++;
		if (same == n && at + n == bytes)
			return true;
	}
	return false;
}

static void print_symbols(void)
{
	static char text[8192], line[512];
	long fd = CALL(SYS_OPENAT, AT_FDCWD, "/proc/kallsyms", 0, 0), n;
	size_t used = 0;

	while ((n = CALL(SYS_READ, fd, text, sizeof(text), 0)) > 0) {
		for (long i = 0; i < n; i++) {
			if (text[i] != '\n') {
				used += used < sizeof(line) - 1;
				line[used - 1] = text[i];
				continue;
			}
			if (is_wanted(line, used)) {
				line[used] = '\n';
				CALL(SYS_WRITE, 1, line, used + 1, 0);
			}
			used = 0;
		}
	}
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static void print_stat(const char *pid)
{
	static char path[64], text[1024];
	size_t n = length(pid);
	long fd, got;

	memcpy(path, "/proc/", 6);
	memcpy(path + 6, pid, n);
	memcpy(path + 6 + n, "/stat", 6);
	fd = CALL(SYS_OPENAT, AT_FDCWD, path, 0, 0);
	if (fd < 0)
		return;
	got = CALL(SYS_READ, fd, text, sizeof(text), 0);
	if (got > 0)
		CALL(SYS_WRITE, 1, text, got, 0);
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static void print_processes(void)
{
	static char entries[4096] __attribute__((aligned(8)));
	long fd = CALL(SYS_OPENAT, AT_FDCWD, "/proc", 0, 0), n;

	while ((n = CALL(SYS_GETDENTS, fd, entries, sizeof(entries), 0)) > 0) {
		for (long at = 0; at < n; at += *(uint16_t *)(entries + at + 16)) { /* struct linux_dirent64 */
			const char *name = entries + at + 19;

			if (name[0] >= '0' && name[0] <= '9' && length(name) < 16)
				print_stat(name);
		}
	}
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

__attribute__((used, noreturn)) static void start(void)
{
	long fd;

	call(SYS_MOUNT, (long)"dev", (long)"/dev", (long)"devtmpfs", 0, 0, 0);
	call(SYS_MOUNT, (long)"proc", (long)"/proc", (long)"proc", 0, 0, 0);
	fd = CALL(SYS_OPENAT, AT_FDCWD, "/proc/sys/kernel/kptr_restrict", O_WRONLY, 0);
	CALL(SYS_WRITE, fd, "0\n", 2, 0);
	start_process("assay-sleeper", 100000000);
	start_process("assay-ticker", 500);
	sleep_us(20000);
	print("MARK-SYMBOLS\n");
	print_symbols();
	print("MARK-PS\n");
	print_processes();
	print("MARK-END\n");
	for (;;)
		sleep_us(100000000);
}

#ifdef __riscv
__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n\t.option pop\n\tandi sp, sp, -16\n\tcall start\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tb start\n");
#endif
