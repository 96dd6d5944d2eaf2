/* Random stimulus at all ports: random guest code and table images, a requester that mostly follows the program, writes with snoops, registers,
 * stalls, memory errors. Alone the model must keep the protocol and answer; in lockstep the RTL must do the same in every cycle. */
#include <stdlib.h>

#include "models/convert/convert.h"
#include "testbench/unit/clb/encode.h"
#include "testbench/unit/clb/random_image.h"
#include "testbench/unit/clb/rig.h"

enum { ROUNDS = 12, CYCLES = 120000, PLACES = 16, KINDS = 12, SILENCE = 60000 };

struct driver {
	struct rig *r;
	uint64_t place[PLACES];
	struct clb_out last;	/* op taken last */
	uint64_t page;
	unsigned ready;		/* op_ready is up in so many of 16 cycles */
	uint64_t answered;	/* cycle of the last sign of life */
};

static bool chance(struct rig *r, unsigned one_in) { return rig_random(r) % one_in == 0; }

/* Guest code: real instructions, compressed ones, branches near by, garbage. */
static void fill_guest(struct rig *r)
{
	static const uint32_t branch[] = {0x7f, 0x63, 0, 0};
	struct convert_tables t;
	const uint32_t *w, *kind[KINDS];	/* few kinds of instructions a round, so that the table caches get warm */

	if (convert_load(&t, rv64_table_image, rv64_table_bytes) != CONVERT_OK)
		abort();
	for (unsigned i = 0; i < KINDS; i++) {
		do
			kind[i] = t.second + 4 * (rig_random(r) % t.level2);
		while (kind[i][0] == 0 || (t.template[16 * kind[i][2]] >> 16 == 3 && !chance(r, 6)));	/* real rows, few that end a block */
	}
	for (unsigned i = 0; i < RIG_GUEST_BYTES; i += 4) {
		uint32_t bits = (uint32_t)rig_random(r);

		w = kind[rig_random(r) % KINDS];
		if (chance(r, 6))
			w = branch;
		bits = (bits & ~w[0]) | w[1];
		if ((bits & 0x7f) == 0x63 && !chance(r, 4))
			bits &= 0x01ffff7f;	/* a short way ahead */
		if (chance(r, 200))
			bits = (uint32_t)rig_random(r);
		if ((bits & 3) != 3)
			bits = (bits & 0xffff) * 0x10001;	/* compressed ones come in pairs */
		memcpy(r->guest + i, &bits, 4);
	}
}

static void choose_places(struct driver *d)
{
	struct rig *r = d->r;
	uint64_t high = rig_random(r) << 20 & 0xffffffffc00000;

	for (unsigned i = 0; i < PLACES; i++) {
		uint64_t offset = rig_random(r) % RIG_GUEST_BYTES & ~3ull;

		if (chance(r, 12))
			offset |= 0xffe;
		/* Most of them meet in one row of the CLB, so that they evict each other. */
		if (i % 3)
			offset = (uint64_t)(4 * i) << 12 | (((0x154u ^ 4 * i ^ CLB_MODE_M) & 0x3ff) << 1);
		d->place[i] = RIG_GUEST_BASE + offset;
		if (r->mirror)
			d->place[i] ^= high;
	}
	/* Some begin with a loop that has near branches. */
	for (unsigned i = 4; i < PLACES; i += 2)
		RIG_CODE(r, d->place[i] & ~3ull, insn_beq(1, 2, 8), INSN_NOP, insn_bne(1, 2, -8));
	d->place[0] = RIG_GUEST_BASE + RIG_GUEST_BYTES + 64;
	d->place[3] = RIG_GUEST_BASE - 2;
	/* Twins differ in one bit of the page: in the same row of the CLB, and, with the memory mirrored, of the same code. */
	for (unsigned i = 5; r->mirror && i < PLACES; i += 3)
		d->place[i] = d->place[i - 1] ^ 1ull << (22 + rig_random(r) % 34);
}

static void next_request(struct driver *d)
{
	struct clb_in *in = &d->r->in;
	struct rig *r = d->r;
	uint64_t random = rig_random(r);

	in->req_valid = 1;
	in->req_kind = d->last.op_near && random % 4 != 0;
	in->req_index = d->last.op_index;
	in->req_pa = d->place[random / 16 % PLACES];
	in->req_mispredict = d->last.op_far && random / 4 % 2;
	if (random % 8 < 3)
		in->req_pa = d->page << 12 | (uint64_t)(in->req_mispredict ? d->last.op_opposite : d->last.op_next) << 1;
	if ((random >> 20 & 63) == 0)
		in->req_pa = (rig_random(r) << 20 ^ rig_random(r)) & 0xfffffffffffffe;	/* anywhere */
	in->req_mode = (uint8_t)(random / 1024 % 32 ? 2 : random / 32768 % 8);
	in->req_isa = random / 2048 % 64 == 0;
	in->req_single = random / 4096 % 50 == 0;
	in->req_next_valid = d->last.op_kind == CLB_OP_NEXT || random / 8192 % 30 == 0;
	in->req_next_pa = d->place[random / 64 % PLACES] & ~0xfffull;
	in->req_tag = (uint8_t)(random >> 40 & 15);
	d->page = in->req_pa >> 12;
}

static void next_snoop(struct driver *d)
{
	struct rig *r = d->r;
	uint64_t pa = (d->place[rig_random(r) % PLACES] + rig_random(r) % 256) & ~7ull, value = rig_random(r);

	r->in.snoop_valid = 1;
	r->in.snoop_all = chance(r, 40);
	r->in.snoop_line = pa >> 6;
	if (chance(r, 3))
		r->in.snoop_line ^= 1ull << rig_random(r) % 50;
	r->in.snoop_cause = (uint8_t)(rig_random(r) & 3);
	if (r->mirror)
		memcpy(r->guest + (pa - RIG_GUEST_BASE) % RIG_GUEST_BYTES, &value, 8);
	else if (pa - RIG_GUEST_BASE < RIG_GUEST_BYTES)
		memcpy(r->guest + (pa - RIG_GUEST_BASE), &value, 8);
}

static void next_register(struct driver *d)
{
	static const uint64_t bases[] = {RIG_TABLES, RIG_TABLES, RIG_TABLES, RIG_TABLES2, RIG_TABLES2, 0, 0x7000, RIG_CONVERSION_BYTES - 32, (1ull << 56) - 64};
	struct rig *r = d->r;

	r->in.reg_valid = 1;
	r->in.reg_write = chance(r, 40);
	r->in.reg_addr = (uint16_t)(rig_random(r) % 0x240);
	r->in.reg_data = rig_random(r) << 24 ^ rig_random(r);
	if (!r->in.reg_write)
		return;
	r->in.reg_addr = (uint16_t)(chance(r, 3) ? CLB_CONTROL : CLB_TABLE0 + 8 * (rig_random(r) & 3));
	r->in.reg_data = r->in.reg_addr == CLB_CONTROL ? (rig_random(r) & 7 ? 1 : rig_random(r) & 3) : bases[rig_random(r) % 9];
	if (r->in.reg_addr != CLB_CONTROL && chance(r, 12))
		r->in.reg_data = (rig_random(r) << 20 ^ rig_random(r)) & ~15ull;
	if (r->mirror && r->in.reg_addr != CLB_CONTROL && r->in.reg_data && !chance(r, 6))
		r->in.reg_data ^= rig_random(r) << 20 & ~(uint64_t)(RIG_CONVERSION_BYTES - 1);
	if (chance(r, 6))
		r->in.reg_addr = (uint16_t)(rig_random(r) % 0x1000);	/* what is behind other addresses must not change */
	if (chance(r, 8)) {
		r->in.reg_addr = CLB_BUFFER;
		r->in.reg_data = chance(r, 4) ? rig_random(r) << 20 ^ rig_random(r) : RIG_BUFFER | (chance(r, 2) ? 255 : 7);
		if (r->mirror)
			r->in.reg_data ^= rig_random(r) << 20 & ~(uint64_t)(RIG_CONVERSION_BYTES - 1);
	}
}

/* In the middle of things: whatever was under way or in the memories must not shine through. */
static void start_anew(struct driver *d, bool buffer)
{
	rig_reset(d->r);
	memset(&d->last, 0, sizeof d->last);
	for (unsigned i = 0; i < 6 && !d->r->differs; i++) {
		if (chance(d->r, 2))
			rig_write(d->r, 8 * (unsigned)(rig_random(d->r) % 72), rig_random(d->r) & ~3ull);
		rig_read(d->r, CLB_TABLE0 + 8 * i % 32);
	}
	rig_configure(d->r, buffer);
}

static void drive(struct driver *d)
{
	struct rig *r = d->r;
	struct clb_in *in = &r->in;

	if (chance(r, d->ready ? 4000 : 300)) {
		static const uint8_t rates[] = {0, 1, 8, 16};

		d->ready = rates[rig_random(r) & 3];
	}
	if (!in->req_valid && ((r->out.op_last && chance(r, 3)) || (d->last.op_near && chance(r, 2)) || chance(r, 180)))
		next_request(d);
	if (!in->snoop_valid && chance(r, 9000))
		next_snoop(d);
	if (!in->reg_valid && chance(r, 200))
		next_register(d);
	in->resolve_valid = chance(r, 60);
	in->resolve_at = d->last.op_at;
	in->resolve_taken = chance(r, 2);
	in->resolve_predicted = d->last.op_taken;
	in->op_ready = rig_random(r) % 16 < d->ready;
	in->mem_ready &= !chance(r, 5);
	in->reg_rsp_ready = !chance(r, 3);
}

/* One cycle; what was taken at its edge is withdrawn. */
static void cycle(struct driver *d)
{
	struct rig *r = d->r;
	struct clb_out was = r->out;
	struct clb_in in;

	drive(d);
	in = r->in;
	rig_step(r);
	if (in.req_valid && was.req_ready)
		r->in.req_valid = 0;
	if (in.snoop_valid && was.snoop_ready)
		r->in.snoop_valid = 0;
	if (in.reg_valid && was.reg_ready)
		r->in.reg_valid = 0;
	if (was.op_valid && in.op_ready)
		d->last = was;
	else if (was.op_valid && memcmp(&was.op_word, &r->out.op_word, sizeof was.op_word) != 0)
		test_fail(__FILE__, __LINE__, "op changed while it waited, cycle %llu; seed %llu", (unsigned long long)r->cycle, (unsigned long long)test_seed());
	if (was.req_ready || was.phase != r->out.phase)
		d->answered = r->cycle;
}

static void round_of(unsigned round, uint64_t cycles, uint64_t *seen)
{
	struct rig *r = rig_create(round % 4 != 3);
	struct driver d = {.r = r, .ready = round % 3 == 0 ? 16 : 8};

	r->random ^= (round + 1) * UINT64_C(0x9e3779b97f4a7c15);
	r->latency = 1 + (unsigned)(rig_random(r) % 30);
	r->errors = round % 3 == 1 ? 400 : 0;
	r->flips = round % 4 == 1 ? 300 : 0;
	r->mirror = round % 2;
	fill_guest(r);
	random_image(r->conversion + RIG_TABLES2, RIG_BUFFER - RIG_TABLES2, rig_random(r), r->mirror);
	choose_places(&d);
	d.answered = r->cycle;
	for (uint64_t end = r->cycle + cycles; r->cycle < end && !r->differs;) {
		cycle(&d);
		if (chance(r, 30000))
			start_anew(&d, round % 4 != 3);
		if (r->cycle - d.answered > SILENCE) {
			test_fail(__FILE__, __LINE__, "no sign of life for %u cycles in round %u; seed %llu", SILENCE, round, (unsigned long long)test_seed());
			break;
		}
	}
	for (unsigned i = 0; i < CLB_EVENTS; i++)
		seen[i] += r->events[i];
	rig_destroy(r);
}

TEST(clb_random, keeps_the_protocol_under_random_stimulus)
{
	const char *more = getenv("CLB_RANDOM_CYCLES");
	uint64_t seen[CLB_EVENTS] = {0};

	for (unsigned round = 0; round < ROUNDS && !test_has_failed(); round++)
		round_of(round, more ? strtoull(more, NULL, 0) / ROUNDS : CYCLES, seen);
	/* The stimulus reaches everything that can happen. */
	for (unsigned i = 0; i < CLB_EVENTS; i++) {
		if (!seen[i] && !test_has_failed())
			test_fail(__FILE__, __LINE__, "event %u never happened; seed %llu", i, (unsigned long long)test_seed());
	}
}
