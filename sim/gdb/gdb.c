/* The stub's life: connection, stops, and letting the board run. */
#include "sim/gdb/gdb.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sim/gdb/stub.h"

enum { SIGNAL_INTERRUPT = 2, SIGNAL_TRAP = 5, LOOK_CYCLES = 100000 };

static struct stub stub = {.stream = {.socket = -1}};

/* --- stops ----------------------------------------------------------------------------------------------------- */

/* What stopped the thread, as the end of a T packet. */
static void describe_stop(unsigned thread, char text[64])
{
	static const char *const names[] = {"", "rwatch", "watch", "awatch"};
	uint64_t address;

	text[0] = '\0';
	switch (hart_stop_reason(gdb_target_core(&stub.target, thread), &address)) {
	case HART_STOP_BREAKPOINT: strcpy(text, "hwbreak:;"); break;
	case HART_STOP_WATCH:
		for (unsigned i = 0; i < stub.points; i++) {
			const struct stub_point *point = &stub.point[i];
			if (point->bytes && address >= point->address && address < point->address + point->bytes)
				snprintf(text, 64, "%s:%llx;", names[point->kinds], (unsigned long long)address);
		}
		break;
	default: break;
	}
}

static void report_stop(unsigned signal)
{
	char reason[64], text[128];
	describe_stop(stub.thread, reason);
	snprintf(text, sizeof text, "T%02xthread:%x;%s", signal, stub.thread, reason);
	packet_send(&stub.stream, text);
}

static void forget_debugger(void)
{
	stub_remove_points(&stub);
	for (unsigned i = 1; i <= stub.target.threads; i++)
		hart_resume(gdb_target_core(&stub.target, i));
	packet_close(&stub.stream);
	stub.running = true;
	stub.target.board->poll_cycles = 0;
}

/* --- letting run ----------------------------------------------------------------------------------------------- */

/* While anything can stop a hart, the board is looked at after every piece; else only for a Ctrl-C. */
static void run(unsigned step_thread)
{
	stub.step_thread = step_thread;
	stub.running = true;
	for (unsigned i = 1; i <= stub.target.threads; i++) {
		struct hart_core *core = gdb_target_core(&stub.target, i);
		if (i == step_thread)
			hart_step_instruction(core);
		else
			hart_resume(core);
	}
	stub.target.board->poll_cycles = step_thread || stub.points ? DOMAIN_LOOKAHEAD_CYCLES : LOOK_CYCLES;
}

/* vCont;ACTION[:THREAD]...: all threads run; one of them may step. */
static void continue_threads(const char *text)
{
	unsigned step_thread = 0;
	for (const char *action = strchr(text, ';'); action; action = strchr(action + 1, ';')) {
		bool step = action[1] == 's' || action[1] == 'S';
		const char *colon = strchr(action, ':'), *next = strchr(action + 1, ';');
		unsigned thread = colon && (!next || colon < next) ? stub_thread_id(&stub, colon + 1) : 0;
		if (step && !step_thread)
			step_thread = thread ? thread : stub.thread;
	}
	run(step_thread);
}

/* --- commands -------------------------------------------------------------------------------------------------- */

static void execute(const char *text, size_t length)
{
	switch (text[0]) {
	case 'g': case 'G': case 'p': case 'P': stub_registers(&stub, text); break;
	case 'm': case 'M': case 'X': stub_memory(&stub, text, length); break;
	case 'Z': case 'z': stub_point(&stub, text); break;
	case 'H': stub_select(&stub, text); break;
	case 'T': stub_alive(&stub, text); break;
	case '?': report_stop(SIGNAL_TRAP); break;
	case 'c': case 'C': run(0); break;
	case 's': case 'S': run(stub.thread); break;
	case 'D':
		packet_send(&stub.stream, "OK");
		forget_debugger();
		break;
	case 'k': forget_debugger(); break;
	case 'v':
		if (strncmp(text, "vCont;", 6) == 0) {
			continue_threads(text);
			break;
		}
		stub_query(&stub, text);
		break;
	default: stub_query(&stub, text); break;
	}
}

/* Serves until the debugger lets the board run or goes away. */
static void serve(void)
{
	static char text[PACKET_BYTES + 1];

	host_settle(stub.target.board->host.host);
	nic_settle(stub.target.board->nic.nic);
	stub.running = false;
	while (!stub.running) {
		int length = packet_receive(&stub.stream, text);
		if (length < 0)
			forget_debugger();
		else if (length > 0)
			execute(text, (size_t)length);
		stub.stream.interrupt = false;
	}
}

static unsigned stopped_thread(void)
{
	if (stub.step_thread && hart_is_stopped(gdb_target_core(&stub.target, stub.step_thread)))
		return stub.step_thread;
	for (unsigned i = 1; i <= stub.target.threads; i++) {
		if (hart_is_stopped(gdb_target_core(&stub.target, i)))
			return i;
	}
	return 0;
}

static void poll_debugger(void *ctx)
{
	unsigned thread = stopped_thread();
	(void)ctx;

	if (stub.stream.socket < 0)
		return;
	packet_look(&stub.stream);
	if (stub.stream.socket < 0) {
		forget_debugger();
		return;
	}
	if (!thread && !stub.stream.interrupt)
		return;
	if (thread)
		stub.thread = thread;
	for (unsigned i = 1; i <= stub.target.threads; i++)
		hart_stop(gdb_target_core(&stub.target, i));
	report_stop(thread ? SIGNAL_TRAP : SIGNAL_INTERRUPT);
	serve();
}

/* --- connection ------------------------------------------------------------------------------------------------ */

static int listen_on(unsigned port, unsigned *chosen)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof address;
	int on = 1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(listener, (const struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 1) != 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) != 0) {
		close(listener);
		return -1;
	}
	*chosen = ntohs(address.sin_port);
	return listener;
}

int gdb_attach(struct board *board, unsigned port, char *error, size_t error_size)
{
	int on = 1, listener = listen_on(port, &port);
	if (listener < 0) {
		snprintf(error, error_size, "gdb: port %u of the loopback address: %s", port, strerror(errno));
		return -1;
	}
	fprintf(stderr, "gdb: waits for \"target remote localhost:%u\"\n", port);
	do
		stub.stream.socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	while (stub.stream.socket < 0 && errno == EINTR);
	close(listener);
	if (stub.stream.socket < 0) {
		snprintf(error, error_size, "gdb: nobody could connect: %s", strerror(errno));
		return -1;
	}
	setsockopt(stub.stream.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	gdb_target_init(&stub.target, board);
	stub.thread = 1;
	board_add_poller(board, poll_debugger, NULL);
	for (unsigned i = 1; i <= stub.target.threads; i++)
		hart_stop(gdb_target_core(&stub.target, i));
	serve();
	return 0;
}

void gdb_detach(int status)
{
	char text[8];
	if (stub.stream.socket < 0)
		return;
	snprintf(text, sizeof text, "W%02x", (unsigned)status & 0xff);
	packet_send(&stub.stream, text);
	packet_close(&stub.stream);
}
