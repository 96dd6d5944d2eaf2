/* The mailbox's operations for snapshots, and the two kinds of task behind them. */
#include "hypervisor/management/snapshot_commands.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/management/task_commands.h"
#include "hypervisor/snapshot/restore.h"
#include "hypervisor/snapshot/session.h"
#include "hypervisor/snapshot/volume.h"
#include "hypervisor/tasks.h"

#define PATIENCE_MS 2000u
#define MOST_SHARED 32u
#define TICKS_PER_MS 10000u /* of `virt`'s time */

/* What the task that is being started is to do: one request is served at a time. */
static struct session_request wanted;
static const char *start_error;

/* ---- tasks: arguments are VM, snapshot, and whether the VM was made for it ------------------------------------------------------------------------------------------- */

static int start_snapshot(void *context, struct task *task) {
    (void)context;
    return snapshot_session_begin(&vms[task->arguments[0]], &wanted, &start_error);
}

static void undo_snapshot(void *context, struct task *task) {
    (void)context;
    (void)task;
    snapshot_session_cancel("cancelled");
}

static void poll_snapshot(struct task *task) {
    snapshot_session_poll();
    enum session_phase phase = snapshot_session_phase();
    if (phase == SESSION_SAVING || phase == SESSION_ENDING) {
        if (task->state == TASK_RUNNING)
            task_progress(tasks_manager(), task->number, snapshot_session_percent(), 100);
    } else if (task->state != TASK_RUNNING) {
        task_undone(tasks_manager(), task->number, csr_read(time));
    } else if (phase == SESSION_COMPLETE) {
        task->result = snapshot_session_id();
        task_succeed(tasks_manager(), task->number, csr_read(time));
    } else {
        task_fail(tasks_manager(), task->number, MAILBOX_DEVICE_ERROR, csr_read(time));
    }
}

static int start_restore(void *context, struct task *task) {
    (void)context;
    return restore_begin(&vms[task->arguments[0]], task->arguments[1], task->arguments[2] != 0, &start_error);
}

static void undo_restore(void *context, struct task *task) {
    (void)context;
    (void)task;
    restore_cancel();
}

static void poll_restore(struct task *task) {
    restore_poll();
    enum restore_phase phase = restore_phase();
    if (task->state != TASK_RUNNING) {
        task_undone(tasks_manager(), task->number, csr_read(time));
    } else if (phase == RESTORE_LOADING) {
        task_progress(tasks_manager(), task->number, restore_percent(), 100);
    } else if (phase == RESTORE_DONE) {
        task->result = task->arguments[0];
        task_succeed(tasks_manager(), task->number, csr_read(time));
    } else {
        task_fail(tasks_manager(), task->number, restore_status(), csr_read(time));
    }
}

static uint32_t kind(bool is_restore) {
    static const struct tasks_kind snapshot = {
        .routine = {.name = "snapshot", .start = start_snapshot, .undo = undo_snapshot}, .poll = poll_snapshot};
    static const struct tasks_kind restore = {.routine = {.name = "restore", .start = start_restore, .undo = undo_restore}, .poll = poll_restore};
    static uint32_t first;
    if (!first) {
        first = tasks_register(&snapshot) + 1;
        tasks_register(&restore);
    }
    return first - 1 + is_restore;
}

/* Accepts and starts a task that has the VM and the snapshot volume to itself. @return enum mailbox_status; the reply says why not */
static int run_task(struct mailbox_call *call, bool is_restore, const struct vm *vm, uint64_t argument, bool fresh, uint32_t *number) {
    char name[TASK_NAME_BYTES];
    const uint64_t resources[2] = {tasks_resource(TASKS_VM, vm->index), tasks_resource(TASKS_VOLUME, volume_number())};
    if (task_commands_refuse(call, resources[0]) || task_commands_refuse(call, resources[1]))
        return MAILBOX_BUSY;
    format_text(name, sizeof name, "%s vm%u", is_restore ? "restore" : "snapshot", vm->index);
    const struct task_request request = {.name = name, .routine = kind(is_restore), .policy = TASK_REJECT, .resource_count = 2,
                                         .resources = {resources[0], resources[1]}, .arguments = {vm->index, argument, fresh}};
    if (task_accept(tasks_manager(), &request, csr_read(time), number) != TASK_OK) {
        mailbox_say(call, "too many tasks");
        return MAILBOX_NO_MEMORY;
    }
    start_error = "the task did not start";
    task_dispatch(tasks_manager(), csr_read(time));
    const struct task *task = task_find(tasks_manager(), *number);
    if (task && task->state == TASK_RUNNING)
        return MAILBOX_OK;
    mailbox_say(call, "%s", start_error);
    return task && task->error ? task->error : MAILBOX_BAD_STATE;
}

/* ---- operations --------------------------------------------------------------------------------------------------------------------- */

int op_snapshot_volume(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    if (task_commands_refuse(call, tasks_resource(TASKS_VOLUME, volume_number())))
        return MAILBOX_BUSY;
    int status = volume_open(a[0] > UINT32_MAX ? UINT32_MAX : (uint32_t)a[0], a[1] == 1);
    if (status != MAILBOX_OK)
        mailbox_say(call, "%s", volume_error());
    return status;
}

static enum session_compression compression_of(uint64_t flags) {
    return flags & MAILBOX_SNAPSHOT_PACK ? COMPRESS_ALWAYS : flags & MAILBOX_SNAPSHOT_RAW ? COMPRESS_NEVER : COMPRESS_AUTO;
}

int op_snapshot_start(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    const struct vm *vm = vm_by_index(a[0]);
    uint32_t number = 0;
    if (!vm) {
        mailbox_say(call, "no VM %lu", a[0]);
        return MAILBOX_NO_SUCH_VM;
    }
    wanted = (struct session_request){
        .name = call->request->name,
        .queue_pages = a[1] > UINT32_MAX ? UINT32_MAX : (uint32_t)a[1],
        .compression = compression_of(a[2]),
        .incremental = (a[2] & MAILBOX_SNAPSHOT_INCREMENTAL) != 0,
        .stop = (a[2] & MAILBOX_SNAPSHOT_STOP) != 0,
        .keep_protected = (a[2] & MAILBOX_SNAPSHOT_KEEP) != 0,
        .load_percent = a[3] > 100 ? 100 : (uint32_t)a[3],
        .low_memory_bytes = a[4],
        .share_pages = a[6] > MOST_SHARED ? MOST_SHARED : (uint32_t)a[6],
        .patience_ticks = (a[5] && a[5] < 100000 ? a[5] : PATIENCE_MS) * TICKS_PER_MS,
    };
    int status = run_task(call, false, vm, 0, false, &number);
    if (status != MAILBOX_OK)
        return status;
    call->reply->value[0] = snapshot_session_id();
    call->reply->value[1] = snapshot_session_statistics()->pause_cycles;
    call->reply->value[2] = number;
    return MAILBOX_OK;
}

static void say_statistics(struct mailbox_call *call, const struct session_statistics *s) {
    mailbox_say(call, "pause_cycles %lu\nsaved_by_walker %lu\nsaved_by_write %lu\nsaved_by_device %lu\n", s->pause_cycles,
                s->saved[PAGE_BY_WALKER], s->saved[PAGE_BY_WRITE], s->saved[PAGE_BY_DEVICE]);
    mailbox_say(call, "waits %lu\nwait_cycles %lu\nwait_most %lu\nqueue_most %lu\n", s->waits, s->wait_cycles, s->wait_most, s->queue_most);
    mailbox_say(call, "zero %lu\nabsent %lu\nparent %lu\nraw %lu\npacked %lu\npacked_bytes %lu\nmended %lu\nblocks %lu\nns %lu\n", s->zero, s->absent,
                s->parent, s->raw, s->packed, s->packed_bytes, s->mended, s->written_blocks, (s->end_time - s->begin_time) * 100);
}

int op_snapshot_status(struct mailbox_call *call) {
    static const char *const names[] = {
        [SESSION_NONE] = "none", [SESSION_SAVING] = "saving", [SESSION_ENDING] = "ending", [SESSION_COMPLETE] = "complete", [SESSION_FAILED] = "failed"};
    enum session_phase phase = snapshot_session_phase();
    call->reply->value[0] = phase;
    call->reply->value[1] = snapshot_session_percent();
    call->reply->value[2] = snapshot_session_id();
    mailbox_say(call, "phase %s\npercent %u\nid %lu\nvm %u\n", names[phase], snapshot_session_percent(), snapshot_session_id(), snapshot_session_vm());
    say_statistics(call, snapshot_session_statistics());
    if (phase == SESSION_FAILED || phase == SESSION_ENDING)
        mailbox_say(call, "failure %s\n", snapshot_session_failure());
    return MAILBOX_OK;
}

int op_snapshot_bench(struct mailbox_call *call) {
    uint64_t mib = call->request->argument[0], ticks = 0;
    if (task_commands_refuse(call, tasks_resource(TASKS_VOLUME, volume_number())))
        return MAILBOX_BUSY;
    int status = mib < 1 || mib > 1024 ? MAILBOX_BAD_ARGUMENT : volume_write_plain(mib << 20, &ticks);
    if (status != MAILBOX_OK)
        mailbox_say(call, "%s", status == MAILBOX_BAD_ARGUMENT ? "1 to 1024 MiB" : volume_error());
    call->reply->value[0] = ticks * (1000000u / TICKS_PER_MS);
    return status;
}

static void say_one(const struct snapshot_header *h, void *context) {
    struct mailbox_call *call = context;
    call->reply->value[0]++;
    mailbox_say(call, "snapshot %lu name=%s vm=%s memory=%lu vcpus=%u parent=%lu blocks=%lu\n", h->id, h->name, h->vm_name, h->memory_bytes,
                h->vcpus, h->parent, h->block_count);
}

int op_snapshot_list(struct mailbox_call *call) {
    volume_for_each(say_one, call);
    return MAILBOX_OK;
}

int op_snapshot_remove(struct mailbox_call *call) {
    if (task_commands_refuse(call, tasks_resource(TASKS_VOLUME, volume_number())))
        return MAILBOX_BUSY;
    int status = volume_remove(call->request->argument[0]);
    if (status != MAILBOX_OK)
        mailbox_say(call, "%s", volume_error());
    return status;
}

/* A VM like the one that the snapshot is of. */
static int make_vm(struct mailbox_call *call, const struct snapshot_header *h, struct vm **vm) {
    const struct vm_request request = {.name = call->request->name, .vcpus = h->vcpus, .memory_bytes = h->memory_bytes, .bootargs = ""};
    uint64_t vf = call->request->argument[2];
    int status = vm_create(&request, vm);
    if (status == MAILBOX_OK && vf) {
        status = vpci_attach(*vm, vf > UINT32_MAX ? 0 : (uint32_t)vf);
        if (status != MAILBOX_OK)
            vm_destroy(*vm);
    }
    if (status != MAILBOX_OK)
        mailbox_say(call, "cannot make VM %s for snapshot %lu: name taken, no memory, or VF %lu not free", call->request->name, h->id, vf);
    return status;
}

static int choose_vm(struct mailbox_call *call, const struct snapshot_header *h, struct vm **vm) {
    const uint64_t *a = call->request->argument;
    if (task_commands_refuse(call, tasks_resource(TASKS_VOLUME, volume_number())))
        return MAILBOX_BUSY;
    if (a[1] == MAILBOX_NEW_VM)
        return make_vm(call, h, vm);
    *vm = vm_by_index(a[1]);
    if (*vm)
        return MAILBOX_OK;
    mailbox_say(call, "no VM %lu", a[1]);
    return MAILBOX_NO_SUCH_VM;
}

int op_vm_restore(struct mailbox_call *call) {
    const uint64_t *a = call->request->argument;
    const struct snapshot_header *h = volume_find(a[0]);
    struct vm *vm;
    uint32_t number = 0;
    if (!h) {
        mailbox_say(call, "no snapshot %lu on an open volume", a[0]);
        return MAILBOX_BAD_ARGUMENT;
    }
    int status = choose_vm(call, h, &vm);
    if (status != MAILBOX_OK)
        return status;
    status = run_task(call, true, vm, a[0], a[1] == MAILBOX_NEW_VM, &number);
    if (status != MAILBOX_OK && a[1] == MAILBOX_NEW_VM)
        vm_destroy(vm);
    call->reply->value[0] = vm->index;
    call->reply->value[1] = number;
    return status;
}

int op_restore_status(struct mailbox_call *call) {
    static const char *const names[] = {[RESTORE_NONE] = "none", [RESTORE_LOADING] = "loading", [RESTORE_DONE] = "done", [RESTORE_FAILED] = "failed"};
    call->reply->value[0] = restore_phase();
    call->reply->value[1] = restore_percent();
    call->reply->value[2] = restore_snapshot();
    mailbox_say(call, "phase %s\npercent %u\nid %lu\nfailure %s\n", names[restore_phase()], restore_percent(), restore_snapshot(), restore_failure());
    return MAILBOX_OK;
}
