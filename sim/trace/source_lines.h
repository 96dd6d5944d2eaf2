/* Coverage of source lines, from executed instructions and an image's line table (DWARF): no instrumentation. */
#ifndef ASSAY_SIM_TRACE_SOURCE_LINES_H
#define ASSAY_SIM_TRACE_SOURCE_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct source_line {
	char *file; /**< as the compiler was told */
	int line;
	int hit;
};

struct source_lines {
	struct source_line *line; /**< by file, then by number */
	size_t count, room;
};

/** What was executed. Code below  base was dropped by the linker. */
struct executed_code {
	uint64_t base;
	const void *context;
	bool (*is_executed)(const void *context, uint64_t address);
};

/** Fills @p lines with every line of @p image that has code under a path with the directory @p part in it.
 * @return 0, or -1 with one line in @p error: no such file, no line table. */
int source_lines_read(struct source_lines *lines, const char *image, const char *part, const struct executed_code *code, char *error, size_t error_size);
void source_lines_free(struct source_lines *lines);

/** Address of a symbol of the image. @return 0, or -1 if there is none. */
int source_symbol(const char *image, const char *name, uint64_t *address);

#endif
