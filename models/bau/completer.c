/* Completer: sends a completion as soon as all its data has arrived. */
#include "models/bau/unit.h"

enum { REST, REPORT, HEAD, ADDRESS, DATA };

enum { TYPE_COMPLETION = 0x0a, TYPE_COMPLETION_WITH_DATA = 0x4a, STATUS_UR = 1 };

bool bau_completer_fault(const struct bau *bau, struct bau_fault *fault)
{
	const struct bau_chunk *chunk = &bau->completer.chunk;
	if (bau->completer.state != REPORT)
		return false;
	*fault = (struct bau_fault){
		.cause = BAU_CAUSE_MEMORY,
		.partition = chunk->partition,
		.rid = chunk->rid,
		.address = chunk->address,
	};
	return true;
}

static void send(struct bau *bau, uint64_t data, bool sop, bool eop)
{
	bau->tx[ring_push(&bau->tx_ring, BAU_TX_DEPTH)] = (struct bau_beat){data, sop, eop};
}

static uint64_t next_word(struct bau *bau, struct bau_wires *wires)
{
	wires->word_popped = 1;
	bau->completer.chunk.words--;
	return bau->word[ring_pop(&bau->word_ring)];
}

static uint8_t step_rest(struct bau *bau)
{
	struct bau_completer *c = &bau->completer;
	if (!ring_valid(&bau->chunk_ring))
		return REST;
	const struct bau_chunk *chunk = &bau->chunk[bau->chunk_ring.head];
	if (!chunk->refuse && !ring_valid(&bau->done_ring))
		return REST;
	c->chunk = *chunk;
	c->error = 0;
	ring_pop(&bau->chunk_ring);
	if (!chunk->refuse)
		c->error = bau->done[ring_pop(&bau->done_ring)];
	return c->error ? REPORT : HEAD;
}

static uint8_t step_head(struct bau *bau)
{
	const struct bau_completer *c = &bau->completer;
	const struct bau_chunk *chunk = &c->chunk;
	uint64_t type = chunk->refuse ? TYPE_COMPLETION : TYPE_COMPLETION_WITH_DATA;
	uint64_t dw0 = type << 24 | (uint64_t)c->error << 14 | chunk->length_dw;
	uint64_t dw1 = (chunk->refuse ? STATUS_UR << 13 : 0) | chunk->bytes;
	send(bau, dw1 << 32 | dw0, true, false);
	return ADDRESS;
}

static uint8_t step_address(struct bau *bau, struct bau_wires *wires)
{
	struct bau_completer *c = &bau->completer;
	uint64_t dw2 = (uint64_t)c->chunk.rid << 16 | (uint64_t)c->chunk.tag << 8 | c->chunk.lower;
	send(bau, dw2, false, c->chunk.refuse);
	if (c->chunk.refuse)
		return REST;
	if (c->chunk.address >> 2 & 1)
		c->carry = (uint32_t)(next_word(bau, wires) >> 32);
	return DATA;
}

static uint8_t step_data(struct bau *bau, struct bau_wires *wires)
{
	struct bau_completer *c = &bau->completer;
	uint64_t word = c->chunk.words ? next_word(bau, wires) : 0;
	uint64_t beat = c->chunk.address >> 2 & 1 ? word << 32 | c->carry : word;
	c->carry = (uint32_t)(word >> 32);
	bool last = c->chunk.length_dw <= 2;
	if (c->chunk.length_dw == 1)
		beat &= 0xffffffff;
	send(bau, beat, false, last);
	c->chunk.length_dw = (uint8_t)(c->chunk.length_dw - (last ? c->chunk.length_dw : 2));
	return last ? REST : DATA;
}

void bau_completer_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_completer *c = &bau->completer;
	bool room = ring_room(&bau->tx_ring, BAU_TX_DEPTH);
	switch (c->state) {
	case REST: c->state = step_rest(bau); break;
	case REPORT: c->state = wires->accepted == BAU_REPORT_COMPLETER ? HEAD : REPORT; break;
	case HEAD: c->state = room ? step_head(bau) : HEAD; break;
	case ADDRESS: c->state = room ? step_address(bau, wires) : ADDRESS; break;
	default: c->state = room ? step_data(bau, wires) : DATA; break;
	}
	if (wires->in->pcie_tx_ready && ring_valid(&bau->tx_ring))
		ring_pop(&bau->tx_ring);
}
