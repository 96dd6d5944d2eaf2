/* The snapshot in the making. */
#include "hypervisor/snapshot/session.h"

#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/drivers/pf.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/capture.h"
#include "hypervisor/snapshot/instant.h"
#include "hypervisor/snapshot/sum.h"
#include "hypervisor/snapshot/volume.h"
#include "hypervisor/snapshot/writer.h"

#define DEFAULT_QUEUE_PAGES 256u
#define SMALLEST_QUEUE_PAGES 4u
#define STATE_ROOM 0x20000ull
/* Pages a poll: few for a VM with a device, whose held writes would wait for the manager. */
#define AT_ONCE 32u
#define AT_ONCE_WITH_DEVICE 4u
/* An idle hart that helps looks for guests again after so many: a page takes it 2 us. */
#define AT_ONCE_HELPING 2u
#define NOT_YET 0x80000000u
/* Neighbourhoods. hot = number * HOT_STEP + page in it: what several harts add to at its end does not reach the next. */
#define HOT_PAGES 128u
#define HOT_STEP (2 * HOT_PAGES)
#define HOT_NONE HOT_PAGES
#define HOT_MAX (SNAPSHOT_MEMORY_MAX / PAGE_BYTES / HOT_PAGES)
#define FAILURE_BYTES 120

static struct {
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
    uint8_t *state;
    uint32_t reserve; /* buffers that only devices get */
    uint32_t walked;  /* atomic: the next page for whoever walks; NOT_YET before the instant */
    uint32_t pages;   /* of the VM */
    /* Where somebody wrote, somebody will write: the pages around a first write go first. */
    uint32_t hot;                         /* atomic: the next such page */
    uint32_t hot_first, hot_last;         /* atomic: of the neighbourhoods that wait, each once */
    uint32_t hot_waiting[HOT_MAX];        /* number + 1 */
    uint8_t was_hot[HOT_MAX];
    uint32_t helpers; /* atomic: harts beside the manager's that walk right now */
    uint32_t indexed; /* atomic: pages whose index entry is complete */
    uint64_t last_progress;
    struct snapshot_instant instant;
    struct session_statistics statistics;
    char failure[FAILURE_BYTES];
} session;

static bool is_active(void) {
    return session.phase == SESSION_SAVING || session.phase == SESSION_ENDING;
}

static struct snapshot_index_entry *entry_of(uint32_t page) {
    return &session.vm->pages->index[page];
}

/* Walkers on several harts count. */
static void count(uint64_t *counter) {
    __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void index_page(uint32_t page, enum snapshot_page_kind kind, uint64_t sum) {
    struct snapshot_index_entry *entry = entry_of(page);
    entry->kind = (uint8_t)kind;
    entry->sum = sum;
    __atomic_fetch_add(&session.indexed, 1, __ATOMIC_RELEASE);
}

static bool all_indexed(void) {
    return __atomic_load_n(&session.indexed, __ATOMIC_ACQUIRE) == session.pages;
}

static uint64_t zero_sum(void) {
    static const uint8_t zero[SNAPSHOT_BLOCK_BYTES] __attribute__((aligned(8)));
    static uint64_t sum;
    if (!sum)
        sum = snapshot_sum(zero, sizeof zero);
    return sum;
}

/* ---- the page is saved: any hart ---------------------------------------------------------------------------------------------------- */

/* A fault waits for a buffer when the queue is full; the drain does not depend on the guest, so it will come. */
static uint32_t wait_for_buffer(enum page_reason reason) {
    uint32_t keep = reason == PAGE_BY_DEVICE ? 0 : session.reserve, buffer = queue_reserve(&session.queue, keep);
    if (buffer != QUEUE_NONE)
        return buffer;
    uint64_t start = csr_read(cycle);
    while ((buffer = queue_reserve(&session.queue, keep)) == QUEUE_NONE && !__atomic_load_n(&session.stopping, __ATOMIC_ACQUIRE))
        if (hart_self() == hart_manager())
            snapshot_session_poll();
    uint64_t waited = csr_read(cycle) - start;
    __atomic_fetch_add(&session.statistics.waits, 1, __ATOMIC_RELAXED);
    __atomic_fetch_add(&session.statistics.wait_cycles, waited, __ATOMIC_RELAXED);
    if (waited > session.statistics.wait_most)
        session.statistics.wait_most = waited;
    return buffer;
}

static void note_hot(uint32_t page) {
    uint32_t number = page / HOT_PAGES;
    if (__atomic_load_n(&session.was_hot[number], __ATOMIC_RELAXED))
        return;
    __atomic_store_n(&session.was_hot[number], 1, __ATOMIC_RELAXED);
    uint32_t at = __atomic_fetch_add(&session.hot_last, 1, __ATOMIC_RELAXED);
    if (at < HOT_MAX)
        __atomic_store_n(&session.hot_waiting[at], number + 1, __ATOMIC_RELEASE);
}

static void save_page(const struct vm *vm, uint32_t page, enum page_reason reason) {
    uint32_t buffer = wait_for_buffer(reason);
    if (buffer == QUEUE_NONE)
        return;
    if (reason == PAGE_BY_WRITE)
        note_hot(page);
    memcpy(queue_buffer(&session.queue, buffer), vm->memory + page * PAGE_BYTES, PAGE_BYTES);
    queue_put(&session.queue, buffer, &(struct queue_item){.page = page, .reason = (uint8_t)reason});
    event_emit(EVENT_SW_PAGE_COPIED, (uint16_t)vm->index, page, queue_used(&session.queue));
}

void snapshot_session_save(struct vm *vm, uint32_t page, enum page_reason reason) {
    __atomic_fetch_add(&session.savers, 1, __ATOMIC_SEQ_CST);
    if (vm == session.vm && !__atomic_load_n(&session.stopping, __ATOMIC_SEQ_CST))
        save_page(vm, page, reason);
    __atomic_fetch_sub(&session.savers, 1, __ATOMIC_SEQ_CST);
}

/* ---- beginning --------------------------------------------------------------------------------------------------------------------- */

static int refuse(const char **error, int status, const char *why) {
    *error = why;
    return status;
}

static int check(const struct vm *vm, const struct session_request *r, const char **error) {
    if (is_active())
        return refuse(error, MAILBOX_BUSY, "a snapshot is under way");
    if (!volume_is_open())
        return refuse(error, MAILBOX_NO_DEVICE, "no snapshot volume is open");
    if (!vm_runs(vm))
        return refuse(error, MAILBOX_BAD_STATE, "the VM does not run");
    if (r->queue_pages && (r->queue_pages < SMALLEST_QUEUE_PAGES || r->queue_pages > QUEUE_MAX_PAGES))
        return refuse(error, MAILBOX_BAD_ARGUMENT, "a queue has 4 to 4096 pages");
    if (r->incremental && (!vm->pages || !vm->pages->is_protected || !volume_find(vm->pages->parent)))
        return refuse(error, MAILBOX_BAD_STATE, "there is no snapshot of this VM to build on: the last one must have kept the protection");
    return MAILBOX_OK;
}

static bool make_memory(uint32_t queue_pages) {
    uint64_t bytes = STATE_ROOM + WRITER_MEMORY_BYTES + queue_pages * PAGE_BYTES;
    session.frames = (uint32_t)((bytes + FRAME_BYTES - 1) / FRAME_BYTES);
    session.memory = memory_frames_alloc(session.frames);
    session.state = session.memory;
    return session.memory != NULL;
}

static void free_memory(void) {
    if (session.memory)
        memory_frames_free(session.memory, session.frames);
    session.memory = NULL;
}

static void fill_header(const struct vm *vm, uint64_t first_block) {
    struct snapshot_header *h = &session.header;
    memset(h, 0, sizeof *h);
    h->magic = SNAPSHOT_HEADER_MAGIC;
    h->version = SNAPSHOT_VERSION;
    h->id = volume_next_id();
    if (session.request.incremental) {
        h->flags = SNAPSHOT_INCREMENTAL;
        h->parent = vm->pages->parent;
    }
    string_copy(h->name, session.request.name, sizeof h->name);
    string_copy(h->vm_name, vm->name, sizeof h->vm_name);
    h->memory_bytes = vm->memory_bytes;
    h->vcpus = vm->vcpu_count;
    h->has_device = vm->vf != 0;
    h->first_block = first_block;
}

static uint8_t instant_hart(const struct vcpu *v) {
    return vcpu_is_latest(v) ? (uint8_t)v->last->id : 0xff;
}

static void announce_instant(struct vm *vm) {
    session.instant = (struct snapshot_instant){
        .snapshot = session.header.id, .vm = vm->index, .memory = (uint64_t)vm->memory, .memory_bytes = vm->memory_bytes,
        .state = (uint64_t)session.state, .state_bytes = session.header.state_bytes,
        .vcpus = (uint64_t)vm->vcpus, .vcpu_stride = sizeof vm->vcpus[0], .vcpu_count = vm->vcpu_count};
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        session.instant.hart[i] = instant_hart(&vm->vcpus[i]);
    __asm__ volatile("fence rw, o" ::: "memory");
    event_emit(EVENT_SW_SNAPSHOT, (uint16_t)vm->index, (uint32_t)session.header.id, (uint64_t)&session.instant);
}

static void resume(struct vm *vm) {
    vm_resume(vm);
    session.statistics.pause_cycles = csr_read(cycle) - session.paused_at;
    event_emit(EVENT_SW_PAUSE_END, (uint16_t)vm->index, 0, 0);
    session.paused_at = 0;
}

/* A VM that was stopped for the whole time goes on. */
static void end_stop(struct vm *vm) {
    if (!session.paused_at)
        return;
    resume(vm);
    if (session.held)
        pf_release_vf(vm->vf, &(uint16_t){0});
}

/* The instant. @return false when the VM ended by itself before */
static bool take_instant(struct vm *vm) {
    uint64_t start = csr_read(cycle);
    event_emit(EVENT_SW_PAUSE_BEGIN, (uint16_t)vm->index, 0, session.header.id);
    if (!vm_pause(vm))
        return false;
    session.header.guest_time = csr_read(time) + vm->time_delta;
    snapshot_protect(vm, session.request.incremental);
    session.header.state_bytes = capture_state(vm, session.state, STATE_ROOM);
    announce_instant(vm);
    session.paused_at = start;
    __atomic_store_n(&session.walked, 0, __ATOMIC_RELEASE);
    if (!session.request.stop)
        resume(vm);
    scheduler_wake_idle();
    return true;
}

int snapshot_session_begin(struct vm *vm, const struct session_request *request, const char **error) {
    uint64_t first_block, blocks;
    int status = check(vm, request, error);
    if (status != MAILBOX_OK)
        return status;
    if (!volume_room(&first_block, &blocks))
        return refuse(error, MAILBOX_NO_MEMORY, "the snapshot volume is full");
    session.request = *request;
    session.request.queue_pages = request->queue_pages ? request->queue_pages : DEFAULT_QUEUE_PAGES;
    session.reserve = vm->vf ? QUEUE_RESERVE : 0;
    session.request.queue_pages += session.reserve;
    if (!make_memory(session.request.queue_pages) || !snapshot_pages_create(vm)) {
        free_memory();
        return refuse(error, MAILBOX_NO_MEMORY, "no memory for the page queue");
    }
    fill_header(vm, first_block);
    queue_setup(&session.queue, session.memory + STATE_ROOM + WRITER_MEMORY_BYTES, session.request.queue_pages);
    writer_setup(&session.writer, &session.queue, session.memory + STATE_ROOM, first_block, blocks);
    memset(&session.statistics, 0, sizeof session.statistics);
    session.failure[0] = 0;
    session.walked = NOT_YET;
    session.pages = vm->pages->count;
    session.hot = HOT_NONE;
    memset(session.was_hot, 0, session.pages / HOT_PAGES);
    memset(session.hot_waiting, 0, session.pages / HOT_PAGES * sizeof session.hot_waiting[0]);
    session.hot_first = session.hot_last = 0;
    session.indexed = 0;
    session.vm_index = vm->index;
    session.held = vm->vf != 0;
    if (session.held && pf_hold_vf(vm->vf, &(uint16_t){0}) != MAILBOX_OK) {
        free_memory();
        return refuse(error, MAILBOX_DEVICE_ERROR, "the VF cannot be held still");
    }
    session.statistics.begin_time = session.last_progress = csr_read(time);
    session.vm = vm;
    zero_sum();
    __atomic_store_n(&session.stopping, false, __ATOMIC_RELEASE);
    session.phase = SESSION_SAVING;
    session.paused_at = 0;
    bool taken = take_instant(vm);
    if (session.held && !session.paused_at)
        pf_release_vf(vm->vf, &(uint16_t){0});
    if (!taken) {
        snapshot_session_cancel("the VM ended by itself");
        return refuse(error, MAILBOX_BAD_STATE, session.failure);
    }
    if (!session.header.state_bytes) {
        snapshot_session_cancel("the VM's state does not fit");
        return refuse(error, MAILBOX_NO_MEMORY, session.failure);
    }
    return MAILBOX_OK;
}

/* ---- saving ------------------------------------------------------------------------------------------------------------------------ */

/* Compressing costs the drain time and saves memory: it pays while there is time, and it must be while memory is short. */
static bool wants_compression(void) {
    const struct session_request *r = &session.request;
    if (r->compression != COMPRESS_AUTO)
        return r->compression == COMPRESS_ALWAYS;
    return queue_used(&session.queue) * 100u < session.queue.capacity * r->load_percent || memory_free_bytes() < r->low_memory_bytes;
}

static bool is_zero(const uint8_t *page) {
    typedef uint64_t __attribute__((may_alias)) word_t;
    const word_t *w = (const word_t *)page;
    for (unsigned i = 0; i < PAGE_BYTES / 8; i += 8)
        if (w[i] | w[i + 1] | w[i + 2] | w[i + 3] | w[i + 4] | w[i + 5] | w[i + 6] | w[i + 7])
            return false;
    return true;
}

static void index_zero(uint32_t page, enum page_reason reason) {
    count(&session.statistics.saved[reason]);
    count(&session.statistics.zero);
    entry_of(page)->length = 0;
    entry_of(page)->unit = 0;
    index_page(page, SNAPSHOT_PAGE_ZERO, zero_sum());
}

static void drain_page(uint32_t buffer, bool packed) {
    const struct queue_item item = session.queue.item[buffer];
    const uint8_t *page = queue_buffer(&session.queue, buffer);
    if (!item.summed && is_zero(page)) {
        queue_release(&session.queue, buffer);
        event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item.page, 0);
        index_zero(item.page, (enum page_reason)item.reason);
        return;
    }
    count(&session.statistics.saved[item.reason]);
    struct snapshot_index_entry *entry = entry_of(item.page);
    uint64_t sum = item.summed ? item.sum : snapshot_sum(page, PAGE_BYTES);
    writer_add(&session.writer, buffer, packed, entry);
    if (entry->kind == SNAPSHOT_PAGE_PACKED) {
        session.statistics.packed++;
        session.statistics.packed_bytes += entry->length;
    } else {
        session.statistics.raw++;
    }
    event_emit(EVENT_SW_PAGE_WRITTEN, (uint16_t)session.vm_index, item.page, entry->length);
    index_page(item.page, (enum snapshot_page_kind)entry->kind, sum);
}

static uint32_t at_once(void) {
    return session.header.has_device ? AT_ONCE_WITH_DEVICE : AT_ONCE;
}

static bool drain(void) {
    bool moved = false;
    for (uint32_t i = 0; i < at_once() && queue_has_ready(&session.queue); i++) {
        bool packed = wants_compression();
        if (!writer_has_room(&session.writer, packed))
            break;
        uint32_t buffer = queue_take(&session.queue);
        if (buffer == QUEUE_NONE)
            break;
        drain_page(buffer, packed);
        moved = true;
    }
    return moved;
}

/* What was clean is the parent's still; what was absent is nothing. */
static void index_unsaved(uint32_t page, enum page_state at_instant) {
    struct snapshot_index_entry *entry = entry_of(page);
    entry->length = 0;
    entry->unit = 0;
    if (at_instant == PAGE_CLEAN) {
        count(&session.statistics.parent);
        index_page(page, SNAPSHOT_PAGE_PARENT, entry->sum);
    } else {
        count(&session.statistics.absent);
        index_page(page, SNAPSHOT_PAGE_ABSENT, zero_sum());
    }
}

/* Where writes go a saved page need not wait for its first one, unless somebody wants to know later what was written. */
static void page_saved(uint32_t page) {
    snapshot_page_saved(session.vm->pages, page);
    if (!session.request.keep_protected && __atomic_load_n(&session.was_hot[page / HOT_PAGES], __ATOMIC_RELAXED))
        snapshot_page_open(session.vm, page);
}

/* A page that is neither pending nor being copied is in the queue already. @return whether the buffer is used up */
static bool walk_page(uint32_t page, uint32_t buffer) {
    struct snapshot_pages *pages = session.vm->pages;
    if (pages->at_instant[page] != PAGE_PENDING) {
        index_unsaved(page, (enum page_state)pages->at_instant[page]);
        return false;
    }
    if (!snapshot_page_claim(pages, page))
        return false;
    const uint8_t *from = session.vm->memory + page * PAGE_BYTES;
    if (is_zero(from)) { /* nothing to keep a copy of */
        page_saved(page);
        index_zero(page, PAGE_BY_WALKER);
        return false;
    }
    uint64_t sum = snapshot_copy_sum(queue_buffer(&session.queue, buffer), from);
    page_saved(page);
    queue_put(&session.queue, buffer, &(struct queue_item){page, PAGE_BY_WALKER, true, sum});
    return true;
}

static bool is_walked(void) {
    return __atomic_load_n(&session.walked, __ATOMIC_ACQUIRE) >= session.pages;
}

/* The next neighbourhood. Of two that two harts begin at the same time one is passed over: the walker comes to it later. */
static void next_hot(void) {
    uint32_t first = __atomic_load_n(&session.hot_first, __ATOMIC_ACQUIRE);
    uint32_t number = first < HOT_MAX ? __atomic_load_n(&session.hot_waiting[first], __ATOMIC_ACQUIRE) : 0;
    if (number && __atomic_compare_exchange_n(&session.hot_first, &first, first + 1, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        __atomic_store_n(&session.hot, (number - 1) * HOT_STEP, __ATOMIC_RELEASE);
}

/* @return a page near one that was written, or else the next of all */
static uint32_t next_page(void) {
    if (__atomic_load_n(&session.hot, __ATOMIC_RELAXED) % HOT_STEP >= HOT_PAGES)
        next_hot();
    while (__atomic_load_n(&session.hot, __ATOMIC_RELAXED) % HOT_STEP < HOT_PAGES) {
        uint32_t hot = __atomic_fetch_add(&session.hot, 1, __ATOMIC_ACQ_REL), page = hot / HOT_STEP * HOT_PAGES + hot % HOT_STEP;
        if (hot % HOT_STEP < HOT_PAGES && __atomic_load_n(&session.vm->pages->state[page], __ATOMIC_RELAXED) == PAGE_PENDING)
            return page;
    }
    return __atomic_fetch_add(&session.walked, 1, __ATOMIC_ACQ_REL);
}

/* Any hart. A buffer is there before a page is claimed, so that nobody who writes to the page waits for one. A quarter of them is for those who must wait. */
static bool walk(uint32_t most) {
    uint32_t buffer = QUEUE_NONE, pages = session.pages, done = 0;
    while (done < most && !is_walked()) {
        if (buffer == QUEUE_NONE && (buffer = queue_reserve(&session.queue, session.reserve + (session.queue.capacity - session.reserve) / 4)) == QUEUE_NONE)
            break;
        uint32_t page = next_page();
        if (page < pages && walk_page(page, buffer))
            buffer = QUEUE_NONE;
        done++;
    }
    if (buffer != QUEUE_NONE)
        queue_release(&session.queue, buffer);
    return done != 0;
}

bool snapshot_session_help(void) {
    bool active = false;
    if (__atomic_load_n(&session.walked, __ATOMIC_RELAXED) >= __atomic_load_n(&session.pages, __ATOMIC_RELAXED))
        return false;
    __atomic_fetch_add(&session.helpers, 1, __ATOMIC_SEQ_CST);
    if (!__atomic_load_n(&session.stopping, __ATOMIC_SEQ_CST) && !is_walked()) {
        walk(AT_ONCE_HELPING);
        active = true;
    }
    __atomic_fetch_sub(&session.helpers, 1, __ATOMIC_SEQ_CST);
    return active;
}

/* When it returns no other hart uses the session or its VM. */
static void stop_walking(void) {
    __atomic_store_n(&session.stopping, true, __ATOMIC_SEQ_CST);
    __atomic_store_n(&session.walked, NOT_YET, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&session.helpers, __ATOMIC_SEQ_CST))
        ;
}

/* ---- the end ----------------------------------------------------------------------------------------------------------------------- */

static void fail(const char *why) {
    if (session.phase != SESSION_SAVING)
        return;
    string_copy(session.failure, why, sizeof session.failure);
    stop_walking();
    if (session.vm) {
        snapshot_unprotect(session.vm);
        end_stop(session.vm);
    }
    session.vm = NULL;
    session.phase = SESSION_ENDING;
    log_line("snapshot %lu of vm%u: failed: %s", session.header.id, session.vm_index, session.failure);
}

static void finish_failed(void) {
    free_memory();
    session.phase = SESSION_FAILED;
    session.statistics.end_time = csr_read(time);
}

/* The writer's memory is idle by now and takes what must be padded to whole blocks. */
static int write_padded(uint64_t *block, const void *data, uint64_t bytes) {
    uint8_t *bounce = session.writer.segment[0].memory;
    int status = MAILBOX_OK;
    for (uint64_t done = 0; done < bytes && status == MAILBOX_OK; done += WRITER_SEGMENT_BYTES) {
        uint64_t step = bytes - done < WRITER_SEGMENT_BYTES ? bytes - done : WRITER_SEGMENT_BYTES;
        uint64_t blocks = snapshot_blocks(step);
        memset(bounce + step, 0, blocks * SNAPSHOT_BLOCK_BYTES - step);
        memcpy(bounce, (const uint8_t *)data + done, step);
        if (*block + blocks > session.writer.limit_block) {
            session.writer.full = true;
            return MAILBOX_NO_MEMORY;
        }
        status = volume_transfer(true, *block, bounce, (uint32_t)blocks);
        *block += blocks;
    }
    return status;
}

static int write_tail(void) {
    struct snapshot_header *h = &session.header;
    struct snapshot_pages *pages = session.vm->pages;
    uint64_t block = session.writer.next_block, index_bytes = pages->count * sizeof *pages->index;
    h->data_bytes = (block - h->first_block) * SNAPSHOT_BLOCK_BYTES;
    h->index_block = block;
    h->index_sum = snapshot_sum(pages->index, index_bytes);
    h->content_sum = snapshot_content_sum(pages->index, pages->count);
    int status = write_padded(&block, pages->index, index_bytes);
    h->state_block = block;
    h->state_sum = snapshot_sum(session.state, h->state_bytes);
    if (status == MAILBOX_OK)
        status = write_padded(&block, session.state, h->state_bytes);
    h->block_count = block - h->first_block;
    return status == MAILBOX_OK ? volume_flush() : status;
}

static void fill_counts(void) {
    struct snapshot_header *h = &session.header;
    const struct session_statistics *s = &session.statistics;
    h->pages_stored = s->raw + s->packed;
    h->pages_packed = s->packed;
    h->pages_zero = s->zero;
    h->pages_absent = s->absent;
    h->pages_parent = s->parent;
    h->pages_by_write = s->saved[PAGE_BY_WRITE];
    h->pages_by_device = s->saved[PAGE_BY_DEVICE];
    snapshot_header_seal(h);
}

static void complete(void) {
    struct vm *vm = session.vm;
    int status = write_tail();
    fill_counts();
    if (status == MAILBOX_OK)
        status = volume_commit(&session.header);
    if (status != MAILBOX_OK) {
        fail(session.writer.full ? "the snapshot volume is full" : volume_error());
        return;
    }
    stop_walking();
    session.vm = NULL;
    vm->pages->parent = session.header.id;
    if (!session.request.keep_protected)
        snapshot_unprotect(vm);
    end_stop(vm);
    session.statistics.written_blocks = session.header.block_count;
    session.statistics.queue_most = session.queue.most_used;
    session.statistics.end_time = csr_read(time);
    free_memory();
    session.phase = SESSION_COMPLETE;
}

static void look_for_failure(void) {
    char text[FAILURE_BYTES];
    if (session.writer.full) {
        fail("the snapshot volume is full");
    } else if (session.writer.nvme_error) {
        format_text(text, sizeof text, "a write to the snapshot volume failed: NVMe status 0x%x", session.writer.nvme_error);
        fail(text);
    } else if (csr_read(time) - session.last_progress > session.request.patience_ticks) {
        fail("the snapshot volume does not answer");
    }
}

static void save_some(void) {
    bool moved = writer_run(&session.writer);
    moved |= drain();
    if (!queue_has_ready(&session.queue)) /* otherwise the others walk faster than we drain */
        moved |= walk(at_once());
    if (moved)
        session.last_progress = csr_read(time);
    if (all_indexed()) {
        writer_close(&session.writer);
        writer_run(&session.writer);
        if (writer_is_done(&session.writer) && !session.writer.nvme_error)
            complete();
    }
    if (session.phase == SESSION_SAVING)
        look_for_failure();
}

void snapshot_session_poll(void) {
    if (session.phase == SESSION_SAVING)
        save_some();
    else if (session.phase == SESSION_ENDING && writer_drain(&session.writer) && !__atomic_load_n(&session.savers, __ATOMIC_SEQ_CST))
        finish_failed();
}

bool snapshot_session_has_room(void) {
    return session.phase == SESSION_SAVING && queue_used(&session.queue) < session.queue.capacity / 2;
}

void snapshot_session_cancel(const char *reason) {
    fail(reason);
}

void snapshot_session_forget_vm(struct vm *vm) {
    if (session.vm == vm)
        fail("the VM was destroyed");
}

enum session_phase snapshot_session_phase(void) {
    return session.phase;
}

const struct session_statistics *snapshot_session_statistics(void) {
    return &session.statistics;
}

uint64_t snapshot_session_id(void) {
    return session.header.id;
}

uint32_t snapshot_session_vm(void) {
    return session.vm_index;
}

uint32_t snapshot_session_percent(void) {
    uint64_t pages = session.header.memory_bytes / PAGE_BYTES;
    if (session.phase == SESSION_COMPLETE)
        return 100;
    return pages ? (uint32_t)(__atomic_load_n(&session.indexed, __ATOMIC_RELAXED) * 99ull / pages) : 0;
}

const char *snapshot_session_failure(void) {
    return session.failure;
}
