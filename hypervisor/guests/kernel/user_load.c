/* Programs: files of a cpio archive, static ELF executables. The archive comes from outside, so nothing in it is believed. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/user.h"
#include "hypervisor/lib/string.h"

#define MACHINE_AARCH64 183u
#define MACHINE_RISCV 243u
#define TYPE_EXECUTABLE 2u
#define SEGMENT_LOAD 1u
#define SEGMENT_X 1u
#define SEGMENT_W 2u
#define SEGMENTS_MAX 16u
#define AUX_PAGE_BYTES 6u

struct elf_head {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, segments_at, sections_at;
    uint32_t flags;
    uint16_t bytes, segment_bytes, segments;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, physical, file_bytes, memory_bytes, align;
};

/* Eight hexadecimal digits. */
static uint64_t cpio_number(const uint8_t *text) {
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t c = text[i] | 0x20;
        value = value << 4 | (uint64_t)(c >= 'a' ? c - 'a' + 10 : c - '0');
    }
    return value;
}

bool user_next_file(const uint8_t **at, const uint8_t *end, const char **name, const uint8_t **data, uint64_t *bytes) {
    enum { HEAD_BYTES = 110, FILE_BYTES_AT = 54, NAME_BYTES_AT = 94 };
    const uint8_t *head = *at;
    if (end - head < HEAD_BYTES || memcmp(head, "070701", 6) != 0)
        return false;
    uint64_t name_bytes = cpio_number(head + NAME_BYTES_AT), left = (uint64_t)(end - head);
    *bytes = cpio_number(head + FILE_BYTES_AT);
    uint64_t data_at = (HEAD_BYTES + name_bytes + 3) & ~3ull;
    if (!name_bytes || data_at > left || *bytes > left - data_at || head[HEAD_BYTES + name_bytes - 1])
        return false;
    *name = (const char *)head + HEAD_BYTES;
    *data = head + data_at;
    uint64_t next = (data_at + *bytes + 3) & ~3ull;
    *at = next > left ? end : head + next;
    return strcmp(*name, "TRAILER!!!") != 0;
}

static const char *load_segment(struct process *p, const struct elf_segment *s, const uint8_t *image, uint64_t bytes) {
    if (s->offset > bytes || s->file_bytes > bytes - s->offset || s->file_bytes > s->memory_bytes)
        return "a segment lies outside the file";
    if (!user_map(p, s->address, s->memory_bytes, true, s->flags & SEGMENT_X))
        return "a segment does not fit into memory";
    user_copy_out(p, s->address, image + s->offset, s->file_bytes);
    uint64_t end = s->address + s->memory_bytes;
    if (end > p->brk)
        p->brk = p->brk_start = (end + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    return NULL;
}

/* argc, argv, envp, the auxiliary vector, as the ABI wants them at the stack pointer. */
static bool make_stack(struct process *p) {
    uint64_t name_at = USER_STACK_TOP - PROCESS_NAME_BYTES, sp = name_at - 64;
    const uint64_t words[8] = {1, name_at, 0, 0, AUX_PAGE_BYTES, PAGE_BYTES, 0, 0};
    if (!user_map(p, USER_STACK_TOP - USER_STACK_PAGES * PAGE_BYTES, USER_STACK_PAGES * PAGE_BYTES, true, false))
        return false;
    sp &= ~15ull;
    user_copy_out(p, name_at, p->name, sizeof p->name);
    user_copy_out(p, sp, words, sizeof words);
    if (p->isa == USER_A64)
        p->sp = sp;
    else
        p->frame.x[2] = sp;
    return true;
}

const char *user_load(struct process *p, const char *name, const uint8_t *image, uint64_t bytes) {
    struct elf_head head;
    memset(p, 0, sizeof *p);
    string_copy(p->name, name, sizeof p->name);
    if (bytes < sizeof head)
        return "not an ELF file";
    memcpy(&head, image, sizeof head);
    if (memcmp(head.ident, "\177ELF\2\1", 6) != 0 || head.type != TYPE_EXECUTABLE || head.segment_bytes != sizeof(struct elf_segment))
        return "not a static 64-bit ELF program";
    if (head.machine != MACHINE_AARCH64 && head.machine != MACHINE_RISCV)
        return "of another machine";
    if (head.segments > SEGMENTS_MAX || head.segments_at > bytes || bytes - head.segments_at < head.segments * sizeof(struct elf_segment))
        return "its segments are malformed";
    p->isa = head.machine == MACHINE_AARCH64 ? USER_A64 : USER_RV64;
    p->frame.pc = head.entry;
    p->map_next = USER_MAP_BASE;
    if (!user_space_create(p))
        return "no memory";
    for (unsigned i = 0; i < head.segments; i++) {
        struct elf_segment s;
        memcpy(&s, image + head.segments_at + i * sizeof s, sizeof s);
        const char *wrong = s.type == SEGMENT_LOAD ? load_segment(p, &s, image, bytes) : NULL;
        if (wrong)
            return wrong;
    }
    return make_stack(p) ? NULL : "no memory";
}
