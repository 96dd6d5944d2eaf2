/* The firmware's NVMe/TCP initiator, built for the host: one NIC without its processor, SEE and port.
 *
 * Tests drive it by frames and cycles. Everything of the firmware and its lwIP is hidden in this object: only initiator_*
 * are visible, so that a program may also hold the fabric's lwIP. One a process; it cannot be stopped.
 */
#ifndef ASSAY_TESTBENCH_INTEROP_INITIATOR_H
#define ASSAY_TESTBENCH_INTEROP_INITIATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { INITIATOR_TAGS = 64 };

struct initiator_ops {
	/** A frame leaves the NIC now. */
	void (*send)(void *ctx, const uint8_t *frame, size_t length);
	/** A request is over. @param status NVMe status field. */
	void (*done)(void *ctx, unsigned tag, uint16_t status);
	/** A line of the firmware's log. */
	void (*log)(void *ctx, const char *line);
	void *ctx;
};

struct initiator_request {
	uint8_t opcode;
	uint64_t block;
	uint32_t blocks;
	/** blocks * 512 bytes, valid until done; NULL for commands without data. */
	uint8_t *data;
};

/** Starts to connect. @param configuration text as of the configuration flash. @return 0, or -1 with the cause logged. */
int initiator_start(const char *configuration, const struct initiator_ops *ops, uint64_t cycle);

/** @return whether the storage is connected; *blocks receives its size once it has been. */
bool initiator_ready(unsigned storage, uint64_t *blocks);

/** Sends a read, write, flush, compare or write zeroes to namespace 1 of a storage. @param tag 0 to 63, not in use. */
void initiator_submit(unsigned storage, unsigned tag, const struct initiator_request *request);

/** A frame has come in. */
void initiator_receive(const uint8_t *frame, size_t length, uint64_t cycle);

/** Sends what has been submitted, runs timers. @return the cycle at which it wants to be called again. */
uint64_t initiator_run(uint64_t cycle);

#endif
