/* Writes a flattened device tree, front to back: begin node, its properties, its children, end node. */
#ifndef HYPERVISOR_LIB_FDT_WRITER_H
#define HYPERVISOR_LIB_FDT_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FDT_WRITER_STRING_BYTES 1024

struct fdt_writer {
    uint8_t *out;
    uint32_t capacity;
    uint32_t used;
    uint32_t strings_used;
    bool overflow;
    char strings[FDT_WRITER_STRING_BYTES];
};

/** Starts a tree in @p out (8-byte aligned, @p capacity bytes). */
void fdt_writer_start(struct fdt_writer *w, void *out, uint32_t capacity);
void fdt_writer_begin(struct fdt_writer *w, const char *name);
void fdt_writer_end(struct fdt_writer *w);
void fdt_writer_bytes(struct fdt_writer *w, const char *name, const void *value, uint32_t bytes);
void fdt_writer_text(struct fdt_writer *w, const char *name, const char *text);
/** A property of @p count 32-bit cells; fdt_writer_cells(w, "x", 2, (uint32_t[]){1, 2}). */
void fdt_writer_cells(struct fdt_writer *w, const char *name, uint32_t count, const uint32_t *cells);
void fdt_writer_cell(struct fdt_writer *w, const char *name, uint32_t value);
/** `reg` or the like: address and size of two cells each. */
void fdt_writer_range(struct fdt_writer *w, const char *name, uint64_t address, uint64_t bytes);
/** Closes the tree. @return its size in bytes, 0 when it did not fit */
uint32_t fdt_writer_finish(struct fdt_writer *w);

#endif
