/* Indirect descriptors and event indices of a virtio-net function (VIRTIO 1.1 sections 2.6.5.3, 2.6.7 and 2.6.10). */
#include "testbench/gtest/test.h"
#include "testbench/unit/nic/netdev_bench.h"

#include <string.h>

enum { TABLE = 0x8000, INNER = 0x9000, USED_EVENT = 4 + 2 * SIZE, AVAIL_EVENT = 4 + 8 * SIZE, FRAME = 100 };

static uint16_t used_index(uint32_t ring)
{
	return (uint16_t)netdev_le(memory + ring + 2, 2);
}

static void make_frame(void)
{
	for (unsigned i = 0; i < 400; i++)
		memory[TX_DATA + i] = (uint8_t)(i < NETDEV_HEADER_BYTES ? 0 : i * 3);
}

/* Header and frame in three pieces, in an order of their own, in a table of four. */
static void put_table(void)
{
	make_frame();
	put_descriptor(TABLE, 0, TX_DATA, NETDEV_HEADER_BYTES, NETDEV_DESC_NEXT, 3);
	put_descriptor(TABLE, 3, TX_DATA + NETDEV_HEADER_BYTES, 33, NETDEV_DESC_NEXT, 1);
	put_descriptor(TABLE, 1, TX_DATA + NETDEV_HEADER_BYTES + 33, FRAME - 33, 0, 0);
	put_descriptor(TX_DESC, 0, TABLE, 4 * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0);
}

static void send_chain(uint16_t head)
{
	make_available(TX_AVAIL, head);
	kick(NETDEV_TX);
}

static void expect_frame(unsigned number)
{
	ASSERT_EQ(sent_count, number + 1);
	EXPECT_EQ(sent_length[number], (size_t)FRAME);
	EXPECT_MEMEQ(sent[number], memory + TX_DATA + NETDEV_HEADER_BYTES, FRAME);
}

TEST(netdev_chain, a_table_holds_a_frame)
{
	begin(FEATURES_ALL, true);
	put_table();
	send_chain(0);
	expect_frame(0);
	EXPECT_EQ(netdev_le(memory + TX_USED + 4, 4), 0u);
	EXPECT_EQ(net.function[0].tx_errors, 0u);
	/* What the driver has written anew is read anew, and WRITE means nothing where a table is named. */
	put_descriptor(TABLE, 0, TX_DATA, NETDEV_HEADER_BYTES + FRAME, 0, 0);
	put_descriptor(TX_DESC, 0, TABLE, NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT | NETDEV_DESC_WRITE, 0);
	send_chain(0);
	expect_frame(1);
}

TEST(netdev_chain, a_table_may_end_a_chain)
{
	begin(FEATURES_ALL, true);
	make_frame();
	put_descriptor(TX_DESC, 6, TX_DATA, 5, NETDEV_DESC_NEXT, 7);
	put_descriptor(TX_DESC, 7, TX_DATA + 5, 7, NETDEV_DESC_NEXT, 2);
	put_descriptor(TX_DESC, 2, TABLE, 2 * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0);
	put_descriptor(TABLE, 0, TX_DATA + 12, 60, NETDEV_DESC_NEXT, 1);
	put_descriptor(TABLE, 1, TX_DATA + 72, FRAME - 60, 0, 0);
	send_chain(6);
	expect_frame(0);
	EXPECT_EQ(netdev_le(memory + TX_USED + 4, 4), 6u);
}

/* More pieces than the ring has entries: a table is there for that. */
TEST(netdev_chain, a_table_is_longer_than_the_ring)
{
	begin(FEATURES_ALL, true);
	make_frame();
	for (unsigned i = 0; i < NETDEV_HEADER_BYTES + FRAME; i++)
		put_descriptor(TABLE, i, TX_DATA + i, 1, i + 1 < NETDEV_HEADER_BYTES + FRAME ? NETDEV_DESC_NEXT : 0, (uint16_t)(i + 1));
	put_descriptor(TX_DESC, 0, TABLE, (NETDEV_HEADER_BYTES + FRAME) * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0);
	send_chain(0);
	expect_frame(0);
}

TEST(netdev_chain, frames_are_received_into_tables)
{
	uint8_t frame[300];

	begin(FEATURES_ALL & ~(1u << NETDEV_F_MRG_RXBUF), true);
	for (unsigned i = 0; i < sizeof(frame); i++)
		frame[i] = (uint8_t)(i * 5 + 1);
	memcpy(frame, "\x02\x02\x03\x04\x05\x06", 6);
	put_descriptor(TABLE, 0, RX_DATA, NETDEV_HEADER_BYTES, NETDEV_DESC_WRITE | NETDEV_DESC_NEXT, 2);
	put_descriptor(TABLE, 2, RX_DATA + 0x100, 150, NETDEV_DESC_WRITE | NETDEV_DESC_NEXT, 1);
	put_descriptor(TABLE, 1, RX_DATA + 0x300, 1500, NETDEV_DESC_WRITE, 0);
	put_descriptor(RX_DESC, 4, TABLE, 3 * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0);
	make_available(RX_AVAIL, 4);
	kick(NETDEV_RX);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	settle();
	EXPECT_EQ(used_index(RX_USED), 1u);
	EXPECT_EQ(netdev_le(memory + RX_USED + 4, 4), 4u);
	EXPECT_EQ(netdev_le(memory + RX_USED + 8, 4), NETDEV_HEADER_BYTES + sizeof(frame));
	EXPECT_MEMEQ(memory + RX_DATA + 0x100, frame, 150);
	EXPECT_MEMEQ(memory + RX_DATA + 0x300, frame + 150, 150);
}

/* Each of these costs its driver the frame, which comes back; the next one is sent, and nothing is left under way. */
static void put_bad(unsigned kind)
{
	put_table();
	switch (kind) {
	case 0: put_descriptor(TABLE, 1, TX_DATA, 0, NETDEV_DESC_NEXT, 0); break;                                            /* a loop */
	case 1: put_descriptor(TX_DESC, 0, TABLE, 4 * NETDEV_DESC_BYTES - 4, NETDEV_DESC_INDIRECT, 0); break;                /* no whole number */
	case 2: put_descriptor(TX_DESC, 0, TABLE, 0, NETDEV_DESC_INDIRECT, 0); break;                                        /* nothing */
	case 3: put_descriptor(TABLE, 1, INNER, NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0); break;                          /* one in the other */
	case 4: put_descriptor(TX_DESC, 0, TABLE, 4 * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT | NETDEV_DESC_NEXT, 1); break; /* not the last */
	case 5: put_descriptor(TABLE, 3, TX_DATA, 20, NETDEV_DESC_NEXT, 4); break;                                           /* outside the table */
	case 6: put_descriptor(TX_DESC, 0, MEMORY_BYTES, 4 * NETDEV_DESC_BYTES, NETDEV_DESC_INDIRECT, 0); break;             /* cannot be read */
	case 7: put_descriptor(TABLE, 0, TX_DATA, NETDEV_HEADER_BYTES, NETDEV_DESC_NEXT | NETDEV_DESC_WRITE, 3); break;      /* not to be read */
	default: put_descriptor(TX_DESC, 0, TABLE, 0xfffffff0u, NETDEV_DESC_INDIRECT, 0); memory[TABLE + 14] = 0xff; memory[TABLE + 15] = 0xff; break;
	}
}

TEST(netdev_chain, bad_tables_cost_their_frame_only)
{
	for (unsigned kind = 0; kind < 9; kind++) {
		static struct netdev_function neighbour;

		begin(FEATURES_ALL, true);
		netdev_set_present(&net, 3);
		neighbour = net.function[1];
		put_bad(kind);
		send_chain(0);
		EXPECT_EQ(net.function[0].tx_errors, 1u);
		EXPECT_EQ(used_index(TX_USED), 1u);
		EXPECT_EQ(sent_count, 0u);
		put_table();
		send_chain(0);
		expect_frame(0);
		EXPECT_FALSE(net.active);
		EXPECT_MEMEQ(&neighbour, &net.function[1], sizeof(neighbour));
	}
}

TEST(netdev_chain, a_table_that_was_not_negotiated_is_bad)
{
	begin(FEATURES_ALL & ~(1u << NETDEV_F_INDIRECT), true);
	put_table();
	send_chain(0);
	EXPECT_EQ(net.function[0].tx_errors, 1u);
	EXPECT_EQ(sent_count, 0u);
}

/* --- event indices ------------------------------------------------------------------------------------------------------ */

static void send_plain(unsigned count)
{
	make_frame();
	put_descriptor(TX_DESC, 0, TX_DATA, NETDEV_HEADER_BYTES + FRAME, 0, 0);
	for (unsigned i = 0; i < count; i++)
		make_available(TX_AVAIL, 0);
	kick(NETDEV_TX);
}

TEST(netdev_event, interrupts_come_when_the_index_is_passed)
{
	begin(FEATURES_ALL, true);
	put16(TX_AVAIL, NETDEV_NO_INTERRUPT); /* which says nothing any more */
	put16(TX_AVAIL + USED_EVENT, 0);
	send_plain(1);
	EXPECT_EQ(messages_of[2], 1u);
	put16(TX_AVAIL + USED_EVENT, 5);
	send_plain(4); /* 1 to 4 */
	EXPECT_EQ(messages_of[2], 1u);
	send_plain(1); /* 5 */
	EXPECT_EQ(messages_of[2], 2u);
	send_plain(6); /* the driver has not asked again */
	EXPECT_EQ(messages_of[2], 2u);
	put16(TX_AVAIL + USED_EVENT, 15);
	send_plain(7); /* 12 to 18 */
	EXPECT_EQ(messages_of[2], 3u);
	EXPECT_EQ(sent_count, 19u);
}

/* Indices wrap at 65,536. */
TEST(netdev_event, indices_wrap)
{
	begin(FEATURES_ALL, true);
	put16(TX_AVAIL + USED_EVENT, 0xffff);
	for (unsigned i = 0; i < 65535; i += 5) {
		sent_count = 0;
		send_plain(5);
	}
	EXPECT_EQ(messages_of[2], 0u);
	sent_count = 0;
	send_plain(1);
	EXPECT_EQ(messages_of[2], 1u);
	put16(TX_AVAIL + USED_EVENT, 1);
	send_plain(1);
	EXPECT_EQ(messages_of[2], 1u);
	send_plain(1);
	EXPECT_EQ(messages_of[2], 2u);
	EXPECT_EQ(used_index(TX_USED), 2u);
}

TEST(netdev_event, a_kick_is_asked_for_when_nothing_is_left)
{
	begin(FEATURES_ALL, true);
	send_plain(3);
	EXPECT_EQ(netdev_le(memory + TX_USED + AVAIL_EVENT, 2), 3u);
	give_buffers(4);
	EXPECT_EQ(netdev_le(memory + RX_USED + AVAIL_EVENT, 2), 0u); /* buffers are left */
	for (unsigned i = 0; i < 4; i++) {
		uint8_t frame[100] = {2, 2, 3, 4, 5, 6};

		netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
		settle();
	}
	EXPECT_EQ(netdev_le(memory + RX_USED + AVAIL_EVENT, 2), 4u);
	EXPECT_FALSE(net.active);
}

static void add_unseen(uint64_t address)
{
	if (address != TX_USED + AVAIL_EVENT)
		return;
	before_write = NULL;
	make_available(TX_AVAIL, 0); /* the driver still sees the old avail_event and does not kick */
}

TEST(netdev_event, an_entry_that_crosses_the_request_is_found)
{
	begin(FEATURES_ALL, true);
	before_write = add_unseen;
	send_plain(2);
	EXPECT_TRUE(before_write == NULL);
	EXPECT_EQ(sent_count, 3u);
	EXPECT_EQ(netdev_le(memory + TX_USED + AVAIL_EVENT, 2), 3u);
}

/* What is used while the driver's wish is being read is not forgotten, and not mixed up with what was used before. */
TEST(netdev_event, entries_that_cross_the_question_are_asked_for)
{
	begin(FEATURES_ALL, true);
	put16(TX_AVAIL + USED_EVENT, 5);
	held_address = TX_AVAIL + USED_EVENT;
	send_plain(1);
	send_plain(5);
	EXPECT_EQ(used_index(TX_USED), 6u);
	EXPECT_EQ(messages_of[2], 0u);
	answer_held();
	EXPECT_EQ(messages_of[2], 1u);
	EXPECT_FALSE(net.active);
}

/* A driver that is not told would wait for ever. */
TEST(netdev_event, an_index_that_cannot_be_read_is_one_that_is_wanted)
{
	begin(FEATURES_ALL, true);
	put16(TX_AVAIL + USED_EVENT, 100);
	fate = POISONED;
	for (unsigned nth = 1; nth < 10; nth++) {
		poisoned_at = nth;
		send_plain(1);
	}
	EXPECT_EQ(messages_of[2], 0u); /* it is read again */
	EXPECT_GT(net.function[0].dma_errors, 4u);
	EXPECT_EQ(bar_read(0x14, 1), 15u);
}
