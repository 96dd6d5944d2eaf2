/* Emulated accesses to devices: decode the guest's load or store, ask the device, finish the instruction. */
#include "hypervisor/core/exits.h"

#include "hypervisor/core/vm.h"

int guest_fetch(uint64_t address, uint32_t *instruction);

#define OPCODE_LOAD 0x03u
#define OPCODE_STORE 0x23u

static uint32_t bits(uint32_t word, unsigned high, unsigned low) {
    return (word >> low) & ((1u << (high - low + 1)) - 1u);
}

static bool decode_32(const struct vcpu *v, uint32_t i, struct mmio_access *a) {
    uint32_t opcode = bits(i, 6, 0), kind = bits(i, 14, 12);
    a->width = (uint8_t)(1u << (kind & 3));
    a->is_signed = kind < 4;
    a->destination = (uint8_t)bits(i, 11, 7);
    a->is_write = opcode == OPCODE_STORE;
    a->value = v->x[bits(i, 24, 20)];
    a->length = 4;
    return (opcode == OPCODE_LOAD && kind < 7) || (opcode == OPCODE_STORE && kind < 4);
}

/* C.LW, C.LD, C.SW, C.SD and their forms relative to sp (RV64C). */
static bool decode_16(const struct vcpu *v, uint32_t i, struct mmio_access *a) {
    uint32_t quadrant = bits(i, 1, 0), kind = bits(i, 15, 13);
    a->width = (kind & 1) ? 8 : 4;
    a->is_signed = true;
    a->is_write = kind >= 6;
    a->length = 2;
    if (quadrant == 0) {
        a->destination = (uint8_t)(8 + bits(i, 4, 2));
        a->value = v->x[a->destination];
    } else if (quadrant == 2) {
        a->destination = (uint8_t)bits(i, 11, 7);
        a->value = v->x[bits(i, 6, 2)];
    } else {
        return false;
    }
    return kind == 2 || kind == 3 || kind == 6 || kind == 7;
}

bool mmio_decode(const struct vcpu *v, uint32_t instruction, struct mmio_access *access) {
    return (instruction & 3) == 3 ? decode_32(v, instruction, access) : decode_16(v, instruction, access);
}

static const struct vm_device *find_device(const struct vm *vm, uint64_t address, unsigned width) {
    for (uint32_t i = 0; i < vm->device_count; i++) {
        const struct vm_device *d = &vm->devices[i];
        if (address >= d->base && address - d->base < d->bytes && width <= d->bytes - (address - d->base))
            return d;
    }
    return 0;
}

static uint64_t extend(uint64_t value, unsigned width, bool is_signed) {
    unsigned shift = 64 - 8 * width;
    return is_signed ? (uint64_t)((int64_t)(value << shift) >> shift) : (value << shift) >> shift;
}

static void perform(struct vcpu *v, const struct vm_device *d, const struct mmio_access *a) {
    uint64_t offset = a->address - d->base;
    if (a->is_write) {
        d->write(v->vm, v, offset, a->width, extend(a->value, a->width, false));
    } else {
        uint64_t value = extend(d->read(v->vm, v, offset, a->width), a->width, a->is_signed);
        if (a->destination)
            v->x[a->destination] = value;
    }
    v->pc += a->length;
}

/*
 * htinst gives a transformed instruction when bit 0 is set: standard loads and stores in their 32-bit form, bit 1 clear when the
 * original was compressed. Zero, or a pseudo-instruction of a page-table walk (which no device answers): read the original.
 */
bool mmio_emulate(struct vcpu *v, uint64_t address, uint64_t transformed) {
    struct mmio_access access;
    uint32_t instruction = (uint32_t)transformed;
    uint8_t length = 0;
    if (instruction & 1) {
        length = (instruction & 2) ? 4 : 2;
        instruction |= 2;
    } else if (instruction || guest_fetch(v->pc, &instruction)) {
        return false;
    }
    if (!mmio_decode(v, instruction, &access))
        return false;
    if (length)
        access.length = length;
    access.address = address;
    const struct vm_device *d = find_device(v->vm, address, access.width);
    if (!d || (address & (access.width - 1u)))
        return false;
    perform(v, d, &access);
    return true;
}
