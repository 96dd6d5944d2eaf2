/* Virtual machines: making, starting, ending. */
#include "hypervisor/core/vm.h"

#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/guest/vuart.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/session.h"

struct vm vms[MAX_VMS];

extern const uint8_t builtin_guest_start[], builtin_guest_end[];

struct vm *vm_by_index(uint64_t index) {
    return index < MAX_VMS && vms[index].in_use ? &vms[index] : NULL;
}

bool vm_runs(const struct vm *vm) {
    return __atomic_load_n(&vm->state, __ATOMIC_ACQUIRE) == MAILBOX_VM_RUNNING;
}

void *vm_memory(const struct vm *vm, gpa_t guest, uint64_t bytes) {
    uint64_t offset = guest.value - VM_RAM_BASE;
    if (offset > vm->memory_bytes || bytes > vm->memory_bytes - offset)
        return NULL;
    return vm->memory + offset;
}

void vm_add_device(struct vm *vm, const struct vm_device *device) {
    CHECK(vm->device_count < VM_DEVICES);
    vm->devices[vm->device_count++] = *device;
}

static int check_request(const struct vm_request *r) {
    if (!r->name[0] || r->vcpus < 1 || r->vcpus > MAX_VCPUS)
        return MAILBOX_BAD_ARGUMENT;
    if (r->memory_bytes % FRAME_BYTES || r->memory_bytes < 2 * FRAME_BYTES || r->memory_bytes >> 32)
        return MAILBOX_BAD_ARGUMENT;
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && strcmp(vms[i].name, r->name) == 0)
            return MAILBOX_BAD_ARGUMENT;
    return MAILBOX_OK;
}

static struct vm *free_slot(void) {
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (!vms[i].in_use) {
            memset(&vms[i], 0, sizeof vms[i]);
            vms[i].index = i;
            vms[i].vmid = i + 1;
            return &vms[i];
        }
    return NULL;
}

static bool make_memory(struct vm *vm, uint64_t bytes) {
    vm->memory = memory_frames_alloc((uint32_t)(bytes / FRAME_BYTES));
    vm->memory_bytes = vm->memory ? bytes : 0;
    return vm->memory && gstage_create(&vm->gstage) &&
           gstage_map(&vm->gstage, GPA(VM_RAM_BASE), (hpa_t)vm->memory, bytes, GSTAGE_RAM);
}

/* What vm_create() made, as far as it came. */
static void free_parts(struct vm *vm) {
    snapshot_pages_destroy(vm);
    vpci_destroy(vm);
    vuart_destroy(vm);
    vplic_destroy(vm);
    gstage_destroy(&vm->gstage);
    if (vm->memory)
        memory_frames_free(vm->memory, (uint32_t)(vm->memory_bytes / FRAME_BYTES));
    vm->memory = NULL;
    vm->in_use = false;
}

static int fill(struct vm *vm, const struct vm_request *r) {
    const uint8_t *image = r->image ? r->image : builtin_guest_start;
    uint64_t bytes = r->image ? r->image_bytes : (uint64_t)(builtin_guest_end - builtin_guest_start);
    if (!make_memory(vm, r->memory_bytes) || !vplic_create(vm) || !vuart_create(vm) || !vpci_create(vm))
        return MAILBOX_NO_MEMORY;
    int status = vm_load_image(vm, image, bytes, &vm->entry);
    if (status != MAILBOX_OK || !r->initrd_bytes)
        return status;
    return vm_load_initrd(vm, r->initrd, r->initrd_bytes, vm_image_bytes(image, bytes));
}

int vm_create(const struct vm_request *request, struct vm **out) {
    int status = check_request(request);
    if (status != MAILBOX_OK)
        return status;
    struct vm *vm = free_slot();
    if (!vm)
        return MAILBOX_NO_MEMORY;
    string_copy(vm->name, request->name, sizeof vm->name);
    string_copy(vm->bootargs, request->bootargs, sizeof vm->bootargs);
    vm->vcpu_count = request->vcpus;
    status = fill(vm, request);
    if (status != MAILBOX_OK) {
        free_parts(vm);
        return status;
    }
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        vm->vcpus[i].vm = vm;
        vm->vcpus[i].index = i;
        vm->vcpus[i].state = VCPU_OFF;
        scheduler_place(&vm->vcpus[i]);
    }
    vm->in_use = true;
    *out = vm;
    return MAILBOX_OK;
}

int vm_start(struct vm *vm) {
    if (vm->state != MAILBOX_VM_CREATED)
        return MAILBOX_BAD_STATE;
    if (!vm_build_tree(vm))
        return MAILBOX_NO_MEMORY;
    gstage_shootdown(vm->vmid);
    vcpu_reset(&vm->vcpus[0], vm->entry, vm->dtb);
    __atomic_store_n(&vm->vcpus[0].state, VCPU_RUNNABLE, __ATOMIC_RELEASE);
    __atomic_store_n(&vm->state, MAILBOX_VM_RUNNING, __ATOMIC_RELEASE);
    vcpu_wake(&vm->vcpus[0]);
    return MAILBOX_OK;
}

static bool loaded_somewhere(const struct vm *vm) {
    for (uint32_t i = 0; i < hart_count; i++) {
        const struct vcpu *v = __atomic_load_n(&harts[i].loaded, __ATOMIC_ACQUIRE);
        if (v && v->vm == vm)
            return true;
    }
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (__atomic_load_n(&vm->vcpus[i].running, __ATOMIC_ACQUIRE))
            return true;
    return false;
}

void vm_end(struct vm *vm, enum mailbox_vm_state state) {
    uint32_t running = MAILBOX_VM_RUNNING, paused = MAILBOX_VM_PAUSED;
    if (__atomic_compare_exchange_n(&vm->state, &running, (uint32_t)state, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE) ||
        __atomic_compare_exchange_n(&vm->state, &paused, (uint32_t)state, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        log_line("vm%u is %s", vm->index, vm_state_name(state));
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (vm->vcpus[i].hart != hart_self())
            hart_kick(vm->vcpus[i].hart);
    if (hart_manager() != hart_self())
        hart_kick(hart_manager());
}

/* Waits until no hart holds a vCPU of a VM whose state forbids running. */
static void wait_until_unloaded(const struct vm *vm) {
    scheduler_settle();
    if (hart_self()->loaded && hart_self()->loaded->vm == vm)
        vcpu_unload();
    while (loaded_somewhere(vm))
        ;
}

void vm_stop(struct vm *vm) {
    vm_end(vm, MAILBOX_VM_STOPPED);
    wait_until_unloaded(vm);
}

static void kick_harts(const struct vm *vm) {
    uint64_t kicked = 1ull << hart_self()->index;
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        const struct hart *h = vm->vcpus[i].hart;
        if (!(kicked >> h->index & 1))
            hart_kick(h);
        kicked |= 1ull << h->index;
    }
}

bool vm_pause(struct vm *vm) {
    uint32_t running = MAILBOX_VM_RUNNING;
    if (!__atomic_compare_exchange_n(&vm->state, &running, MAILBOX_VM_PAUSED, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return false;
    kick_harts(vm);
    wait_until_unloaded(vm);
    return true;
}

void vm_resume(struct vm *vm) {
    uint32_t paused = MAILBOX_VM_PAUSED;
    if (__atomic_compare_exchange_n(&vm->state, &paused, MAILBOX_VM_RUNNING, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        kick_harts(vm);
}

void vm_destroy(struct vm *vm) {
    vm_stop(vm);
    snapshot_session_forget_vm(vm);
    vpci_detach(vm); /* first, so that no broadcast names a vCPU that has no hart any more */
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        scheduler_remove(&vm->vcpus[i]);
    gstage_shootdown(vm->vmid);
    free_parts(vm);
}
