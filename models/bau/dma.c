/* DMA: carries accesses out in their order, one word of memory a cycle, and hands messages on behind earlier writes. */
#include "models/bau/unit.h"

enum { REST, CHUNK, READ, WRITE, DISCARD, PARK, TRAILER };

/* Low bits of the tag of a read. */
enum { TAG_LAST_OF_CHUNK = 1, TAG_LAST_OF_REQUEST = 2, TAG_EPOCH = 4 };

/** Disabled bytes before the first enabled one of @p enables; 0 if none is enabled. */
static unsigned leading(unsigned enables)
{
	return enables & 1 || !enables ? 0 : enables & 2 ? 1 : enables & 4 ? 2 : 3;
}

/** Disabled bytes after the last enabled one of @p enables; 0 if none is enabled. */
static unsigned trailing(unsigned enables)
{
	return enables & 8 || !enables ? 0 : enables & 4 ? 1 : enables & 2 ? 2 : 3;
}

/** The byte count of the first completion, PCIe 4.0, table 2-40; 1 for a read of no byte. */
static uint16_t byte_count(const struct bau_issue *job)
{
	unsigned last = job->length_dw == 1 ? job->first_be : job->last_be;
	if (job->length_dw == 1 && job->first_be == 0)
		return 1;
	return (job->length_dw * 4u - leading(job->first_be) - trailing(last)) & 0xfff;
}

static unsigned misaligned(const struct bau_issue *job)
{
	return job->address >> 2 & 1;
}

/** @return the bytes of DW @p index of a write that change. */
static unsigned enables_of(const struct bau_issue *job, int index)
{
	if (index < 0 || index >= job->length_dw)
		return 0;
	if (index == 0)
		return job->first_be;
	return index == job->length_dw - 1 ? job->last_be : 0xf;
}

/** Whether the next word of a write takes a beat; the last word may consist of the carry alone. */
static bool needs_beat(const struct bau_dma *d)
{
	return d->left < d->job.length_dw;
}

/** Whether the next beat of the job's payload is there; it comes from the link or, for a replay, from the holder. */
static bool has_beat(const struct bau *bau)
{
	return ring_valid(bau->dma.job.kind == BAU_ISSUE_REPLAY ? &bau->replay_ring : &bau->payload_ring);
}

static struct bau_payload first_beat(const struct bau *bau)
{
	return bau->dma.job.kind == BAU_ISSUE_REPLAY ? bau->replay[bau->replay_ring.head] : bau->payload[bau->payload_ring.head];
}

static struct bau_payload pop_beat(struct bau *bau)
{
	struct bau_payload beat = first_beat(bau);
	ring_pop(bau->dma.job.kind == BAU_ISSUE_REPLAY ? &bau->replay_ring : &bau->payload_ring);
	return beat;
}

static void write_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_dma *d = &bau->dma;
	struct bau_payload beat = {0, 0};
	if (needs_beat(d))
		beat = first_beat(bau);
	unsigned odd = misaligned(&d->job);
	int low = (int)d->left - (int)odd;
	unsigned low_be = (odd ? d->carry_kill : beat.kill) ? 0 : enables_of(&d->job, low);
	unsigned high_be = beat.kill ? 0 : enables_of(&d->job, low + 1);
	access->op = BAU_MEM_WRITE;
	access->data = odd ? beat.data << 32 | d->carry : beat.data;
	access->strb = (uint8_t)(low_be | high_be << 4);
}

/** The access of PARK (a beat as it is) or TRAILER. @return whether it is asked for. */
static bool park_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_dma *d = &bau->dma;
	access->op = BAU_MEM_WRITE;
	access->strb = 0xff;
	if (d->state == TRAILER) {
		access->addr = d->job.address - BAU_HOLD_PLACE_BYTES / 2 + 24;
		access->data = d->good;
		return true;
	}
	access->addr = d->job.address + 4u * d->left;
	access->data = first_beat(bau).data;
	return has_beat(bau);
}

bool bau_dma_access(const struct bau *bau, struct bau_access *access)
{
	const struct bau_dma *d = &bau->dma;
	if (d->state != READ && d->state != WRITE && d->state != PARK && d->state != TRAILER)
		return false;
	*access = (struct bau_access){.valid = 1, .op = BAU_MEM_READ, .tag = bau_tag(BAU_UNIT_DMA, 0)};
	access->addr = d->job.address & ~7ull;
	if (d->state == PARK || d->state == TRAILER)
		return park_access(bau, access);
	if (d->state == WRITE) {
		write_access(bau, access);
		return !needs_beat(d) || has_beat(bau);
	}
	if (d->words_left == 1)
		access->tag |= (uint8_t)(TAG_LAST_OF_CHUNK | (d->left == 0 ? TAG_LAST_OF_REQUEST : 0));
	if (d->job.epoch)
		access->tag |= TAG_EPOCH;
	return d->reserved < BAU_WORD_DEPTH;
}

static void push_chunk(struct bau *bau, const struct bau_issue *job, uint8_t length_dw, uint16_t bytes, bool first)
{
	bau->chunk[ring_push(&bau->chunk_ring, BAU_CHUNK_DEPTH)] = (struct bau_chunk){
		.refuse = job->kind == BAU_ISSUE_REFUSE,
		.partition = job->partition,
		.rid = job->rid,
		.tag = job->tag,
		.length_dw = length_dw,
		.words = (uint8_t)((misaligned(job) + length_dw + 1) / 2),
		.lower = (uint8_t)((job->address & 0x7c) | (first ? leading(job->first_be) : 0)),
		.bytes = bytes,
		.address = job->address,
	};
}

static uint8_t start(struct bau *bau, struct bau_wires *wires)
{
	struct bau_dma *d = &bau->dma;
	d->job = bau->issue[ring_pop(&bau->issue_ring)];
	d->first = 1;
	d->bytes = byte_count(&d->job);
	switch (d->job.kind) {
	case BAU_ISSUE_READ:
		d->left = d->job.length_dw;
		return CHUNK;
	case BAU_ISSUE_WRITE:
	case BAU_ISSUE_REPLAY:
		d->left = 0;
		return WRITE;
	case BAU_ISSUE_PARK:
		d->left = 0;
		d->good = 0;
		return PARK;
	case BAU_ISSUE_DISCARD:
		d->left = 0;
		return DISCARD;
	case BAU_ISSUE_MESSAGE:
		wires->released = 1;
		return REST;
	default:
		push_chunk(bau, &d->job, 0, d->bytes, true);
		return REST;
	}
}

static uint8_t step_chunk(struct bau *bau)
{
	struct bau_dma *d = &bau->dma;
	if (!ring_room(&bau->chunk_ring, BAU_CHUNK_DEPTH))
		return CHUNK;
	unsigned room = 64 - (d->job.address >> 2 & 63);
	uint8_t length = (uint8_t)(d->left < room ? d->left : room);
	push_chunk(bau, &d->job, length, d->bytes, d->first);
	d->words_left = (uint8_t)((misaligned(&d->job) + length + 1) / 2);
	d->bytes = (uint16_t)((d->bytes - length * 4u + (d->first ? leading(d->job.first_be) : 0)) & 0xfff);
	d->left = (uint8_t)(d->left - length);
	d->first = 0;
	return READ;
}

static uint8_t step_read(struct bau_dma *d, struct bau_wires *wires)
{
	if (wires->granted != BAU_UNIT_DMA)
		return READ;
	d->job.address = (d->job.address & ~7ull) + 8;
	d->reserved++;
	d->words_left--;
	if (d->words_left != 0)
		return READ;
	if (d->left != 0)
		return CHUNK;
	bau_count(wires, BAU_DMA_READS);
	return REST;
}

static uint8_t step_write(struct bau *bau, struct bau_wires *wires)
{
	struct bau_dma *d = &bau->dma;
	if (wires->granted != BAU_UNIT_DMA)
		return WRITE;
	unsigned odd = misaligned(&d->job);
	if (needs_beat(d)) {
		struct bau_payload beat = pop_beat(bau);
		d->carry = (uint32_t)(beat.data >> 32);
		d->carry_kill = beat.kill;
	}
	d->job.address += 8;
	d->left = (uint8_t)(d->left + 2);
	if (d->left < d->job.length_dw + odd)
		return WRITE;
	wires->ended[d->job.epoch]++;
	bau_count(wires, BAU_DMA_WRITES);
	return REST;
}

static uint8_t step_discard(struct bau *bau)
{
	struct bau_dma *d = &bau->dma;
	if (!ring_valid(&bau->payload_ring))
		return DISCARD;
	ring_pop(&bau->payload_ring);
	d->left = (uint8_t)(d->left + 2);
	return d->left < d->job.length_dw ? DISCARD : REST;
}

static uint8_t step_park(struct bau *bau, const struct bau_wires *wires)
{
	struct bau_dma *d = &bau->dma;
	if (wires->granted != BAU_UNIT_DMA)
		return PARK;
	d->good = (uint8_t)(d->good + !pop_beat(bau).kill);
	d->left = (uint8_t)(d->left + 2);
	return d->left < d->job.length_dw ? PARK : TRAILER;
}

static uint8_t step_trailer(struct bau_dma *d, struct bau_wires *wires)
{
	if (wires->granted != BAU_UNIT_DMA)
		return TRAILER;
	wires->ended[d->job.epoch]++;
	wires->park_ended = 1;
	return REST;
}

/** Takes a word that was read. */
static void take_answer(struct bau *bau, struct bau_wires *wires)
{
	struct bau_dma *d = &bau->dma;
	const struct bau_in *in = wires->in;
	bau->word[ring_push(&bau->word_ring, BAU_WORD_DEPTH)] = in->mem_rsp_data;
	d->error |= in->mem_rsp_err;
	if (in->mem_rsp_tag & TAG_LAST_OF_CHUNK) {
		bau->done[ring_push(&bau->done_ring, BAU_CHUNK_DEPTH)] = d->error;
		d->error = 0;
		if (in->mem_rsp_tag & TAG_LAST_OF_REQUEST)
			wires->ended[in->mem_rsp_tag & TAG_EPOCH ? 1 : 0]++;
	}
}

void bau_dma_step(struct bau *bau, struct bau_wires *wires)
{
	struct bau_dma *d = &bau->dma;
	switch (d->state) {
	case REST:
		if (ring_valid(&bau->issue_ring) && ring_room(&bau->chunk_ring, BAU_CHUNK_DEPTH))
			d->state = start(bau, wires);
		break;
	case CHUNK: d->state = step_chunk(bau); break;
	case READ: d->state = step_read(d, wires); break;
	case WRITE: d->state = step_write(bau, wires); break;
	case PARK: d->state = step_park(bau, wires); break;
	case TRAILER: d->state = step_trailer(d, wires); break;
	default: d->state = step_discard(bau); break;
	}
	if (bau_answered(wires, BAU_UNIT_DMA))
		take_answer(bau, wires);
}
