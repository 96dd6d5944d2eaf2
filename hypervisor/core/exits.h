/* Why a guest left, and who answers. */
#ifndef HYPERVISOR_CORE_EXITS_H
#define HYPERVISOR_CORE_EXITS_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/vcpu.h"

/**
 * Handles the trap that the hart's registers describe, right after the guest was left.
 * @return true when the guest may go on at once: whatever else waits for this hart is an interrupt, and ends the next run before it begins
 */
bool exit_dispatch(struct vcpu *v);

/** What a load or store instruction asks for. */
struct mmio_access {
    uint64_t address;     /* guest-physical */
    uint64_t value;       /* to be written */
    uint8_t width;        /* 1, 2, 4, 8 bytes */
    uint8_t length;       /* of the instruction */
    uint8_t destination;  /* register of a load */
    bool is_write;
    bool is_signed;
};

/** Decodes a 16- or 32-bit load or store. @return false for any other instruction */
bool mmio_decode(const struct vcpu *v, uint32_t instruction, struct mmio_access *access);
/** Answers a guest page fault on a device's range. @return false when no device is there or the instruction is none that we emulate */
bool mmio_emulate(struct vcpu *v, uint64_t address, uint64_t transformed);

#endif
