/* Judging and sealing what lies on a snapshot volume. Everything here takes hostile bytes: sizes are checked before they are used. */
#include "hypervisor/snapshot/format.h"

#include "hypervisor/snapshot/sum.h"

typedef uint64_t __attribute__((may_alias)) word_t;

bool snapshot_block_is_zero(const void *block) {
    const word_t *w = (const word_t *)block;
    for (unsigned i = 0; i < SNAPSHOT_BLOCK_BYTES / 8; i++)
        if (w[i])
            return false;
    return true;
}

/* The sum of a block with its own sum word taken as 0. */
static uint64_t block_sum(const void *block, size_t sum_offset) {
    uint64_t copy[SNAPSHOT_BLOCK_BYTES / 8];
    const word_t *w = (const word_t *)block;
    for (unsigned i = 0; i < SNAPSHOT_BLOCK_BYTES / 8; i++)
        copy[i] = i == sum_offset / 8 ? 0 : w[i];
    return snapshot_sum(copy, sizeof copy);
}

void snapshot_volume_seal(struct snapshot_volume *v) {
    v->sum = block_sum(v, offsetof(struct snapshot_volume, sum));
}

void snapshot_header_seal(struct snapshot_header *h) {
    h->sum = block_sum(h, offsetof(struct snapshot_header, sum));
}

static const char *version_fault(uint32_t version) {
    return version == 1 ? "is of format version 1, which lacks floating-point registers: its snapshots cannot be restored here, format it anew"
                        : "is of a format version that is not known here";
}

const char *snapshot_volume_fault(const struct snapshot_volume *v, uint64_t volume_blocks) {
    if (v->magic != SNAPSHOT_VOLUME_MAGIC)
        return snapshot_block_is_zero(v) ? "is empty, no snapshot volume yet" : "is no snapshot volume";
    if (v->version != SNAPSHOT_VERSION)
        return version_fault(v->version);
    if (v->sum != block_sum(v, offsetof(struct snapshot_volume, sum)))
        return "has a damaged volume header";
    if (v->slots != SNAPSHOT_SLOTS)
        return "has another number of slots";
    return volume_blocks < v->blocks ? "is shorter than when it was formatted" : NULL;
}

static bool is_terminated(const char *text, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        if (!text[i])
            return true;
    return false;
}

static bool inside(const struct snapshot_header *h, uint64_t block, uint64_t blocks) {
    return block >= h->first_block && blocks <= h->block_count && block - h->first_block <= h->block_count - blocks;
}

static const char *extent_fault(const struct snapshot_header *h, uint64_t volume_blocks) {
    if (h->first_block < SNAPSHOT_FIRST_BLOCK || h->first_block > volume_blocks || h->block_count > volume_blocks - h->first_block)
        return "names an extent outside the volume";
    if (h->data_bytes > h->block_count * SNAPSHOT_BLOCK_BYTES)
        return "has more data than its extent";
    if (!inside(h, h->index_block, snapshot_blocks(snapshot_pages(h) * sizeof(struct snapshot_index_entry))))
        return "has its index outside its extent";
    if (!inside(h, h->state_block, snapshot_blocks(h->state_bytes)))
        return "has its state outside its extent";
    return NULL;
}

const char *snapshot_header_fault(const struct snapshot_header *h, uint64_t volume_blocks) {
    if (h->magic != SNAPSHOT_HEADER_MAGIC)
        return "has no header";
    if (h->version != SNAPSHOT_VERSION)
        return version_fault(h->version);
    if (h->sum != block_sum(h, offsetof(struct snapshot_header, sum)))
        return "has a damaged header";
    if (!h->id || !is_terminated(h->name, sizeof h->name) || !is_terminated(h->vm_name, sizeof h->vm_name))
        return "has no id or an endless name";
    if (!h->memory_bytes || h->memory_bytes > SNAPSHOT_MEMORY_MAX || h->memory_bytes % 0x200000u)
        return "has an impossible memory size";
    if (h->vcpus < 1 || h->vcpus > 8)
        return "has an impossible number of vCPUs";
    if (((h->flags & SNAPSHOT_INCREMENTAL) != 0) != (h->parent != 0) || h->parent >= h->id)
        return "names an impossible parent";
    if (h->state_bytes % 32 || h->state_bytes > SNAPSHOT_STATE_MAX)
        return "has an impossible state size";
    return extent_fault(h, volume_blocks);
}

static bool entry_is_sound(const struct snapshot_header *h, const struct snapshot_index_entry *e) {
    uint64_t place = (uint64_t)e->unit * SNAPSHOT_UNIT_BYTES;
    switch (e->kind) {
    case SNAPSHOT_PAGE_ZERO:
    case SNAPSHOT_PAGE_ABSENT: return e->length == 0;
    case SNAPSHOT_PAGE_PARENT: return e->length == 0 && h->parent;
    case SNAPSHOT_PAGE_RAW: return e->length == SNAPSHOT_BLOCK_BYTES && place <= h->data_bytes && e->length <= h->data_bytes - place;
    case SNAPSHOT_PAGE_PACKED:
        return e->length > 0 && e->length < SNAPSHOT_BLOCK_BYTES && place <= h->data_bytes && e->length <= h->data_bytes - place;
    default: return false;
    }
}

uint64_t snapshot_content_sum(const struct snapshot_index_entry *index, uint64_t pages) {
    uint64_t sum = SNAPSHOT_SUM_SEED + pages;
    for (uint64_t i = 0; i < pages; i++)
        sum = snapshot_sum_one(sum, index[i].sum);
    return snapshot_sum_end(sum);
}

const char *snapshot_index_fault(const struct snapshot_header *h, const struct snapshot_index_entry *index) {
    uint64_t pages = snapshot_pages(h);
    if (snapshot_sum(index, pages * sizeof *index) != h->index_sum)
        return "has a damaged index";
    for (uint64_t i = 0; i < pages; i++)
        if (!entry_is_sound(h, &index[i]))
            return "has an impossible index entry";
    return snapshot_content_sum(index, pages) == h->content_sum ? NULL : "has an index of another memory";
}

static uint64_t padded(uint64_t bytes) {
    return (bytes + 7) & ~7ull;
}

const char *snapshot_state_fault(const struct snapshot_header *h, const void *state) {
    if (snapshot_sum(state, h->state_bytes) != h->state_sum)
        return "has a damaged state";
    for (uint64_t at = 0; at < h->state_bytes;) {
        const struct snapshot_record *r = (const struct snapshot_record *)((const uint8_t *)state + at);
        if (h->state_bytes - at < sizeof *r || !r->kind) /* the padding of the whole */
            return NULL;
        if (r->kind >= SNAPSHOT_RECORD_KINDS || r->version != SNAPSHOT_VERSION)
            return "has a record of unknown kind or version in its state";
        if (padded(r->bytes) > h->state_bytes - at - sizeof *r)
            return "has a cut record in its state";
        at += sizeof *r + padded(r->bytes);
    }
    return NULL;
}

const void *snapshot_record_find(const void *state, uint64_t state_bytes, uint32_t kind, uint32_t index, uint32_t bytes, uint32_t *found_bytes) {
    for (uint64_t at = 0; at + sizeof(struct snapshot_record) <= state_bytes;) {
        const struct snapshot_record *r = (const struct snapshot_record *)((const uint8_t *)state + at);
        uint64_t room = state_bytes - at - sizeof *r;
        if (!r->kind || padded(r->bytes) > room)
            return NULL;
        if (r->kind == kind && r->index == index) {
            if (found_bytes)
                *found_bytes = r->bytes;
            return bytes && r->bytes != bytes ? NULL : r + 1;
        }
        at += sizeof *r + padded(r->bytes);
    }
    return NULL;
}
