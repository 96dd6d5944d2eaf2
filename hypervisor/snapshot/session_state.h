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
    uint32_t first_writes[MAX_HARTS]; /* each hart its own */
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
static inline void session_count(uint64_t *counter, uint64_t more) {
    __atomic_fetch_add(counter, more, __ATOMIC_RELAXED);
}

/* ---- walker.c: any hart ---- */
void walker_setup(void);
/** Walks up to @p most pages. @return false when there was nothing to do */
bool walker_walk(uint32_t most);
/** When it returns no other hart uses the session or its VM. */
void walker_stop(void);
/** The volume has read pages in the VM's memory (writer_pages_left, writer.h). */
uint32_t walker_pages_left(const uint32_t *buffers, uint32_t in_place);

/* ---- drain.c: the manager ---- */
void drain_setup(void);
/** Moves the oldest page of the queue, which has one, into a segment. @return false when no segment has room */
bool drain_one(void);
bool drain_has_indexed_all(void);
/** Pages are stored, and their entries are complete. Any hart. */
void drain_count(enum page_reason reason, uint32_t raw, uint32_t zero);
/** The entry of a page without content, which is still to be counted. */
void drain_index_nothing(uint32_t page, enum snapshot_page_kind kind);
/** Entry and count of a page that this snapshot does not save. Any hart. */
void drain_index_unsaved(uint32_t page, enum page_state at_instant);
/** Whether what is saved now should be packed. Any hart. */
bool drain_wants_compression(void);

/* ---- commit.c: the manager ---- */
void commit_setup(void);
/** Goes on with what follows the pages. @p moved: something did; @p complete: the snapshot exists. @return enum mailbox_status */
int commit_run(bool *moved, bool *complete);

#endif
