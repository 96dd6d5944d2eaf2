#include "testbench/unit/see/bench.h"
#include "testbench/unit/see/device.h"

#include <stdlib.h>

uint64_t load64(const uint8_t *memory, uint64_t address)
{
	uint64_t value;
	memcpy(&value, memory + address, sizeof(value));
	return value;
}

void store64(uint8_t *memory, uint64_t address, uint64_t value)
{
	memcpy(memory + address, &value, sizeof(value));
}

uint64_t bench_random(struct bench *b)
{
	b->random ^= b->random >> 12;
	b->random ^= b->random << 25;
	b->random ^= b->random >> 27;
	return b->random * 0x2545f4914f6cdd1dull >> 16;
}

struct bench *bench_new(void)
{
	struct bench *b = calloc(1, sizeof(*b));
	b->host = calloc(1, BENCH_HOST_BYTES);
	b->nic = calloc(1, BENCH_NIC_BYTES);
	b->random = test_seed() * 0x9e3779b97f4a7c15ull + 1;
	b->latency = 100;
	device_reset(&b->see);
	see_outputs(&b->see, &b->out);
	EXPECT_EQ(b->out.idle, 0);
	EXPECT_EQ(b->out.pcie_rx_ready, 0);
	while (!b->out.reg_ready && b->cycle < 10000)
		bench_step(b);
	return b;
}

void bench_free(struct bench *b)
{
	EXPECT_EQ(b->stray, 0u);
	EXPECT_EQ(b->collector.malformed, 0u);
	free(b->host);
	free(b->nic);
	free(b);
}

void bench_send(struct bench *b, const struct tlp *t)
{
	ASSERT_TRUE(b->send_count < BENCH_SENDS);
	b->sends[(b->send_head + b->send_count++) % BENCH_SENDS] = *t;
}

static bool faulty(const struct bench *b, uint64_t address)
{
	return b->fault != FAULT_NONE && address >= b->fault_start && address < b->fault_end;
}

static unsigned fn_of(unsigned rid)
{
	return rid >= SEE_FIRST_VF_RID && rid < SEE_FIRST_VF_RID + SEE_NUM_VFS ? rid - SEE_FIRST_VF_RID + 1 : 0;
}

static void take_read(struct bench *b, const struct tlp *t)
{
	unsigned open = 1;
	struct bench_read *r = NULL;
	for (unsigned i = 0; i < BENCH_READS; i++) {
		open += b->reads[i].used;
		if (!b->reads[i].used)
			r = &b->reads[i];
	}
	uint64_t address = tlp_address(t), bytes = tlp_length_dw(t) * 4;
	if (!r || bytes > TLP_MAX_READ_BYTES || (address & 4095) + bytes > 4096) {
		b->stray++;
		return;
	}
	if (open > b->most_reads)
		b->most_reads = open;
	*r = (struct bench_read){.used = true, .request = *t, .not_before = b->cycle + b->latency};
	if (faulty(b, address) && b->fault == FAULT_SILENT)
		r->used = false;
}

static void take_write(struct bench *b, const struct tlp *t)
{
	uint64_t address = tlp_address(t), bytes = tlp_length_dw(t) * 4;
	if (bytes > b->longest_write)
		b->longest_write = (unsigned)bytes;
	if (t->beats != tlp_beats(true, (unsigned)bytes / 4) || bytes > TLP_MAX_PAYLOAD_BYTES ||
	    (address & 4095) + bytes > 4096 || tlp_byte_enables(t) != (bytes > 4 ? 0xffu : 0x0fu))
		b->stray++;
	else if ((address & ~0xfffull) == BENCH_MSI_ADDRESS && bytes == 4)
		b->messages[b->message_count++ % BENCH_MESSAGES] = (struct bench_message){
			(uint16_t)tlp_requester(t), address, tlp_dw(t, 4)};
	else if (address + bytes > BENCH_HOST_BYTES)
		b->stray++;
	else
		memcpy(b->host + address, tlp_payload_const(t), bytes);
}

static void take_message(struct bench *b, const struct tlp *t)
{
	unsigned code = tlp_message_code(t);
	bool legal = t->beats == 2 && t->beat[1] == 0 && tlp_requester(t) == SEE_PF_RID && (tlp_dw(t, 0) & 0xffffff) == 0 &&
		     (code == TLP_ASSERT_INTX || code == TLP_DEASSERT_INTX) && b->intx == (code == TLP_DEASSERT_INTX);
	b->stray += !legal;
	b->intx = code == TLP_ASSERT_INTX;
	b->intx_count++;
}

static void take_packet(struct bench *b, const struct tlp *t)
{
	if (tlp_type(t) == TLP_MSG) {
		take_message(b, t);
		return;
	}
	if (tlp_is_completion(t)) {
		b->answers[tlp_tag(t)] = *t;
		b->answered[tlp_tag(t)] = true;
		return;
	}
	b->dma_of[fn_of(tlp_requester(t))]++;
	if (tlp_type(t) == TLP_MRD)
		take_read(b, t);
	else
		take_write(b, t);
}

/* Answers a part of read @p r, up to a multiple of 64 bytes or all. */
static void answer_read(struct bench *b, struct bench_read *r)
{
	struct tlp t;
	uint64_t address = tlp_address(&r->request) + r->offset;
	unsigned total = tlp_length_dw(&r->request) * 4, left = total - r->offset;
	unsigned part = 64 * (1 + (unsigned)(bench_random(b) % 4)) - (unsigned)(address & 63);
	unsigned n = part < left ? part : left;
	unsigned rid = tlp_requester(&r->request), tag = tlp_tag(&r->request);
	bool fault = faulty(b, tlp_address(&r->request));
	if (fault && (b->fault == FAULT_UR || b->fault == FAULT_CA)) {
		tlp_make_completion(&t, 0, rid, tag, b->fault == FAULT_UR ? TLP_UR : TLP_CA, left, 0, 0);
		n = left;
	} else {
		if (address + n > BENCH_HOST_BYTES) {
			b->stray++;
			n = left;
			address = 0;
		}
		unsigned extra = fault && b->fault == FAULT_LENGTH ? TLP_MAX_READ_BYTES / 2 - n : 0;
		tlp_make_completion(&t, 0, rid, tag, TLP_SC, left, (unsigned)address & 0x7f, (n + extra) / 4);
		memcpy(tlp_payload(&t), b->host + address, n + extra);
		if (fault && b->fault == FAULT_POISON)
			t.beat[0] |= 1u << 14;
		if (extra)
			n = left;
	}
	bench_send(b, &t);
	r->offset += n;
	r->used = r->offset < total;
}

/* One read of those that have waited long enough, any of them. */
static void answer_reads(struct bench *b)
{
	struct bench_read *due[BENCH_READS];
	unsigned count = 0;
	if (b->send_count > 2)
		return;
	for (unsigned i = 0; i < BENCH_READS; i++)
		if (b->reads[i].used && b->reads[i].not_before <= b->cycle)
			due[count++] = &b->reads[i];
	if (count)
		answer_read(b, due[bench_random(b) % count]);
}

static bool ready(struct bench *b)
{
	return !b->stall || (bench_random(b) & 0xff) >= b->stall;
}

static void memory_pins(struct bench *b)
{
	struct see_in *in = &b->in;
	const struct see_out *out = &b->out;
	if (out->nm_wr_valid && in->nm_wr_ready) {
		if (out->nm_wr_addr >= BENCH_NIC_BYTES || out->nm_wr_addr & 7)
			b->stray++;
		else
			for (unsigned i = 0; i < 8; i++)
				if (out->nm_wr_strb >> i & 1)
					b->nic[out->nm_wr_addr + i] = (uint8_t)(out->nm_wr_data >> 8 * i);
	}
	if (out->nm_rd_valid && in->nm_rd_ready) {
		unsigned at = (b->nm_head + b->nm_count++) % BENCH_NM_READS;
		bool good = out->nm_rd_addr < BENCH_NIC_BYTES && b->nm_count < BENCH_NM_READS;
		b->stray += !good;
		b->nm_data[at] = good ? load64(b->nic, out->nm_rd_addr) : 0;
		b->nm_when[at] = b->cycle + 3;
	}
	if (out->nm_rsp_ready && in->nm_rsp_valid) {
		b->nm_head = (b->nm_head + 1) % BENCH_NM_READS;
		b->nm_count--;
	}
}

static void drive_pins(struct bench *b)
{
	struct see_in *in = &b->in;
	if (!b->feeder.busy && b->send_count) {
		tlp_feeder_load(&b->feeder, &b->sends[b->send_head]);
		b->send_head = (b->send_head + 1) % BENCH_SENDS;
		b->send_count--;
	}
	in->pcie_rx_valid = b->feeder.busy;
	in->pcie_rx_sop = b->feeder.busy && b->feeder.next == 0;
	in->pcie_rx_eop = b->feeder.busy && b->feeder.next + 1 == b->feeder.tlp.beats;
	in->pcie_rx_data = b->feeder.busy ? b->feeder.tlp.beat[b->feeder.next] : 0;
	in->nm_rsp_valid = b->nm_count && b->nm_when[b->nm_head] <= b->cycle;
	in->nm_rsp_data = b->nm_data[b->nm_head];
	in->pcie_tx_ready = ready(b);
	in->nm_wr_ready = ready(b);
	in->nm_rd_ready = ready(b);
	in->reg_rsp_ready = 1;
}

/* What the pins said in the cycle that the coming edge ends. */
static void observe_pins(struct bench *b)
{
	struct see_in *in = &b->in;
	const struct see_out *out = &b->out;
	tlp_feeder_step(&b->feeder, in->pcie_rx_valid && out->pcie_rx_ready);
	if (out->pcie_tx_valid && in->pcie_tx_ready &&
	    tlp_collector_step(&b->collector, out->pcie_tx_sop, out->pcie_tx_eop, out->pcie_tx_data)) {
		struct tlp whole = b->collector.tlp;
		b->collector.tlp.beats = 0;
		take_packet(b, &whole);
	}
	memory_pins(b);
	if (out->reg_rsp_valid) {
		b->reg_data = out->reg_rsp_data;
		b->reg_answered = true;
	}
	if (out->event_valid)
		b->events[out->event_code & 15]++;
	else if (out->event_code | out->event_function | out->event_id | out->event_value)
		b->stray++;
}

/* A source holds its beat until it is taken; an idle SEE with quiet inputs does not change at all. */
static void check_promises(struct bench *b, const struct see_out *before, const struct see *idle_state)
{
	const struct see_out *out = &b->out;
	const struct see_in *in = &b->in;
	bool tx_held = !before->pcie_tx_valid || in->pcie_tx_ready ||
		       (out->pcie_tx_valid && out->pcie_tx_data == before->pcie_tx_data &&
			out->pcie_tx_sop == before->pcie_tx_sop && out->pcie_tx_eop == before->pcie_tx_eop);
	bool wr_held = !before->nm_wr_valid || in->nm_wr_ready ||
		       (out->nm_wr_valid && out->nm_wr_addr == before->nm_wr_addr &&
			out->nm_wr_data == before->nm_wr_data && out->nm_wr_strb == before->nm_wr_strb);
	bool rd_held = !before->nm_rd_valid || in->nm_rd_ready ||
		       (out->nm_rd_valid && out->nm_rd_addr == before->nm_rd_addr);
	EXPECT_TRUE(tx_held && wr_held && rd_held);
	if (before->idle && see_in_quiet(in, in)) {
		EXPECT_EQ(memcmp(idle_state, &b->see, sizeof(b->see)), 0);
		EXPECT_EQ(memcmp(before, out, sizeof(*out)), 0);
	}
}

void bench_step(struct bench *b)
{
	static struct see state;
	struct see_out before = b->out;
	drive_pins(b);
	observe_pins(b);
	if (before.idle)
		state = b->see;
	device_step(&b->see, &b->in, &b->out);
	check_promises(b, &before, &state);
	if (before.reg_ready)
		b->in.reg_valid = 0;
	answer_reads(b);
	b->cycle++;
}

void bench_run(struct bench *b, unsigned cycles)
{
	while (cycles--)
		bench_step(b);
}

void bench_settle(struct bench *b)
{
	bench_run(b, 4);
	for (unsigned i = 0; i < BENCH_TIMEOUT; i++) {
		bool reading = false;
		for (unsigned r = 0; r < BENCH_READS; r++)
			reading |= b->reads[r].used;
		if (b->out.idle && !b->send_count && !b->feeder.busy && !reading)
			return;
		bench_step(b);
	}
	test_fail(__FILE__, __LINE__, "the SEE did not become idle, cycle %llu", (unsigned long long)b->cycle);
}

static const struct tlp *wait_answer(struct bench *b, unsigned tag)
{
	for (unsigned i = 0; i < BENCH_TIMEOUT && !b->answered[tag]; i++)
		bench_step(b);
	EXPECT_TRUE(b->answered[tag]);
	b->answered[tag] = false;
	return &b->answers[tag];
}

const struct tlp *host_read(struct bench *b, uint64_t address, unsigned bytes)
{
	struct tlp t;
	unsigned tag = b->next_tag++;
	tlp_make_memory(&t, TLP_MRD, 0, tag, address, bytes);
	bench_send(b, &t);
	return wait_answer(b, tag);
}

static void host_write(struct bench *b, uint64_t address, const void *data, unsigned bytes)
{
	struct tlp t;
	tlp_make_memory(&t, TLP_MWR, 0, 0, address, bytes);
	t.beat[2] = 0;
	memcpy(tlp_payload(&t), data, bytes);
	bench_send(b, &t);
	for (unsigned i = 0; i < BENCH_TIMEOUT && b->send_count; i++)
		bench_step(b);
}

void host_write32(struct bench *b, uint64_t address, uint32_t value)
{
	host_write(b, address, &value, 4);
}

void host_write64(struct bench *b, uint64_t address, uint64_t value)
{
	host_write(b, address, &value, 8);
}

uint32_t host_read32(struct bench *b, uint64_t address)
{
	return tlp_dw(host_read(b, address, 4), 4);
}

uint64_t host_read64(struct bench *b, uint64_t address)
{
	return host_read(b, address, 8)->beat[2];
}

static const struct tlp *config(struct bench *b, enum tlp_type type, unsigned bdf, unsigned offset, uint32_t value)
{
	struct tlp t;
	unsigned tag = b->next_tag++;
	tlp_make_config(&t, type, 0, tag, bdf, offset, 15);
	if (type == TLP_CFGWR0)
		t.beat[2] = value;
	bench_send(b, &t);
	return wait_answer(b, tag);
}

uint32_t host_config_read(struct bench *b, unsigned bdf, unsigned offset)
{
	return tlp_dw(config(b, TLP_CFGRD0, bdf, offset, 0), 4);
}

unsigned host_config_status(struct bench *b, unsigned bdf, unsigned offset)
{
	return tlp_status(config(b, TLP_CFGRD0, bdf, offset, 0));
}

unsigned host_config_write(struct bench *b, unsigned bdf, unsigned offset, uint32_t value)
{
	return tlp_status(config(b, TLP_CFGWR0, bdf, offset, value));
}

static uint64_t fw_access(struct bench *b, bool write, unsigned offset, uint64_t value)
{
	b->in.reg_valid = 1;
	b->in.reg_write = write;
	b->in.reg_addr = (uint16_t)offset;
	b->in.reg_data = value;
	b->reg_answered = false;
	for (unsigned i = 0; i < BENCH_TIMEOUT && !b->reg_answered; i++)
		bench_step(b);
	EXPECT_TRUE(b->reg_answered);
	return b->reg_data;
}

uint64_t fw_read(struct bench *b, unsigned offset)
{
	return fw_access(b, false, offset, 0);
}

void fw_write(struct bench *b, unsigned offset, uint64_t value)
{
	EXPECT_EQ(fw_access(b, true, offset, value), 0u);
}
