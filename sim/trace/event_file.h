/* Reads what event_log_write() wrote. */
#ifndef ASSAY_SIM_TRACE_EVENT_FILE_H
#define ASSAY_SIM_TRACE_EVENT_FILE_H

#include "sim/trace/event_log.h"

/** Appends the events of the file @p path to @p log.
 * @return 0, or -1 with one line in @p error that names file, line and cause: not readable, not an event log, an unknown event, memory. */
int event_file_read(struct event_log *log, const char *path, char *error, size_t error_size);

#endif
