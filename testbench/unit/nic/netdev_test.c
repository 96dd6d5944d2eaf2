/* A virtio-net function against VIRTIO 1.1, with a driver of the test's own: rings, offloads, interrupts, and drivers that break the rules. */
#include "models/nic/checksum.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/nic/netdev_bench.h"

#include <string.h>

TEST(netdev, shows_itself_as_a_modern_network_device)
{
	begin(FEATURES_PLAIN, false);
	EXPECT_EQ(config_read(0), 0x10411af4u);
	EXPECT_EQ(config_read(8) >> 8, 0x020000u);
	EXPECT_EQ(bar_read(0x12, 2), 3u);
	EXPECT_EQ(bar_read(0x2000, 4), 0x04030202u);
	EXPECT_EQ(bar_read(0x2004, 4), 0x00010605u);
	bar_write(0x00, 4, 1);
	EXPECT_EQ(bar_read(0x04, 4), 1u); /* VERSION_1 */
	config_write(0x10, 0xffffffffu);
	EXPECT_EQ(config_read(0x10), 0xffff8000u);
}

TEST(netdev, features_without_version_1_are_not_ok)
{
	begin(FEATURES_PLAIN, false);
	bar_write(0x14, 1, 0);
	bar_write(0x14, 1, 3);
	bar_write(0x08, 4, 0);
	bar_write(0x0c, 4, FEATURES_PLAIN);
	bar_write(0x14, 1, 11);
	EXPECT_EQ(bar_read(0x14, 1), 3u);
	EXPECT_EQ(net.reset_events, 1u);
}

TEST(netdev, sends_with_the_checksum_that_was_asked_for)
{
	uint32_t bytes;
	struct checksum_report report;

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, true);
	give_buffers(2);
	EXPECT_FALSE(net.active);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	bar_write(0x3000, 4, 0); /* one buffer is still there */
	settle();
	EXPECT_FALSE(net.active);
	EXPECT_EQ(messages, 1u);
}

TEST(netdev, a_storm_leaves_room_for_own_frames)
{
	uint8_t flood[60] = {255, 255, 255, 255, 255, 255}, frame[60] = {2, 2, 3, 4, 5, 6};

	begin(FEATURES_PLAIN, true);
	for (unsigned i = 0; i < 5000; i++)
		netdev_deliver(&net, 0, flood, sizeof(flood), NULL);
	EXPECT_LE(net.function[0].fifo_tail - net.function[0].fifo_head, (uint64_t)NETDEV_FIFO_BYTES / 4);
	EXPECT_GT(net.function[0].rx_dropped, 4000u);
	for (unsigned i = 0; i < 1000; i++)
		netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	EXPECT_EQ(net.function[0].rx_dropped, 5000u - NETDEV_FIFO_BYTES / 4 / 80);
}

TEST(netdev, frames_wait_for_buffers)
{
	uint8_t frame[100] = {1};

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, false);
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

	begin(FEATURES_PLAIN, true);
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

	begin(FEATURES_PLAIN, true);
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
	begin(FEATURES_PLAIN, true);
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

/* Two frames whose data come in four or five completions each; of the first frame's the one is damaged that AT names. */
static void send_two(unsigned *at)
{
	begin(FEATURES_PLAIN, true);
	for (unsigned i = 0; i < 500; i++)
		memory[TX_DATA + i] = (uint8_t)(i < 12 ? 0 : i);
	put_descriptor(TX_DESC, 0, TX_DATA, 500, 0, 0);
	put_descriptor(TX_DESC, 1, TX_DATA, 500, 0, 0);
	make_available(TX_AVAIL, 0);
	make_available(TX_AVAIL, 1);
	*at = 4; /* index, ring, descriptor, and then the first of four or five with data */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 1u);
	EXPECT_EQ(net.function[0].dma_errors, 1u);
	ASSERT_EQ(sent_count, 1u);
	EXPECT_EQ(sent_length[0], 488u);
	EXPECT_MEMEQ(sent[0], memory + TX_DATA + 12, 488);
}

/* The completions of a request that come after a poisoned one are not taken for those of the next request. */
TEST(netdev, a_poisoned_completion_is_not_the_last)
{
	send_two(&poisoned_at);
}

/* The last one tells that one before it did not come: the read is over then, and must not be waited for (nor its tag be lost). */
TEST(netdev, a_completion_that_is_lost_before_others)
{
	send_two(&lost_at);
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

/* What is not offered cannot be had: multiqueue, packed rings and others (VIRTIO 1.1 sections 2.2 and 3.1.1). */
TEST(netdev, features_that_are_not_offered_are_refused)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		uint64_t offered, chosen = 1ull << 32 | 1ull << NETDEV_F_CSUM | 1ull << NETDEV_F_CTRL_VQ | 1ull << bit;

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
	begin(FEATURES_PLAIN, true);
	put16(TX_AVAIL + 2, 1000); /* more than the ring has */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_FALSE(net.function[0].queue[NETDEV_TX].enabled);

	begin(FEATURES_PLAIN, true);
	put_descriptor(TX_DESC, 0, TX_DATA, 100, NETDEV_DESC_NEXT, 0); /* a chain without an end */
	make_available(TX_AVAIL, 0);
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 1u);
	EXPECT_EQ(netdev_le(memory + TX_USED + 2, 2), 1u);

	begin(FEATURES_PLAIN, true);
	put_descriptor(TX_DESC, 0, 0x10000000, 100, 0, 0); /* there is no memory */
	make_available(TX_AVAIL, 0);
	make_available(TX_AVAIL, 200); /* there is no such descriptor */
	bar_write(0x3004, 4, 1);
	settle();
	EXPECT_EQ(net.function[0].tx_errors, 2u);
	EXPECT_EQ(sent_count, 0u);
	EXPECT_FALSE(net.active);
}
