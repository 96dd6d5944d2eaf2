/*
 * The second stage of translation, guest-physical to host-physical: Sv39x4 with leaves of 4 KiB and 2 MiB (RISC-V privileged
 * architecture, hypervisor extension, "Two-Stage Address Translation"). The same tables serve the harts (hgatp) and the BAU's IOMMU.
 */
#ifndef HYPERVISOR_CORE_GSTAGE_H
#define HYPERVISOR_CORE_GSTAGE_H

#include <stdbool.h>
#include <stdint.h>

/* Guest-physical and host-physical addresses do not mix. */
typedef struct {
    uint64_t value;
} gpa_t;

typedef uint64_t hpa_t;

#define GPA(address) ((gpa_t){address})

enum gstage_access { GSTAGE_READ = 2, GSTAGE_WRITE = 4, GSTAGE_EXECUTE = 8 };
#define GSTAGE_RAM (GSTAGE_READ | GSTAGE_WRITE | GSTAGE_EXECUTE)
#define GSTAGE_DEVICE (GSTAGE_READ | GSTAGE_WRITE)

struct gstage {
    uint64_t *root; /* 2048 entries */
};

/** @return false when no memory is left */
bool gstage_create(struct gstage *g);
/** Frees all tables; no hart and no device may use them any more. */
void gstage_destroy(struct gstage *g);
/**
 * Maps a range, with 2 MiB leaves where both addresses and the length allow.
 * @param bytes multiple of 4 KiB, as both addresses
 * @param access OR of enum gstage_access
 * @return false when no memory is left or a part is mapped already; the caller then destroys the tables
 */
bool gstage_map(struct gstage *g, gpa_t guest, hpa_t host, uint64_t bytes, unsigned access);
/** Replaces or removes (access 0) the 4 KiB leaf at @p guest; the caller fences. @return false when no memory is left */
bool gstage_set_page(struct gstage *g, gpa_t guest, hpa_t host, unsigned access);
/** Translates. @return false when not mapped */
bool gstage_lookup(const struct gstage *g, gpa_t guest, hpa_t *host);
/** The leaf that maps @p guest, and its level (0: 4 KiB, 1: 2 MiB). @return NULL when there is none */
uint64_t *gstage_leaf(const struct gstage *g, gpa_t guest, int *level);
/** The table of the 512 leaves of 4 KiB over @p guest, or NULL where there is a 2 MiB leaf or nothing. */
uint64_t *gstage_table(const struct gstage *g, gpa_t guest);
/** What a leaf allows, and another access for it; the caller fences if it is less than before. */
unsigned gstage_leaf_access(uint64_t entry);
void gstage_leaf_allow(uint64_t *entry, unsigned access);
/** Makes 4 KiB leaves of the 2 MiB leaf over @p guest, with the same access. @return false when no memory is left or there is none */
bool gstage_split(struct gstage *g, gpa_t guest);
/**
 * Maps the 2 MiB at @p guest by one leaf instead of what is there.
 * @return the table that was there, to be freed by memory_page_free() after a shootdown, or NULL
 */
void *gstage_replace_large(struct gstage *g, gpa_t guest, hpa_t host, unsigned access);
/** The value of hgatp for the tables. */
uint64_t gstage_hgatp(const struct gstage *g, uint32_t vmid);
/** Forgets translations of @p vmid on every hart. */
void gstage_shootdown(uint32_t vmid);
/** Forgets this hart's translation of the page at @p guest of @p vmid. */
void gstage_forget(gpa_t guest, uint32_t vmid);

#endif
