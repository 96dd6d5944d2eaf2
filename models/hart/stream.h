/* Timed mode with a front end outside of the hart: who calls these gives the hart its native ops, one a cycle.
 *
 *     if (hart_stream_attend(core)) {                         // no interrupt taken, not asleep
 *         if (hart_stream_refetch(core)) ...what was forwarded is void: hart_stream_fetch() and ask the front end anew...
 *         hart_stream_step(core, op, at);
 *     }
 *     hart_state(core)->cycles++;
 *
 * Memory that the front end reads through hart_stream_read() is tracked by 64-byte lines: the next store to such a line,
 * by whomever, calls `stored` (hart_stream_watch) after the bytes have changed, and the line is not tracked any more.
 */
#ifndef ASSAY_MODELS_HART_STREAM_H
#define ASSAY_MODELS_HART_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/hart/hart.h"

enum { HART_LINE_BYTES = 64 };

/** Where the front end has to fetch. */
struct hart_fetch {
	uint64_t pa;
	uint64_t next_pa;	/**< of the second half, after hart_stream_fetch_next() */
	bool single;		/**< the translation holds for this instruction only */
};

/** What a stream keeps in the hart beside struct hart: a checkpoint needs it. */
struct hart_stream_state {
	uint64_t page;
	uint16_t insn[2];
	uint8_t split, refetch;
};

/** How a step ended. */
enum hart_stream_result {
	HART_STREAM_DONE,	/**< the op was executed, or trapped */
	HART_STREAM_STALLED,	/**< offer the same op again */
};

/** Attends to interrupts, WFI, stops. @return whether an op may execute in this cycle. */
bool hart_stream_attend(struct hart_core *core);

/** @return whether privilege, translation or pc changed other than by the ops executed, since the last call. */
bool hart_stream_refetch(struct hart_core *core);

/** Translates pc for fetching; discards the executed part of an instruction, which starts anew.
 * @param trap false: only if the translation does not fail; true: take the trap if it does
 * @return 0; 1 if it would fail; -1 if a trap was taken. */
int hart_stream_fetch(struct hart_core *core, bool trap, struct hart_fetch *fetch);

/** Translates pc + 2, for an instruction whose second half lies in another page; as hart_stream_fetch(). */
int hart_stream_fetch_next(struct hart_core *core, bool trap, struct hart_fetch *fetch);

/** Executes one op of the instruction at halfword @p at of its page. Adds no cycle. */
enum hart_stream_result hart_stream_step(struct hart_core *core, uint64_t native, unsigned at);

/** The slow path: converts the instruction at pc in software and executes its next op. */
enum hart_stream_result hart_stream_slow(struct hart_core *core);

/** Takes the access fault of a fetch at pc. */
void hart_stream_fault(struct hart_core *core);

/** Reads 8 aligned bytes for fetching and tracks their line. @return 0, or -1 if there is no memory at @p pa. */
int hart_stream_read(struct hart_domain *domain, uint64_t pa, uint64_t *value);

/** @param stored called with the hart that stored (-1: a device) and the physical address of the line. */
void hart_stream_watch(struct hart_domain *domain, void (*stored)(void *ctx, int hart, uint64_t line), void *ctx);

/** Between two cycles. Restore after hart_state_changed(). */
void hart_stream_save(const struct hart_core *core, struct hart_stream_state *state);
void hart_stream_restore(struct hart_core *core, const struct hart_stream_state *state);

/** The tracked lines of a memory, a word for each page and a bit for each line; a checkpoint writes and reads them.
 * @return NULL if there is no memory number @p memory. */
uint64_t *hart_stream_lines(struct hart_domain *domain, unsigned memory, size_t *pages);

/** The words of hart_stream_lines() were written. */
void hart_stream_lines_changed(struct hart_domain *domain);

#endif
