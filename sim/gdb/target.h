/* What the stub debugs: the host's harts and the NIC processor as threads 1 to n of one process. */
#ifndef ASSAY_SIM_GDB_TARGET_H
#define ASSAY_SIM_GDB_TARGET_H

#include "sim/kernel/board.h"

enum { GDB_THREADS_MAX = HOST_MAX_HARTS + 1 };

struct gdb_target {
	struct board *board;
	unsigned threads; /**< the last one is the NIC processor */
	bool physical;	  /**< addresses are physical, not virtual (monitor phys) */
};

void gdb_target_init(struct gdb_target *target, struct board *board);

/** @return the hart of thread @p thread (1 to threads). */
struct hart_core *gdb_target_core(const struct gdb_target *target, unsigned thread);
bool gdb_target_is_nic(const struct gdb_target *target, unsigned thread);

/** Reads or writes memory as thread @p thread sees it now, through both stages of translation if it runs a guest; devices are not touched.
 * @return how many bytes from the start were done. */
size_t gdb_target_read(const struct gdb_target *target, unsigned thread, uint64_t address, void *bytes, size_t count);
size_t gdb_target_write(const struct gdb_target *target, unsigned thread, uint64_t address, const void *bytes, size_t count);

/* Breakpoints and watchpoints hold for all harts of the domain of @p thread. @return 0, or -1 if there are too many or there is none. */
int gdb_target_break(const struct gdb_target *target, unsigned thread, uint64_t address, bool add);
int gdb_target_watch(const struct gdb_target *target, unsigned thread, uint64_t address, uint64_t bytes, unsigned kinds, bool add);

#endif
