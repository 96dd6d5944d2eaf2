/*
 * The end of a snapshot: index and state go to the volume, a transfer a poll, then a flush, then the header. Until the header is written the
 * snapshot may be given up at any moment; writing it is one step, in which nothing else is done, and then the snapshot is complete.
 */
#include "hypervisor/core/vm.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"
#include "hypervisor/snapshot/volume.h"

static struct {
    enum { COMMIT_BEGIN, COMMIT_INDEX, COMMIT_STATE, COMMIT_FLUSH } step;
    bool under_way; /* a transfer */
    const uint8_t *data;
    uint64_t bytes, done, block;
} commit;

void commit_setup(void) {
    commit.step = COMMIT_BEGIN;
    commit.under_way = false;
}

/* The writer's memory is idle by now and takes what must be padded to whole blocks. */
static int write_piece(void) {
    uint8_t *bounce = session.writer.segment[0].memory;
    uint64_t left = commit.bytes - commit.done, step = left < WRITER_SEGMENT_BYTES ? left : WRITER_SEGMENT_BYTES, blocks = snapshot_blocks(step);
    if (commit.block + blocks > session.writer.limit_block) {
        session.writer.full = true;
        return MAILBOX_NO_MEMORY;
    }
    memset(bounce + step, 0, blocks * SNAPSHOT_BLOCK_BYTES - step);
    memcpy(bounce, commit.data + commit.done, step);
    int status = volume_start(true, commit.block, bounce, (uint32_t)blocks);
    commit.under_way = status == MAILBOX_OK;
    commit.done += step;
    commit.block += blocks;
    return status;
}

static int write_all(const void *data, uint64_t bytes) {
    commit.data = data;
    commit.bytes = bytes;
    commit.done = 0;
    return write_piece();
}

static int write_index(void) {
    struct snapshot_header *h = &session.header;
    const struct snapshot_pages *pages = session.vm->pages;
    uint64_t bytes = pages->count * sizeof *pages->index;
    commit.block = h->index_block = session.writer.next_block;
    h->data_bytes = (commit.block - h->first_block) * SNAPSHOT_BLOCK_BYTES;
    h->index_sum = snapshot_sum(pages->index, bytes);
    h->content_sum = snapshot_content_sum(pages->index, pages->count);
    return write_all(pages->index, bytes);
}

static int write_state(void) {
    struct snapshot_header *h = &session.header;
    h->state_block = commit.block;
    h->state_sum = snapshot_sum(session.state, h->state_bytes);
    return write_all(session.state, h->state_bytes);
}

static int write_header(void) {
    struct snapshot_header *h = &session.header;
    const struct session_statistics *s = &session.statistics;
    h->block_count = commit.block - h->first_block;
    h->pages_stored = s->raw + s->packed;
    h->pages_packed = s->packed;
    h->pages_zero = s->zero;
    h->pages_absent = s->absent;
    h->pages_parent = s->parent;
    h->pages_by_write = s->saved[PAGE_BY_WRITE];
    h->pages_by_device = s->saved[PAGE_BY_DEVICE];
    snapshot_header_seal(h);
    return volume_commit(h, session.request.patience_ticks);
}

static int next_step(bool *complete) {
    if (commit.step != COMMIT_BEGIN && commit.done < commit.bytes)
        return write_piece();
    switch (commit.step++) {
    case COMMIT_BEGIN: return write_index();
    case COMMIT_INDEX: return write_state();
    case COMMIT_STATE:
        commit.under_way = true;
        return volume_start_flush();
    default: *complete = true; return write_header();
    }
}

int commit_run(bool *moved, bool *complete) {
    int status = MAILBOX_OK;
    if (commit.under_way && !volume_poll(&status))
        return MAILBOX_OK;
    commit.under_way = false;
    *moved = true;
    return status == MAILBOX_OK ? next_step(complete) : status;
}
