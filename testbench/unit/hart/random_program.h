/* Random programs of every kind on the test board, and the comparison of how two boards ended. */
#ifndef ASSAY_TESTBENCH_UNIT_HART_RANDOM_PROGRAM_H
#define ASSAY_TESTBENCH_UNIT_HART_RANDOM_PROGRAM_H

#include "testbench/unit/hart/board.h"

enum { RANDOM_PROGRAM_LIMIT = 20000000, RANDOM_PROGRAM_RAM = 8 << 20 };

/** Names of the kinds, ended by NULL. */
extern const char *const random_program_kinds[];

/** A board with a program of kind number @p kind that depends on @p seed only. */
struct board *random_program_board(unsigned kind, uint64_t seed);

/** Fails the running test unless registers, CSRs, memory and console are the same; what counts time is left out. */
void random_program_expect_same(struct board *a, struct board *b, const char *what, unsigned kind);

/** For each kind: runs one board fast, the other one by @p run, and compares. */
void random_program_each_kind(const char *what, void (*run)(struct board *b, uint64_t seed));

#endif
