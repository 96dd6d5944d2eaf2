#include "sim/trace/timeline.h"

#include <stdbool.h>

#include "hypervisor/events_wire.h"
#include "sim/trace/follow.h"

enum process { FUNCTIONS = 1, INTERRUPTS, HARTS, VMS, PORT };

static const char *const process_names[] = {
	[FUNCTIONS] = "functions", [INTERRUPTS] = "interrupts", [HARTS] = "harts", [VMS] = "VMs", [PORT] = "port",
};

enum { LINE_MBPS = 25000, PACKED_BYTES = 8, RUNNING_HARTS = 64, OPEN_PAGES = 1024 };

struct writer {
	FILE *file;
	bool first;
	struct {
		bool runs;
		uint16_t vm;
		uint32_t vcpu;
		uint64_t since;
	} hart[RUNNING_HARTS];
	struct open_page {
		uint64_t key;
		bool copied;
	} page[OPEN_PAGES]; /**< on their way to the volume: a queue's worth */
	unsigned pages;
};

/* Every record begins the same way; the caller adds its own members and closes it. */
static void begin(struct writer *w, char phase, const char *name, enum process process, unsigned thread, uint64_t cycle)
{
	fprintf(w->file, "%s\n{\"ph\":\"%c\",\"name\":\"%s\",\"pid\":%d,\"tid\":%u,\"ts\":%llu.%03llu", w->first ? "" : ",", phase, name, process, thread,
		(unsigned long long)cycle / 1000, (unsigned long long)cycle % 1000);
	w->first = false;
}

static void end(struct writer *w)
{
	fputc('}', w->file);
}

static void put_edge(struct writer *w, char phase, const char *category, const char *name, enum process process, unsigned thread, uint64_t id, uint64_t cycle)
{
	begin(w, phase, name, process, thread, cycle);
	fprintf(w->file, ",\"cat\":\"%s\",\"id\":%llu", category, (unsigned long long)id);
	end(w);
}

struct stage {
	const char *name;
	uint64_t from, to;
};

/* A span around its stages; edges of one cycle are nested by their order in the file. */
static void put_span(struct writer *w, const char *category, enum process process, unsigned thread, uint64_t id, const struct stage *whole,
	const struct stage *stages, size_t count)
{
	put_edge(w, 'b', category, whole->name, process, thread, id, whole->from);
	for (size_t i = 0; i < count; i++) {
		put_edge(w, 'b', category, stages[i].name, process, thread, id, stages[i].from);
		put_edge(w, 'e', category, stages[i].name, process, thread, id, stages[i].to);
	}
	put_edge(w, 'e', category, whole->name, process, thread, id, whole->to);
}

static void put_complete(struct writer *w, const char *name, enum process process, unsigned thread, uint64_t from, uint64_t to)
{
	begin(w, 'X', name, process, thread, from);
	fprintf(w->file, ",\"dur\":%llu.%03llu", (unsigned long long)(to - from) / 1000, (unsigned long long)(to - from) % 1000);
	end(w);
}

static void put_instant(struct writer *w, const char *name, enum process process, unsigned thread, uint64_t cycle, uint64_t value)
{
	begin(w, 'i', name, process, thread, cycle);
	fprintf(w->file, ",\"s\":\"t\",\"args\":{\"value\":\"0x%llx\"}", (unsigned long long)value);
	end(w);
}

static const char *opcode_name(uint32_t head)
{
	switch (head & 0xff) {
	case 0x00: return "flush or delete SQ";
	case 0x01: return "write or create SQ";
	case 0x02: return "read or get log";
	default: return "command";
	}
}

static void write_command(void *ctx, const struct followed_command *command)
{
	struct writer *w = ctx;
	char name[80];

	snprintf(name, sizeof name, "%s, opcode %02x, cid %u, status %04x", opcode_name(command->head), command->head & 0xff, command->head >> 16, command->status);
	struct stage whole = {name, command->fetched, command->cqe};
	struct stage stages[] = {
		{"prepare (SEE)", command->fetched, command->descriptor},
		{"firmware and storage", command->descriptor, command->completion},
		{"finish (SEE)", command->completion, command->cqe},
	};
	put_span(w, "nvme", FUNCTIONS, command->function, command->sequence, &whole, stages, sizeof stages / sizeof stages[0]);
}

static void write_message(void *ctx, const struct followed_message *message)
{
	struct writer *w = ctx;
	char name[80];

	snprintf(name, sizeof name, "MSI-X of %04x to target %u on hart %u", message->requester, message->target, message->hart);
	struct stage whole = {name, message->sent, message->handler};
	struct stage stages[] = {
		{"PCIe link", message->sent, message->arrived},	    {"table entries", message->arrived, message->table},
		{"signal vector", message->table, message->vector}, {"signal to hart", message->vector, message->signal},
		{"handler starts", message->signal, message->handler},
	};
	put_span(w, "interrupt", INTERRUPTS, message->requester, message->number, &whole, stages, sizeof stages / sizeof stages[0]);
}

/* Up to eight characters that software packed into a word; what JSON would not take becomes a point. */
static const char *unpack(uint64_t value, char text[PACKED_BYTES + 1])
{
	for (unsigned i = 0; i < PACKED_BYTES; i++) {
		char c = (char)(value >> (8 * i) & 0xff);
		text[i] = c == 0 || (c >= ' ' && c <= '~' && c != '"' && c != '\\') ? c : '.';
	}
	text[PACKED_BYTES] = '\0';
	return text;
}

/* Numbers of pages and pauses are their VM's own. */
static uint64_t span_key(const struct event *event)
{
	return (uint64_t)event->function << 32 | event->id;
}

static void open_or_close(struct writer *w, const struct event *event, char phase, const char *category, const char *name)
{
	begin(w, phase, name, VMS, event->function, event->cycle);
	fprintf(w->file, ",\"cat\":\"%s\",\"id\":%llu,\"args\":{\"value\":\"0x%llx\"}", category, (unsigned long long)span_key(event), (unsigned long long)event->value);
	end(w);
}

/* Takes a page off the list of those with a span. @return false if it was not there */
static bool take_page(struct writer *w, uint64_t key, struct open_page *page)
{
	for (unsigned i = 0; i < w->pages; i++) {
		if (w->page[i].key == key) {
			*page = w->page[i];
			w->page[i] = w->page[--w->pages];
			return true;
		}
	}
	return false;
}

/* A page's way begins with the first write to it, or with its copy where the walker takes it unasked. It ends on the volume, or, if it was saved
 * already and not copied, when the writer goes on. */
static void write_page(struct writer *w, const struct event *event)
{
	struct open_page page = {.key = span_key(event)};
	bool open = take_page(w, page.key, &page);

	if (event->code == EVENT_SW_PAGE_FAULT || event->code == EVENT_SW_PAGE_COPIED) {
		if (!open)
			open_or_close(w, event, 'b', "page", "page");
		page.copied |= event->code == EVENT_SW_PAGE_COPIED;
	}
	bool ends = event->code == EVENT_SW_PAGE_WRITTEN || (event->code == EVENT_SW_PAGE_OPEN && !page.copied);
	if (open && ends)
		open_or_close(w, event, 'e', "page", "page");
	else if (event->code == EVENT_SW_PAGE_WRITTEN || event->code == EVENT_SW_PAGE_OPEN)
		put_instant(w, event_name(event), VMS, event->function, event->cycle, event->value);
	else
		open_or_close(w, event, 'n', "page", event->code == EVENT_SW_PAGE_FAULT ? "fault" : "copied");
	if (!ends && (open || event->code != EVENT_SW_PAGE_OPEN) && w->pages < OPEN_PAGES)
		w->page[w->pages++] = page;
}

static void leave_hart(struct writer *w, unsigned hart, uint64_t cycle)
{
	char name[48];
	if (!w->hart[hart].runs)
		return;
	w->hart[hart].runs = false;
	snprintf(name, sizeof name, "vm%u vcpu %u", w->hart[hart].vm, w->hart[hart].vcpu);
	put_complete(w, name, HARTS, hart, w->hart[hart].since, cycle);
}

static void enter_hart(struct writer *w, const struct event *event)
{
	unsigned hart = event->value % RUNNING_HARTS;
	leave_hart(w, hart, event->cycle);
	w->hart[hart].runs = true;
	w->hart[hart].vm = event->function;
	w->hart[hart].vcpu = event->id;
	w->hart[hart].since = event->cycle;
}

static void write_software(struct writer *w, const struct event *event)
{
	char text[PACKED_BYTES + 1], name[48];

	switch (event->code) {
	case EVENT_SW_TASK_BEGIN:
		snprintf(name, sizeof name, "task %u %s", event->id, unpack(event->value, text));
		open_or_close(w, event, 'b', "task", name);
		break;
	case EVENT_SW_TASK_PROGRESS: open_or_close(w, event, 'n', "task", "progress"); break;
	case EVENT_SW_TASK_END: open_or_close(w, event, 'e', "task", ""); break;
	case EVENT_SW_PAGE_FAULT:
	case EVENT_SW_PAGE_COPIED:
	case EVENT_SW_PAGE_OPEN:
	case EVENT_SW_PAGE_WRITTEN: write_page(w, event); break;
	case EVENT_SW_PAUSE_BEGIN: open_or_close(w, event, 'b', "pause", "all vCPUs stopped"); break;
	case EVENT_SW_PAUSE_END: open_or_close(w, event, 'e', "pause", "all vCPUs stopped"); break;
	case EVENT_SW_VCPU_IN: enter_hart(w, event); break;
	case EVENT_SW_VCPU_OUT: leave_hart(w, event->value % RUNNING_HARTS, event->cycle); break;
	case EVENT_SW_PROCESS:
		snprintf(name, sizeof name, "process %u %s", event->id, unpack(event->value, text));
		put_instant(w, name, VMS, event->function, event->cycle, event->value);
		break;
	default: put_instant(w, event_name(event), VMS, event->function, event->cycle, event->value); break;
	}
}

static void write_frame(struct writer *w, const struct event *event)
{
	bool sent = event->code == EVENT_LINK_FRAME_SENT;
	uint64_t cycles = event->value * 8 * 1000 / LINE_MBPS;
	char name[48];

	snprintf(name, sizeof name, "frame %u, %llu bytes", event->id, (unsigned long long)event->value);
	put_complete(w, name, PORT, sent ? 0 : 1, event->cycle - (cycles < event->cycle ? cycles : event->cycle), event->cycle);
}

static void write_event(void *ctx, const struct event *event)
{
	struct writer *w = ctx;
	if (event->source == EVENT_SOFTWARE)
		write_software(w, event);
	else if (event->source == EVENT_LINK)
		write_frame(w, event);
	else if (event->source == EVENT_HART)
		put_instant(w, event_name(event), HARTS, event->function, event->cycle, event->value);
}

static void name_tracks(struct writer *w)
{
	for (int process = FUNCTIONS; process <= PORT; process++) {
		begin(w, 'M', "process_name", (enum process)process, 0, 0);
		fprintf(w->file, ",\"args\":{\"name\":\"%s\"}", process_names[process]);
		end(w);
	}
	for (unsigned i = 0; i < 2; i++) {
		begin(w, 'M', "thread_name", PORT, i, 0);
		fprintf(w->file, ",\"args\":{\"name\":\"%s\"}", i ? "arriving" : "sent");
		end(w);
	}
}

int timeline_write(struct event_log *log, FILE *file)
{
	struct writer w = {.file = file, .first = true};
	struct follow_ops ops = {.ctx = &w, .command = write_command, .message = write_message, .event = write_event};

	fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", file);
	name_tracks(&w);
	int status = follow_events(log, &ops);
	if (status == 0 && log->count) {
		for (unsigned hart = 0; hart < RUNNING_HARTS; hart++)
			leave_hart(&w, hart, log->events[log->count - 1].cycle);
	}
	fputs("\n]}\n", file);
	return status;
}
