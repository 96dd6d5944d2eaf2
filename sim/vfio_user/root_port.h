/* The root port that stands for a host outside: it makes configuration and memory requests of what the client asks, runs the board until
 * they are answered, and serves the device's requests from the client's memory. */
#ifndef ASSAY_SIM_VFIO_USER_ROOT_PORT_H
#define ASSAY_SIM_VFIO_USER_ROOT_PORT_H

#include "sim/kernel/board.h"
#include "sim/vfio_user/dma.h"

struct root_port {
	struct board *board;
	struct dma *dma;
	/** A write to a message address, ROOT_PORT_MESSAGES + 4 * vector. */
	void (*message)(void *ctx, unsigned vector);
	/** INTx was raised or lowered. */
	void (*wire)(void *ctx, bool level);
	void *ctx;
	bool waiting;
	uint8_t tag; /**< of the request under way */
	uint64_t answer;
	uint64_t activity; /**< messages of the device so far */
};

/* Nobody's memory: the client may map addresses of up to 48 bits as real hosts do. */
#define ROOT_PORT_MESSAGES 0xffffff0000000000ull
enum { ROOT_PORT_VECTORS = 64, ROOT_PORT_SLICE_CYCLES = 5000 };

/** Takes the host's end of the link. */
void root_port_connect(struct root_port *port, struct board *board, struct dma *dma);

/** Gives the link back to the board's host. */
void root_port_disconnect(struct root_port *port);

/** Configuration accesses of function @p bdf, 1, 2 or 4 naturally aligned bytes. A failed read gives ones. */
uint32_t root_port_config_read(struct root_port *port, unsigned bdf, unsigned offset, unsigned size);
void root_port_config_write(struct root_port *port, unsigned bdf, unsigned offset, unsigned size, uint32_t value);

/** Memory accesses, 1, 2, 4 or 8 naturally aligned bytes. A failed read gives ones. */
uint64_t root_port_read(struct root_port *port, uint64_t address, unsigned size);
void root_port_write(struct root_port *port, uint64_t address, unsigned size, uint64_t value);

#endif
