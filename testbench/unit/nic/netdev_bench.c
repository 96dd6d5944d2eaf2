#include "testbench/unit/nic/netdev_bench.h"

#include "testbench/gtest/test.h"

#include <string.h>

struct netdev_state net;
uint8_t memory[MEMORY_BYTES];
uint8_t sent[SENT_MAX][NETDEV_FRAME_MAX];
size_t sent_length[SENT_MAX];
unsigned sent_count, messages, asserts, deasserts;
unsigned messages_of[NETDEV_VECTORS];
enum fate fate;
unsigned fated;
unsigned poisoned_at, lost_at;
void (*before_write)(uint64_t address);
uint64_t held_address;
static struct tlp held;
static uint64_t read_value;

static bool room(void *ctx, unsigned f)
{
	(void)ctx;
	(void)f;
	return sent_count < SENT_MAX;
}

static void take_frame(void *ctx, unsigned f, const uint8_t *frame, size_t length)
{
	(void)ctx;
	(void)f;
	memcpy(sent[sent_count], frame, length);
	sent_length[sent_count++] = length;
}

static void answer_read(const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned enables = tlp_byte_enables(tlp), words = tlp_length_dw(tlp), first = (unsigned)__builtin_ctz(enables & 0xf);
	unsigned bytes = words == 1 ? (unsigned)__builtin_popcount(enables & 0xf) : words * 4 - first - (3 - (31 - (unsigned)__builtin_clz(enables >> 4)));

	for (unsigned at = 0; at < bytes;) {
		unsigned low = (unsigned)(address + first + at), boundary = 128 - low % 128, piece = bytes - at < boundary ? bytes - at : boundary;
		struct tlp completion = {0};
		bool there = address + first + at + piece <= MEMORY_BYTES;

		tlp_make_completion(&completion, 0, tlp_requester(tlp), tlp_tag(tlp), there ? TLP_SC : TLP_UR, bytes - at, low,
			there ? ((low & 3) + piece + 3) / 4 : 0);
		if (there)
			memcpy(tlp_payload(&completion) + (low & 3), memory + address + first + at, piece);
		ASSERT_TRUE(netdev_claims(&net, &completion));
		if ((fated > 0 && fate == POISONED) || (poisoned_at > 0 && --poisoned_at == 0))
			completion.beat[0] |= 1u << 14;
		if ((fated == 0 || fate == POISONED) && !(lost_at > 0 && --lost_at == 0))
			netdev_receive(&net, &completion);
		fated -= fated > 0;
		at += there ? piece : bytes;
	}
}

static void take_write(const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned words = tlp_length_dw(tlp);

	if (before_write)
		before_write(address);
	if (address >= MSI_ADDRESS && address < MSI_ADDRESS + 4 * NETDEV_VECTORS) {
		messages++;
		messages_of[(address - MSI_ADDRESS) / 4]++;
	}
	for (unsigned i = 0; i < 4 * words && address + i < MEMORY_BYTES; i++) {
		unsigned enables = i / 4 == 0 ? tlp_byte_enables(tlp) & 0xf : i / 4 + 1 == words ? tlp_byte_enables(tlp) >> 4 : 0xf;

		if (enables >> (i % 4) & 1)
			memory[address + i] = tlp_payload_const(tlp)[i];
	}
}

void settle(void)
{
	static const struct netdev_ops ops = {NULL, room, take_frame};

	for (unsigned i = 0; i < 2000; i++) {
		const struct tlp *front;

		if (net.active)
			netdev_cycle(&net, &ops);
		while ((front = netdev_front(&net)) != NULL) {
			struct tlp tlp = *front;

			netdev_pop(&net);
			if (tlp_type(&tlp) == TLP_MRD && tlp_address(&tlp) == held_address)
				held = tlp;
			else if (tlp_type(&tlp) == TLP_MRD)
				answer_read(&tlp);
			else if (tlp_type(&tlp) == TLP_MWR)
				take_write(&tlp);
			else if (tlp_type(&tlp) == TLP_MSG)
				*(tlp_message_code(&tlp) == TLP_ASSERT_INTX ? &asserts : &deasserts) += 1;
			else if (tlp_is_completion(&tlp))
				read_value = tlp.beat[TLP_HEADER_BEATS];
		}
	}
}

void answer_held(void)
{
	held_address = UINT64_MAX;
	answer_read(&held);
	settle();
}

void bar_write(uint32_t offset, unsigned bytes, uint64_t value)
{
	struct tlp tlp = {0};

	tlp_make_memory(&tlp, TLP_MWR, 0, 0, BAR + offset, bytes);
	tlp.beat[2] = value << (8 * (offset & 3));
	ASSERT_TRUE(netdev_claims(&net, &tlp));
	netdev_receive(&net, &tlp);
}

uint64_t bar_read(uint32_t offset, unsigned bytes)
{
	struct tlp tlp = {0};

	tlp_make_memory(&tlp, TLP_MRD, 0, 0, BAR + offset, bytes);
	EXPECT_TRUE(netdev_claims(&net, &tlp));
	netdev_receive(&net, &tlp);
	settle();
	return read_value >> (8 * (offset & 3)) & (bytes == 8 ? UINT64_MAX : (1ull << (8 * bytes)) - 1);
}

void config_write(unsigned at, uint32_t value)
{
	struct tlp tlp = {0};

	tlp_make_config(&tlp, TLP_CFGWR0, 0, 0, RID, at, 0xf);
	tlp.beat[2] = value;
	netdev_receive(&net, &tlp);
	settle();
}

uint32_t config_read(unsigned at)
{
	struct tlp tlp = {0};

	tlp_make_config(&tlp, TLP_CFGRD0, 0, 0, RID, at, 0xf);
	netdev_receive(&net, &tlp);
	settle();
	return (uint32_t)read_value;
}

void put16(uint32_t at, uint16_t value)
{
	netdev_put_le(memory + at, 2, value);
}

static void set_queue(uint16_t queue, uint64_t descriptors, uint64_t available, uint64_t used)
{
	bar_write(0x16, 2, queue);
	bar_write(0x18, 2, SIZE);
	bar_write(0x1a, 2, queue + 1u);
	bar_write(0x20, 4, descriptors);
	bar_write(0x28, 4, available);
	bar_write(0x30, 4, used);
	bar_write(0x1c, 2, 1);
}

void begin(uint32_t features, bool msix)
{
	memset(memory, 0, sizeof(memory));
	sent_count = messages = asserts = deasserts = fated = 0;
	poisoned_at = lost_at = 0;
	before_write = NULL;
	held_address = UINT64_MAX;
	memset(messages_of, 0, sizeof(messages_of));
	netdev_reset(&net);
	netdev_set_present(&net, 1);
	net.function[0].mac = 0x060504030202;
	config_write(0x10, BAR);
	config_write(0x04, 6);
	if (msix) {
		for (unsigned v = 0; v < NETDEV_VECTORS; v++) {
			bar_write(0x4000 + 16 * v, 4, MSI_ADDRESS + 4 * v);
			bar_write(0x4008 + 16 * v, 4, v);
			bar_write(0x400c + 16 * v, 4, 0);
		}
		config_write(0x7c, 0x80000000u);
	}
	bar_write(0x14, 1, 0);
	bar_write(0x14, 1, 3);
	bar_write(0x08, 4, 0);
	bar_write(0x0c, 4, features);
	bar_write(0x08, 4, 1);
	bar_write(0x0c, 4, 1);
	bar_write(0x14, 1, 11);
	ASSERT_EQ(bar_read(0x14, 1), 11u);
	set_queue(NETDEV_RX, RX_DESC, RX_AVAIL, RX_USED);
	set_queue(NETDEV_TX, TX_DESC, TX_AVAIL, TX_USED);
	set_queue(NETDEV_CONTROL, CONTROL_DESC, CONTROL_AVAIL, CONTROL_USED);
	bar_write(0x14, 1, 15);
}

void put_descriptor(uint32_t table, unsigned n, uint64_t address, uint32_t bytes, uint16_t flags, uint16_t next)
{
	netdev_put_le(memory + table + 16 * n, 8, address);
	netdev_put_le(memory + table + 16 * n + 8, 4, bytes);
	put16(table + 16 * n + 12, flags);
	put16(table + 16 * n + 14, next);
}

void make_available(uint32_t ring, uint16_t head)
{
	uint16_t index = (uint16_t)netdev_le(memory + ring + 2, 2);

	put16(ring + 4 + 2u * (index % SIZE), head);
	put16(ring + 2, (uint16_t)(index + 1));
}

void kick(uint16_t queue)
{
	bar_write(NETDEV_BAR_NOTIFY + 4u * queue, 4, queue);
	settle();
}

void give_buffers(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		put_descriptor(RX_DESC, i, RX_DATA + RX_ROOM * i, RX_ROOM, NETDEV_DESC_WRITE, 0);
		make_available(RX_AVAIL, (uint16_t)i);
	}
	kick(NETDEV_RX);
}

uint32_t make_tcp(uint32_t payload)
{
	static const uint8_t head[] = {2, 0, 0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 8, 0, 0x45, 0, 0, 0, 0x12, 0x34, 0x40, 0, 64, 6, 0, 0, 10, 0, 0, 2, 10, 0, 0, 1,
		0x9c, 0x40, 0, 7, 0, 0, 0x10, 0, 0, 0, 0, 1, 0x50, 0x19, 0xff, 0xff, 0, 0, 0, 0};
	uint8_t *frame = memory + TX_DATA + NETDEV_HEADER_BYTES;

	memcpy(frame, head, sizeof(head));
	frame[16] = (uint8_t)((40 + payload) >> 8);
	frame[17] = (uint8_t)(40 + payload);
	for (uint32_t i = 0; i < payload; i++)
		frame[54 + i] = (uint8_t)(i * 13 + (i >> 8));
	return 54 + payload;
}

void transmit(uint32_t bytes)
{
	/* The second piece is at an odd address. */
	put_descriptor(TX_DESC, 0, TX_DATA, 33, NETDEV_DESC_NEXT, 5);
	put_descriptor(TX_DESC, 5, TX_DATA + 33, NETDEV_HEADER_BYTES + bytes - 33, 0, 0);
	make_available(TX_AVAIL, 0);
	kick(NETDEV_TX);
}
