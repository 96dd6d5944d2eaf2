/* The event log as a trace for Perfetto (ui.perfetto.dev) and Chrome's chrome://tracing: JSON of the Trace Event Format (Google, 2016).
 *
 * Processes: "functions" (a span for each NVMe command with its stages), "interrupts" (a span for each directed interrupt with its stages),
 * "harts" (what vCPU runs, guest interrupts), "VMs" (tasks, pages, pauses, guest processes), "port" (frames).
 * One cycle is one nanosecond. */
#ifndef ASSAY_SIM_TRACE_TIMELINE_H
#define ASSAY_SIM_TRACE_TIMELINE_H

#include <stdio.h>

#include "sim/trace/event_log.h"

/** Sorts @p log and writes it to @p file. @return 0, or -1 if memory is short; write errors are left in ferror(). */
int timeline_write(struct event_log *log, FILE *file);

#endif
