#include "testbench/gtest/test.h"
#include "testbench/unit/bau/rig.h"

static struct rig rig;

static void start(bool entry_runs, bool hart_runs)
{
	rig_reset(&rig, 40);
	rig_configure(&rig);
	rig_set_device(&rig, RIG_RID, BAU_IOMMU_BLOCKED);
	rig_schedule(&rig, entry_runs, hart_runs);
}

static void send(uint32_t vector)
{
	rig_send_message(&rig, RIG_RID, 0, RIG_TARGET, vector);
	EXPECT_TRUE(rig_settle(&rig, 3000));
}

static uint64_t blocked(void)
{
	return rig_load(&rig, rig_ite() + 8);
}

static uint64_t vector_word(unsigned n)
{
	return rig_load(&rig, rig_at(RIG_SIGVEC) + 8 * n);
}

static uint64_t summary(void)
{
	return rig_load(&rig, rig_at(RIG_SUMMARY));
}

TEST(bau_interrupt, running_target_is_signalled_directly)
{
	start(true, true);
	send(70);
	EXPECT_EQ(vector_word(1), 1ull << 6);
	EXPECT_EQ(blocked(), 1);
	EXPECT_EQ(rig.signals, 1);
	EXPECT_EQ(rig.receivers.hart[RIG_HART].hgeip, 1ull << RIG_GEIN);
	EXPECT_EQ(rig.out.notify, 0);
	EXPECT_EQ(summary(), 0);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_ACCEPTED), 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 0);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_DIRECT), 1);
}

TEST(bau_interrupt, direct_path_costs_little_more_than_its_memory_accesses)
{
	start(true, true);
	send(1);
	rig_write(&rig, BAU_GUEST_PAGE + RIG_HART * BAU_GUEST_STRIDE + BAU_UNBLOCK, 1);
	rig_store(&rig, rig_at(RIG_SIGVEC), 0);
	rig_store(&rig, rig_ite() + 8, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	uint64_t first_beat = rig.cycle;
	rig_send_message(&rig, RIG_RID, 0, RIG_TARGET, 1);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_event_cycle(&rig, BAU_EVENT_SIGNAL) - first_beat, 99); /* README, timing table */
}

TEST(bau_interrupt, blocked_target_is_recorded_only)
{
	start(true, true);
	send(0);
	send(1);
	EXPECT_EQ(vector_word(0), 3);
	EXPECT_EQ(rig.signals, 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_RECORDED), 1);
	EXPECT_EQ(rig.out.notify, 0);
}

TEST(bau_interrupt, target_that_does_not_run_is_broadcast)
{
	start(false, false);
	send(2);
	EXPECT_EQ(vector_word(0), 4);
	EXPECT_EQ(blocked(), 0);
	EXPECT_EQ(rig.signals, 0);
	EXPECT_EQ(summary(), 1u << RIG_TARGET);
	EXPECT_EQ(rig.out.notify, 1u << 1);
	rig_write(&rig, BAU_NOTIFY_PAGE + 1 * BAU_NOTIFY_STRIDE + BAU_NOTIFY, 1);
	EXPECT_EQ(rig.out.notify, 0);
}

TEST(bau_interrupt, receiver_mismatch_is_broadcast)
{
	start(true, false);
	send(2);
	EXPECT_EQ(rig.signals, 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_MISMATCH), 1);
	EXPECT_EQ(summary(), 1u << RIG_TARGET);
	EXPECT_EQ(rig.out.notify, 1u << 1);
	EXPECT_EQ(rig.receivers.hart[RIG_HART].hgeip, 0);
}

TEST(bau_interrupt, change_of_the_entry_after_the_signal_is_broadcast)
{
	start(true, true);
	rig_send_message(&rig, RIG_RID, 0, RIG_TARGET, 2);
	while (rig.signals == 0)
		rig_cycle(&rig);
	rig_store(&rig, rig_ite(), rig_load(&rig, rig_ite()) & ~BAU_ITE_RUNNING_MASK);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_ACCEPTED), 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_CHANGED), 1);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_BROADCAST), 1);
}

TEST(bau_interrupt, forced_broadcast_leaves_a_running_target_alone)
{
	start(true, true);
	uint64_t entry = rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES;
	rig_store(&rig, entry, rig_load(&rig, entry) | BAU_DTE_FORCE_BROADCAST_MASK);
	send(2);
	EXPECT_EQ(rig.signals, 0);
	EXPECT_EQ(rig.out.notify, 1u << 1);
}

TEST(bau_interrupt, unblock_rescans_and_signals_again)
{
	uint32_t unblock = BAU_GUEST_PAGE + RIG_HART * BAU_GUEST_STRIDE + BAU_UNBLOCK;
	start(true, true);
	send(0);
	send(9);
	rig_write(&rig, BAU_GUEST_PAGE + RIG_HART * BAU_GUEST_STRIDE + BAU_ACK, 1);
	EXPECT_EQ(rig.receivers.hart[RIG_HART].hgeip, 0);
	rig_store(&rig, rig_at(RIG_SIGVEC), 1 << 9);
	rig_write(&rig, unblock, 1);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(rig.signals, 2);
	EXPECT_EQ(rig.receivers.hart[RIG_HART].hgeip, 1ull << RIG_GEIN);
	EXPECT_EQ(blocked(), 1);
	rig_store(&rig, rig_at(RIG_SIGVEC), 0);
	rig_write(&rig, unblock, 1);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(blocked(), 0);
	EXPECT_EQ(rig.signals, 2);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_UNBLOCK), 2);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_RESCAN), 1);
}

TEST(bau_interrupt, unblock_of_a_target_that_left_is_broadcast)
{
	start(true, true);
	send(0);
	rig_store(&rig, rig_ite(), rig_load(&rig, rig_ite()) & ~BAU_ITE_RUNNING_MASK);
	rig_write(&rig, BAU_GUEST_PAGE + RIG_HART * BAU_GUEST_STRIDE + BAU_UNBLOCK, 1);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	EXPECT_EQ(summary(), 1u << RIG_TARGET);
	EXPECT_EQ(rig.out.notify, 1u << 1);
	EXPECT_EQ(rig.signals, 1);
}

TEST(bau_interrupt, writes_before_a_message_are_in_memory_before_its_signal)
{
	start(true, true);
	rig_set_device(&rig, 0x11, BAU_IOMMU_BYPASS);
	uint8_t data[256];
	memset(data, 0x5a, sizeof data);
	for (unsigned i = 0; i < 8; i++)
		rig_send_write(&rig, 0x11, rig_at(RIG_DATA) + i * 256, data, sizeof data);
	rig_send_message(&rig, RIG_RID, 0, RIG_TARGET, 2);
	while (vector_word(0) == 0 && rig.cycle < 5000)
		rig_cycle(&rig);
	EXPECT_EQ(vector_word(0), 4);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_DATA) + 8 * 256 - 8), 0x5a5a5a5a5a5a5a5aull);
}

static void expect_fault(unsigned cause, unsigned partition, unsigned target, uint32_t vector)
{
	unsigned faults = rig_events(&rig, BAU_EVENT_FAULT);
	rig_send_message(&rig, RIG_RID, partition, target, vector);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_last_cause(&rig), cause);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), faults + 1);
}

TEST(bau_interrupt, faults_name_their_cause_and_harm_nobody)
{
	start(true, true);
	expect_fault(BAU_CAUSE_TARGET, 0, 64, 0);
	expect_fault(BAU_CAUSE_VECTOR, 0, RIG_TARGET, 512);
	expect_fault(BAU_CAUSE_MESSAGE, 1, RIG_TARGET, 0);
	expect_fault(BAU_CAUSE_ITE_INVALID, 0, 6, 0);
	rig_store(&rig, rig_ite() + 16, rig_at(RIG_SIGVEC) + 8);
	expect_fault(BAU_CAUSE_SIGVEC_ACCESS, 0, RIG_TARGET, 0);
	rig_store(&rig, rig_ite() + 16, rig_at(RIG_RAM_BYTES));
	expect_fault(BAU_CAUSE_SIGVEC_ACCESS, 0, RIG_TARGET, 0);
	EXPECT_EQ(rig.signals, 0);
	EXPECT_EQ(rig.out.notify, 0);
	rig_store(&rig, rig_ite() + 16, rig_at(RIG_SIGVEC));
	rig_write(&rig, BAU_PT_LPID_MAP, 0);
	expect_fault(BAU_CAUSE_LPID, 0, RIG_TARGET, 0);
	EXPECT_EQ(rig.out.notify, 1u << 1);
	EXPECT_EQ(summary(), 1u << RIG_TARGET);
}

TEST(bau_interrupt, messages_of_wrong_size_are_refused)
{
	start(true, true);
	uint64_t data[2] = {1, 2};
	rig_send_write(&rig, RIG_RID, BAU_DOORBELL_BASE + 16 * RIG_TARGET, data, 8);
	rig_send_write(&rig, RIG_RID, BAU_DOORBELL_BASE + 16 * RIG_TARGET + 4, data, 4);
	rig_send_tlp(&rig, 0x60000001, RIG_RID << 16 | 0xf, BAU_DOORBELL_BASE + 16 * RIG_TARGET, data, 2);
	rig_send_read(&rig, RIG_RID, 7, BAU_DOORBELL_BASE + 16 * RIG_TARGET, 4);
	ASSERT_TRUE(rig_settle(&rig, 2000));
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 4);
	EXPECT_EQ(rig_last_cause(&rig), BAU_CAUSE_MESSAGE);
	EXPECT_EQ(rig.tlps, 1);
	EXPECT_EQ(vector_word(0), 0);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_MESSAGES), 0);
}

TEST(bau_interrupt, guest_that_unblocks_endlessly_does_not_stop_messages)
{
	start(true, true);
	rig_send_message(&rig, RIG_RID, 0, RIG_TARGET, 2);
	for (unsigned i = 0; i < 100; i++)
		rig_write(&rig, BAU_GUEST_PAGE + RIG_HART * BAU_GUEST_STRIDE + BAU_UNBLOCK, 1);
	EXPECT_EQ(vector_word(0), 4);
	EXPECT_TRUE(rig_settle(&rig, 3000));
}

TEST(bau_interrupt, guest_that_never_unblocks_is_interrupted_once_and_harms_nobody)
{
	const unsigned other = RIG_TARGET + 1, other_hart = RIG_HART + 1;
	uint64_t entry = rig_at(RIG_ITABLE) + other * BAU_ITE_BYTES;
	uint32_t receiver = BAU_RECEIVER_PAGE + other_hart * BAU_RECEIVER_STRIDE;
	start(true, true);
	rig_store(&rig, entry + 16, rig_at(RIG_SIGVEC) + 64);
	rig_store(&rig, entry, BAU_ITE_VALID_MASK | BAU_ITE_DIRECT_MASK | BAU_ITE_RUNNING_MASK | FIELD_PREP(BAU_ITE_LPID, other_hart));
	rig_write(&rig, receiver + BAU_RUNNING, BAU_RUNNING_VALID_MASK | FIELD_PREP(BAU_RUNNING_TARGET, other) | FIELD_PREP(BAU_RUNNING_VMID, RIG_VMID) |
		FIELD_PREP(BAU_RUNNING_GEIN, RIG_GEIN));
	for (unsigned i = 0; i < 200; i++)
		send(i & 63);
	EXPECT_EQ(rig.signals, 1);
	EXPECT_EQ(vector_word(0), ~0ull);
	EXPECT_EQ(rig_read(&rig, BAU_COUNT_RECORDED), 199);
	rig_send_message(&rig, RIG_RID, 0, other, 3);
	EXPECT_TRUE(rig_settle(&rig, 3000));
	EXPECT_EQ(rig.signals, 2);
	EXPECT_EQ(rig_load(&rig, rig_at(RIG_SIGVEC) + 64), 8);
	EXPECT_EQ(rig_events(&rig, BAU_EVENT_FAULT), 0);
}

/** Word @p index of the device's table entry, from the next message on. */
static void set_device_word(unsigned index, uint64_t data)
{
	rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES + 8 * index, data);
	rig_command(&rig, BAU_COMMAND_INVALIDATE_DTE | BAU_COMMAND_ALL_MASK, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
}

TEST(bau_interrupt, misaligned_tables_are_refused)
{
	static const struct {
		unsigned word, bit;
	} stray[] = {{0, 6}, {1, 60}, {2, 4}, {2, 60}, {4, 3}, {4, 57}, {5, 5}};
	start(true, true);
	for (unsigned i = 0; i < sizeof stray / sizeof stray[0]; i++) {
		uint64_t good = rig_load(&rig, rig_at(RIG_DEVICE_TABLE) + RIG_RID * BAU_DTE_BYTES + 8 * stray[i].word);
		set_device_word(stray[i].word, good | 1ull << stray[i].bit);
		expect_fault(BAU_CAUSE_DTE_INVALID, 0, RIG_TARGET, 0);
		set_device_word(stray[i].word, good);
	}
	send(3);
	EXPECT_EQ(rig.signals, 1);
}

/* Bounds that are wider than memory: what lies behind it cannot be read. */
TEST(bau_interrupt, unreadable_tables_end_in_a_fault)
{
	uint64_t nowhere = rig_at(RIG_RAM_BYTES) + 0x1000;
	start(true, true);
	rig_write(&rig, BAU_PT_LIMIT, RIG_RAM_BASE + 2 * RIG_RAM_BYTES);
	set_device_word(2, nowhere);
	expect_fault(BAU_CAUSE_ITE_ACCESS, 0, RIG_TARGET, 0);
	set_device_word(2, rig_at(RIG_ITABLE));
	rig_store(&rig, rig_ite() + 16, nowhere);
	expect_fault(BAU_CAUSE_SIGVEC_ACCESS, 0, RIG_TARGET, 0);
	EXPECT_EQ(rig.signals, 0);
	EXPECT_EQ(rig.out.notify, 0);
	rig_store(&rig, rig_ite() + 16, rig_at(RIG_SIGVEC));
	rig_store(&rig, rig_ite() + 8, 0);
	rig_schedule(&rig, false, false);
	set_device_word(4, nowhere);
	expect_fault(BAU_CAUSE_SUMMARY_ACCESS, 0, RIG_TARGET, 0);
	EXPECT_EQ(rig.out.notify, 1u << 1); /* the harts are told all the same */
	rig_write(&rig, BAU_PARTITION_PAGE + BAU_DEVICE_TABLE, nowhere);
	rig_command(&rig, BAU_COMMAND_INVALIDATE_DTE | BAU_COMMAND_ALL_MASK, 0);
	ASSERT_TRUE(rig_settle(&rig, 1000));
	expect_fault(BAU_CAUSE_DTE_ACCESS, 0, RIG_TARGET, 0);
}
