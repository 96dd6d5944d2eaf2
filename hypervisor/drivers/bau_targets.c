/* The BAU's view of VMs: interrupt tables, schedule in and out, broadcasts. The protocol: rtl/bau/README.md, "What the hypervisor does". */
#include "bau_regs.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_wire.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "rtl/gen/field.h"

#define BAU_NET_VECTOR 64u
#define SUMMARY_OFFSET 0x800u /* within the page of the interrupt table */
#define SUMMARY_WORDS (BAU_NUM_TARGETS / 64)
#define SIGNAL_WORDS (BAU_NUM_VECTORS / 64)
#define GUEST_INTERRUPT 1u /* one vCPU at a time holds a hart, so one guest interrupt file is enough */

_Static_assert(MAX_VCPUS * BAU_ITE_BYTES <= SUMMARY_OFFSET, "table and summary share a page");

static uint64_t *entry_of(const struct vcpu *v) {
    return v->vm->interrupt_table + v->index * (BAU_ITE_BYTES / 8);
}

static uint64_t *summary_of(const struct vm *vm) {
    return vm->interrupt_table + SUMMARY_OFFSET / 8;
}

static uint64_t entry_word(const struct vcpu *v, bool running) {
    return FIELD_PREP(BAU_ITE_VALID, 1) | FIELD_PREP(BAU_ITE_RUNNING, running) | FIELD_PREP(BAU_ITE_DIRECT, 1) |
           FIELD_PREP(BAU_ITE_LPID, running ? v->hart->id : 0) | FIELD_PREP(BAU_ITE_GEIN, GUEST_INTERRUPT) |
           FIELD_PREP(BAU_ITE_VMID, v->vm->vmid);
}

/* The hypervisor takes the messages and raises a line of the virtual PLIC. */
static bool has_line(const struct vm *vm) {
    return vm->path == MAILBOX_PATH_CLASSICAL || vm->path == MAILBOX_PATH_INTX;
}

/* Word 0 of the device's entry. With a path of its own every message goes to the hypervisor. */
static uint64_t device_word(const struct vm *vm) {
    return FIELD_PREP(BAU_DTE_VALID, 1) | FIELD_PREP(BAU_DTE_DIRECT, !has_line(vm)) |
           FIELD_PREP(BAU_DTE_FORCE_BROADCAST, vm->path == MAILBOX_PATH_BROADCAST) |
           FIELD_PREP(BAU_DTE_IOMMU_MODE, BAU_IOMMU_SV39X4) | FIELD_PREP(BAU_DTE_HOLD, 1) | FIELD_PREP(BAU_DTE_GSCID, vm->vmid);
}

static void fill_table(const struct vm *vm) {
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        uint64_t *entry = entry_of(&vm->vcpus[i]);
        entry[0] = entry_word(&vm->vcpus[i], false);
        entry[1] = 0;
        entry[2] = (uint64_t)vm->signal_page + i * (BAU_NUM_VECTORS / 8);
        entry[3] = (uint64_t)summary_of(vm) | FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, i);
    }
}

/* One set of tables serves all functions of a VM. */
static void free_tables(struct vm *vm) {
    if (vm->interrupt_table)
        memory_page_free(vm->interrupt_table);
    if (vm->signal_page)
        memory_page_free(vm->signal_page);
    vm->interrupt_table = NULL;
    vm->signal_page = NULL;
}

static void attach_device(const struct vm *vm, uint16_t rid, uint32_t first_vector, uint64_t ring) {
    const uint64_t words[BAU_DTE_BYTES / 8] = {
        device_word(vm),
        FIELD_PREP(BAU_DTE_ROOT_PPN, (uint64_t)vm->gstage.root >> 12),
        (uint64_t)vm->interrupt_table,
        FIELD_PREP(BAU_DTE_ITABLE_LENGTH, vm->vcpu_count) | FIELD_PREP(BAU_DTE_SIGVEC_BASE, first_vector),
        (uint64_t)summary_of(vm),
        ring,
    };
    bau_set_device(rid, words, vm->vmid);
}

static bool make_tables(struct vm *vm) {
    if (vm->interrupt_table)
        return true;
    vm->interrupt_table = memory_page_alloc();
    vm->signal_page = memory_page_alloc();
    if (!vm->interrupt_table || !vm->signal_page ||
        !gstage_map(&vm->gstage, GPA(BAU_GUEST_SIGNAL_GPA), (hpa_t)vm->signal_page, PAGE_BYTES, GSTAGE_DEVICE)) {
        free_tables(vm);
        return false;
    }
    fill_table(vm);
    return true;
}

static bool attach(struct vm *vm, uint16_t rid, uint32_t first_vector, uint64_t *ring) {
    if (!bau_present())
        return true;
    *ring = bau_hold_make_ring();
    if (!*ring || !make_tables(vm)) {
        bau_hold_free_ring(*ring);
        *ring = 0;
        return false;
    }
    attach_device(vm, rid, first_vector, *ring);
    return true;
}

static const uint64_t nothing[BAU_DTE_BYTES / 8];

void bau_lose_vm(const struct vm *vm, uint16_t rid) {
    bau_set_device(rid, nothing, vm->vmid);
}

void bau_return_vm(const struct vm *vm, uint16_t rid) {
    attach_device(vm, rid, 0, vm->hold_ring);
}

static void detach(struct vm *vm, uint16_t rid, uint64_t *ring, bool last) {
    if (!bau_present())
        return;
    bau_set_device(rid, nothing, vm->vmid);
    bau_hold_free_ring(*ring);
    *ring = 0;
    if (last)
        free_tables(vm);
}

bool bau_attach_vm(struct vm *vm, uint16_t rid) {
    return attach(vm, rid, 0, &vm->hold_ring);
}

void bau_detach_vm(struct vm *vm, uint16_t rid) {
    detach(vm, rid, &vm->hold_ring, !vm->net);
}

bool bau_attach_net(struct vm *vm, uint16_t rid) {
    return attach(vm, rid, BAU_NET_VECTOR, &vm->net_hold_ring);
}

void bau_detach_net(struct vm *vm, uint16_t rid) {
    detach(vm, rid, &vm->net_hold_ring, !vm->vf);
}

_Static_assert(SIGNAL_WORDS == 8, "of a target");

void bau_save_targets(const struct vm *vm, uint64_t *blocked, uint64_t (*signals)[8]) {
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        blocked[i] = entry_of(&vm->vcpus[i])[1];
        memcpy(signals[i], vm->signal_page + i * sizeof signals[i], sizeof signals[i]);
    }
}

void bau_load_targets(struct vm *vm, const uint64_t *blocked, uint64_t (*signals)[8]) {
    for (uint32_t i = 0; i < vm->vcpu_count; i++) {
        entry_of(&vm->vcpus[i])[1] = blocked[i] & 1;
        memcpy(vm->signal_page + i * sizeof signals[i], signals[i], sizeof signals[i]);
    }
    if (has_line(vm))
        bau_update_line(vm);
}

int bau_set_path(struct vm *vm, uint32_t path) {
    if (!vm->interrupt_table || vm->state != MAILBOX_VM_CREATED)
        return MAILBOX_BAD_STATE;
    vm->path = path;
    vplic_watch(vm, VPLIC_VF_SOURCE, path == MAILBOX_PATH_INTX ? bau_take_line : NULL, path == MAILBOX_PATH_CLASSICAL ? bau_update_line : NULL);
    if (vm->vf)
        attach_device(vm, vpci_vf_rid(vm), 0, vm->hold_ring);
    if (vm->net)
        attach_device(vm, vpci_net_rid(vm), BAU_NET_VECTOR, vm->net_hold_ring);
    return MAILBOX_OK;
}

static bool has_bits(const struct vcpu *v) {
    const uint64_t *words = (const uint64_t *)(v->vm->signal_page + v->index * (BAU_NUM_VECTORS / 8));
    for (unsigned i = 0; i < SIGNAL_WORDS; i++)
        if (__atomic_load_n(&words[i], __ATOMIC_ACQUIRE))
            return true;
    return false;
}

static bool takes_guest_interrupts(const struct vm *vm) {
    return vm->signal_page && !has_line(vm);
}

bool bau_has_signal(const struct vcpu *v) {
    return takes_guest_interrupts(v->vm) && has_bits(v);
}

static uint64_t receiver(const struct hart *h) {
    return BAU_RECEIVER_PAGE + h->id * BAU_RECEIVER_STRIDE;
}

/* The guest's page of registers is its hart's, and only while it is there. What other harts remember of a page that was there has to go before another
 * VM gets that hart; where there was none, or nobody else has the VM's translations, the hart's own fence is enough: a remote one costs 7,000 cycles. */
static void map_registers(struct vcpu *v, const struct hart *h) {
    uint64_t page = bau_window + BAU_GUEST_PAGE + (h ? h->id : 0) * BAU_GUEST_STRIDE;
    gpa_t guest = GPA(BAU_GUEST_PAGES_GPA + v->index * PAGE_BYTES);
    hpa_t present;
    bool was_mapped = gstage_lookup(&v->vm->gstage, guest, &present);
    if (h && was_mapped && present == page)
        return;
    lock_take(&v->vm->lock);
    gstage_set_page(&v->vm->gstage, guest, page, h ? GSTAGE_DEVICE : 0);
    lock_release(&v->vm->lock);
    if (h ? was_mapped : v->vm->vcpu_count > 1)
        gstage_shootdown(v->vm->vmid);
    else
        gstage_forget(guest, v->vm->vmid);
}

/* A target that no table has makes each signal a mismatch; RAISE works all the same. */
static uint64_t announced_target(const struct vcpu *v) {
    return v->vm->path == MAILBOX_PATH_MISMATCH ? v->index + BAU_NUM_TARGETS / 2 : v->index;
}

void bau_schedule_in(struct vcpu *v) {
    struct hart *self = hart_self();
    if (!takes_guest_interrupts(v->vm))
        return;
    map_registers(v, self);
    v->hstatus = (v->hstatus & ~HSTATUS_VGEIN_MASK) | (uint64_t)GUEST_INTERRUPT << HSTATUS_VGEIN_LSB;
    bau_write(receiver(self) + BAU_RUNNING_ITE, (uint64_t)entry_of(v));
    bau_write(receiver(self) + BAU_RUNNING,
              FIELD_PREP(BAU_RUNNING_VALID, 1) | FIELD_PREP(BAU_RUNNING_TARGET, announced_target(v)) |
                  FIELD_PREP(BAU_RUNNING_VMID, v->vm->vmid) | FIELD_PREP(BAU_RUNNING_GEIN, GUEST_INTERRUPT));
    __atomic_store_n(entry_of(v), entry_word(v, true), __ATOMIC_SEQ_CST);
    __asm__ volatile("fence rw, rw" ::: "memory");
    if (bau_has_signal(v)) {
        vm_count(v->vm, VM_RELOADED);
        bau_write(receiver(self) + BAU_RAISE, 1);
    }
}

void bau_schedule_out(struct vcpu *v) {
    struct hart *self = hart_self();
    if (!takes_guest_interrupts(v->vm))
        return;
    __atomic_store_n(entry_of(v), entry_word(v, false), __ATOMIC_SEQ_CST);
    bau_write(receiver(self) + BAU_RUNNING, 0);
    bau_write(receiver(self) + BAU_HGEIP, 1ull << GUEST_INTERRUPT);
    if (scheduler_contended(v))
        map_registers(v, NULL);
    /* What came since the scheduler looked would else wait for its next look. */
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (bau_has_signal(v)) {
        __atomic_store_n(&v->urgent, 1, __ATOMIC_RELEASE);
        vcpu_wake(v);
        hart_timer_before(csr_read(time)); /* so that this hart chooses again */
    }
}

static bool line_is_on(const struct vm *vm) {
    return vm->path != MAILBOX_PATH_INTX || !vpci_vf_line_is_off(vm);
}

/* A vCPU that holds a hart is told there; one that does not becomes runnable and is told at its schedule-in. */
static void deliver(struct vcpu *v) {
    vm_count(v->vm, VM_BROADCASTS);
    if (!takes_guest_interrupts(v->vm)) {
        vm_count(v->vm, VM_CLASSICAL);
        __atomic_store_n(&v->urgent, 1, __ATOMIC_RELEASE);
        vplic_set(v->vm, VPLIC_VF_SOURCE, line_is_on(v->vm));
        return;
    }
    struct hart *hart = __atomic_load_n(&v->hart, __ATOMIC_ACQUIRE);
    if (!hart) /* its VM is being destroyed */
        return;
    if (__atomic_load_n(&hart->loaded, __ATOMIC_ACQUIRE) == v)
        bau_write(receiver(hart) + BAU_RAISE, 1);
    if (!__atomic_load_n(&v->running, __ATOMIC_ACQUIRE))
        __atomic_store_n(&v->urgent, 1, __ATOMIC_RELEASE);
    vcpu_wake(v);
}

void bau_take_line(struct vm *vm) {
    uint64_t *words = (uint64_t *)vm->signal_page;
    for (unsigned i = 0; words && i < vm->vcpu_count * SIGNAL_WORDS; i++)
        __atomic_store_n(&words[i], 0, __ATOMIC_RELEASE);
    vplic_set(vm, VPLIC_VF_SOURCE, false);
}

void bau_update_line(struct vm *vm) {
    bool level = false;
    for (uint32_t i = 0; vm->signal_page && i < vm->vcpu_count; i++)
        level |= has_bits(&vm->vcpus[i]);
    vplic_set(vm, VPLIC_VF_SOURCE, level && line_is_on(vm));
}

static void deliver_summary(struct vm *vm) {
    for (unsigned word = 0; word < SUMMARY_WORDS; word++) {
        uint64_t bits = __atomic_exchange_n(&summary_of(vm)[word], 0, __ATOMIC_ACQ_REL);
        for (unsigned bit = 0; bits; bit++, bits >>= 1)
            if ((bits & 1) && word * 64 + bit < vm->vcpu_count)
                deliver(&vm->vcpus[word * 64 + bit]);
    }
}

void bau_serve_broadcast(uint32_t source) {
    bau_write(BAU_NOTIFY_PAGE + (source - BAU_IRQ_NOTIFY) * BAU_NOTIFY_STRIDE + BAU_NOTIFY, 1);
    for (uint32_t i = 0; i < MAX_VMS; i++)
        if (vms[i].in_use && vms[i].interrupt_table)
            deliver_summary(&vms[i]);
}
