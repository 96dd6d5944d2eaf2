/* The fast executor: threaded code over converted blocks. An instruction counts one cycle.
 *
 * It stays inside chained blocks; whatever can change privilege, translation, interrupts or code goes through a slow call,
 * which clears c->op or sets c->attention if anything did change, and then the executor looks up anew. A block is only entered
 * if the cycles left suffice for all of it; the rest is executed one instruction at a time, so that how a run is cut into
 * calls never changes its results. */
#include "models/hart/alu.h"
#include "models/hart/alu_flags.h"
#include "models/hart/bits.h"
#include "models/hart/exec.h"
#include "models/hart/fp_host.h"
#include "models/hart/host_code.h"
#include "native_ops.h"

static int32_t handler_offset[256];

int32_t exec_handler(unsigned code) { return handler_offset[code]; }

#define DISPATCH() goto *((const char *)&&do_ILLEGAL + op->jump)
#define ENTER(block) \
	do { \
		b = (block); \
		if (UNLIKELY(left < b->instructions)) \
			goto leave; \
		op = &b->slot[0].op; \
		DISPATCH(); \
	} while (0)
/* Makes the state exact as of the beginning of op's instruction. */
#define SYNC() \
	do { \
		h->pc = pc + op->at; \
		h->cycles = cycles - (uint64_t)left + op->n; \
		h->instructions = instructions - (uint64_t)left + op->n; \
		c->current = c->op = op; \
		c->block = b; \
	} while (0)
#define OP(NAME) do_##NAME:
#define PC() (pc + op->at)
#define NEXT() do { op++; DISPATCH(); } while (0)
#define SKIP() do { op += 2; DISPATCH(); } while (0)
#define FOLLOW() \
	do { \
		next = ((const union slot *)op)[1].link; \
		if (LIKELY(next != NULL)) \
			ENTER(next); \
		goto find_link; \
	} while (0)
#define JUMP(offset) \
	do { \
		left -= op->n + 1; \
		pc += op->at + (offset); \
		FOLLOW(); \
	} while (0)
#define JUMP_TO(target) \
	do { \
		const struct jump_entry *e; \
		left -= op->n + 1; \
		pc = (target); \
		e = &c->jump_cache[pc >> 1 & (JUMP_ENTRIES - 1)]; \
		if (LIKELY(e->pc == pc && e->block->live)) \
			ENTER(e->block); \
		goto find; \
	} while (0)
#define SLOW_LOAD(va, code) \
	do { \
		SYNC(); \
		o = mem_load(c, (va), (code), &value); \
		if (o == DONE) \
			x[op->rd] = value; \
		goto after_slow; \
	} while (0)
#define SLOW_STORE(va, code) do { SYNC(); o = mem_store(c, (va), (code), x[op->rs2]); goto after_slow; } while (0)
#define SLOW_CALL(function) do { SYNC(); o = function(c, op); goto after_slow; } while (0)
#define SYSTEM_CALL(function) do { SYNC(); o = function(c, op); goto leave_block; } while (0)

/* Executes blocks until attention is needed or fewer than a block's cycles are left; adds the parts of instructions to *PARTS.
 * C NULL: only fills the table of handlers. @return cycles left */
static int64_t run_blocks(struct hart_core *c, int64_t left, uint64_t *parts)
{
#define LABEL(NAME) [NATIVE_##NAME] = &&do_##NAME,
	static const void *const label[256] = {NATIVE_OPS(LABEL) [CODE_END] = &&do_END, [CODE_PART] = &&do_PART,
		[CODE_COLD] = &&do_COLD, [CODE_HOST] = &&do_HOST};
#undef LABEL
	struct hart *h;
	struct block *b, *next;
	const struct xop *op;
	const struct tlb_entry *rt, *wt;
	uint64_t *x, pc, value, cycles, instructions;
	unsigned drops;
	enum outcome o;
	struct host_frame frame;
	enum host_exit reason;

	if (!c) {
		for (unsigned i = 0; i < 256; i++)
			if (label[i])
				handler_offset[i] = (int32_t)((const char *)label[i] - (const char *)&&do_ILLEGAL);
		return 0;
	}
	h = &c->state;
	x = h->x;
	pc = h->pc;
	/* What the counters will be when no cycle is left. */
	cycles = h->cycles + (uint64_t)left;
	instructions = h->instructions + (uint64_t)left;
	goto find;

fetch_trapped:
	/* A cycle without an instruction. */
	left--;
	instructions--;
	pc = h->pc;
find:
	rt = c->read_tlb;
	wt = c->write_tlb;
	h->pc = pc;
	h->cycles = cycles - (uint64_t)left;
	h->instructions = instructions - (uint64_t)left;
	if (UNLIKELY(c->attention) || left <= 0)
		return left;
	next = block_find(c, pc);
	if (!next)
		goto fetch_trapped;
	ENTER(next);

find_link:
	h->pc = pc;
	h->cycles = cycles - (uint64_t)left;
	h->instructions = instructions - (uint64_t)left;
	drops = c->domain->drops;
	next = block_find(c, pc);
	if (!next)
		goto fetch_trapped;
	/* A target in the page of the block's own start has the same mapping whoever comes this way. */
	if ((((pc - op->at - (uint64_t)(int64_t)op->imm) ^ pc) & PAGE_MASK) == 0 && next->live && b->live && drops == c->domain->drops)
		((union slot *)(uintptr_t)op)[1].link = next;
	ENTER(next);

after_slow:
	if (LIKELY(o == DONE && c->op && !c->attention))
		NEXT();
leave_block:
	switch (o) {
	case DONE:
		left -= op->n + 1;
		pc += op->at + op->length;
		goto find;
	case TRAPPED:
		instructions--;
		left -= op->n + 1;
		break;
	case JUMPED:
		left -= op->n + 1;
		break;
	case STALLED:
		left -= op->n;
		break;
	}
	pc = h->pc;
	goto find;

do_END:
	left -= op->n;
	pc += op->at;
	FOLLOW();
do_PART:
	++*parts;
	goto *label[op->code];
do_COLD:
	if (++b->heat >= c->domain->heat) {
		bool hot = host_code_translate(c->domain->host_code, b);

		b->slot[0].op.jump = handler_offset[hot ? CODE_HOST : op->length ? op->code : CODE_PART];
		DISPATCH();
	}
	goto *label[op->length ? op->code : CODE_PART];
do_HOST:
	frame = (struct host_frame){.left = left, .pc = pc, .block = b};
	reason = host_code_run(c->domain->host_code, c, &frame);
	left = frame.left;
	pc = frame.pc;
	b = frame.block;
	op = frame.op;
	*parts += frame.parts;
	if (reason == HOST_EXIT_OP)
		goto *label[op->length ? op->code : CODE_PART];
	if (reason == HOST_EXIT_ENTER)
		ENTER(b);
	if (reason == HOST_EXIT_LINK)
		goto find_link;
	goto find;
leave:
	h->pc = pc;
	h->cycles = cycles - (uint64_t)left;
	h->instructions = instructions - (uint64_t)left;
	return left;

#include "models/hart/ops.inc"
}

__attribute__((constructor)) static void fill_handlers(void) { run_blocks(NULL, 0, NULL); }

/* One instruction through the timed executor, at the price of one cycle. @return cycles used */
static int64_t run_one(struct hart_core *c)
{
	struct hart *h = &c->state;
	uint64_t begun = h->cycles;

	do
		exec_op(c);
	while (h->uop);
	if (h->wait == HART_WAIT_PENDING)
		return 0;
	h->wait = HART_WAIT_NONE;
	h->cycles = begun + 1;
	return 1;
}

uint64_t hart_run(struct hart_core *c, uint64_t max_cycles)
{
	struct hart *h = &c->state;
	int64_t all = max_cycles > INT64_MAX ? INT64_MAX : (int64_t)max_cycles, left = all;

	while (left > 0) {
		uint64_t before, parts = 0;

		if (c->attention && !exec_attend(c)) {
			if (c->attention & (ATTENTION_WAIT | ATTENTION_STOP | ATTENTION_WFI))
				break;
			h->cycles++;	/* an interrupt, or a fetch that trapped */
			left--;
			continue;
		}
		before = h->instructions;
		if (!c->attention && !h->uop && h->wait == HART_WAIT_NONE) {
			left = run_blocks(c, left, &parts);
			h->native_ops += h->instructions - before + parts;
			c->op = NULL;
		}
		/* An instruction that has begun ends before an interrupt is taken. */
		unsigned holds = h->uop || h->wait == HART_WAIT_DONE ? ATTENTION_WAIT | ATTENTION_STOP : ~(unsigned)ATTENTION_WATCH;
		if (left > 0 && !(c->attention & holds))
			left -= run_one(c);
	}
	return (uint64_t)(all - left);
}
