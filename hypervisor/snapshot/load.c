/* Loading a snapshot from its volume: state, then an index a generation, then the pages that each generation holds, chunk by chunk. */
#include "hypervisor/snapshot/load.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/capture.h"
#include "hypervisor/snapshot/codec.h"
#include "hypervisor/snapshot/sum.h"
#include "hypervisor/snapshot/volume.h"

/* A transfer reads one block more than a chunk: pages may cross a chunk's end. */
#define CHUNK_BLOCKS (VOLUME_STAGING_BLOCKS - 1u)
#define CHUNK_BYTES (CHUNK_BLOCKS * SNAPSHOT_BLOCK_BYTES)
#define NO_PAGE UINT32_MAX
#define ERROR_BYTES 160

enum step { STEP_STATE, STEP_INDEX, STEP_DATA, STEP_DONE };

static struct {
    struct loaded result;
    const struct vm *vm;
    uint8_t *memory; /* everything but the RAM; one allocation */
    uint32_t frames;
    const struct snapshot_header *chain[SNAPSHOT_CHAIN_MAX]; /* [0]: the snapshot itself, then its ancestors */
    uint32_t depth;
    struct snapshot_index_entry *index; /* of the snapshot; entries of the parent replace PARENT ones */
    struct snapshot_index_entry *other; /* of an ancestor */
    uint8_t *level;                     /* a page: which of chain[] holds its data */
    uint32_t *next, *first;             /* pages by the chunk in which they begin */
    enum step step;
    uint32_t generation;
    uint64_t at;              /* blocks of the step's item that are read, or its chunk */
    uint64_t done, all;       /* pages, for the progress */
    bool reading;
    char error[ERROR_BYTES];
} work;

int load_refuse(int status, uint64_t id, const char *why) {
    format_text(work.error, sizeof work.error, "snapshot %lu %s", id, why);
    return status;
}

const char *load_error(void) {
    return work.error;
}

struct loaded *load_result(void) {
    return &work.result;
}

static uint64_t whole_blocks(uint64_t bytes) {
    return snapshot_blocks(bytes) * SNAPSHOT_BLOCK_BYTES;
}

/* ---- beginning ---------------------------------------------------------------------------------------------------------------------- */

static bool make_memory(const struct snapshot_header *h) {
    uint64_t pages = snapshot_pages(h), index_bytes = whole_blocks(pages * sizeof *work.index), chunks = 1;
    for (uint32_t i = 0; i < work.depth; i++)
        if (work.chain[i]->data_bytes / CHUNK_BYTES + 1 > chunks)
            chunks = work.chain[i]->data_bytes / CHUNK_BYTES + 1;
    uint64_t parts[] = {index_bytes, index_bytes, pages, pages * sizeof *work.next, chunks * sizeof *work.first,
                        SNAPSHOT_STATE_MAX, SNAPSHOT_STATE_MAX + pages};
    uint64_t at[sizeof parts / sizeof parts[0]], total = 0;
    for (unsigned i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        at[i] = total;
        total += whole_blocks(parts[i]);
    }
    work.frames = (uint32_t)((total + FRAME_BYTES - 1) / FRAME_BYTES);
    work.result.ram_frames = (uint32_t)(h->memory_bytes / FRAME_BYTES);
    work.memory = memory_frames_alloc(work.frames);
    work.result.ram = memory_frames_alloc(work.result.ram_frames);
    if (!work.memory || !work.result.ram)
        return false;
    work.index = (struct snapshot_index_entry *)(work.memory + at[0]);
    work.other = (struct snapshot_index_entry *)(work.memory + at[1]);
    work.level = work.memory + at[2];
    work.next = (uint32_t *)(work.memory + at[3]);
    work.first = (uint32_t *)(work.memory + at[4]);
    work.result.state = work.memory + at[5];
    work.result.spare = work.memory + at[6];
    work.result.index = work.index;
    return true;
}

void load_free(void) {
    if (work.memory)
        memory_frames_free(work.memory, work.frames);
    if (work.result.ram)
        memory_frames_free(work.result.ram, work.result.ram_frames);
    work.memory = NULL;
    work.result.ram = NULL;
}

static int find_chain(uint64_t id) {
    const struct snapshot_header *h = volume_find(id);
    if (!volume_is_open())
        return load_refuse(MAILBOX_NO_DEVICE, id, "cannot be read: no snapshot volume is open");
    if (!h)
        return load_refuse(MAILBOX_BAD_ARGUMENT, id, "is not on the volume");
    for (work.depth = 0; h; h = volume_find(h->parent)) {
        if (work.depth == SNAPSHOT_CHAIN_MAX)
            return load_refuse(MAILBOX_BAD_IMAGE, id, "has too many ancestors");
        if (h->memory_bytes != (work.depth ? work.chain[0]->memory_bytes : h->memory_bytes))
            return load_refuse(MAILBOX_BAD_IMAGE, id, "has a parent of another size");
        work.chain[work.depth++] = h;
        if (!h->parent)
            return MAILBOX_OK;
    }
    return load_refuse(MAILBOX_BAD_IMAGE, id, "builds on one that is not on the volume");
}

static int check_fit(const struct vm *vm) {
    const struct snapshot_header *h = work.chain[0];
    if (h->memory_bytes != vm->memory_bytes || h->vcpus != vm->vcpu_count)
        return load_refuse(MAILBOX_BAD_ARGUMENT, h->id, "is of a VM with other memory or vCPUs");
    if ((h->has_device != 0) != (vm->vf != 0))
        return load_refuse(MAILBOX_BAD_ARGUMENT, h->id, vm->vf ? "is of a VM without a VF" : "is of a VM with a VF");
    return MAILBOX_OK;
}

int load_begin(const struct vm *vm, uint64_t id) {
    int status = find_chain(id);
    if (status == MAILBOX_OK)
        status = check_fit(vm);
    if (status != MAILBOX_OK)
        return status;
    if (!make_memory(work.chain[0])) {
        load_free();
        return load_refuse(MAILBOX_NO_MEMORY, id, "cannot be loaded: no memory");
    }
    work.vm = vm;
    work.result.header = work.chain[0];
    work.step = STEP_STATE;
    work.generation = 0;
    work.at = work.done = work.all = 0;
    work.reading = false;
    return MAILBOX_OK;
}

/* ---- what was read ------------------------------------------------------------------------------------------------------------------ */

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
    uint8_t *to = work.result.ram + page * PAGE_BYTES;
    if (e->kind == SNAPSHOT_PAGE_RAW)
        memcpy(to, data, PAGE_BYTES);
    else if (codec_decompress(data, e->length, to, PAGE_BYTES))
        return load_refuse(MAILBOX_BAD_IMAGE, h->id, "has a page that does not unpack");
    return snapshot_sum(to, PAGE_BYTES) == e->sum ? MAILBOX_OK : load_refuse(MAILBOX_BAD_IMAGE, h->id, "has a damaged page");
}

static int load_chunk(const struct snapshot_header *h, uint64_t chunk) {
    int status = MAILBOX_OK;
    for (uint32_t page = work.first[chunk]; page != NO_PAGE && status == MAILBOX_OK; page = work.next[page]) {
        status = load_page(h, page, volume_staging() + place_of(&work.index[page]) % CHUNK_BYTES);
        work.done++;
    }
    return status;
}

static int judge_state(void) {
    const struct snapshot_header *h = work.chain[0];
    const char *fault = snapshot_state_fault(h, work.result.state);
    if (!fault)
        fault = capture_misfit(work.vm, work.result.state, h->state_bytes);
    return fault ? load_refuse(MAILBOX_BAD_IMAGE, h->id, fault) : MAILBOX_OK;
}

/* Entries that point to the parent are followed, generation by generation. */
static int judge_index(void) {
    const struct snapshot_header *h = work.chain[work.generation];
    struct snapshot_index_entry *read = work.generation ? work.other : work.index;
    const char *fault = snapshot_index_fault(h, read);
    if (fault)
        return load_refuse(MAILBOX_BAD_IMAGE, h->id, fault);
    for (uint64_t page = 0; work.generation && page < snapshot_pages(h); page++) {
        if (work.index[page].kind != SNAPSHOT_PAGE_PARENT)
            continue;
        if (work.index[page].sum != work.other[page].sum)
            return load_refuse(MAILBOX_BAD_IMAGE, work.chain[0]->id, "does not fit its parent");
        work.index[page] = work.other[page];
        work.level[page] = (uint8_t)work.generation;
    }
    return MAILBOX_OK;
}

static void count_pages(void) {
    for (uint64_t page = 0; page < snapshot_pages(work.chain[0]); page++)
        work.all += has_data(&work.index[page]);
}

/* ---- step by step ------------------------------------------------------------------------------------------------------------------- */

static uint64_t chunks_of(const struct snapshot_header *h) {
    return (h->data_bytes + CHUNK_BYTES - 1) / CHUNK_BYTES;
}

/* The next generation's lists; chunks in which nothing begins are passed over. */
static void next_chunk(void) {
    for (; work.generation < work.depth; work.generation++, work.at = 0) {
        uint64_t chunks = chunks_of(work.chain[work.generation]);
        if (work.at == 0)
            sort_by_chunk(work.generation, chunks);
        while (work.at < chunks && work.first[work.at] == NO_PAGE)
            work.at++;
        if (work.at < chunks)
            return;
    }
    work.step = STEP_DONE;
}

/* Where the step's item lies, and where it goes; data stay in the staging memory. */
static uint8_t *item(uint64_t *block, uint64_t *blocks) {
    const struct snapshot_header *h = work.chain[work.step == STEP_STATE ? 0 : work.generation];
    switch (work.step) {
    case STEP_STATE:
        *block = h->state_block;
        *blocks = snapshot_blocks(h->state_bytes);
        return work.result.state;
    case STEP_INDEX:
        *block = h->index_block;
        *blocks = snapshot_blocks(snapshot_pages(h) * sizeof *work.index);
        return (uint8_t *)(work.generation ? work.other : work.index);
    default:
        *block = h->first_block;
        *blocks = h->block_count;
        return NULL;
    }
}

static uint64_t read_at(void) {
    return work.step == STEP_DATA ? work.at * CHUNK_BLOCKS : work.at;
}

static uint32_t read_blocks(uint64_t blocks) {
    uint64_t left = blocks - read_at();
    return left < VOLUME_STAGING_BLOCKS ? (uint32_t)left : VOLUME_STAGING_BLOCKS;
}

static int start_reading(void) {
    uint64_t block, blocks;
    item(&block, &blocks);
    int status = volume_start(false, block + read_at(), volume_staging(), read_blocks(blocks));
    work.reading = status == MAILBOX_OK;
    return status == MAILBOX_OK ? status : load_refuse(status, work.chain[0]->id, volume_error());
}

static int end_item(void) {
    int status = work.step == STEP_STATE ? judge_state() : judge_index();
    work.at = 0;
    if (work.step == STEP_STATE)
        work.step = STEP_INDEX;
    else
        work.generation++;
    if (status == MAILBOX_OK && work.step == STEP_INDEX && work.generation == work.depth) {
        count_pages();
        work.step = STEP_DATA;
        work.generation = 0;
        next_chunk();
    }
    return status;
}

static int take_read(void) {
    uint64_t block, blocks;
    uint8_t *to = item(&block, &blocks);
    if (work.step == STEP_DATA) {
        int status = load_chunk(work.chain[work.generation], work.at++);
        next_chunk();
        return status;
    }
    uint32_t count = read_blocks(blocks);
    memcpy(to + work.at * SNAPSHOT_BLOCK_BYTES, volume_staging(), count * SNAPSHOT_BLOCK_BYTES);
    work.at += count;
    return work.at == blocks ? end_item() : MAILBOX_OK;
}

bool load_poll(int *status) {
    *status = MAILBOX_OK;
    if (work.reading) {
        if (!volume_poll(status))
            return false;
        work.reading = false;
        *status = *status == MAILBOX_OK ? take_read() : load_refuse(*status, work.chain[0]->id, volume_error());
    }
    if (*status == MAILBOX_OK && work.step != STEP_DONE)
        *status = start_reading();
    return *status != MAILBOX_OK || work.step == STEP_DONE;
}

uint32_t load_percent(void) {
    return work.all ? (uint32_t)(work.done * 99 / work.all) : 0;
}
