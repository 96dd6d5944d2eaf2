/* What the parts of the device tree are written with. libfdt's sequential writer keeps its own error state in the blob; the first error is
 * remembered here and reported once. */
#ifndef ASSAY_MODELS_BOARD_DEVICE_TREE_WRITER_H
#define ASSAY_MODELS_BOARD_DEVICE_TREE_WRITER_H

#include <stddef.h>
#include <stdint.h>

#include "models/board/device_tree.h"

struct writer {
	void *blob;
	int error;
};

/* A hart's node is PHANDLE_CPU, its interrupt controller PHANDLE_INTC plus its number. */
enum { PHANDLE_PLIC = 0x20, PHANDLE_TEST = 0x21, PHANDLE_INTC = 0x30, PHANDLE_CPU = 0x40, PHANDLE_DOMAIN = 0x50, PHANDLE_REGION = 0x60 };

void tree_note(struct writer *w, int error);
void tree_begin(struct writer *w, const char *name);
void tree_begin_at(struct writer *w, const char *name, uint64_t address);
void tree_end(struct writer *w);
void tree_put_cells(struct writer *w, const char *name, const uint32_t *cells, size_t count);
void tree_put_u32(struct writer *w, const char *name, uint32_t value);
void tree_put_u64(struct writer *w, const char *name, uint64_t value);
void tree_put_string(struct writer *w, const char *name, const char *value);
void tree_put_flag(struct writer *w, const char *name);

/** The node that tells OpenSBI of its domains, one a partition (device_tree_domains.c). */
void tree_domains(struct writer *w, const struct device_tree_config *config);

#endif
