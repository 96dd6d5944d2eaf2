/*
 * A snapshot in the making. One at a time: begun by the manager, pages saved by whoever is first (protect.h), drained by the manager.
 *
 *   begin:  room on the volume, memory - hold the VF - pause - protect - capture state - resume
 *   poll:   walker -> queue <- faults;  queue -> sum, zero test, (compress) -> segments -> PF's NVMe queue -> volume
 *   end:    index and state, flush, header, flush; or everything unprotected and nothing on the volume
 */
#ifndef HYPERVISOR_SNAPSHOT_SESSION_H
#define HYPERVISOR_SNAPSHOT_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/snapshot/format.h"
#include "hypervisor/snapshot/protect.h"

enum session_phase {
    SESSION_NONE,     /* there never was one */
    SESSION_SAVING,   /* pages */
    SESSION_ENDING,   /* failed or cancelled; writes that are in flight still use our memory */
    SESSION_COMPLETE, /* on the volume */
    SESSION_FAILED
};

enum session_compression { COMPRESS_AUTO, COMPRESS_ALWAYS, COMPRESS_NEVER };

struct session_request {
    const char *name;
    uint32_t queue_pages;          /* 0: 256 */
    enum session_compression compression;
    bool incremental;              /* only what changed since the VM's last snapshot */
    bool stop;                     /* the VM stands still until all is saved: what snapshots are measured against */
    bool keep_protected;           /* afterwards too, so that the next may be incremental */
    uint32_t load_percent;         /* COMPRESS_AUTO: compress while the queue is filled less than this ... */
    uint64_t low_memory_bytes;     /* ... or while the hypervisor has less free memory than this */
    uint32_t share_pages;          /* that a hart which runs guests walks in 120 us, first writes included, while no idle hart helps and the volume could take more */
    uint64_t patience_ticks;       /* without any progress, until the volume counts as lost */
};

struct session_statistics {
    uint64_t pause_cycles;
    uint64_t faults, waits, wait_cycles, wait_most; /* of faults for a free buffer */
    uint64_t saved[PAGE_REASONS];
    uint64_t zero, absent, parent, raw, packed, packed_bytes;
    uint64_t mended; /* pages that were written to while the volume read them where they were: their place was written once more */
    uint64_t written_blocks, queue_most;
    uint64_t begin_time, end_time; /* host time CSR */
};

/** Begins a snapshot: when it returns the VM runs on. @return enum mailbox_status; @p error: one line */
int snapshot_session_begin(struct vm *vm, const struct session_request *request, const char **error);
/** Does some work. Manager. */
void snapshot_session_poll(void);
/** An idle hart walks a few pages. Any hart but the manager's. @return false when there is nothing to walk: it may sleep */
bool snapshot_session_help(void);
/** A hart that is about to run a guest walks its share of pages, when it is time. */
void snapshot_session_share(void);
/** The VM's page, which was @p was (PENDING or LEAVING), is to be kept now; called between claim and saved. Any hart. */
void snapshot_session_save(struct vm *vm, uint32_t page, enum page_state was, enum page_reason reason);
/** True while the queue is less than half full: pages may be saved ahead. */
bool snapshot_session_has_room(void);
/** Ends it without a snapshot. */
void snapshot_session_cancel(const char *reason);
/** The VM is about to go. @return whether a snapshot of it was under way, which has failed now and does not use the VM any more */
bool snapshot_session_forget_vm(struct vm *vm);

enum session_phase snapshot_session_phase(void);
const struct session_statistics *snapshot_session_statistics(void);
/** The id, the VM (which may be gone), the percentage done, and why it failed. */
uint64_t snapshot_session_id(void);
uint32_t snapshot_session_vm(void);
uint32_t snapshot_session_percent(void);
const char *snapshot_session_failure(void);

#endif
