/* Segments and their writes. */
#include "hypervisor/snapshot/writer.h"

#include "hypervisor/drivers/pf.h"
#include "hypervisor/lib/nvme_wire.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/snapshot/volume.h"

_Static_assert(WRITER_SEGMENTS < PF_IO_TAGS, "a tag a segment, and one for others");
_Static_assert(WRITER_SEGMENT_BYTES == PF_IO_MAX_BYTES, "a segment is one command");

void writer_setup(struct writer *w, struct page_queue *queue, uint8_t *memory, uint64_t first_block, uint64_t blocks) {
    memset(w, 0, sizeof *w);
    w->queue = queue;
    w->first_block = w->next_block = first_block;
    w->limit_block = first_block + blocks;
    for (uint32_t i = 0; i < WRITER_SEGMENTS; i++) {
        w->segment[i].memory = memory + i * (uint64_t)WRITER_SEGMENT_BYTES;
        w->segment[i].prps = (uint64_t *)(memory + WRITER_SEGMENTS * (uint64_t)WRITER_SEGMENT_BYTES + i * (uint64_t)SNAPSHOT_BLOCK_BYTES);
    }
}

void writer_read_in_place(struct writer *w, const uint8_t *vm_memory, writer_pages_left *pages_left) {
    w->vm_memory = vm_memory;
    w->pages_left = pages_left;
}

static struct segment *segment_in(struct writer *w, enum segment_state state) {
    struct segment *first = NULL;
    for (uint32_t i = 0; i < WRITER_SEGMENTS; i++)
        if (w->segment[i].state == state && (!first || w->segment[i].serial < first->serial))
            first = &w->segment[i];
    return first;
}

void writer_close(struct writer *w) {
    struct segment *s = w->open;
    if (!s)
        return;
    w->open = NULL;
    if (!s->bytes) {
        s->state = SEGMENT_FREE;
        return;
    }
    uint32_t whole = (uint32_t)(snapshot_blocks(s->bytes) * SNAPSHOT_BLOCK_BYTES);
    if (!s->direct)
        memset(s->memory + s->bytes, 0, whole - s->bytes);
    s->bytes = whole;
    s->serial = ++w->serial;
    s->state = SEGMENT_CLOSED;
    w->next_block = s->first_block + whole / SNAPSHOT_BLOCK_BYTES;
}

bool writer_make_room(struct writer *w, bool packed) {
    writer_close(w);
    struct segment *s = segment_in(w, SEGMENT_FREE);
    if (!s)
        return false;
    s->state = SEGMENT_OPEN;
    s->direct = !packed;
    s->bytes = s->in_place = s->torn = 0;
    s->first_block = w->next_block;
    w->open = s;
    return true;
}

void writer_push(struct writer *w) {
    if (w->in_flight < WRITER_ENOUGH)
        writer_close(w);
}

static void place(struct writer *w, const struct segment *s, struct snapshot_index_entry *entry, uint32_t length) {
    uint64_t bytes = (s->first_block - w->first_block) * SNAPSHOT_BLOCK_BYTES + s->bytes;
    entry->unit = (uint32_t)(bytes / SNAPSHOT_UNIT_BYTES);
    entry->length = (uint16_t)length;
    entry->kind = length == SNAPSHOT_BLOCK_BYTES ? SNAPSHOT_PAGE_RAW : SNAPSHOT_PAGE_PACKED;
}

static uint32_t pack(struct writer *w, uint8_t *to, const uint8_t *page) {
    uint32_t length = codec_compress(&w->codec, page, SNAPSHOT_BLOCK_BYTES, to, SNAPSHOT_BLOCK_BYTES * 7 / 8);
    if (length)
        return length;
    memcpy(to, page, SNAPSHOT_BLOCK_BYTES);
    return SNAPSHOT_BLOCK_BYTES;
}

void writer_add(struct writer *w, uint32_t buffer, bool packed, struct snapshot_index_entry *entry) {
    struct segment *s = w->open;
    if (!packed) {
        writer_add_raw(w, buffer, entry);
        return;
    }
    uint32_t length = pack(w, s->memory + s->bytes, queue_buffer(w->queue, buffer));
    place(w, s, entry, length);
    queue_release(w->queue, buffer);
    s->bytes += (length + SNAPSHOT_UNIT_BYTES - 1) / SNAPSHOT_UNIT_BYTES * SNAPSHOT_UNIT_BYTES;
}

uint32_t writer_add_plain(struct writer *w, const uint8_t *data, uint64_t bytes) {
    uint32_t step = bytes < WRITER_SEGMENT_BYTES ? (uint32_t)bytes : WRITER_SEGMENT_BYTES;
    if (!writer_make_room(w, true))
        return 0;
    memcpy(w->open->memory, data, step);
    w->open->bytes = step;
    writer_close(w);
    return step;
}

/* Where the storage reads the blocks of a direct segment; whether one is in place may change at any time, so that is looked at once. */
static uint64_t take_addresses(const struct writer *w, struct segment *s, uint32_t blocks) {
    const struct page_queue *q = w->queue;
    uint64_t *prps = s->prps, first = 0;
    uint32_t in_place = 0;
    for (uint32_t i = 0; i < blocks; i++) {
        uint32_t buffer = s->buffer[i];
        bool is = __atomic_load_n(&q->item[buffer].in_place, __ATOMIC_ACQUIRE);
        uint64_t address = is ? (uint64_t)w->vm_memory + q->item[buffer].page * (uint64_t)SNAPSHOT_BLOCK_BYTES : (uint64_t)queue_buffer(q, buffer);
        in_place |= (uint32_t)is << i;
        *(i ? prps + i - 1 : &first) = address;
    }
    s->in_place = in_place;
    return first;
}

static uint64_t own_addresses(const struct segment *s, uint32_t blocks) {
    for (uint32_t i = 1; i < blocks; i++)
        s->prps[i - 1] = (uint64_t)s->memory + i * (uint64_t)SNAPSHOT_BLOCK_BYTES;
    return (uint64_t)s->memory;
}

static void submit(struct writer *w, const struct segment *s, uint32_t block, uint32_t blocks, uint64_t first) {
    uint64_t second = blocks < 2 ? 0 : blocks == 2 ? s->prps[0] : (uint64_t)s->prps;
    pf_io_submit((uint32_t)(s - w->segment), NVME_WRITE, (s->first_block + block) * SNAPSHOT_LBAS_PER_BLOCK, blocks * SNAPSHOT_LBAS_PER_BLOCK,
                 first, second);
}

static void start_write(struct writer *w, struct segment *s) {
    uint32_t blocks = s->bytes / SNAPSHOT_BLOCK_BYTES;
    uint64_t first = s->direct ? take_addresses(w, s, blocks) : own_addresses(s, blocks);
    s->state = SEGMENT_WRITING;
    w->in_flight++;
    if (w->in_flight > w->most_in_flight)
        w->most_in_flight = w->in_flight;
    submit(w, s, 0, blocks, first);
}

static uint32_t first_torn(const struct segment *s) {
    uint32_t block = 0;
    while (!(s->torn >> block & 1))
        block++;
    return block;
}

static void mend(struct writer *w, struct segment *s) {
    uint32_t block = first_torn(s);
    s->state = SEGMENT_MENDING;
    w->mended++;
    submit(w, s, block, 1, (uint64_t)queue_buffer(w->queue, s->buffer[block]));
}

/* The storage has read the segment; what was torn is known now, and everything else needs its buffer no longer. */
static void release_buffers(struct writer *w, struct segment *s) {
    uint32_t done[WRITER_SEGMENT_BLOCKS], count = 0, blocks = s->bytes / SNAPSHOT_BLOCK_BYTES;
    s->torn = s->in_place ? w->pages_left(s->buffer, s->in_place) : 0;
    if (!s->torn) {
        queue_release_all(w->queue, s->buffer, blocks);
        return;
    }
    for (uint32_t i = 0; i < blocks; i++)
        if (!(s->torn >> i & 1))
            done[count++] = s->buffer[i];
    queue_release_all(w->queue, done, count);
}

static void finish_write(struct writer *w, struct segment *s, uint16_t error) {
    if (error && !w->nvme_error)
        w->nvme_error = error;
    if (s->state == SEGMENT_MENDING) {
        queue_release(w->queue, s->buffer[first_torn(s)]);
        s->torn &= s->torn - 1;
    } else if (s->direct && !w->ending) {
        release_buffers(w, s);
    }
    if (s->torn && !w->ending) {
        mend(w, s);
        return;
    }
    s->state = SEGMENT_FREE;
    w->in_flight--;
}

static bool take_completions(struct writer *w) {
    uint32_t tag;
    uint16_t error;
    bool moved = false;
    while (w->in_flight && pf_io_poll(&tag, &error)) {
        if (tag >= WRITER_SEGMENTS) {
            volume_answered(tag);
        } else if (w->segment[tag].state >= SEGMENT_WRITING) {
            finish_write(w, &w->segment[tag], error);
            moved = true;
        }
    }
    return moved;
}

bool writer_run(struct writer *w) {
    bool moved = take_completions(w);
    struct segment *s;
    while (w->in_flight < WRITER_IN_FLIGHT && !w->nvme_error && !w->full && (s = segment_in(w, SEGMENT_CLOSED)) != NULL) {
        if (s->first_block + s->bytes / SNAPSHOT_BLOCK_BYTES > w->limit_block) {
            w->full = true;
            return true;
        }
        start_write(w, s);
        moved = true;
    }
    return moved;
}

bool writer_drain(struct writer *w) {
    w->ending = true;
    take_completions(w);
    return w->in_flight == 0;
}

bool writer_is_done(const struct writer *w) {
    for (uint32_t i = 0; i < WRITER_SEGMENTS; i++)
        if (w->segment[i].state != SEGMENT_FREE)
            return false;
    return true;
}
