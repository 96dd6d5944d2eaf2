#include "models/nic/exchange.h"

#include <string.h>

#include "models/nic/netdev.h"

enum { RECORD_HEADER = 8, BEAT_BYTES = 8, FCS_BYTES = 4, PREAMBLE_BYTES = 8, GAP_BYTES = 12 };

void exchange_reset(struct exchange *exchange)
{
	memset(exchange, 0, sizeof(*exchange));
	exchange->line_mbps = PORT_LINE_MBPS;
}

/* --- frames from the line ----------------------------------------------------------------------------------------------- */

static void fifo_write(struct exchange *x, const uint8_t *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		x->fifo[(x->fifo_tail + i) % EXCHANGE_FIFO_BYTES] = bytes[i];
	x->fifo_tail += length;
}

static void fifo_read(const struct exchange *x, uint64_t at, uint8_t *bytes, size_t length)
{
	size_t place = (size_t)(at % EXCHANGE_FIFO_BYTES);
	size_t first = length < EXCHANGE_FIFO_BYTES - place ? length : EXCHANGE_FIFO_BYTES - place;

	memcpy(bytes, x->fifo + place, first);
	memcpy(bytes + first, x->fifo, length - first);
}

static size_t fifo_front(const struct exchange *x)
{
	uint8_t header[RECORD_HEADER];

	if (x->fifo_head == x->fifo_tail)
		return 0;
	fifo_read(x, x->fifo_head, header, sizeof(header));
	return (size_t)netdev_le(header, sizeof(header));
}

void exchange_receive(struct exchange *x, const uint8_t *frame, size_t length)
{
	uint8_t header[RECORD_HEADER];

	if (length == 0 || length > EXCHANGE_FRAME_MAX || x->fifo_tail - x->fifo_head + RECORD_HEADER + length > EXCHANGE_FIFO_BYTES) {
		x->rx_overflow++;
		return;
	}
	netdev_put_le(header, sizeof(header), length);
	fifo_write(x, header, sizeof(header));
	fifo_write(x, frame, length);
}

/* --- frames to send ----------------------------------------------------------------------------------------------------- */

bool exchange_room(const struct exchange *x, unsigned q)
{
	return x->queue[q].slot[x->queue[q].put].stage == EXCHANGE_FREE;
}

void exchange_send(struct exchange *x, unsigned q, const uint8_t *frame, size_t length, uint64_t ready)
{
	struct exchange_queue *queue = &x->queue[q];
	struct exchange_slot *slot = &queue->slot[queue->put];

	queue->put = (uint8_t)((queue->put + 1) % EXCHANGE_SLOTS);
	slot->stage = EXCHANGE_NEW;
	slot->ready = ready;
	memcpy(slot->bytes, frame, length);
	if (length < PORT_FRAME_MIN)
		memset(slot->bytes + length, 0, PORT_FRAME_MIN - length);
	slot->length = (uint16_t)(length < PORT_FRAME_MIN ? PORT_FRAME_MIN : length);
}

static void release(struct exchange *x, const struct exchange_ops *ops, unsigned q, struct exchange_slot *slot)
{
	slot->stage = EXCHANGE_FREE;
	x->queue[q].get = (uint8_t)((x->queue[q].get + 1) % EXCHANGE_SLOTS);
	ops->room(ops->ctx, q);
}

/* --- headers to the classifier -------------------------------------------------------------------------------------------- */

static void load(struct exchange_feed *feed, unsigned q, const uint8_t *frame, size_t length)
{
	size_t bytes = length < sizeof(feed->header) ? length : sizeof(feed->header);

	memset(feed, 0, sizeof(*feed));
	feed->busy = true;
	feed->queue = (uint8_t)q;
	feed->length = (uint16_t)length;
	feed->beats = (uint8_t)((bytes + BEAT_BYTES - 1) / BEAT_BYTES);
	memcpy(feed->header, frame, bytes);
}

static void load_rx(struct exchange *x)
{
	size_t length = fifo_front(x);
	uint8_t header[PORT_FLOW_HEADER_BYTES];

	if (x->rx.busy || length == 0)
		return;
	fifo_read(x, x->fifo_head + RECORD_HEADER, header, length < sizeof(header) ? length : sizeof(header));
	load(&x->rx, 0, header, length);
}

/* The slots of a queue are judged in order: the older one first. */
static struct exchange_slot *new_slot(struct exchange_queue *queue)
{
	for (unsigned i = 0; i < EXCHANGE_SLOTS; i++) {
		struct exchange_slot *slot = &queue->slot[(queue->get + i) % EXCHANGE_SLOTS];

		if (slot->stage == EXCHANGE_NEW)
			return slot;
	}
	return NULL;
}

static void load_tx(struct exchange *x)
{
	for (unsigned i = 0; i < PORT_FLOW_QUEUES && !x->tx.busy; i++) {
		unsigned q = (x->tx_turn + i) % PORT_FLOW_QUEUES;
		const struct exchange_slot *slot = new_slot(&x->queue[q]);

		if (!slot)
			continue;
		load(&x->tx, q, slot->bytes, slot->length);
		x->tx_turn = (uint8_t)((q + 1) % PORT_FLOW_QUEUES);
	}
}

static void advance(struct exchange_feed *feed, bool taken)
{
	if (!taken)
		return;
	feed->beat++;
	feed->fed = feed->beat == feed->beats;
}

static uint64_t beat_of(const struct exchange_feed *feed)
{
	return netdev_le(feed->header + feed->beat * BEAT_BYTES, BEAT_BYTES);
}

static void drive_headers(const struct exchange *x, struct port_in *next)
{
	const struct exchange_feed *rx = &x->rx, *tx = &x->tx;
	bool rx_valid = rx->busy && !rx->fed, tx_valid = tx->busy && !tx->fed;

	next->rx_valid = rx_valid;
	next->rx_sop = rx_valid && rx->beat == 0;
	next->rx_eop = rx_valid && rx->beat + 1 == rx->beats;
	next->rx_length = rx_valid ? rx->length : 0;
	next->rx_data = rx_valid ? beat_of(rx) : 0;
	next->tx_valid = tx_valid;
	next->tx_sop = tx_valid && tx->beat == 0;
	next->tx_eop = tx_valid && tx->beat + 1 == tx->beats;
	next->tx_source = tx_valid ? tx->queue : 0;
	next->tx_length = tx_valid ? tx->length : 0;
	next->tx_data = tx_valid ? beat_of(tx) : 0;
}

/* --- verdicts ------------------------------------------------------------------------------------------------------------- */

static void give(struct exchange *x, const struct exchange_ops *ops, const struct port_out *out, const uint8_t *frame, size_t length,
	bool from_firmware, const struct placement *placement)
{
	bool flood = out->verdict_kind == PORT_FLOW_FLOOD;

	if (out->verdict_kind == PORT_FLOW_FUNCTION) {
		x->frames_to_functions++;
		ops->to_function(ops->ctx, out->verdict_function, frame, length, placement);
	}
	if (out->verdict_kind == PORT_FLOW_FIRMWARE || (flood && !from_firmware)) {
		x->frames_to_firmware++;
		ops->to_firmware(ops->ctx, out->verdict_path, frame, length, placement);
	}
	for (unsigned f = 0; flood && f < PORT_FLOW_FUNCTIONS; f++)
		if (out->verdict_mask >> f & 1)
			ops->to_function(ops->ctx, f, frame, length, NULL);
}


static void judge_rx(struct exchange *x, const struct port_out *out)
{
	struct exchange_judged *judged = &x->judged;
	size_t length = fifo_front(x);

	fifo_read(x, x->fifo_head + RECORD_HEADER, judged->frame, length);
	judged->length = (uint32_t)length;
	judged->verdict = *out;
	judged->valid = true;
	judged->placing = false;
	x->fifo_head += RECORD_HEADER + length;
	x->rx_dropped += out->verdict_kind == PORT_FLOW_DROP;
}

/* The frame goes to its owner: at once, or when its payload has been through the placement unit. The next one is judged after it. */
static void pass_on(struct exchange *x, const struct exchange_ops *ops)
{
	struct exchange_judged *judged = &x->judged;
	const struct port_out *v = &judged->verdict;
	bool one = v->verdict_kind == PORT_FLOW_FIRMWARE || v->verdict_kind == PORT_FLOW_FUNCTION;
	struct placement placement = {0};

	if (!judged->valid)
		return;
	if (!judged->placing && one && v->open && !x->placer.busy)
		judged->placing = placer_begin(&x->placer, v->verdict_kind == PORT_FLOW_FIRMWARE ? 0 : 1u + v->verdict_function, v, judged->frame, judged->length);
	else if (!judged->placing && one && v->open)
		return; /* the unit works on a job */
	if (judged->placing && !placer_result(&x->placer, &placement))
		return;
	give(x, ops, v, judged->frame, judged->length, false, judged->placing ? &placement : NULL);
	judged->valid = false;
	x->rx.busy = false;
}

static void judge_tx(struct exchange *x, const struct exchange_ops *ops, const struct port_out *out)
{
	unsigned q = x->tx.queue;
	struct exchange_slot *slot = new_slot(&x->queue[q]);

	x->tx.busy = false;
	give(x, ops, out, slot->bytes, slot->length, q == EXCHANGE_FIRMWARE, NULL);
	if (out->verdict_kind == PORT_FLOW_LINE || out->verdict_kind == PORT_FLOW_FLOOD) {
		slot->stage = EXCHANGE_JUDGED;
		return;
	}
	x->tx_dropped += out->verdict_kind == PORT_FLOW_DROP;
	/* A frame that was judged after an older one that still waits for the line goes back when its turn comes. */
	slot->stage = EXCHANGE_GRANTED;
	slot->length = 0;
}

/* Slots whose frame needs no line any more, in order. */
static void release_done(struct exchange *x, const struct exchange_ops *ops, unsigned q)
{
	struct exchange_queue *queue = &x->queue[q];

	while (queue->slot[queue->get].stage == EXCHANGE_GRANTED && queue->slot[queue->get].length == 0)
		release(x, ops, q, &queue->slot[queue->get]);
}

/* --- the line -------------------------------------------------------------------------------------------------------------- */

static uint64_t line_cycles(const struct exchange *x, size_t bytes)
{
	return (bytes * 8000 + x->line_mbps - 1) / x->line_mbps;
}

static struct exchange_slot *slot_at(struct exchange_queue *queue, enum exchange_stage stage)
{
	for (unsigned i = 0; i < EXCHANGE_SLOTS; i++) {
		struct exchange_slot *slot = &queue->slot[(queue->get + i) % EXCHANGE_SLOTS];

		if (slot->stage == stage && slot->length > 0)
			return slot;
	}
	return NULL;
}

/* A queue wants its next frame as soon as the grant of the one before is offered. One want a cycle. */
static void drive_want(struct exchange *x, const struct port_in *in, const struct port_out *out, struct port_in *next)
{
	if (in->want_valid && out->want_ready) {
		struct exchange_slot *slot = slot_at(&x->queue[in->want_queue], EXCHANGE_JUDGED);

		slot->stage = EXCHANGE_WANTED;
	}
	next->want_valid = 0;
	next->want_queue = 0;
	next->want_length = 0;
	for (unsigned q = 0; q < PORT_FLOW_QUEUES && !next->want_valid; q++) {
		const struct exchange_slot *slot = slot_at(&x->queue[q], EXCHANGE_JUDGED);

		if (!slot || slot_at(&x->queue[q], EXCHANGE_WANTED))
			continue;
		next->want_valid = 1;
		next->want_queue = (uint8_t)q;
		next->want_length = slot->length;
	}
}

static void transmit(struct exchange *x, const struct exchange_ops *ops, unsigned q, uint64_t cycle)
{
	struct exchange_slot *slot = slot_at(&x->queue[q], EXCHANGE_GRANTED);
	uint64_t start = slot->ready > cycle ? slot->ready : cycle;

	start = start > x->line_free ? start : x->line_free;
	x->line_free = start + line_cycles(x, slot->length + FCS_BYTES + PREAMBLE_BYTES + GAP_BYTES);
	x->frames_to_line++;
	ops->to_line(ops->ctx, slot->bytes, slot->length, start + line_cycles(x, slot->length + FCS_BYTES + PREAMBLE_BYTES));
	slot->length = 0;
	release_done(x, ops, q);
}

static void drive_grant(struct exchange *x, const struct exchange_ops *ops, const struct port_in *in, const struct port_out *out,
	struct port_in *next, uint64_t cycle)
{
	if (out->grant_valid && !x->offered) {
		slot_at(&x->queue[out->grant_queue], EXCHANGE_WANTED)->stage = EXCHANGE_GRANTED;
		x->offered = true;
	}
	if (out->grant_valid && in->grant_ready) {
		transmit(x, ops, out->grant_queue, cycle);
		x->offered = false;
	}
	next->grant_ready = x->line_free <= cycle + 1;
}

bool exchange_busy(const struct exchange *x)
{
	bool busy = x->fifo_head != x->fifo_tail || x->judged.valid || placer_busy(&x->placer);

	for (unsigned q = 0; q < PORT_FLOW_QUEUES; q++)
		busy |= x->queue[q].slot[0].stage != EXCHANGE_FREE || x->queue[q].slot[1].stage != EXCHANGE_FREE;
	return busy;
}

void exchange_cycle(struct exchange *x, const struct exchange_ops *ops, const struct port_in *in, const struct port_out *out,
	struct port_in *next, uint64_t cycle)
{
	advance(&x->rx, in->rx_valid && out->rx_ready);
	advance(&x->tx, in->tx_valid && out->tx_ready);
	if (out->verdict_valid && in->verdict_ready) {
		if (out->verdict_dir == 0) {
			judge_rx(x, out);
		} else {
			unsigned q = x->tx.queue;

			judge_tx(x, ops, out);
			release_done(x, ops, q);
		}
	}
	placer_take(&x->placer, &ops->placer, x->judged.frame, in, out);
	pass_on(x, ops);
	placer_drive(&x->placer, &ops->placer, x->judged.frame, next);
	drive_grant(x, ops, in, out, next, cycle);
	drive_want(x, in, out, next);
	load_rx(x);
	load_tx(x);
	drive_headers(x, next);
	next->verdict_ready = 1;
}
