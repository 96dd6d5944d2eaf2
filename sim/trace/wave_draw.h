/* Draws signals of a wave file as a picture, SVG or PNG by the file's name (library cairo). */
#ifndef ASSAY_SIM_TRACE_WAVE_DRAW_H
#define ASSAY_SIM_TRACE_WAVE_DRAW_H

#include "sim/trace/wave_file.h"

/** A vertical mark with a label. */
struct wave_mark {
	uint64_t time;
	char label[64];
};

struct wave_picture {
	const struct wave_trace *trace;
	size_t traces;
	const struct wave_mark *mark;
	size_t marks;
	uint64_t from, to; /**< from < to */
	const char *title;
};

/** Writes @p picture to @p path, which ends in .svg or .png. @return 0, or -1 with one line in @p error. */
int wave_draw(const struct wave_picture *picture, const char *path, char *error, size_t error_size);

#endif
