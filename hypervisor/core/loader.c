/* Guest images: RV64 ELF executables (System V ABI, chapter 4) and raw images. Nothing in the image is trusted. */
#include "hypervisor/core/vm.h"
#include "hypervisor/lib/string.h"

#define ELF_CLASS_64 2
#define ELF_LITTLE_ENDIAN 1
#define ELF_MACHINE_RISCV 243
#define SEGMENT_LOAD 1u
#define MOST_SEGMENTS 64u

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments_offset, sections_offset;
    uint32_t flags;
    uint16_t header_bytes, segment_bytes, segments, section_bytes, sections, names;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, virtual_address, physical_address, file_bytes, memory_bytes, align;
};

_Static_assert(sizeof(struct elf_header) == 64, "ELF64 header");
_Static_assert(sizeof(struct elf_segment) == 56, "ELF64 program header");

static int load_segment(const struct vm *vm, const uint8_t *image, uint64_t bytes, const struct elf_segment *s) {
    if (s->type != SEGMENT_LOAD || !s->memory_bytes)
        return MAILBOX_OK;
    if (s->offset > bytes || s->file_bytes > bytes - s->offset || s->file_bytes > s->memory_bytes)
        return MAILBOX_BAD_IMAGE;
    uint8_t *to = vm_memory(vm, GPA(s->physical_address), s->memory_bytes);
    if (!to)
        return MAILBOX_BAD_IMAGE;
    memcpy(to, image + s->offset, s->file_bytes);
    return MAILBOX_OK;
}

static int load_elf(const struct vm *vm, const uint8_t *image, uint64_t bytes, uint64_t *entry) {
    struct elf_header h;
    memcpy(&h, image, sizeof h);
    if (h.ident[4] != ELF_CLASS_64 || h.ident[5] != ELF_LITTLE_ENDIAN || h.machine != ELF_MACHINE_RISCV ||
        h.segment_bytes != sizeof(struct elf_segment) || h.segments > MOST_SEGMENTS)
        return MAILBOX_BAD_IMAGE;
    uint64_t table_bytes = (uint64_t)h.segments * sizeof(struct elf_segment);
    if (h.segments_offset > bytes || table_bytes > bytes - h.segments_offset || !vm_memory(vm, GPA(h.entry), 2))
        return MAILBOX_BAD_IMAGE;
    for (unsigned i = 0; i < h.segments; i++) {
        struct elf_segment s;
        memcpy(&s, image + h.segments_offset + i * sizeof s, sizeof s);
        int status = load_segment(vm, image, bytes, &s);
        if (status != MAILBOX_OK)
            return status;
    }
    *entry = h.entry;
    return MAILBOX_OK;
}

static int load_raw(const struct vm *vm, const uint8_t *image, uint64_t bytes, uint64_t *entry) {
    gpa_t at = GPA(VM_RAM_BASE + VM_IMAGE_OFFSET);
    void *to = vm_memory(vm, at, bytes);
    if (!to || !bytes)
        return MAILBOX_BAD_IMAGE;
    memcpy(to, image, bytes);
    *entry = at.value;
    return MAILBOX_OK;
}

int vm_load_image(const struct vm *vm, const uint8_t *image, uint64_t bytes, uint64_t *entry) {
    if (bytes >= sizeof(struct elf_header) && memcmp(image, "\177ELF", 4) == 0)
        return load_elf(vm, image, bytes, entry);
    return load_raw(vm, image, bytes, entry);
}

/* The header of a Linux Image for RISC-V (Documentation/riscv/boot-image-header.rst in the kernel's sources). */
#define LINUX_SIZE_OFFSET 16u
#define LINUX_MAGIC_OFFSET 56u
#define LINUX_HEADER_BYTES 64u

uint64_t vm_image_bytes(const uint8_t *image, uint64_t bytes) {
    uint64_t size;
    if (bytes < LINUX_HEADER_BYTES || memcmp(image + LINUX_MAGIC_OFFSET, "RSC\x05", 4) != 0)
        return bytes;
    memcpy(&size, image + LINUX_SIZE_OFFSET, sizeof size);
    return size > bytes ? size : bytes;
}

int vm_load_initrd(struct vm *vm, const uint8_t *initrd, uint64_t bytes, uint64_t image_bytes) {
    const uint64_t limit = vm->memory_bytes - VM_TREE_BYTES;
    if (bytes > limit)
        return MAILBOX_BAD_IMAGE;
    uint64_t start = (limit - bytes) & ~0xfffull;
    if (image_bytes > limit || VM_IMAGE_OFFSET + image_bytes > start)
        return MAILBOX_BAD_IMAGE;
    memcpy(vm->memory + start, initrd, bytes);
    vm->initrd = VM_RAM_BASE + start;
    vm->initrd_bytes = bytes;
    return MAILBOX_OK;
}
