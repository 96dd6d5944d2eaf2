#include "testbench/unit/clb/rig.h"

#include <stdlib.h>

#include "models/convert/convert.h"

uint64_t rig_random(struct rig *r)
{
	r->random ^= r->random << 13;
	r->random ^= r->random >> 7;
	r->random ^= r->random << 17;
	return r->random * UINT64_C(0x2545f4914f6cdd1d) >> 8;
}

static uint8_t *place_of(struct rig *r, bool conversion, uint64_t addr)
{
	uint64_t bytes = conversion ? RIG_CONVERSION_BYTES : RIG_GUEST_BYTES, offset = conversion ? addr : addr - RIG_GUEST_BASE;

	if (r->mirror)
		offset &= bytes - 1;
	if (offset > bytes - 8)
		return NULL;
	return (conversion ? r->conversion : r->guest) + offset;
}

static void perform(struct rig *r)
{
	const struct clb_out *o = &r->out;
	struct memory_answer answer = {.cycle = r->cycle + r->latency};
	uint8_t *place = place_of(r, o->mem_space == CLB_SPACE_CONVERSION, o->mem_addr);

	if (o->mem_write) {
		if (place)
			memcpy(place, &o->mem_data, 8);
		return;
	}
	answer.error = !place || (r->errors && rig_random(r) % r->errors == 0);
	if (place)
		memcpy(&answer.data, place, 8);
	if (r->flips && o->mem_space == CLB_SPACE_CONVERSION && rig_random(r) % r->flips == 0)
		answer.data ^= 1ull << rig_random(r) % 64;
	memory_port_push(&r->memory, &answer);
}

/* Inputs of the next cycle from what happened in this one. */
static void memory_after(struct rig *r)
{
	const struct memory_answer *front = memory_port_front(&r->memory, r->cycle);

	r->in.mem_rsp_valid = front != NULL;
	r->in.mem_rsp_data = front ? front->data : 0;
	r->in.mem_rsp_err = front && front->error;
}

void rig_step(struct rig *r)
{
	if (r->in.mem_rsp_valid)
		memory_port_pop(&r->memory);
	if (r->out.mem_valid && r->in.mem_ready)
		perform(r);
	rig_block.step(r);
	r->cycle++;
	for (unsigned i = 0; i < CLB_EVENTS; i++)
		r->events[i] += r->out.events >> i & 1;
	r->killed[r->out.killed_cause] += r->out.killed;
	memory_after(r);
	r->in.mem_ready = memory_port_has_room(&r->memory);
	r->in.op_ready = r->in.reg_rsp_ready = 1;
}

static void load_image(struct rig *r, unsigned at)
{
	memcpy(r->conversion + at, rv64_table_image, rv64_table_bytes);
}

static void leave_init(struct rig *r)
{
	r->in.mem_ready = r->in.op_ready = r->in.reg_rsp_ready = 1;
	while (r->out.phase == CLB_PHASE_INIT && !r->differs)
		rig_step(r);
}

void rig_reset(struct rig *r)
{
	memset(&r->in, 0, sizeof r->in);
	memset(&r->memory, 0, sizeof r->memory);
	rig_block.reset_again(r);
	leave_init(r);
}

void rig_configure(struct rig *r, bool buffer)
{
	rig_write(r, CLB_TABLE0, RIG_TABLES);
	rig_write(r, CLB_TABLE1, RIG_TABLES);
	rig_write(r, CLB_TABLE2, RIG_TABLES);
	rig_write(r, CLB_BUFFER, RIG_BUFFER | (RIG_BUFFER_SLOTS - 1));
	rig_write(r, CLB_CONTROL, FIELD_PREP(CLB_CONTROL_BUFFER, buffer));
}

struct rig *rig_create(bool buffer)
{
	struct rig *r = calloc(1, sizeof *r);

	if (!r)
		abort();
	r->guest = calloc(1, RIG_GUEST_BYTES);
	r->conversion = calloc(1, RIG_CONVERSION_BYTES);
	if (!r->guest || !r->conversion)
		abort();
	r->latency = RIG_LATENCY;
	r->random = test_seed() * UINT64_C(0x9e3779b97f4a7c15) + 1;
	load_image(r, RIG_TABLES);
	rig_block.reset(r);
	leave_init(r);
	rig_configure(r, buffer);
	return r;
}

void rig_destroy(struct rig *r)
{
	free(r->guest);
	free(r->conversion);
	free(r);
}

static uint64_t access_register(struct rig *r, bool write, unsigned addr, uint64_t data)
{
	uint64_t limit = r->cycle + RIG_PATIENCE;
	bool taken = false;

	r->in.reg_valid = 1;
	r->in.reg_write = write;
	r->in.reg_addr = (uint16_t)addr;
	r->in.reg_data = data;
	while (!taken && r->cycle < limit && !r->differs) {
		taken = r->out.reg_ready;
		rig_step(r);
	}
	r->in.reg_valid = 0;
	if (!taken || !r->out.reg_rsp_valid)
		test_fail(__FILE__, __LINE__, "register %#x: no answer", addr);
	data = r->out.reg_rsp_data;
	rig_step(r);
	return data;
}

uint64_t rig_read(struct rig *r, unsigned addr) { return access_register(r, false, addr, 0); }
void rig_write(struct rig *r, unsigned addr, uint64_t data) { access_register(r, true, addr, data); }

uint64_t rig_ask(struct rig *r, const struct rig_request *q)
{
	uint64_t limit = r->cycle + RIG_PATIENCE, at = 0;

	r->tag = (r->tag + 1) & 15;
	r->in.req_valid = 1;
	r->in.req_kind = q->kind;
	r->in.req_pa = q->pa;
	r->in.req_next_pa = q->next_pa;
	r->in.req_next_valid = q->next_valid;
	r->in.req_single = q->single;
	r->in.req_mode = q->mode;
	r->in.req_isa = q->isa;
	r->in.req_index = q->index;
	r->in.req_mispredict = q->mispredict;
	r->in.req_tag = r->tag;
	while (!at && r->cycle < limit && !r->differs) {
		if (r->out.req_ready)
			at = r->cycle;
		rig_step(r);
	}
	r->in.req_valid = 0;
	return at;
}

uint64_t rig_op(struct rig *r, struct clb_out *op)
{
	uint64_t limit = r->cycle + RIG_PATIENCE;

	while (r->cycle < limit && !r->differs) {
		bool mine = r->out.op_valid && r->out.op_tag == r->tag;
		uint64_t at = r->cycle;

		*op = r->out;
		rig_step(r);
		if (mine)
			return at;
	}
	return 0;
}

unsigned rig_block_of(struct rig *r, const struct rig_request *q, struct clb_out *ops)
{
	unsigned n = 0;

	rig_ask(r, q);
	while (n < CLB_BLOCK_SLOTS && rig_op(r, &ops[n])) {
		if (ops[n++].op_last)
			return n;
	}
	return n;
}

void rig_snoop(struct rig *r, uint64_t pa, unsigned cause)
{
	uint64_t limit = r->cycle + RIG_PATIENCE;
	bool taken = false;

	r->in.snoop_valid = 1;
	r->in.snoop_line = pa >> 6;
	r->in.snoop_all = cause == CLB_CAUSE_FLUSH;
	r->in.snoop_cause = (uint8_t)cause;
	while (!taken && r->cycle < limit && !r->differs) {
		taken = r->out.snoop_ready;
		rig_step(r);
	}
	r->in.snoop_valid = 0;
}

void rig_resolve(struct rig *r, unsigned at, bool taken, bool predicted)
{
	r->in.resolve_valid = 1;
	r->in.resolve_at = (uint16_t)at;
	r->in.resolve_taken = taken;
	r->in.resolve_predicted = predicted;
	rig_step(r);
	r->in.resolve_valid = 0;
}

void rig_code(struct rig *r, uint64_t pa, const uint32_t *insn, unsigned count)
{
	memcpy(place_of(r, false, pa), insn, 4ul * count);
}
