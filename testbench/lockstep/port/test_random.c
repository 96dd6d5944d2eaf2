/* Random headers, wants and register accesses with stalls on every channel; model and RTL compared in each cycle. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/port/rig.h"
#include "testbench/lockstep/see/random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct sender {
	uint8_t frame[128];
	uint16_t length;
	uint8_t source;
	unsigned beat, beats;
	bool offers;
};

static struct rig rig;
static struct rng rng;
static struct sender senders[2];
static struct classifier_flow forgotten; /* one that was learned, if so, at the edge of a detach of its function */
static unsigned forgotten_owner, detaches_at_learning;

/* What the addresses of a round are made of. Those of a kind differ in one bit, whichever it is, so that each bit must be compared. */
static struct {
	uint64_t mac; /* of function 0 */
	uint32_t address[3];
	uint16_t port[3];
} names;

static void choose_names(void)
{
	names.mac = 0x100000000002ull ^ (rng_next(&rng) & 0xffffffff00fcull);
	names.address[0] = (uint32_t)rng_next(&rng);
	names.port[0] = (uint16_t)rng_next(&rng);
	for (unsigned n = 1; n < 3; n++) {
		names.address[n] = names.address[0] ^ 1u << rng_below(&rng, 32);
		names.port[n] = (uint16_t)(names.port[0] ^ 1u << rng_below(&rng, 16));
	}
}

static uint64_t mac_of(unsigned function)
{
	return names.mac | (uint64_t)function << 8;
}

static uint64_t any_mac(void)
{
	if (rng_percent(&rng, 10))
		return 0xffffffffffffull;
	return mac_of(rng_below(&rng, 18)) ^ (uint64_t)rng_percent(&rng, 10) << rng_below(&rng, 48);
}

static uint32_t any_address(void)
{
	return names.address[rng_below(&rng, 3)];
}

static uint16_t any_port(void)
{
	return names.port[rng_below(&rng, 3)];
}

/* Makes the header the answer in a flow of owner's, if it is one. */
static void answer_flow(struct frame_wish *wish, unsigned owner, const struct classifier_flow *flow)
{
	if (!flow->valid)
		return;
	wish->to = rig.model.function[owner] & PORT_FLOW_FN_ADDRESS_MASK;
	wish->source = flow->remote_address;
	wish->source_port = flow->remote_port;
	wish->destination = flow->local_address;
	wish->destination_port = flow->local_port;
	wish->protocol = flow->protocol;
	wish->fragment = false;
	wish->ihl = 5;
}

static void make_header(struct sender *sender)
{
	struct frame_wish wish = {
		.to = any_mac(),
		.from = any_mac(),
		.source = any_address(),
		.destination = any_address(),
		.source_port = any_port(),
		.destination_port = any_port(),
		.protocol = (uint8_t[]){6, 17, 1, 6}[rng_below(&rng, 4)],
		.ihl = rng_percent(&rng, 30) ? (uint8_t)rng_below(&rng, 16) : 5,
		.vlan = rng_percent(&rng, 20),
		.fragment = rng_percent(&rng, 10),
	};

	for (unsigned tries = 0; tries < 60 && sender == &senders[0]; tries++) {
		unsigned owner = rng_below(&rng, PORT_FLOW_FUNCTIONS);

		answer_flow(&wish, owner, &rig.model.flow[owner][rng_below(&rng, PORT_FLOW_LEARNED_EACH)]);
	}
	if (sender == &senders[0] && rng_percent(&rng, 20))
		answer_flow(&wish, forgotten_owner, &forgotten);
	sender->length = (uint16_t)make_frame(sender->frame, &wish);
	if (rng_percent(&rng, 20))
		sender->length = (uint16_t)(1 + rng_below(&rng, sender->length));
	else if (rng_percent(&rng, 30))
		sender->length = (uint16_t)(128 + rng_below(&rng, 9000));
	if (rng_percent(&rng, 10))
		sender->frame[12 + rng_below(&rng, 60)] ^= (uint8_t)(1u << rng_below(&rng, 8));
	sender->beats = ((sender->length < PORT_FLOW_HEADER_BYTES ? sender->length : PORT_FLOW_HEADER_BYTES) + 7u) / 8;
	if (rng_percent(&rng, 5))
		sender->beats += 1 + rng_below(&rng, 6); /* more than there is to take */
	else if (rng_percent(&rng, 5)) /* fewer than the length says: what was not sent counts as 0 */
		sender->beats = 1 + rng_below(&rng, sender->beats);
	sender->beat = 0;
	sender->source = (uint8_t)(rng_percent(&rng, 3) ? rng_below(&rng, 32) : rng_below(&rng, 17));
	if (sender->source > 0 && rng_percent(&rng, 70)) { /* as itself */
		uint64_t mac = mac_of(sender->source - 1u);
		memcpy(sender->frame + 6, &mac, 6);
	}
}

static uint64_t beat_data(const struct sender *sender)
{
	uint64_t data = 0;

	if (sender->beat * 8 + 8 <= sizeof(sender->frame))
		memcpy(&data, sender->frame + sender->beat * 8, 8);
	return data;
}

/* An offer stays until it is taken. */
static void drive_sender(struct sender *sender, bool was_taken, unsigned percent)
{
	if (was_taken) {
		sender->offers = false;
		sender->beat++;
		if (rng_percent(&rng, 1)) /* the MAC gives up and begins another frame */
			sender->beat = sender->beats;
	}
	if (sender->beat >= sender->beats)
		make_header(sender);
	if (!sender->offers)
		sender->offers = rng_percent(&rng, percent);
}

/* Sometimes a function is detached in the cycle in which its flow is learned. */
static bool detach_the_learner(void)
{
	const struct classifier_fields *fields = &rig.model.fields;
	unsigned function = fields->source - 1u;

	if (!fields->valid || fields->dir != CLASSIFIER_TX || !fields->is_flow || function >= PORT_FLOW_FUNCTIONS || !rng_percent(&rng, 10))
		return false;
	forgotten = classifier_flow(fields);
	forgotten_owner = function;
	detaches_at_learning++;
	rig.in.reg_valid = rig.in.reg_write = 1;
	rig.in.reg_addr = PORT_FLOW_DETACH - PORT_FLOW_OFFSET;
	rig.in.reg_data = function;
	return true;
}

static void drive_registers(bool was_taken)
{
	static const uint16_t bases[] = {PORT_FLOW_CONTROL, PORT_FLOW_FIRMWARE_MAC, PORT_FLOW_DETACH, PORT_FLOW_STATUS, PORT_FLOW_FN,
		PORT_FLOW_RULE_ADDRESSES, PORT_FLOW_COUNT, PORT_FLOW_SERVED, PORT_FLOW_COUNT_LEARNED, PORT_FLOW_COUNT_REVOKED};
	struct port_in *in = &rig.in;
	unsigned n = rng_below(&rng, 18);
	uint16_t base = bases[rng_below(&rng, 10)];

	if (was_taken)
		in->reg_valid = 0;
	if (in->reg_valid || detach_the_learner() || !rng_percent(&rng, 3))
		return;
	in->reg_valid = 1;
	in->reg_write = rng_percent(&rng, 60);
	in->reg_addr = (uint16_t)(base - PORT_FLOW_OFFSET);
	in->reg_data = in->reg_write ? rng_next(&rng) : 0;
	if (base == PORT_FLOW_FN) {
		in->reg_addr = (uint16_t)(in->reg_addr + 8 * (n % 16));
		if (in->reg_write)
			in->reg_data = mac_of(n % 16) | (uint64_t)(rng_percent(&rng, 80) ? 4 : 0) << 61 | (uint64_t)rng_below(&rng, 4) << 61;
	} else if (base == PORT_FLOW_RULE_ADDRESSES) {
		in->reg_addr = (uint16_t)(in->reg_addr + 8 * rng_below(&rng, 32));
		if (in->reg_write && in->reg_addr % 16 == 0)
			in->reg_data = (uint64_t)any_address() << 32 | any_address();
		else if (in->reg_write)
			in->reg_data = any_port() | (uint64_t)any_port() << 16 | 6ull << 32 |
				(uint64_t)(rng_below(&rng, 31) + 1) << 40 | (uint64_t)rng_below(&rng, 4) << 48 |
				(uint64_t)rng_below(&rng, 16) << 52 | (uint64_t)(rng_percent(&rng, 30) ? 1 : 0) << 63;
	} else if (base == PORT_FLOW_COUNT || base == PORT_FLOW_SERVED) {
		in->reg_addr = (uint16_t)(in->reg_addr + 8 * n);
	} else if (base == PORT_FLOW_CONTROL && in->reg_write && rng_percent(&rng, 90)) {
		in->reg_data |= 3;
	} else if (base == PORT_FLOW_FIRMWARE_MAC && in->reg_write) {
		in->reg_data = mac_of(16);
	}
	if (!in->reg_write && rng_percent(&rng, 20))
		in->reg_addr = (uint16_t)(8 * rng_below(&rng, 512));
}

static void drive(unsigned percent, unsigned ready_percent)
{
	struct port_in *in = &rig.in;
	const struct port_in last = *in;

	drive_sender(&senders[0], last.rx_valid && rig.out.rx_ready, percent);
	drive_sender(&senders[1], last.tx_valid && rig.out.tx_ready, percent);
	in->rx_valid = senders[0].offers;
	in->rx_sop = senders[0].beat == 0;
	in->rx_eop = senders[0].beat + 1 == senders[0].beats;
	in->rx_length = senders[0].length;
	in->rx_data = beat_data(&senders[0]);
	in->tx_valid = senders[1].offers;
	in->tx_sop = senders[1].beat == 0;
	in->tx_eop = senders[1].beat + 1 == senders[1].beats;
	in->tx_length = senders[1].length;
	in->tx_source = senders[1].source;
	in->tx_data = beat_data(&senders[1]);
	in->want_valid = rng_percent(&rng, percent / 3);
	in->want_queue = (uint8_t)(rng_percent(&rng, 3) ? rng_below(&rng, 32) : rng_below(&rng, 17));
	in->want_length = (uint16_t)(rng_percent(&rng, 50) ? 60 + rng_below(&rng, 1500) : rng_below(&rng, 9217));
	in->verdict_ready = rng_percent(&rng, ready_percent);
	in->grant_ready = rng_percent(&rng, ready_percent / 2);
	in->reg_rsp_ready = rng_percent(&rng, ready_percent);
	drive_registers(last.reg_valid && rig.out.reg_ready);
}

static uint64_t cycles_wanted(void)
{
	const char *text = getenv("ASSAY_PORT_CYCLES");

	return text ? strtoull(text, NULL, 0) : 300000;
}

/* The random run is worth nothing if it does not get everywhere. */
static void expect_everything_happened(const uint64_t count[16])
{
	for (unsigned n = 0; n < 16; n++) {
		bool possible = n != 8 + PORT_FLOW_PATH_RULE && n != 8 + PORT_FLOW_PATH_LEARNED && n != PORT_FLOW_PATH_REFUSED;

		if (possible && count[n] < 5)
			test_fail(__FILE__, __LINE__, "direction %u, path %u: %llu verdicts only", n / 8, n % 8, (unsigned long long)count[n]);
	}
}

TEST(port_lockstep, random_stimulus_keeps_model_and_rtl_equal)
{
	uint64_t before = rig_compared(), count[16] = {0}, learned = 0, revoked = 0;
	unsigned round = 0;

	rng_seed(&rng, test_seed());
	for (uint64_t done = 0; done < cycles_wanted() && !test_has_failed(); done += 20000, round++) {
		unsigned percent = 5 + rng_below(&rng, 95), ready = 20 + rng_below(&rng, 80);

		rig_reset(&rig);
		choose_names();
		memset(senders, 0, sizeof(senders));
		memset(&forgotten, 0, sizeof(forgotten));
		for (unsigned cycle = 0; cycle < 20000 && !rig.differs; cycle++) {
			bool quiet_time = round % 3 == 2 && cycle % 100 > 60;

			drive(quiet_time ? 0 : percent, quiet_time ? 100 : ready);
			rig_cycle(&rig);
		}
		for (unsigned n = 0; n < 16; n++)
			count[n] += rig.model.count[n];
		learned += rig.model.learned;
		revoked += rig.model.revoked;
	}
	if (test_has_failed())
		return;
	expect_everything_happened(count);
	EXPECT_GT(learned, 20u);
	EXPECT_GT(revoked, 5u);
	EXPECT_GT(detaches_at_learning, 20u);
	printf("%llu cycles compared, seed %llu: %llu flows learned, %llu revoked\n", (unsigned long long)(rig_compared() - before),
		(unsigned long long)test_seed(), (unsigned long long)learned, (unsigned long long)revoked);
}
