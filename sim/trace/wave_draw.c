#include "sim/trace/wave_draw.h"

#include <cairo-svg.h>
#include <cairo.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Layout in points. */
enum { NAME_WIDTH = 260, WAVE_WIDTH = 1100, ROW = 26, HIGH = 16, TOP = 56, BOTTOM = 30, MARK_ROW = 13, TICKS = 10 };

static double x_of(const struct wave_picture *picture, uint64_t time)
{
	double span = (double)(picture->to - picture->from);
	return NAME_WIDTH + WAVE_WIDTH * ((double)(time - picture->from) / span);
}

static double height_of(const struct wave_picture *picture)
{
	return TOP + (double)picture->marks * MARK_ROW + (double)picture->traces * ROW + BOTTOM;
}

static void text(cairo_t *cairo, double x, double y, const char *string)
{
	cairo_move_to(cairo, x, y);
	cairo_show_text(cairo, string);
}

static void draw_axis(cairo_t *cairo, const struct wave_picture *picture)
{
	char label[32];
	double bottom = height_of(picture) - BOTTOM;

	cairo_set_line_width(cairo, 0.5);
	for (unsigned i = 0; i <= TICKS; i++) {
		uint64_t time = picture->from + (picture->to - picture->from) * i / TICKS;
		cairo_set_source_rgb(cairo, 0.88, 0.88, 0.88);
		cairo_move_to(cairo, x_of(picture, time), TOP);
		cairo_line_to(cairo, x_of(picture, time), bottom);
		cairo_stroke(cairo);
		cairo_set_source_rgb(cairo, 0.35, 0.35, 0.35);
		snprintf(label, sizeof label, "%llu", (unsigned long long)time);
		text(cairo, x_of(picture, time) - 20, TOP - 8, label);
	}
}

static void draw_bit(cairo_t *cairo, const struct wave_picture *picture, const struct wave_trace *trace, double y)
{
	double level = y;
	cairo_set_source_rgb(cairo, 0.0, 0.35, 0.65);
	cairo_set_line_width(cairo, 1.2);
	for (size_t i = 0; i < trace->count; i++) {
		double next = trace->change[i].value[0] == '1' ? y - HIGH : trace->change[i].value[0] == '0' ? y : y - HIGH / 2.0;
		double x = x_of(picture, trace->change[i].time);
		if (i == 0)
			cairo_move_to(cairo, x, next);
		else
			cairo_line_to(cairo, x, level);
		cairo_line_to(cairo, x, next);
		level = next;
	}
	if (trace->count)
		cairo_line_to(cairo, x_of(picture, picture->to), level);
	cairo_stroke(cairo);
}

static void draw_value(cairo_t *cairo, const struct wave_trace *trace, size_t i, double left, double right, double y)
{
	char label[80];
	cairo_text_extents_t extents;

	cairo_set_source_rgb(cairo, 0.2, 0.5, 0.3);
	cairo_set_line_width(cairo, 1.0);
	cairo_rectangle(cairo, left, y - HIGH, right - left, HIGH);
	cairo_stroke(cairo);
	wave_value_text(trace->change[i].value, label, sizeof label);
	cairo_text_extents(cairo, label, &extents);
	if (extents.width + 6 > right - left)
		return;
	cairo_set_source_rgb(cairo, 0.1, 0.1, 0.1);
	text(cairo, left + 3, y - 4, label);
}

static void draw_vector(cairo_t *cairo, const struct wave_picture *picture, const struct wave_trace *trace, double y)
{
	for (size_t i = 0; i < trace->count; i++) {
		uint64_t end = i + 1 < trace->count ? trace->change[i + 1].time : picture->to;
		draw_value(cairo, trace, i, x_of(picture, trace->change[i].time), x_of(picture, end), y);
	}
}

static void draw_marks(cairo_t *cairo, const struct wave_picture *picture)
{
	double bottom = height_of(picture) - BOTTOM;
	for (size_t i = 0; i < picture->marks; i++) {
		double x = x_of(picture, picture->mark[i].time);
		double y = TOP + (double)(i + 1) * MARK_ROW;
		cairo_set_source_rgba(cairo, 0.8, 0.2, 0.1, 0.6);
		cairo_set_line_width(cairo, 0.8);
		cairo_move_to(cairo, x, y);
		cairo_line_to(cairo, x, bottom);
		cairo_stroke(cairo);
		cairo_set_source_rgb(cairo, 0.7, 0.1, 0.05);
		text(cairo, x + 3, y, picture->mark[i].label);
	}
}

static void draw_all(cairo_t *cairo, const struct wave_picture *picture)
{
	cairo_set_source_rgb(cairo, 1, 1, 1);
	cairo_paint(cairo);
	cairo_select_font_face(cairo, "monospace", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
	cairo_set_font_size(cairo, 14);
	cairo_set_source_rgb(cairo, 0, 0, 0);
	text(cairo, 10, 22, picture->title);
	cairo_set_font_size(cairo, 10);
	draw_axis(cairo, picture);
	for (size_t i = 0; i < picture->traces; i++) {
		double y = TOP + (double)picture->marks * MARK_ROW + (double)(i + 1) * ROW - 4;
		const struct wave_trace *trace = &picture->trace[i];
		cairo_set_source_rgb(cairo, 0, 0, 0);
		text(cairo, 10, y - 4, wave_signal_leaf(trace->signal));
		if (trace->signal->width_bits == 1)
			draw_bit(cairo, picture, trace, y);
		else
			draw_vector(cairo, picture, trace, y);
	}
	draw_marks(cairo, picture);
}

static int has_suffix(const char *path, const char *suffix)
{
	size_t length = strlen(path), wanted = strlen(suffix);
	return length > wanted && strcmp(path + length - wanted, suffix) == 0;
}

int wave_draw(const struct wave_picture *picture, const char *path, char *error, size_t error_size)
{
	bool svg = has_suffix(path, ".svg");
	double width = NAME_WIDTH + WAVE_WIDTH + 40, height = height_of(picture);

	if (!svg && !has_suffix(path, ".png")) {
		snprintf(error, error_size, "picture %s: its name ends neither in .svg nor in .png", path);
		return -1;
	}
	cairo_surface_t *surface = svg ? cairo_svg_surface_create(path, width, height)
				       : cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)width, (int)height);
	cairo_t *cairo = cairo_create(surface);
	draw_all(cairo, picture);
	cairo_destroy(cairo);
	cairo_status_t status = svg ? CAIRO_STATUS_SUCCESS : cairo_surface_write_to_png(surface, path);
	cairo_surface_finish(surface);
	status = status ? status : cairo_surface_status(surface);
	cairo_surface_destroy(surface);
	if (status == CAIRO_STATUS_SUCCESS)
		return 0;
	snprintf(error, error_size, "picture %s: %s", path, cairo_status_to_string(status));
	return -1;
}
