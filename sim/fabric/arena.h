/* Memory of the fabric at addresses that are the same in every process: what a checkpoint holds may point into itself. */
#ifndef ASSAY_SIM_FABRIC_ARENA_H
#define ASSAY_SIM_FABRIC_ARENA_H

#include <stddef.h>

/** @return zeroed memory, or NULL if it is short or the address is taken. The same sequence of calls gets the same addresses in every process. */
void *arena_take(size_t bytes);

/** Gives back what arena_take() of the same size returned; NULL is allowed. When nothing is left, addresses begin anew. */
void arena_give(void *memory, size_t bytes);

#endif
