/* What the suite needs of the board beside the device under test. */
#ifndef CONFORMANCE_PLATFORM_H
#define CONFORMANCE_PLATFORM_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

/** PLIC source of INTA of the PF, 00:01.0. */
#define INTA_SOURCE 33u

/** A signed firmware image of another revision than runs: what the board has as initial file system. */
extern const uint8_t *update_image;
extern uint32_t update_image_bytes;
void find_update_image(const struct fdt *fdt);

/** Every requester reaches all of RAM. */
void bypass_bau(const struct fdt *fdt, uint64_t ram_end);
void finish(bool passed) __attribute__((noreturn));
bool interrupt_pending(unsigned source);
void interrupt_take(unsigned source);

#endif
