/*
 * The snapshot volume behind the PF's namespace: its directory in RAM, block I/O, and room for new extents. Manager only.
 * Functions answer enum mailbox_status and, for what went wrong, one line through volume_error().
 */
#ifndef HYPERVISOR_SNAPSHOT_VOLUME_H
#define HYPERVISOR_SNAPSHOT_VOLUME_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/snapshot/format.h"

#define VOLUME_STAGING_BLOCKS 32u

/** Attaches volume @p number to the PF and reads its directory; @p format makes an empty snapshot volume of it first. */
int volume_open(uint32_t number, bool format);
bool volume_is_open(void);
uint32_t volume_number(void);
const char *volume_error(void);

/** Reads or writes blocks and waits. @p data page aligned; at most 32 blocks. Nothing else may be in flight. */
int volume_transfer(bool write, uint64_t block, void *data, uint32_t blocks);
/** As volume_transfer(), any number of blocks. */
int volume_transfer_long(bool write, uint64_t block, void *data, uint64_t blocks);
/** volume_transfer() in two parts: volume_poll() says when it has ended, and how. @p data must stay: even after a timeout, until volume_is_idle(). */
int volume_start(bool write, uint64_t block, void *data, uint32_t blocks);
bool volume_poll(int *status);
bool volume_is_idle(void);
/** Whoever polls the PF's queue beside (writer.c) hands on what is not his: the answer of a transfer that nobody waits for any more. */
void volume_answered(uint32_t tag);
/** Memory for one transfer that always stays: VOLUME_STAGING_BLOCKS blocks. */
uint8_t *volume_staging(void);
/** Begins a flush, after which all that was written before is on the storage; volume_poll() says when. */
int volume_start_flush(void);

/** Writes @p bytes of nothing in particular into free room, several commands in flight: what the path gives at most. @p ticks: how long */
int volume_write_plain(uint64_t bytes, uint64_t *ticks);

/** The snapshot of that id, or NULL. */
const struct snapshot_header *volume_find(uint64_t id);
/** Calls @p each for every snapshot, in the order of slots. */
void volume_for_each(void (*each)(const struct snapshot_header *h, void *context), void *context);
/** The id that a new snapshot gets. */
uint64_t volume_next_id(void);
/** The largest free run of blocks. @return false when there is none or no slot is free */
bool volume_room(uint64_t *first_block, uint64_t *blocks);
/** Writes the header into a free slot: from then on the snapshot exists. Waits at most @p ticks; without an answer the volume is closed, since only it knows. */
int volume_commit(const struct snapshot_header *h, uint64_t ticks);
/** Clears the header: the snapshot is gone. Its children must be gone before. */
int volume_remove(uint64_t id);

#endif
