/* The timed executor: one native op a call. */
#include "models/hart/alu.h"
#include "models/hart/alu_flags.h"
#include "models/hart/bits.h"
#include "models/hart/exec.h"
#include "models/hart/fp_host.h"
#include "native_ops.h"

/* Retires the instruction if OP ends it; either way the next op follows. */
static inline void advance(struct hart_core *c, const struct xop *op, unsigned slots)
{
	struct hart *h = &c->state;

	h->native_ops++;
	if (op->length) {
		h->pc += op->length;
		h->uop = 0;
		h->instructions++;
	} else {
		h->uop++;
	}
	c->op = op + slots;
	if (c->op->code == CODE_END)
		c->op = NULL;
}

static inline void jump(struct hart_core *c, uint64_t target)
{
	struct hart *h = &c->state;

	h->pc = target;
	h->uop = 0;
	h->instructions++;
	h->native_ops++;
	c->op = NULL;
}

static void finish(struct hart_core *c, const struct xop *op, enum outcome o)
{
	/* The slow path may have dropped the block: then the next op is looked up. */
	bool dropped = c->op == NULL;

	switch (o) {
	case DONE:
		advance(c, op, 1);
		if (dropped)
			c->op = NULL;
		break;
	case JUMPED:
		c->state.instructions++;
		c->state.native_ops++;
		c->op = NULL;
		break;
	case TRAPPED:
		c->op = NULL;
		break;
	case STALLED:
		break;
	}
}

/* Finds the op at pc, past the ops of its instruction that have executed. @return false if the fetch trapped. */
static bool find_op(struct hart_core *c)
{
	struct block *b = block_find(c, c->state.pc);
	const struct xop *op;

	if (!b)
		return false;
	c->block = b;
	op = &b->slot[0].op;
	for (unsigned i = c->state.uop; i && !op->length; i--)
		op++;
	c->op = op;
	return true;
}

void exec_op(struct hart_core *c)
{
	struct hart *h = &c->state;
	uint64_t *x = h->x, value;
	const struct xop *op;
	const struct tlb_entry *rt = c->read_tlb, *wt = c->write_tlb;
	enum outcome o;

#define LABEL(NAME) [NATIVE_##NAME] = &&do_##NAME,
	static const void *const label[NATIVE_COUNT] = {NATIVE_OPS(LABEL)};
#undef LABEL

	if (UNLIKELY(!c->op) && !find_op(c))
		return;
	op = c->op;
	c->current = op;
	goto *label[op->code];

#define OP(NAME) do_##NAME:
#define PC() (h->pc)
#define NEXT() do { advance(c, op, 1); return; } while (0)
#define SKIP() do { advance(c, op, 2); return; } while (0)
#define JUMP(offset) do { jump(c, h->pc + (offset)); return; } while (0)
#define JUMP_TO(target) do { jump(c, (target)); return; } while (0)
#define SLOW_LOAD(va, code) \
	do { \
		o = mem_load(c, (va), (code), &value); \
		if (o == DONE) \
			x[op->rd] = value; \
		finish(c, op, o); \
		return; \
	} while (0)
#define SLOW_STORE(va, code) do { finish(c, op, mem_store(c, (va), (code), x[op->rs2])); return; } while (0)
#define SLOW_CALL(function) do { finish(c, op, function(c, op)); return; } while (0)
#define SYSTEM_CALL SLOW_CALL
#include "models/hart/ops.inc"
#undef OP
#undef PC
#undef NEXT
#undef SKIP
#undef JUMP
#undef JUMP_TO
#undef SLOW_LOAD
#undef SLOW_STORE
#undef SLOW_CALL
#undef SYSTEM_CALL
}

static void watch(struct hart_core *c)
{
	const struct hart_domain *d = c->domain;

	if (c->watched == c->state.instructions || !d->watch)
		return;
	for (unsigned i = 0; i < c->watches; i++) {
		if (c->watch[i] != c->state.pc)
			continue;
		c->watched = c->state.instructions;
		d->watch(d->watch_ctx, c->index, c->state.pc);
		return;
	}
}

/* Reports the instruction at pc; @return false if it cannot be fetched, which has trapped. */
static bool report(struct hart_core *c)
{
	const struct hart_domain *d = c->domain;
	struct hart_trace record = {.pc = c->state.pc, .priv = c->state.priv, .virt = c->state.virt};
	unsigned bytes;

	if (!d->trace)
		return true;
	if (!c->op && !find_op(c))
		return false;
	c->current = c->op;
	record.insn = core_insn(c, &bytes);
	record.length = (uint8_t)bytes;
	d->trace(d->trace_ctx, c->index, &record);
	return true;
}

bool exec_attend_pending(struct hart_core *c)
{
	struct hart *h = &c->state;

	if (c->attention & (ATTENTION_WAIT | ATTENTION_STOP))
		return false;
	if (h->uop || h->wait == HART_WAIT_DONE)
		return true;
	if (c->attention & ATTENTION_IRQ) {
		h->in_wfi = 0;
		trap_interrupt(c);
		return false;
	}
	if (c->attention & ATTENTION_WFI)
		return false;
	return true;
}

bool exec_attend(struct hart_core *c)
{
	if (!exec_attend_pending(c))
		return false;
	if (c->state.uop || c->state.wait == HART_WAIT_DONE)
		return true;
	if (c->attention & ATTENTION_WATCH) {
		if (debug_must_stop(c))
			return false;
		watch(c);
		return report(c);
	}
	return true;
}

void hart_step(struct hart_core *c)
{
	if (LIKELY(!c->attention) || exec_attend(c))
		exec_op(c);
	c->state.cycles++;
}
