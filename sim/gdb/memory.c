/* Commands on registers, memory, breakpoints and watchpoints. */
#include <stdlib.h>
#include <string.h>

#include "sim/gdb/registers.h"
#include "sim/gdb/stub.h"

static void reply_status(struct stub *stub, int status)
{
	packet_send(&stub->stream, status == 0 ? "OK" : "E01");
}

static void read_all(struct stub *stub, struct hart_core *core)
{
	char *at = stub->reply;
	for (unsigned i = 0; i < GDB_REG_GENERAL; i++) {
		uint64_t value = 0;
		gdb_register_read(core, i, &value);
		at = packet_put_hex(at, &value, sizeof value);
	}
	packet_send(&stub->stream, stub->reply);
}

static void write_all(struct stub *stub, struct hart_core *core, const char *text)
{
	uint64_t value;
	for (unsigned i = 0; i < GDB_REG_GENERAL && packet_get_hex(text, &value, sizeof value) == sizeof value; i++, text += 2 * sizeof value)
		gdb_register_write(core, i, value);
	packet_send(&stub->stream, "OK");
}

static void read_one(struct stub *stub, struct hart_core *core, const char *text)
{
	uint64_t value;
	if (gdb_register_read(core, (unsigned)strtoul(text, NULL, 16), &value) != 0) {
		packet_send(&stub->stream, "E01");
		return;
	}
	packet_put_hex(stub->reply, &value, sizeof value);
	packet_send(&stub->stream, stub->reply);
}

static void write_one(struct stub *stub, struct hart_core *core, const char *text)
{
	char *end;
	uint64_t value;
	unsigned number = (unsigned)strtoul(text, &end, 16);
	bool whole = *end == '=' && packet_get_hex(end + 1, &value, sizeof value) == sizeof value;
	reply_status(stub, whole ? gdb_register_write(core, number, value) : -1);
}

void stub_registers(struct stub *stub, const char *text)
{
	struct hart_core *core = gdb_target_core(&stub->target, stub->thread);
	switch (text[0]) {
	case 'g': read_all(stub, core); break;
	case 'G': write_all(stub, core, text + 1); break;
	case 'p': read_one(stub, core, text + 1); break;
	default: write_one(stub, core, text + 1); break;
	}
}

/* "ADDRESS,LENGTH" @return what follows, or NULL. */
static const char *range(const char *text, uint64_t *address, uint64_t *length)
{
	char *end;
	*address = strtoull(text, &end, 16);
	if (*end != ',')
		return NULL;
	*length = strtoull(end + 1, &end, 16);
	return end;
}

/* GDB manual, E.1: 0x7d escapes the byte after it, which was xored with 0x20. */
static size_t unescape(const char *text, size_t length, uint8_t *bytes, size_t room)
{
	size_t count = 0;
	for (size_t i = 0; i < length && count < room; i++)
		bytes[count++] = text[i] == 0x7d && i + 1 < length ? (uint8_t)(text[++i] ^ 0x20) : (uint8_t)text[i];
	return count;
}

static void read_memory(struct stub *stub, uint64_t address, uint64_t count)
{
	static uint8_t bytes[PACKET_BYTES / 2];
	size_t done = gdb_target_read(&stub->target, stub->thread, address, bytes, count < sizeof bytes ? count : sizeof bytes);

	packet_put_hex(stub->reply, bytes, done);
	packet_send(&stub->stream, done || !count ? stub->reply : "E01");
}

static void write_memory(struct stub *stub, uint64_t address, uint64_t count, const char *data, size_t length, bool binary)
{
	static uint8_t bytes[PACKET_BYTES];
	size_t have = binary ? unescape(data, length, bytes, sizeof bytes) : packet_get_hex(data, bytes, count < sizeof bytes ? count : sizeof bytes);

	reply_status(stub, have == count && gdb_target_write(&stub->target, stub->thread, address, bytes, count) == count ? 0 : -1);
}

void stub_memory(struct stub *stub, const char *text, size_t length)
{
	uint64_t address, count;
	const char *rest = range(text + 1, &address, &count);

	if (!rest || (text[0] != 'm' && *rest != ':'))
		packet_send(&stub->stream, "E01");
	else if (text[0] == 'm')
		read_memory(stub, address, count);
	else
		write_memory(stub, address, count, rest + 1, length - (size_t)(rest + 1 - text), text[0] == 'X');
}

/* Kinds of points, GDB manual E.2: 0 and 1 break, 2 write, 3 read, 4 access. */
static int set_point(struct stub *stub, const struct stub_point *point, bool add)
{
	return point->bytes ? gdb_target_watch(&stub->target, point->thread, point->address, point->bytes, point->kinds, add)
			    : gdb_target_break(&stub->target, point->thread, point->address, add);
}

static bool same_point(const struct stub_point *a, const struct stub_point *b)
{
	return a->address == b->address && a->bytes == b->bytes && a->kinds == b->kinds;
}

static int add_point(struct stub *stub, const struct stub_point *point)
{
	for (unsigned i = 0; i < stub->points; i++) {
		if (same_point(&stub->point[i], point))
			return 0; /* setting twice is no error */
	}
	if (stub->points == STUB_POINTS || set_point(stub, point, true) != 0)
		return -1;
	stub->point[stub->points++] = *point;
	return 0;
}

static int remove_point(struct stub *stub, const struct stub_point *point)
{
	for (unsigned i = 0; i < stub->points; i++) {
		if (!same_point(&stub->point[i], point))
			continue;
		set_point(stub, &stub->point[i], false);
		stub->point[i] = stub->point[--stub->points];
	}
	return 0;
}

void stub_point(struct stub *stub, const char *text)
{
	static const unsigned kinds[] = {0, 0, HART_WATCH_WRITE, HART_WATCH_READ, HART_WATCH_READ | HART_WATCH_WRITE};
	struct stub_point point = {.thread = stub->thread};
	unsigned type = (unsigned)(text[1] - '0');
	const char *rest = type < sizeof kinds / sizeof kinds[0] && text[2] == ',' ? range(text + 3, &point.address, &point.bytes) : NULL;

	if (!rest) {
		packet_send(&stub->stream, "");
		return;
	}
	point.kinds = kinds[type];
	if (!point.kinds)
		point.bytes = 0; /* the instruction's size, which does not matter here */
	reply_status(stub, text[0] == 'Z' ? add_point(stub, &point) : remove_point(stub, &point));
}

void stub_remove_points(struct stub *stub)
{
	while (stub->points)
		remove_point(stub, &stub->point[stub->points - 1]);
}
