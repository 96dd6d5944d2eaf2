/*
 * The snapshot volume: what lies where. Shared by the hypervisor and the native tool; hypervisor/snapshot/README.md explains it.
 *
 *   block 0                        struct snapshot_volume
 *   blocks 1..SNAPSHOT_SLOTS       one header each: a snapshot exists if and only if its header is valid
 *   from SNAPSHOT_FIRST_BLOCK on   extents, one a snapshot: page data, then index, then state
 *
 * A block has 4096 bytes. All words are little-endian. Sums: snapshot_sum(), over the whole structure with its sum word 0.
 * Freestanding; validated at the edge by format.c before anything else looks at it.
 */
#ifndef HYPERVISOR_SNAPSHOT_FORMAT_H
#define HYPERVISOR_SNAPSHOT_FORMAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNAPSHOT_BLOCK_BYTES 4096u
#define SNAPSHOT_LBAS_PER_BLOCK 8u
#define SNAPSHOT_SLOTS 63u
#define SNAPSHOT_FIRST_BLOCK 64u
#define SNAPSHOT_VOLUME_MAGIC 0x564e535341595341ull /* "ASYASSNV" */
#define SNAPSHOT_HEADER_MAGIC 0x484e535341595341ull /* "ASYASSNH" */
/* 1 had no floating-point registers, 2 no application registers, 3 no scounteren and senvcfg, 4 another sum, 5 a UART without FIFO; they are refused */
#define SNAPSHOT_VERSION 6u
#define SNAPSHOT_NAME_BYTES 32u
#define SNAPSHOT_UNIT_BYTES 8u /* places of pages count in these */
#define SNAPSHOT_MEMORY_MAX (1ull << 32)
#define SNAPSHOT_STATE_MAX 0x40000u
#define SNAPSHOT_CHAIN_MAX 32u /* ancestors of an incremental snapshot */

struct snapshot_volume {
    uint64_t magic;
    uint32_t version;
    uint32_t slots;
    uint64_t blocks; /* of the volume when it was formatted */
    uint64_t sum;
    uint8_t reserved[SNAPSHOT_BLOCK_BYTES - 32];
};

enum snapshot_flag { SNAPSHOT_INCREMENTAL = 1 };

struct snapshot_header {
    uint64_t magic;
    uint32_t version;
    uint32_t flags;
    uint64_t id;           /* counts up over the volume's life, never 0 */
    uint64_t parent;       /* id, 0: none */
    char name[SNAPSHOT_NAME_BYTES];
    char vm_name[SNAPSHOT_NAME_BYTES];
    uint64_t guest_time;   /* the guest's time CSR at the instant */
    uint64_t memory_bytes; /* multiple of 2 MiB */
    uint32_t vcpus;
    uint32_t has_device;   /* the VM had a VF */
    uint64_t first_block;  /* of the extent */
    uint64_t block_count;
    uint64_t data_bytes;   /* of page data, from the extent's start */
    uint64_t index_block;  /* absolute */
    uint64_t index_sum;    /* the index has memory_bytes / 4096 entries */
    uint64_t state_block;  /* absolute */
    uint64_t state_bytes;
    uint64_t state_sum;
    uint64_t content_sum;  /* of the pages' sums in order: names the memory's content */
    uint64_t pages_stored, pages_zero, pages_absent, pages_parent, pages_packed, pages_by_write, pages_by_device;
    uint64_t sum;
    uint8_t reserved[SNAPSHOT_BLOCK_BYTES - 256];
};

enum snapshot_page_kind {
    SNAPSHOT_PAGE_NONE = 0,   /* not written yet: never in a committed index */
    SNAPSHOT_PAGE_ZERO = 1,   /* all bytes 0; nothing stored */
    SNAPSHOT_PAGE_ABSENT = 2, /* the guest had given it back: reads as 0, no memory behind it */
    SNAPSHOT_PAGE_RAW = 3,
    SNAPSHOT_PAGE_PACKED = 4, /* an LZ4 block */
    SNAPSHOT_PAGE_PARENT = 5  /* as in the parent */
};

struct snapshot_index_entry {
    uint64_t sum;    /* of the page's 4096 bytes */
    uint32_t unit;   /* place: bytes / SNAPSHOT_UNIT_BYTES from the extent's start */
    uint16_t length; /* stored bytes */
    uint8_t kind;    /* enum snapshot_page_kind */
    uint8_t reserved;
};

/* The state: records, each padded to a multiple of 8 bytes. */
enum snapshot_record_kind {
    SNAPSHOT_RECORD_VM = 1,
    SNAPSHOT_RECORD_VCPU = 2,
    SNAPSHOT_RECORD_PLIC = 3,
    SNAPSHOT_RECORD_UART = 4,
    SNAPSHOT_RECORD_CONSOLE = 5,
    SNAPSHOT_RECORD_DEVICE = 6, /* the VF: configuration, MSI-X, signal vectors, the NVMe function */
    SNAPSHOT_RECORD_KINDS
};

struct snapshot_record {
    uint32_t kind;
    uint32_t index; /* of a vCPU */
    uint32_t bytes; /* of what follows, without padding */
    uint32_t version;
};

struct snapshot_vcpu {
    uint64_t x[32];
    uint64_t pc, hstatus, sstatus;
    uint64_t vsstatus, vsie, vstvec, vsscratch, vsepc, vscause, vstval, vsatp, hvip, vstimecmp, scounteren, senvcfg;
    uint64_t deadline;
    uint32_t state; /* enum vcpu_state */
    uint32_t ipi;
    uint64_t f[32]; /* floating-point registers; all 0 where the harts have none */
    uint64_t fcsr;
    uint64_t application[4]; /* ISA select, and stack pointer, flags and thread pointer of an application; all 0 where the harts have none */
};

struct snapshot_vm {
    uint64_t entry, dtb;
    char bootargs[1024];
};

#define SNAPSHOT_VECTORS 9u
#define SNAPSHOT_TARGETS 8u

struct snapshot_device {
    uint32_t bar;          /* as the guest wrote it: where BAR0 is */
    uint16_t command;      /* as the guest wrote it: memory space enable, interrupt disable */
    uint16_t path;         /* of its interrupts, enum mailbox_path */
    uint32_t master;       /* the VF's own command register */
    uint32_t msix_control; /* the dword of the capability */
    uint64_t table[SNAPSHOT_VECTORS][2];
    uint64_t pending; /* the MSI-X pending bits */
    uint64_t blocked[SNAPSHOT_TARGETS];    /* word 1 of each interrupt-table entry */
    uint64_t signals[SNAPSHOT_TARGETS][8]; /* signal vectors */
    uint8_t function[1024];               /* the NVMe function, firmware/nvme/function_state_wire.h */
};

_Static_assert(sizeof(struct snapshot_device) == 1768, "device layout");
_Static_assert(sizeof(struct snapshot_volume) == SNAPSHOT_BLOCK_BYTES, "volume header layout");
_Static_assert(sizeof(struct snapshot_header) == SNAPSHOT_BLOCK_BYTES, "snapshot header layout");
_Static_assert(offsetof(struct snapshot_header, sum) == 248, "snapshot header layout");
_Static_assert(sizeof(struct snapshot_index_entry) == 16, "index layout");
_Static_assert(sizeof(struct snapshot_record) == 16, "record layout");
_Static_assert(sizeof(struct snapshot_vcpu) == 688, "vCPU layout");
_Static_assert(sizeof(struct snapshot_vm) == 1040, "VM layout");

/** What is wrong with a structure; NULL: nothing. The text names it in a few words. */
const char *snapshot_volume_fault(const struct snapshot_volume *v, uint64_t volume_blocks);
const char *snapshot_header_fault(const struct snapshot_header *h, uint64_t volume_blocks);
/** True when the block holds nothing at all: a free slot, or a volume never used. */
bool snapshot_block_is_zero(const void *block);
/** Judges the whole index of @p h: kinds, places, lengths, and the sum. */
const char *snapshot_index_fault(const struct snapshot_header *h, const struct snapshot_index_entry *index);
/** Judges the records' framing and the sum. */
const char *snapshot_state_fault(const struct snapshot_header *h, const void *state);
/** Finds a record. @return its payload, or NULL unless it is there with exactly @p bytes (0: any) */
const void *snapshot_record_find(const void *state, uint64_t state_bytes, uint32_t kind, uint32_t index, uint32_t bytes, uint32_t *found_bytes);
/** Seals a structure: fills the sum. */
void snapshot_volume_seal(struct snapshot_volume *v);
void snapshot_header_seal(struct snapshot_header *h);
/** The sum over the pages' sums. */
uint64_t snapshot_content_sum(const struct snapshot_index_entry *index, uint64_t pages);

static inline uint64_t snapshot_pages(const struct snapshot_header *h) {
    return h->memory_bytes / SNAPSHOT_BLOCK_BYTES;
}

static inline uint64_t snapshot_blocks(uint64_t bytes) {
    return (bytes + SNAPSHOT_BLOCK_BYTES - 1) / SNAPSHOT_BLOCK_BYTES;
}

#endif
