#include "hypervisor/discover/trace.h"

#include <string.h>

enum { FUNCTION_SPAN_BYTES = 64 << 10 };

static struct value constant(int64_t n)
{
	return (struct value){ 0, n };
}

static struct value new_node(struct trace *t, struct node n)
{
	if (t->nodes == TRACE_MAX_NODES) /* node 1 is the shared unknown */
		return (struct value){ 1, 0 };
	t->node[t->nodes] = n;
	return (struct value){ t->nodes++, 0 };
}

static struct value unknown(struct trace *t)
{
	return new_node(t, (struct node){ .kind = NODE_UNKNOWN });
}

static struct value get(struct trace *t, int reg)
{
	if (reg == REG_NONE)
		return unknown(t);
	if (reg == t->ops->zero)
		return constant(0);
	return t->state.reg[reg];
}

static void set(struct trace *t, int reg, struct value v)
{
	if (reg >= 0 && reg != t->ops->zero && reg != REG_CURRENT && reg != REG_PERCPU)
		t->state.reg[reg] = v;
}

static int64_t wrap_add(int64_t a, int64_t b)
{
	return (int64_t)((uint64_t)a + (uint64_t)b);
}

static struct value add(struct trace *t, struct value a, struct value b, unsigned scale)
{
	if (b.node == 0)
		return (struct value){ a.node, wrap_add(a.offset, (int64_t)((uint64_t)b.offset * scale)) };
	if (a.node == 0 && scale == 1 && t->node[b.node].kind != NODE_UNKNOWN)
		return (struct value){ b.node, wrap_add(b.offset, a.offset) };
	return new_node(t, (struct node){ .kind = NODE_INDEX, .from = a });
}

static struct value address_of(struct trace *t, const struct uop *u)
{
	struct value v = u->a == REG_NONE ? constant(0) : get(t, u->a);

	v.offset = wrap_add(v.offset, u->imm);
	return u->b == REG_NONE ? v : add(t, v, get(t, u->b), u->scale);
}

static struct trace_event *new_event(struct trace *t, enum event_kind kind, uint64_t at)
{
	static struct trace_event overflow;
	struct trace_event *e = t->events < TRACE_MAX_EVENTS ? &t->event[t->events++] : &overflow;

	memset(e, 0, sizeof(*e));
	e->kind = kind;
	e->address = at;
	return e;
}

static bool is_stack(const struct trace *t, struct value v)
{
	return t->node[v.node].kind == NODE_STACK;
}

static void store_slot(struct trace *t, int64_t at, struct value v)
{
	struct trace_state *s = &t->state;
	unsigned i;

	for (i = 0; i < TRACE_STACK_SLOTS; i++)
		if (s->slot[i].used && s->slot[i].at == at)
			break;
	if (i == TRACE_STACK_SLOTS)
		i = s->next_slot++ % TRACE_STACK_SLOTS;
	s->slot[i].used = true;
	s->slot[i].at = at;
	s->slot[i].value = v;
}

static struct value load_slot(struct trace *t, int64_t at)
{
	for (unsigned i = 0; i < TRACE_STACK_SLOTS; i++)
		if (t->state.slot[i].used && t->state.slot[i].at == at)
			return t->state.slot[i].value;
	return unknown(t);
}

static void do_load(struct trace *t, const struct uop *u, uint64_t at)
{
	struct value address = address_of(t, u);

	if (is_stack(t, address)) {
		set(t, u->d, load_slot(t, address.offset));
		return;
	}
	struct trace_event *e = new_event(t, EVENT_LOAD, at);

	e->at = address;
	e->size = u->size;
	set(t, u->d, new_node(t, (struct node){ .kind = NODE_LOAD, .size = u->size, .from = address }));
}

static void do_store(struct trace *t, const struct uop *u, uint64_t at)
{
	struct value address = address_of(t, u), v = u->s == REG_NONE ? constant(u->value) : get(t, u->s);

	if (is_stack(t, address)) {
		store_slot(t, address.offset, v);
		return;
	}
	struct trace_event *e = new_event(t, EVENT_STORE, at);

	e->at = address;
	e->size = u->size;
	e->value = v;
}

static void do_atomic(struct trace *t, const struct uop *u, uint64_t at)
{
	struct value address = address_of(t, u);

	if (!is_stack(t, address)) {
		struct trace_event *e = new_event(t, EVENT_ATOMIC, at);

		e->at = address;
		e->size = u->size;
	}
	set(t, u->d, unknown(t));
}

static void do_compare(struct trace *t, const struct uop *u, uint64_t at)
{
	struct trace_event *e = new_event(t, EVENT_COMPARE, at);

	e->at = get(t, u->a);
	e->value = u->b == REG_NONE ? constant(u->imm) : get(t, u->b);
}

static void queue(struct trace *t, uint64_t target, uint64_t entry, unsigned depth)
{
	if (t->branches == TRACE_MAX_BRANCHES)
		return;
	t->branch[t->branches].target = target;
	t->branch[t->branches].entry = entry;
	t->branch[t->branches].depth = depth;
	t->branch[t->branches++].state = t->state;
}

/* A callee runs with the state of the call, so what is seen in it is true. Only functions of the kernel's own that have no
 * name are entered: the others can be asked for by name. */
static void enter(struct trace *t, struct value target)
{
	uint64_t callee = (uint64_t)target.offset;

	if (target.node == 0 && t->depth < t->max_depth && callee != t->entry && callee >= t->exports->image_start &&
	    callee < t->exports->image_end && !discover_exports_is_value(t->exports, callee))
		queue(t, callee, callee, t->depth + 1);
}

static struct value call_target(struct trace *t, const struct uop *u)
{
	struct value target = u->a == REG_NONE ? constant(u->imm) : get(t, u->a);

	for (int r = 0; r < 16; r++)
		if (target.node == 0 && t->indirect_thunk[r] && (uint64_t)target.offset == t->indirect_thunk[r])
			return t->state.reg[r];
	return target;
}

/* x86-64 calls its paravirtual operations through a table at a fixed address; most of them preserve all registers
 * but the result. Where they do not, correct code does not read what it lost. */
static bool keeps_registers(const struct trace *t, struct value target)
{
	const struct node *n = &t->node[target.node];

	return t->memory->arch == DISCOVER_X86_64 && n->kind == NODE_LOAD && n->from.node == 0 && target.offset == 0;
}

static void clobber_caller_saved(struct trace *t)
{
	for (int r = 0; r < REGISTERS_MAX; r++)
		if (t->ops->caller_saved >> r & 1)
			set(t, r, unknown(t));
}

static void do_call(struct trace *t, const struct uop *u, uint64_t at, bool tail)
{
	struct value target = call_target(t, u);
	struct trace_event *e;

	if (target.node == 0 && t->ignore_call && (uint64_t)target.offset == t->ignore_call)
		return;
	e = new_event(t, EVENT_CALL, at);
	e->at = target;
	e->tail = tail;
	for (int i = 0; i < ARGUMENTS_MAX; i++)
		e->argument[i] = get(t, t->ops->argument[i]);
	enter(t, target);
	if (tail)
		return;
	if (!keeps_registers(t, target))
		clobber_caller_saved(t);
	set(t, t->ops->result,
	    new_node(t, (struct node){ .kind = NODE_RESULT, .number = t->events - 1, .from = target }));
}

/* @return whether the address is new; marks it. */
static bool visit(struct trace *t, uint64_t address)
{
	size_t slots = sizeof(t->visited) / sizeof(t->visited[0]);
	size_t slot = (size_t)((address * 0x9e3779b97f4a7c15ull) >> 32) & (slots - 1);

	while (t->visited[slot]) {
		if (t->visited[slot] == address)
			return false;
		slot = (slot + 1) & (slots - 1);
	}
	t->visited[slot] = address;
	return true;
}

static bool function_starts_at(const struct trace *t, uint64_t address)
{
	uint8_t code[16];

	return discover_exports_is_value(t->exports, address) ||
	       (discover_read(t->memory, address - 4, code, sizeof(code)) &&
		t->ops->function_starts(code, sizeof(code), address, t->ignore_call));
}

static bool is_tail_call(const struct trace *t, uint64_t target)
{
	return target != t->entry && (target < t->entry || target - t->entry > FUNCTION_SPAN_BYTES ||
				      function_starts_at(t, target));
}

static void do_return(struct trace *t, uint64_t at)
{
	struct trace_event *e = new_event(t, EVENT_RETURN, at);

	e->value = get(t, t->ops->result);
}

/* Returns the address to go on at, 0 at the end of the path. */
static uint64_t do_jump(struct trace *t, const struct uop *u, uint64_t at)
{
	if (u->a == REG_NONE && t->return_thunk && (uint64_t)u->imm == t->return_thunk) {
		do_return(t, at);
		return 0;
	}
	if (u->a == REG_NONE && !is_tail_call(t, (uint64_t)u->imm))
		return (uint64_t)u->imm;
	do_call(t, u, at, true);
	/* A jump far away may also lead to the function's own cold part. A callee executes with this state, so
	 * what is seen there is true in either case; but only a place that no other function starts at is ours. */
	if (u->a == REG_NONE && !function_starts_at(t, (uint64_t)u->imm))
		return (uint64_t)u->imm;
	return 0;
}

static struct value sum(struct trace *t, const struct uop *u)
{
	struct value v = address_of(t, u);

	if (u->narrow && v.node == 0)
		v.offset = (int64_t)(uint32_t)v.offset;
	return v;
}

/* Executes one instruction. Returns the next address, 0 at the end of the path. */
static uint64_t execute(struct trace *t, const struct decoded *d, uint64_t at)
{
	uint64_t next = at + d->bytes;

	for (unsigned i = 0; i < d->count; i++) {
		const struct uop *u = &d->uop[i];

		switch (u->kind) {
		case UOP_SET: set(t, u->d, constant(u->imm)); break;
		case UOP_ADD: set(t, u->d, sum(t, u)); break;
		case UOP_LOAD: do_load(t, u, at); break;
		case UOP_STORE: do_store(t, u, at); break;
		case UOP_ATOMIC: do_atomic(t, u, at); break;
		case UOP_CLOBBER: set(t, u->d, unknown(t)); break;
		case UOP_COMPARE: do_compare(t, u, at); break;
		case UOP_CALL: do_call(t, u, at, false); break;
		case UOP_BRANCH: queue(t, (uint64_t)u->imm, t->entry, t->depth); break;
		case UOP_JUMP: return do_jump(t, u, at);
		case UOP_RETURN: do_return(t, at); return 0;
		case UOP_STOP: return 0;
		}
	}
	return next;
}

static void walk(struct trace *t, uint64_t at)
{
	uint8_t code[16];
	struct decoded d;
	bool after_call = false;

	while (at && t->instructions < TRACE_MAX_INSTRUCTIONS && visit(t, at)) {
		/* After a call that never returns comes the next function. */
		if (after_call && function_starts_at(t, at))
			return;
		if (!discover_read(t->memory, at, code, t->ops->max_bytes))
			return;
		t->instructions++;
		if (!t->ops->decode(t->ops->context, code, t->ops->max_bytes, at, &d)) {
			t->undecoded++;
			if (t->ops->step_bytes == 1)
				return; /* without fixed instruction lengths there is no next one */
			at += t->ops->step_bytes;
			continue;
		}
		after_call = d.count && d.uop[d.count - 1].kind == UOP_CALL;
		at = execute(t, &d, at);
	}
}

static void start_state(struct trace *t)
{
	memset(&t->state, 0, sizeof(t->state));
	t->nodes = 2;
	t->node[0] = (struct node){ .kind = NODE_NONE };
	t->node[1] = (struct node){ .kind = NODE_UNKNOWN };
	for (int r = 0; r < REGISTERS_MAX; r++)
		t->state.reg[r] = unknown(t);
	for (uint32_t i = 0; i < ARGUMENTS_MAX; i++)
		t->state.reg[t->ops->argument[i]] = new_node(t, (struct node){ .kind = NODE_ARGUMENT, .number = i });
	t->state.reg[t->ops->stack] = new_node(t, (struct node){ .kind = NODE_STACK });
	t->state.reg[REG_CURRENT] = new_node(t, (struct node){ .kind = NODE_CURRENT });
	t->state.reg[REG_PERCPU] = new_node(t, (struct node){ .kind = NODE_PERCPU });
}

void trace_init(struct trace *t, const struct discover_memory *memory, const struct discover_exports *exports,
		const struct disassembler_ops *ops)
{
	static const char *const thunk[16] = {
		"rax", "rcx", "rdx", "rbx", NULL, "rbp", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14",
		"r15",
	};

	memset(t, 0, sizeof(*t));
	t->memory = memory;
	t->exports = exports;
	t->ops = ops;
	if (memory->arch != DISCOVER_X86_64)
		return;
	discover_exports_lookup(memory, exports, "__fentry__", &t->ignore_call);
	discover_exports_lookup(memory, exports, "__x86_return_thunk", &t->return_thunk);
	for (int i = 0; i < 16; i++) {
		char name[32] = "__x86_indirect_thunk_";

		if (!thunk[i])
			continue;
		memcpy(name + strlen(name), thunk[i], strlen(thunk[i]) + 1);
		discover_exports_lookup(memory, exports, name, &t->indirect_thunk[i]);
	}
}

unsigned trace_function(struct trace *t, uint64_t entry, bool through)
{
	t->entry = entry;
	t->depth = 0;
	t->max_depth = through ? TRACE_THROUGH_DEPTH : 0;
	t->events = t->branches = t->instructions = t->undecoded = 0;
	memset(t->visited, 0, sizeof(t->visited));
	start_state(t);
	walk(t, entry);
	for (unsigned i = 0; i < t->branches; i++) {
		t->state = t->branch[i].state;
		t->entry = t->branch[i].entry;
		t->depth = t->branch[i].depth;
		walk(t, t->branch[i].target);
	}
	return t->instructions;
}
