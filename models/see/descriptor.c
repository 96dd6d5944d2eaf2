/* The item RING: one descriptor, of an event or of a slot, for the firmware; section 8. */
#include "models/see/internal.h"

enum { W8, W9, W10, W11, W12, W13 };

static void push(struct see *s, const struct see_descriptor *d, unsigned fn, uint32_t seq)
{
	unsigned type = (unsigned)FIELD_GET(SEE_DESC_TYPE, d->word[W8]);
	s->ringq[fifo_push(s, SEE_F_RINGQ) % SEE_RINGQ_DEPTH] = *d;
	s->alloc++;
	set_event(s, SEE_EVENT_DESCRIPTOR, fn, seq, type | (uint32_t)d->slot << 8);
}

static void function_event(struct see *s, uint32_t *set, unsigned type)
{
	unsigned fn = lowest(*set);
	struct see_descriptor d = {.word = {FIELD_PREP(SEE_DESC_TYPE, type) | FIELD_PREP(SEE_DESC_FUNCTION, fn)}};
	*set &= *set - 1;
	if (type == SEE_DESC_SHUTDOWN)
		d.word[W13] = s->functions[fn].cc;
	push(s, &d, fn, 0);
}

static void doorbell_event(struct see *s)
{
	const struct see_bad_doorbell *b = &s->dbq[fifo_pop(s, SEE_F_DBQ) % SEE_DBQ_DEPTH];
	struct see_descriptor d = {.word = {
		[W8] = FIELD_PREP(SEE_DESC_TYPE, SEE_DESC_BAD_DOORBELL) | FIELD_PREP(SEE_DESC_FUNCTION, b->fn) |
		       FIELD_PREP(SEE_DESC_QID, b->queue) | FIELD_PREP(SEE_DESC_DOORBELL_CQ, b->is_cq) |
		       FIELD_PREP(SEE_DESC_DOORBELL_VALUE, b->bad_value),
		[W13] = b->value,
	}};
	s->ring_turn = 0;
	push(s, &d, b->fn, 0);
}

/* Where block @p lba lies. @return how many blocks from there on lie together; 0: no extent holds it. */
static uint64_t locate(const struct see_function *f, uint64_t lba, struct see_descriptor *d)
{
	for (unsigned e = 0; e < SEE_NUM_EXTENTS; e++) {
		const struct see_extent *x = &f->extent[e];
		uint64_t into = lba - x->first, width = FIELD_GET(SEE_EXTENT_MAP_WIDTH, x->map);
		uint64_t chunk = 1ull << FIELD_GET(SEE_EXTENT_MAP_CHUNK, x->map), member = FIELD_GET(SEE_EXTENT_MAP_MEMBER, x->map);
		if (lba < x->first || into >= x->length)
			continue;
		uint64_t run = x->length - into;
		if (width <= 1) {
			d->word[W11] = x->remote + into;
		} else {
			uint64_t row = into / chunk / width, left = chunk - into % chunk;
			member += into / chunk % width;
			d->word[W11] = x->remote + row * chunk + into % chunk;
			run = left < run ? left : run;
		}
		d->word[W10] = f->extent[member % SEE_NUM_EXTENTS].target;
		return run;
	}
	return 0;
}

/* The next part of a command that names blocks: those that lie together. */
static void describe_part(struct see *s, unsigned slot, struct see_descriptor *d)
{
	struct see_slot *sl = &s->slots[slot];
	const uint64_t *sqe = &s->sqe[slot * 8];
	uint32_t done = (uint32_t)(sqe[6] & 0xffff) + 1 - sl->rest;
	uint64_t run = locate(&s->functions[sl->fn], sqe[5] + done, d);
	uint32_t blocks = run && run < sl->rest ? (uint32_t)run : sl->rest;
	bool data = (sqe[0] & 0xff) != OP_WRITE_ZEROES;
	sl->rest -= blocks;
	d->word[W8] |= FIELD_PREP(SEE_DESC_CONTINUES, done != 0);
	d->word[W9] = FIELD_PREP(SEE_DESC_LENGTH, data ? see_block_bytes(blocks, sl->shift) & 0x3ffff : 0) |
		      FIELD_PREP(SEE_DESC_BUFFER, see_slot_buffer(s, slot) + (data ? see_block_bytes(done, sl->shift) & 0x3ffff : 0));
	d->word[W12] |= run ? blocks : 0;
}

static void slot_descriptor(struct see *s)
{
	unsigned slot = round_robin(see_ring_slots(s), s->last_ring);
	const struct see_slot *sl = &s->slots[slot];
	const uint64_t *sqe = &s->sqe[slot * 8];
	unsigned type = sl->pulled ? SEE_DESC_PULLED : SEE_DESC_COMMAND;
	struct see_descriptor d = {.is_command = 1, .slot = (uint8_t)slot, .word = {
		[W8] = FIELD_PREP(SEE_DESC_TYPE, type) | FIELD_PREP(SEE_DESC_FUNCTION, sl->fn) |
		       FIELD_PREP(SEE_DESC_SLOT, slot) | FIELD_PREP(SEE_DESC_QID, sl->qid) |
		       FIELD_PREP(SEE_DESC_STATUS, sl->pulled ? sl->status : 0) | FIELD_PREP(SEE_DESC_BLOCK_SHIFT, sl->shift) |
		       FIELD_PREP(SEE_DESC_GONE, sl->io && sl->gone),
		[W9] = FIELD_PREP(SEE_DESC_LENGTH, sl->len) | FIELD_PREP(SEE_DESC_BUFFER, see_slot_buffer(s, slot)),
		[W12] = FIELD_PREP(SEE_DESC_SEQUENCE, sl->seq),
	}};
	if (sl->io && !sl->pulled && see_names_blocks((unsigned)(sqe[0] & 0xff)))
		describe_part(s, slot, &d);
	s->last_ring = (uint8_t)slot;
	s->ring_turn = 1;
	set_state(s, slot, SEE_SLOT_FW);
	push(s, &d, sl->fn, sl->seq);
}

void see_item_ring(struct see *s)
{
	if (s->ev_flr)
		function_event(s, &s->ev_flr, SEE_DESC_FLR);
	else if (s->ev_dis)
		function_event(s, &s->ev_dis, SEE_DESC_DISABLE);
	else if (s->ev_en)
		function_event(s, &s->ev_en, SEE_DESC_ENABLE);
	else if (s->ev_shn)
		function_event(s, &s->ev_shn, SEE_DESC_SHUTDOWN);
	else if (fifo_has(s, SEE_F_DBQ) && (s->ring_turn || !see_ring_slots(s)))
		doorbell_event(s);
	else
		slot_descriptor(s);
}
