/* libFuzzer on the shared port: network functions, exchange and flow classifier (models), with a hostile driver on one side and a hostile
 * network on the other.
 *
 * The input is a list of steps: register accesses of the driver, bytes into its memory (where rings and buffers lie), frames from the line, and
 * cycles in which everything moves; reads of the functions are answered from that memory, some with errors. No access leaves the
 * arrays, packets are well formed and within what the link allows, and everything comes to rest.
 */
#include <stdlib.h>
#include <string.h>

#include "models/nic/exchange.h"
#include "models/nic/netdev.h"
#include "models/port/classifier.h"
#include "testbench/fuzz/input.h"

enum { MEMORY_BYTES = 16384, BAR = 0x40000000, RID = NETDEV_FIRST_RID };

static struct netdev_state net;
static struct exchange exchange;
static struct classifier classifier;
static struct port_in in, next;
static struct port_out out;
static uint8_t memory[MEMORY_BYTES];
static uint64_t cycle;

static bool room(void *ctx, unsigned f)
{
	(void)ctx;
	return exchange_room(&exchange, 1 + f);
}

static void send(void *ctx, unsigned f, const uint8_t *frame, size_t length)
{
	(void)ctx;
	REQUIRE(length >= 14 && length <= NETDEV_FRAME_MAX);
	exchange_send(&exchange, 1 + f, frame, length, cycle);
}

static void to_firmware(void *ctx, unsigned path, const uint8_t *frame, size_t length, const struct placement *placement)
{
	(void)path;
	(void)placement;
	(void)ctx;
	(void)frame;
	REQUIRE(length <= EXCHANGE_FRAME_MAX);
}

static void to_function(void *ctx, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement)
{

	(void)ctx;
	netdev_deliver(&net, f, frame, length, placement);
}

static void to_line(void *ctx, const uint8_t *frame, size_t length, uint64_t at)
{
	(void)ctx;
	(void)frame;
	REQUIRE(length >= 60 && at > cycle);
}

static void queue_has_room(void *ctx, unsigned q)
{
	(void)ctx;
	net.active |= q > 0;
}

/* The host's answer to one packet of a function; @p error: it is refused. */
static void answer(const struct tlp *tlp, bool error)
{
	struct tlp completion;
	unsigned type = tlp_type(tlp);
	uint64_t address = tlp_address(tlp);
	unsigned words = tlp_length_dw(tlp), bytes = words * 4;

	if (type == TLP_MWR) {
		REQUIRE(bytes <= TLP_MAX_PAYLOAD_BYTES && address / 4096 == (address + bytes - 1) / 4096);
		for (unsigned i = 0; i < bytes; i++)
			memory[(address + i) % MEMORY_BYTES] = tlp_payload_const(tlp)[i];
	}
	if (type != TLP_MRD)
		return;
	REQUIRE(bytes <= TLP_MAX_READ_BYTES && address / 4096 == (address + bytes - 1) / 4096);
	unsigned first = (unsigned)__builtin_ctz(tlp_byte_enables(tlp) & 0xf), last = tlp_byte_enables(tlp) >> 4;
	unsigned count = words == 1 ? (unsigned)__builtin_popcount(tlp_byte_enables(tlp) & 0xf)
	                            : bytes - first - (3 - (31 - (unsigned)__builtin_clz(last)));
	unsigned offset = 0;
	while (count > 0) {
		unsigned low = (unsigned)(address + first + offset) & 0x7f, piece = count < 128 - low ? count : 128 - low;

		memset(&completion, 0, sizeof(completion));
		tlp_make_completion(&completion, 0, tlp_requester(tlp), tlp_tag(tlp), error ? TLP_UR : TLP_SC, count, low,
			error ? 0 : ((low & 3) + piece + 3) / 4);
		for (unsigned i = 0; i < piece && !error; i++)
			tlp_payload(&completion)[(low & 3) + i] = memory[(address + first + offset + i) % MEMORY_BYTES];
		REQUIRE(netdev_claims(&net, &completion));
		netdev_receive(&net, &completion);
		if (error)
			return;
		count -= piece;
		offset += piece;
	}
}

static void run(unsigned cycles, uint8_t errors)
{
	static const struct netdev_ops functions = {NULL, room, send};
	static const struct exchange_ops ops = {NULL, to_firmware, to_function, to_line, queue_has_room, {0}};

	for (unsigned i = 0; i < cycles; i++) {
		const struct tlp *tlp;

		if (net.active)
			netdev_cycle(&net, &functions);
		exchange_cycle(&exchange, &ops, &in, &out, &next, cycle);
		while ((tlp = netdev_front(&net)) != NULL) {
			struct tlp copy = *tlp;

			netdev_pop(&net);
			answer(&copy, errors && cycle % errors == 0);
		}
		classifier_step(&classifier, &in, &out);
		in = next;
		cycle++;
	}
}

static void access_bar(uint32_t offset, unsigned bytes, uint32_t value)
{
	struct tlp tlp;

	memset(&tlp, 0, sizeof(tlp));
	tlp_make_memory(&tlp, TLP_MWR, 0, 0, BAR + offset, bytes);
	tlp.beat[2] = (uint64_t)value << (8 * (offset & 3));
	if (netdev_claims(&net, &tlp))
		netdev_receive(&net, &tlp);
	tlp_make_memory(&tlp, TLP_MRD, 0, 1, BAR + offset, bytes);
	if (netdev_claims(&net, &tlp))
		netdev_receive(&net, &tlp);
}

static void config(unsigned at, uint32_t value)
{
	struct tlp tlp;

	memset(&tlp, 0, sizeof(tlp));
	tlp_make_config(&tlp, TLP_CFGWR0, 0, 0, RID, at, 0xf);
	tlp.beat[2] = value;
	netdev_receive(&net, &tlp);
	tlp_make_config(&tlp, TLP_CFGRD0, 0, 0, RID, at, 0xf);
	netdev_receive(&net, &tlp);
}

/* A driver in form: rings at 0, 0x1800 and 0x3000, features and status set. */
static void bring_up(uint32_t features)
{
	config(4, 6);
	config(0x10, BAR);
	access_bar(0x14, 1, 1);
	access_bar(0x08, 4, 0);
	access_bar(0x0c, 4, features);
	access_bar(0x08, 4, 1);
	access_bar(0x0c, 4, 1);
	access_bar(0x14, 1, 11);
	for (uint32_t q = 0; q < NETDEV_QUEUES; q++) {
		access_bar(0x16, 2, q);
		access_bar(0x18, 2, 8);
		access_bar(0x20, 4, 0x1800 * q);
		access_bar(0x28, 4, 0x1800 * q + 0x400);
		access_bar(0x30, 4, 0x1800 * q + 0x800);
		access_bar(0x1c, 2, 1);
	}
	access_bar(0x14, 1, 15);
}

static void begin(uint32_t features)
{
	netdev_reset(&net);
	netdev_set_present(&net, 1);
	exchange_reset(&exchange);
	classifier_reset(&classifier);
	classifier.control = 3;
	classifier.function[0] = PORT_FLOW_FN_ENABLE_MASK | PORT_FLOW_FN_TRUST_MASK | 0x02;
	net.function[0].mac = 2;
	classifier_outputs(&classifier, &out);
	memset(&in, 0, sizeof(in));
	memset(&next, 0, sizeof(next));
	in.verdict_ready = in.grant_ready = 1;
	next = in;
	memset(memory, 0, sizeof(memory));
	cycle = 1;
	bring_up(features);
}

static void frame_from_line(struct input *input)
{
	uint8_t frame[256] = {0x02};
	size_t length = take(input), body = length < input->left ? length : input->left;

	memcpy(frame + (body > 200 ? 0 : 6), input->at, body);
	input->at += body;
	input->left -= body;
	if (length > 0)
		exchange_receive(&exchange, frame, length);
}

static void poke(struct input *input)
{
	unsigned at = take(input) << 8 | take(input), count = take(input) & 31;

	for (unsigned i = 0; i < count; i++)
		memory[(at + i) % MEMORY_BYTES] = take(input);
}

/* A chain that makes some sense: a descriptor of one queue, or of a table in the queue's own memory, and a ring entry that may name it. */
static void put_chain(struct input *input)
{
	uint8_t which = take(input), flags = take(input), next = take(input), place = take(input);
	uint32_t queue = which % NETDEV_QUEUES * 0x1800u % MEMORY_BYTES, at = queue + (which & 0x80 ? 0x200u : 0) + 16u * (which >> 2 & 7);
	uint16_t index = (uint16_t)netdev_le(memory + queue + 0x402, 2);

	netdev_put_le(memory + at, 8, flags & 4 ? queue + 0x200u : place * 64u);
	netdev_put_le(memory + at + 8, 4, flags & 4 ? 16u * (place & 15) : place);
	netdev_put_le(memory + at + 12, 2, flags & 7);
	netdev_put_le(memory + at + 14, 2, next & 15);
	if (!(flags & 0x80))
		return;
	netdev_put_le(memory + queue + 0x404 + 2 * (index % 8), 2, which >> 2 & 7);
	netdev_put_le(memory + queue + 0x402, 2, index + 1u);
	access_bar(0x3000 + 4 * (uint32_t)(which % NETDEV_QUEUES), 4, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {data, size};
	uint8_t errors = take(&input), choice = take(&input);

	/* With checksums, segmentation and merged buffers always; control queue, tables and event indices as the input has it. */
	begin(0x18823 | (choice & 1 ? 0x160000u : 0) | (uint32_t)(choice & 6) << 27);
	while (input.left > 0) {
		switch (take(&input) % 8) {
		case 0: frame_from_line(&input); break;
		case 1: poke(&input); break;
		case 2: access_bar((uint32_t)(take(&input) << 8 | take(&input)) & 0x5ffc, 4, (uint32_t)(take(&input) << 8 | take(&input))); break;
		case 3: access_bar(0x3000 + 4 * (uint32_t)(take(&input) % NETDEV_QUEUES), 4, 0); break;
		case 4: config(take(&input) & 0xfcu, (uint32_t)(take(&input) << 16 | take(&input))); break;
		case 5: put_chain(&input); break;
		case 6: netdev_set_link(&net, take(&input) & 1); break;
		default: run(take(&input) * 4u, errors); break;
		}
		REQUIRE(net.out_count <= NETDEV_OUT);
		run(1, errors); /* packets leave before the next step */
	}
	for (unsigned i = 0; i < 40 && (net.active || exchange_busy(&exchange)); i++)
		run(500, errors);
	return 0;
}
