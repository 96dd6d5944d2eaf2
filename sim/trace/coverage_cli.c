/* assay coverage lines PART OUT.info FILE.executed...: line coverage, in lcov's format, of the sources below directory PART, from files that
 * `assay run --coverage` wrote for one image. */
#include "sim/trace/coverage_cli.h"

#include <stdio.h>
#include <string.h>

#include "sim/trace/executed.h"
#include "sim/trace/source_lines.h"

enum { OK = 0, BAD_INPUT = 2, ERROR_BYTES = 1024 };

static int refuse(const char *text)
{
	fprintf(stderr, "assay coverage: %s\n", text);
	return BAD_INPUT;
}

static int load_all(struct executed *sum, int count, char **paths, char *error)
{
	struct executed next;
	if (executed_load(sum, paths[0], error, ERROR_BYTES) != 0)
		return -1;
	for (int i = 1; i < count; i++) {
		if (executed_load(&next, paths[i], error, ERROR_BYTES) != 0)
			return -1;
		int status = executed_merge(sum, &next);
		executed_end(&next);
		if (status != 0) {
			snprintf(error, ERROR_BYTES, "%s: is of another image than %s", paths[i], paths[0]);
			return -1;
		}
	}
	return 0;
}

static void write_source(FILE *file, const struct source_line *line, size_t count, size_t *hits)
{
	size_t hit = 0;
	fprintf(file, "TN:\nSF:%s\n", line->file);
	for (size_t i = 0; i < count; i++) {
		fprintf(file, "DA:%d,%d\n", line[i].line, line[i].hit);
		hit += line[i].hit != 0;
	}
	fprintf(file, "LF:%zu\nLH:%zu\nend_of_record\n", count, hit);
	*hits += hit;
}

static int write_info(const char *path, const struct source_lines *lines)
{
	FILE *file = fopen(path, "w");
	size_t hits = 0;
	if (!file)
		return -1;
	for (size_t i = 0, end; i < lines->count; i = end) {
		for (end = i; end < lines->count && strcmp(lines->line[end].file, lines->line[i].file) == 0; end++)
			;
		write_source(file, &lines->line[i], end - i, &hits);
	}
	if (fclose(file) != 0)
		return -1;
	printf("%zu of %zu lines executed, %.1f %%\n", hits, lines->count, lines->count ? 100.0 * (double)hits / (double)lines->count : 0.0);
	return 0;
}

static int lines_command(const char *part, const char *output, int count, char **paths)
{
	char error[ERROR_BYTES];
	struct executed sum;
	struct source_lines lines;
	if (load_all(&sum, count, paths, error) != 0)
		return refuse(error);
	const struct executed_code code = {sum.base, &sum, executed_is};
	int status = source_lines_read(&lines, sum.image, part, &code, error, sizeof error);
	executed_end(&sum);
	if (status != 0)
		return refuse(error);
	status = write_info(output, &lines);
	source_lines_free(&lines);
	if (status == 0)
		return OK;
	snprintf(error, sizeof error, "%s: cannot be written", output);
	return refuse(error);
}

int coverage_main(int argc, char **argv)
{
	if (argc >= 5 && strcmp(argv[1], "lines") == 0)
		return lines_command(argv[2], argv[3], argc - 4, argv + 4);
	return refuse("usage: assay coverage lines PART OUT.info FILE.executed...");
}
