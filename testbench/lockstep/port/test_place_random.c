/* Random connections, streams of PDUs with faults, segments that are lost, doubled and late, stalls and register accesses at any time. Model and
 * RTL are compared in each cycle; and whatever is placed must be what the stream says, at the place that the buffer's owner has said. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/place_stream.h"
#include "testbench/lockstep/see/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONNECTIONS = 5, SLOT_BYTES = 4096, BUFFERS = 8 };

struct peer {
	struct connection connection;
	struct stream stream;
	uint32_t at;      /**< next byte to send */
	uint32_t armable; /**< begin of the PDU that was added last */
	bool open;
};

static struct rig rig;
static struct rng rng;
static struct peer peers[CONNECTIONS];
static struct {
	bool busy, taken;
	struct peer *peer;
	uint32_t at, length, sent;
	uint8_t job_bytes[600];
} segment;
static uint64_t runs, followed, bad, jobs;

static uint64_t home_of(const struct peer *peer, uint16_t cccid)
{
	return ((uint64_t)(peer - peers) << 40) | (uint64_t)(cccid % BUFFERS) * SLOT_BYTES;
}

static void more_stream(struct peer *peer)
{
	struct pdu_wish wish = {
		.type = rng_percent(&rng, 75) ? 7 : (uint8_t[]){5, 9, 1, 0x13}[rng_below(&rng, 4)],
		.pad = (uint8_t)(rng_percent(&rng, 20) ? rng_below(&rng, 40) : 0),
		.header_digest = rng_percent(&rng, 50),
		.data_digest = rng_percent(&rng, 50),
		.bad_header_digest = rng_percent(&rng, 2),
		.bad_data_digest = rng_percent(&rng, 30),
		.cccid = (uint16_t)(rng_below(&rng, BUFFERS) | 64 * rng_below(&rng, 2)),
		.length = rng_percent(&rng, 60) ? rng_below(&rng, 300) : rng_below(&rng, 4000),
		.offset = rng_percent(&rng, 50) ? 0 : rng_below(&rng, 2000),
		.plen_error = rng_percent(&rng, 1) ? (int32_t)rng_below(&rng, 9) - 4 : 0,
		.extra = rng_percent(&rng, 30) ? rng_below(&rng, 100) : 0,
	};

	if (peer->stream.bytes > STREAM_BYTES - 5000) {
		peer->stream.first += peer->stream.bytes;
		peer->stream.bytes = peer->at = 0;
	}
	if (rng_percent(&rng, 2))
		wish.offset = 0xffffff00u;
	peer->armable = stream_add(&peer->stream, &wish);
}

static void next_segment(void)
{
	struct peer *peer = &peers[rng_below(&rng, CONNECTIONS)];
	struct port_in *in = &rig.in;
	uint32_t most = rng_percent(&rng, 50) ? 40 : 1500;

	segment.busy = true;
	segment.taken = false;
	segment.sent = 0;
	if (rng_percent(&rng, 10)) {
		segment.peer = NULL;
		segment.length = rng_below(&rng, sizeof(segment.job_bytes));
		for (uint32_t i = 0; i < segment.length; i++)
			segment.job_bytes[i] = (uint8_t)rng_next(&rng);
		in->seg_job = 1;
		in->seg_owner = 0;
		in->seg_saddr = in->seg_daddr = 0;
		in->seg_sport = in->seg_dport = 0;
		in->seg_seq = (uint32_t)rng_next(&rng);
		in->seg_length = (uint16_t)segment.length;
		return;
	}
	while (peer->stream.bytes - peer->at < most)
		more_stream(peer);
	segment.peer = peer;
	segment.at = peer->at;
	segment.length = 1 + rng_below(&rng, most);
	if (rng_percent(&rng, 10)) /* again, or late */
		segment.at = segment.at > 200 ? segment.at - rng_below(&rng, 200) : 0;
	else
		peer->at += segment.length;
	segment.peer = peer;
	if (rng_percent(&rng, 3)) /* lost */
		segment.busy = false;
	in->seg_job = 0;
	in->seg_owner = peer->connection.owner;
	in->seg_saddr = peer->connection.remote;
	in->seg_daddr = peer->connection.own;
	in->seg_sport = peer->connection.remote_port;
	in->seg_dport = peer->connection.own_port;
	in->seg_seq = peer->stream.first + segment.at;
	in->seg_length = (uint16_t)segment.length;
}

static uint8_t segment_byte(uint32_t at)
{
	return segment.peer ? segment.peer->stream.data[segment.at + at] : segment.job_bytes[at];
}

/* The data of a run are those of some command of this connection at the offset where its buffer has them. */
static void check_run(void)
{
	const struct port_out *out = &rig.out;
	uint32_t slot = (uint32_t)(out->run_address & 0xffffffff), buffer = slot / SLOT_BYTES, offset = slot % SLOT_BYTES;
	bool first = true, second = true;

	EXPECT_TRUE(segment.peer != NULL);
	if (!segment.peer)
		return;
	EXPECT_EQ(out->run_address >> 40, (uint64_t)(segment.peer - peers));
	EXPECT_LT(buffer, (uint32_t)BUFFERS);
	EXPECT_LE(offset + out->run_length, (uint32_t)SLOT_BYTES);
	EXPECT_LE(out->run_at + out->run_length, segment.length);
	for (uint32_t i = 0; i < out->run_length; i++) {
		first &= segment_byte(out->run_at + i) == byte_at((uint16_t)buffer, offset + i);
		second &= segment_byte(out->run_at + i) == byte_at((uint16_t)(buffer + 64), offset + i);
	}
	if (!first && !second)
		test_fail(__FILE__, __LINE__, "cycle %llu: %u bytes from %u on are placed wrong", (unsigned long long)rig.cycle, out->run_length, out->run_at);
	runs++;
}

static void drive_registers(bool was_taken)
{
	struct port_in *in = &rig.in;
	struct peer *peer = &peers[rng_below(&rng, CONNECTIONS)];
	const struct connection *c = &peer->connection;
	unsigned set = (unsigned)(peer - peers) % 2, choice = rng_below(&rng, 100);
	static unsigned step; /* of an opening or a buffer: operands come first */
	static struct peer *whose;
	static uint16_t cccid;

	if (was_taken)
		in->reg_valid = 0;
	if (in->reg_valid || !rng_percent(&rng, 18))
		return;
	in->reg_valid = 1;
	in->reg_write = 1;
	if (step > 0) {
		c = &whose->connection;
		set = (unsigned)(whose - peers) % 2;
	}
	if (step == 0 && choice < 40) {
		whose = peer;
		cccid = (uint16_t)(rng_below(&rng, BUFFERS) | 64 * rng_below(&rng, 2));
		in->reg_addr = (uint16_t)(PORT_PLACE_ADDRESS + 0x80 * set - PORT_FLOW_OFFSET);
		in->reg_data = home_of(peer, cccid);
		step = 3;
	} else if (step == 3) {
		in->reg_addr = (uint16_t)(PORT_PLACE_ENTRY + 0x80 * set - PORT_FLOW_OFFSET);
		in->reg_data = cccid | (uint64_t)c->flow << 16 | (uint64_t)(rng_percent(&rng, 80) ? SLOT_BYTES : rng_below(&rng, SLOT_BYTES)) << 24 |
			(uint64_t)rng_percent(&rng, 90) << 63;
		step = 0;
	} else if (step == 0 && choice < 46) {
		whose = peer;
		in->reg_addr = (uint16_t)(PORT_PLACE_TUPLE + 0x80 * set - PORT_FLOW_OFFSET);
		in->reg_data = c->remote | (uint64_t)c->own << 32;
		step = 1;
	} else if (step == 1) {
		in->reg_addr = (uint16_t)(PORT_PLACE_PORTS + 0x80 * set - PORT_FLOW_OFFSET);
		in->reg_data = c->remote_port | (uint64_t)c->own_port << 16;
		step = 2;
	} else if (step == 2) {
		in->reg_addr = (uint16_t)(PORT_PLACE_FLOW + 0x80 * set - PORT_FLOW_OFFSET);
		in->reg_data = (whose->stream.first + whose->armable) | (uint64_t)c->flow << 32 | (uint64_t)c->owner << 40 | 1ull << 48;
		step = 0;
	} else if (choice < 94) {
		unsigned op = choice < 92 ? PORT_PLACE_ARM : rng_percent(&rng, 50) ? PORT_PLACE_CLOSE : 3;

		in->reg_addr = (uint16_t)(PORT_PLACE_FLOW - PORT_FLOW_OFFSET);
		in->reg_data = (peer->stream.first + peer->armable) | (uint64_t)c->flow << 32 | (uint64_t)op << 48;
	} else {
		in->reg_write = 0;
		in->reg_addr = (uint16_t)(PORT_PLACE_TUPLE - PORT_FLOW_OFFSET + 8 * rng_below(&rng, 24));
		in->reg_data = 0;
	}
}

static void drive(unsigned percent, unsigned ready)
{
	struct port_in *in = &rig.in;

	if (!segment.busy)
		next_segment();
	in->seg_valid = segment.busy && !segment.taken && (in->seg_valid || rng_percent(&rng, percent));
	in->pay_valid = segment.busy && segment.sent < segment.length && (in->pay_valid || rng_percent(&rng, percent));
	in->pay_data = rng_next(&rng) * in->pay_valid;
	for (uint32_t i = 0; in->pay_valid && i < 8 && segment.sent + i < segment.length; i++)
		in->pay_data = (in->pay_data & ~(0xffull << (8 * i))) | (uint64_t)segment_byte(segment.sent + i) << (8 * i);
	in->run_ready = rng_percent(&rng, ready);
	in->done_ready = rng_percent(&rng, ready);
	in->reg_rsp_ready = 1;
}

/* An offer stays as it is until it is taken, the bytes behind the last one, too. */
static void cycle(unsigned percent, unsigned ready)
{
	struct port_in *in = &rig.in;
	const struct port_in last = *in;
	const struct port_out out = rig.out;
	bool pay_waits = last.pay_valid && !out.pay_ready;

	if (out.run_valid && last.run_ready)
		check_run();
	segment.taken |= last.seg_valid && out.seg_ready;
	if (last.pay_valid && out.pay_ready)
		segment.sent += 8;
	if (out.done_valid && last.done_ready) {
		segment.busy = false;
		followed += out.done_from != PORT_PLACE_NOT;
		bad += out.done_bad != 0;
		jobs += last.seg_job;
	}
	rig_cycle(&rig);
	drive(percent, ready);
	if (pay_waits && in->pay_valid && segment.busy)
		in->pay_data = last.pay_data;
	drive_registers(last.reg_valid && out.reg_ready);
}

static void begin_round(void)
{
	rig_reset(&rig);
	memset(peers, 0, sizeof(peers));
	memset(&segment, 0, sizeof(segment));
	for (unsigned i = 0; i < CONNECTIONS; i++)
		peers[i] = (struct peer){
			.connection = {.flow = i == 4 ? 31 : i, .owner = (uint8_t)(i % 3), .remote = 0x0a00000a, .own = 0x0a000002 + (i == 2),
				.remote_port = 4420, .own_port = (uint16_t)(50000 + i / 2)},
			.stream = {.first = (uint32_t)rng_next(&rng)},
		};
}

TEST(port_place_random, model_and_rtl_are_equal_and_what_is_placed_is_right)
{
	const char *text = getenv("ASSAY_PORT_CYCLES");
	uint64_t wanted = text ? strtoull(text, NULL, 0) : 300000, count[PLACE_COUNTS] = {0};

	rng_seed(&rng, test_seed());
	runs = followed = bad = jobs = 0;
	for (uint64_t done = 0; done < wanted && !test_has_failed(); done += 30000) {
		unsigned percent = 20 + rng_below(&rng, 81), ready = 20 + rng_below(&rng, 81);

		begin_round();
		drive(percent, ready);
		for (unsigned n = 0; n < 30000 && !rig.differs; n++)
			cycle(percent, ready);
		for (unsigned i = 0; i < PLACE_COUNTS; i++)
			count[i] += rig.model.place.count[i];
	}
	if (test_has_failed())
		return;
	EXPECT_GT(runs, 100u);
	EXPECT_GT(followed, 200u);
	EXPECT_GT(bad, 20u);
	EXPECT_GT(jobs, 50u);
	for (unsigned i = 0; i < PLACE_COUNTS; i++)
		EXPECT_GT(count[i], 0u);
	printf("%llu segments followed, %llu runs, seed %llu\n", (unsigned long long)followed, (unsigned long long)runs, (unsigned long long)test_seed());
}
