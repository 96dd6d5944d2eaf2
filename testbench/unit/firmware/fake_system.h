/* The system controller for the firmware's unit tests: the model of the slot flash, timed by the tests' clock, and restarts that are noted. */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_SYSTEM_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_SYSTEM_H

#include <setjmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/nic/flash.h"

struct fake_system {
	struct flash flash;
	uint8_t contents[SYS_FLASH_BYTES] __attribute__((aligned(8)));
	unsigned booted_slot;
	bool good;
	uint64_t commands; /* that the flash has been given */
	jmp_buf *restart;  /* where a restart goes; NULL: it fails the test */
	unsigned restart_cause;
};

extern struct fake_system fake_system;

/** Both slots hold a small signed image of revision "1.0" and security version 1; slot 1 runs; there is no record. */
void fake_system_reset(void);

/** A signed image with a payload of @p payload_bytes bytes that depend on @p revision. @return its length, at most room of @p image. */
size_t fake_image(void *image, const char *revision, uint32_t security, uint32_t keep_layout, uint32_t payload_bytes);

#endif
