/* Which instructions of an image were executed, over one run or several: the base of line coverage without instrumentation. */
#ifndef ASSAY_SIM_TRACE_EXECUTED_H
#define ASSAY_SIM_TRACE_EXECUTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { EXECUTED_PATH_BYTES = 512 };

struct executed {
	char image[EXECUTED_PATH_BYTES]; /**< ELF file */
	uint32_t crc;			 /**< of that file: coverage of another build does not mix */
	uint64_t base, bytes;		 /**< from its first to behind its last executable byte */
	uint8_t *bits;			 /**< one for each halfword */
};

/** Nothing of @p image has been executed yet. @return 0, or -1 with one line in @p error. */
int executed_begin(struct executed *executed, const char *image, char *error, size_t error_size);

/** Notes the instruction at @p address if it lies in the image. */
static inline void executed_note(struct executed *executed, uint64_t address)
{
	uint64_t at = address - executed->base;
	if (at < executed->bytes)
		executed->bits[at >> 4] |= (uint8_t)(1u << (at >> 1 & 7));
}

/** @return whether the instruction at @p address was executed; @p executed is a struct executed (source_lines.h). */
bool executed_is(const void *executed, uint64_t address);

/** Writes @p path, together with what it holds already of the same image. @return 0, or -1 with one line in @p error; then the file is as before. */
int executed_save(const struct executed *executed, const char *path, char *error, size_t error_size);

/** Reads @p path; free with executed_end(). @return 0, or -1 with one line in @p error. */
int executed_load(struct executed *executed, const char *path, char *error, size_t error_size);

/** Adds what @p other says of the same image. @return 0, or -1 if it is another image. */
int executed_merge(struct executed *executed, const struct executed *other);

void executed_end(struct executed *executed);

#endif
