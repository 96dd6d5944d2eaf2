/* Log lines, each with the time it was written at: "[   0.001234] text". */
#ifndef ASSAY_FIRMWARE_CORE_LOG_H
#define ASSAY_FIRMWARE_CORE_LOG_H

/** Writes one line; longer ones than 200 characters are cut. */
void log_line(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes one line, leaves a crash dump and restarts the firmware: a broken invariant of the firmware itself. */
_Noreturn void log_panic(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Writes one line and stops the processor for good: what a restart would not mend. */
_Noreturn void log_stop(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What log.c writes to and ends with: the UART on the NIC, the test's stream on a host. */
void log_sink_write(const char *text);
_Noreturn void log_sink_stop(void);
_Noreturn void log_sink_crash(void);

#define CHECK(condition)                                                                           \
	do {                                                                                       \
		if (!(condition))                                                                  \
			log_panic("%s:%d: %s", __FILE__, __LINE__, #condition);                    \
	} while (0)

#endif
