/* The typed event log: what blocks and software report, with cycle and id. Latencies, the report and the timeline are views of it.
 * Appending changes nothing that a run computes. */
#ifndef ASSAY_SIM_TRACE_EVENT_LOG_H
#define ASSAY_SIM_TRACE_EVENT_LOG_H

#include <stdint.h>
#include <stdio.h>

enum event_source { EVENT_SEE, EVENT_BAU, EVENT_HART, EVENT_SOFTWARE, EVENT_LINK, EVENT_SOURCES };

enum { EVENT_CODES = 32 /**< codes of a source are below */ };

struct event {
	uint64_t cycle;
	uint8_t source;	   /**< enum event_source */
	uint8_t code;	   /**< SEE_EVENT_*, BAU_EVENT_*, EVENT_HART_*, enum event_software (hypervisor/events_wire.h), EVENT_LINK_* */
	uint16_t function; /**< SEE: function; BAU: requester id; hart: its index; software: beside its codes; link: 0 */
	uint32_t id;	   /**< command or message, see rtl/<block>/README.md */
	uint64_t value;
};

enum { EVENT_HART_GUEST_INTERRUPT = 1 /**< first instruction of a guest's external-interrupt handler; value: its address */ };

/* Ethernet frames of the NIC; id: number in its direction from 1; value: bytes. Cycle: of the last bit at the NIC. */
enum { EVENT_LINK_FRAME_SENT = 1, EVENT_LINK_FRAME_ARRIVES = 2 };

struct event_log {
	struct event *events; /**< in the order of their domains' time; not sorted across domains */
	size_t count, capacity;
	uint64_t seen[EVENT_SOURCES][EVENT_CODES]; /**< how many of each */
};

/** Appends @p event. @return 0, or -1 if memory is short. */
int event_log_add(struct event_log *log, const struct event *event);
void event_log_free(struct event_log *log);

/** @return how many events of the name  name (see event_name()) were added, or -1 if there is no such name. */
int64_t event_log_count(const struct event_log *log, const char *name);

/** Finds the source and code of the event of that name. @return 0, or -1 if there is none. */
int event_by_name(const char *name, struct event *event);

/** @return the name of an event, e.g. "see.fetched"; never NULL. */
const char *event_name(const struct event *event);

/** Sorts by cycle, then source, code and id. */
void event_log_sort(struct event_log *log);

/** Sorts and writes one line an event: cycle, name, function, id, value, tab-separated with a header.
 * @return 0, or -1 if @p path cannot be written. */
int event_log_write(struct event_log *log, const char *path);

#endif
