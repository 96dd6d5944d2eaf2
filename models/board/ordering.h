/* A completion must not pass posted requests of the function that sends it (PCI Express Base 4.0, 2.4.1, table 2-40, D2a): a hart that has the answer of a
 * read finds in memory what the device wrote before it. The link keeps that order; here it is kept up to RAM. Posted requests (writes and messages) wait
 * for the BAU, which takes time for each; completions go straight to the harts, and are therefore held until
 *
 *   1. every posted request of the same function that arrived before has been given to the BAU, and
 *   2. the BAU has been idle since, or ORDERING_SETTLE_CYCLES have passed, in which it carries out all that it holds.
 *
 * Completions of other functions do not wait. What the BAU *holds* (rtl/bau/README.md, "Held writes") counts as carried out: the hypervisor may need a
 * read to decide about it. A full hold ring can stop the link; a completion then waits ORDERING_LIMIT_CYCLES at most, so that nothing waits for itself.
 */
#ifndef ASSAY_MODELS_BOARD_ORDERING_H
#define ASSAY_MODELS_BOARD_ORDERING_H

#include <stdbool.h>
#include <stdint.h>

#include "models/board/pcie_host.h"
#include "models/board/tlp.h"

/* The BAU has at most 8 requests inside, each of at most 400 cycles: a device-table entry and a walk that both miss, 34 words of payload. */
enum { ORDERING_FUNCTIONS = 256, ORDERING_SETTLE_CYCLES = 4096, ORDERING_LIMIT_CYCLES = 100000 };

struct ordering {
	uint64_t arrived, fed, settled; /**< posted requests so far */
	uint64_t fed_cycle;		/**< when the BAU took the last one */
	uint64_t last[ORDERING_FUNCTIONS]; /**< number of each function's latest */
	uint32_t waiting;		   /**< bit per tag */
	struct {
		uint64_t after; /**< the posted request that must be carried out first */
		uint64_t cycle; /**< of arrival */
		uint64_t taken; /**< when the BAU had taken `after`; 0: not yet */
		struct tlp tlp;
	} held[PCIE_HOST_HARTS];
	uint64_t overdue; /**< completions that went on by ORDERING_LIMIT_CYCLES */
};

/** @return whether a request is posted: a memory write or a message */
bool ordering_is_posted(const struct tlp *tlp);
/** A posted request has come over the link / the BAU has taken the next one whole. */
void ordering_arrive(struct ordering *o, const struct tlp *tlp);
void ordering_feed(struct ordering *o, uint64_t cycle);
/** The BAU shows that it is idle, and none of its requests is at its pins. */
void ordering_settle(struct ordering *o, uint64_t cycle);
/** @return whether the completion has to wait; it is kept then. */
bool ordering_hold(struct ordering *o, const struct tlp *tlp, uint64_t cycle);
/** @return a completion that may go on now, which is not kept any more, or NULL */
const struct tlp *ordering_next(struct ordering *o, uint64_t cycle);

#endif
