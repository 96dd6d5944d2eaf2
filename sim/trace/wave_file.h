/* Reads FST wave files (GTKWave's fstapi as shipped with Verilator). */
#ifndef ASSAY_SIM_TRACE_WAVE_FILE_H
#define ASSAY_SIM_TRACE_WAVE_FILE_H

#include <stddef.h>
#include <stdint.h>

struct wave_signal {
	char *name; /**< dotted path, e.g. "lockstep.see.rtl.see_lockstep_top.u_see.irq_o" */
	uint32_t width_bits;
	uint32_t handle; /**< signals with the same handle are one signal under several names */
};

/** A value from a time on, until the next change. */
struct wave_change {
	uint64_t time;
	char *value; /**< width_bits characters of 0, 1, x, z; the most significant first */
};

/** The changes of one signal; the first one holds the value at the start of the window. */
struct wave_trace {
	const struct wave_signal *signal;
	struct wave_change *change;
	size_t count, capacity;
};

struct wave_file {
	void *reader;
	char *path;
	uint64_t start, end; /**< first and last time in the file, in cycles */
	struct wave_signal *signal; /**< in the file's order */
	size_t count, capacity;
};

/** Opens @p path. @return 0, or -1 with one line in @p error: not there, not an FST file, cut short, without signals. */
int wave_file_open(struct wave_file *file, const char *path, char *error, size_t error_size);
void wave_file_close(struct wave_file *file);

/** @return the signal whose name is @p name, or whose name ends in "." @p name if there is exactly one handle of that kind; else NULL. */
const struct wave_signal *wave_file_find(const struct wave_file *file, const char *name);

/** @return the last part of the signal's name. */
const char *wave_signal_leaf(const struct wave_signal *signal);

/** Reads the changes of @p count signals from time @p from to @p to (inclusive).
 * @param trace one for each of @p signals; freed by wave_trace_free()
 * @return 0, or -1 if memory is short. */
int wave_file_read(struct wave_file *file, const struct wave_signal *const *signals, size_t count, uint64_t from, uint64_t to, struct wave_trace *trace);
void wave_trace_free(struct wave_trace *trace);

/** @return the value at @p time, NULL before the first change. */
const char *wave_trace_at(const struct wave_trace *trace, uint64_t time);

/** Writes @p value (binary digits) as hexadecimal text: "0x1f", "0b1" for one bit as "1"; x and z make a digit x or z. */
void wave_value_text(const char *value, char *text, size_t size);

#endif
