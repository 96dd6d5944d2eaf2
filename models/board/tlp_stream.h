/* Whole packets to and from the beat streams of a block's ports.
 *
 * A feeder drives a block's sink: it holds one packet and shows its beats. A collector drives the ready of a block's source and
 * gathers beats into a packet. Both are stepped once a cycle with what was at the pins in that cycle and give the pins of the next.
 */
#ifndef ASSAY_MODELS_BOARD_TLP_STREAM_H
#define ASSAY_MODELS_BOARD_TLP_STREAM_H

#include <string.h>

#include "models/board/tlp.h"

struct tlp_feeder {
	bool busy;
	uint32_t next; /**< beat at the pins */
	struct tlp tlp;
};

/** Takes @p tlp to feed; only while not busy. Its first beat is at the pins in the next cycle. */
static inline void tlp_feeder_load(struct tlp_feeder *feeder, const struct tlp *tlp)
{
	feeder->busy = true;
	feeder->next = 0;
	feeder->tlp.beats = tlp->beats;
	memcpy(feeder->tlp.beat, tlp->beat, tlp->beats * sizeof tlp->beat[0]);
}

/** @param transferred valid and ready were both 1 in this cycle. @return whether the packet's last beat was just taken. */
static inline bool tlp_feeder_step(struct tlp_feeder *feeder, bool transferred)
{
	if (!transferred)
		return false;
	feeder->next++;
	feeder->busy = feeder->next < feeder->tlp.beats;
	return !feeder->busy;
}

struct tlp_collector {
	struct tlp tlp;
	uint64_t malformed; /**< packets dropped: longer than any legal packet, or a sop in the middle */
};

/** Adds the beat that was transferred in this cycle. @return whether collector->tlp is now a whole packet. */
static inline bool tlp_collector_step(struct tlp_collector *collector, bool sop, bool eop, uint64_t data)
{
	struct tlp *tlp = &collector->tlp;
	if (sop) {
		if (tlp->beats)
			collector->malformed++;
		tlp->beats = 0;
	} else if (tlp->beats == 0) {
		collector->malformed += eop;
		return false;
	}
	if (tlp->beats == TLP_MAX_BEATS) {
		collector->malformed++;
		tlp->beats = 0;
		return false;
	}
	tlp->beat[tlp->beats++] = data;
	return eop;
}

/** The packet has been passed on. */
static inline void tlp_collector_clear(struct tlp_collector *collector)
{
	collector->tlp.beats = 0;
}

#endif
