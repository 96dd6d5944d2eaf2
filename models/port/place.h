/* Model of the placement unit: follows NVMe/TCP connections, says where the data of C2HData PDUs goes, verifies digests. What happens in which
 * cycle: rtl/port/README.md, "The placement unit". Plain state; a step takes the inputs and outputs of before the edge. */
#ifndef ASSAY_MODELS_PORT_PLACE_H
#define ASSAY_MODELS_PORT_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include "port_ports.h"
#include "port_regs.h"

enum { PLACE_HEAD_BYTES = 24, PLACE_BEATS = 4, PLACE_COUNTS = 5 };

enum place_state { PLACE_IDLE, PLACE_FIND, PLACE_LOOK, PLACE_WORK, PLACE_SAVE, PLACE_DRAIN, PLACE_DONE };
enum place_field { PLACE_PRE, PLACE_HEAD, PLACE_HDIG, PLACE_SKIP, PLACE_DATA, PLACE_DIG, PLACE_JOB };

/** Where a connection is in its stream of PDUs. */
struct place_position {
	uint32_t expected;
	uint32_t left; /**< bytes that the field still needs */
	uint32_t crc;
	uint8_t field; /**< enum place_field */
	uint8_t head_have, digest_have;
	uint8_t head[PLACE_HEAD_BYTES];
	uint8_t digest[4];
};

struct place_flow {
	uint8_t valid, sync, armed, owner;
	uint16_t remote_port, own_port;
	uint32_t remote, own, arm;
	struct place_position position;
};

struct place_entry {
	uint8_t valid;
	uint16_t cccid;
	uint32_t length;
	uint64_t address;
};

/** A beat that waits, and one that has been taken. */
struct place_run {
	uint16_t at, length;
	uint64_t address;
};

struct place {
	uint8_t state; /**< enum place_state */
	uint8_t job, killed, due, used, bad, index;
	uint16_t rest, at, from;
	struct { /* the segment at hand */
		uint8_t owner;
		uint16_t remote_port, own_port, length;
		uint32_t remote, own, seq;
	} segment;
	struct place_position position; /**< of its connection, while it is worked on */
	uint64_t target;
	uint8_t beats, run_valid, done_valid;
	uint64_t beat[PLACE_BEATS];
	struct place_run run;
	uint16_t done_from;
	uint8_t done_bad;
	uint32_t done_crc;
	uint64_t tuple[2], ports[2], address[2]; /**< operands of register writes, two sets */
	uint64_t count[PLACE_COUNTS];
	struct place_flow flow[PORT_PLACE_FLOWS];
	struct place_entry entry[PORT_PLACE_FLOWS][PORT_PLACE_ENTRIES];
};

void place_reset(struct place *place);

/** One clock edge; register writes come after it through place_write(). */
void place_step(struct place *place, const struct port_in *in, const struct port_out *out);

/** The unit's part of the outputs but for idle. */
void place_outputs(const struct place *place, struct port_out *out);
bool place_is_idle(const struct place *place);

/** Register access at @p address from 0x1000 of the port's window. A write is that of the edge at which place_step() was called. */
uint64_t place_read(const struct place *place, uint16_t address);
void place_write(struct place *place, uint16_t address, uint64_t data);

#endif
