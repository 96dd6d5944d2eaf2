/* Inside the stub: its state, and the commands by group. */
#ifndef ASSAY_SIM_GDB_STUB_H
#define ASSAY_SIM_GDB_STUB_H

#include "sim/gdb/packet.h"
#include "sim/gdb/target.h"

enum { STUB_POINTS = 64 };

/** A breakpoint (bytes 0) or watchpoint that was set. */
struct stub_point {
	unsigned thread;
	uint64_t address, bytes;
	unsigned kinds;
};

struct stub {
	struct packet_stream stream;
	struct gdb_target target;
	unsigned thread;      /**< of g, m, Z ...: 1 to target.threads */
	unsigned step_thread; /**< 0: none steps */
	bool running;
	unsigned points;
	struct stub_point point[STUB_POINTS];
	char reply[2 * PACKET_BYTES + 64];
};

/* memory.c: g, G, p, P, m, M, X, Z, z */
void stub_registers(struct stub *stub, const char *text);
void stub_memory(struct stub *stub, const char *text, size_t length);
void stub_point(struct stub *stub, const char *text);
void stub_remove_points(struct stub *stub);

/* query.c: q, Q, v (but for vCont), H, T */
void stub_query(struct stub *stub, const char *text);
void stub_select(struct stub *stub, const char *text);
void stub_alive(struct stub *stub, const char *text);

/** Reads a thread id. @return 0 for "any" (0 or -1) and what does not exist. */
unsigned stub_thread_id(const struct stub *stub, const char *text);

#endif
