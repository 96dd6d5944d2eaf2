/* The snapshot in the making. */
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
#include "hypervisor/snapshot/session_state.h"
#include "hypervisor/snapshot/volume.h"

#define DEFAULT_QUEUE_PAGES 256u
#define SMALLEST_QUEUE_PAGES 4u
#define STATE_ROOM 0x20000ull
/* Pages a poll: few for a VM with a device, whose held writes would wait for the manager. */
#define AT_ONCE 32u
#define AT_ONCE_WITH_DEVICE 4u
#define AT_ONCE_WALKING 16u

struct session_state session;

static bool is_active(void) {
    return session.phase == SESSION_SAVING || session.phase == SESSION_ENDING;
}

/* ---- beginning --------------------------------------------------------------------------------------------------------------------- */

static int refuse(const char **error, int status, const char *why) {
    *error = why;
    return status;
}

/* What the VM may build on: the very snapshot since which its writes are known. */
static bool has_parent(const struct vm *vm) {
    const struct snapshot_header *h = vm->pages && vm->pages->is_protected ? volume_find(vm->pages->parent) : NULL;
    return h && h->sum == vm->pages->parent_sum;
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
    if (r->incremental && !has_parent(vm))
        return refuse(error, MAILBOX_BAD_STATE, "there is no snapshot of this VM to build on: the last one must have kept the protection");
    return MAILBOX_OK;
}

/* The VM's RAM is lent, since the volume reads pages where they are: whoever destroys the VM does not end that. */
static bool make_memory(const struct vm *vm, uint32_t queue_pages) {
    uint64_t bytes = STATE_ROOM + WRITER_MEMORY_BYTES + queue_pages * PAGE_BYTES;
    session.frames = (uint32_t)((bytes + FRAME_BYTES - 1) / FRAME_BYTES);
    session.memory = memory_frames_alloc(session.frames);
    session.state = session.memory;
    if (!session.memory)
        return false;
    session.lent = vm->memory;
    session.lent_frames = (uint32_t)(vm->memory_bytes / FRAME_BYTES);
    memory_frames_lend(session.lent, session.lent_frames);
    return true;
}

static void free_memory(void) {
    if (!session.memory)
        return;
    memory_frames_return(session.lent, session.lent_frames);
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

/* Everything but the instant. */
static int prepare(struct vm *vm, const struct session_request *request, const char **error) {
    uint64_t first_block, blocks;
    if (!volume_room(&first_block, &blocks))
        return refuse(error, MAILBOX_NO_MEMORY, "the snapshot volume is full");
    session.request = *request;
    session.request.queue_pages = request->queue_pages ? request->queue_pages : DEFAULT_QUEUE_PAGES;
    session.reserve = vm->vf ? QUEUE_RESERVE : 0;
    session.request.queue_pages += session.reserve;
    if (!make_memory(vm, session.request.queue_pages) || !snapshot_pages_create(vm)) {
        free_memory();
        return refuse(error, MAILBOX_NO_MEMORY, "no memory for the page queue");
    }
    fill_header(vm, first_block);
    queue_setup(&session.queue, session.memory + STATE_ROOM + WRITER_MEMORY_BYTES, session.request.queue_pages);
    writer_setup(&session.writer, &session.queue, session.memory + STATE_ROOM, first_block, blocks);
    writer_read_in_place(&session.writer, vm->memory, walker_pages_left);
    memset(&session.statistics, 0, sizeof session.statistics);
    session.failure[0] = 0;
    session.walked = SESSION_NOT_YET;
    session.pages = vm->pages->count;
    session.indexed = 0;
    session.waiting_first = session.waiting_last = 0;
    walker_setup();
    drain_setup();
    commit_setup();
    session.vm_index = vm->index;
    session.held = vm->vf != 0;
    return MAILBOX_OK;
}

int snapshot_session_begin(struct vm *vm, const struct session_request *request, const char **error) {
    int status = check(vm, request, error);
    if (status == MAILBOX_OK)
        status = prepare(vm, request, error);
    if (status != MAILBOX_OK)
        return status;
    if (session.held && pf_hold_vf(vm->vf, &(uint16_t){0}) != MAILBOX_OK) {
        free_memory();
        return refuse(error, MAILBOX_DEVICE_ERROR, "the VF cannot be held still");
    }
    session.statistics.begin_time = session.last_progress = csr_read(time);
    session.vm = vm;
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

/* ---- the end ----------------------------------------------------------------------------------------------------------------------- */

static void fail(const char *why) {
    if (session.phase != SESSION_SAVING)
        return;
    string_copy(session.failure, why, sizeof session.failure);
    walker_stop();
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

static void complete(void) {
    struct vm *vm = session.vm;
    walker_stop();
    session.vm = NULL;
    vm->pages->parent = session.header.id;
    vm->pages->parent_sum = session.header.sum;
    if (!session.request.keep_protected)
        snapshot_unprotect(vm);
    end_stop(vm);
    session.statistics.written_blocks = session.header.block_count;
    session.statistics.queue_most = session.queue.most_used;
    session.statistics.mended = session.writer.mended;
    session.statistics.end_time = csr_read(time);
    free_memory();
    session.phase = SESSION_COMPLETE;
}

static void look_for_failure(void) {
    char text[SESSION_FAILURE_BYTES];
    if (session.writer.full) {
        fail("the snapshot volume is full");
    } else if (session.writer.nvme_error) {
        format_text(text, sizeof text, "a write to the snapshot volume failed: NVMe status 0x%x", session.writer.nvme_error);
        fail(text);
    } else if (csr_read(time) - session.last_progress > session.request.patience_ticks) {
        fail("the snapshot volume does not answer");
    }
}

/* Every page has its entry. @return whether something moved */
static bool finish(void) {
    bool moved = false, committed = false;
    int status = commit_run(&moved, &committed);
    if (status != MAILBOX_OK)
        fail(volume_error());
    else if (committed)
        complete();
    else
        moved |= writer_run(&session.writer);
    return moved;
}

static void save_some(void) {
    bool moved = writer_run(&session.writer), busy = true, device = session.header.has_device;
    uint32_t pages = device ? AT_ONCE_WITH_DEVICE : AT_ONCE, walks = device ? AT_ONCE_WITH_DEVICE : AT_ONCE_WALKING;
    for (uint32_t done = 0; done < pages && busy;) {
        bool drains = queue_has_ready(&session.queue); /* otherwise the others walk faster than we drain */
        busy = drains ? drain_one() : walker_walk(walks);
        done += drains ? 1 : walks;
        moved |= busy;
    }
    if (!busy)
        writer_push(&session.writer);
    if (drain_has_indexed_all())
        moved |= finish();
    if (moved)
        session.last_progress = csr_read(time);
    if (session.phase == SESSION_SAVING)
        look_for_failure();
}

void snapshot_session_poll(void) {
    if (session.phase == SESSION_SAVING)
        save_some();
    else if (session.phase == SESSION_ENDING && writer_drain(&session.writer) && volume_is_idle() && !__atomic_load_n(&session.savers, __ATOMIC_SEQ_CST))
        finish_failed();
}

bool snapshot_session_has_room(void) {
    return session.phase == SESSION_SAVING && queue_used(&session.queue) < session.queue.capacity / 2;
}

void snapshot_session_cancel(const char *reason) {
    fail(reason);
}

bool snapshot_session_forget_vm(struct vm *vm) {
    if (session.vm != vm)
        return false;
    fail("the VM was destroyed");
    return true;
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
