/* Stimulus that no sane host or firmware gives: the SEE must stay within its bounds, and recover with a function reset. */
#include "testbench/unit/see/device.h"
#include "testbench/unit/see/driver.h"

static const struct {
	unsigned fifo, depth;
} depths[] = {
	{SEE_F_RXQ, SEE_RXQ_DEPTH},	{SEE_F_REQQ, SEE_REQQ_DEPTH},	  {SEE_F_CPLQ, SEE_CPLQ_DEPTH},
	{SEE_F_RDQ, SEE_RDQ_DEPTH},	{SEE_F_RDRQ, SEE_RDRQ_DEPTH},	  {SEE_F_DONEQ, SEE_DONEQ_DEPTH},
	{SEE_F_WRQ, SEE_WRQ_DEPTH},	{SEE_F_WDONEQ, SEE_WDONEQ_DEPTH}, {SEE_F_WTXQ, SEE_WTXQ_DEPTH},
	{SEE_F_TXQ, SEE_TXQ_DEPTH},	{SEE_F_NWQ, SEE_NWQ_DEPTH},	  {SEE_F_NRQ, SEE_NRQ_DEPTH},
	{SEE_F_WHO, SEE_WHO_DEPTH},	{SEE_F_RDATA, SEE_RDATA_DEPTH},	  {SEE_F_RINGQ, SEE_RINGQ_DEPTH},
	{SEE_F_CEQ, SEE_CEQ_DEPTH},	{SEE_F_REGQ, SEE_REGQ_DEPTH},	  {SEE_F_RSPQ, SEE_RSPQ_DEPTH},
	{SEE_F_DBQ, SEE_DBQ_DEPTH},
};

/* @return whether every structural invariant holds. */
static bool sound(const struct see *s)
{
	uint64_t all = 0;
	for (unsigned i = 0; i < sizeof(depths) / sizeof(*depths); i++)
		if (s->count[depths[i].fifo] > depths[i].depth)
			return false;
	for (unsigned state = 0; state < SEE_SLOT_STATES; state++) {
		if (all & s->in_state[state])
			return false;
		all |= s->in_state[state];
	}
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (!(s->in_state[s->slots[slot].state] >> slot & 1))
			return false;
	return all == ~0ull && !(s->tag_busy & s->tag_done);
}

static uint64_t some_address(struct bench *b)
{
	unsigned fn = (unsigned)(bench_random(b) % 4);
	uint64_t offset = bench_random(b) & 0x3ffc;
	if (bench_random(b) & 1)
		offset = SEE_DOORBELL_BASE + (bench_random(b) & 0x4c);
	else if (bench_random(b) & 1)
		offset &= 0x3c;
	return bar_of(fn) + offset;
}

static void some_packet(struct bench *b)
{
	static const uint8_t types[] = {TLP_MRD, TLP_MWR, TLP_MWR, TLP_CFGRD0, TLP_CFGWR0, TLP_CPL, TLP_CPLD, 0x05};
	struct tlp t;
	uint64_t r = bench_random(b), address = some_address(b);
	unsigned type = types[r & 7], words = r >> 8 & 15 ? 1 + (r >> 12 & 1) : (unsigned)(r >> 16 & 63);
	uint64_t dw2 = address >> 32, dw3 = address & 0xffffffff;
	if (type == TLP_CPL || type == TLP_CPLD) {
		dw2 = (uint64_t)bdf_of((unsigned)(r >> 24 & 3)) << 16 | (r >> 28 & 15) << 8;
		words = (unsigned)(r >> 32 & 127);
	} else if (type == TLP_CFGRD0 || type == TLP_CFGWR0) {
		dw2 = (uint64_t)bdf_of((unsigned)(r >> 24 & 3)) << 16 | (r >> 28 & 0x1fc);
	}
	t.beat[0] = bench_random(b) << 32 | (uint64_t)type << 24 | (r >> 40 & 31 ? 0 : 1u << 14) | words;
	t.beat[1] = dw3 << 32 | dw2;
	for (unsigned i = 2; i < TLP_MAX_BEATS; i++)
		t.beat[i] = bench_random(b) & (r >> 48 & 1 ? 0x3f : ~0ull);
	t.beats = tlp_beats(type & 0x40, words);
	if (t.beats > TLP_MAX_BEATS || !(r >> 50 & 31))
		t.beats = 1 + (unsigned)(bench_random(b) % TLP_MAX_BEATS);
	bench_send(b, &t);
}

static void some_register(struct bench *b)
{
	uint64_t r = bench_random(b), value = bench_random(b);
	unsigned offset = (unsigned)(r & 0x78);
	if (b->in.reg_valid)
		return;
	if (r >> 8 & 1)
		offset = function_register((unsigned)(SEE_FN_CC + (r >> 16 & 0xf8)), (unsigned)(r >> 24 & 3));
	else if (r >> 9 & 1)
		offset = queue_register((unsigned)(SEE_SQ_ADDRESS + (r >> 16 & 0x38)), (unsigned)(r >> 24 & 3),
					(unsigned)(r >> 28 & 3));
	if (offset == SEE_RING_BASE || offset == SEE_CRING_BASE || offset == SEE_BUFFER_BASE)
		return;
	b->in.reg_valid = 1;
	b->in.reg_write = r >> 32 & 1;
	b->in.reg_addr = (uint16_t)offset;
	b->in.reg_data = r >> 33 & 1 ? value & 0x7f0013 : value;
	if (offset == SEE_CTRL)
		b->in.reg_data |= SEE_CTRL_ENABLE_MASK;
}

/* Brings function 0 to life again after anything, through its own FLR, and lets it do one command. */
static void expect_recovery(struct bench *b)
{
	struct driver d;
	b->stall = 0;
	b->send_count = 0;
	b->feeder.busy = false;
	b->in.pcie_rx_valid = 0;
	for (unsigned i = 0; i < 3; i++) { /* ends whatever TLP was cut off */
		struct tlp t = {.beats = 2};
		bench_send(b, &t);
	}
	bench_run(b, 100000);
	memset(b->answered, 0, sizeof(b->answered)); /* of the noise */
	fw_write(b, SEE_CPL_TIMEOUT, 2);
	bench_run(b, 40000);
	host_config_write(b, SEE_PF_RID, SEE_CFG_DEVCTL, 1u << 15);
	bench_run(b, 40000);
	fw_write(b, SEE_CTRL, 0); /* the completion ring stops after its present entry */
	bench_run(b, 1000);
	b->cring_tail = (uint16_t)fw_read(b, SEE_CRING_HEAD);
	fw_write(b, SEE_CRING_TAIL, b->cring_tail);
	fw_write(b, SEE_RING_LOG2, RING_LOG2);
	fw_write(b, SEE_CRING_LOG2, CRING_LOG2);
	fw_write(b, SEE_SLOT_LIMIT, 32);
	fw_write(b, SEE_RING_CONS, fw_read(b, SEE_RING_PROD));
	fw_write(b, SEE_CTRL, SEE_CTRL_ENABLE_MASK);
	for (unsigned i = 0; i < 200; i++) {
		bench_run(b, 60);
		fw_write(b, SEE_RING_CONS, fw_read(b, SEE_RING_PROD));
	}
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		answer(b, SEE_CE_RELEASE, slot, false, 0, 0, 0);
	bench_settle(b);
	EXPECT_EQ(fw_read(b, SEE_SLOTS_FREE), ~0ull);
	b->ring_cons = (uint16_t)fw_read(b, SEE_RING_PROD);
	fw_write(b, SEE_RING_CONS, b->ring_cons);
	board_up(b, 0);
	driver_up(&d, b, 0, 0);
	uint64_t sqe[8] = {6};
	submit(&d, 0, sqe);
	answer(b, SEE_CE_COMPLETE, next_descriptor(b).slot, false, 0, 0, 0);
	EXPECT_EQ(reap(&d, 0).status, 0u);
}

TEST(see_random, hostile_stimulus_stays_within_bounds)
{
	for (unsigned round = 0; round < (device_has_rtl ? 2 : 6); round++) {
		struct bench *b = bench_new();
		struct driver d[3];
		b->random += round * 977;
		board_up(b, 2);
		for (unsigned fn = 0; fn < 3; fn++) {
			driver_up(&d[fn], b, fn, 3);
			attach(b, fn, 1000);
		}
		for (unsigned i = 0; i < BENCH_HOST_BYTES / 8; i++)
			store64(b->host, i * 8, bench_random(b) & 0x3ff8ff00ff03ull);
		b->stall = 40 * round;
		for (unsigned i = 0; i < 60000; i++) {
			if (b->send_count < 8 && bench_random(b) % 16 == 0)
				some_packet(b);
			if (bench_random(b) % 16 == 0)
				some_register(b);
			bench_step(b);
			if (!sound(&b->see)) {
				test_fail(__FILE__, __LINE__, "unsound at cycle %llu, round %u",
					  (unsigned long long)b->cycle, round);
				break;
			}
		}
		expect_recovery(b);
		b->stray = 0; /* wild addresses are the host's own fault here */
		b->collector.malformed = 0;
		bench_free(b);
	}
}

/* The beats of a stream without any structure. */
TEST(see_random, noise_on_every_input)
{
	struct see see;
	struct see_in in = {0};
	struct see_out out;
	struct bench random = {.random = test_seed() + 77};
	device_reset(&see);
	for (unsigned i = 0; i < (device_has_rtl ? 60000 : 300000); i++) {
		uint64_t r = bench_random(&random);
		device_step(&see, &in, &out);
		in.pcie_rx_valid = r & 1;
		in.pcie_rx_sop = r >> 1 & 1;
		in.pcie_rx_eop = !(r >> 2 & 3);
		in.pcie_rx_data = bench_random(&random) << 16 ^ r;
		in.pcie_tx_ready = r >> 4 & 1;
		in.nm_wr_ready = r >> 5 & 1;
		in.nm_rd_ready = r >> 6 & 1;
		in.nm_rsp_valid = r >> 7 & 1;
		in.nm_rsp_data = r;
		in.reg_valid = r >> 8 & 1;
		in.reg_write = r >> 9 & 1;
		in.reg_addr = (uint16_t)(r >> 10);
		in.reg_data = bench_random(&random);
		in.reg_rsp_ready = r >> 26 & 1;
		if (!sound(&see)) {
			test_fail(__FILE__, __LINE__, "unsound in step %u", i);
			break;
		}
	}
}
