/* Receiver of TLPs: from beats to requests, messages and write payload. */
#include "models/bau/unit.h"

enum { HEAD, ADDRESS, PAYLOAD, MESSAGE, SKIP, PAD, REPORT };

enum { TYPE_READ = 0x20, TYPE_WRITE = 0x60, TYPE_MASK_MEMORY_READ = 0x5f };

static void push_request(struct bau *bau, enum bau_kind kind, uint8_t cause, uint32_t data)
{
	const struct bau_receiver *r = &bau->receiver;
	struct bau_request *request = &bau->request[ring_push(&bau->request_ring, BAU_REQUEST_DEPTH)];
	*request = (struct bau_request){
		.kind = (uint8_t)kind,
		.cause = cause,
		.rid = (uint16_t)(r->dw[1] >> 16),
		.tag = (uint8_t)(r->dw[1] >> 8),
		.length_dw = (uint8_t)r->dw[0],
		.first_be = r->dw[1] & 0xf,
		.last_be = r->dw[1] >> 4 & 0xf,
		.address = r->address,
		.id = kind == BAU_KIND_MESSAGE ? r->sequence + 1 : 0,
		.data = data,
	};
}

static void refuse(struct bau *bau, uint8_t cause)
{
	push_request(bau, BAU_KIND_DROP, cause, bau->receiver.dw[0]);
}

/** @return whether length, byte enables and page of the request are legal for at most @p most DWs. */
static bool well_formed(const struct bau_receiver *r, unsigned most)
{
	unsigned length = r->dw[0] & 0x3ff;
	unsigned first = r->dw[1] & 0xf, last = r->dw[1] >> 4 & 0xf;
	bool enables = length == 1 ? last == 0 : first != 0 && last != 0;
	return length >= 1 && length <= most && enables && (r->address >> 2 & 0x3ff) + length <= 1024;
}

static bool is_doorbell(uint64_t address)
{
	return address >> 12 >= BAU_DOORBELL_BASE >> 12 && address >> 12 < (BAU_DOORBELL_BASE >> 12) + BAU_NUM_PARTITIONS;
}

static uint8_t take_read(struct bau *bau, bool eop)
{
	struct bau_receiver *r = &bau->receiver;
	uint8_t cause = 0;
	if (r->dw[0] >> 24 != TYPE_READ || !eop || !well_formed(r, BAU_READ_BYTES / 4))
		cause = BAU_CAUSE_TLP;
	else if (is_doorbell(r->address))
		cause = BAU_CAUSE_MESSAGE;
	push_request(bau, BAU_KIND_READ, cause, r->dw[0]);
	r->report = 0;
	return eop ? HEAD : SKIP;
}

static uint8_t take_write(struct bau *bau, bool eop)
{
	struct bau_receiver *r = &bau->receiver;
	bool poisoned = r->dw[0] >> 14 & 1;
	r->report = 0;
	if (r->dw[0] >> 24 != TYPE_WRITE || eop || poisoned || !well_formed(r, BAU_PAYLOAD_BYTES / 4)) {
		refuse(bau, BAU_CAUSE_TLP);
		return eop ? HEAD : SKIP;
	}
	if (!is_doorbell(r->address)) {
		push_request(bau, BAU_KIND_WRITE, 0, r->dw[0]);
		r->beats_left = (uint8_t)(((r->dw[0] & 0x7f) + 1) / 2);
		return PAYLOAD;
	}
	if ((r->dw[0] & 0x3ff) == 1 && (r->dw[1] & 0xf) == 0xf && (r->address & 0xf) == 0)
		return MESSAGE;
	refuse(bau, BAU_CAUSE_MESSAGE);
	return SKIP;
}

static uint8_t step_address(struct bau *bau, const struct bau_beat *beat)
{
	struct bau_receiver *r = &bau->receiver;
	if (!beat || !ring_room(&bau->request_ring, BAU_REQUEST_DEPTH))
		return ADDRESS;
	if (beat->sop)
		return REPORT;
	ring_pop(&bau->in_ring);
	r->address = beat->data << 32 | (beat->data >> 32 & 0xfffffffc);
	if ((r->dw[0] >> 24 & TYPE_MASK_MEMORY_READ) == 0)
		return take_read(bau, beat->eop);
	return take_write(bau, beat->eop);
}

static uint8_t step_message(struct bau *bau, struct bau_wires *wires, const struct bau_beat *beat)
{
	struct bau_receiver *r = &bau->receiver;
	if (!beat || !ring_room(&bau->request_ring, BAU_REQUEST_DEPTH))
		return MESSAGE;
	if (beat->sop)
		return REPORT;
	ring_pop(&bau->in_ring);
	if (!beat->eop) {
		refuse(bau, BAU_CAUSE_TLP);
		return SKIP;
	}
	push_request(bau, BAU_KIND_MESSAGE, 0, (uint32_t)beat->data);
	r->sequence++;
	r->arrival_valid = 1;
	r->arrival_function = (uint16_t)(r->dw[1] >> 16);
	r->arrival_value = (uint32_t)(r->address >> 4 & 0xff) << 16 | (beat->data & 0xffff);
	bau_count(wires, BAU_MESSAGES);
	return HEAD;
}

static uint8_t step_payload(struct bau *bau, const struct bau_beat *beat)
{
	struct bau_receiver *r = &bau->receiver;
	if (!beat || !ring_room(&bau->payload_ring, BAU_PAYLOAD_DEPTH))
		return PAYLOAD;
	if (beat->sop)
		return PAD;
	ring_pop(&bau->in_ring);
	bau->payload[ring_push(&bau->payload_ring, BAU_PAYLOAD_DEPTH)] = (struct bau_payload){beat->data, 0};
	r->beats_left--;
	if (beat->eop)
		return r->beats_left == 0 ? HEAD : PAD;
	r->report = r->beats_left == 0;
	return r->beats_left == 0 ? SKIP : PAYLOAD;
}

static uint8_t step_skip(struct bau *bau, const struct bau_beat *beat)
{
	uint8_t after = bau->receiver.report ? REPORT : HEAD;
	if (!beat)
		return SKIP;
	if (beat->sop)
		return after;
	ring_pop(&bau->in_ring);
	return beat->eop ? after : SKIP;
}

static uint8_t step_pad(struct bau *bau)
{
	if (!ring_room(&bau->payload_ring, BAU_PAYLOAD_DEPTH))
		return PAD;
	bau->payload[ring_push(&bau->payload_ring, BAU_PAYLOAD_DEPTH)] = (struct bau_payload){0, 1};
	bau->receiver.beats_left--;
	return bau->receiver.beats_left == 0 ? REPORT : PAD;
}

static uint8_t step_head(struct bau *bau, const struct bau_beat *beat)
{
	struct bau_receiver *r = &bau->receiver;
	if (!beat)
		return HEAD;
	ring_pop(&bau->in_ring);
	if (!beat->sop)
		return HEAD;
	r->dw[0] = (uint32_t)beat->data;
	r->dw[1] = (uint32_t)(beat->data >> 32);
	r->address = 0;
	return beat->eop ? REPORT : ADDRESS;
}

static uint8_t step_report(struct bau *bau)
{
	if (!ring_room(&bau->request_ring, BAU_REQUEST_DEPTH))
		return REPORT;
	refuse(bau, BAU_CAUSE_TLP);
	return HEAD;
}

static void take_beat(struct bau *bau, const struct bau_in *in)
{
	if (in->pcie_rx_valid && ring_room(&bau->in_ring, BAU_IN_DEPTH)) {
		struct bau_beat beat = {in->pcie_rx_data, in->pcie_rx_sop, in->pcie_rx_eop};
		bau->in[ring_push(&bau->in_ring, BAU_IN_DEPTH)] = beat;
	}
}

void bau_receiver_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_receiver *r = &bau->receiver;
	struct bau_beat head = bau->in[bau->in_ring.head];
	const struct bau_beat *beat = ring_valid(&bau->in_ring) ? &head : NULL;
	r->arrival_valid = 0;
	r->arrival_function = 0;
	r->arrival_value = 0;
	switch (r->state) {
	case HEAD: r->state = step_head(bau, beat); break;
	case ADDRESS: r->state = step_address(bau, beat); break;
	case PAYLOAD: r->state = step_payload(bau, beat); break;
	case MESSAGE: r->state = step_message(bau, wires, beat); break;
	case SKIP: r->state = step_skip(bau, beat); break;
	case PAD: r->state = step_pad(bau); break;
	default: r->state = step_report(bau); break;
	}
	take_beat(bau, wires->in);
}
