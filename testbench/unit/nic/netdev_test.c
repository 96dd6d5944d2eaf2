/* A virtio-net function against VIRTIO 1.1, with a driver of the test's own: rings, offloads, interrupts, and drivers that break the rules. */
#include "models/nic/checksum.h"
#include "models/nic/netdev.h"
#include "testbench/gtest/test.h"

#include <string.h>

enum {
	MEMORY_BYTES = 1 << 18,
	BAR = 0x40000000,
	RID = NETDEV_FIRST_RID,
	SIZE = 8,
	RX_DESC = 0x1000, RX_AVAIL = 0x1400, RX_USED = 0x1800, RX_DATA = 0x10000, RX_ROOM = 2048,
	TX_DESC = 0x2000, TX_AVAIL = 0x2400, TX_USED = 0x2800, TX_DATA = 0x20000,
	MSI_ADDRESS = 0x3000,
	FEATURES = 1 << 0 | 1 << 1 | 1 << 5 | 1 << 11 | 1 << 15,
};

static struct netdev_state net;
static uint8_t memory[MEMORY_BYTES];
static uint8_t sent[64][NETDEV_FRAME_MAX];
static size_t sent_length[64];
static unsigned sent_count, messages, asserts, deasserts;
static uint64_t read_value;
static enum { POISONED, LOST } fate; /* of the next completions */
static unsigned fated;               /* so many */
static unsigned poisoned_at;         /* the one that is poisoned, counted from 1 */

static bool room(void *ctx, unsigned f)
{
	(void)ctx;
	(void)f;
	return sent_count < 64;
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
		if (fated == 0 || fate == POISONED)
			netdev_receive(&net, &completion);
		fated -= fated > 0;
		at += there ? piece : bytes;
	}
}

static void take_write(const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned words = tlp_length_dw(tlp);

	messages += address == MSI_ADDRESS;
	for (unsigned i = 0; i < 4 * words && address + i < MEMORY_BYTES; i++) {
		unsigned enables = i / 4 == 0 ? tlp_byte_enables(tlp) & 0xf : i / 4 + 1 == words ? tlp_byte_enables(tlp) >> 4 : 0xf;

		if (enables >> (i % 4) & 1)
			memory[address + i] = tlp_payload_const(tlp)[i];
	}
}

/* Lets everything move until it stands still. */
static void settle(void)
{
	static const struct netdev_ops ops = {NULL, room, take_frame};

	for (unsigned i = 0; i < 2000; i++) {
		const struct tlp *front;

		if (net.active)
			netdev_cycle(&net, &ops);
		while ((front = netdev_front(&net)) != NULL) {
			struct tlp tlp = *front;

			netdev_pop(&net);
			if (tlp_type(&tlp) == TLP_MRD)
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

static void bar_write(uint32_t offset, unsigned bytes, uint64_t value)
{
	struct tlp tlp = {0};

	tlp_make_memory(&tlp, TLP_MWR, 0, 0, BAR + offset, bytes);
	tlp.beat[2] = value << (8 * (offset & 3));
	ASSERT_TRUE(netdev_claims(&net, &tlp));
	netdev_receive(&net, &tlp);
}

static uint64_t bar_read(uint32_t offset, unsigned bytes)
{
	struct tlp tlp = {0};

	tlp_make_memory(&tlp, TLP_MRD, 0, 0, BAR + offset, bytes);
	EXPECT_TRUE(netdev_claims(&net, &tlp));
	netdev_receive(&net, &tlp);
	settle();
	return read_value >> (8 * (offset & 3)) & (bytes == 8 ? UINT64_MAX : (1ull << (8 * bytes)) - 1);
}

static void config_write(unsigned at, uint32_t value)
{
	struct tlp tlp = {0};

	tlp_make_config(&tlp, TLP_CFGWR0, 0, 0, RID, at, 0xf);
	tlp.beat[2] = value;
	netdev_receive(&net, &tlp);
	settle();
}

static uint32_t config_read(unsigned at)
{
	struct tlp tlp = {0};

	tlp_make_config(&tlp, TLP_CFGRD0, 0, 0, RID, at, 0xf);
	netdev_receive(&net, &tlp);
	settle();
	return (uint32_t)read_value;
}

static void put16(uint32_t at, uint16_t value)
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

static void begin(uint32_t features, bool msix)
{
	memset(memory, 0, sizeof(memory));
	sent_count = messages = asserts = deasserts = fated = 0;
	netdev_reset(&net);
	netdev_set_present(&net, 1);
	net.function[0].mac = 0x060504030202;
	config_write(0x10, BAR);
	config_write(0x04, 6);
	if (msix) {
		for (unsigned v = 0; v < NETDEV_VECTORS; v++) {
			bar_write(0x4000 + 16 * v, 4, MSI_ADDRESS);
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
	bar_write(0x14, 1, 15);
}

static void put_descriptor(uint32_t table, unsigned n, uint64_t address, uint32_t bytes, uint16_t flags, uint16_t next)
{
	netdev_put_le(memory + table + 16 * n, 8, address);
	netdev_put_le(memory + table + 16 * n + 8, 4, bytes);
	put16(table + 16 * n + 12, flags);
	put16(table + 16 * n + 14, next);
}

static void make_available(uint32_t ring, uint16_t head)
{
	uint16_t index = (uint16_t)netdev_le(memory + ring + 2, 2);

	put16(ring + 4 + 2u * (index % SIZE), head);
	put16(ring + 2, (uint16_t)(index + 1));
}

static void give_buffers(unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		put_descriptor(RX_DESC, i, RX_DATA + RX_ROOM * i, RX_ROOM, NETDEV_DESC_WRITE, 0);
		make_available(RX_AVAIL, (uint16_t)i);
	}
	bar_write(0x3000, 4, 0);
	settle();
}

/* A TCP segment of @p payload bytes behind the header of virtio-net at TX_DATA. @return its length without that. */
static uint32_t make_tcp(uint32_t payload)
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

static void transmit(uint32_t bytes)
{
	/* In two pieces, the second of an odd address. */
	put_descriptor(TX_DESC, 0, TX_DATA, 33, NETDEV_DESC_NEXT, 5);
	put_descriptor(TX_DESC, 5, TX_DATA + 33, NETDEV_HEADER_BYTES + bytes - 33, 0, 0);
	make_available(TX_AVAIL, 0);
	bar_write(0x3004, 4, 1);
	settle();
}

TEST(netdev, shows_itself_as_a_modern_network_device)
{
	begin(FEATURES, false);
	EXPECT_EQ(config_read(0), 0x10411af4u);
	EXPECT_EQ(config_read(8) >> 8, 0x020000u);
	EXPECT_EQ(bar_read(0x12, 2), 2u);
	EXPECT_EQ(bar_read(0x2000, 4), 0x04030202u);
	EXPECT_EQ(bar_read(0x2004, 4), 0x00010605u);
	bar_write(0x00, 4, 1);
	EXPECT_EQ(bar_read(0x04, 4), 1u); /* VERSION_1 */
	config_write(0x10, 0xffffffffu);
	EXPECT_EQ(config_read(0x10), 0xffff8000u);
}

TEST(netdev, features_without_version_1_are_not_ok)
{
	begin(FEATURES, false);
	bar_write(0x14, 1, 0);
	bar_write(0x14, 1, 3);
	bar_write(0x08, 4, 0);
	bar_write(0x0c, 4, FEATURES);
	bar_write(0x14, 1, 11);
	EXPECT_EQ(bar_read(0x14, 1), 3u);
	EXPECT_EQ(net.reset_events, 1u);
}

TEST(netdev, sends_with_the_checksum_that_was_asked_for)
{
	uint32_t bytes;
	struct checksum_report report;

	begin(FEATURES, true);
	bytes = make_tcp(301);
	/* The pseudo header's sum in the field, as the specification wants. */
	memory[TX_DATA] = 1;
	put16(TX_DATA + 6, 34);
	put16(TX_DATA + 8, 16);
	uint16_t pseudo = (uint16_t)~checksum_finish(checksum_add(6 + 20 + 301, memory + TX_DATA + NETDEV_HEADER_BYTES + 26, 8));
	memory[TX_DATA + NETDEV_HEADER_BYTES + 50] = (uint8_t)(pseudo >> 8);
	memory[TX_DATA + NETDEV_HEADER_BYTES + 51] = (uint8_t)pseudo;
	transmit(bytes);
	ASSERT_EQ(sent_count, 1u);
	EXPECT_EQ(sent_length[0], bytes);
	checksum_insert(sent[0], sent_length[0], true, false);
	report = checksum_check(sent[0], sent_length[0]);
	EXPECT_TRUE(report.is_l4 && report.l4_ok);
	EXPECT_EQ(netdev_le(memory + TX_USED + 2, 2), 1u);
	EXPECT_EQ(messages, 1u);
}

TEST(netdev, cuts_what_is_too_long_for_a_frame)
{
	uint32_t bytes;

	begin(FEATURES, true);
	bytes = make_tcp(5000);
	memory[TX_DATA] = 1;
	memory[TX_DATA + 1] = 1; /* GSO_TCPV4 */
	put16(TX_DATA + 2, 54);
	put16(TX_DATA + 4, 1460);
	transmit(bytes);
	ASSERT_EQ(sent_count, 4u);
	for (unsigned i = 0; i < 4; i++) {
		struct checksum_report report = checksum_check(sent[i], sent_length[i]);
		uint32_t sequence = (uint32_t)sent[i][38] << 24 | (uint32_t)sent[i][39] << 16 | (uint32_t)sent[i][40] << 8 | sent[i][41];

		EXPECT_EQ(sent_length[i], 54 + (i < 3 ? 1460u : 620u));
		EXPECT_TRUE(report.ip_ok && report.is_l4 && report.l4_ok);
		EXPECT_EQ(sequence, 0x1000 + 1460 * i);
		EXPECT_EQ(sent[i][47] & 0x09, i < 3 ? 0 : 0x09); /* FIN and PSH in the last only */
		EXPECT_EQ(sent[i][19], (uint8_t)(0x34 + i));
		EXPECT_MEMEQ(sent[i] + 54, memory + TX_DATA + NETDEV_HEADER_BYTES + 54 + 1460 * i, sent_length[i] - 54);
	}
}

TEST(netdev, merges_buffers_for_a_large_frame)
{
	uint8_t frame[5000];

	begin(FEATURES, true);
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 7 + (i >> 8));
	give_buffers(4);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(netdev_le(memory + RX_USED + 2, 2), 3u);
	EXPECT_EQ(netdev_le(memory + RX_DATA + 10, 2), 3u); /* num_buffers */
	EXPECT_EQ(netdev_le(memory + RX_USED + 8, 4), (uint64_t)RX_ROOM);
	EXPECT_EQ(netdev_le(memory + RX_USED + 24, 4), sizeof(frame) + NETDEV_HEADER_BYTES - 2 * RX_ROOM);
	EXPECT_MEMEQ(memory + RX_DATA + NETDEV_HEADER_BYTES, frame, RX_ROOM - NETDEV_HEADER_BYTES);
	EXPECT_MEMEQ(memory + RX_DATA + 2 * RX_ROOM, frame + 2 * RX_ROOM - NETDEV_HEADER_BYTES, sizeof(frame) + NETDEV_HEADER_BYTES - 2 * RX_ROOM);
	EXPECT_EQ(messages, 1u);
}

/* Otherwise the NIC would never be quiet, and a run could jump over nothing. */
TEST(netdev, rests_while_buffers_wait_for_frames)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, true);
	give_buffers(2);
	EXPECT_FALSE(net.active);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	bar_write(0x3000, 4, 0); /* one buffer is still there */
	settle();
	EXPECT_FALSE(net.active);
	EXPECT_EQ(messages, 1u);
}

TEST(netdev, frames_wait_for_buffers)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, true);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(messages, 0u);
	give_buffers(1);
	EXPECT_EQ(messages, 1u);
	EXPECT_EQ(memory[RX_DATA + NETDEV_HEADER_BYTES], 1);
}

TEST(netdev, a_masked_vector_is_pending_until_it_is_unmasked)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, true);
	bar_write(0x400c + 16, 4, 1);
	give_buffers(1);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(messages, 0u);
	EXPECT_EQ(bar_read(0x5000, 4), 2u);
	bar_write(0x400c + 16, 4, 0);
	settle();
	EXPECT_EQ(messages, 1u);
	EXPECT_EQ(bar_read(0x5000, 4), 0u);
}

TEST(netdev, without_msix_the_line_follows_the_isr)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, false);
	give_buffers(1);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(asserts, 1u);
	EXPECT_EQ(deasserts, 0u);
	EXPECT_EQ(bar_read(0x1000, 1), 1u);
	EXPECT_EQ(deasserts, 1u);
	EXPECT_EQ(bar_read(0x1000, 1), 0u);
}

TEST(netdev, no_interrupt_is_sent_that_the_driver_does_not_want)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, true);
	put16(RX_AVAIL, NETDEV_NO_INTERRUPT);
	give_buffers(2);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(messages, 0u);
	put16(RX_AVAIL, 0);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(messages, 1u);
}

TEST(netdev, a_reset_forgets_queues_and_frames)
{
	uint8_t frame[100] = {1};

	begin(FEATURES, true);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	bar_write(0x14, 1, 0);
	settle();
	EXPECT_EQ(bar_read(0x14, 1), 0u);
	bar_write(0x16, 2, 0);
	EXPECT_EQ(bar_read(0x1c, 2), 0u);
	EXPECT_EQ(netdev_fifo_front(&net.function[0]), 0u);
	EXPECT_EQ(net.reset_events, 1u);
}


/* A frame that is sent while every completion of the first reads has a fate: after so many, the queue stands still. */
static void send_under(unsigned completions, int how)
{
	begin(FEATURES, true);
	bar_write(0x10, 2, 1); /* configuration vector */
	put_descriptor(TX_DESC, 0, TX_DATA, 112, 0, 0);
	make_available(TX_AVAIL, 0);
	fate = how == LOST ? LOST : POISONED;
	fated = completions;
	bar_write(0x3004, 4, 1);
	settle();
	for (unsigned i = 0; i < 40 && how == LOST; i++) {
		net.now += NETDEV_TIMEOUT_CYCLES / 4;
		if (net.now >= net.first_deadline)
			netdev_expire(&net);
		settle();
	}
}

/* PCIe 4.0 sections 2.7.2 and 2.8. */
TEST(netdev, a_ring_that_cannot_be_read_is_read_again)
{
	for (int how = POISONED; how <= LOST; how++) {
		send_under(NETDEV_RETRIES, how);
		EXPECT_EQ(sent_count, 1u);
		EXPECT_EQ(net.function[0].dma_errors, (unsigned)NETDEV_RETRIES);
		EXPECT_EQ(bar_read(0x14, 1) & NETDEV_STATUS_NEEDS_RESET, 0u);
		send_under(NETDEV_RETRIES + 1, how);
		EXPECT_EQ(sent_count, 0u);
		EXPECT_EQ(bar_read(0x14, 1) & NETDEV_STATUS_NEEDS_RESET, (unsigned)NETDEV_STATUS_NEEDS_RESET);
		EXPECT_EQ(messages, 1u); /* of the configuration change */
		bar_write(0x14, 1, 15);
		EXPECT_EQ(bar_read(0x14, 1) & NETDEV_STATUS_NEEDS_RESET, (unsigned)NETDEV_STATUS_NEEDS_RESET);
		bar_write(0x14, 1, 0);
		EXPECT_EQ(bar_read(0x14, 1), 0u);
	}
}

/* The completions of a request that come after a poisoned one are not taken for those of the next request. */
TEST(netdev, a_poisoned_completion_is_not_the_last)
{
	begin(FEATURES, true);
	for (unsigned i = 0; i < 500; i++)
		memory[TX_DATA + i] = (uint8_t)(i < 12 ? 0 : i);
	put_descriptor(TX_DESC, 0, TX_DATA, 500, 0, 0);
	put_descriptor(TX_DESC, 1, TX_DATA, 500, 0, 0);
	make_available(TX_AVAIL, 0);
	make_available(TX_AVAIL, 1);
	poisoned_at = 4; /* index, ring, descriptor, and then the first of four or five with data */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 1u);
	EXPECT_EQ(net.function[0].dma_errors, 1u);
	ASSERT_EQ(sent_count, 1u);
	EXPECT_EQ(sent_length[0], 488u);
	EXPECT_MEMEQ(sent[0], memory + TX_DATA + 12, 488);
}

/* No tag is used again for as long as its completion may still come, and all are in the end. */
TEST(netdev, tags_of_lost_completions_come_back)
{
	unsigned busy = 0;

	send_under(1, LOST);
	for (unsigned i = 0; i < NETDEV_TAGS; i++)
		busy += net.tag[i].busy;
	EXPECT_EQ(busy, 0u);
	EXPECT_EQ(net.first_deadline, UINT64_MAX);
	EXPECT_EQ(sent_count, 1u);
}

/* What is not offered cannot be had: control queue, event index, indirect descriptors and others (VIRTIO 1.1 sections 2.2 and 3.1.1). */
TEST(netdev, features_that_are_not_offered_are_refused)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t offered, chosen = 1ull << 32 | 1ull << bit;

		begin(0, false);
		bar_write(0x14, 1, 0);
		bar_write(0x00, 4, bit / 32);
		offered = bar_read(0x04, 4) >> (bit % 32) & 1;
		for (unsigned half = 0; half < 2; half++) {
			bar_write(0x08, 4, half);
			bar_write(0x0c, 4, (uint32_t)(chosen >> (32 * half)));
		}
		bar_write(0x14, 1, 1 | 2 | 8);
		settle();
		EXPECT_EQ(bar_read(0x14, 1) & 8, offered ? 8u : 0u);
	}
}

/* Each harms the driver's own queue only, and ends. */
TEST(netdev, hostile_rings_hurt_their_driver)
{
	begin(FEATURES, true);
	put16(TX_AVAIL + 2, 1000); /* more than the ring has */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_FALSE(net.function[0].queue[NETDEV_TX].enabled);

	begin(FEATURES, true);
	put_descriptor(TX_DESC, 0, TX_DATA, 100, NETDEV_DESC_NEXT, 0); /* a chain without an end */
	make_available(TX_AVAIL, 0);
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 1u);
	EXPECT_EQ(netdev_le(memory + TX_USED + 2, 2), 1u);

	begin(FEATURES, true);
	put_descriptor(TX_DESC, 0, 0x10000000, 100, 0, 0); /* there is no memory */
	make_available(TX_AVAIL, 0);
	make_available(TX_AVAIL, 200); /* there is no such descriptor */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 2u);
	EXPECT_EQ(sent_count, 0u);
	EXPECT_FALSE(net.active);
}
