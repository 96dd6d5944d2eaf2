/* One end of the PCIe link as a domain sees it: packets that arrived and wait, packets to be sent, and flow-control credits.
 *
 * A message is a packet, or (beats 0) the return of one credit. It arrives LINK latency after it was sent; who carries it
 * (sim/systemc) is not this file's business. Requests need a credit of the receiver, completions towards the NIC need none:
 * they are bounded by the reads that asked for them, and must never wait behind requests.
 */
#ifndef ASSAY_MODELS_BOARD_LINK_H
#define ASSAY_MODELS_BOARD_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "models/board/tlp.h"

enum { LINK_QUEUE = 512, LINK_CREDITS = 64 };

struct link_message {
	uint64_t cycle; /**< of arrival */
	struct tlp tlp; /**< beats 0: one credit returns */
};

/** Arrived or arriving messages in order of arrival. */
struct link_inbox {
	uint32_t head, count;
	struct link_message message[LINK_QUEUE];
};

/** How a domain sends: @p tlp leaves at @p cycle. */
struct link_sender {
	void (*send)(void *ctx, const struct tlp *tlp, uint64_t cycle);
	void *ctx;
};

/** Appends a message. Cycles must not fall. @return false if the inbox is full (a broken credit protocol). */
bool link_inbox_put(struct link_inbox *inbox, const struct tlp *tlp, uint64_t cycle);

/** @return the oldest message if it has arrived by @p cycle, else NULL. */
static inline const struct link_message *link_inbox_front(const struct link_inbox *inbox, uint64_t cycle)
{
	const struct link_message *front = &inbox->message[inbox->head];
	return inbox->count && front->cycle <= cycle ? front : (const struct link_message *)0;
}

static inline void link_inbox_pop(struct link_inbox *inbox)
{
	inbox->head = (inbox->head + 1) % LINK_QUEUE;
	inbox->count--;
}

/** @return the cycle of the oldest message, UINT64_MAX if there is none. */
static inline uint64_t link_inbox_next(const struct link_inbox *inbox)
{
	return inbox->count ? inbox->message[inbox->head].cycle : UINT64_MAX;
}

/** Sends the return of one credit. */
void link_return_credit(const struct link_sender *sender, uint64_t cycle);

#endif
