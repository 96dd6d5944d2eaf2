/* Reading a snapshot and its ancestors: state, indexes, pages, all judged, into memory of its own, a transfer at a time. Manager only. */
#ifndef HYPERVISOR_SNAPSHOT_LOAD_H
#define HYPERVISOR_SNAPSHOT_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/snapshot/format.h"

struct vm;

struct loaded {
    const struct snapshot_header *header;
    uint8_t *ram; /* what it holds, frames */
    uint32_t ram_frames;
    uint8_t *state;                           /* of header->state_bytes */
    const struct snapshot_index_entry *index; /* kinds of the pages */
    uint8_t *spare; /* SNAPSHOT_STATE_MAX bytes, and a byte a page behind them, for whoever uses the result */
};

/** Begins for a VM like @p vm. @return enum mailbox_status; on an error nothing is held */
int load_begin(const struct vm *vm, uint64_t id);
/** Goes on. @return true when it has ended, with @p status; MAILBOX_OK: load_result() is whole */
bool load_poll(int *status);
/** 0 to 99. */
uint32_t load_percent(void);
struct loaded *load_result(void);
/** Frees everything, at any time. */
void load_free(void);
/** One line of what went wrong, and a way to write one: "snapshot 3 WHY". @return @p status */
const char *load_error(void);
int load_refuse(int status, uint64_t id, const char *why);

#endif
