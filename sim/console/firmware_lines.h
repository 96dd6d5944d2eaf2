/* Coverage of the firmware's source lines, from executed instructions and the image's line table (DWARF). */
#ifndef ASSAY_SIM_CONSOLE_FIRMWARE_LINES_H
#define ASSAY_SIM_CONSOLE_FIRMWARE_LINES_H

#include <stddef.h>
#include <stdint.h>

#include "sim/kernel/firmware_probe.h"

struct source_line {
	char *file; /**< as the compiler was told */
	int line;
	int hit;
};

struct source_lines {
	struct source_line *line; /**< by file, then by number */
	size_t count, room;
};

/** Fills @p lines with every line of @p image that has code under a path with @p part in it.
 * @return 0, or -1 with one line in @p error: no such file, no line table. */
int firmware_lines_read(struct source_lines *lines, const char *image, const char *part, const struct firmware_probe *probe, char *error, size_t error_size);
void firmware_lines_free(struct source_lines *lines);

/** Address of a symbol of the image. @return 0, or -1 if there is none. */
int firmware_symbol(const char *image, const char *name, uint64_t *address);

#endif
