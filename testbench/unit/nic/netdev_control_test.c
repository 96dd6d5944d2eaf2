/* The control queue, the receive filter and the status of the link (VIRTIO 1.1 sections 5.1.4 and 5.1.6.5). */
#include "testbench/gtest/test.h"
#include "testbench/unit/nic/netdev_bench.h"

#include <string.h>

enum { ACK_AT = CONTROL_DATA + 0x4000, NO_ANSWER = 0xee };
enum { RX = 0, MAC = 1, PROMISC = 0, ALLMULTI, ALLUNI, NOMULTI, NOUNI, NOBCAST, TABLE_SET = 0, ADDR_SET = 1 };

static const uint8_t own[6] = {2, 2, 3, 4, 5, 6}, other[6] = {2, 9, 9, 9, 9, 9}, group[6] = {1, 0, 0x5e, 0, 0, 7}, group2[6] = {0x33, 0x33, 0, 0, 0, 1},
	everybody[6] = {255, 255, 255, 255, 255, 255};

/* A command of @p bytes bytes at CONTROL_DATA, cut after @p first. @return its answer */
static unsigned command(uint32_t bytes, uint32_t first)
{
	memory[ACK_AT] = NO_ANSWER;
	put_descriptor(CONTROL_DESC, 0, CONTROL_DATA, first, NETDEV_DESC_NEXT, 1);
	put_descriptor(CONTROL_DESC, 1, CONTROL_DATA + first, bytes - first, NETDEV_DESC_NEXT, 2);
	put_descriptor(CONTROL_DESC, 2, ACK_AT, 1, NETDEV_DESC_WRITE, 0);
	make_available(CONTROL_AVAIL, 0);
	kick(NETDEV_CONTROL);
	return memory[ACK_AT];
}

static unsigned mode(unsigned which, unsigned value)
{
	memory[CONTROL_DATA] = RX;
	memory[CONTROL_DATA + 1] = (uint8_t)which;
	memory[CONTROL_DATA + 2] = (uint8_t)value;
	return command(3, 2);
}

/* @return the bytes of a table of so many addresses, the first one given, the others made up. */
static uint32_t put_list(uint32_t at, unsigned count, const uint8_t first[6])
{
	netdev_put_le(memory + at, 4, count);
	for (unsigned i = 0; i < count; i++) {
		memcpy(memory + at + 4 + 6 * i, first, 6);
		memory[at + 9 + 6 * i] = (uint8_t)(first[5] + i);
	}
	return 4 + 6 * count;
}

static uint32_t put_table(unsigned unicast, unsigned multicast)
{
	uint32_t at = CONTROL_DATA + 2;

	memory[CONTROL_DATA] = MAC;
	memory[CONTROL_DATA + 1] = TABLE_SET;
	at += put_list(at, unicast, other);
	at += put_list(at, multicast, group);
	return at - CONTROL_DATA;
}

static bool comes(const uint8_t to[6])
{
	uint8_t frame[60] = {0};
	uint64_t before = net.function[0].fifo_tail;

	memcpy(frame, to, 6);
	netdev_deliver(&net, 0, frame, sizeof(frame), NULL);
	net.function[0].fifo_head = net.function[0].fifo_tail;
	return net.function[0].fifo_tail != before;
}

TEST(netdev_control, without_it_everything_comes)
{
	begin(FEATURES_PLAIN, true);
	EXPECT_TRUE(comes(own) && comes(other) && comes(group) && comes(everybody));
	EXPECT_EQ(mode(PROMISC, 1), (unsigned)NO_ANSWER);
}

TEST(netdev_control, modes_choose_what_comes)
{
	begin(FEATURES_ALL, true);
	EXPECT_TRUE(comes(own) && comes(everybody));
	EXPECT_FALSE(comes(other) || comes(group));
	EXPECT_EQ(mode(ALLMULTI, 1), 0u);
	EXPECT_TRUE(comes(group));
	EXPECT_FALSE(comes(other));
	EXPECT_EQ(mode(NOMULTI, 1), 0u);
	EXPECT_FALSE(comes(group));
	EXPECT_EQ(mode(ALLUNI, 1), 0u);
	EXPECT_TRUE(comes(other));
	EXPECT_EQ(mode(NOUNI, 1), 0u);
	EXPECT_EQ(mode(NOBCAST, 1), 0u);
	EXPECT_FALSE(comes(other) || comes(own) || comes(everybody));
	EXPECT_EQ(mode(PROMISC, 1), 0u);
	EXPECT_TRUE(comes(own) && comes(other) && comes(group) && comes(everybody));
	EXPECT_EQ(mode(PROMISC, 0), 0u);
	EXPECT_FALSE(comes(own));
	EXPECT_EQ(net.function[0].control_commands, 7u);
	EXPECT_EQ(net.function[0].control_errors, 0u);
	EXPECT_EQ(netdev_le(memory + CONTROL_USED + 2, 2), 7u);
	EXPECT_EQ(netdev_le(memory + CONTROL_USED + 8, 4), 1u); /* a byte was written */
	EXPECT_GT(messages_of[3], 0u);
	bar_write(0x14, 1, 0); /* a reset forgets */
	EXPECT_EQ(net.function[0].filter.no_unicast, false);
}

TEST(netdev_control, tables_choose_addresses)
{
	begin(FEATURES_ALL, true);
	EXPECT_EQ(command(put_table(1, 1), 2), 0u);
	EXPECT_TRUE(comes(own) && comes(other) && comes(group));
	EXPECT_FALSE(comes(group2));
	/* A new table replaces the old one, wherever the driver cuts it. */
	EXPECT_EQ(command(put_table(0, 2), 9), 0u);
	EXPECT_FALSE(comes(other));
	EXPECT_TRUE(comes(group));
	/* More than there is room for: all of that kind come. */
	EXPECT_EQ(command(put_table(2, NETDEV_FILTER + 9), 2), 0u);
	EXPECT_TRUE(comes(group2) && comes(other));
	EXPECT_FALSE(comes((const uint8_t[6]){2, 8, 8, 8, 8, 8}));
	EXPECT_EQ(command(put_table(NETDEV_FILTER, 0), 2), 0u);
	EXPECT_FALSE(comes(group2) || comes(group));
	EXPECT_TRUE(comes(other));
}

/* What makes no sense is answered so, and changes nothing. */
TEST(netdev_control, bad_commands_are_refused)
{
	static const struct {
		uint32_t bytes;
		uint8_t command[16];
	} bad[] = {
		{1, {RX}},
		{2, {RX, PROMISC}},
		{4, {RX, PROMISC, 1, 1}},
		{3, {RX, 6, 1}},
		{3, {2, 0, 1}},
		{3, {9, 0, 1}},
		{2, {MAC, TABLE_SET}},
		{5, {MAC, TABLE_SET, 0, 0, 0}},
		{6, {MAC, TABLE_SET, 0, 0, 0, 0}},                   /* no second list */
		{10, {MAC, TABLE_SET, 1, 0, 0, 0, 0, 0, 0, 0}},      /* an address is missing */
		{10, {MAC, TABLE_SET, 0xff, 0xff, 0xff, 0xff}},
		{10, {MAC, TABLE_SET, 0, 0, 0, 0, 1, 0, 0, 0}},
		{11, {MAC, TABLE_SET, 0, 0, 0, 0, 0, 0, 0, 0, 7}},   /* something behind it */
		{8, {MAC, ADDR_SET, 2, 8, 8, 8, 8, 8}},              /* the address is the NIC's to give */
	};

	begin(FEATURES_ALL, true);
	EXPECT_EQ(command(put_table(0, 1), 2), 0u);
	for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct netdev_filter before = net.function[0].filter;

		memcpy(memory + CONTROL_DATA, bad[i].command, sizeof(bad[i].command));
		EXPECT_EQ(command(bad[i].bytes, 1), 1u);
		EXPECT_MEMEQ(&before, &net.function[0].filter, sizeof(before));
	}
	EXPECT_EQ(command(NETDEV_CONTROL_BYTES + 1, 2), 1u);
	EXPECT_EQ(command(100000, 50000), 1u);
	EXPECT_EQ(net.function[0].control_errors, 2 + sizeof(bad) / sizeof(bad[0]));
	EXPECT_TRUE(comes(group));
	EXPECT_EQ(command(put_table(0, 300), 2), 0u); /* nearly as long as one may be */
}

/* Rings without room for the answer, or that lead nowhere: given back, counted, and the next command is carried out. */
TEST(netdev_control, bad_chains_are_given_back)
{
	for (unsigned kind = 0; kind < 4; kind++) {
		begin(FEATURES_ALL, true);
		memory[CONTROL_DATA + 2] = 1;
		put_descriptor(CONTROL_DESC, 0, CONTROL_DATA, 3, NETDEV_DESC_NEXT, 1);
		put_descriptor(CONTROL_DESC, 1, ACK_AT, 1, NETDEV_DESC_WRITE, 0);
		if (kind == 0)
			put_descriptor(CONTROL_DESC, 0, CONTROL_DATA, 3, 0, 0); /* no answer */
		else if (kind == 1)
			put_descriptor(CONTROL_DESC, 1, ACK_AT, 0, NETDEV_DESC_WRITE | NETDEV_DESC_NEXT, 0); /* a loop without one */
		else if (kind == 2)
			put_descriptor(CONTROL_DESC, 0, MEMORY_BYTES, 3, NETDEV_DESC_NEXT, 1);
		else
			put_descriptor(CONTROL_DESC, 0, CONTROL_DATA, 3, NETDEV_DESC_NEXT, SIZE);
		make_available(CONTROL_AVAIL, 0);
		kick(NETDEV_CONTROL);
		EXPECT_EQ(net.function[0].control_errors, 1u);
		EXPECT_FALSE(net.function[0].filter.promiscuous);
		EXPECT_EQ(netdev_le(memory + CONTROL_USED + 2, 2), 1u);
		EXPECT_EQ(netdev_le(memory + CONTROL_USED + 8, 4), 0u);
		EXPECT_FALSE(net.active);
		EXPECT_EQ(mode(PROMISC, 1), 0u);
		EXPECT_TRUE(net.function[0].filter.promiscuous);
	}
}

TEST(netdev_control, features_need_each_other)
{
	static const uint32_t alone[] = {1 << NETDEV_F_CTRL_RX, 1 << NETDEV_F_CTRL_RX_EXTRA, 1 << NETDEV_F_HOST_TSO4};

	for (unsigned i = 0; i < sizeof(alone) / sizeof(alone[0]); i++) {
		begin(FEATURES_ALL, true);
		bar_write(0x14, 1, 0);
		bar_write(0x14, 1, 3);
		bar_write(0x08, 4, 0);
		bar_write(0x0c, 4, alone[i]);
		bar_write(0x08, 4, 1);
		bar_write(0x0c, 4, 1);
		bar_write(0x14, 1, 11);
		EXPECT_EQ(bar_read(0x14, 1), 3u);
	}
}

/* --- the link ----------------------------------------------------------------------------------------------------------- */

static void set_link(bool up)
{
	netdev_set_link(&net, up);
	settle();
}

TEST(netdev_link, drivers_are_told_of_changes)
{
	uint8_t generation;

	begin(FEATURES_ALL, true);
	bar_write(0x10, 2, 0);
	EXPECT_EQ(bar_read(0x2006, 2), 1u);
	generation = (uint8_t)bar_read(0x15, 1);
	set_link(true);
	EXPECT_EQ(messages_of[0], 0u);
	set_link(false);
	EXPECT_EQ(messages_of[0], 1u);
	EXPECT_EQ(bar_read(0x2006, 2), 0u);
	EXPECT_NE(bar_read(0x15, 1), generation);
	set_link(true);
	EXPECT_EQ(messages_of[0], 2u);
	EXPECT_EQ(bar_read(0x2006, 2), 1u);
}

TEST(netdev_link, by_the_line_without_msix)
{
	begin(FEATURES_ALL, false);
	set_link(false);
	EXPECT_EQ(asserts, 1u);
	EXPECT_EQ(bar_read(0x1000, 1), 2u);
	EXPECT_EQ(deasserts, 1u);
}

/* Who has not asked, or is not ready, is not interrupted; who comes later reads how it is. */
TEST(netdev_link, nobody_else_is_told)
{
	begin(FEATURES_PLAIN, true);
	bar_write(0x10, 2, 0);
	set_link(false);
	EXPECT_EQ(messages, 0u);
	EXPECT_FALSE(net.active);
	begin(FEATURES_ALL, true);
	bar_write(0x10, 2, 0);
	bar_write(0x14, 1, 0);
	set_link(false);
	EXPECT_EQ(messages, 0u);
	EXPECT_EQ(bar_read(0x2006, 2), 0u);
	EXPECT_FALSE(net.active);
}
