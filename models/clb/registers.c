/* The register port. */
#include <string.h>

#include "models/clb/unit.h"

static uint64_t *writable(struct clb *c, unsigned addr, uint64_t *mask)
{
	if (addr == CLB_BUFFER) {
		*mask = CLB_BUFFER_BASE_MASK | CLB_BUFFER_MASK_MASK;
		return &c->buffer_register;
	}
	if (addr >= CLB_TABLE0 && addr <= CLB_TABLE3) {
		*mask = CLB_TABLE0_BASE_MASK;
		return &c->table[(addr - CLB_TABLE0) / 8];
	}
	return NULL;
}

static void forget_tables(struct clb *c)
{
	struct clb_assembler *a = &c->assembler;

	a->loaded = false;
	for (unsigned i = 0; i < CLB_FIRST_LINES; i++)
		a->cache0[i].valid = false;
	for (unsigned i = 0; i < CLB_SECOND_LINES; i++)
		a->cache1[i].valid = false;
	for (unsigned i = 0; i < CLB_TEMPLATE_LINES; i++)
		a->cache2[i].valid = false;
}

static void write_register(struct clb *c, unsigned addr, uint64_t data)
{
	uint64_t mask, *reg = writable(c, addr, &mask);

	if (reg)
		*reg = data & mask;
	if (addr >= CLB_TABLE0 && addr <= CLB_TABLE3)
		forget_tables(c);
	if (addr != CLB_CONTROL)
		return;
	c->use_buffer = FIELD_GET(CLB_CONTROL_BUFFER, data);
	if (FIELD_GET(CLB_CONTROL_FLUSH, data)) {
		c->snoop = (struct clb_snoop){.pending = true, .all = true, .cause = CLB_CAUSE_FLUSH};
		c->stream.present = false;
	}
}

static uint64_t read_register(struct clb *c, unsigned addr)
{
	uint64_t mask, *reg = writable(c, addr, &mask);

	if (reg)
		return *reg;
	if (addr >= CLB_COUNTERS && addr < CLB_COUNTERS + 8 * CLB_EVENTS)
		return c->counter_of[(addr - CLB_COUNTERS) / 8];
	if (addr >= CLB_KILLED && addr < CLB_KILLED + 8 * 4)
		return c->killed[(addr - CLB_KILLED) / 8];
	switch (addr) {
	case CLB_ID: return CLB_ID_RESET;
	case CLB_CONTROL: return FIELD_PREP(CLB_CONTROL_BUFFER, c->use_buffer);
	case CLB_EPOCH: return c->epoch;
	case CLB_CHUNKS: return FIELD_PREP(CLB_CHUNKS_SMALL, c->next_chunk[0]) | FIELD_PREP(CLB_CHUNKS_LARGE, c->next_chunk[1]);
	default: return 0;
	}
}

void clb_registers_step(struct clb *c, struct clb_wires *w)
{
	const struct clb_in *in = w->in;
	struct clb_out *o = &c->out;
	unsigned addr = in->reg_addr & ~7u;

	if (o->reg_rsp_valid && in->reg_rsp_ready) {
		o->reg_rsp_valid = 0;
		o->reg_rsp_data = 0;
	}
	if (!in->reg_valid || !o->reg_ready)
		return;
	o->reg_rsp_valid = 1;
	o->reg_rsp_data = in->reg_write ? 0 : read_register(c, addr);
	if (in->reg_write)
		write_register(c, addr, in->reg_data);
}
