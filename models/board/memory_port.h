/* Memory behind a block's port: operations are performed as they are accepted, answers come in order after a fixed latency. */
#ifndef ASSAY_MODELS_BOARD_MEMORY_PORT_H
#define ASSAY_MODELS_BOARD_MEMORY_PORT_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum { MEMORY_PORT_DEPTH = 128 };

struct memory_answer {
	uint64_t cycle; /**< first cycle in which it may be at the pins */
	uint64_t data;
	uint8_t tag;
	bool error;
};

struct memory_port {
	uint32_t head, count;
	struct memory_answer answer[MEMORY_PORT_DEPTH];
};

static inline bool memory_port_has_room(const struct memory_port *port)
{
	return port->count < MEMORY_PORT_DEPTH - 1;
}

static inline void memory_port_push(struct memory_port *port, const struct memory_answer *answer)
{
	port->answer[(port->head + port->count++) % MEMORY_PORT_DEPTH] = *answer;
}

/** @return the oldest answer if it may be at the pins in @p cycle, else NULL. */
static inline const struct memory_answer *memory_port_front(const struct memory_port *port, uint64_t cycle)
{
	const struct memory_answer *front = &port->answer[port->head];
	return port->count && front->cycle <= cycle ? front : (const struct memory_answer *)0;
}

static inline void memory_port_pop(struct memory_port *port)
{
	port->head = (port->head + 1) % MEMORY_PORT_DEPTH;
	port->count--;
}

/** Replaces the bytes of @p old that @p strobes select by those of @p data. */
static inline uint64_t memory_merge(uint64_t old, uint64_t data, unsigned strobes)
{
	/* Each strobe bit widens to a byte: spread seven bits to byte positions without carries, add the eighth, multiply by 0xff. */
	uint64_t spread = ((strobes & 0x7f) * 0x0002040810204081ull) & 0x0101010101010101ull;
	if (strobes & 0x80)
		spread |= 0x0100000000000000ull;
	uint64_t mask = spread * 0xff;
	return (old & ~mask) | (data & mask);
}

#endif
