/* What came to a block's inputs in every step since its reset: enough to bring another backend of the block to the same state. A checkpoint of a
 * run on models restores into lockstep with it: the RTL takes the recorded steps.
 *
 * Records: u32 count of equal steps, u32 mask of the 8-byte words that differ from the record before, those words. They are gathered into chunks,
 * each of which is compressed (zstd, level 1). */
#ifndef ASSAY_SIM_KERNEL_PIN_JOURNAL_H
#define ASSAY_SIM_KERNEL_PIN_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

struct pin_journal;

/** @param in_bytes size of the inputs' image: a multiple of 8, at most 256. @return NULL if memory is short. */
struct pin_journal *pin_journal_create(size_t in_bytes);
void pin_journal_destroy(struct pin_journal *journal);

/** Adds one step with inputs @p in. */
void pin_journal_add(struct pin_journal *journal, const void *in);

/** Calls @p step with the inputs of every step, the oldest first. @return how many there were. */
uint64_t pin_journal_replay(struct pin_journal *journal, void (*step)(void *ctx, const void *in), void *ctx);

/** @return an image of @p size bytes for pin_journal_load(), owned by the caller. */
void *pin_journal_save(struct pin_journal *journal, size_t *size);

/** Replaces what was recorded. @return 0, or -1 if @p image is not of a journal with inputs of the same size; it is then as it was. */
int pin_journal_load(struct pin_journal *journal, const void *image, size_t size);

#endif
