/* The first process of the small Linux: reports what a test wants to know, one line each, and powers off.
 *
 * Freestanding, system calls of its own (Linux 6.1, RISC-V). It checks floating point across context switches, runs a guest of
 * four instructions through KVM, and writes and reads the first NVMe disk through its driver if there is one. Words of the
 * kernel's command line that the kernel does not know arrive as arguments: "stay" ends in a prompt that echoes lines, "nodisk" leaves the
 * disk alone, "attach" only attaches volume 0 to the function (no first process then). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/interop/freestanding.h"

enum {
	SYS_IOCTL = 29, SYS_MKDIRAT = 34, SYS_MOUNT = 40, SYS_OPENAT = 56, SYS_CLOSE = 57, SYS_READ = 63,
	SYS_PREAD = 67, SYS_PWRITE = 68, SYS_FSYNC = 82, SYS_EXIT = 93, SYS_NANOSLEEP = 101, SYS_YIELD = 124, SYS_REBOOT = 142, SYS_CLONE = 220,
	SYS_MMAP = 222, SYS_WAIT4 = 260,
};
enum { AT_FDCWD = -100, O_RDWR = 2, O_DIRECT = 040000, SIGCHLD = 17, PROT_RW = 3, MAP_PRIVATE_ANONYMOUS = 0x22, MAP_SHARED = 1 };
enum { BLOCK = 4096, NVME_BLOCKS = 64, NVME_STEP = 7, GUEST_BASE = 0x80000000, GUEST_DEVICE = 0x10000000 };

static long open_file(const char *path, int flags) { return CALL(SYS_OPENAT, AT_FDCWD, path, flags, 0); }

static void *map(size_t bytes) { return (void *)call(SYS_MMAP, 0, (long)bytes, PROT_RW, MAP_PRIVATE_ANONYMOUS, -1, 0); }

/* Prints the lines of a file that contain WORD. */
static void print_lines(const char *path, const char *word)
{
	static char text[16384];
	long fd = open_file(path, 0), n, used = 0;

	if (fd < 0)
		return;
	while (used < (long)sizeof(text) - 1 && (n = CALL(SYS_READ, fd, text + used, sizeof(text) - 1 - (size_t)used, 0)) > 0)
		used += n;
	CALL(SYS_CLOSE, fd, 0, 0, 0);
	text[used] = 0;
	for (char *line = text, *end; *line; line = end + 1) {
		for (end = line; *end && *end != '\n'; end++)
			;
		for (char *p = line; p + length(word) <= end; p++) {
			size_t k = 0;

			while (word[k] && p[k] == word[k])
				k++;
			if (!word[k]) {
				print("init: ");
				CALL(SYS_WRITE, 1, line, end - line, 0);
				print("\n");
				break;
			}
		}
		if (!*end)
			break;
	}
}

/* A sum whose value depends on every rounding; processes that share a hart must not disturb each other's. */
static uint64_t float_work(double x, bool yield)
{
	double sum = 0;
	uint64_t bits;

	for (int i = 1; i < 2000; i++) {
		sum += x / i;
		sum *= 1.0000001;
		if (yield && i % 50 == 0)
			CALL(SYS_YIELD, 0, 0, 0, 0);
	}
	memcpy(&bits, &sum, 8);
	return bits;
}

static void check_float(void)
{
	int wrong = 0;

	for (int child = 0; child < 2; child++)
		if (CALL(SYS_CLONE, SIGCHLD, 0, 0, 0) == 0)
			CALL(SYS_EXIT, float_work(1.5 + child, true) != float_work(1.5 + child, false), 0, 0, 0);
	for (int child = 0; child < 2; child++) {
		int status = -1;

		CALL(SYS_WAIT4, -1, &status, 0, 0);
		wrong += status != 0;
	}
	print(wrong ? "init: FAILED floating point across context switches\n" : "init: floating point survives context switches\n");
}

/* --- KVM: linux/kvm.h, arch/riscv/include/uapi/asm/kvm.h --------------------------------------------------------- */

enum { KVM_GET_API_VERSION = 0xae00, KVM_CREATE_VM = 0xae01, KVM_GET_VCPU_MMAP_SIZE = 0xae04, KVM_CREATE_VCPU = 0xae41, KVM_RUN = 0xae80 };
#define NVME_ADMIN_COMMAND 0xc0484e41
#define NVME_RESCAN 0x4e46
#define KVM_SET_USER_MEMORY_REGION 0x4020ae46
#define KVM_SET_ONE_REG 0x4010aeac
#define KVM_REG_PC 0x8030000002000000
enum { KVM_EXIT_MMIO = 6, EXIT_REASON_AT = 8, MMIO_ADDRESS_AT = 32, MMIO_DATA_AT = 40 };

static int run_guest(void)
{
	static const uint32_t code[] = {
		0x100002b7,	/* lui t0, 0x10000 */
		0x05a00313,	/* li  t1, 'Z' */
		0x0062a023,	/* sw  t1, 0(t0) */
		0x0000006f,	/* j   . */
	};
	long kvm = open_file("/dev/kvm", O_RDWR), vm, vcpu, bytes;
	uint64_t pc = GUEST_BASE;
	struct { uint64_t id; const void *value; } reg = {KVM_REG_PC, &pc};
	struct { uint32_t slot, flags; uint64_t gpa, size; void *memory; } region = {.gpa = GUEST_BASE, .size = 65536};
	char *run;
	uint32_t reason, data;
	uint64_t address;

	if (kvm < 0 || CALL(SYS_IOCTL, kvm, KVM_GET_API_VERSION, 0, 0) != 12)
		return 1;
	region.memory = map(65536);
	memcpy(region.memory, code, sizeof(code));
	vm = CALL(SYS_IOCTL, kvm, KVM_CREATE_VM, 0, 0);
	if (vm < 0 || CALL(SYS_IOCTL, vm, KVM_SET_USER_MEMORY_REGION, &region, 0) < 0)
		return 2;
	vcpu = CALL(SYS_IOCTL, vm, KVM_CREATE_VCPU, 0, 0);
	bytes = CALL(SYS_IOCTL, kvm, KVM_GET_VCPU_MMAP_SIZE, 0, 0);
	run = (char *)call(SYS_MMAP, 0, bytes, PROT_RW, MAP_SHARED, vcpu, 0);
	if (vcpu < 0 || (long)run < 0 || CALL(SYS_IOCTL, vcpu, KVM_SET_ONE_REG, &reg, 0) < 0)
		return 3;
	if (CALL(SYS_IOCTL, vcpu, KVM_RUN, 0, 0) < 0)
		return 4;
	memcpy(&reason, run + EXIT_REASON_AT, 4);
	memcpy(&address, run + MMIO_ADDRESS_AT, 8);
	memcpy(&data, run + MMIO_DATA_AT, 4);
	return reason == KVM_EXIT_MMIO && address == GUEST_DEVICE && data == 'Z' ? 0 : 5;
}

static void check_kvm(void)
{
	long kvm = open_file("/dev/kvm", O_RDWR);
	int status;

	if (kvm < 0) {
		print("init: no KVM\n");
		return;
	}
	CALL(SYS_CLOSE, kvm, 0, 0, 0);
	status = run_guest();
	if (status == 0) {
		print("init: KVM ran a guest\n");
	} else {
		print("init: FAILED KVM, step ");
		print_number((uint64_t)status, 10);
		print("\n");
	}
}

/* --- NVMe -------------------------------------------------------------------------------------------------------- */

static uint64_t pattern(uint64_t block, uint64_t word) { return (block * 512 + word + 1) * 0x9e3779b97f4a7c15u; }

static bool fill_and_check(long fd, uint64_t *buffer, bool writing)
{
	for (uint64_t i = 0; i < NVME_BLOCKS; i++) {
		uint64_t at = i * NVME_STEP * BLOCK;

		for (uint64_t w = 0; writing && w < BLOCK / 8; w++)
			buffer[w] = pattern(i, w);
		if (CALL(writing ? SYS_PWRITE : SYS_PREAD, fd, buffer, BLOCK, at) != BLOCK)
			return false;
		for (uint64_t w = 0; !writing && w < BLOCK / 8; w++)
			if (buffer[w] != pattern(i, w))
				return false;
	}
	return !writing || CALL(SYS_FSYNC, fd, 0, 0, 0) == 0;
}

/* The NIC's vendor command C0h attaches volume 0 to the function itself (firmware/README.md); linux/nvme_ioctl.h. */
static void attach_volume(void)
{
	struct {
		uint8_t opcode, flags;
		uint16_t reserved;
		uint32_t nsid, cdw2, cdw3;
		uint64_t metadata, address;
		uint32_t metadata_bytes, bytes, cdw10, cdw11, cdw12, cdw13, cdw14, cdw15, timeout_ms, result;
	} command = {.opcode = 0xc0, .cdw10 = 0, .cdw11 = 0};
	long fd = open_file("/dev/nvme0", O_RDWR), status;

	if (fd < 0)
		return;
	status = CALL(SYS_IOCTL, fd, NVME_ADMIN_COMMAND, &command, 0);
	if (status == 0)
		status = CALL(SYS_IOCTL, fd, NVME_RESCAN, 0, 0);
	if (status) {
		print("init: the NIC refused to attach volume 0: ");
		print_number((uint64_t)(status < 0 ? -status : status), 10);
		print("\n");
	}
	CALL(SYS_CLOSE, fd, 0, 0, 0);
}

static long open_disk(void)
{
	struct { long s, ns; } pause = {.ns = 1000000};
	long fd = -1;

	attach_volume();
	for (int i = 0; i < 100 && (fd = open_file("/dev/nvme0n1", O_RDWR | O_DIRECT)) < 0; i++)
		CALL(SYS_NANOSLEEP, &pause, 0, 0, 0);
	return fd;
}

static void check_nvme(void)
{
	long fd = open_disk();
	uint64_t *buffer = map(BLOCK);

	if (fd < 0) {
		print("init: no NVMe disk\n");
		return;
	}
	if (!fill_and_check(fd, buffer, true) || !fill_and_check(fd, buffer, false)) {
		print("init: FAILED NVMe\n");
		return;
	}
	print("init: NVMe wrote and verified ");
	print_number(NVME_BLOCKS * BLOCK, 10);
	print(" bytes\n");
}

static void stay(void)
{
	static char line[256];
	long n;

	print("init: ready\n");
	while ((n = CALL(SYS_READ, 0, line, sizeof(line), 0)) > 0) {
		print("init: you said ");
		CALL(SYS_WRITE, 1, line, n, 0);
	}
}

static bool asked(long *stack, const char *word)
{
	char **argument = (char **)(stack + 1);

	for (; *argument; argument++) {
		size_t k = 0;

		while (word[k] && (*argument)[k] == word[k])
			k++;
		if (!word[k] && !(*argument)[k])
			return true;
	}
	return false;
}

__attribute__((used)) static void start(long *stack)
{
	if (asked(stack, "attach")) {
		attach_volume();
		CALL(SYS_EXIT, 0, 0, 0, 0);
	}
	CALL(SYS_MOUNT, "dev", "/dev", "devtmpfs", 0);
	CALL(SYS_MOUNT, "proc", "/proc", "proc", 0);
	print("init: Linux user space\n");
	print_lines("/proc/version", "Linux");
	print_lines("/proc/cpuinfo", "isa");
	check_float();
	check_kvm();
	if (!asked(stack, "nodisk"))
		check_nvme();
	print_lines("/proc/interrupts", "nvme");
	if (asked(stack, "stay"))
		stay();
	print("init: done\n");
	call(SYS_REBOOT, 0xfee1dead, 672274793, 0x4321fedc, 0, 0, 0);
}

__asm__(".globl _start\n_start:\n\t.option push\n\t.option norelax\n\tla gp, __global_pointer$\n\t.option pop\n\tmv a0, sp\n\tandi sp, sp, -16\n\tcall start\n1:\tj 1b\n");
