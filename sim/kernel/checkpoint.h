/* Checkpoints: the whole state of a board in a file, from which the same program goes on as if it had never stopped.
 *
 *     run 2N   equals   run N, checkpoint_save, (in this process or a new one) checkpoint_restore, run N
 *
 * A checkpoint belongs to the program that wrote it (the fabric's state holds addresses of its functions) and to a board of the same
 * configuration; both are checked. Each block keeps the state of the backends that it had, and, with config.record_pins, the inputs of every step since its
 * reset (pin_journal.h), by which any backend comes to its state: a checkpoint of models restores into lockstep, RTL or a run with waves. What the scenario itself remembers is the scenario's; the capture goes on in its file.
 * Not with links to the outside.
 *
 * File (little-endian): 64-byte header, then sections: 24-byte name, u64 size, u64 compressed size, u64 XXH3 of the bytes, zstd frame. A file is written
 * beside its place and renamed; it is checked whole before anything is restored.
 */
#ifndef ASSAY_SIM_KERNEL_CHECKPOINT_H
#define ASSAY_SIM_KERNEL_CHECKPOINT_H

#include "sim/kernel/board.h"

/** @return 0, or -1 with one line in @p error: not possible now, or @p path cannot be written (nothing is left behind). */
int checkpoint_save(struct board *board, const char *path, char *error, size_t error_size);

/** @return 0, or -1 with one line in @p error: not a checkpoint, damaged, of another program or board. The board is then as it was. */
int checkpoint_restore(struct board *board, const char *path, char *error, size_t error_size);

#endif
