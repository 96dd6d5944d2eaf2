/* Restoring a VM: the change itself, and the way back. */
#include "hypervisor/snapshot/restore.h"

#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/pf.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/capture.h"
#include "hypervisor/snapshot/load.h"
#include "hypervisor/snapshot/session.h"

static struct {
    enum restore_phase phase;
    struct vm *vm;
    bool fresh;
    bool was_running;
    uint32_t state_before;
    uint64_t id;
    uint64_t before_bytes, before_time; /* what the VM was: records in loaded.spare, guest time */
    int status;
    const char *failure;
} restore = {.failure = ""};

static uint8_t *given_back(const struct loaded *l) {
    return l->spare + SNAPSHOT_STATE_MAX;
}

/* ---- what the VM is before ---------------------------------------------------------------------------------------------------------- */

static void note_given_back(struct vm *vm, const struct loaded *l) {
    for (uint64_t page = 0; page < snapshot_pages(l->header); page++) {
        int level;
        given_back(l)[page] = gstage_leaf(&vm->gstage, GPA(VM_RAM_BASE + page * PAGE_BYTES), &level) == NULL;
    }
}

/* A VM that runs can come back if it must. @return enum mailbox_status */
static int keep(struct vm *vm, const struct loaded *l) {
    uint16_t error = 0;
    note_given_back(vm, l);
    restore.before_bytes = 0;
    if (!restore.was_running)
        return MAILBOX_OK;
    if (vm->vf && pf_hold_vf(vm->vf, &error) != MAILBOX_OK)
        return MAILBOX_DEVICE_ERROR;
    restore.before_time = csr_read(time) + vm->time_delta;
    restore.before_bytes = capture_state(vm, l->spare, SNAPSHOT_STATE_MAX);
    if (!restore.before_bytes && vm->vf)
        pf_release_vf(vm->vf, &error);
    return restore.before_bytes ? MAILBOX_OK : MAILBOX_DEVICE_ERROR;
}

/* ---- the change --------------------------------------------------------------------------------------------------------------------- */

/* The old RAM and tables are free when nobody can use them any more. */
static void exchange_memory(struct vm *vm, struct loaded *l) {
    uint8_t *old = vm->memory;
    void *freed = NULL;
    lock_take(&vm->lock);
    for (uint64_t at = 0; at < vm->memory_bytes; at += FRAME_BYTES) {
        void **table = gstage_replace_large(&vm->gstage, GPA(VM_RAM_BASE + at), (hpa_t)l->ram + at, GSTAGE_RAM);
        if (table) {
            *table = freed; /* read as an invalid entry: table pages are aligned */
            freed = table;
        }
    }
    vm->memory = l->ram;
    l->ram = old;
    lock_release(&vm->lock);
    gstage_shootdown(vm->vmid);
    bau_forget_translations(vm->vmid);
    while (freed) {
        void **table = freed;
        freed = *table;
        memory_page_free(table);
    }
}

/* What the guest had given back it gets back as before: no memory behind it. */
static void mark_absent(struct vm *vm, const struct loaded *l) {
    for (uint64_t page = 0; page < snapshot_pages(l->header); page++)
        if (l->index[page].kind == SNAPSHOT_PAGE_ABSENT)
            snapshot_page_give_back(vm, GPA(VM_RAM_BASE + page * PAGE_BYTES));
}

static int load_device(struct vm *vm, const void *state, uint64_t bytes) {
    return vm->vf ? vpci_load(vm, capture_device(state, bytes)) : MAILBOX_OK;
}

/* The VM as it was: its RAM was only put aside. A VF that does not take its own state of a moment ago either is lost; its VM runs on all the same. */
static void go_back(struct vm *vm, struct loaded *l) {
    vpci_quiet(vm);
    exchange_memory(vm, l);
    for (uint64_t page = 0; page < snapshot_pages(l->header); page++)
        if (given_back(l)[page])
            snapshot_page_give_back(vm, GPA(VM_RAM_BASE + page * PAGE_BYTES));
    if (restore.before_bytes) {
        capture_apply(vm, l->spare, restore.before_bytes, restore.before_time);
        if (load_device(vm, l->spare, restore.before_bytes) != MAILBOX_OK)
            log_line("vm%u: its VF did not take back its own state", vm->index);
    }
}

static void go_on(struct vm *vm) {
    if (restore.was_running || restore.phase == RESTORE_DONE)
        vm_resume(vm);
    else
        __atomic_store_n(&vm->state, restore.state_before, __ATOMIC_RELEASE);
}

static int become(struct vm *vm, struct loaded *l) {
    int status = vpci_quiet(vm);
    snapshot_pages_destroy(vm);
    exchange_memory(vm, l);
    mark_absent(vm, l);
    capture_apply(vm, l->state, l->header->state_bytes, l->header->guest_time);
    if (status == MAILBOX_OK)
        status = load_device(vm, l->state, l->header->state_bytes);
    if (status == MAILBOX_OK)
        return status;
    go_back(vm, l);
    return load_refuse(status, restore.id, "has a state that the VM's VF does not take; the VM is as before");
}

/* ---- from beginning to end ---------------------------------------------------------------------------------------------------------- */

static void end(int status) {
    load_free();
    restore.status = status;
    restore.phase = status == MAILBOX_OK ? RESTORE_DONE : RESTORE_FAILED;
    restore.failure = status == MAILBOX_OK ? "" : load_error();
    if (status == MAILBOX_OK)
        log_line("vm%u: restored from snapshot %lu", restore.vm->index, restore.id);
    else if (restore.fresh)
        vm_destroy(restore.vm);
}

static int change(struct vm *vm) {
    struct loaded *l = load_result();
    if (vm->vf && vm->state == MAILBOX_VM_CREATED)
        vpci_set_path(vm, capture_device(l->state, l->header->state_bytes)->path);
    snapshot_session_forget_vm(vm);
    restore.state_before = vm->state;
    restore.was_running = vm_pause(vm);
    if (!restore.was_running)
        __atomic_store_n(&vm->state, MAILBOX_VM_PAUSED, __ATOMIC_RELEASE);
    int status = keep(vm, l);
    if (status == MAILBOX_OK)
        status = become(vm, l);
    else
        load_refuse(status, restore.id, "is not restored: the VM's VF does not give its present state");
    restore.phase = status == MAILBOX_OK ? RESTORE_DONE : RESTORE_FAILED;
    go_on(vm);
    return status;
}

int restore_begin(struct vm *vm, uint64_t id, bool fresh, const char **error) {
    *error = load_error();
    if (restore.phase == RESTORE_LOADING)
        return load_refuse(MAILBOX_BUSY, id, "has to wait: another one is being restored");
    int status = load_begin(vm, id);
    if (status != MAILBOX_OK)
        return status;
    restore.vm = vm;
    restore.id = id;
    restore.fresh = fresh;
    restore.phase = RESTORE_LOADING;
    return status;
}

void restore_poll(void) {
    int status;
    if (restore.phase != RESTORE_LOADING || !load_poll(&status))
        return;
    end(status == MAILBOX_OK ? change(restore.vm) : status);
}

void restore_cancel(void) {
    if (restore.phase == RESTORE_LOADING)
        end(load_refuse(MAILBOX_BAD_STATE, restore.id, "is not restored: cancelled"));
}

enum restore_phase restore_phase(void) {
    return restore.phase;
}

uint32_t restore_percent(void) {
    return restore.phase == RESTORE_DONE ? 100 : load_percent();
}

uint64_t restore_snapshot(void) {
    return restore.id;
}

int restore_status(void) {
    return restore.status;
}

const char *restore_failure(void) {
    return restore.failure;
}
