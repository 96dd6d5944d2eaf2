/* Follows commands and messages through the event log: one call for each that reached its end, with the cycles of its stages.
 * Latencies and the timeline are views of it. */
#ifndef ASSAY_SIM_TRACE_FOLLOW_H
#define ASSAY_SIM_TRACE_FOLLOW_H

#include "sim/trace/event_log.h"

/** An NVMe command; cycles of its events. */
struct followed_command {
	uint32_t sequence;  /**< its number, from 1 */
	uint16_t function;
	uint32_t head;	    /**< SQE bits 31:0: opcode in 7:0, command id in 31:16 */
	uint32_t status;    /**< of its CQE */
	uint64_t fetched, descriptor, completion, cqe;
};

/** A message that was signalled to a hart and whose guest's handler has started; cycles of its events. */
struct followed_message {
	uint32_t number;      /**< the BAU's number of it */
	uint16_t requester;
	uint16_t target, hart;
	uint64_t sent, arrived, table, vector, signal, handler;
};

struct follow_ops {
	void *ctx;
	/** A CQE was written. NULL: not wanted. */
	void (*command)(void *ctx, const struct followed_command *command);
	/** The handler's first instruction executes. NULL: not wanted. */
	void (*message)(void *ctx, const struct followed_message *message);
	/** Every event, in order of cycles, before what it completes. NULL: not wanted. */
	void (*event)(void *ctx, const struct event *event);
};

/** Sorts @p log and follows it. @return 0, or -1 if memory is short. */
int follow_events(struct event_log *log, const struct follow_ops *ops);

#endif
