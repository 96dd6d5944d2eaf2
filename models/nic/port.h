/* The NIC's Ethernet port: MAC, descriptor rings, checksum offload. Registers and rings: rtl/port/registers.tcl.
 *
 * Event driven: nothing happens between the cycles that port_next_event() names, so a board that steps every cycle and
 * one that jumps get identical results. The whole state is struct port, without pointers.
 *
 * Timing: a doorbell takes PORT_TX_FETCH_CYCLES to the first read of memory; memory moves 16 bytes a cycle; the next
 * frame is read while the one before is on the line; a frame occupies the line for its bytes plus FCS, preamble and gap
 * at PORT_LINE_MBPS. A received frame goes to memory PORT_RX_PIPE_CYCLES after its last bit came in, the next one not before
 * the copy time of the one before has passed.
 */
#ifndef ASSAY_MODELS_NIC_PORT_H
#define ASSAY_MODELS_NIC_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/nic/placer.h"
#include "port_regs.h"

#define PORT_NEVER UINT64_MAX

enum {
	PORT_TX_FETCH_CYCLES = 20,
	PORT_RX_PIPE_CYCLES = 32,
	PORT_MEMORY_BYTES_PER_CYCLE = 16,
};

/** What the port needs from the NIC. */
struct port_ops {
	/** Reads NIC memory. @return 0, or negative if the range is not all memory. */
	int (*read)(void *ctx, uint64_t address, void *bytes, size_t length);
	/** Writes NIC memory. @return as read. */
	int (*write)(void *ctx, uint64_t address, const void *bytes, size_t length);
	/**
	 * @return whether send() takes a frame now; then the cycle given to it is the one at which the frame has been read, and the line is
	 * not the port's business. When there is room again, port_resume() is called. NULL: the port is alone with its line.
	 */
	bool (*room)(void *ctx);
	/**
	 * Puts a frame on the line.
	 * @param frame valid during the call; at least 60 bytes, no FCS.
	 * @param cycle when its last bit leaves; not before the cycle given to port_advance(), and growing from call to call.
	 */
	void (*send)(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle);
	void *ctx;
};

/** One descriptor ring; counts are free-running. */
struct port_ring {
	uint64_t base;
	uint64_t log2;
	uint64_t tail;
	uint64_t head;
	uint64_t head_address;
	/** Cycle of the ring's next action, PORT_NEVER if it waits for the doorbell or a frame. */
	uint64_t due;
	/** Cycle from which on the ring's memory path is free again. */
	uint64_t free_at;
};

/** Plain state of a port; write it only through the functions below. */
struct port {
	uint64_t id;
	uint64_t control;
	uint64_t status;
	uint64_t mac;
	uint64_t max_frame;
	uint64_t irq_status;
	uint64_t irq_enable;
	uint64_t rx_moderation;
	uint64_t crc_address;
	uint64_t crc_start;
	uint64_t crc_result;
	uint64_t crc_wanted; /**< CRC_START was written, the job has not begun */
	uint64_t error;
	struct port_ring tx;
	struct port_ring rx;
	uint64_t line_free;
	uint64_t tx_waits; /**< a frame waits for room */
	uint64_t net_functions, net_events;
	uint64_t rx_limit;
	uint64_t limited_until[2]; /**< of both kinds that RX_LIMIT knows: cycle until which what has come is paid for */
	uint64_t rx_unannounced;
	uint64_t rx_irq_due;
	uint64_t count_tx_frames;
	uint64_t count_tx_bytes;
	uint64_t count_rx_frames;
	uint64_t count_rx_bytes;
	uint64_t count_rx_filtered;
	uint64_t count_rx_length;
	uint64_t count_rx_overflow;
	uint64_t count_rx_disabled;
	uint64_t count_rx_checksum;
	uint64_t count_rx_limited;
	/** Line rate in Mbit/s; set after port_reset() to simulate another line. */
	uint64_t line_mbps;
	/** Frames that wait for the receive ring: records of arrival cycle, length and bytes, see port_fifo.c. */
	uint64_t fifo_head;
	uint64_t fifo_tail;
	uint8_t fifo[PORT_RX_FIFO_BYTES];
};

/** Power-on reset: everything 0 or the register's reset value, link down, address 0. */
void port_reset(struct port *port);

/** Tells the port whether there is a link partner; a change sets IRQ_STATUS.LINK. */
void port_set_link(struct port *port, bool up);

/** Register read of 8 bytes. @param offset in the window; unknown or unaligned offsets read 0. */
uint64_t port_read(const struct port *port, uint64_t offset);

/**
 * Register write of 8 bytes. Unknown, unaligned and read-only offsets ignore it.
 * @param now the cycle of the write; port_advance() must have been called for every event before it.
 */
void port_write(struct port *port, uint64_t offset, uint64_t value, uint64_t now);

/**
 * A frame's last bit has come in from the line.
 * @param frame copied; destination address first, no FCS.
 * @param cycle arrival; not before the last cycle given to port_advance().
 */
void port_receive(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle);

/** As port_receive(), with what became of its payload (NULL: nothing). */
void port_receive_placed(struct port *port, const uint8_t *frame, size_t length, uint64_t cycle, const struct placement *placement);

/** @return whether RX_LIMIT lets a frame for the firmware pass that came by @p path (PORT_FLOW_PATH_*); if not, it is counted. */
bool port_admits(struct port *port, unsigned path, uint64_t cycle);

/** @return whether software has begun a CRC job since the last call; port_crc_done() ends it. */
bool port_crc_job(struct port *port, uint64_t *address, uint32_t *length, uint32_t *before);
void port_crc_done(struct port *port, uint32_t crc, bool failed);

/** @return the first cycle at which port_advance() has something to do, PORT_NEVER if only a call from outside can bring something. */
uint64_t port_next_event(const struct port *port);

/** Does everything that is due up to and including cycle @p now, in order. */
void port_advance(struct port *port, const struct port_ops *ops, uint64_t now);

/** There is room for a frame again, see struct port_ops. */
void port_resume(struct port *port, uint64_t now);

/** Functions were reset: IRQ_STATUS.NET. */
void port_net_event(struct port *port, uint64_t functions);

/** @return the level of the interrupt line. */
static inline bool port_irq(const struct port *port)
{
	return (port->irq_status & port->irq_enable) != 0;
}

#endif
