/* Queries: what the stub can do, its threads, the target description, monitor commands. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/gdb/registers.h"
#include "sim/gdb/stub.h"

static void reply(struct stub *stub, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void reply(struct stub *stub, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(stub->reply, sizeof stub->reply, format, arguments);
	va_end(arguments);
	packet_send(&stub->stream, stub->reply);
}

unsigned stub_thread_id(const struct stub *stub, const char *text)
{
	unsigned long id = text[0] == '-' ? 0 : strtoul(text, NULL, 16);
	return id <= stub->target.threads ? (unsigned)id : 0;
}

void stub_select(struct stub *stub, const char *text)
{
	unsigned thread = stub_thread_id(stub, text + 2);
	if (thread && text[1] == 'g')
		stub->thread = thread;
	reply(stub, "OK");
}

void stub_alive(struct stub *stub, const char *text)
{
	reply(stub, stub_thread_id(stub, text + 1) ? "OK" : "E01");
}

static void list_threads(struct stub *stub)
{
	char text[8 * GDB_THREADS_MAX] = "m";
	for (unsigned i = 1; i <= stub->target.threads; i++)
		snprintf(text + strlen(text), 8, "%s%x", i > 1 ? "," : "", i);
	reply(stub, "%s", text);
}

static void describe_thread(struct stub *stub, const char *text)
{
	unsigned thread = stub_thread_id(stub, text);
	char line[80];

	if (!thread) {
		reply(stub, "E01");
		return;
	}
	struct hart_core *core = gdb_target_core(&stub->target, thread);
	const struct hart *hart = hart_state(core);
	const char *state = hart_is_waiting(core) ? "WFI" : hart_is_stalled(core) ? "waits for the bus" : "runs";
	if (gdb_target_is_nic(&stub->target, thread))
		snprintf(line, sizeof line, "NIC processor, %s", state);
	else
		snprintf(line, sizeof line, "host hart %u, %c%s-mode, %s", thread - 1, hart->virt ? 'V' : ' ', hart->priv == 3 ? "M" : hart->priv == 1 ? "S" : "U", state);
	packet_put_hex(stub->reply, line, strlen(line));
	packet_send(&stub->stream, stub->reply);
}

/* "OFFSET,LENGTH": a part of the target description. */
static void transfer_description(struct stub *stub, const char *text)
{
	const char *xml = gdb_target_description();
	char *end;
	size_t offset = strtoul(text, &end, 16), wanted = *end == ',' ? strtoul(end + 1, NULL, 16) : 0, size = strlen(xml);

	if (offset > size)
		offset = size;
	if (wanted > PACKET_BYTES / 2)
		wanted = PACKET_BYTES / 2;
	bool last = size - offset <= wanted;
	reply(stub, "%c%.*s", last ? 'l' : 'm', (int)(last ? size - offset : wanted), xml + offset);
}

/* monitor cycle | phys on|off: the answer is text in hexadecimal digits. */
static void monitor(struct stub *stub, const char *hex)
{
	char command[64] = "", line[160] = "monitor commands: cycle; phys on|off (addresses are physical)\n";
	size_t length = packet_get_hex(hex, command, sizeof command - 1);

	command[length] = '\0';
	if (strcmp(command, "cycle") == 0)
		snprintf(line, sizeof line, "%llu\n", (unsigned long long)platform_cycle());
	else if (strcmp(command, "phys on") == 0 || strcmp(command, "phys off") == 0) {
		stub->target.physical = command[6] == 'n';
		snprintf(line, sizeof line, "addresses are %s\n", stub->target.physical ? "physical" : "those of the thread's translation");
	}
	packet_put_hex(stub->reply, line, strlen(line));
	packet_send(&stub->stream, stub->reply);
}

static bool starts(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

void stub_query(struct stub *stub, const char *text)
{
	if (starts(text, "qSupported"))
		reply(stub, "PacketSize=%x;qXfer:features:read+;QStartNoAckMode+;hwbreak+;swbreak+;vContSupported+", PACKET_BYTES);
	else if (starts(text, "qXfer:features:read:target.xml:"))
		transfer_description(stub, text + strlen("qXfer:features:read:target.xml:"));
	else if (starts(text, "qfThreadInfo"))
		list_threads(stub);
	else if (starts(text, "qsThreadInfo"))
		reply(stub, "l");
	else if (starts(text, "qThreadExtraInfo,"))
		describe_thread(stub, text + strlen("qThreadExtraInfo,"));
	else if (strcmp(text, "qC") == 0)
		reply(stub, "QC%x", stub->thread);
	else if (starts(text, "qAttached"))
		reply(stub, "1");
	else if (starts(text, "qRcmd,"))
		monitor(stub, text + strlen("qRcmd,"));
	else if (starts(text, "QStartNoAckMode")) {
		reply(stub, "OK");
		stub->stream.no_ack = true;
	} else if (strcmp(text, "vCont?") == 0)
		reply(stub, "vCont;c;C;s;S");
	else
		reply(stub, "%s", "");
}
