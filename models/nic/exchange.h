/* The shared port: moves whole frames between the line, the firmware's rings and the network functions, as the flow classifier
 * (rtl/port) says. It shows the classifier the first bytes of each frame, keeps the frame until the verdict, and sends what the
 * classifier grants. The state is plain.
 *
 *   line ──► FIFO ──header──► classifier ──verdict──► placement ──► firmware (models/nic/port_rx.c), functions (netdev_rx.c)
 *   firmware, functions ──► two slots a queue ──header──► classifier ──verdict──► functions, firmware, or want ──► grant ──► line
 *
 * Timing: a beat of a header a cycle and direction; the line is occupied for the frame's bytes, FCS, preamble and gap.
 */
#ifndef ASSAY_MODELS_NIC_EXCHANGE_H
#define ASSAY_MODELS_NIC_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/nic/placer.h"
#include "port_ports.h"
#include "port_regs.h"

enum {
	EXCHANGE_SLOTS = 2,
	EXCHANGE_FRAME_MAX = 9216,
	EXCHANGE_FIFO_BYTES = 262144,
	EXCHANGE_FIRMWARE = 0, /**< transmit queue of the firmware; 1 + f is function f's */
};

enum exchange_stage { EXCHANGE_FREE, EXCHANGE_NEW, EXCHANGE_JUDGED, EXCHANGE_WANTED, EXCHANGE_GRANTED };

struct exchange_slot {
	uint8_t stage; /**< enum exchange_stage */
	uint16_t length;
	uint64_t ready; /**< cycle at which its last byte has been read */
	uint8_t bytes[EXCHANGE_FRAME_MAX];
};

struct exchange_queue {
	uint8_t put, get;
	struct exchange_slot slot[EXCHANGE_SLOTS];
};

/** A header on its way to the classifier. */
struct exchange_feed {
	bool busy, fed; /**< fed: its last beat has been taken, the verdict is awaited */
	uint8_t queue, beat, beats;
	uint16_t length;
	uint8_t header[PORT_FLOW_HEADER_BYTES];
};

/** A frame from the line whose verdict is known. */
struct exchange_judged {
	bool valid, placing;
	struct port_out verdict;
	uint32_t length;
	uint8_t frame[EXCHANGE_FRAME_MAX];
};

struct exchange {
	struct exchange_queue queue[PORT_FLOW_QUEUES];
	struct exchange_feed rx, tx;
	uint8_t tx_turn;
	bool offered; /**< the grant at the classifier's output has been seen */
	uint64_t line_free;
	uint64_t line_mbps;
	uint64_t rx_overflow, tx_dropped, rx_dropped, frames_to_functions, frames_to_firmware, frames_to_line;
	uint64_t fifo_head, fifo_tail;
	struct exchange_judged judged;
	struct placer placer;
	uint8_t fifo[EXCHANGE_FIFO_BYTES];
};

struct exchange_ops {
	void *ctx;
	/** @param path PORT_FLOW_PATH_*: why. @param placement of its payload; NULL: none */
	void (*to_firmware)(void *ctx, unsigned path, const uint8_t *frame, size_t length, const struct placement *placement);
	void (*to_function)(void *ctx, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement);
	/** @param cycle at which the last bit is on the line */
	void (*to_line)(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle);
	/** Queue @p q has room again. */
	void (*room)(void *ctx, unsigned q);
	struct placer_ops placer;
};

void exchange_reset(struct exchange *exchange);

/** A frame's last bit has come in from the line. */
void exchange_receive(struct exchange *exchange, const uint8_t *frame, size_t length);

/** @return whether queue @p q takes a frame. */
bool exchange_room(const struct exchange *exchange, unsigned q);

/** Takes a frame to send; there must be room. @param ready cycle at which it has been read as a whole */
void exchange_send(struct exchange *exchange, unsigned q, const uint8_t *frame, size_t length, uint64_t ready);

/** @return whether frames are under way here. */
bool exchange_busy(const struct exchange *exchange);

/** One cycle: @p in and @p out are at the classifier's ports now, @p next receives what is to be there in the next cycle (but for the registers). */
void exchange_cycle(struct exchange *exchange, const struct exchange_ops *ops, const struct port_in *in, const struct port_out *out,
	struct port_in *next, uint64_t cycle);

#endif
