#include "sim/trace/source_lines.h"

#include <elfutils/libdw.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int by_place(const void *a, const void *b)
{
	const struct source_line *x = a, *y = b;
	int order = strcmp(x->file, y->file);
	return order ? order : x->line - y->line;
}

static void add(struct source_lines *lines, const char *file, int line, int hit)
{
	if (lines->count == lines->room) {
		lines->room = lines->room ? lines->room * 2 : 1024;
		lines->line = realloc(lines->line, lines->room * sizeof *lines->line);
	}
	lines->line[lines->count++] = (struct source_line){strdup(file), line, hit};
}

/* A line may have code in several places (inlining, loops): it is executed if any of it is. */
static void merge(struct source_lines *lines)
{
	size_t kept = 0;
	if (lines->count)
		qsort(lines->line, lines->count, sizeof *lines->line, by_place);
	for (size_t i = 0; i < lines->count; i++) {
		if (kept && by_place(&lines->line[kept - 1], &lines->line[i]) == 0) {
			lines->line[kept - 1].hit |= lines->line[i].hit;
			free(lines->line[i].file);
		} else {
			lines->line[kept++] = lines->line[i];
		}
	}
	lines->count = kept;
}

static int executed_between(const struct executed_code *code, Dwarf_Addr from, Dwarf_Addr to)
{
	for (Dwarf_Addr at = from; at < to; at += 2)
		if (code->is_executed(code->context, at))
			return 1;
	return 0;
}

static const char *path_from(const char *file, const char *part)
{
	const char *found = strstr(file, part);
	return found && (found == file || found[-1] == '/') ? found : NULL;
}

/* A record of the table reaches to the next one; code that the linker has dropped stands at 0. */
static void take_record(struct source_lines *lines, Dwarf_Lines *table, size_t i, const char *part, const struct executed_code *code)
{
	Dwarf_Line *record = dwarf_onesrcline(table, i), *next = dwarf_onesrcline(table, i + 1);
	Dwarf_Addr from, to;
	bool ends;
	int number;

	if (!record || !next || dwarf_lineendsequence(record, &ends) != 0 || ends || dwarf_lineaddr(record, &from) != 0 ||
	    dwarf_lineaddr(next, &to) != 0 || dwarf_lineno(record, &number) != 0 || number == 0 || from < code->base || to <= from)
		return;
	const char *file = dwarf_linesrc(record, NULL, NULL);
	const char *path = file ? path_from(file, part) : NULL;
	if (path)
		add(lines, path, number, executed_between(code, from, to));
}

int source_lines_read(struct source_lines *lines, const char *image, const char *part, const struct executed_code *code, char *error, size_t error_size)
{
	*lines = (struct source_lines){0};
	int file = open(image, O_RDONLY);
	Dwarf *dwarf = file >= 0 ? dwarf_begin(file, DWARF_C_READ) : NULL;
	if (!dwarf) {
		snprintf(error, error_size, "image %s: %s", image, file < 0 ? "cannot be read" : "no debugging information");
		if (file >= 0)
			close(file);
		return -1;
	}
	Dwarf_Off offset = 0, next;
	size_t header;
	while (dwarf_nextcu(dwarf, offset, &next, &header, NULL, NULL, NULL) == 0) {
		Dwarf_Die unit;
		Dwarf_Lines *table;
		size_t count;
		if (dwarf_offdie(dwarf, offset + header, &unit) && dwarf_getsrclines(&unit, &table, &count) == 0)
			for (size_t i = 0; i + 1 < count; i++)
				take_record(lines, table, i, part, code);
		offset = next;
	}
	merge(lines);
	dwarf_end(dwarf);
	close(file);
	return 0;
}

void source_lines_free(struct source_lines *lines)
{
	for (size_t i = 0; i < lines->count; i++)
		free(lines->line[i].file);
	free(lines->line);
}

static int find_in(Elf *elf, Elf_Scn *section, const char *name, uint64_t *address)
{
	GElf_Shdr header;
	GElf_Sym symbol;
	Elf_Data *data = elf_getdata(section, NULL);
	if (!gelf_getshdr(section, &header) || header.sh_type != SHT_SYMTAB || !data)
		return -1;
	for (int i = 0; gelf_getsym(data, i, &symbol); i++) {
		const char *text = elf_strptr(elf, header.sh_link, symbol.st_name);
		if (text && strcmp(text, name) == 0) {
			*address = symbol.st_value;
			return 0;
		}
	}
	return -1;
}

int source_symbol(const char *image, const char *name, uint64_t *address)
{
	int file = open(image, O_RDONLY), status = -1;
	if (file < 0)
		return -1;
	elf_version(EV_CURRENT);
	Elf *elf = elf_begin(file, ELF_C_READ, NULL);
	for (Elf_Scn *section = NULL; elf && status != 0 && (section = elf_nextscn(elf, section));)
		status = find_in(elf, section, name, address);
	if (elf)
		elf_end(elf);
	close(file);
	return status;
}
