/* Records of vCPUs and virtual devices. */
#include "hypervisor/snapshot/capture.h"

#include "hypervisor/core/vm.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/guest/vuart.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/format.h"

#define LARGEST_RECORD 4096u /* of those whose size only their device knows */

struct sink {
    uint8_t *start, *at, *end;
    bool full;
};

/* Begins a record. @return where its payload goes, or NULL when it does not fit */
static void *begin(struct sink *s, uint32_t kind, uint32_t index, uint32_t most_bytes) {
    if (s->full || (uint64_t)(s->end - s->at) < sizeof(struct snapshot_record) + ((most_bytes + 7u) & ~7u)) {
        s->full = true;
        return NULL;
    }
    memset(s->at, 0, sizeof(struct snapshot_record) + ((most_bytes + 7u) & ~7u));
    *(struct snapshot_record *)s->at = (struct snapshot_record){kind, index, 0, SNAPSHOT_VERSION};
    return s->at + sizeof(struct snapshot_record);
}

static void end(struct sink *s, uint32_t bytes) {
    ((struct snapshot_record *)s->at)->bytes = bytes;
    s->at += sizeof(struct snapshot_record) + ((bytes + 7u) & ~7u);
}

static void put_vm(struct sink *s, const struct vm *vm) {
    struct snapshot_vm *out = begin(s, SNAPSHOT_RECORD_VM, 0, sizeof *out);
    if (!out)
        return;
    out->entry = vm->entry;
    out->dtb = vm->dtb;
    string_copy(out->bootargs, vm->bootargs, sizeof out->bootargs);
    end(s, sizeof *out);
}

/* vs_registers and the words of snapshot_vcpu from vsstatus to senvcfg have the same order. */
_Static_assert(sizeof ((struct vcpu *)0)->application == sizeof ((struct snapshot_vcpu *)0)->application, "application registers");
_Static_assert(sizeof(struct vs_registers) == offsetof(struct snapshot_vcpu, deadline) - offsetof(struct snapshot_vcpu, vsstatus), "VS-level registers");

static void put_vcpu(struct sink *s, const struct vcpu *v) {
    struct snapshot_vcpu *out = begin(s, SNAPSHOT_RECORD_VCPU, v->index, sizeof *out);
    if (!out)
        return;
    memcpy(out->x, v->x, sizeof out->x);
    out->pc = v->pc;
    out->hstatus = v->hstatus;
    out->sstatus = v->sstatus;
    memcpy(&out->vsstatus, &v->vs, sizeof v->vs);
    out->deadline = v->deadline;
    out->state = v->state;
    out->ipi = v->ipi;
    memcpy(out->f, v->fp, sizeof out->f);
    out->fcsr = v->fp[VCPU_FP_WORDS - 1];
    memcpy(out->application, v->application, sizeof out->application);
    end(s, sizeof *out);
}

static void put_device(struct sink *s, struct vm *vm, uint32_t kind, uint32_t (*save)(struct vm *vm, void *to)) {
    void *out = begin(s, kind, 0, LARGEST_RECORD);
    if (out)
        end(s, save(vm, out));
}

/* @return false when the VF does not give its state */
static bool put_vf(struct sink *s, struct vm *vm) {
    struct snapshot_device *out = vm->vf ? begin(s, SNAPSHOT_RECORD_DEVICE, 0, sizeof *out) : NULL;
    if (!out)
        return true;
    if (vpci_save(vm, out) != MAILBOX_OK)
        return false;
    end(s, sizeof *out);
    return true;
}

static uint32_t save_uart(struct vm *vm, void *to) {
    return vuart_save(vm, to);
}

static uint32_t save_console(struct vm *vm, void *to) {
    memcpy(to, vm->console.line, vm->console.used);
    return vm->console.used;
}

uint64_t capture_state(struct vm *vm, void *to, uint64_t room) {
    struct sink s = {to, to, (uint8_t *)to + room / 32 * 32, false};
    put_vm(&s, vm);
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        put_vcpu(&s, &vm->vcpus[i]);
    put_device(&s, vm, SNAPSHOT_RECORD_PLIC, vplic_save);
    put_device(&s, vm, SNAPSHOT_RECORD_UART, save_uart);
    put_device(&s, vm, SNAPSHOT_RECORD_CONSOLE, save_console);
    bool complete = put_vf(&s, vm);
    uint64_t bytes = ((uint64_t)(s.at - s.start) + 31) & ~31ull;
    if (!complete || s.full || bytes > room)
        return 0;
    memset(s.at, 0, bytes - (uint64_t)(s.at - s.start));
    return bytes;
}

const struct snapshot_device *capture_device(const void *state, uint64_t bytes) {
    return snapshot_record_find(state, bytes, SNAPSHOT_RECORD_DEVICE, 0, sizeof(struct snapshot_device), NULL);
}

static bool uses_isa_select(const void *state, uint64_t bytes, uint32_t vcpus) {
    for (uint32_t i = 0; i < vcpus; i++) {
        const struct snapshot_vcpu *v = snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VCPU, i, sizeof *v, NULL);
        if (v && v->application[0])
            return true;
    }
    return false;
}

static bool uses_fp(const void *state, uint64_t bytes, uint32_t vcpus) {
    for (uint32_t i = 0; i < vcpus; i++) {
        const struct snapshot_vcpu *v = snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VCPU, i, sizeof *v, NULL);
        if (v->vsstatus & SSTATUS_FS_DIRTY)
            return true;
    }
    return false;
}

/* A VM that has not started may still choose. */
static bool path_fits(const struct vm *vm, uint32_t path) {
    return vm->state == MAILBOX_VM_CREATED ? path < MAILBOX_PATHS : path == vm->path;
}

const char *capture_misfit(const struct vm *vm, const void *state, uint64_t bytes) {
    uint32_t length = 0;
    if (!snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VM, 0, sizeof(struct snapshot_vm), NULL))
        return "has no record of its VM";
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (!snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VCPU, i, sizeof(struct snapshot_vcpu), NULL))
            return "lacks a vCPU";
    if (!snapshot_record_find(state, bytes, SNAPSHOT_RECORD_PLIC, 0, vplic_bytes(), NULL) ||
        !snapshot_record_find(state, bytes, SNAPSHOT_RECORD_UART, 0, vuart_bytes(), NULL))
        return "has virtual devices of another shape";
    if (!vcpu_has_fp() && uses_fp(state, bytes, vm->vcpu_count))
        return "uses floating point, which the harts of this machine lack";
    if (!vcpu_has_isa_select() && uses_isa_select(state, bytes, vm->vcpu_count))
        return "is in an application of an ISA that the harts of this machine lack";
    if ((vm->vf != 0) != (capture_device(state, bytes) != NULL))
        return vm->vf ? "is of a VM without a VF" : "is of a VM with a VF";
    if (vm->vf && !path_fits(vm, capture_device(state, bytes)->path))
        return "is of a VM whose interrupts take another path";
    if (!snapshot_record_find(state, bytes, SNAPSHOT_RECORD_CONSOLE, 0, 0, &length) || length >= VM_CONSOLE_BYTES)
        return "lacks the console's line";
    return NULL;
}

/* Of what a guest's registers may hold nothing can harm the hypervisor but these two: only the bits that a vCPU ever has are taken. */
#define HSTATUS_OF_GUEST (HSTATUS_SPVP)
#define SSTATUS_OF_GUEST (SSTATUS_SPP | SSTATUS_SUM)
#define FCSR_BITS 0xffull

static void apply_vcpu(struct vcpu *v, const struct snapshot_vcpu *in) {
    vcpu_reset(v, in->pc, 0);
    memcpy(v->x, in->x, sizeof v->x);
    v->hstatus = (v->hstatus & ~HSTATUS_OF_GUEST) | (in->hstatus & HSTATUS_OF_GUEST);
    v->sstatus = (v->sstatus & ~SSTATUS_OF_GUEST) | (in->sstatus & SSTATUS_OF_GUEST);
    memcpy(&v->vs, &in->vsstatus, sizeof v->vs);
    v->deadline = in->deadline;
    memcpy(v->fp, in->f, sizeof in->f);
    v->fp[VCPU_FP_WORDS - 1] = in->fcsr & FCSR_BITS;
    memcpy(v->application, in->application, sizeof v->application);
    v->ipi = in->ipi != 0;
    v->state = in->state <= VCPU_WAITING ? in->state : VCPU_OFF;
}

void capture_apply(struct vm *vm, const void *state, uint64_t bytes, uint64_t guest_time) {
    uint32_t length = 0;
    const struct snapshot_vm *in = snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VM, 0, sizeof *in, NULL);
    vm->entry = in->entry;
    vm->dtb = in->dtb;
    string_copy(vm->bootargs, in->bootargs, sizeof vm->bootargs);
    vm->time_delta = guest_time - csr_read(time);
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        apply_vcpu(&vm->vcpus[i], snapshot_record_find(state, bytes, SNAPSHOT_RECORD_VCPU, i, 0, NULL));
    vplic_load(vm, snapshot_record_find(state, bytes, SNAPSHOT_RECORD_PLIC, 0, 0, NULL));
    vuart_load(vm, snapshot_record_find(state, bytes, SNAPSHOT_RECORD_UART, 0, 0, NULL));
    const void *line = snapshot_record_find(state, bytes, SNAPSHOT_RECORD_CONSOLE, 0, 0, &length);
    memcpy(vm->console.line, line, length);
    vm->console.used = length;
}
