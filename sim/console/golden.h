/* The golden oracle of snapshots: at the instant that the hypervisor announces (hypervisor/snapshot/instant.h) the simulator takes its own copy of
 * the VM's memory and registers, to compare the finished image with. It reads the board and nothing more. */
#ifndef ASSAY_SIM_CONSOLE_GOLDEN_H
#define ASSAY_SIM_CONSOLE_GOLDEN_H

#include "hypervisor/snapshot/native/image.h"
#include "sim/kernel/board.h"

enum { GOLDEN_VOLUMES = 4, GOLDEN_PATH_BYTES = 512, GOLDEN_COPIES = 8, GOLDEN_VCPUS = 8, GOLDEN_TEXT_BYTES = 256 };

struct golden_vcpu {
	uint64_t x[32];
	uint64_t pc;
	bool has_registers; /**< the VS-level registers were the hart's own */
	uint64_t vsstatus, vstvec, vsscratch, vsepc, vscause, vstval, vsatp;
	bool has_fp; /**< the hart has floating-point registers, and they were the vCPU's */
	uint64_t f[32], fcsr;
	uint64_t application[4]; /**< ISA select, and an application's stack pointer, flags and thread pointer */
};

struct golden_copy {
	uint64_t snapshot, cycle;
	uint64_t memory_bytes;
	uint8_t *memory;
	unsigned vcpus;
	struct golden_vcpu vcpu[GOLDEN_VCPUS];
};

struct golden {
	struct golden_copy copy[GOLDEN_COPIES]; /**< the latest ones, in a ring */
	unsigned next;
	char volume[GOLDEN_VOLUMES][GOLDEN_PATH_BYTES]; /**< files that are copied too, to FILE.instant-ID */
	unsigned volumes;
};

/** Copies the volume's file @p path at each instant too: what the disk holds then. @return 0, or -1 if there are too many. */
int golden_watch_volume(struct golden *golden, const char *path);

/** Takes copies from now on. */
void golden_watch(struct golden *golden, struct board *board);
void golden_free(struct golden *golden);

/** @return the copy of snapshot @p id, the latest if ids repeat, or NULL. */
const struct golden_copy *golden_find(const struct golden *golden, uint64_t id);

/** Compares byte for byte. @return 0 if equal, or 1 with one line of the first difference in @p text. */
int golden_compare(const struct golden_copy *copy, const struct snapshot_content *content, char *text, size_t text_size);

#endif
