/* Sv39x4 tables. */
#include "hypervisor/core/gstage.h"

#include "hypervisor/core/memory.h"

#define PTE_VALID 1ull
#define PTE_USER (1ull << 4)
#define PTE_ACCESSED (1ull << 6)
#define PTE_DIRTY (1ull << 7)
#define PTE_LEAF_BITS (GSTAGE_READ | GSTAGE_WRITE | GSTAGE_EXECUTE)
#define PTE_PPN_LSB 10

#define HGATP_SV39X4 (8ull << 60)
#define HGATP_VMID_LSB 44
#define LEVELS 3
#define GUEST_ADDRESS_BITS 41

static uint64_t level_shift(int level) {
    return 12u + 9u * (unsigned)level;
}

static uint64_t entry_index(gpa_t guest, int level) {
    uint64_t mask = level == LEVELS - 1 ? 2047 : 511;
    return (guest.value >> level_shift(level)) & mask;
}

static uint64_t *entry_table(uint64_t pte) {
    return (uint64_t *)((pte >> PTE_PPN_LSB) << 12);
}

static bool is_leaf(uint64_t pte) {
    return (pte & PTE_LEAF_BITS) != 0;
}

static uint64_t make_leaf(hpa_t host, unsigned access) {
    return (host >> 12) << PTE_PPN_LSB | PTE_VALID | PTE_USER | PTE_ACCESSED | PTE_DIRTY | access;
}

bool gstage_create(struct gstage *g) {
    g->root = memory_root_alloc();
    return g->root != 0;
}

static void destroy_table(uint64_t *table, int level) {
    for (unsigned i = 0; i < 512; i++)
        if ((table[i] & PTE_VALID) && !is_leaf(table[i]))
            destroy_table(entry_table(table[i]), level - 1);
    memory_page_free(table);
}

void gstage_destroy(struct gstage *g) {
    for (unsigned i = 0; g->root && i < 2048; i++)
        if ((g->root[i] & PTE_VALID) && !is_leaf(g->root[i]))
            destroy_table(entry_table(g->root[i]), LEVELS - 2);
    if (g->root)
        memory_root_free(g->root);
    g->root = 0;
}

/* The entry for @p guest at @p level, with tables made on the way; NULL without memory or under a larger leaf. */
static uint64_t *entry_make(struct gstage *g, gpa_t guest, int level) {
    uint64_t *table = g->root;
    for (int at = LEVELS - 1; at > level; at--) {
        uint64_t *entry = &table[entry_index(guest, at)];
        if (is_leaf(*entry))
            return 0;
        if (!(*entry & PTE_VALID)) {
            void *fresh = memory_page_alloc();
            if (!fresh)
                return 0;
            __atomic_store_n(entry, ((uint64_t)fresh >> 12) << PTE_PPN_LSB | PTE_VALID, __ATOMIC_RELEASE);
        }
        table = entry_table(*entry);
    }
    return &table[entry_index(guest, level)];
}

bool gstage_map(struct gstage *g, gpa_t guest, hpa_t host, uint64_t bytes, unsigned access) {
    const uint64_t end = 1ull << GUEST_ADDRESS_BITS;
    if (((guest.value | host | bytes) & (PAGE_BYTES - 1)) || guest.value > end || bytes > end - guest.value)
        return false;
    while (bytes) {
        bool large = bytes >= FRAME_BYTES && ((guest.value | host) & (FRAME_BYTES - 1)) == 0;
        uint64_t step = large ? FRAME_BYTES : PAGE_BYTES;
        uint64_t *entry = entry_make(g, guest, large ? 1 : 0);
        if (!entry || (*entry & PTE_VALID))
            return false;
        *entry = make_leaf(host, access);
        guest.value += step;
        host += step;
        bytes -= step;
    }
    return true;
}

bool gstage_set_page(struct gstage *g, gpa_t guest, hpa_t host, unsigned access) {
    uint64_t *entry = entry_make(g, guest, 0);
    if (!entry)
        return false;
    __atomic_store_n(entry, access ? make_leaf(host, access) : 0, __ATOMIC_RELEASE);
    return true;
}

bool gstage_lookup(const struct gstage *g, gpa_t guest, hpa_t *host) {
    if (guest.value >> GUEST_ADDRESS_BITS)
        return false;
    const uint64_t *table = g->root;
    for (int level = LEVELS - 1; level >= 0; level--) {
        uint64_t entry = table[entry_index(guest, level)];
        if (!(entry & PTE_VALID))
            return false;
        if (is_leaf(entry)) {
            uint64_t offset = guest.value & ((1ull << level_shift(level)) - 1);
            *host = (uint64_t)entry_table(entry) + offset;
            return true;
        }
        table = entry_table(entry);
    }
    return false;
}

uint64_t *gstage_leaf(const struct gstage *g, gpa_t guest, int *level) {
    uint64_t *table = g->root;
    if (guest.value >> GUEST_ADDRESS_BITS)
        return 0;
    for (int at = LEVELS - 1; at >= 0; at--) {
        uint64_t *entry = &table[entry_index(guest, at)];
        if (!(*entry & PTE_VALID))
            return 0;
        if (is_leaf(*entry)) {
            *level = at;
            return entry;
        }
        table = entry_table(*entry);
    }
    return 0;
}

uint64_t *gstage_table(const struct gstage *g, gpa_t guest) {
    uint64_t top = g->root[entry_index(guest, LEVELS - 1)];
    if (!(top & PTE_VALID) || is_leaf(top))
        return 0;
    uint64_t entry = entry_table(top)[entry_index(guest, 1)];
    return (entry & PTE_VALID) && !is_leaf(entry) ? entry_table(entry) : 0;
}

unsigned gstage_leaf_access(uint64_t entry) {
    return entry & PTE_LEAF_BITS;
}

void gstage_leaf_allow(uint64_t *entry, unsigned access) {
    __atomic_store_n(entry, (*entry & ~(uint64_t)PTE_LEAF_BITS) | access, __ATOMIC_RELEASE);
}

bool gstage_split(struct gstage *g, gpa_t guest) {
    int level;
    uint64_t *entry = gstage_leaf(g, guest, &level), *table = entry && level == 1 ? memory_page_alloc() : 0;
    if (!table)
        return false;
    uint64_t leaf = *entry;
    for (unsigned i = 0; i < 512; i++)
        table[i] = leaf + ((uint64_t)i << PTE_PPN_LSB);
    __atomic_store_n(entry, ((uint64_t)table >> 12) << PTE_PPN_LSB | PTE_VALID, __ATOMIC_RELEASE);
    return true;
}

void *gstage_replace_large(struct gstage *g, gpa_t guest, hpa_t host, unsigned access) {
    uint64_t *entry = entry_make(g, guest, 1), old = entry ? *entry : 0;
    if (!entry)
        return 0;
    __atomic_store_n(entry, make_leaf(host, access), __ATOMIC_RELEASE);
    return (old & PTE_VALID) && !is_leaf(old) ? entry_table(old) : 0;
}

uint64_t gstage_hgatp(const struct gstage *g, uint32_t vmid) {
    return HGATP_SV39X4 | (uint64_t)vmid << HGATP_VMID_LSB | (uint64_t)g->root >> 12;
}
