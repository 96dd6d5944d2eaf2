/* Writes a flattened device tree (Devicetree Specification v0.3, chapter 5). */
#include "hypervisor/lib/fdt_writer.h"

#include "hypervisor/lib/string.h"

#define HEADER_BYTES 40u
#define RESERVATION_BYTES 16u /* the terminator of an empty list */

static void put_be32_at(struct fdt_writer *w, uint32_t at, uint32_t value) {
    for (unsigned i = 0; i < 4; i++)
        w->out[at + i] = (uint8_t)(value >> (24 - 8 * i));
}

static void put_bytes(struct fdt_writer *w, const void *bytes, uint32_t count) {
    uint32_t padded = (count + 3) & ~3u;
    if (w->overflow || padded < count || padded > w->capacity - w->used) {
        w->overflow = true;
        return;
    }
    memset(w->out + w->used, 0, padded);
    memcpy(w->out + w->used, bytes, count);
    w->used += padded;
}

static void put_be32(struct fdt_writer *w, uint32_t value) {
    const uint8_t bytes[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
    put_bytes(w, bytes, 4);
}

static uint32_t string_offset(struct fdt_writer *w, const char *name) {
    uint32_t length = (uint32_t)strlen(name) + 1, at = 0;
    for (; at < w->strings_used; at += (uint32_t)strlen(w->strings + at) + 1)
        if (strcmp(w->strings + at, name) == 0)
            return at;
    if (length > FDT_WRITER_STRING_BYTES - at) {
        w->overflow = true;
        return 0;
    }
    memcpy(w->strings + at, name, length);
    w->strings_used += length;
    return at;
}

void fdt_writer_start(struct fdt_writer *w, void *out, uint32_t capacity) {
    w->out = out;
    w->capacity = capacity;
    w->strings_used = 0;
    w->overflow = capacity < HEADER_BYTES + RESERVATION_BYTES;
    w->used = HEADER_BYTES + RESERVATION_BYTES;
    if (!w->overflow)
        memset(out, 0, w->used);
}

void fdt_writer_begin(struct fdt_writer *w, const char *name) {
    put_be32(w, 1);
    put_bytes(w, name, (uint32_t)strlen(name) + 1);
}

void fdt_writer_end(struct fdt_writer *w) {
    put_be32(w, 2);
}

void fdt_writer_bytes(struct fdt_writer *w, const char *name, const void *value, uint32_t bytes) {
    put_be32(w, 3);
    put_be32(w, bytes);
    put_be32(w, string_offset(w, name));
    put_bytes(w, value, bytes);
}

void fdt_writer_text(struct fdt_writer *w, const char *name, const char *text) {
    fdt_writer_bytes(w, name, text, (uint32_t)strlen(text) + 1);
}

void fdt_writer_cells(struct fdt_writer *w, const char *name, uint32_t count, const uint32_t *cells) {
    put_be32(w, 3);
    put_be32(w, 4 * count);
    put_be32(w, string_offset(w, name));
    for (uint32_t i = 0; i < count; i++)
        put_be32(w, cells[i]);
}

void fdt_writer_cell(struct fdt_writer *w, const char *name, uint32_t value) {
    fdt_writer_cells(w, name, 1, &value);
}

void fdt_writer_range(struct fdt_writer *w, const char *name, uint64_t address, uint64_t bytes) {
    const uint32_t cells[4] = {(uint32_t)(address >> 32), (uint32_t)address, (uint32_t)(bytes >> 32), (uint32_t)bytes};
    fdt_writer_cells(w, name, 4, cells);
}

uint32_t fdt_writer_finish(struct fdt_writer *w) {
    put_be32(w, 9);
    uint32_t structure = HEADER_BYTES + RESERVATION_BYTES, strings = w->used;
    put_bytes(w, w->strings, w->strings_used);
    if (w->overflow)
        return 0;
    const uint32_t header[10] = {0xd00dfeedu, w->used, structure, strings, HEADER_BYTES, 17, 16, 0,
                                 w->strings_used, strings - structure};
    for (uint32_t i = 0; i < 10; i++)
        put_be32_at(w, 4 * i, header[i]);
    return w->used;
}
