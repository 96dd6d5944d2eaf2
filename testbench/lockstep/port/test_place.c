/* The placement unit, rule by rule (rtl/port/README.md); model and RTL in lockstep. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/place_stream.h"

#include <string.h>

static struct rig rig;
static struct stream stream;
static const struct connection storage = {.flow = 3, .owner = 0, .remote = 0x0a00000a, .own = 0x0a000002, .remote_port = 4420, .own_port = 50001};

enum { HOME = 4096, COMMAND = 0x1207 };

/* An open connection at the stream's begin, and a buffer for COMMAND. */
static void begin(void)
{
	rig_reset(&rig);
	memset(&stream, 0, sizeof(stream));
	memset(placed, 0, sizeof(placed));
	stream.first = 0xfffff000u; /* sequence numbers wrap */
	place_open(&rig, &storage, stream.first, 0);
	place_buffer(&rig, 3, COMMAND, 8192, HOME, true, 0);
}

static void expect_placed(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (placed[HOME + i] != byte_at(COMMAND, i)) {
			test_fail(__FILE__, __LINE__, "byte %u is not in place", i);
			return;
		}
	}
}

static void expect_all_empty(uint32_t from, uint32_t to)
{
	for (uint32_t i = from; i < to; i++) {
		if (placed[HOME + i] != 0) {
			test_fail(__FILE__, __LINE__, "byte %u was written", i);
			return;
		}
	}
}

TEST(port_place, a_pdu_in_one_segment)
{
	struct segment_result result;

	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 512, .length = 1000});
	EXPECT_TRUE(rig.out.open);
	result = place_segment(&rig, &storage, &stream, 0, stream.bytes);
	EXPECT_EQ(result.from, 0);
	EXPECT_EQ(result.bad, 0);
	EXPECT_EQ(result.runs, 1u);
	EXPECT_EQ(result.run[0].at, 24);
	EXPECT_EQ(result.run[0].address, HOME + 512ull);
	expect_placed(512, 1512);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_SEGMENTS), 1u);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_BYTES), 1000u);
}

/* Every way to cut a stream with digests and padding in three. */
TEST(port_place, any_cut_of_a_stream)
{
	uint32_t end;

	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 5, .header_digest = true});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 45, .header_digest = true, .data_digest = true, .pad = 4});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 45, .length = 19, .header_digest = true, .data_digest = true});
	end = stream.bytes;
	for (uint32_t a = 1; a < end; a += 3) {
		for (uint32_t b = a; b <= end; b += 7) {
			unsigned bytes = 0, bad = 0;
			const uint32_t cut[4] = {0, a, b, end};

			memset(placed, 0, sizeof(placed));
			place_open(&rig, &storage, stream.first, 1);
			place_buffer(&rig, 3, COMMAND, 64, HOME, true, 1);
			for (unsigned i = 0; i < 3; i++) {
				struct segment_result result = place_segment(&rig, &storage, &stream, cut[i], cut[i + 1] - cut[i]);

				bytes += result.run_bytes;
				bad |= result.bad;
				EXPECT_EQ(result.from, 0);
			}
			EXPECT_EQ(bytes, 64u);
			EXPECT_EQ(bad, 0u);
			expect_placed(0, 64);
		}
	}
}

TEST(port_place, a_gap_ends_it_until_armed_again)
{
	uint32_t second, third;

	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 300});
	second = stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 300, .length = 300});
	third = stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 600, .length = 300});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, 100).from, 0);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 200, 200).from, PORT_PLACE_NOT); /* 100 to 199 was lost */
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, 100).from, PORT_PLACE_NOT);   /* doubled */
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 100, 100).from, 0);              /* here it is: on it goes */
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 400, 100).from, PORT_PLACE_NOT);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_OUT), 3u);
	expect_placed(0, 176);
	expect_all_empty(176, 1000);
	place_op(&rig, 3, 3, stream.first + 500);
	place_op(&rig, 3, PORT_PLACE_ARM, stream.first + third);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 500, third - 500).from, PORT_PLACE_NOT); /* ends right before it */
	EXPECT_EQ(place_segment(&rig, &storage, &stream, second, stream.bytes - second).from, third - second);
	expect_placed(600, 900);
	expect_all_empty(176, 600);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_OUT), 4u);
}

TEST(port_place, only_whoever_has_the_address_and_owns_it)
{
	struct connection other = storage;

	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
	other.owner = 4;
	EXPECT_EQ(place_segment(&rig, &other, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	other = storage;
	other.remote ^= 0x100;
	EXPECT_EQ(place_segment(&rig, &other, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	other = storage;
	other.own ^= 0x80000000;
	EXPECT_EQ(place_segment(&rig, &other, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	other = storage;
	other.remote_port ^= 1;
	EXPECT_EQ(place_segment(&rig, &other, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	other = storage;
	other.own_port ^= 0x8000;
	EXPECT_EQ(place_segment(&rig, &other, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_OUT), 0u); /* not segments of a known connection */
	expect_all_empty(0, 1000);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).from, 0);
	place_op(&rig, 3, PORT_PLACE_CLOSE, 0);
	EXPECT_FALSE(rig.out.open);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
}

TEST(port_place, the_lowest_of_equal_connections)
{
	struct connection lower = storage;

	begin();
	lower.flow = 1;
	place_open(&rig, &lower, stream.first, 1);
	place_buffer(&rig, 1, COMMAND, 8192, HOME + 100000, true, 1);
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).run[0].address, HOME + 100000ull);
}

TEST(port_place, a_buffer_serves_its_command_only)
{
	static const struct {
		uint16_t cccid;
		uint32_t offset, length;
		bool fits;
	} cases[] = {
		{COMMAND, 0, 8192, true}, {COMMAND, 8191, 1, true}, {COMMAND, 8191, 2, false}, {COMMAND, 8193, 0, false},
		{COMMAND, 0xfffffff0, 32, false}, {COMMAND + 0x100, 0, 8, false}, {COMMAND + 1, 0, 8, false}, {COMMAND, 4, 4, true},
	};

	for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct segment_result result;

		begin();
		stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = cases[i].cccid, .offset = cases[i].offset, .length = cases[i].length});
		result = place_segment(&rig, &storage, &stream, 0, stream.bytes);
		EXPECT_EQ(result.from, 0);
		EXPECT_EQ(result.run_bytes, cases[i].fits ? cases[i].length : 0);
		EXPECT_EQ(result.bad, cases[i].fits || cases[i].length == 0 ? 0 : 4);
	}
	begin();
	place_buffer(&rig, 3, COMMAND, 8192, HOME, false, 0);
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 8});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).runs, 0u);
}

/* A buffer that is taken away in the middle of a PDU gets no more of it from the next segment on. */
TEST(port_place, a_buffer_taken_away)
{
	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 600, .data_digest = true});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, 224).run_bytes, 200u);
	place_buffer(&rig, 3, COMMAND, 8192, HOME, false, 0);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 224, 200).run_bytes, 0u);
	place_buffer(&rig, 3, COMMAND + 64, 8192, HOME, true, 0); /* the place is another command's */
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 424, stream.bytes - 424).run_bytes, 0u);
	expect_all_empty(200, 1000);
}

TEST(port_place, digests)
{
	struct segment_result result;

	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 77, .data_digest = true, .bad_data_digest = true});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 77, .length = 3, .data_digest = true});
	result = place_segment(&rig, &storage, &stream, 0, stream.bytes);
	EXPECT_EQ(result.bad, 1);
	expect_placed(0, 80); /* what is wrong with it is the software's business */
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_DATA_DIGEST), 1u);
	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 10, .header_digest = true});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 10, .length = 90, .header_digest = true, .bad_header_digest = true});
	result = place_segment(&rig, &storage, &stream, 0, stream.bytes);
	EXPECT_EQ(result.bad, 2);
	EXPECT_EQ(result.run_bytes, 10u);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_HEADER_DIGEST), 1u);
	/* Nothing is followed any more. */
	stream_add(&stream, &(struct pdu_wish){.type = 5, .header_digest = true});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, stream.bytes - 28, 28).from, PORT_PLACE_NOT);
}

TEST(port_place, headers_that_do_not_agree)
{
	static const struct pdu_wish wrong[] = {
		{.type = 7, .cccid = COMMAND, .length = 40, .plen_error = 1}, {.type = 7, .cccid = COMMAND, .length = 40, .plen_error = -1},
		{.type = 7, .cccid = COMMAND, .length = 40, .data_digest = true, .plen_error = -4}, {.type = 5, .plen_error = -1},
		{.type = 5, .header_digest = true, .plen_error = -1}, {.type = 9, .plen_error = -24},
	};

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		begin();
		stream_add(&stream, &wrong[i]);
		stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
		EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).run_bytes, 0u);
		EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).from, PORT_PLACE_NOT);
	}
	/* A data offset within the header. */
	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
	stream.data[3] = 23;
	stream.data[4]--;
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).run_bytes, 0u);
	/* 32-bit lengths do not wrap. */
	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
	memset(stream.data + 16, 0xff, 4);
	memset(stream.data + 4, 0, 4);
	stream.data[4] = 23;
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).run_bytes, 0u);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_COUNT_BYTES), 0u);
}

TEST(port_place, other_pdus_are_passed_over)
{
	begin();
	stream_add(&stream, &(struct pdu_wish){.type = 1, .extra = 104});
	stream_add(&stream, &(struct pdu_wish){.type = 9, .data_digest = true});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 0});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 0, .data_digest = true});
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 100});
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, stream.bytes).bad, 0);
	expect_placed(0, 100);
}

/* A close at any cycle of a segment: what is placed was so before, and nothing after it. */
TEST(port_place, a_close_at_any_cycle)
{
	uint32_t last = 0xffffffff;
	bool whole = false;

	for (unsigned at = 0; at < 220; at++) {
		struct port_in *in = &rig.in;
		uint32_t sent = 0, ran = 0;
		unsigned closed = 0;
		bool taken = false;

		begin();
		for (unsigned i = 0; i < 8; i++)
			stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .offset = 64 * i, .length = 64});
		*in = (struct port_in){.seg_saddr = storage.remote, .seg_daddr = storage.own, .seg_sport = storage.remote_port,
			.seg_dport = storage.own_port, .seg_seq = stream.first, .seg_length = (uint16_t)stream.bytes, .run_ready = 1,
			.done_ready = 1, .reg_rsp_ready = 1, .reg_write = 1, .reg_addr = PORT_PLACE_FLOW - PORT_FLOW_OFFSET, .reg_data = 3ull << 32};
		for (unsigned cycle = 0; !rig.out.done_valid && cycle < 400; cycle++) {
			in->seg_valid = !taken;
			in->pay_valid = sent < stream.bytes;
			memcpy(&in->pay_data, stream.data + sent, 8);
			in->reg_valid = cycle == at;
			taken |= rig.out.seg_ready;
			sent += in->pay_valid && rig.out.pay_ready ? 8 : 0;
			ran += rig.out.run_valid ? rig.out.run_length : 0;
			closed = rig.out.run_valid && cycle > at + 1 ? cycle : closed;
			rig_cycle(&rig);
		}
		EXPECT_EQ(closed, 0u);
		whole |= rig.out.done_from == 0;
		EXPECT_EQ(rig.out.done_from, whole ? 0 : PORT_PLACE_NOT);
		EXPECT_TRUE(ran >= last || last == 0xffffffff);
		last = ran;
		rig_cycle(&rig);
	}
	EXPECT_EQ(last, 512u);
	EXPECT_TRUE(whole);
}

TEST(port_place, crc_of_jobs)
{
	static const uint8_t digits[] = "123456789";
	uint8_t zeros[32] = {0};
	struct segment_result result;

	begin();
	EXPECT_EQ(place_job(&rig, 0, digits, 9).crc, 0xe3069283u); /* RFC 3720, and every catalogue of CRCs */
	EXPECT_EQ(place_job(&rig, 0, zeros, 32).crc, 0x8a9136aau);
	result = place_job(&rig, 0, digits, 4);
	EXPECT_EQ(place_job(&rig, result.crc, digits + 4, 5).crc, 0xe3069283u);
	EXPECT_EQ(place_job(&rig, 0x1234567, digits, 0).crc, 0x1234567u);
	EXPECT_EQ(result.from, PORT_PLACE_NOT);
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 0, 0).from, PORT_PLACE_NOT);
}

TEST(port_place, takes_the_cycles_that_the_page_says)
{
	static uint8_t bytes[2048];
	unsigned first;

	begin();
	EXPECT_EQ(place_job(&rig, 0, bytes, 2048).cycles, 4u + 256);
	stream_add(&stream, &(struct pdu_wish){.type = 7, .cccid = COMMAND, .length = 8000});
	place_segment(&rig, &storage, &stream, 0, 24);
	first = place_segment(&rig, &storage, &stream, 24, 1600).cycles;
	EXPECT_EQ(place_segment(&rig, &storage, &stream, 1624, 1600).cycles, 7u + 200);
	EXPECT_EQ(first, 7u + 200);
}

TEST(port_place, registers_read_back)
{
	begin();
	for (unsigned set = 0; set < 2; set++) {
		rig_write(&rig, PORT_PLACE_TUPLE + 0x80 * set, 0x0123456789abcdefull + set);
		rig_write(&rig, PORT_PLACE_PORTS + 0x80 * set, ~0ull - set);
		rig_write(&rig, PORT_PLACE_ADDRESS + 0x80 * set, 0xfedcba9876543210ull + set);
	}
	for (unsigned set = 0; set < 2; set++) {
		EXPECT_EQ(rig_read(&rig, PORT_PLACE_TUPLE + 0x80 * set), 0x0123456789abcdefull + set);
		EXPECT_EQ(rig_read(&rig, PORT_PLACE_PORTS + 0x80 * set), 0xffffffffull - set);
		EXPECT_EQ(rig_read(&rig, PORT_PLACE_ADDRESS + 0x80 * set), 0xfedcba9876543210ull + set);
	}
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_FLOW), 0u);
	EXPECT_EQ(rig_read(&rig, PORT_PLACE_ENTRY), 0u);
}
