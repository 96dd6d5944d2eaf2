/* An A64 application on the hart's test board, in U-mode, without a kernel: the host serves its system calls, so that the hart can be
 * compared with qemu-aarch64 in every mode of execution. */
#ifndef ASSAY_TESTBENCH_UNIT_A64_PROCESS_H
#define ASSAY_TESTBENCH_UNIT_A64_PROCESS_H

#include "testbench/unit/hart/board.h"

enum { PROCESS_OUTPUT_BYTES = 1 << 20, PROCESS_RAM_BYTES = 16 << 20 };

struct process {
	struct board *board;
	uint8_t *output;		/* what it wrote to file descriptors 1 and 2 */
	size_t output_bytes;
	uint64_t brk;
	bool exited;
	int status;			/* of exit() */
	uint64_t cause, epc, tval;	/* of the exception that ended it instead; cause is all ones if it has not */
};

/** @return 0, or -1 with a message on stderr if the file is no static A64 program that fits into RAM. */
int process_create(struct process *p, const char *path);
/** Runs it to its end. @return whether it ended within @p max_cycles. */
bool process_run(struct process *p, bool timed, uint64_t max_cycles, unsigned slice);
void process_destroy(struct process *p);

/** Lets hart 0 go on in U-mode with A64 code at @p pc; traps end in a loop in the boot ROM. */
void process_enter_user(struct board *b, uint64_t pc);

#endif
