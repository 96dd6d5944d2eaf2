#include "testbench/gtest/test.h"
#include "testbench/unit/bau/rig.h"

static struct rig rig;

static void start(void)
{
	rig_reset(&rig, 40);
	rig_configure(&rig);
	rig_set_device(&rig, RIG_RID, BAU_IOMMU_BYPASS);
}

static uint64_t head(void)
{
	return rig_read(&rig, BAU_PARTITION_PAGE + BAU_COMMAND_HEAD);
}

static uint64_t status(void)
{
	return rig_read(&rig, BAU_PARTITION_PAGE + BAU_STATUS);
}

static void read_once(void)
{
	rig_send_read(&rig, RIG_RID, 1, rig_at(RIG_DATA), 64);
	EXPECT_TRUE(rig_settle(&rig, 1000));
}

TEST(bau_command, cached_device_entry_lives_until_its_invalidation)
{
	start();
	read_once();
	rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES, 0);
	read_once();
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 0);
	rig_command(&rig, BAU_COMMAND_INVALIDATE_DTE | FIELD_PREP(BAU_COMMAND_RID, RIG_RID + 1), 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	read_once();
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 0);
	rig_command(&rig, BAU_COMMAND_INVALIDATE_DTE | FIELD_PREP(BAU_COMMAND_RID, RIG_RID), 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(head(), 2);
	read_once();
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_DTE_INVALID);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_DTE_HIT), 2);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_DTE_MISS), 2);
}

TEST(bau_command, fence_waits_for_accesses_before_it_and_writes_its_word)
{
	start();
	read_once();
	uint8_t data[256] = {1};
	for (unsigned i = 0; i < 8; i++)
		rig_send_write(&rig, RIG_RID, rig_at(RIG_DATA) + i * 256, data, sizeof data);
	for (unsigned i = 0; i < 100; i++)
		rig_cycle(&rig);
	rig.stall_mem = 1;
	rig_command(&rig, BAU_COMMAND_FENCE | BAU_COMMAND_IRQ_MASK, rig_at(RIG_DATA + 0x8000));
	for (unsigned i = 0; i < 500; i++)
		rig_cycle(&rig);
	EXPECT_EQ(head(), 0);
	rig.stall_mem = 0;
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(head(), 1);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA + 0x8000)), 1);
	EXPECT_EQ(status(), BAU_STATUS_FENCE_MASK);
	EXPECT_EQ(rig.out.irq, 0);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_CONTROL, BAU_CONTROL_COMMAND_IRQ_MASK);
	EXPECT_EQ(rig.out.irq, 1);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_STATUS, BAU_STATUS_FENCE_MASK);
	EXPECT_EQ(rig.out.irq, 0);
}

TEST(bau_command, wrong_commands_are_skipped_and_reported)
{
	start();
	rig_command(&rig, 0x77, 0);
	rig_command(&rig, BAU_COMMAND_FENCE, RIG_RAM_BASE + RIG_RAM_BYTES);
	rig_command(&rig, BAU_COMMAND_NOP, 0);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(head(), 3);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 2);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_COMMAND);
	EXPECT_EQ(status(), BAU_STATUS_FAULT_MASK | BAU_STATUS_COMMAND_ERROR_MASK);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_FAULTS) + 8), rig_at(RIG_COMMANDS));
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_FAULTS) + 32 + 24), 2);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_COMMAND), 1);
}

TEST(bau_command, full_fault_queue_counts_what_is_lost)
{
	start();
	for (unsigned i = 0; i < 20; i++) {
		rig_command(&rig, 0x77, 0);
		ASSERT_TRUE(rig_settle(&rig, 1000));
	}
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_FAULT_TAIL), 15);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_FAULT), 20);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_FAULT_LOST), 5);
	EXPECT_TRUE(status() & BAU_STATUS_OVERFLOW_MASK);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_FAULT_HEAD, 15);
	rig_command(&rig, 0x77, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_FAULT_TAIL), 0);
}

/* A queue of one place has none for a record, one of 16 has. Software changes the size in every cycle around the fault: the size of before
 * the change decides up to one cycle, that of after it from the next on. */
static void size_while_a_fault_comes(unsigned before, unsigned after)
{
	unsigned switches = 0, lost_last = before == 0 ? 0 : 1;

	for (unsigned at = 0; at < 120 && !test_has_failed(); at++) {
		unsigned lost;

		start();
		rig_write(&rig, BAU_PARTITION_PAGE + BAU_FAULT_SIZE, before);
		rig_command(&rig, 0x77, 0);
		for (unsigned i = 0; i < at; i++)
			rig_cycle(&rig);
		rig_write(&rig, BAU_PARTITION_PAGE + BAU_FAULT_SIZE, after);
		ASSERT_TRUE(rig_settle(&rig, 1000));
		lost = (unsigned)rig_read(&rig, BAU_COUNT_FAULT_LOST);
		EXPECT_EQ(rig_read(&rig, BAU_COUNT_FAULT), 1);
		EXPECT_EQ(status(), BAU_STATUS_COMMAND_ERROR_MASK | (lost ? BAU_STATUS_OVERFLOW_MASK : BAU_STATUS_FAULT_MASK));
		switches += lost != lost_last;
		lost_last = lost;
	}
	EXPECT_EQ(switches, 1);
	EXPECT_EQ(lost_last, before == 0);
}

TEST(bau_command, the_size_of_the_fault_queue_counts_from_its_write_on)
{
	size_while_a_fault_comes(0, 4);
	size_while_a_fault_comes(4, 0);
}

TEST(bau_command, invalidation_during_a_fetch_keeps_the_old_entry_out_of_the_cache)
{
	start();
	rig_send_read(&rig, RIG_RID, 1, rig_at(RIG_DATA), 64);
	rig_command(&rig, BAU_COMMAND_INVALIDATE_DTE | BAU_COMMAND_ALL_MASK, 0);
	rig.stall_answers = 1;
	for (unsigned i = 0; i < 20; i++)
		rig_cycle(&rig);
	rig.stall_answers = 0;
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig.tlps, 1);
	read_once();
	EXPECT_EQ(rig.tlps, 2);
}

TEST(bau_command, partitions_are_kept_apart)
{
	const uint32_t page = BAU_PARTITION_PAGE + BAU_PARTITION_STRIDE, table = BAU_PT_STRIDE;
	start();
	rig_write(&rig, BAU_PT_LIMIT, RIG_RAM_BASE + RIG_RAM_BYTES / 2);
	rig_write(&rig, BAU_REQUESTER_OWNER, 1ull << 0x11);
	rig_write(&rig, table + BAU_PT_BASE, RIG_RAM_BASE + RIG_RAM_BYTES / 2);
	rig_write(&rig, table + BAU_PT_LIMIT, RIG_RAM_BASE + RIG_RAM_BYTES);
	rig_write(&rig, table + BAU_PT_CONTROL, BAU_PT_CONTROL_VALID_MASK);
	rig_write(&rig, page + BAU_DEVICE_TABLE, rig_at(RIG_RAM_BYTES / 2));
	rig_write(&rig, page + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
	rig_write(&rig, page + BAU_CONTROL, BAU_CONTROL_ENABLE_MASK);
	uint64_t entry = rig_at(RIG_RAM_BYTES / 2) + 0x11 * BAU_DTE_BYTES;
	rig_store(&rig, entry, BAU_DTE_VALID_MASK | FIELD_PREP(BAU_DTE_PARTITION, 1));
	rig_send_read(&rig, 0x11, 1, rig_at(RIG_RAM_BYTES / 2), 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 0);
	rig_send_read(&rig, 0x11, 1, rig_at(RIG_DATA), 64);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_OUT_OF_BOUNDS);
	rig_send_message(&rig, 0x11, 0, RIG_TARGET, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_MESSAGE);
	EXPECT_EQ(rig_read(&rig, page + BAU_STATUS), BAU_STATUS_OVERFLOW_MASK);
	EXPECT_EQ(status(), 0);
}

TEST(bau_command, registers_keep_their_fields_only)
{
	start();
	EXPECT_EQ(rig_read(&rig, BAU_ID), BAU_ID_RESET);
	EXPECT_EQ(rig_read(&rig, BAU_CAPACITY), BAU_CAPACITY_RESET);
	rig_write(&rig, BAU_ID, 0);
	EXPECT_EQ(rig_read(&rig, BAU_ID), BAU_ID_RESET);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_CONTROL, ~0ull);
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_CONTROL), 0x70f);
	rig_write(&rig, BAU_PT_BASE, ~0ull);
	EXPECT_EQ(rig_read(&rig, BAU_PT_BASE), 0x00fffffffffff000ull);
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_FAULT_SIZE, 15);
	EXPECT_EQ(rig_read(&rig, BAU_PARTITION_PAGE + BAU_FAULT_SIZE), 8);
	EXPECT_EQ(rig_read(&rig, 0xff000), 0);
}

TEST(bau_command, idle_block_changes_nothing)
{
	start();
	read_once();
	struct bau before = rig.bau;
	struct bau_out out = rig.out;
	ASSERT_TRUE(rig.out.idle);
	for (unsigned i = 0; i < 100; i++)
		rig_cycle(&rig);
	EXPECT_MEMEQ(&rig.bau, &before, sizeof before);
	EXPECT_MEMEQ(&rig.out, &out, sizeof out);
}

/* Every register reads after a reset as the map says, whatever was written before and whatever the block was in the middle of. */
TEST(bau_command, registers_begin_as_the_register_map_says)
{
	enum { END = 0x20000 };

	start();
	for (unsigned round = 0; round < 2; round++) {
		for (uint32_t at = 0; at < END; at += 8)
			rig_write(&rig, at, round ? ~0ull : 0xaaaaaaaaaaaaaaaaull);
		read_once();
		rig_reset(&rig, 40);
		for (uint32_t at = 0; at < END; at += 8)
			EXPECT_EQ(rig_read(&rig, at), at == BAU_ID ? BAU_ID_RESET : at == BAU_CAPACITY ? BAU_CAPACITY_RESET : 0);
	}
}
