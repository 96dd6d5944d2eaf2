/* The item CHECK: what the hardware can say about a command before anybody acts on it; section 8. */
#include "models/see/internal.h"

static bool transfers_blocks(unsigned opcode)
{
	return opcode == OP_READ || opcode == OP_WRITE || opcode == OP_COMPARE;
}

static bool is_fast(unsigned opcode)
{
	return transfers_blocks(opcode) || opcode == OP_FLUSH || opcode == OP_WRITE_ZEROES || opcode == OP_DSM;
}

static bool namespace_valid(const struct see_function *f, unsigned opcode, uint32_t nsid)
{
	return f->ns_attached && (nsid == 1 || (opcode == OP_FLUSH && nsid == 0xffffffff));
}

/* @return 0 or the status that ends the command. */
static uint16_t verdict(const struct see_function *f, const uint64_t *w, unsigned opcode)
{
	uint64_t slba = w[5], blocks = (w[6] & 0xffff) + 1;
	if ((w[0] >> 8 & 3) || (w[0] >> 14 & 3))
		return STATUS_INVALID_FIELD;
	if (!namespace_valid(f, opcode, (uint32_t)(w[0] >> 32)))
		return STATUS_INVALID_NAMESPACE;
	if (transfers_blocks(opcode) && see_block_bytes(blocks, f->ns_shift) > SEE_MAX_TRANSFER_BYTES)
		return STATUS_INVALID_FIELD;
	if ((transfers_blocks(opcode) || opcode == OP_WRITE_ZEROES) &&
	    (slba > f->ns_size || blocks > f->ns_size - slba))
		return STATUS_LBA_RANGE;
	return 0;
}

static void check_io(struct see *s, unsigned slot, const uint64_t *w, unsigned opcode)
{
	struct see_slot *sl = &s->slots[slot];
	uint16_t status = verdict(&s->functions[sl->fn], w, opcode);
	if (transfers_blocks(opcode) || opcode == OP_WRITE_ZEROES)
		sl->rest = (uint32_t)(w[6] & 0xffff) + 1;
	if (transfers_blocks(opcode))
		sl->len = (uint32_t)(see_block_bytes((w[6] & 0xffff) + 1, sl->shift) & 0x3ffff);
	else if (opcode == OP_DSM)
		sl->len = ((uint32_t)(w[5] & 0xff) + 1) * 16;
	if (status) {
		see_slot_fail(s, slot, status);
		return;
	}
	sl->after = opcode == OP_WRITE || opcode == OP_COMPARE || opcode == OP_DSM ? AFTER_PULL : AFTER_RING;
	if (sl->len)
		see_slot_setup(s, slot);
	else
		set_state(s, slot, SEE_SLOT_RING);
}

void see_item_check(struct see *s)
{
	unsigned slot = round_robin(s->in_state[SEE_SLOT_CHECK], s->last_check);
	struct see_slot *sl = &s->slots[slot];
	const uint64_t *w = &s->sqe[slot * 8];
	unsigned opcode = (unsigned)(w[0] & 0xff);
	s->last_check = (uint8_t)slot;
	sl->len = sl->rest = 0;
	sl->io = sl->qid != 0 && is_fast(opcode);
	sl->shift = sl->io ? s->functions[sl->fn].ns_shift : 0;
	if (sl->io)
		check_io(s, slot, w, opcode);
	else
		set_state(s, slot, SEE_SLOT_RING);
}
