/* The extensions of the harts: a list of names, each with its NUL. */
#include "hypervisor/arch/isa.h"

#include "hypervisor/lib/string.h"

/* QEMU 10 names 46 extensions in 340 bytes. */
#define NAMES_BYTES 1024u
#define ISA_PREFIX "rv64"

struct names {
    char text[NAMES_BYTES];
    uint32_t bytes;
};

static struct names common;
static bool is_known;
static uint32_t cbom_block_bytes, cboz_block_bytes;
static char mmu_type[16] = "riscv,sv39";

static void add_name(struct names *n, const char *name, uint32_t length) {
    if (n->bytes + length + 1 > sizeof n->text)
        return;
    memcpy(n->text + n->bytes, name, length);
    n->text[n->bytes + length] = 0;
    n->bytes += length + 1;
}

static bool has_name(const struct names *n, const char *name) {
    for (uint32_t at = 0; at < n->bytes; at += (uint32_t)strlen(n->text + at) + 1)
        if (strcmp(n->text + at, name) == 0)
            return true;
    return false;
}

static void add_list(struct names *n, const char *list, uint32_t bytes) {
    for (uint32_t from = 0, at = 0; at < bytes; at++)
        if (!list[at]) {
            add_name(n, list + from, at - from);
            from = at + 1;
        }
}

/* "rv64", single letters, then names with an underscore before each. */
static void add_string(struct names *n, const char *isa) {
    const char *p = isa + strlen(ISA_PREFIX);
    for (; *p && *p != '_'; p++)
        add_name(n, p, 1);
    while (*p == '_') {
        uint32_t length = 0;
        p++;
        while (p[length] && p[length] != '_')
            length++;
        add_name(n, p, length);
        p += length;
    }
}

static bool read_names(const struct fdt *fdt, int node, struct names *n) {
    uint32_t bytes = 0;
    const char *list = fdt_property(fdt, node, "riscv,isa-extensions", &bytes), *isa = fdt_text(fdt, node, "riscv,isa");
    n->bytes = 0;
    if (list)
        add_list(n, list, bytes);
    else if (isa && strncmp(isa, ISA_PREFIX, strlen(ISA_PREFIX)) == 0)
        add_string(n, isa);
    return n->bytes != 0;
}

static void keep_common(const struct names *other) {
    static struct names kept;
    kept.bytes = 0;
    for (uint32_t at = 0; at < common.bytes; at += (uint32_t)strlen(common.text + at) + 1)
        if (has_name(other, common.text + at))
            add_name(&kept, common.text + at, (uint32_t)strlen(common.text + at));
    common = kept;
}

bool isa_add_hart(const struct fdt *fdt, int node) {
    static struct names names;
    const char *mmu = fdt_text(fdt, node, "mmu-type");
    if (!read_names(fdt, node, &names))
        return false;
    if (is_known)
        keep_common(&names);
    else
        common = names;
    is_known = true;
    fdt_cell(fdt, node, "riscv,cbom-block-size", 0, &cbom_block_bytes);
    fdt_cell(fdt, node, "riscv,cboz-block-size", 0, &cboz_block_bytes);
    if (mmu)
        string_copy(mmu_type, mmu, sizeof mmu_type);
    return true;
}

bool isa_has(const char *extension) {
    return has_name(&common, extension);
}

uint32_t isa_cbom_block_bytes(void) {
    return cbom_block_bytes;
}

uint32_t isa_cboz_block_bytes(void) {
    return cboz_block_bytes;
}

const char *isa_mmu_type(void) {
    return mmu_type;
}
