/* Held writes: README, "Held writes". Two functions of one VM, four guest pages of which some are read-only. */
#include "testbench/gtest/test.h"
#include "testbench/unit/bau/rig.h"

#include <string.h>

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
enum { FULL = PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D, READ_ONLY = PTE_V | PTE_R | PTE_U | PTE_A };
enum { HELD_RID = RIG_RID, OTHER_RID = RIG_RID + 1, RING = 0x20000, EVENTS = 0x5000, LEAVES = RIG_ROOT + 0x5000 };

static struct rig rig;

static void set_page(unsigned page, unsigned bits)
{
	rig_store(&rig, rig_at(LEAVES) + page * 8, rig_at(RIG_DATA + page * 0x1000u) >> 12 << 10 | bits);
}

static uint64_t gpa(unsigned page, unsigned offset)
{
	return 0x80000000ull + page * 0x1000u + offset;
}

static uint64_t data_at(unsigned page, unsigned offset)
{
	return rig_load(&rig, rig_at(RIG_DATA + page * 0x1000u + offset));
}

/** Page 0 is read-only, pages 1 to 3 are not; HELD_RID has a hold ring of 2 to the power @p log2 places. */
static void start(unsigned log2)
{
	rig_reset(&rig, 40);
	rig_configure(&rig);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_BASE, rig_at(EVENTS));
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_SIZE, 1);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_CONTROL, BAU_CONTROL_ENABLE_MASK | BAU_CONTROL_COMMAND_ENABLE_MASK |
		BAU_CONTROL_FAULT_ENABLE_MASK | BAU_CONTROL_EVENT_ENABLE_MASK | BAU_CONTROL_EVENT_IRQ_MASK);
	rig_store(&rig, rig_at(RIG_ROOT) + 2 * 8, rig_at(RIG_ROOT + 0x4000) >> 12 << 10 | PTE_V);
	rig_store(&rig, rig_at(RIG_ROOT + 0x4000), rig_at(LEAVES) >> 12 << 10 | PTE_V);
	for (unsigned page = 0; page < 4; page++)
		set_page(page, page == 0 ? READ_ONLY : FULL);
	for (unsigned rid = HELD_RID; rid <= OTHER_RID; rid++) {
		uint64_t entry = rig_at(RIG_DEVICE_TABLE) + rid * BAU_DTE_BYTES;
		rig_set_device(&rig, (uint16_t)rid, BAU_IOMMU_SV39X4);
		rig_store(&rig, entry, rig_load(&rig, entry) | BAU_DTE_HOLD_MASK);
		rig_store(&rig, entry + 40, rig_at(RING + (rid - HELD_RID) * 0x8000) | log2);
	}
	rig_schedule(&rig, true, true);
}

static void write_word(uint16_t rid, unsigned page, unsigned offset, uint64_t value)
{
	rig_send_write(&rig, rid, gpa(page, offset), &value, sizeof value);
}

static void resume(uint64_t flags)
{
	rig_command(&rig, BAU_COMMAND_RESUME | FIELD_PREP(BAU_COMMAND_RID, HELD_RID) | flags, 0);
	EXPECT_TRUE(rig_settle(&rig, 20000));
}

static uint64_t held(void)
{
	return rig_read(&rig, BAU_PARTITION_PAGE + BAU_HELD);
}

static unsigned faults(void)
{
	return rig_events(&rig, BAU_EVENT_FAULT);
}

/** Checks that page event number @p index says that HELD_RID waits for @p address. */
static void expect_event(unsigned index, uint64_t address)
{
	uint64_t at = rig_at(EVENTS) + (index & 1) * BAU_PAGE_EVENT_BYTES;
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_EVENT_TAIL), (index + 1) & 1);
	EXPECT_EQ(rig_load(&rig, at), FIELD_PREP(BAU_PAGE_EVENT_RID, HELD_RID) | FIELD_PREP(BAU_PAGE_EVENT_GSCID, RIG_VMID));
	EXPECT_EQ(rig_load(&rig, at + 8), address);
}

TEST(bau_hold, write_to_a_read_only_page_waits_and_goes_on)
{
	start(3);
	write_word(HELD_RID, 0, 0x128, 0x1122334455667788);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(data_at(0, 0x128), 0);
	EXPECT_EQ(faults(), 0);
	EXPECT_EQ(held(), 1ull << HELD_RID);
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_STATUS), BAU_STATUS_EVENT_MASK);
	EXPECT_EQ(rig.out.irq, 1);
	expect_event(0, gpa(0, 0x128));
	set_page(0, FULL);
	resume(0);
	EXPECT_EQ(data_at(0, 0x128), 0x1122334455667788);
	EXPECT_EQ(held(), 0);
	EXPECT_EQ(faults(), 0);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_HELD), 1);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_REPLAYED), 1);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_PAGE_EVENT), 1);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_DMA_WRITE), 1);
	write_word(HELD_RID, 0, 0x128, 7); /* nothing of the hold is left */
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(data_at(0, 0x128), 7);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_HELD), 1);
}

TEST(bau_hold, every_alignment_length_and_enable_comes_through)
{
	uint8_t bytes[256];
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)(i * 7 + 1);
	for (unsigned offset = 0; offset < 16; offset += 4) {
		for (unsigned length = 4; length <= 256; length += length < 24 ? 4 : 116) {
			start(3);
			rig_send_write(&rig, HELD_RID, gpa(0, offset), bytes, length);
			ASSERT_TRUE(rig_settle(&rig, 2000));
			set_page(0, FULL);
			resume(0);
			EXPECT_MEMEQ(&rig.ram[RIG_DATA + offset], bytes, length);
			EXPECT_EQ(data_at(0, (offset + length + 7) & ~7u), 0);
		}
	}
	start(3);
	uint64_t value = 0xaabbccddeeff0011;
	rig_send_tlp(&rig, 0x60000002, HELD_RID << 16 | 0x18, gpa(0, 0), &value, 1); /* last byte of the first DW, first of the second: LE */
	ASSERT_TRUE(rig_settle(&rig, 2000));
	set_page(0, FULL);
	resume(0);
	EXPECT_EQ(data_at(0, 0), 0xee000000 | 0xddull << 32);
}

TEST(bau_hold, a_truncated_write_does_not_write_what_it_lacks)
{
	start(3);
	uint64_t beats[2] = {1, 2};
	rig_send_tlp(&rig, 0x60000008, HELD_RID << 16 | 0xff, gpa(0, 0), beats, 2);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_TLP);
	set_page(0, FULL);
	for (unsigned i = 0; i < 4; i++)
		rig_store(&rig, rig_at(RIG_DATA + 8 * i), 0x5555);
	resume(0);
	EXPECT_EQ(data_at(0, 0), 1);
	EXPECT_EQ(data_at(0, 8), 2);
	EXPECT_EQ(data_at(0, 16), 0x5555);
	EXPECT_EQ(data_at(0, 24), 0x5555);
}

TEST(bau_hold, order_of_a_function_is_kept)
{
	start(3);
	write_word(HELD_RID, 0, 0, 1);
	write_word(HELD_RID, 1, 0, 2);
	rig_send_read(&rig, HELD_RID, 5, gpa(1, 0), 8);
	rig_send_message(&rig, HELD_RID, 0, RIG_TARGET, 3);
	write_word(HELD_RID, 1, 0, 3);
	ASSERT_TRUE(rig_settle(&rig, 4000));
	EXPECT_EQ(data_at(1, 0), 0);
	EXPECT_EQ(rig.tlps, 0);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_SIGVEC)), 0);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_HELD), 5);
	set_page(0, FULL);
	resume(0);
	EXPECT_EQ(data_at(0, 0), 1);
	EXPECT_EQ(data_at(1, 0), 3);
	ASSERT_EQ(rig.tlps, 1);
	EXPECT_EQ(rig.tlp[0].beat[2], 2);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_SIGVEC)), 8);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_ACCEPTED), 1);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_REPLAYED), 5);
}

TEST(bau_hold, other_functions_go_on)
{
	start(3);
	write_word(HELD_RID, 0, 0, 1);
	write_word(OTHER_RID, 1, 0, 9);
	rig_send_read(&rig, OTHER_RID, 5, gpa(0, 0), 8);
	rig_send_message(&rig, OTHER_RID, 0, RIG_TARGET, 3);
	ASSERT_TRUE(rig_settle(&rig, 4000));
	EXPECT_EQ(data_at(1, 0), 9);
	EXPECT_EQ(rig.tlps, 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_ACCEPTED), 1);
	EXPECT_EQ(held(), 1ull << HELD_RID);
}

TEST(bau_hold, both_functions_hold_and_are_resumed_together)
{
	start(3);
	write_word(HELD_RID, 0, 0, 1);
	write_word(OTHER_RID, 0, 8, 2);
	write_word(OTHER_RID, 0, 0, 3); /* another function's order does not matter, its own does */
	ASSERT_TRUE(rig_settle(&rig, 4000));
	EXPECT_EQ(held(), 3ull << HELD_RID);
	set_page(0, FULL);
	resume(BAU_COMMAND_ALL_MASK);
	EXPECT_EQ(held(), 0);
	EXPECT_EQ(data_at(0, 8), 2);
	EXPECT_TRUE(data_at(0, 0) == 1 || data_at(0, 0) == 3);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_REPLAYED), 3);
}

TEST(bau_hold, resume_of_a_page_that_is_still_read_only_is_a_new_event)
{
	start(3);
	write_word(HELD_RID, 0, 0x40, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	expect_event(0, gpa(0, 0x40));
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_HEAD, 1);
	resume(0);
	expect_event(1, gpa(0, 0x40));
	EXPECT_EQ(held(), 1ull << HELD_RID);
	EXPECT_EQ(data_at(0, 0x40), 0);
}

TEST(bau_hold, denied_write_is_refused_and_the_rest_goes_on)
{
	start(3);
	write_word(HELD_RID, 0, 0, 1);
	write_word(HELD_RID, 1, 0, 2);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	resume(BAU_COMMAND_DENY_MASK);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_WRITE_DENIED);
	EXPECT_EQ(faults(), 1);
	EXPECT_EQ(data_at(0, 0), 0);
	EXPECT_EQ(data_at(1, 0), 2);
	EXPECT_EQ(held(), 0);
	write_word(HELD_RID, 0, 0, 1); /* the next one is held again */
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(held(), 1ull << HELD_RID);
	EXPECT_EQ(faults(), 1);
}

TEST(bau_hold, what_is_dropped_never_comes)
{
	static const uint64_t commands[] = {BAU_COMMAND_RESUME | BAU_COMMAND_DROP_MASK, BAU_COMMAND_INVALIDATE_DTE};
	for (unsigned i = 0; i < 2; i++) {
		start(3);
		write_word(HELD_RID, 0, 0, 1);
		rig_send_read(&rig, HELD_RID, 5, gpa(1, 0), 8);
		write_word(HELD_RID, 1, 0, 2);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		rig_command(&rig, commands[i] | FIELD_PREP(BAU_COMMAND_RID, OTHER_RID), 0);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		EXPECT_EQ(held(), 1ull << HELD_RID);
		rig_command(&rig, commands[i] | FIELD_PREP(BAU_COMMAND_RID, HELD_RID), 0);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		EXPECT_EQ(held(), 0);
		set_page(0, FULL);
		resume(0);
		write_word(HELD_RID, 2, 0, 3);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		EXPECT_EQ(data_at(0, 0), 0);
		EXPECT_EQ(data_at(1, 0), 0);
		EXPECT_EQ(data_at(2, 0), 3);
		EXPECT_EQ(rig.tlps, 0);
		EXPECT_EQ(rig_read(&rig, BAU_COUNT_REPLAYED), 0);
	}
}

/* Also while the replay waits for writes that are on their way into the ring. Afterwards the function is as good as new. */
TEST(bau_hold, a_drop_at_any_moment)
{
	static const uint64_t drops[] = {BAU_COMMAND_RESUME | BAU_COMMAND_DROP_MASK, BAU_COMMAND_INVALIDATE_DTE};
	uint8_t bytes[256] = {1};
	for (unsigned delay = 0; delay < 320; delay++) {
		start(3);
		rig.latency_cycles = delay & 1 ? 1 : 8;
		for (unsigned i = 0; i < 3; i++)
			rig_send_write(&rig, HELD_RID, gpa(0, i * 256), bytes, sizeof bytes);
		for (unsigned i = 0; i < delay / 2; i++)
			rig_cycle(&rig);
		rig_command(&rig, BAU_COMMAND_RESUME | FIELD_PREP(BAU_COMMAND_RID, HELD_RID), 0);
		rig_command(&rig, drops[delay / 2 & 1] | FIELD_PREP(BAU_COMMAND_RID, HELD_RID), 0);
		ASSERT_TRUE(rig_settle(&rig, 3000));
		set_page(0, FULL);
		resume(0);
		write_word(HELD_RID, 0, 0x800, delay + 1);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		EXPECT_EQ(data_at(0, 0x800), delay + 1);
		EXPECT_EQ(held(), 0);
	}
}

TEST(bau_hold, a_fence_does_not_wait_for_what_is_held)
{
	start(3);
	write_word(HELD_RID, 0, 0, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	rig_command(&rig, BAU_COMMAND_FENCE, rig_at(RIG_DATA + 0x8000));
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA + 0x8000)), 1);
	EXPECT_EQ(held(), 1ull << HELD_RID);
}

TEST(bau_hold, full_ring_stops_the_link_until_a_resume)
{
	start(1);
	for (unsigned i = 0; i < 6; i++)
		write_word(HELD_RID, i == 0 ? 0 : 1, 8 * i, 10 + i);
	write_word(OTHER_RID, 2, 0, 1);
	for (unsigned i = 0; i < 3000; i++)
		rig_cycle(&rig);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_HELD), 2);
	EXPECT_EQ(data_at(2, 0), 0);
	set_page(0, FULL);
	resume(0);
	EXPECT_EQ(data_at(0, 0), 10);
	for (unsigned i = 1; i < 6; i++)
		EXPECT_EQ(data_at(1, 8 * i), 10 + i);
	EXPECT_EQ(data_at(2, 0), 1);
	EXPECT_EQ(held(), 0);
	EXPECT_EQ(faults(), 0);
}

TEST(bau_hold, full_ring_refuses_where_the_link_may_not_wait)
{
	start(1);
	rig_write(&rig, BAU_PT_CONTROL, BAU_PT_CONTROL_VALID_MASK | BAU_PT_CONTROL_HARTS_MASK);
	for (unsigned i = 0; i < 4; i++)
		write_word(HELD_RID, i == 0 ? 0 : 1, 8 * i, 10 + i);
	write_word(OTHER_RID, 2, 0, 1);
	ASSERT_TRUE(rig_settle(&rig, 3000));
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_HELD), 2);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_HOLD_FULL);
	EXPECT_EQ(faults(), 2);
	EXPECT_EQ(data_at(2, 0), 1);
	set_page(0, FULL);
	resume(0);
	EXPECT_EQ(data_at(0, 0), 10);
	EXPECT_EQ(data_at(1, 8), 11);
	EXPECT_EQ(data_at(1, 16), 0);
	EXPECT_EQ(held(), 0);
}

TEST(bau_hold, page_events_wait_for_room)
{
	start(3);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_HEAD, 1); /* a queue of two is full with one record: 0 + 1 = HEAD */
	write_word(HELD_RID, 0, 0x18, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_EVENT_TAIL), 0);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_HEAD, 0);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	expect_event(0, gpa(0, 0x18));
}

TEST(bau_hold, event_queue_out_of_bounds_is_told)
{
	start(3);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_EVENT_BASE, 0x1000);
	write_word(HELD_RID, 0, 0, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_STATUS), BAU_STATUS_EVENT_LOST_MASK);
	EXPECT_EQ(held(), 1ull << HELD_RID);
}

TEST(bau_hold, without_hold_the_write_is_refused)
{
	start(3);
	uint64_t entry = rig_at(RIG_DEVICE_TABLE) + HELD_RID * BAU_DTE_BYTES;
	rig_store(&rig, entry, rig_load(&rig, entry) & ~BAU_DTE_HOLD_MASK);
	write_word(HELD_RID, 0, 0, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_WRITE_DENIED);
	EXPECT_EQ(held(), 0);
}

TEST(bau_hold, ring_outside_of_the_partition_is_refused)
{
	start(3);
	rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + HELD_RID * BAU_DTE_BYTES + 40, RIG_RAM_BASE + RIG_RAM_BYTES);
	write_word(HELD_RID, 0, 0, 1);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_HOLD_ACCESS);
	EXPECT_EQ(held(), 0);
}

TEST(bau_hold, nonsense_in_the_ring_harms_its_owner_only)
{
	static const uint64_t words[] = {~0ull, 1ull << 24, 1ull << 24 | 65 << 8, 200 << 8, 1ull << 24 | 2 << 8};
	for (unsigned i = 0; i < 5; i++) {
		start(3);
		write_word(HELD_RID, 0, 0, 1);
		ASSERT_TRUE(rig_settle(&rig, 2000));
		rig_store(&rig, rig_at(RING), words[i]);
		rig_store(&rig, rig_at(RING) + 8, gpa(0, 0xffc)); /* two DWs from here cross the page */
		set_page(0, FULL);
		resume(0);
		EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_HOLD_ACCESS);
		EXPECT_EQ(data_at(1, 0), 0);
		EXPECT_EQ(held(), 0);
	}
}
