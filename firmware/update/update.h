/* Updates of the firmware: an image that a host has downloaded goes into a slot of the flash, and the boot record says what starts next.
 *
 * Nothing that is started next is ever the only good image while it is written: a slot is replaced only if the other one is good, and the boot
 * record is written into the sector that does not hold. So whenever power fails, the boot ROM finds an image.
 * The work is done in steps from the main loop, one flash command after the other; I/O goes on. Judging a signature is one step of 3.6 ms.
 */
#ifndef ASSAY_FIRMWARE_UPDATE_UPDATE_H
#define ASSAY_FIRMWARE_UPDATE_UPDATE_H

#include "firmware/boot/image.h"

/** What came of a request. */
enum update_result {
	UPDATE_DONE,
	UPDATE_BAD_IMAGE,   /* none, with holes, or one that the boot ROM would not start */
	UPDATE_BAD_SLOT,    /* it holds what would be started next, and the other slot has nothing good */
	UPDATE_TOO_OLD,     /* its security version is below what has run already */
	UPDATE_NEEDS_RESET, /* it cannot take over at once: UPDATE_DONE otherwise */
	UPDATE_FLASH_FAILED,
};

/** Reads the boot record. Call it once. */
void update_init(void);

/** Takes @p bytes bytes of a download at @p offset, multiples of 4. @return 0, -1: outside of what a slot holds, -2: overlaps what is there */
int update_download(uint32_t offset, const uint8_t *data, uint32_t bytes);

/** Forgets what has been downloaded. */
void update_forget(void);

struct update_request {
	unsigned slot;	/* 1, 2, or 0: the one that does not run */
	bool replace;	/* with what has been downloaded */
	bool activate;	/* at the next restart */
	bool at_once;	/* it must be able to take over without a reset of the controllers */
};

/** Begins; @p done is called from here or from update_run() when it is over. Only when not update_busy(). */
void update_begin(const struct update_request *request, void (*done)(enum update_result result));
bool update_busy(void);

/** @return whether to call again soon. */
bool update_run(void);

/** @return whether the next restart starts another image than runs now. */
bool update_pending(void);

/** The slot that runs / that will be started next. */
unsigned update_active_slot(void);
unsigned update_next_slot(void);

/** The revision in a slot, IMAGE_REVISION_BYTES characters; blanks if there is none. @param slot 0: of the image that runs */
const char *update_revision(unsigned slot);

/** The image has shown that it works: its security version is the least from now on, and the boot ROM counts anew. */
void update_confirm(void);

#endif
