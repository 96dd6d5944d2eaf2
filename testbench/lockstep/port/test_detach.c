/* FLOW_DETACH in every cycle around those in which flows are learned, against rtl/port/README.md; model and RTL together. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/rig.h"

#include <limits.h>
#include <string.h>

enum {
	SWEEP = 48,
	BEATS = 10,         /* of a question */
	FIRST = BEATS + 1,  /* the fields a cycle after the header is whole, the flow with the verdict: in this cycle */
	VERDICT_TAKEN = 36, /* the cycle of the second question, which the first one's verdict has held up */
	GUARDED = 5
};

#define GUARDED_MAC 0x100000000502ull
#define STRANGER 0x0a0000000000ull
#define SERVER 0x0a00000au
#define CLIENT 0x0a000035u

static struct rig rig;
static uint8_t frame[128];

/* Frames of flow k of those whose hashes are equal: the same bits change in both ports. @return length */
static size_t make_question(unsigned k)
{
	return make_frame(frame, &(struct frame_wish){.to = STRANGER, .from = GUARDED_MAC, .source = CLIENT, .destination = SERVER,
		.source_port = (uint16_t)(40000 ^ k << 3), .destination_port = (uint16_t)(80 ^ k << 3), .protocol = 6});
}

static size_t make_answer(unsigned k)
{
	return make_frame(frame, &(struct frame_wish){.to = GUARDED_MAC, .from = STRANGER, .source = SERVER, .destination = CLIENT,
		.source_port = (uint16_t)(80 ^ k << 3), .destination_port = (uint16_t)(40000 ^ k << 3), .protocol = 6});
}

static void begin(void)
{
	rig_reset(&rig);
	rig_write(&rig, PORT_FLOW_CONTROL, PORT_FLOW_CONTROL_ENABLE_MASK | PORT_FLOW_CONTROL_LEARN_MASK);
	rig_write(&rig, PORT_FLOW_FN + 8 * GUARDED, GUARDED_MAC | PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_GUARD_MASK);
}

static void ask(unsigned k)
{
	size_t length = make_question(k);

	rig_judge(&rig, GUARDED + 1, frame, length, NULL);
}

static void expect_known(unsigned k, bool known)
{
	size_t length = make_answer(k);
	struct port_out out = rig_judge(&rig, UINT_MAX, frame, length, NULL);

	EXPECT_EQ(out.verdict_kind, known ? PORT_FLOW_FUNCTION : PORT_FLOW_DROP);
	EXPECT_EQ(out.verdict_path, known ? PORT_FLOW_PATH_LEARNED : PORT_FLOW_PATH_GUARD);
}

/* A beat in every cycle: flow 0, and after a cycle flow 1. */
static void drive_questions(unsigned cycle)
{
	unsigned k = cycle >= FIRST, beat = cycle - (k ? FIRST : 0);
	size_t length = make_question(k);
	uint64_t data = 0;

	if (beat < BEATS)
		memcpy(&data, frame + 8 * beat, 8);
	rig.in.tx_valid = beat < BEATS;
	rig.in.tx_sop = beat == 0;
	rig.in.tx_eop = beat + 1 == BEATS;
	rig.in.tx_source = GUARDED + 1;
	rig.in.tx_length = (uint16_t)length;
	rig.in.tx_data = data;
	EXPECT_TRUE(!rig.in.tx_valid || rig.out.tx_ready);
}

static void sweep(unsigned at, unsigned function)
{
	for (unsigned cycle = 0; cycle < SWEEP; cycle++) {
		drive_questions(cycle);
		rig.in.verdict_ready = cycle >= VERDICT_TAKEN;
		rig.in.reg_valid = rig.in.reg_write = cycle == at;
		rig.in.reg_addr = PORT_FLOW_DETACH - PORT_FLOW_OFFSET;
		rig.in.reg_data = function;
		rig_cycle(&rig);
	}
	rig.in.reg_valid = 0;
}

/* What was learned before the detach or at its edge is gone, by the table's count and for frames from the line; what comes later stays. */
TEST(port_detach, at_any_cycle)
{
	for (unsigned at = 0; at < SWEEP && !test_has_failed(); at++) {
		bool first = at < FIRST, second = at < VERDICT_TAKEN;

		begin();
		sweep(at, GUARDED);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), (unsigned)first + second);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_LEARNED), 2u);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_REVOKED), (unsigned)(at > FIRST) + (at > VERDICT_TAKEN));
		expect_known(0, first);
		expect_known(1, second);
		ask(0); /* comes back, and nothing else with it */
		expect_known(0, true);
		expect_known(1, second);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 1u + second);
	}
}

TEST(port_detach, of_another_function_changes_nothing)
{
	for (unsigned at = 0; at < SWEEP && !test_has_failed(); at++) {
		begin();
		sweep(at, GUARDED ^ 1u << at % 4);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 2u);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_REVOKED), 0u);
		expect_known(0, true);
		expect_known(1, true);
	}
}

/* The set is full: flow 0 is known already, and flow 1 displaces the oldest. */
TEST(port_detach, of_a_full_set_at_any_cycle)
{
	for (unsigned at = 0; at < SWEEP && !test_has_failed(); at++) {
		bool first = at < FIRST, second = at < VERDICT_TAKEN;

		begin();
		for (unsigned k = 2; k < 1 + PORT_FLOW_LEARNED_WAYS; k++)
			ask(k);
		ask(0);
		sweep(at, GUARDED);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), (unsigned)first + second);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_REVOKED), PORT_FLOW_LEARNED_WAYS);
		expect_known(0, first);
		expect_known(1, second);
		for (unsigned k = 2; k < 1 + PORT_FLOW_LEARNED_WAYS; k++)
			expect_known(k, false);
		for (unsigned k = 2; k < 2 + PORT_FLOW_LEARNED_WAYS; k++)
			ask(k);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), PORT_FLOW_LEARNED_WAYS);
		expect_known(0, false);
		expect_known(1, false);
	}
}

/* As software does it: the function is turned off first. Whatever was under way then, nothing of it is left, when it is on again either. */
TEST(port_detach, of_a_function_that_is_off_leaves_nothing)
{
	for (unsigned at = 0; at < SWEEP && !test_has_failed(); at++) {
		begin();
		for (unsigned cycle = 0; cycle < SWEEP + 2; cycle++) {
			drive_questions(cycle);
			rig.in.verdict_ready = cycle >= VERDICT_TAKEN;
			rig.in.reg_valid = rig.in.reg_write = cycle == at || cycle == at + 2;
			rig.in.reg_addr = (uint16_t)((cycle == at ? PORT_FLOW_FN + 8 * GUARDED : PORT_FLOW_DETACH) - PORT_FLOW_OFFSET);
			rig.in.reg_data = cycle == at ? GUARDED_MAC | PORT_FLOW_FN_GUARD_MASK : GUARDED;
			rig_cycle(&rig);
		}
		rig.in.reg_valid = 0;
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_STATUS), 0u);
		EXPECT_EQ(rig_read(&rig, PORT_FLOW_COUNT_LEARNED), (unsigned)(at >= FIRST) + (at >= VERDICT_TAKEN));
		rig_write(&rig, PORT_FLOW_FN + 8 * GUARDED, GUARDED_MAC | PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_GUARD_MASK);
		expect_known(0, false);
		expect_known(1, false);
	}
}
