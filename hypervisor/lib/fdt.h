/*
 * Reads a flattened device tree (Devicetree Specification v0.3, chapter 5). Nothing in the blob is trusted: every access is bounded.
 * A node is the offset of its FDT_BEGIN_NODE token in the structure block; FDT_NONE is no node.
 */
#ifndef HYPERVISOR_LIB_FDT_H
#define HYPERVISOR_LIB_FDT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FDT_NONE (-1)

struct fdt {
    const uint8_t *structure;
    uint32_t structure_bytes;
    const char *strings;
    uint32_t strings_bytes;
    uint32_t total_bytes;
};

/** Opens the blob. @return false when it is not a device tree or its blocks exceed its size */
bool fdt_open(struct fdt *fdt, const void *blob);
/** The first node after @p after (FDT_NONE: from the start) whose `compatible` list holds @p compatible. */
int fdt_find_compatible(const struct fdt *fdt, int after, const char *compatible);
/** The node at the absolute path, unit addresses included; "/" is the root. */
int fdt_find_path(const struct fdt *fdt, const char *path);
/** The property's bytes (big-endian cells) and their number, or NULL. */
const void *fdt_property(const struct fdt *fdt, int node, const char *name, uint32_t *bytes);
/** The property as terminated text, or NULL. */
const char *fdt_text(const struct fdt *fdt, int node, const char *name);
/** Cell @p index of the property. @return false when there is none */
bool fdt_cell(const struct fdt *fdt, int node, const char *name, unsigned index, uint32_t *value);
/** Entry @p index of `reg`, taking two address and two size cells, as QEMU `virt` has everywhere. */
bool fdt_reg(const struct fdt *fdt, int node, unsigned index, uint64_t *address, uint64_t *bytes);
/** The first child, or the next sibling; FDT_NONE at the end. */
int fdt_first_child(const struct fdt *fdt, int node);
int fdt_next_sibling(const struct fdt *fdt, int node);
const char *fdt_name(const struct fdt *fdt, int node);

#endif
