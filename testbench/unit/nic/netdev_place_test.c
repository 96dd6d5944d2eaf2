/* A function's driver and the placement unit: its registers become those of its own flow, its CRC jobs read its own memory, its frames say what was placed. */
#include "models/nic/netdev.h"
#include "port_regs.h"
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"

#include <string.h>

static struct netdev_state net;

static void begin(void)
{
	netdev_reset(&net);
	netdev_set_present(&net, 0xffff);
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++)
		net.function[f].command = NETDEV_COMMAND_MASTER;
	while (netdev_place_front(&net))
		netdev_place_pop(&net);
}

static uint64_t next_write(unsigned offset)
{
	const struct netdev_place_write *write = netdev_place_front(&net);
	uint64_t data;

	if (!write) {
		test_fail(__FILE__, __LINE__, "nothing is written");
		return 0;
	}
	EXPECT_EQ(write->address, offset + 0x80 - PORT_FLOW_OFFSET);
	data = write->data;
	netdev_place_pop(&net);
	return data;
}

static void driver_writes(unsigned f, enum netdev_place_register number, uint32_t value)
{
	netdev_bar_write(&net, f, NETDEV_BAR_PLACE + 4u * number, 4, value);
}

TEST(netdev_place, a_driver_has_its_own_flow)
{
	uint64_t operation;

	begin();
	EXPECT_EQ(netdev_bar_read(&net, 5, NETDEV_BAR_PLACE, 4), 0x0001504cu);
	driver_writes(5, NETDEV_PLACE_REMOTE, 0x0a00000b);
	driver_writes(5, NETDEV_PLACE_OWN, 0x0a000033);
	driver_writes(5, NETDEV_PLACE_PORTS, 4420 | 50000u << 16);
	driver_writes(5, NETDEV_PLACE_SEQ, 0xdeadbeef);
	EXPECT_TRUE(netdev_place_front(&net) == NULL);
	driver_writes(5, NETDEV_PLACE_OP, 0xffffff00 | PORT_PLACE_OPEN); /* what else it writes has no effect */
	EXPECT_EQ(next_write(PORT_PLACE_TUPLE), 0x0a0000330a00000bull);
	EXPECT_EQ(next_write(PORT_PLACE_PORTS), 4420 | 50000ull << 16);
	operation = next_write(PORT_PLACE_FLOW);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_FLOW_SEQ, operation), 0xdeadbeefu);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_FLOW_FLOW, operation), 16u + 5);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_FLOW_OWNER, operation), 6u);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_FLOW_OP, operation), (uint64_t)PORT_PLACE_OPEN);
	driver_writes(5, NETDEV_PLACE_ADDRESS, 0x80001000);
	driver_writes(5, NETDEV_PLACE_ADDRESS_HIGH, 0x12);
	driver_writes(5, NETDEV_PLACE_LENGTH, 131072);
	driver_writes(5, NETDEV_PLACE_ENTRY, 0xffff1234); /* the flow cannot be chosen */
	EXPECT_EQ(next_write(PORT_PLACE_ADDRESS), 0x1280001000ull);
	operation = next_write(PORT_PLACE_ENTRY);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_ENTRY_CCCID, operation), 0x1234u);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_ENTRY_FLOW, operation), 16u + 5);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_ENTRY_LENGTH, operation), 131072u);
	EXPECT_EQ(FIELD_GET(PORT_PLACE_ENTRY_VALID, operation), 1u);
	EXPECT_TRUE(netdev_place_front(&net) == NULL);
}

TEST(netdev_place, a_reset_closes_the_flow)
{
	begin();
	driver_writes(2, NETDEV_PLACE_REMOTE, 1);
	netdev_reset_function(&net, 2);
	next_write(PORT_PLACE_TUPLE);
	next_write(PORT_PLACE_PORTS);
	EXPECT_EQ(next_write(PORT_PLACE_FLOW), FIELD_PREP(PORT_PLACE_FLOW_FLOW, 18) | FIELD_PREP(PORT_PLACE_FLOW_OWNER, 3));
	EXPECT_EQ(netdev_bar_read(&net, 2, NETDEV_BAR_PLACE + 4 * NETDEV_PLACE_REMOTE, 4), 0u);
}

/* A driver that writes faster than the unit takes loses its own; resets of everybody still find room. */
TEST(netdev_place, a_flood_of_writes)
{
	begin();
	for (unsigned i = 0; i < 1000; i++)
		driver_writes(1, NETDEV_PLACE_ENTRY, i);
	EXPECT_GT(net.function[1].place_lost, 100u);
	EXPECT_LE(net.place_count, (uint32_t)NETDEV_PLACE_WRITES);
	for (unsigned f = 0; f < NETDEV_FUNCTIONS; f++)
		netdev_reset_function(&net, f);
	EXPECT_LE(net.place_count, (uint32_t)NETDEV_PLACE_WRITES);
	for (unsigned i = 0, closed = 0; netdev_place_front(&net); i++) {
		closed += netdev_place_front(&net)->address == PORT_PLACE_FLOW + 0x80 - PORT_FLOW_OFFSET;
		netdev_place_pop(&net);
		if (!netdev_place_front(&net))
			EXPECT_EQ(closed, (unsigned)NETDEV_FUNCTIONS);
	}
}

TEST(netdev_place, a_job_reads_as_the_function_does)
{
	uint8_t bytes[16];
	uint64_t address;
	uint32_t length;
	unsigned f;

	begin();
	driver_writes(7, NETDEV_PLACE_CRC_ADDRESS, 0x1000);
	driver_writes(7, NETDEV_PLACE_CRC_RESULT, 0x2000);
	driver_writes(7, NETDEV_PLACE_CRC_LENGTH, 16);
	driver_writes(7, NETDEV_PLACE_CRC_LENGTH, 99); /* one at a time */
	ASSERT_TRUE(netdev_job(&net, &f, &address, &length));
	EXPECT_FALSE(netdev_job(&net, &f, &address, &length));
	EXPECT_EQ(f, 7u);
	EXPECT_EQ(address, 0x1000u);
	EXPECT_EQ(netdev_job_bytes(&net, 7, 0x1000, bytes, 16), 0);
	ASSERT_TRUE(netdev_front(&net) != NULL);
	EXPECT_EQ(tlp_requester(netdev_front(&net)), NETDEV_FIRST_RID + 7u);
	EXPECT_EQ(tlp_address(netdev_front(&net)), 0x1000u);
	netdev_pop(&net);
	netdev_reset_function(&net, 7);
	EXPECT_EQ(netdev_job_bytes(&net, 7, 0x1000, bytes, 16), -1); /* its driver is gone */
	netdev_job_done(&net, 7, 1, true);
	EXPECT_TRUE(netdev_front(&net) == NULL);
	/* A function that may not be master reads nothing. */
	net.function[3].command = 0;
	driver_writes(3, NETDEV_PLACE_CRC_LENGTH, 16);
	EXPECT_EQ(netdev_job_bytes(&net, 3, 0x1000, bytes, 16), -1);
}

TEST(netdev_place, a_job_tells_its_end)
{
	begin();
	driver_writes(4, NETDEV_PLACE_CRC_RESULT, 0x2000);
	driver_writes(4, NETDEV_PLACE_CRC_RESULT_HIGH, 1);
	driver_writes(4, NETDEV_PLACE_CRC_LENGTH, 0);
	netdev_job_done(&net, 4, 0xe3069283, false);
	ASSERT_TRUE(netdev_front(&net) != NULL);
	EXPECT_EQ(tlp_address(netdev_front(&net)), 0x100002000ull);
	EXPECT_EQ(netdev_le(tlp_payload_const(netdev_front(&net)), 8), 0x1e3069283ull);
	netdev_pop(&net);
	netdev_job_done(&net, 4, 5, false); /* once */
	EXPECT_TRUE(netdev_front(&net) == NULL);
}
