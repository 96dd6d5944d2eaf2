/* Reads a flattened device tree. */
#include "hypervisor/lib/fdt.h"

#include "hypervisor/lib/string.h"

#define FDT_MAGIC 0xd00dfeedu
#define FDT_MAX_BYTES 0x100000u

enum token { TOKEN_BEGIN = 1, TOKEN_END = 2, TOKEN_PROPERTY = 3, TOKEN_NOP = 4, TOKEN_LAST = 9 };

static uint32_t read_be32(const void *p) {
    const uint8_t *b = p;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

bool fdt_open(struct fdt *fdt, const void *blob) {
    const uint8_t *b = blob;
    if (!blob || read_be32(b) != FDT_MAGIC)
        return false;
    uint32_t total = read_be32(b + 4);
    uint32_t structure = read_be32(b + 8), strings = read_be32(b + 12);
    uint32_t strings_bytes = read_be32(b + 32), structure_bytes = read_be32(b + 36);
    if (total > FDT_MAX_BYTES || structure > total || structure_bytes > total - structure || strings > total ||
        strings_bytes > total - strings)
        return false;
    *fdt = (struct fdt){b + structure, structure_bytes, (const char *)b + strings, strings_bytes, total};
    return true;
}

static uint32_t token_at(const struct fdt *fdt, uint32_t at) {
    return at + 4 <= fdt->structure_bytes ? read_be32(fdt->structure + at) : TOKEN_LAST;
}

/* Where the token after the one at @p at begins. */
static uint32_t token_next(const struct fdt *fdt, uint32_t at) {
    uint32_t next = at + 4;
    switch (token_at(fdt, at)) {
    case TOKEN_BEGIN:
        while (next < fdt->structure_bytes && fdt->structure[next])
            next++;
        return (next + 4) & ~3u;
    case TOKEN_PROPERTY: {
        uint32_t bytes = next + 4 <= fdt->structure_bytes ? read_be32(fdt->structure + next) : fdt->structure_bytes;
        return bytes < fdt->structure_bytes ? (next + 8 + bytes + 3) & ~3u : fdt->structure_bytes;
    }
    case TOKEN_LAST: return fdt->structure_bytes;
    default: return next;
    }
}

const char *fdt_name(const struct fdt *fdt, int node) {
    return (const char *)fdt->structure + node + 4;
}

static int next_begin(const struct fdt *fdt, uint32_t at) {
    for (; token_at(fdt, at) != TOKEN_LAST; at = token_next(fdt, at))
        if (token_at(fdt, at) == TOKEN_BEGIN)
            return (int)at;
    return FDT_NONE;
}

int fdt_first_child(const struct fdt *fdt, int node) {
    uint32_t at = token_next(fdt, (uint32_t)node);
    while (token_at(fdt, at) == TOKEN_PROPERTY || token_at(fdt, at) == TOKEN_NOP)
        at = token_next(fdt, at);
    return token_at(fdt, at) == TOKEN_BEGIN ? (int)at : FDT_NONE;
}

/* The token that follows the node's FDT_END_NODE. */
static uint32_t node_end(const struct fdt *fdt, int node) {
    uint32_t at = (uint32_t)node;
    unsigned depth = 0;
    do {
        uint32_t token = token_at(fdt, at);
        if (token == TOKEN_LAST)
            return at;
        depth += token == TOKEN_BEGIN;
        depth -= token == TOKEN_END;
        at = token_next(fdt, at);
    } while (depth);
    return at;
}

int fdt_next_sibling(const struct fdt *fdt, int node) {
    uint32_t at = node_end(fdt, node);
    while (token_at(fdt, at) == TOKEN_NOP)
        at += 4;
    return token_at(fdt, at) == TOKEN_BEGIN ? (int)at : FDT_NONE;
}

const void *fdt_property(const struct fdt *fdt, int node, const char *name, uint32_t *bytes) {
    if (node < 0)
        return NULL;
    uint32_t at = token_next(fdt, (uint32_t)node);
    for (; token_at(fdt, at) == TOKEN_PROPERTY || token_at(fdt, at) == TOKEN_NOP; at = token_next(fdt, at)) {
        if (token_at(fdt, at) == TOKEN_NOP || at + 12 > fdt->structure_bytes)
            continue;
        uint32_t length = read_be32(fdt->structure + at + 4), string = read_be32(fdt->structure + at + 8);
        if (string >= fdt->strings_bytes || length > fdt->structure_bytes - at - 12)
            continue;
        if (strncmp(fdt->strings + string, name, fdt->strings_bytes - string) != 0)
            continue;
        *bytes = length;
        return fdt->structure + at + 12;
    }
    return NULL;
}

const char *fdt_text(const struct fdt *fdt, int node, const char *name) {
    uint32_t bytes = 0;
    const char *text = fdt_property(fdt, node, name, &bytes);
    return text && bytes && text[bytes - 1] == 0 ? text : NULL;
}

bool fdt_cell(const struct fdt *fdt, int node, const char *name, unsigned index, uint32_t *value) {
    uint32_t bytes = 0;
    const uint8_t *cells = fdt_property(fdt, node, name, &bytes);
    if (!cells || bytes < 4 || index > bytes / 4 - 1)
        return false;
    *value = read_be32(cells + 4 * index);
    return true;
}

bool fdt_reg(const struct fdt *fdt, int node, unsigned index, uint64_t *address, uint64_t *bytes) {
    uint32_t cell[4];
    for (unsigned i = 0; i < 4; i++)
        if (!fdt_cell(fdt, node, "reg", index * 4 + i, &cell[i]))
            return false;
    *address = (uint64_t)cell[0] << 32 | cell[1];
    *bytes = (uint64_t)cell[2] << 32 | cell[3];
    return true;
}

static bool compatible_with(const struct fdt *fdt, int node, const char *compatible) {
    uint32_t bytes = 0;
    const char *list = fdt_property(fdt, node, "compatible", &bytes);
    size_t length = strlen(compatible) + 1;
    if (!list || !bytes || list[bytes - 1])
        return false;
    for (uint32_t at = 0; at < bytes; at += (uint32_t)strlen(list + at) + 1)
        if (bytes - at >= length && strcmp(list + at, compatible) == 0)
            return true;
    return false;
}

int fdt_find_compatible(const struct fdt *fdt, int after, const char *compatible) {
    int node = next_begin(fdt, after < 0 ? 0 : token_next(fdt, (uint32_t)after));
    while (node != FDT_NONE && !compatible_with(fdt, node, compatible))
        node = next_begin(fdt, token_next(fdt, (uint32_t)node));
    return node;
}

int fdt_find_path(const struct fdt *fdt, const char *path) {
    int node = next_begin(fdt, 0);
    while (node != FDT_NONE && *path == '/' && path[1]) {
        size_t length = 0;
        path++;
        while (path[length] && path[length] != '/')
            length++;
        node = fdt_first_child(fdt, node);
        while (node != FDT_NONE && (strncmp(fdt_name(fdt, node), path, length) != 0 || fdt_name(fdt, node)[length]))
            node = fdt_next_sibling(fdt, node);
        path += length;
    }
    return node;
}
