/*
 * The end of a snapshot: index and state follow the pages through the writer, several writes in flight, then come a flush and the header. Until the header is
 * written the snapshot may be given up at any moment; writing it is one step, in which nothing else is done, and then the snapshot is complete.
 */
#include "hypervisor/core/vm.h"
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/sum.h"
#include "hypervisor/snapshot/volume.h"

static struct {
    enum { COMMIT_BEGIN, COMMIT_INDEX, COMMIT_STATE, COMMIT_WRITES, COMMIT_FLUSH } step;
    const uint8_t *data;
    uint64_t bytes, done;
} commit;

void commit_setup(void) {
    commit.step = COMMIT_BEGIN;
}

static void write_next(const void *data, uint64_t bytes) {
    commit.data = data;
    commit.bytes = bytes;
    commit.done = 0;
    commit.step++;
}

/* A segment a poll. @return true when all of it is on its way */
static bool write_some(bool *moved) {
    uint32_t taken = writer_add_plain(&session.writer, commit.data + commit.done, commit.bytes - commit.done);
    commit.done += taken;
    *moved |= taken != 0;
    return commit.done == commit.bytes;
}

/* Every entry is complete by now, though pages may be on their way still. */
static void write_index(void) {
    struct snapshot_header *h = &session.header;
    const struct snapshot_pages *pages = session.vm->pages;
    uint64_t bytes = pages->count * sizeof *pages->index;
    writer_close(&session.writer);
    h->index_block = session.writer.next_block;
    h->data_bytes = (h->index_block - h->first_block) * SNAPSHOT_BLOCK_BYTES;
    h->index_sum = snapshot_sum(pages->index, bytes);
    h->content_sum = snapshot_content_sum(pages->index, pages->count);
    write_next(pages->index, bytes);
}

static void write_state(void) {
    struct snapshot_header *h = &session.header;
    h->state_block = session.writer.next_block;
    h->state_sum = snapshot_sum(session.state, h->state_bytes);
    write_next(session.state, h->state_bytes);
}

static int write_header(void) {
    struct snapshot_header *h = &session.header;
    const struct session_statistics *s = &session.statistics;
    h->block_count = session.writer.next_block - h->first_block;
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

static int flush_when_written(bool *moved) {
    if (!writer_is_done(&session.writer) || session.writer.nvme_error)
        return MAILBOX_OK;
    commit.step++;
    *moved = true;
    return volume_start_flush();
}

static int end_when_flushed(bool *moved, bool *complete) {
    int status = MAILBOX_OK;
    if (!volume_poll(&status))
        return MAILBOX_OK;
    *moved = true;
    *complete = status == MAILBOX_OK;
    return status == MAILBOX_OK ? write_header() : status;
}

int commit_run(bool *moved, bool *complete) {
    switch (commit.step) {
    case COMMIT_BEGIN: write_index(); /* fall through */
    case COMMIT_INDEX:
        if (write_some(moved))
            write_state();
        return MAILBOX_OK;
    case COMMIT_STATE:
        commit.step += write_some(moved);
        return MAILBOX_OK;
    case COMMIT_WRITES: return flush_when_written(moved);
    default: return end_when_flushed(moved, complete);
    }
}
