/* Directory and block I/O of the snapshot volume. */
#include "hypervisor/snapshot/volume.h"

#include "hypervisor/core/memory.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/drivers/pf.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/nvme_wire.h"
#include "hypervisor/lib/string.h"
#include "hypervisor/mailbox_wire.h"

#define SYNC_TAG (PF_IO_TAGS - 1) /* the writer uses those below */
#define IO_TICKS 100000000ull     /* 10 s */
#define MOST_BLOCKS (PF_IO_MAX_BYTES / SNAPSHOT_BLOCK_BYTES)
#define PLAIN_IN_FLIGHT 8u
#define ERROR_BYTES 120

static struct {
    bool open;
    uint32_t number;
    uint64_t blocks;
    struct snapshot_volume *header;
    struct snapshot_header *slot; /* SNAPSHOT_SLOTS of them; id 0: free */
    uint64_t *prps;
    uint64_t last_id;
    bool busy; /* a transfer has not been answered yet, though perhaps nobody waits for it any more: its memory is not free */
    uint64_t limit; /* of its time */
    uint64_t patience; /* 0: as long as usual */
    uint64_t transfer_block;
    const char *transfer;
    char error[ERROR_BYTES];
} volume;

bool volume_is_open(void) {
    return volume.open;
}

uint32_t volume_number(void) {
    return volume.number;
}

const char *volume_error(void) {
    return volume.error;
}

__attribute__((format(printf, 2, 3))) static int refuse(int status, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    format_arguments(volume.error, sizeof volume.error, format, arguments);
    va_end(arguments);
    return status;
}

static void start(uint8_t opcode, const char *what, uint64_t block, uint32_t blocks, uint64_t prp1, uint64_t prp2) {
    volume.busy = true;
    volume.limit = csr_read(time) + (volume.patience ? volume.patience : IO_TICKS);
    volume.transfer = what;
    volume.transfer_block = block;
    pf_io_submit(SYNC_TAG, opcode, block * SNAPSHOT_LBAS_PER_BLOCK, blocks * SNAPSHOT_LBAS_PER_BLOCK, prp1, prp2);
}

bool volume_poll(int *status) {
    uint32_t tag;
    uint16_t error;
    if (pf_io_poll(&tag, &error) && tag == SYNC_TAG) {
        volume.busy = false;
        *status = error ? refuse(MAILBOX_DEVICE_ERROR, "volume %u: %s at block %lu: NVMe status 0x%x", volume.number, volume.transfer,
                                 volume.transfer_block, error)
                        : MAILBOX_OK;
        return true;
    }
    if (csr_read(time) <= volume.limit)
        return false;
    *status = refuse(MAILBOX_TIMEOUT, "volume %u: %s at block %lu is not answered", volume.number, volume.transfer, volume.transfer_block);
    return true;
}

void volume_answered(uint32_t tag) {
    if (tag == SYNC_TAG)
        volume.busy = false;
}

static int wait(void) {
    int status;
    while (!volume_poll(&status))
        irq_poll();
    return status;
}

bool volume_is_idle(void) {
    int status;
    return !volume.busy || (volume_poll(&status) && !volume.busy);
}

int volume_start(bool write, uint64_t block, void *data, uint32_t blocks) {
    uint64_t address = (uint64_t)data, second = address + SNAPSHOT_BLOCK_BYTES;
    if (!volume_is_idle())
        return refuse(MAILBOX_TIMEOUT, "volume %u: %s at block %lu is not answered yet", volume.number, volume.transfer, volume.transfer_block);
    if (blocks > volume.blocks || block > volume.blocks - blocks)
        return refuse(MAILBOX_DEVICE_ERROR, "volume %u: full", volume.number);
    for (uint32_t i = 1; i < blocks; i++)
        volume.prps[i - 1] = address + i * (uint64_t)SNAPSHOT_BLOCK_BYTES;
    start(write ? NVME_WRITE : NVME_READ, write ? "write" : "read", block, blocks, address,
          blocks < 2 ? 0 : blocks == 2 ? second : (uint64_t)volume.prps);
    return MAILBOX_OK;
}

int volume_transfer(bool write, uint64_t block, void *data, uint32_t blocks) {
    int status = volume_start(write, block, data, blocks);
    return status == MAILBOX_OK ? wait() : status;
}

int volume_transfer_long(bool write, uint64_t block, void *data, uint64_t blocks) {
    int status = MAILBOX_OK;
    for (uint64_t done = 0; done < blocks && status == MAILBOX_OK; done += MOST_BLOCKS) {
        uint64_t step = blocks - done < MOST_BLOCKS ? blocks - done : MOST_BLOCKS;
        status = volume_transfer(write, block + done, (uint8_t *)data + done * SNAPSHOT_BLOCK_BYTES, (uint32_t)step);
    }
    return status;
}

int volume_start_flush(void) {
    if (!volume_is_idle())
        return refuse(MAILBOX_TIMEOUT, "volume %u: %s is not answered yet", volume.number, volume.transfer);
    start(NVME_FLUSH, "flush", 0, 0, 0, 0);
    return MAILBOX_OK;
}

static int flush(void) {
    int status = volume_start_flush();
    return status == MAILBOX_OK ? wait() : status;
}

uint8_t *volume_staging(void) {
    return (uint8_t *)volume.header + (SNAPSHOT_SLOTS + 1) * SNAPSHOT_BLOCK_BYTES;
}

static bool make_memory(void) {
    if (!volume.header) {
        uint8_t *frame = memory_frames_alloc(1);
        volume.prps = frame ? memory_page_alloc() : NULL;
        volume.header = (struct snapshot_volume *)frame;
        volume.slot = (struct snapshot_header *)(frame + SNAPSHOT_BLOCK_BYTES);
    }
    return volume.prps != NULL;
}

static int write_fresh(void) {
    memset(volume.header, 0, (SNAPSHOT_SLOTS + 1) * SNAPSHOT_BLOCK_BYTES);
    int status = volume_transfer_long(true, 1, volume.slot, SNAPSHOT_SLOTS);
    volume.header->magic = SNAPSHOT_VOLUME_MAGIC;
    volume.header->version = SNAPSHOT_VERSION;
    volume.header->slots = SNAPSHOT_SLOTS;
    volume.header->blocks = volume.blocks;
    snapshot_volume_seal(volume.header);
    if (status == MAILBOX_OK)
        status = flush();
    if (status == MAILBOX_OK)
        status = volume_transfer(true, 0, volume.header, 1);
    return status == MAILBOX_OK ? flush() : status;
}

/* A header that does not hold is a snapshot that never came to its end. */
static void read_slots(void) {
    volume.last_id = 0;
    for (uint32_t i = 0; i < SNAPSHOT_SLOTS; i++) {
        if (snapshot_header_fault(&volume.slot[i], volume.blocks))
            volume.slot[i].id = 0;
        if (volume.slot[i].id > volume.last_id)
            volume.last_id = volume.slot[i].id;
    }
}

int volume_open(uint32_t number, bool format) {
    uint64_t lbas = 0;
    uint16_t error = 0;
    volume.open = false;
    volume.number = number;
    if (!make_memory())
        return refuse(MAILBOX_NO_MEMORY, "no memory for the volume's directory");
    int status = pf_io_open(number, &lbas, &error);
    if (status != MAILBOX_OK)
        return refuse(status, "volume %u cannot be attached to the PF (NVMe status 0x%x)", number, error);
    volume.blocks = lbas / SNAPSHOT_LBAS_PER_BLOCK;
    if (volume.blocks <= SNAPSHOT_FIRST_BLOCK)
        return refuse(MAILBOX_BAD_ARGUMENT, "volume %u has %lu bytes, too few for snapshots", number, lbas * 512);
    status = format ? write_fresh() : volume_transfer_long(false, 0, volume.header, SNAPSHOT_SLOTS + 1);
    if (status != MAILBOX_OK)
        return status;
    const char *fault = snapshot_volume_fault(volume.header, volume.blocks);
    if (fault)
        return refuse(MAILBOX_BAD_IMAGE, "volume %u %s", number, fault);
    read_slots();
    volume.open = true;
    return MAILBOX_OK;
}

const struct snapshot_header *volume_find(uint64_t id) {
    for (uint32_t i = 0; id && volume.open && i < SNAPSHOT_SLOTS; i++)
        if (volume.slot[i].id == id)
            return &volume.slot[i];
    return NULL;
}

void volume_for_each(void (*each)(const struct snapshot_header *h, void *context), void *context) {
    for (uint32_t i = 0; volume.open && i < SNAPSHOT_SLOTS; i++)
        if (volume.slot[i].id)
            each(&volume.slot[i], context);
}

uint64_t volume_next_id(void) {
    return volume.last_id + 1;
}

/* The first block at or behind @p from that no extent holds. */
static uint64_t behind_extents(uint64_t from) {
    for (uint32_t i = 0; i < SNAPSHOT_SLOTS;) {
        const struct snapshot_header *h = &volume.slot[i];
        bool holds = h->id && from >= h->first_block && from - h->first_block < h->block_count;
        from = holds ? h->first_block + h->block_count : from;
        i = holds ? 0 : i + 1;
    }
    return from;
}

static uint64_t next_extent(uint64_t from) {
    uint64_t next = volume.blocks;
    for (uint32_t i = 0; i < SNAPSHOT_SLOTS; i++)
        if (volume.slot[i].id && volume.slot[i].first_block >= from && volume.slot[i].first_block < next)
            next = volume.slot[i].first_block;
    return next;
}

static struct snapshot_header *free_slot(void) {
    for (uint32_t i = 0; i < SNAPSHOT_SLOTS; i++)
        if (!volume.slot[i].id)
            return &volume.slot[i];
    return NULL;
}

bool volume_room(uint64_t *first_block, uint64_t *blocks) {
    *blocks = 0;
    for (uint64_t at = behind_extents(SNAPSHOT_FIRST_BLOCK); at < volume.blocks;) {
        uint64_t end = next_extent(at);
        if (end - at > *blocks) {
            *first_block = at;
            *blocks = end - at;
        }
        at = behind_extents(end);
    }
    return *blocks && free_slot();
}

/* The directory's own memory is what is written: its content does not matter. */
static void submit_plain(uint32_t tag, uint64_t block) {
    uint64_t address = (uint64_t)volume.header;
    pf_io_submit(tag, NVME_WRITE, block * SNAPSHOT_LBAS_PER_BLOCK, MOST_BLOCKS * SNAPSHOT_LBAS_PER_BLOCK, address, (uint64_t)volume.prps);
}

int volume_write_plain(uint64_t bytes, uint64_t *ticks) {
    uint64_t first, room, commands = bytes / PF_IO_MAX_BYTES, started = 0, done = 0, start = csr_read(time);
    uint32_t tag, free_tags = (1u << PLAIN_IN_FLIGHT) - 1;
    uint16_t error;
    if (!volume.open || !volume_room(&first, &room) || room < MOST_BLOCKS)
        return refuse(MAILBOX_NO_MEMORY, "no free room on an open volume");
    for (uint32_t i = 1; i < MOST_BLOCKS; i++)
        volume.prps[i - 1] = (uint64_t)volume.header + i * (uint64_t)SNAPSHOT_BLOCK_BYTES;
    while (done < commands) {
        for (uint32_t next = 0; started < commands && next < PLAIN_IN_FLIGHT; next++)
            if (free_tags >> next & 1) {
                submit_plain(next, first + started++ % (room / MOST_BLOCKS) * MOST_BLOCKS);
                free_tags &= ~(1u << next);
            }
        if (!pf_io_poll(&tag, &error))
            continue;
        free_tags |= 1u << tag;
        if (error)
            return refuse(MAILBOX_DEVICE_ERROR, "volume %u: NVMe status 0x%x", volume.number, error);
        done++;
    }
    *ticks = csr_read(time) - start;
    return MAILBOX_OK;
}

static uint64_t block_of(const struct snapshot_header *slot) {
    return 1 + (uint64_t)(slot - volume.slot);
}

int volume_commit(const struct snapshot_header *h, uint64_t ticks) {
    struct snapshot_header *slot = free_slot();
    memcpy(slot, h, sizeof *slot);
    volume.patience = ticks < IO_TICKS ? ticks : IO_TICKS;
    int status = volume_transfer(true, block_of(slot), slot, 1);
    if (status == MAILBOX_OK)
        status = flush();
    volume.patience = 0;
    if (status == MAILBOX_OK)
        volume.last_id = h->id;
    else
        volume.open = false; /* whether it is there only the volume knows: it must be opened again */
    return status;
}

int volume_remove(uint64_t id) {
    for (uint32_t i = 0; i < SNAPSHOT_SLOTS; i++)
        if (volume.slot[i].id && volume.slot[i].parent == id)
            return refuse(MAILBOX_BAD_STATE, "snapshot %lu is the parent of snapshot %lu", id, volume.slot[i].id);
    struct snapshot_header *slot = (struct snapshot_header *)volume_find(id);
    if (!slot)
        return refuse(MAILBOX_BAD_ARGUMENT, "no snapshot %lu", id);
    memset(slot, 0, sizeof *slot);
    int status = volume_transfer(true, block_of(slot), slot, 1);
    if (status == MAILBOX_OK)
        status = flush();
    if (status != MAILBOX_OK)
        volume.open = false; /* whether it is there still only the volume knows: its room may be nobody else's before that is read again */
    return status;
}
