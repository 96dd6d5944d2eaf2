#include "models/board/link.h"
#include "models/board/memory_port.h"
#include "models/board/pcie_host.h"
#include "models/board/tlp_stream.h"
#include "testbench/gtest/test.h"

TEST(tlp, byte_enables_follow_address_and_length)
{
	struct tlp tlp;
	tlp_make_memory(&tlp, TLP_MRD, 0x10, 3, 0x1003, 2);
	EXPECT_EQ(tlp_length_dw(&tlp), 2u);
	EXPECT_EQ(tlp_byte_enables(&tlp), 0x18u);
	EXPECT_EQ(tlp_address(&tlp), 0x1000u);
	tlp_make_memory(&tlp, TLP_MWR, 0x10, 3, 0x1001, 1);
	EXPECT_EQ(tlp_length_dw(&tlp), 1u);
	EXPECT_EQ(tlp_byte_enables(&tlp), 0x02u);
	tlp_make_memory(&tlp, TLP_MWR, 0x10, 3, 0x123400000000ull, 256);
	EXPECT_EQ(tlp_byte_enables(&tlp), 0xffu);
	EXPECT_EQ(tlp.beats, 34u);
	EXPECT_EQ(tlp_address(&tlp), 0x123400000000ull);
}

TEST(tlp, a_completion_carries_what_the_requester_needs)
{
	struct tlp tlp;
	tlp_make_completion(&tlp, 0x8, 0x10, 0x77, TLP_UR, 4096, 0x7c, 0);
	EXPECT_TRUE(tlp_is_completion(&tlp));
	EXPECT_FALSE(tlp_has_data(&tlp));
	EXPECT_EQ(tlp_requester(&tlp), 0x10u);
	EXPECT_EQ(tlp_tag(&tlp), 0x77u);
	EXPECT_EQ(tlp_status(&tlp), TLP_UR);
	EXPECT_EQ(tlp_byte_count(&tlp), 4096u);
	EXPECT_EQ(tlp_lower_address(&tlp), 0x7cu);
}

TEST(tlp_stream, what_a_feeder_shows_a_collector_gathers)
{
	struct tlp tlp;
	struct tlp_feeder feeder = {0};
	struct tlp_collector collector = {0};
	tlp_make_memory(&tlp, TLP_MWR, 8, 0, 0x2000, 40);
	for (uint32_t i = TLP_HEADER_BEATS; i < tlp.beats; i++)
		tlp.beat[i] = i * 0x0101010101010101ull;
	tlp_feeder_load(&feeder, &tlp);
	bool whole = false;
	for (int cycle = 0; cycle < 20 && !whole; cycle++) {
		bool transfer = cycle % 3 != 1;
		if (transfer)
			whole = tlp_collector_step(&collector, feeder.next == 0, feeder.next + 1 == feeder.tlp.beats, feeder.tlp.beat[feeder.next]);
		EXPECT_EQ(tlp_feeder_step(&feeder, transfer), whole);
	}
	ASSERT_TRUE(whole);
	EXPECT_FALSE(feeder.busy);
	EXPECT_EQ(collector.tlp.beats, tlp.beats);
	EXPECT_MEMEQ(collector.tlp.beat, tlp.beat, tlp.beats * 8);
}

TEST(tlp_stream, a_packet_without_start_and_one_without_end_are_dropped)
{
	struct tlp_collector collector = {0};
	EXPECT_FALSE(tlp_collector_step(&collector, false, true, 1));
	EXPECT_EQ(collector.malformed, 1u);
	for (int i = 0; i < TLP_MAX_BEATS + 1; i++)
		EXPECT_FALSE(tlp_collector_step(&collector, i == 0, false, 0));
	EXPECT_EQ(collector.malformed, 2u);
	EXPECT_EQ(collector.tlp.beats, 0u);
}

TEST(pcie_host, a_byte_of_configuration_space_is_selected_by_enables)
{
	struct pcie_host host;
	uint64_t value = 0;
	unsigned hart;
	pcie_host_reset(&host);
	EXPECT_EQ(pcie_host_config(&host, 2, 0x8 << 12 | 0x42, 2, false, &value), PCIE_HOST_PENDING);
	const struct tlp *request = pcie_host_front(&host);
	ASSERT_TRUE(request != NULL);
	EXPECT_EQ(tlp_type(request), TLP_CFGRD0);
	EXPECT_EQ(tlp_byte_enables(request), 0xcu);
	EXPECT_EQ(tlp_dw(request, 2), 0x8u << 16 | 0x40);
	struct tlp answer;
	tlp_make_completion(&answer, 0x8, PCIE_HOST_REQUESTER, tlp_tag(request), TLP_SC, 4, 0, 1);
	answer.beat[2] = 0x12345678;
	ASSERT_TRUE(pcie_host_complete(&host, &answer, &hart, &value));
	EXPECT_EQ(hart, 2u);
	EXPECT_EQ(value, 0x1234u);
}

TEST(pcie_host, a_function_that_is_not_there_reads_as_ones)
{
	struct pcie_host host;
	uint64_t value = 0;
	unsigned hart;
	struct tlp answer;
	pcie_host_reset(&host);
	EXPECT_EQ(pcie_host_config(&host, 0, 0x20 << 12, 4, false, &value), PCIE_HOST_PENDING);
	tlp_make_completion(&answer, 0, PCIE_HOST_REQUESTER, 0, TLP_UR, 4, 0, 0);
	ASSERT_TRUE(pcie_host_complete(&host, &answer, &hart, &value));
	EXPECT_EQ(value, 0xffffffffu);
	EXPECT_EQ(host.unsuccessful, 1u);
	EXPECT_EQ(pcie_host_config(&host, 0, 1ull << 20, 4, false, &value), PCIE_HOST_DONE);
	EXPECT_EQ(value, 0xffffffffu);
}

TEST(pcie_host, a_hart_has_one_read_and_the_queue_a_limit)
{
	struct pcie_host host;
	uint64_t value = 7;
	pcie_host_reset(&host);
	EXPECT_EQ(pcie_host_memory(&host, 1, 0x40000000, 8, false, &value), PCIE_HOST_PENDING);
	EXPECT_EQ(pcie_host_memory(&host, 1, 0x40000008, 8, false, &value), PCIE_HOST_BUSY);
	for (int i = 1; i < PCIE_HOST_QUEUE; i++)
		EXPECT_EQ(pcie_host_memory(&host, 0, 0x40000000, 4, true, &value), PCIE_HOST_DONE);
	EXPECT_EQ(pcie_host_memory(&host, 0, 0x40000000, 4, true, &value), PCIE_HOST_BUSY);
}

TEST(pcie_host, a_completion_that_nobody_waits_for_is_counted)
{
	struct pcie_host host;
	struct tlp answer;
	uint64_t value;
	unsigned hart;
	pcie_host_reset(&host);
	tlp_make_completion(&answer, 0, PCIE_HOST_REQUESTER, 5, TLP_SC, 4, 0, 1);
	EXPECT_FALSE(pcie_host_complete(&host, &answer, &hart, &value));
	EXPECT_EQ(host.unexpected, 1u);
}

TEST(link, messages_arrive_at_their_cycle_in_order)
{
	static struct link_inbox inbox;
	struct tlp tlp;
	tlp_make_memory(&tlp, TLP_MRD, 0, 1, 0x1000, 4);
	EXPECT_EQ(link_inbox_next(&inbox), UINT64_MAX);
	EXPECT_TRUE(link_inbox_put(&inbox, &tlp, 100));
	tlp_make_memory(&tlp, TLP_MRD, 0, 2, 0x1000, 4);
	EXPECT_TRUE(link_inbox_put(&inbox, &tlp, 100));
	EXPECT_TRUE(link_inbox_front(&inbox, 99) == NULL);
	ASSERT_TRUE(link_inbox_front(&inbox, 100) != NULL);
	EXPECT_EQ(tlp_tag(&link_inbox_front(&inbox, 100)->tlp), 1u);
	link_inbox_pop(&inbox);
	EXPECT_EQ(tlp_tag(&link_inbox_front(&inbox, 100)->tlp), 2u);
	link_inbox_pop(&inbox);
	for (int i = 0; i < LINK_QUEUE; i++)
		EXPECT_TRUE(link_inbox_put(&inbox, &tlp, 200));
	EXPECT_FALSE(link_inbox_put(&inbox, &tlp, 200));
}

TEST(memory_port, strobes_select_bytes)
{
	for (unsigned strobes = 0; strobes < 256; strobes++) {
		uint64_t expected = 0;
		for (unsigned byte = 0; byte < 8; byte++)
			expected |= (strobes >> byte & 1 ? 0xeeull : 0x11ull) << byte * 8;
		EXPECT_EQ(memory_merge(0x1111111111111111ull, 0xeeeeeeeeeeeeeeeeull, strobes), expected);
	}
}
