/* Makes a small snapshot volume in memory: snapshot 1 of a VM of 2 MiB with pages of every kind, snapshot 2 that builds on it. */
#ifndef ASSAY_TESTBENCH_UNIT_SNAPSHOT_IMAGE_MAKER_H
#define ASSAY_TESTBENCH_UNIT_SNAPSHOT_IMAGE_MAKER_H

#include "hypervisor/snapshot/native/image.h"

enum { MAKER_BLOCKS = 256, MAKER_BYTES = MAKER_BLOCKS * 4096, MAKER_PAGES = 512 };

struct maker {
	uint8_t bytes[MAKER_BYTES] __attribute__((aligned(8)));
	uint8_t memory[2][MAKER_PAGES * 4096]; /**< what snapshots 1 and 2 hold */
	uint64_t length; /**< of the volume as it is read, at most MAKER_BYTES */
};

void maker_build(struct maker *m);
struct snapshot_source maker_source(struct maker *m);
struct snapshot_header *maker_header(struct maker *m, unsigned slot);
struct snapshot_index_entry *maker_index(struct maker *m, unsigned slot);
/** Makes every sum of slot @p slot right again, so that what was changed is judged for what it says. Only places inside are touched. */
void maker_reseal(struct maker *m, unsigned slot);

#endif
