/* Restoring a VM from the snapshot volume. */
#include "hypervisor/snapshot/restore.h"

#include "hypervisor/core/log.h"
#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/guest/vpci.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/capture.h"
#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/session.h"
#include "hypervisor/snapshot/sum.h"
#include "hypervisor/snapshot/volume.h"

#define CHUNK_BLOCKS 32u
#define CHUNK_BYTES (CHUNK_BLOCKS * SNAPSHOT_BLOCK_BYTES)
#define NO_PAGE UINT32_MAX
#define ERROR_BYTES 160

/* The memory that a restore works with; one allocation. */
static struct {
    uint8_t *memory;
    uint32_t frames;
    uint8_t *ram; /* the VM's new RAM */
    uint32_t ram_frames;
    const struct snapshot_header *chain[SNAPSHOT_CHAIN_MAX]; /* [0]: the snapshot itself, then its ancestors */
    uint32_t depth;
    struct snapshot_index_entry *index;  /* of the snapshot; entries of the parent replace PARENT ones */
    struct snapshot_index_entry *other;  /* of an ancestor */
    uint8_t *level;                      /* a page: which of chain[] holds its data */
    uint32_t *next, *first;              /* pages by the chunk in which they begin */
    uint8_t *state;
    uint8_t *staging; /* a chunk and one block: pages may cross a chunk's end */
    char error[ERROR_BYTES];
} work;

static int refuse(int status, uint64_t id, const char *why) {
    format_text(work.error, sizeof work.error, "snapshot %lu %s", id, why);
    return status;
}

static uint64_t whole_blocks(uint64_t bytes) {
    return snapshot_blocks(bytes) * SNAPSHOT_BLOCK_BYTES;
}

static bool make_memory(const struct snapshot_header *h) {
    uint64_t pages = snapshot_pages(h), index_bytes = whole_blocks(pages * sizeof *work.index);
    uint64_t chunks = 1;
    for (uint32_t i = 0; i < work.depth; i++)
        if (work.chain[i]->data_bytes / CHUNK_BYTES + 1 > chunks)
            chunks = work.chain[i]->data_bytes / CHUNK_BYTES + 1;
    uint64_t parts[] = {index_bytes, index_bytes, pages, pages * sizeof *work.next, chunks * sizeof *work.first,
                        SNAPSHOT_STATE_MAX, CHUNK_BYTES + SNAPSHOT_BLOCK_BYTES};
    uint64_t at[sizeof parts / sizeof parts[0]], total = 0;
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        at[i] = total;
        total += whole_blocks(parts[i]);
    }
    work.frames = (uint32_t)((total + FRAME_BYTES - 1) / FRAME_BYTES);
    work.ram_frames = (uint32_t)(h->memory_bytes / FRAME_BYTES);
    work.memory = memory_frames_alloc(work.frames);
    work.ram = memory_frames_alloc(work.ram_frames);
    if (!work.memory || !work.ram)
        return false;
    work.index = (struct snapshot_index_entry *)(work.memory + at[0]);
    work.other = (struct snapshot_index_entry *)(work.memory + at[1]);
    work.level = work.memory + at[2];
    work.next = (uint32_t *)(work.memory + at[3]);
    work.first = (uint32_t *)(work.memory + at[4]);
    work.state = work.memory + at[5];
    work.staging = work.memory + at[6];
    return true;
}

static void free_memory(void) {
    if (work.memory)
        memory_frames_free(work.memory, work.frames);
    if (work.ram)
        memory_frames_free(work.ram, work.ram_frames);
    work.memory = work.ram = NULL;
}

static int find_chain(uint64_t id) {
    const struct snapshot_header *h = volume_find(id);
    if (!volume_is_open())
        return refuse(MAILBOX_NO_DEVICE, id, "cannot be read: no snapshot volume is open");
    if (!h)
        return refuse(MAILBOX_BAD_ARGUMENT, id, "is not on the volume");
    for (work.depth = 0; h; h = volume_find(h->parent)) {
        if (work.depth == SNAPSHOT_CHAIN_MAX)
            return refuse(MAILBOX_BAD_IMAGE, id, "has too many ancestors");
        if (h->memory_bytes != (work.depth ? work.chain[0]->memory_bytes : h->memory_bytes))
            return refuse(MAILBOX_BAD_IMAGE, id, "has a parent of another size");
        work.chain[work.depth++] = h;
        if (!h->parent)
            return MAILBOX_OK;
    }
    return refuse(MAILBOX_BAD_IMAGE, id, "builds on one that is not on the volume");
}

static int read_index(const struct snapshot_header *h, struct snapshot_index_entry *index) {
    uint64_t bytes = snapshot_pages(h) * sizeof *index;
    int status = volume_transfer_long(false, h->index_block, index, snapshot_blocks(bytes));
    if (status != MAILBOX_OK)
        return refuse(status, h->id, volume_error());
    const char *fault = snapshot_index_fault(h, index);
    return fault ? refuse(MAILBOX_BAD_IMAGE, h->id, fault) : MAILBOX_OK;
}

/* Entries that point to the parent are followed, generation by generation. */
static int resolve_index(void) {
    uint64_t pages = snapshot_pages(work.chain[0]);
    int status = read_index(work.chain[0], work.index);
    for (uint32_t g = 1; g < work.depth && status == MAILBOX_OK; g++) {
        status = read_index(work.chain[g], work.other);
        for (uint64_t page = 0; page < pages && status == MAILBOX_OK; page++) {
            if (work.index[page].kind != SNAPSHOT_PAGE_PARENT)
                continue;
            if (work.index[page].sum != work.other[page].sum)
                status = refuse(MAILBOX_BAD_IMAGE, work.chain[0]->id, "does not fit its parent");
            work.index[page] = work.other[page];
            work.level[page] = (uint8_t)g;
        }
    }
    return status;
}

static bool has_data(const struct snapshot_index_entry *e) {
    return e->kind == SNAPSHOT_PAGE_RAW || e->kind == SNAPSHOT_PAGE_PACKED;
}

static uint64_t place_of(const struct snapshot_index_entry *e) {
    return (uint64_t)e->unit * SNAPSHOT_UNIT_BYTES;
}

/* Lists of the pages that begin in each chunk of one generation's data. */
static void sort_by_chunk(uint32_t generation, uint64_t chunks) {
    uint64_t pages = snapshot_pages(work.chain[0]);
    for (uint64_t c = 0; c < chunks; c++)
        work.first[c] = NO_PAGE;
    for (uint64_t page = 0; page < pages; page++)
        if (work.level[page] == generation && has_data(&work.index[page])) {
            uint32_t *head = &work.first[place_of(&work.index[page]) / CHUNK_BYTES];
            work.next[page] = *head;
            *head = (uint32_t)page;
        }
}

static int load_page(const struct snapshot_header *h, uint32_t page, const uint8_t *data) {
    const struct snapshot_index_entry *e = &work.index[page];
    uint8_t *to = work.ram + page * PAGE_BYTES;
    if (e->kind == SNAPSHOT_PAGE_RAW)
        memcpy(to, data, PAGE_BYTES);
    else if (codec_decompress(data, e->length, to, PAGE_BYTES))
        return refuse(MAILBOX_BAD_IMAGE, h->id, "has a page that does not unpack");
    return snapshot_sum(to, PAGE_BYTES) == e->sum ? MAILBOX_OK : refuse(MAILBOX_BAD_IMAGE, h->id, "has a damaged page");
}

static int load_chunk(const struct snapshot_header *h, uint64_t chunk) {
    uint64_t block = h->first_block + chunk * CHUNK_BLOCKS, left = h->first_block + h->block_count - block;
    uint64_t blocks = left < CHUNK_BLOCKS + 1 ? left : CHUNK_BLOCKS + 1;
    int status = volume_transfer_long(false, block, work.staging, blocks);
    if (status != MAILBOX_OK)
        return refuse(status, h->id, volume_error());
    for (uint32_t page = work.first[chunk]; page != NO_PAGE && status == MAILBOX_OK; page = work.next[page])
        status = load_page(h, page, work.staging + place_of(&work.index[page]) % CHUNK_BYTES);
    return status;
}

static int load_generation(uint32_t generation) {
    const struct snapshot_header *h = work.chain[generation];
    uint64_t chunks = (h->data_bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
    int status = MAILBOX_OK;
    sort_by_chunk(generation, chunks);
    for (uint64_t c = 0; c < chunks && status == MAILBOX_OK; c++)
        if (work.first[c] != NO_PAGE)
            status = load_chunk(h, c);
    return status;
}

static int load_state(const struct vm *vm) {
    const struct snapshot_header *h = work.chain[0];
    int status = volume_transfer_long(false, h->state_block, work.state, snapshot_blocks(h->state_bytes));
    if (status != MAILBOX_OK)
        return refuse(status, h->id, volume_error());
    const char *fault = snapshot_state_fault(h, work.state);
    if (!fault)
        fault = capture_misfit(vm, work.state, h->state_bytes);
    return fault ? refuse(MAILBOX_BAD_IMAGE, h->id, fault) : MAILBOX_OK;
}

static int load_all(const struct vm *vm) {
    int status = load_state(vm);
    if (status == MAILBOX_OK)
        status = resolve_index();
    for (uint32_t g = 0; g < work.depth && status == MAILBOX_OK; g++)
        status = load_generation(g);
    return status;
}

/* The old RAM and tables are free when nobody can use them any more. */
static void exchange_memory(struct vm *vm) {
    uint8_t *old = vm->memory;
    void *freed = NULL;
    lock_take(&vm->lock);
    for (uint64_t at = 0; at < vm->memory_bytes; at += FRAME_BYTES) {
        void **table = gstage_replace_large(&vm->gstage, GPA(VM_RAM_BASE + at), (hpa_t)work.ram + at, GSTAGE_RAM);
        if (table) {
            *table = freed; /* read as an invalid entry: table pages are aligned */
            freed = table;
        }
    }
    vm->memory = work.ram;
    work.ram = old;
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
static void mark_absent(struct vm *vm) {
    for (uint32_t page = 0; page < snapshot_pages(work.chain[0]); page++)
        if (work.index[page].kind == SNAPSHOT_PAGE_ABSENT)
            snapshot_page_give_back(vm, GPA(VM_RAM_BASE + page * PAGE_BYTES));
}

static int check_fit(const struct vm *vm) {
    const struct snapshot_header *h = work.chain[0];
    if (h->memory_bytes != vm->memory_bytes || h->vcpus != vm->vcpu_count)
        return refuse(MAILBOX_BAD_ARGUMENT, h->id, "is of a VM with other memory or vCPUs");
    if ((h->has_device != 0) != (vm->vf != 0))
        return refuse(MAILBOX_BAD_ARGUMENT, h->id, vm->vf ? "is of a VM without a VF" : "is of a VM with a VF");
    return MAILBOX_OK;
}

/* The VM is paused and everything is loaded. */
static int become(struct vm *vm) {
    const struct snapshot_header *h = work.chain[0];
    int status = vm->vf ? vpci_quiet(vm) : MAILBOX_OK;
    snapshot_pages_destroy(vm);
    exchange_memory(vm);
    mark_absent(vm);
    capture_apply(vm, work.state, h->state_bytes, h->guest_time);
    if (status == MAILBOX_OK && vm->vf)
        status = vpci_load(vm, capture_device(work.state, h->state_bytes));
    if (status != MAILBOX_OK) {
        vm_end(vm, MAILBOX_VM_STOPPED);
        return refuse(status, h->id, "is restored, but its VF does not take its state; the VM is stopped");
    }
    log_line("vm%u: restored from snapshot %lu", vm->index, h->id);
    vm_resume(vm);
    return MAILBOX_OK;
}

int restore_vm(struct vm *vm, uint64_t id, const char **error) {
    *error = work.error;
    int status = find_chain(id);
    if (status == MAILBOX_OK)
        status = check_fit(vm);
    if (status != MAILBOX_OK)
        return status;
    if (!make_memory(work.chain[0]))
        status = refuse(MAILBOX_NO_MEMORY, id, "cannot be loaded: no memory");
    if (status == MAILBOX_OK)
        status = load_all(vm);
    if (status == MAILBOX_OK) {
        snapshot_session_forget_vm(vm);
        if (!vm_pause(vm))
            __atomic_store_n(&vm->state, MAILBOX_VM_PAUSED, __ATOMIC_RELEASE);
        status = become(vm);
    }
    free_memory();
    return status;
}
