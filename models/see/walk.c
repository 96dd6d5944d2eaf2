/* The items LIST, PULL and PUSH: walking PRPs one page, or one list read, at a time; section 8. */
#include "models/see/internal.h"

void see_item_list(struct see *s)
{
	unsigned slot = round_robin(s->in_state[SEE_SLOT_LISTQ], s->last_list);
	struct see_slot *sl = &s->slots[slot];
	uint64_t list = s->sqe[slot * 8 + 4];
	unsigned need = see_slot_pages(s, slot) - 1;
	unsigned fit = (4096 - (unsigned)(list & 0xfff)) >> 3; /* entries to the end of the first list page */
	unsigned first = sl->chain ? fit - 1 : 0;
	unsigned count;
	s->last_list = (uint8_t)slot;
	if (sl->chain) {
		list = s->prp[slot * SEE_PRP_ENTRIES + fit - 1];
		sl->chained = 0;
		count = need - (fit - 1);
	} else {
		sl->chained = need > fit;
		count = sl->chained ? fit : need;
	}
	sl->left = count * 8;
	sl->err = 0;
	set_state(s, slot, SEE_SLOT_LIST);
	s->rdq[fifo_push(s, SEE_F_RDQ) % SEE_RDQ_DEPTH] = (struct see_read_job){
		.kind = SEE_RD_LIST, .fn = sl->fn, .slot = (uint8_t)slot, .addr = list, .len = count * 8,
		.dest = slot * 256 + first * 8};
}

/* One page of a transfer. */
struct piece {
	uint64_t addr;
	uint32_t nm, len;
};

static struct piece next_piece(struct see *s, unsigned slot)
{
	struct see_slot *sl = &s->slots[slot];
	uint64_t prp1 = s->sqe[slot * 8 + 3];
	uint32_t at = (uint32_t)(prp1 & 0xfff) + sl->pos, p = at >> 12, o = at & 0xfff;
	uint64_t page = p == 0 ? prp1 : see_slot_pages(s, slot) == 2 ? s->sqe[slot * 8 + 4] :
			 s->prp[slot * SEE_PRP_ENTRIES + p - 1];
	uint32_t left = sl->len - sl->pos;
	struct piece piece = {
		.addr = (page & ~0xfffull) | o,
		.nm = see_slot_buffer(s, slot) + sl->pos,
		.len = left < 4096 - o ? left : 4096 - o,
	};
	sl->pos += piece.len;
	return piece;
}

void see_item_pull(struct see *s)
{
	unsigned slot = round_robin(s->in_state[SEE_SLOT_PULLQ], s->last_pull);
	struct see_slot *sl = &s->slots[slot];
	struct piece piece = next_piece(s, slot);
	s->last_pull = (uint8_t)slot;
	s->rdq[fifo_push(s, SEE_F_RDQ) % SEE_RDQ_DEPTH] = (struct see_read_job){
		.kind = SEE_RD_DATA, .fn = sl->fn, .slot = (uint8_t)slot, .addr = piece.addr, .len = piece.len,
		.dest = piece.nm};
	if (sl->pos == sl->len)
		set_state(s, slot, SEE_SLOT_PULL);
}

void see_item_push(struct see *s)
{
	unsigned slot = round_robin(s->in_state[SEE_SLOT_PUSHQ], s->last_push);
	struct see_slot *sl = &s->slots[slot];
	struct piece piece = next_piece(s, slot);
	s->last_push = (uint8_t)slot;
	s->wrq[fifo_push(s, SEE_F_WRQ) % SEE_WRQ_DEPTH] = (struct see_write_job){
		.kind = SEE_WR_DATA, .fn = sl->fn, .addr = piece.addr, .len = piece.len, .nm = piece.nm};
	if (sl->pos == sl->len)
		set_state(s, slot, SEE_SLOT_CQE);
}
