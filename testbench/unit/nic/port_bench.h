/* A port with a little NIC memory and rings of eight descriptors, for tests. */
#ifndef ASSAY_TESTBENCH_UNIT_NIC_PORT_BENCH_H
#define ASSAY_TESTBENCH_UNIT_NIC_PORT_BENCH_H

#include "models/nic/port.h"

enum {
	MEMORY_BYTES = 1 << 20,
	TX_RING = 0x1000,
	RX_RING = 0x2000,
	TX_HEAD_AT = 0x3000,
	RX_HEAD_AT = 0x3008,
	TX_DATA = 0x10000,
	RX_DATA = 0x40000,
	RING_LOG2 = 3,
	RX_ROOM = 2048,
};

struct bench {
	uint8_t memory[MEMORY_BYTES];
	struct port port;
	struct port_ops ops;
	uint64_t now;
	uint8_t sent[PORT_FRAME_MAX];
	size_t sent_length;
	uint64_t sent_cycle;
	unsigned sent_count;
};

extern struct bench bench;

/** Resets port and memory, sets the rings up, enables everything; the port's address is 02:00:00:00:00:00. */
void start(void);

void write_register(uint64_t offset, uint64_t value);

/** Lets cycles pass. */
void run(uint64_t cycles);

void store64(uint64_t address, uint64_t value);
uint64_t load64(uint64_t address);

/** Writes transmit descriptor number @p count; @p flags in place. */
void put_tx(unsigned count, uint64_t address, uint64_t length, uint64_t flags);

/** Writes receive descriptor number @p count with a buffer of its own. */
void put_rx(unsigned count, uint64_t room);

/** Makes a TCP segment of @p payload bytes for the port's address, checksums zero. @return the frame's length. */
size_t make_segment(uint8_t *frame, size_t payload);

#endif
