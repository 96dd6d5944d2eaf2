/*
 * The second half of the drain: page contents become segments of up to 32 blocks, segments become NVMe writes. A segment is either *direct*
 * (the queue's buffers go to the storage by a PRP list, and are released when they are there) or *packed* (pages one after the other in
 * the segment's own memory; buffers are released at once). Closed segments wait in order: the queue between compressor and writer.
 *
 * A page of a direct segment may be *in place*: the storage reads it in the VM's memory. If the VM writes to it meanwhile it keeps the content in the
 * page's buffer first; what the storage has got then may be torn, and the block is written once more, from the buffer.
 */
#ifndef HYPERVISOR_SNAPSHOT_WRITER_H
#define HYPERVISOR_SNAPSHOT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/format.h"
#include "hypervisor/snapshot/queue.h"

#define WRITER_IN_FLIGHT 8u /* writes under way at most */
#define WRITER_ENOUGH 4u    /* ... that keep the volume busy */
#define WRITER_SEGMENTS 12u
#define WRITER_SEGMENT_BLOCKS 32u
#define WRITER_SEGMENT_BYTES (WRITER_SEGMENT_BLOCKS * SNAPSHOT_BLOCK_BYTES)
#define WRITER_MEMORY_BYTES (WRITER_SEGMENTS * (WRITER_SEGMENT_BYTES + SNAPSHOT_BLOCK_BYTES))

enum segment_state { SEGMENT_FREE, SEGMENT_OPEN, SEGMENT_CLOSED, SEGMENT_WRITING, SEGMENT_MENDING };

/**
 * Pages in place have been read: those of @p buffers whose bit is set in @p in_place. @return the bits of those that were written to meanwhile; their content is in
 * their buffer
 */
typedef uint32_t writer_pages_left(const uint32_t *buffers, uint32_t in_place);

struct segment {
    enum segment_state state;
    bool direct;
    uint64_t first_block;
    uint32_t bytes;
    uint64_t serial; /* closed segments are written in this order */
    uint8_t *memory;
    uint64_t *prps;
    uint32_t buffer[WRITER_SEGMENT_BLOCKS]; /* direct: the queue's buffers */
    uint32_t in_place; /* bit I: block I is read in the VM's memory */
    uint32_t torn;     /* bit I: block I must be written once more; the lowest is under way in SEGMENT_MENDING */
};

struct writer {
    struct page_queue *queue;
    uint64_t first_block, limit_block; /* of the room */
    uint64_t next_block;
    uint64_t serial;
    uint32_t in_flight, most_in_flight;
    uint16_t nvme_error; /* of the first write that failed */
    bool full;
    bool ending; /* after a failure: the VM is none of the writer's any more */
    const uint8_t *vm_memory; /* where pages in place are */
    writer_pages_left *pages_left;
    uint64_t mended; /* blocks that were written once more */
    struct segment *open; /* the one that takes pages, or NULL */
    struct segment segment[WRITER_SEGMENTS];
    struct codec_table codec;
};

/** @param memory WRITER_MEMORY_BYTES, page aligned */
void writer_setup(struct writer *w, struct page_queue *queue, uint8_t *memory, uint64_t first_block, uint64_t blocks);
/** Pages of the queue may be in place, in @p vm_memory. */
void writer_read_in_place(struct writer *w, const uint8_t *vm_memory, writer_pages_left *pages_left);
/** Opens a segment for the next page. */
bool writer_make_room(struct writer *w, bool packed);
/** True when a page can be taken now. */
static inline bool writer_has_room(struct writer *w, bool packed) {
    const struct segment *s = w->open;
    return (s && s->direct == !packed && WRITER_SEGMENT_BYTES - s->bytes >= SNAPSHOT_BLOCK_BYTES) || writer_make_room(w, packed);
}
/**
 * Takes the page in @p buffer of the queue; the writer releases the buffer. writer_has_room() was true.
 * @param entry gets kind, place and length
 */
void writer_add(struct writer *w, uint32_t buffer, bool packed, struct snapshot_index_entry *entry);
/** The same for a page that is not packed: it is only noted. */
static inline void writer_add_raw(struct writer *w, uint32_t buffer, struct snapshot_index_entry *entry) {
    struct segment *s = w->open;
    entry->unit = (uint32_t)(((s->first_block - w->first_block) * SNAPSHOT_BLOCK_BYTES + s->bytes) / SNAPSHOT_UNIT_BYTES);
    entry->length = SNAPSHOT_BLOCK_BYTES;
    entry->kind = SNAPSHOT_PAGE_RAW;
    s->buffer[s->bytes / SNAPSHOT_BLOCK_BYTES] = buffer;
    s->bytes += SNAPSHOT_BLOCK_BYTES;
}
/** Takes bytes that are no page: they begin in a block of their own. @return how many it took, all or a segment full; 0: no segment is free */
uint32_t writer_add_plain(struct writer *w, const uint8_t *data, uint64_t bytes);
/** Closes the open segment, so that everything is on its way. */
void writer_close(struct writer *w);
/** Nothing comes at present: closes the open segment unless enough is under way. What it holds of the queue's buffers would not come back otherwise. */
void writer_push(struct writer *w);
/** Takes completions, starts writes. @return whether something moved */
bool writer_run(struct writer *w);
/** After a failure: takes completions only. @return true when none is outstanding any more */
bool writer_drain(struct writer *w);
/** True when everything that was added is on the storage. */
bool writer_is_done(const struct writer *w);

#endif
