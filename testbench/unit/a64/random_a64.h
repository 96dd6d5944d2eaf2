/* Random A64 programs as ELF files: they write all registers, the flags and their memory to standard output and exit. */
#ifndef ASSAY_TESTBENCH_UNIT_A64_RANDOM_A64_H
#define ASSAY_TESTBENCH_UNIT_A64_RANDOM_A64_H

#include <stdbool.h>
#include <stdint.h>

#include "models/convert/convert.h"

enum { RANDOM_A64_DATA_BYTES = 4096, RANDOM_A64_DATA_AT = 32 * 8 + 16, RANDOM_A64_OUTPUT_BYTES = RANDOM_A64_DATA_AT + RANDOM_A64_DATA_BYTES };
enum { RANDOM_A64_ROWS = 1024 };

/** Writes the program that depends on @p seed alone.
 * @param tables of A64
 * @param count about how many random instructions it has
 * @param used by row number: set where the program has that row
 * @return 0, or -1 if @p path cannot be written */
int random_a64_write(const struct convert_tables *tables, const char *path, uint64_t seed, unsigned count, uint8_t used[RANDOM_A64_ROWS]);

/** @return whether random programs leave out the row: system calls, breakpoints, what differs between processors. */
bool random_a64_leaves_out(const struct convert_tables *tables, unsigned row);

/** What the output holds at byte @p at, for messages. */
void random_a64_place(unsigned at, char *text, unsigned bytes);

#endif
