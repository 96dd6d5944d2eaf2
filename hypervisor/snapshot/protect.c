/* Page states and the G-stage's write permissions. */
#include "hypervisor/snapshot/protect.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/bau_hold.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/session.h"

#define PAGES_AHEAD 7u
#define PAGES_PER_FRAME (FRAME_BYTES / PAGE_BYTES)

bool snapshot_pages_create(struct vm *vm) {
    uint64_t count = vm->memory_bytes / PAGE_BYTES, tables = count / PAGES_PER_FRAME * sizeof(void *);
    uint64_t bytes = sizeof(struct snapshot_pages) + tables + count * (sizeof(struct snapshot_index_entry) + sizeof(uint16_t) + 2);
    uint32_t frames = (uint32_t)((bytes + FRAME_BYTES - 1) / FRAME_BYTES);
    if (vm->pages)
        return true;
    struct snapshot_pages *p = memory_frames_alloc(frames);
    if (!p)
        return false;
    p->count = (uint32_t)count;
    p->frames = frames;
    p->tables = (void **)(p + 1);
    p->index = (struct snapshot_index_entry *)((uint8_t *)p->tables + tables);
    p->buffer = (uint16_t *)(p->index + count);
    p->state = (uint8_t *)(p->buffer + count);
    p->at_instant = p->state + count;
    __atomic_store_n(&vm->pages, p, __ATOMIC_RELEASE);
    return true;
}

void snapshot_pages_destroy(struct vm *vm) {
    if (vm->pages)
        memory_frames_free(vm->pages, vm->pages->frames);
    vm->pages = NULL;
}

static gpa_t address_of(uint64_t page) {
    return GPA(VM_RAM_BASE + page * PAGE_BYTES);
}

/* One 2 MiB of RAM: a read-only leaf, or a table of them. Unmapped pages are those that the guest gave back. */
static void protect_frame(struct vm *vm, uint64_t first, bool incremental) {
    uint8_t *state = vm->pages->state + first;
    int level;
    uint64_t *table = gstage_table(&vm->gstage, address_of(first));
    if (!table)
        gstage_leaf_allow(gstage_leaf(&vm->gstage, address_of(first), &level), GSTAGE_READ | GSTAGE_EXECUTE);
    if (!table && !incremental) {
        memset(state, PAGE_PENDING, PAGES_PER_FRAME);
        return;
    }
    for (uint64_t i = 0; i < PAGES_PER_FRAME; i++) {
        if (table && !table[i]) {
            state[i] = PAGE_ABSENT;
            continue;
        }
        if (table)
            gstage_leaf_allow(&table[i], GSTAGE_READ | GSTAGE_EXECUTE);
        if (!incremental || state[i] == PAGE_WRITABLE)
            state[i] = PAGE_PENDING;
    }
}

void snapshot_protect(struct vm *vm, bool incremental) {
    lock_take(&vm->lock);
    for (uint64_t page = 0; page < vm->pages->count; page += PAGES_PER_FRAME)
        protect_frame(vm, page, incremental);
    memcpy(vm->pages->at_instant, vm->pages->state, vm->pages->count);
    vm->pages->is_protected = true;
    lock_release(&vm->lock);
    gstage_shootdown(vm->vmid);
    bau_forget_translations(vm->vmid);
}

/* @return whether a page of the frame is absent; then its table stays. */
static bool has_absent(const uint64_t *table) {
    for (uint64_t i = 0; table && i < PAGES_PER_FRAME; i++)
        if (!table[i])
            return true;
    return false;
}

static void open_table(struct vm *vm, uint64_t first, uint64_t *table) {
    for (uint64_t i = 0; i < PAGES_PER_FRAME; i++) {
        if (table[i])
            gstage_leaf_allow(&table[i], GSTAGE_RAM);
        snapshot_page_set(vm->pages, first + i, table[i] ? PAGE_WRITABLE : PAGE_ABSENT);
    }
}

/* One 2 MiB at a time, so that no fault waits long for the lock. @return the table that is to be freed, or NULL */
static void *unprotect_frame(struct vm *vm, uint64_t first) {
    void *freed = NULL;
    lock_take(&vm->lock);
    uint64_t *table = gstage_table(&vm->gstage, address_of(first));
    if (has_absent(table)) {
        open_table(vm, first, table);
    } else {
        memset(vm->pages->state + first, PAGE_WRITABLE, PAGES_PER_FRAME);
        freed = gstage_replace_large(&vm->gstage, address_of(first), (hpa_t)(vm->memory + first * PAGE_BYTES), GSTAGE_RAM);
    }
    lock_release(&vm->lock);
    return freed;
}

void snapshot_unprotect(struct vm *vm) {
    struct snapshot_pages *p = vm->pages;
    uint64_t frames = p->count / PAGES_PER_FRAME;
    if (!p->is_protected)
        return;
    for (uint64_t i = 0; i < frames; i++)
        p->tables[i] = unprotect_frame(vm, i * PAGES_PER_FRAME);
    p->is_protected = false;
    p->parent = 0;
    gstage_shootdown(vm->vmid);
    bau_forget_translations(vm->vmid);
    for (uint64_t i = 0; i < frames; i++)
        if (p->tables[i])
            memory_page_free(p->tables[i]);
}

/* When it returns the page is saved, whoever did it. */
static void see_saved(struct vm *vm, uint32_t page, enum page_reason reason) {
    struct snapshot_pages *p = vm->pages;
    for (;;) {
        enum page_state was = snapshot_page_state(p, page);
        if (was != PAGE_PENDING && was != PAGE_LEAVING && was != PAGE_COPYING)
            return;
        if (was != PAGE_COPYING && snapshot_page_claim(p, page, was)) {
            snapshot_session_save(vm, page, was, reason);
            snapshot_page_saved(p, page);
            return;
        }
    }
}

/* Without memory for a table the whole 2 MiB are saved and become writable at once. */
static void open_frame(struct vm *vm, uint32_t page, enum page_reason reason) {
    uint32_t first = page - page % (uint32_t)PAGES_PER_FRAME;
    int level;
    for (uint32_t i = first; i < first + PAGES_PER_FRAME; i++)
        see_saved(vm, i, reason);
    lock_take(&vm->lock);
    uint64_t *entry = gstage_leaf(&vm->gstage, address_of(first), &level);
    if (entry && level == 1) {
        memset(vm->pages->state + first, PAGE_WRITABLE, PAGES_PER_FRAME);
        gstage_leaf_allow(entry, GSTAGE_RAM);
    }
    lock_release(&vm->lock);
}

/* A page comes back empty. It was zeroed when it was given back. */
static void populate(struct vm *vm, uint32_t page) {
    gstage_set_page(&vm->gstage, address_of(page), (hpa_t)(vm->memory + page * PAGE_BYTES), GSTAGE_RAM);
    if (vm->pages)
        snapshot_page_set(vm->pages, page, PAGE_WRITABLE);
}

/* @return false when a table was needed and no memory was left */
static bool open_page(struct vm *vm, uint32_t page) {
    int level;
    bool done = true;
    lock_take(&vm->lock);
    uint64_t *entry = gstage_leaf(&vm->gstage, address_of(page), &level);
    if (!entry) {
        populate(vm, page);
    } else if (!(gstage_leaf_access(*entry) & GSTAGE_WRITE)) {
        if (level != 0) {
            done = gstage_split(&vm->gstage, address_of(page));
            entry = gstage_leaf(&vm->gstage, address_of(page), &level);
        }
        if (done) {
            snapshot_page_set(vm->pages, page, PAGE_WRITABLE);
            gstage_leaf_allow(entry, GSTAGE_RAM);
        }
    }
    lock_release(&vm->lock);
    return done;
}

void snapshot_page_open(struct vm *vm, uint32_t page) {
    open_page(vm, page);
}

bool snapshot_write_fault(struct vm *vm, gpa_t guest, enum page_reason reason) {
    uint64_t offset = guest.value - VM_RAM_BASE;
    if (offset >= vm->memory_bytes)
        return false;
    uint32_t page = (uint32_t)(offset / PAGE_BYTES);
    if (vm->pages)
        see_saved(vm, page, reason);
    if (!open_page(vm, page))
        open_frame(vm, page, reason);
    return true;
}

/* A device that fills a buffer goes on to the pages behind: they are opened with the first one, while that costs nobody else anything. */
static void open_ahead(struct vm *vm, uint32_t page) {
    for (uint32_t next = page + 1; next < page + 1 + PAGES_AHEAD && next < vm->pages->count && snapshot_session_has_room(); next++)
        if (snapshot_page_state(vm->pages, next) == PAGE_PENDING || snapshot_page_state(vm->pages, next) == PAGE_LEAVING)
            snapshot_write_fault(vm, address_of(next), PAGE_BY_DEVICE);
}

static enum bau_hold_answer open_for_device(struct vm *vm, uint64_t address, uint16_t rid) {
    uint32_t page = (uint32_t)((address - VM_RAM_BASE) / PAGE_BYTES);
    event_emit(EVENT_SW_PAGE_FAULT, (uint16_t)vm->index, page, 0x100u + rid);
    if (!snapshot_write_fault(vm, GPA(address), PAGE_BY_DEVICE))
        return BAU_HOLD_DENY;
    if (vm->pages)
        open_ahead(vm, page);
    event_emit(EVENT_SW_PAGE_OPEN, (uint16_t)vm->index, page, 0x100u + rid);
    return BAU_HOLD_RESUME;
}

void snapshot_setup(void) {
    bau_hold_set_handler(open_for_device);
}

bool snapshot_page_give_back(struct vm *vm, gpa_t guest) {
    uint64_t offset = guest.value - VM_RAM_BASE;
    if (offset >= vm->memory_bytes || offset % PAGE_BYTES)
        return false;
    uint32_t page = (uint32_t)(offset / PAGE_BYTES);
    if (vm->pages)
        see_saved(vm, page, PAGE_BY_WRITE);
    lock_take(&vm->lock);
    int level;
    uint64_t *entry = gstage_leaf(&vm->gstage, guest, &level);
    bool done = entry && (level == 0 || gstage_split(&vm->gstage, guest));
    if (done)
        gstage_set_page(&vm->gstage, guest, 0, 0);
    if (done && vm->pages)
        snapshot_page_set(vm->pages, page, PAGE_ABSENT);
    if (done) { /* nobody may find it again before it is empty, so the lock is kept */
        gstage_shootdown(vm->vmid);
        bau_forget_translations(vm->vmid);
        memset(vm->memory + offset, 0, PAGE_BYTES);
    }
    lock_release(&vm->lock);
    return done || !entry;
}
