/* What the flow classifier decides, against rtl/port/README.md; model and RTL together. */
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/rig.h"

#include <limits.h>
#include <string.h>

#define LINE_SIDE UINT_MAX
#define FIRMWARE_MAC 0x020000000002ull
#define STRANGER 0x0a0000000000ull
#define BROADCAST 0xffffffffffffull

static struct rig rig;
static uint8_t frame[128];

static uint64_t mac_of(unsigned function)
{
	return 0x100000000000ull | (uint64_t)function << 8 | 0x02;
}

static void set_function(unsigned f, uint64_t flags)
{
	rig_write(&rig, PORT_FLOW_FN + 8 * f, mac_of(f) | flags);
}

static void begin(void)
{
	rig_reset(&rig);
	rig_write(&rig, PORT_FLOW_FIRMWARE_MAC, FIRMWARE_MAC);
	rig_write(&rig, PORT_FLOW_CONTROL, PORT_FLOW_CONTROL_ENABLE_MASK | PORT_FLOW_CONTROL_LEARN_MASK);
	set_function(0, PORT_FLOW_FN_ENABLE_MASK);
	set_function(3, PORT_FLOW_FN_ENABLE_MASK);
	set_function(5, PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_GUARD_MASK);
}

static struct port_out judge(unsigned source, const struct frame_wish *wish)
{
	size_t length = make_frame(frame, wish);

	return rig_judge(&rig, source, frame, length, NULL);
}

#define EXPECT_VERDICT(out, kind, path) \
	do { \
		EXPECT_EQ((out).verdict_kind, PORT_FLOW_##kind); \
		EXPECT_EQ((out).verdict_path, PORT_FLOW_PATH_##path); \
	} while (0)

TEST(port_flow, off_lets_only_the_firmware_through)
{
	struct port_out out;

	rig_reset(&rig);
	out = judge(LINE_SIDE, &(struct frame_wish){.to = STRANGER});
	EXPECT_VERDICT(out, FIRMWARE, BYPASS);
	out = judge(0, &(struct frame_wish){.to = STRANGER});
	EXPECT_VERDICT(out, LINE, BYPASS);
	out = judge(1, &(struct frame_wish){.to = STRANGER});
	EXPECT_VERDICT(out, DROP, REFUSED);
}

TEST(port_flow, addresses_decide)
{
	struct port_out out;

	begin();
	out = judge(LINE_SIDE, &(struct frame_wish){.to = FIRMWARE_MAC});
	EXPECT_VERDICT(out, FIRMWARE, MAC);
	out = judge(LINE_SIDE, &(struct frame_wish){.to = mac_of(3)});
	EXPECT_VERDICT(out, FUNCTION, MAC);
	EXPECT_EQ(out.verdict_function, 3);
	out = judge(LINE_SIDE, &(struct frame_wish){.to = mac_of(4)});
	EXPECT_VERDICT(out, DROP, DEFAULT);
	rig_write(&rig, PORT_FLOW_CONTROL, PORT_FLOW_CONTROL_ENABLE_MASK | FIELD_PREP(PORT_FLOW_CONTROL_DEFAULT, 2) |
		FIELD_PREP(PORT_FLOW_CONTROL_DEFAULT_FUNCTION, 3));
	out = judge(LINE_SIDE, &(struct frame_wish){.to = mac_of(4)});
	EXPECT_VERDICT(out, FUNCTION, DEFAULT);
	EXPECT_EQ(out.verdict_function, 3);
	out = judge(LINE_SIDE, &(struct frame_wish){.to = BROADCAST});
	EXPECT_VERDICT(out, FLOOD, FLOOD);
	EXPECT_EQ(out.verdict_mask, 1u | 1u << 3 | 1u << 5);
}

TEST(port_flow, a_function_sends_as_itself_only)
{
	struct port_out out;

	begin();
	out = judge(4, &(struct frame_wish){.to = STRANGER, .from = mac_of(3)});
	EXPECT_VERDICT(out, LINE, DEFAULT);
	out = judge(4, &(struct frame_wish){.to = STRANGER, .from = mac_of(0)});
	EXPECT_VERDICT(out, DROP, REFUSED);
	set_function(3, PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_TRUST_MASK);
	out = judge(4, &(struct frame_wish){.to = STRANGER, .from = mac_of(0)});
	EXPECT_VERDICT(out, LINE, DEFAULT);
	out = judge(5, &(struct frame_wish){.to = STRANGER, .from = mac_of(4)});
	EXPECT_VERDICT(out, DROP, REFUSED);
	out = judge(31, &(struct frame_wish){.to = STRANGER});
	EXPECT_VERDICT(out, DROP, REFUSED);
	out = judge(4, &(struct frame_wish){.to = BROADCAST, .from = mac_of(3)});
	EXPECT_VERDICT(out, FLOOD, FLOOD);
	EXPECT_EQ(out.verdict_mask, 1u | 1u << 5);
	out = judge(4, &(struct frame_wish){.to = mac_of(0), .from = mac_of(3)});
	EXPECT_VERDICT(out, FUNCTION, MAC);
	out = judge(4, &(struct frame_wish){.to = mac_of(3), .from = mac_of(3)});
	EXPECT_VERDICT(out, LINE, DEFAULT);
	out = judge(4, &(struct frame_wish){.to = FIRMWARE_MAC, .from = mac_of(3)});
	EXPECT_VERDICT(out, FIRMWARE, MAC);
	out = judge(0, &(struct frame_wish){.to = mac_of(3), .from = 0x1234});
	EXPECT_VERDICT(out, FUNCTION, MAC);
}

static const struct frame_wish answer = {.to = 0x100000000502ull, .from = STRANGER, .source = 0x0a00000a, .destination = 0x0a000035,
	.source_port = 80, .destination_port = 40000, .protocol = 6};
static const struct frame_wish question = {.to = STRANGER, .from = 0x100000000502ull, .source = 0x0a000035, .destination = 0x0a00000a,
	.source_port = 40000, .destination_port = 80, .protocol = 6};

TEST(port_flow, a_guarded_function_gets_answers_until_it_is_detached)
{
	struct port_out out;

	begin();
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, DROP, GUARD);
	out = judge(6, &question);
	EXPECT_VERDICT(out, LINE, DEFAULT);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 1u);
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
	EXPECT_EQ(out.verdict_function, 5);
	EXPECT_EQ(out.verdict_l4, 34);
	EXPECT_EQ(out.verdict_payload, 54);
	rig_write(&rig, PORT_FLOW_DETACH, 3);
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
	rig_write(&rig, PORT_FLOW_DETACH, 5);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 0u);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_REVOKED), 1u);
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, DROP, GUARD);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT + 8 * PORT_FLOW_PATH_LEARNED), 2u);
}

TEST(port_flow, an_echo_reply_reaches_a_guarded_function)
{
	struct frame_wish request = question, reply = answer;
	struct port_out out;

	begin();
	request.protocol = reply.protocol = 1;
	judge(6, &request);
	out = judge(LINE_SIDE, &reply);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
	EXPECT_EQ(out.verdict_l4, 0);
	reply.fragment = true;
	out = judge(LINE_SIDE, &reply);
	EXPECT_VERDICT(out, DROP, GUARD);
	reply.fragment = false;
	reply.protocol = 2;
	out = judge(LINE_SIDE, &reply);
	EXPECT_VERDICT(out, DROP, GUARD);
}

/* Flow k of those whose hashes are equal: the same bits change in both ports. */
static struct port_out question_of(unsigned k)
{
	struct frame_wish wish = question;

	wish.source_port ^= (uint16_t)(k << 3);
	wish.destination_port ^= (uint16_t)(k << 3);
	return judge(6, &wish);
}

static struct port_out answer_of(unsigned k)
{
	struct frame_wish wish = answer;

	wish.source_port ^= (uint16_t)(k << 3);
	wish.destination_port ^= (uint16_t)(k << 3);
	return judge(LINE_SIDE, &wish);
}

/* Flows of a guarded function whose hashes meet go on beside each other; the fifth of them displaces the oldest, whoever has sent last. */
TEST(port_flow, flows_whose_hashes_meet)
{
	struct port_out out;

	begin();
	for (unsigned turn = 0; turn < 3; turn++)
		for (unsigned k = 0; k < PORT_FLOW_LEARNED_WAYS; k++)
			question_of(k);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), PORT_FLOW_LEARNED_WAYS);
	for (unsigned k = 0; k < PORT_FLOW_LEARNED_WAYS; k++) {
		out = answer_of(k);
		EXPECT_VERDICT(out, FUNCTION, LEARNED);
	}
	question_of(0);
	question_of(PORT_FLOW_LEARNED_WAYS);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), PORT_FLOW_LEARNED_WAYS);
	out = answer_of(0);
	EXPECT_VERDICT(out, DROP, GUARD);
	for (unsigned k = 1; k <= PORT_FLOW_LEARNED_WAYS; k++) {
		out = answer_of(k);
		EXPECT_VERDICT(out, FUNCTION, LEARNED);
	}
	question_of(0); /* comes back, and the next oldest goes */
	out = answer_of(0);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
	out = answer_of(1);
	EXPECT_VERDICT(out, DROP, GUARD);
	rig_write(&rig, PORT_FLOW_DETACH, 5);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 0u);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_REVOKED), PORT_FLOW_LEARNED_WAYS);
	for (unsigned k = 0; k < PORT_FLOW_LEARNED_WAYS; k++)
		question_of(k);
	for (unsigned k = 0; k < PORT_FLOW_LEARNED_WAYS; k++) {
		out = answer_of(k);
		EXPECT_VERDICT(out, FUNCTION, LEARNED);
	}
}

TEST(port_flow, nobody_takes_anothers_flow)
{
	struct frame_wish forged = question;
	struct port_out out;

	begin();
	judge(6, &question);
	forged.from = mac_of(3); /* its own address, but the other's connection */
	out = judge(4, &forged);
	EXPECT_VERDICT(out, LINE, DEFAULT);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 2u);
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
	EXPECT_EQ(out.verdict_function, 5);
	rig_write(&rig, PORT_FLOW_DETACH, 5);
	judge(4, &forged);
	out = judge(LINE_SIDE, &answer); /* the flow is 3's now, but the frame is addressed to 5 */
	EXPECT_VERDICT(out, DROP, GUARD);
}

/* Flows of two functions with one hash: addresses that differ alike. */
TEST(port_flow, equal_hashes_do_not_meet)
{
	struct frame_wish other = question;
	struct port_out out;

	begin();
	other.from = mac_of(3);
	other.source ^= 1;
	other.destination ^= 1;
	judge(4, &other);
	judge(6, &question);
	EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 2u);
	out = judge(LINE_SIDE, &answer);
	EXPECT_VERDICT(out, FUNCTION, LEARNED);
}

TEST(port_flow, rules_come_first)
{
	struct port_out out;
	struct frame_wish storage = {.to = mac_of(3), .source = 0x0a00000a, .destination = 0x0a000002, .source_port = 4420,
		.destination_port = 50000, .protocol = 6};

	begin();
	rig_write(&rig, PORT_FLOW_RULE_ADDRESSES + 16 * 7, storage.source | (uint64_t)storage.destination << 32);
	rig_write(&rig, PORT_FLOW_RULE_MATCH + 16 * 7, 4420 | 6ull << 32 | PORT_FLOW_RULE_MATCH_USE_SOURCE_MASK |
		PORT_FLOW_RULE_MATCH_USE_DESTINATION_MASK | PORT_FLOW_RULE_MATCH_USE_SOURCE_PORT_MASK |
		PORT_FLOW_RULE_MATCH_USE_PROTOCOL_MASK | FIELD_PREP(PORT_FLOW_RULE_MATCH_ACTION, 1) | PORT_FLOW_RULE_MATCH_VALID_MASK);
	out = judge(LINE_SIDE, &storage);
	EXPECT_VERDICT(out, FIRMWARE, RULE);
	storage.vlan = true;
	storage.ihl = 9;
	out = judge(LINE_SIDE, &storage);
	EXPECT_VERDICT(out, FIRMWARE, RULE);
	EXPECT_EQ(out.verdict_l3, 18);
	EXPECT_EQ(out.verdict_l4, 18 + 36);
	storage.source_port = 4421;
	out = judge(LINE_SIDE, &storage);
	EXPECT_VERDICT(out, FUNCTION, MAC);
	storage.source_port = 4420;
	storage.fragment = true;
	out = judge(LINE_SIDE, &storage);
	EXPECT_VERDICT(out, FUNCTION, MAC);
	EXPECT_EQ(out.verdict_l4, 0);
	/* A lower rule wins. */
	rig_write(&rig, PORT_FLOW_RULE_MATCH + 16 * 2, PORT_FLOW_RULE_MATCH_VALID_MASK);
	out = judge(LINE_SIDE, &storage);
	EXPECT_VERDICT(out, DROP, RULE);
}

TEST(port_flow, hashes_both_directions_alike)
{
	struct port_out there, back;

	begin();
	there = judge(6, &question);
	back = judge(LINE_SIDE, &answer);
	EXPECT_EQ(there.verdict_hash, back.verdict_hash);
	EXPECT_NE(there.verdict_hash, 0);
}

TEST(port_flow, takes_three_cycles)
{
	unsigned latency = 0;
	size_t length;

	begin();
	length = make_frame(frame, &answer);
	rig_judge(&rig, LINE_SIDE, frame, length, &latency);
	EXPECT_EQ(latency, 3u);
}

/* Three queues that always want, with large, small and middle frames, the third from half time on: each gets its share of the bytes, and
 * whoever comes late gets no arrears. A queue wants its next frame as soon as the grant of the one before is offered. */
TEST(port_flow, grants_are_fair_in_bytes)
{
	static const uint16_t length[3] = {9018, 64, 1500};
	uint64_t bytes[3] = {0};
	bool wants[3] = {false}, offered = false;

	rig_reset(&rig);
	for (unsigned cycle = 0; cycle < 200000; cycle++) {
		unsigned q = cycle % 3;

		if (rig.out.grant_valid && !offered)
			wants[rig.out.grant_queue / 8] = false;
		offered = rig.out.grant_valid;
		rig.in.want_valid = !wants[q] && (q != 2 || cycle > 100000);
		rig.in.want_queue = (uint8_t)(q * 8);
		rig.in.want_length = length[q];
		wants[q] |= rig.in.want_valid;
		rig.in.grant_ready = cycle % 9 == 0;
		if (rig.out.grant_valid && rig.in.grant_ready) {
			bytes[rig.out.grant_queue / 8] += rig.out.grant_length;
			offered = false;
		}
		rig_cycle(&rig);
		if (cycle == 100000) {
			EXPECT_LT(bytes[0], bytes[1] + 20000);
			EXPECT_LT(bytes[1], bytes[0] + 20000);
			bytes[0] = bytes[1] = 0;
		}
	}
	EXPECT_LT(bytes[0], bytes[2] + 20000);
	EXPECT_LT(bytes[2], bytes[0] + 20000);
	EXPECT_LT(bytes[1], bytes[0] + 20000);
	EXPECT_LT(bytes[0], bytes[1] + 20000);
	EXPECT_GT(bytes[1], 100000u);
	EXPECT_GE(rig_read(&rig, PORT_FLOW_SERVED + 8 * 16), bytes[2]);
}

/* Every address of the register port reads after a reset as the map says: model and RTL alike, and nothing of what was written before. */
TEST(port_registers, begin_as_the_register_map_says)
{
	for (unsigned round = 0; round < 2; round++) {
		rig_reset(&rig);
		for (uint32_t offset = PORT_FLOW_OFFSET; offset < PORT_FLOW_OFFSET + 0x1000; offset += 8)
			EXPECT_EQ(rig_read(&rig, offset), 0);
		for (uint32_t offset = PORT_FLOW_OFFSET; offset < PORT_FLOW_OFFSET + 0x1000; offset += 8)
			rig_write(&rig, offset, ~0ull);
	}
}
