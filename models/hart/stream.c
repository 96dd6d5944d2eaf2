/* Native ops from a front end outside: see stream.h. */
#include "models/hart/stream.h"

#include <string.h>

#include "models/hart/bits.h"
#include "models/hart/exec.h"

bool hart_stream_attend(struct hart_core *c)
{
	return LIKELY(!(c->attention & ~(unsigned)ATTENTION_WATCH)) || exec_attend_pending(c);
}

bool hart_stream_refetch(struct hart_core *c)
{
	bool refetch = c->refetch;

	c->refetch = false;
	return refetch;
}

int hart_stream_fetch(struct hart_core *c, bool trap, struct hart_fetch *fetch)
{
	uint64_t pc = c->state.pc;
	struct translation t;

	if (!trap && !block_fetch_possible(c, pc))
		return 1;
	c->state.uop = 0;
	if (!block_translate_fetch(c, pc, 2, &t))
		return -1;
	fetch->pa = t.pa;
	fetch->single = !t.whole_page;
	c->stream.page = t.pa & PAGE_MASK;
	c->stream.block.host = t.host - (t.pa & ~PAGE_MASK);
	c->stream.split = false;
	return 0;
}

int hart_stream_fetch_next(struct hart_core *c, bool trap, struct hart_fetch *fetch)
{
	struct translation t;
	uint16_t half;

	if (!trap && !block_fetch_possible(c, c->state.pc + 2))
		return 1;
	memcpy(&half, c->stream.block.host + (fetch->pa & ~PAGE_MASK), 2);
	if (!block_translate_fetch(c, c->state.pc + 2, 2, &t))
		return -1;
	fetch->next_pa = t.pa;
	c->stream.insn[0] = half;
	memcpy(&c->stream.insn[1], t.host, 2);
	c->stream.block.host = (const uint8_t *)c->stream.insn;
	c->stream.split = true;
	return 0;
}

static enum hart_stream_result run(struct hart_core *c, const struct xop *op)
{
	exec_op(c);
	if (c->op == op)
		return HART_STREAM_STALLED;
	c->op = NULL;
	return HART_STREAM_DONE;
}

/* The slots after the op end the block, so that the executor looks no further. */
enum hart_stream_result hart_stream_step(struct hart_core *c, uint64_t native, unsigned at)
{
	union slot *s = c->stream.slot;

	block_put_op(&s[0], native, c->stream.split ? 0 : at * 2, 0, c->application);
	s[1].op.code = s[2].op.code = CODE_END;
	c->block = &c->stream.block;
	c->op = &s[0].op;
	if (UNLIKELY(c->attention & ATTENTION_WATCH) && !exec_attend(c)) {
		c->op = NULL;
		return HART_STREAM_STALLED;
	}
	return run(c, &s[0].op);
}

enum hart_stream_result hart_stream_slow(struct hart_core *c)
{
	bool stalled;

	c->op = NULL;
	if (UNLIKELY(c->attention & ATTENTION_WATCH) && !exec_attend(c))
		return HART_STREAM_STALLED;
	exec_op(c);
	stalled = c->op && c->op == c->current;
	c->op = NULL;
	return stalled ? HART_STREAM_STALLED : HART_STREAM_DONE;
}

void hart_stream_fault(struct hart_core *c)
{
	trap_raise(c, CAUSE_FETCH_ACCESS, c->state.pc);
}

int hart_stream_read(struct hart_domain *d, uint64_t pa, uint64_t *value)
{
	unsigned memory;
	const uint8_t *host = memory_at(d, pa, 8, &memory);

	if (!host)
		return -1;
	memcpy(value, host, 8);
	page_mark(d, memory, pa, PAGE_FETCHED);
	d->pages[memory].fetched_lines[(pa - d->bus.memory[memory].base) >> PAGE_SHIFT] |= (uint64_t)1 << (pa >> 6 & 63);
	return 0;
}

void hart_stream_save(const struct hart_core *c, struct hart_stream_state *state)
{
	*state = (struct hart_stream_state){
		.page = c->stream.page, .insn = {c->stream.insn[0], c->stream.insn[1]}, .split = c->stream.split, .refetch = c->refetch,
	};
}

void hart_stream_restore(struct hart_core *c, const struct hart_stream_state *state)
{
	unsigned memory;

	c->stream.page = state->page;
	memcpy(c->stream.insn, state->insn, sizeof c->stream.insn);
	c->stream.split = state->split;
	c->stream.block.host = state->split ? (const uint8_t *)c->stream.insn : memory_at(c->domain, state->page, 1, &memory);
	c->refetch = state->refetch;
}

uint64_t *hart_stream_lines(struct hart_domain *d, unsigned memory, size_t *pages)
{
	if (memory >= HART_MEMORIES || !d->bus.memory[memory].size)
		return NULL;
	*pages = d->bus.memory[memory].size >> PAGE_SHIFT;
	return d->pages[memory].fetched_lines;
}

void hart_stream_lines_changed(struct hart_domain *d)
{
	for (unsigned memory = 0; memory < HART_MEMORIES && d->bus.memory[memory].size; memory++) {
		const struct hart_memory *m = &d->bus.memory[memory];

		for (uint64_t n = 0; n < m->size >> PAGE_SHIFT; n++) {
			d->pages[memory].flags[n] &= (uint8_t)~PAGE_FETCHED;
			if (d->pages[memory].fetched_lines[n])
				page_mark(d, memory, m->base + (n << PAGE_SHIFT), PAGE_FETCHED);
		}
	}
}

void hart_stream_watch(struct hart_domain *d, void (*stored)(void *ctx, int hart, uint64_t line), void *ctx)
{
	d->stored = stored;
	d->stored_ctx = ctx;
}
