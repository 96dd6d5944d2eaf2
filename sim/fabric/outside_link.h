/* A link to the world outside the simulation: a virtual machine's network card, or a recording of one.
 *
 * Virtual machine: the raw Ethernet framing of QEMU's `-netdev stream` and `-netdev socket`: each frame is preceded by its
 * length as a 32-bit big-endian number; no FCS. We connect to QEMU's socket (server=on) and connect again when it goes away.
 *
 * Outside, time is the wall clock; inside, it is cycles. The link is polled every OUTSIDE_POLL_CYCLES, and a simulation that
 * is ahead of the wall clock waits in the poll (a real nanosecond for a simulated one), so that an idle board does not run
 * through its time-outs while the machine outside has had no time to answer. What comes in is recorded with its cycle; a
 * replay of the recording gives the same run again, without the machine and without waiting.
 */
#ifndef ASSAY_SIM_FABRIC_OUTSIDE_LINK_H
#define ASSAY_SIM_FABRIC_OUTSIDE_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OUTSIDE_POLL_CYCLES = 20000 };

struct outside_link;

struct outside_stats {
	uint64_t sent;
	uint64_t received;
	/** Frames that could not be sent: not connected, or more than 4 MiB waited. */
	uint64_t dropped;
	uint64_t connects;
};

/**
 * Opens a link.
 * @param where "qemu:unix:PATH" or "replay:FILE".
 * @param record_path file that receives what comes in; NULL: none.
 * @param message receives one line with the cause of a failure.
 * @return NULL: unknown kind, no such socket, no such recording or not one, recording cannot be written.
 */
struct outside_link *outside_open(const char *where, const char *record_path, char *message, size_t message_size);

/** Closes it. NULL is allowed. @return 0, or -1 if the recording could not be written completely. */
int outside_close(struct outside_link *link);

/** Brings the recording to its file. @return 0 or -1. */
int outside_flush(struct outside_link *link);

/**
 * In a fork of the process: a live link goes on from its recording, at the first frame that it has not brought yet, and no longer sends.
 * @return 0, or -1: the link is live and has no recording that can be read.
 */
int outside_become_replay(struct outside_link *link);

/** Sends a frame; never waits. */
void outside_send(struct outside_link *link, const uint8_t *frame, size_t length);

/** @return the cycle at which the link wants outside_poll(); UINT64_MAX: never again. */
uint64_t outside_next(const struct outside_link *link);

/** Lets the wall clock catch up with @p cycle if need be and takes in what has come. */
void outside_poll(struct outside_link *link, uint64_t cycle);

/**
 * Takes a frame that the last outside_poll() has brought, padded to 60 bytes.
 * @param frame room for FABRIC_FRAME_MAX bytes.
 * @return its length, 0 if there is none.
 */
size_t outside_receive(struct outside_link *link, uint8_t *frame);

struct outside_stats outside_get_stats(const struct outside_link *link);

#endif
