/* The virtual PLIC. One page of state a VM, bit s of each mask is source s. */
#include "hypervisor/guest/vplic.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/lib/string.h"

#define PENDING_OFFSET 0x1000u
#define ENABLE_OFFSET 0x2000u
#define ENABLE_STRIDE 0x80u
#define CONTEXT_OFFSET 0x200000u
#define CONTEXT_STRIDE 0x1000u
#define PRIORITY_BITS 7u

struct vplic_watcher {
    void (*claimed)(struct vm *vm);
    void (*completed)(struct vm *vm);
};

struct vplic {
    struct lock lock;
    uint32_t level;   /* of the lines */
    uint32_t pending; /* latched at the gateways */
    uint32_t claimed; /* waiting for completion */
    uint32_t priority[VPLIC_SOURCES + 1];
    uint32_t enable[MAX_VCPUS];
    uint32_t threshold[MAX_VCPUS];
    struct vplic_watcher watcher[VPLIC_SOURCES + 1]; /* who is told of claims and completions */
};

_Static_assert(sizeof(struct vplic) <= PAGE_BYTES, "lives in one page");

/* The best source that the context may claim, 0 for none; the lowest number wins among equals. The threshold keeps interrupts from the hart, not
 * from who asks. */
static uint32_t best_source(const struct vplic *p, uint32_t context) {
    uint32_t best = 0, candidates = p->pending & p->enable[context];
    for (uint32_t s = 1; candidates && s <= VPLIC_SOURCES; s++)
        if (((candidates >> s) & 1) && p->priority[s] && (!best || p->priority[s] > p->priority[best]))
            best = s;
    return best;
}

/* A gateway passes a level on as one request until that is completed; it takes none back. */
static void latch(struct vplic *p) {
    p->pending |= p->level & ~p->claimed;
}

static uint32_t claim(struct vplic *p, uint32_t context) {
    uint32_t source = best_source(p, context);
    p->pending &= ~(1u << source);
    p->claimed |= source ? 1u << source : 0;
    return source;
}

static uint32_t context_read(struct vplic *p, uint32_t context, uint64_t offset) {
    if (offset == 0)
        return p->threshold[context];
    return offset == 4 ? claim(p, context) : 0;
}

/* The register of claims and completions. */
static bool is_claim(uint64_t offset) {
    return offset >= CONTEXT_OFFSET && offset % CONTEXT_STRIDE == 4;
}

static uint64_t plic_read(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width) {
    struct vplic *p = vm->plic;
    uint64_t value = 0, context = (offset - CONTEXT_OFFSET) / CONTEXT_STRIDE;
    (void)v;
    if (width != 4)
        return 0;
    lock_take(&p->lock);
    if (offset < 4 * (VPLIC_SOURCES + 1))
        value = p->priority[offset / 4];
    else if (offset == PENDING_OFFSET)
        value = p->pending;
    else if (offset >= ENABLE_OFFSET && offset < ENABLE_OFFSET + MAX_VCPUS * ENABLE_STRIDE && offset % ENABLE_STRIDE == 0)
        value = p->enable[(offset - ENABLE_OFFSET) / ENABLE_STRIDE];
    else if (offset >= CONTEXT_OFFSET && context < MAX_VCPUS)
        value = context_read(p, (uint32_t)context, offset % CONTEXT_STRIDE);
    lock_release(&p->lock);
    if (is_claim(offset) && p->watcher[value].claimed)
        p->watcher[value].claimed(vm);
    return value;
}

static void context_write(struct vplic *p, uint32_t context, uint64_t offset, uint32_t value) {
    if (offset == 0) {
        p->threshold[context] = value & PRIORITY_BITS;
    } else if (offset == 4 && value <= VPLIC_SOURCES && ((p->enable[context] >> value) & 1)) {
        p->claimed &= ~(1u << value);
        latch(p);
    }
}

static void wake_all(struct vm *vm) {
    for (uint32_t i = 0; i < vm->vcpu_count; i++)
        if (vplic_asserts(&vm->vcpus[i]))
            vcpu_wake(&vm->vcpus[i]);
}

static void plic_write(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value) {
    struct vplic *p = vm->plic;
    uint64_t context = (offset - CONTEXT_OFFSET) / CONTEXT_STRIDE;
    (void)v;
    if (width != 4)
        return;
    /* First, so that a device which is quiet by now asks for nothing when its line is looked at again. */
    if (is_claim(offset) && value <= VPLIC_SOURCES && p->watcher[value].completed)
        p->watcher[value].completed(vm);
    lock_take(&p->lock);
    if (offset && offset < 4 * (VPLIC_SOURCES + 1))
        p->priority[offset / 4] = (uint32_t)value & PRIORITY_BITS;
    else if (offset >= ENABLE_OFFSET && offset < ENABLE_OFFSET + MAX_VCPUS * ENABLE_STRIDE && offset % ENABLE_STRIDE == 0)
        p->enable[(offset - ENABLE_OFFSET) / ENABLE_STRIDE] = (uint32_t)value & ~1u;
    else if (offset >= CONTEXT_OFFSET && context < MAX_VCPUS)
        context_write(p, (uint32_t)context, offset % CONTEXT_STRIDE, (uint32_t)value);
    lock_release(&p->lock);
    wake_all(vm);
}

bool vplic_create(struct vm *vm) {
    static const struct vm_device device = {VPLIC_BASE, VPLIC_BYTES, plic_read, plic_write};
    vm->plic = memory_page_alloc();
    if (!vm->plic)
        return false;
    vm_add_device(vm, &device);
    return true;
}

void vplic_destroy(struct vm *vm) {
    if (vm->plic)
        memory_page_free(vm->plic);
    vm->plic = NULL;
}

void vplic_set(struct vm *vm, unsigned source, bool level) {
    struct vplic *p = vm->plic;
    uint32_t bit = 1u << source;
    lock_take(&p->lock);
    p->level = level ? p->level | bit : p->level & ~bit;
    latch(p);
    lock_release(&p->lock);
    wake_all(vm);
}

void vplic_watch(struct vm *vm, unsigned source, void (*claimed)(struct vm *vm), void (*completed)(struct vm *vm)) {
    vm->plic->watcher[source] = (struct vplic_watcher){claimed, completed};
}

uint32_t vplic_bytes(void) {
    return offsetof(struct vplic, watcher);
}

uint32_t vplic_save(struct vm *vm, void *to) {
    struct vplic *p = vm->plic;
    lock_take(&p->lock);
    memcpy(to, p, vplic_bytes());
    lock_release(&p->lock);
    ((struct vplic *)to)->lock = (struct lock){0};
    return vplic_bytes();
}

void vplic_load(struct vm *vm, const void *from) {
    memcpy(vm->plic, from, vplic_bytes());
}

bool vplic_asserts(const struct vcpu *v) {
    const struct vplic *p = v->vm->plic;
    return p->priority[best_source(p, v->index)] > p->threshold[v->index];
}
