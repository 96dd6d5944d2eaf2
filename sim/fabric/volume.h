/* The file behind a target's namespace. */
#ifndef ASSAY_SIM_FABRIC_VOLUME_H
#define ASSAY_SIM_FABRIC_VOLUME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VOLUME_BLOCK_MIN = 512, VOLUME_BLOCK_MAX = 4096 };

struct volume {
	int file;
	bool read_only;
	/** The whole volume in memory if it is held (volume_hold()), else NULL. */
	uint8_t *held;
	/** Writes no longer reach the file. */
	bool detached;
	/** Bytes of a logical block; a power of two. */
	uint32_t block_bytes;
	/** Bytes that the namespace has; whole blocks. */
	uint64_t bytes;
};

/**
 * Opens the file of a volume, of which block_bytes has been set. Nothing is created or changed.
 * @param bytes what the volume shall have; 0: as much as the file has (its tail beyond the last whole block is not used).
 * @param message receives one line that names the file and the cause of a failure.
 * @return 0, or -1: missing, not a plain file, not accessible as wished, shorter than @p bytes or than one block.
 */
int volume_open(struct volume *volume, const char *path, uint64_t bytes, bool read_only, char *message, size_t message_size);

/** Reads whole ranges. @return 0, or -1 if the file failed or got shorter. */
int volume_read(const struct volume *volume, uint64_t offset, void *bytes, size_t length);

/** Writes whole ranges; never beyond the volume's end. @return 0 or -1. */
int volume_write(const struct volume *volume, uint64_t offset, const void *bytes, size_t length);

/**
 * Keeps a copy of the volume in memory: reads come from it, writes go to it and to the file.
 * @return 0, or -1 if it cannot be read or memory is short.
 */
int volume_hold(struct volume *volume);

/** From now on a held volume leaves its file alone: the writes of this process are seen by itself only. */
void volume_detach(struct volume *volume);

/** Takes the file's present size after it was resized from outside. @return 0, or -1 if the file is gone or shorter than a block. */
int volume_resize(struct volume *volume);

void volume_close(struct volume *volume);

#endif
