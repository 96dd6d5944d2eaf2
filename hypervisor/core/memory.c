/* Host memory in pools of fixed units; a byte of state a unit, 0: free. */
#include "hypervisor/core/memory.h"

#include "hypervisor/core/lock.h"
#include "hypervisor/lib/string.h"

#define MAX_UNITS 4096u
#define PAGE_POOL_BYTES (8u << 20)
#define ROOT_POOL_BYTES (512u << 10)

enum unit_state { UNIT_OWNED = 1, UNIT_LENT = 2 };

struct pool {
    uint64_t base;
    uint64_t unit_bytes;
    uint32_t units;
    uint32_t hint; /* below it everything is taken */
    uint8_t taken[MAX_UNITS];
};

static struct lock memory_lock;
static struct pool pages, roots, frames;
static uint64_t ram_base, ram_end;

extern uint8_t image_end[];

static uint64_t align_up(uint64_t value, uint64_t unit) {
    return (value + unit - 1) & ~(unit - 1);
}

static void pool_setup(struct pool *p, uint64_t base, uint64_t end, uint64_t unit_bytes) {
    uint64_t units = end > base ? (end - base) / unit_bytes : 0;
    p->base = base;
    p->unit_bytes = unit_bytes;
    p->units = units > MAX_UNITS ? MAX_UNITS : (uint32_t)units;
    p->hint = 0;
}

static bool run_is_free(const struct pool *p, uint32_t first, uint32_t count) {
    for (uint32_t i = 0; i < count; i++)
        if (p->taken[first + i])
            return false;
    return true;
}

static void *pool_alloc(struct pool *p, uint32_t count) {
    void *found = NULL;
    lock_take(&memory_lock);
    for (uint32_t i = p->hint; count && i < p->units && count <= p->units - i; i++) {
        if (!run_is_free(p, i, count))
            continue;
        memset(p->taken + i, UNIT_OWNED, count);
        if (i == p->hint)
            p->hint = i + count;
        found = (void *)(p->base + i * p->unit_bytes);
        break;
    }
    lock_release(&memory_lock);
    if (found)
        memset(found, 0, count * p->unit_bytes);
    return found;
}

static void pool_change(struct pool *p, const void *unit, uint32_t count, uint8_t clear, uint8_t set) {
    uint32_t first = (uint32_t)(((uint64_t)unit - p->base) / p->unit_bytes);
    lock_take(&memory_lock);
    for (uint32_t i = first; i < first + count; i++)
        p->taken[i] = (uint8_t)((p->taken[i] & ~clear) | set);
    if (first < p->hint)
        p->hint = first;
    lock_release(&memory_lock);
}

static void pool_free(struct pool *p, const void *unit, uint32_t count) {
    pool_change(p, unit, count, UNIT_OWNED, 0);
}

/* The end of RAM, lowered to the start of any reserved region above the image. */
static uint64_t usable_end(const struct fdt *fdt, uint64_t end) {
    int node = fdt_find_path(fdt, "/reserved-memory");
    if (node == FDT_NONE)
        return end;
    for (node = fdt_first_child(fdt, node); node != FDT_NONE; node = fdt_next_sibling(fdt, node)) {
        uint64_t address, bytes;
        if (fdt_reg(fdt, node, 0, &address, &bytes) && address >= (uint64_t)image_end && address < end)
            end = address;
    }
    return end;
}

static bool ram_range(const struct fdt *fdt, uint64_t *base, uint64_t *bytes) {
    int node = fdt_first_child(fdt, fdt_find_path(fdt, "/"));
    for (; node != FDT_NONE; node = fdt_next_sibling(fdt, node)) {
        const char *type = fdt_text(fdt, node, "device_type");
        if (type && strcmp(type, "memory") == 0)
            return fdt_reg(fdt, node, 0, base, bytes);
    }
    return false;
}

bool memory_setup(const struct fdt *fdt) {
    uint64_t bytes;
    if (!ram_range(fdt, &ram_base, &bytes))
        return false;
    ram_end = ram_base + bytes;
    uint64_t end = usable_end(fdt, ram_end);
    uint64_t first_root = align_up((uint64_t)image_end, FRAME_BYTES);
    uint64_t first_page = first_root + ROOT_POOL_BYTES;
    uint64_t first_frame = align_up(first_page + PAGE_POOL_BYTES, FRAME_BYTES);
    pool_setup(&roots, first_root, first_page, ROOT_BYTES);
    pool_setup(&pages, first_page, first_page + PAGE_POOL_BYTES, PAGE_BYTES);
    pool_setup(&frames, first_frame, end, FRAME_BYTES);
    return frames.units > 0;
}

void *memory_page_alloc(void) {
    return pool_alloc(&pages, 1);
}

void memory_page_free(void *page) {
    pool_free(&pages, page, 1);
}

void *memory_root_alloc(void) {
    return pool_alloc(&roots, 1);
}

void memory_root_free(void *root) {
    pool_free(&roots, root, 1);
}

void *memory_frames_alloc(uint32_t count) {
    return pool_alloc(&frames, count);
}

void memory_frames_free(void *start, uint32_t count) {
    pool_free(&frames, start, count);
}

void memory_frames_lend(const void *start, uint32_t count) {
    pool_change(&frames, start, count, 0, UNIT_LENT);
}

void memory_frames_return(const void *start, uint32_t count) {
    pool_change(&frames, start, count, UNIT_LENT, 0);
}

uint64_t memory_ram_base(void) {
    return ram_base;
}

uint64_t memory_ram_end(void) {
    return ram_end;
}

uint64_t memory_free_bytes(void) {
    uint64_t units = 0;
    lock_take(&memory_lock);
    for (uint32_t i = 0; i < frames.units; i++)
        units += !frames.taken[i];
    lock_release(&memory_lock);
    return units * FRAME_BYTES;
}
