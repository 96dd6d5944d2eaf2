/* Page tables of processes, in pages that go back to a list when a process ends. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/user.h"
#include "hypervisor/lib/string.h"

#define PTE_V 1ull
#define PTE_RU 0x12ull /* readable, user */
#define PTE_W 4ull
#define PTE_X 8ull
#define PTE_LEAF (PTE_W | PTE_X | 2ull)
#define PTE_AD 0xc0ull
#define TABLE_ENTRIES 512u
#define LEVELS 3u
#define KERNEL_GIGABYTE 2u
#define ADDRESS_LIMIT (1ull << 38)

static void *free_pages;

static void *page_take(void) {
    void *page = free_pages;
    if (page)
        memcpy(&free_pages, page, sizeof free_pages);
    else
        page = memory_take(PAGE_BYTES, PAGE_BYTES);
    if (page)
        memset(page, 0, PAGE_BYTES);
    return page;
}

static void page_give(void *page) {
    memcpy(page, &free_pages, sizeof free_pages);
    free_pages = page;
}

static void *page_of(uint64_t entry) {
    return (void *)(entry >> 10 << 12);
}

/* The leaf entry of an address below ADDRESS_LIMIT; NULL without one, or when memory runs out. */
static uint64_t *entry_of(uint64_t *table, uint64_t address, bool make) {
    for (unsigned level = LEVELS - 1; level; level--) {
        uint64_t *entry = &table[address >> (12 + 9 * level) & (TABLE_ENTRIES - 1)];
        if (!*entry) {
            void *page = make ? page_take() : NULL;
            if (!page)
                return NULL;
            *entry = (uint64_t)page >> 12 << 10 | PTE_V;
        }
        table = page_of(*entry);
    }
    return &table[address >> 12 & (TABLE_ENTRIES - 1)];
}

static bool is_user(uint64_t address) {
    return address < ADDRESS_LIMIT && address >> 30 != KERNEL_GIGABYTE;
}

bool user_space_create(struct process *p) {
    p->root = page_take();
    if (p->root)
        p->root[KERNEL_GIGABYTE] = root_table[KERNEL_GIGABYTE];
    return p->root != NULL;
}

bool user_map(struct process *p, uint64_t address, uint64_t bytes, bool writes, bool executes) {
    if (!bytes)
        return true;
    if (address + bytes - 1 < address)
        return false;
    for (uint64_t page = address & ~(PAGE_BYTES - 1); page <= address + bytes - 1; page += PAGE_BYTES) {
        uint64_t *entry = is_user(page) ? entry_of(p->root, page, true) : NULL;
        if (!entry)
            return false;
        if (!*entry) {
            void *memory = page_take();
            if (!memory)
                return false;
            *entry = (uint64_t)memory >> 12 << 10 | PTE_V | PTE_RU | PTE_AD;
        }
        *entry |= (writes ? PTE_W : 0) | (executes ? PTE_X : 0);
    }
    __asm__ volatile("sfence.vma" ::: "memory");
    return true;
}

static void table_give(uint64_t *table, unsigned level) {
    for (unsigned i = 0; i < TABLE_ENTRIES; i++) {
        if (!table[i] || (level == LEVELS - 1 && i == KERNEL_GIGABYTE))
            continue;
        if (level)
            table_give(page_of(table[i]), level - 1);
        else
            page_give(page_of(table[i]));
    }
    page_give(table);
}

void user_space_destroy(struct process *p) {
    if (p->root)
        table_give(p->root, LEVELS - 1);
    p->root = NULL;
    __asm__ volatile("sfence.vma" ::: "memory");
}

uint8_t *user_byte(const struct process *p, uint64_t address, bool writes) {
    uint64_t *entry = is_user(address) ? entry_of(p->root, address, false) : NULL;
    if (!entry || !(*entry & PTE_V) || (writes && !(*entry & PTE_W)))
        return NULL;
    return (uint8_t *)page_of(*entry) + (address & (PAGE_BYTES - 1));
}

bool user_copy_in(const struct process *p, void *to, uint64_t from, uint64_t bytes) {
    for (uint64_t i = 0; i < bytes; i++) {
        const uint8_t *byte = user_byte(p, from + i, false);
        if (!byte)
            return false;
        ((uint8_t *)to)[i] = *byte;
    }
    return true;
}

bool user_copy_out(struct process *p, uint64_t to, const void *from, uint64_t bytes) {
    for (uint64_t i = 0; i < bytes; i++) {
        uint8_t *byte = user_byte(p, to + i, true);
        if (!byte)
            return false;
        *byte = ((const uint8_t *)from)[i];
    }
    return true;
}
