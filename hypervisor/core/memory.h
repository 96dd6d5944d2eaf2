/*
 * Host memory: three pools of fixed units, laid out once at boot over the RAM behind the hypervisor's image.
 *   pages   4 KiB    tables, device queues, virtual devices' pages
 *   roots   16 KiB   G-stage root tables
 *   frames  2 MiB    guests' memory, in contiguous runs
 */
#ifndef HYPERVISOR_CORE_MEMORY_H
#define HYPERVISOR_CORE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

#define PAGE_BYTES 4096ull
#define FRAME_BYTES 0x200000ull
#define ROOT_BYTES 16384ull

/** Lays out the pools in the RAM that /memory names, below every reserved region that lies above the hypervisor's image. */
bool memory_setup(const struct fdt *fdt);
/** A zeroed page, or NULL. */
void *memory_page_alloc(void);
void memory_page_free(void *page);
/** A zeroed G-stage root table, or NULL. */
void *memory_root_alloc(void);
void memory_root_free(void *root);
/** @p count contiguous zeroed frames, or NULL. */
void *memory_frames_alloc(uint32_t count);
void memory_frames_free(void *frames, uint32_t count);
/** Somebody beside the owner uses frames: they are free when the owner has freed them and they are returned. */
void memory_frames_lend(const void *frames, uint32_t count);
void memory_frames_return(const void *frames, uint32_t count);
/** The first address behind RAM. */
uint64_t memory_ram_base(void);
uint64_t memory_ram_end(void);
/** Bytes of frames that are free. */
uint64_t memory_free_bytes(void);

#endif
