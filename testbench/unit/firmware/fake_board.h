/* What surrounds the firmware in its unit tests: a clock that tests advance, and an Ethernet link that is a mirror.
 *
 * The mirror swaps the IPv4 addresses of every frame and hands it back, so that the firmware's one lwIP plays both ends:
 * a connection from the NIC (10.0.0.2) to 10.0.0.10 arrives at a listener on 10.0.0.2 as one from 10.0.0.10.
 */
#ifndef ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_BOARD_H
#define ASSAY_TESTBENCH_UNIT_FIRMWARE_FAKE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

struct fake_link {
	uint32_t lose_of_1000; /* frames that vanish */
	bool cut;              /* all do */
	uint64_t random;
	uint64_t carried, lost;
};

extern struct fake_link fake_link;

void fake_clock_set(uint64_t ticks);

/** Delivers the frames that were under way when it was called. */
void fake_link_deliver(void);

/** @return whether frames are under way. */
bool fake_link_pending(void);

/** The lines logged since the last call, for tests that look for one. */
const char *fake_log(void);

#endif
