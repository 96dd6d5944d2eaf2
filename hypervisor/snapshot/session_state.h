/* What the parts of a session share: session.c (beginning and end), walker.c (pages are saved), drain.c (they leave for the volume), commit.c (what follows them). */
#ifndef HYPERVISOR_SNAPSHOT_SESSION_STATE_H
#define HYPERVISOR_SNAPSHOT_SESSION_STATE_H

#include "hypervisor/snapshot/instant.h"
#include "hypervisor/snapshot/queue.h"
#include "hypervisor/snapshot/session.h"
#include "hypervisor/snapshot/writer.h"

#define SESSION_NOT_YET 0x80000000u
#define SESSION_FAILURE_BYTES 120

struct session_state {
    enum session_phase phase;
    struct vm *vm; /* NULL: gone */
    uint32_t vm_index;
    uint64_t paused_at; /* cycle; 0: not paused */
    bool held; /* the VM's VF, around the instant */
    bool stopping; /* atomic: nothing is saved any more */
    uint32_t savers; /* atomic: harts that are saving a page right now */
    struct session_request request;
    struct snapshot_header header;
    struct page_queue queue;
    struct writer writer;
    uint8_t *memory; /* state, segments, queue's buffers */
    uint32_t frames;
    const uint8_t *lent; /* the VM's RAM */
    uint32_t lent_frames;
    uint8_t *state;
    uint32_t reserve; /* buffers that only devices get */
    uint32_t walked;  /* atomic: the next page for whoever walks; SESSION_NOT_YET before the instant */
    uint32_t pages;   /* of the VM */
    uint32_t helpers; /* atomic: harts beside the manager's that walk right now */
    uint32_t waiting_first, waiting_last; /* atomic: numbers of those who wait for a buffer */
    uint64_t last_help; /* atomic: when an idle hart last walked */
    uint32_t indexed; /* atomic: pages whose index entry is complete */
    uint64_t last_progress;
    struct snapshot_instant instant;
    struct session_statistics statistics;
    char failure[SESSION_FAILURE_BYTES];
};

extern struct session_state session;

static inline struct snapshot_index_entry *session_entry(uint32_t page) {
    return &session.vm->pages->index[page];
}

/* Walkers on several harts count. */
static inline void session_count(uint64_t *counter) {
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

/* ---- walker.c: any hart ---- */
void walker_setup(void);
/** Walks up to @p most pages. @return false when there was nothing to do */
bool walker_walk(uint32_t most);
/** When it returns no other hart uses the session or its VM. */
void walker_stop(void);
/** A page of the VM's memory has been read by the volume. @return false when somebody has written to it meanwhile: its content is in its buffer */
bool walker_page_left(uint32_t page);

/* ---- drain.c: the manager ---- */
void drain_setup(void);
/** Moves the oldest page of the queue, which has one, into a segment. @return false when no segment has room */
bool drain_one(void);
/** A page of that sum that is in place, on the manager. @return false: it must go through the queue */
bool drain_at_once(uint32_t buffer, uint64_t sum);
bool drain_has_indexed_all(void);
/** The page is stored with a content of this sum, or is nothing. Any hart. */
void drain_index(uint32_t page, enum snapshot_page_kind kind, uint64_t sum);
/** The same for a page of zeros, and for one that this snapshot does not save. Any hart. */
void drain_index_zero(uint32_t page, enum page_reason reason);
void drain_index_unsaved(uint32_t page, enum page_state at_instant);
/** Whether what is saved now should be packed. Any hart. */
bool drain_wants_compression(void);
/** True when all bytes of a page are 0. */
bool drain_is_zero(const uint8_t *page);

/* ---- commit.c: the manager ---- */
void commit_setup(void);
/** Goes on with what follows the pages. @p moved: something did; @p complete: the snapshot exists. @return enum mailbox_status */
int commit_run(bool *moved, bool *complete);

#endif
