/* One partition uses registers, unblocks and messages without end: how long does an access of the other one take? */
#include "testbench/gtest/test.h"
#include "testbench/unit/bau/rig.h"

#include <stdio.h>

/* README, Registers and Engine. */
enum { ACCESS_CYCLES = 4, TURN_CYCLES = 200, VICTIM = 0, ATTACKERS = 7 };

static struct rig rig;

static uint64_t entry_of(unsigned target)
{
	return rig_at(RIG_ITABLE) + target * BAU_ITE_BYTES;
}

static uint32_t unblock_of(unsigned hart)
{
	return BAU_GUEST_PAGE + hart * BAU_GUEST_STRIDE + BAU_UNBLOCK;
}

/** Partition 0 has the victim's hart and RIG_RID, partition 1 the other harts and RIG_RID + 1; every target runs and has a vector that is not empty. */
static void start(void)
{
	rig_reset(&rig, 40);
	rig_configure(&rig);
	for (unsigned target = 0; target < 64; target++) {
		rig_store(&rig, entry_of(target) + 16, rig_at(RIG_SIGVEC) + target * 64);
		rig_store(&rig, entry_of(target), BAU_ITE_VALID_MASK | BAU_ITE_DIRECT_MASK | BAU_ITE_RUNNING_MASK | FIELD_PREP(BAU_ITE_LPID, target / 2 % 8));
		rig_store(&rig, rig_at(RIG_SIGVEC) + target * 64, 1);
	}
	rig_write(&rig, BAU_PT_CONTROL, BAU_PT_CONTROL_VALID_MASK | FIELD_PREP(BAU_PT_CONTROL_HARTS, 1 << VICTIM));
	rig_write(&rig, BAU_PT_BASE + BAU_PT_STRIDE, RIG_RAM_BASE);
	rig_write(&rig, BAU_PT_LIMIT + BAU_PT_STRIDE, RIG_RAM_BASE + RIG_RAM_BYTES);
	rig_write(&rig, BAU_PT_LPID_MAP + BAU_PT_STRIDE, 0x8786858483828180);
	rig_write(&rig, BAU_PT_CONTROL + BAU_PT_STRIDE, BAU_PT_CONTROL_VALID_MASK | FIELD_PREP(BAU_PT_CONTROL_HARTS, 0xff & ~(1 << VICTIM)));
	rig.answers_given = rig.signal_given = 1;
}

TEST(bau_fairness, no_register_access_waits_for_an_unblock)
{
	uint64_t answer, longest = 0;
	start();
	rig.stall_sig = 1; /* the engine stands still */
	for (unsigned i = 0; i < 4; i++)
		rig_offer_register(&rig, true, unblock_of(3), entry_of(6), &answer);
	for (unsigned i = 0; i < 200; i++)
		rig_cycle(&rig);
	EXPECT_TRUE(rig_offer_register(&rig, true, unblock_of(3), entry_of(6), &answer));
	for (unsigned i = 0; i < 100; i++) {
		EXPECT_FALSE(rig_offer_register(&rig, true, unblock_of(3), entry_of(7), &answer));
		EXPECT_TRUE(rig_offer_register(&rig, true, unblock_of(3), entry_of(6), &answer));
		uint64_t before = rig.cycle;
		EXPECT_EQ(rig_read(&rig, BAU_ID), BAU_ID_RESET);
		longest = rig.cycle - before > longest ? rig.cycle - before : longest;
	}
	EXPECT_LE(longest, ACCESS_CYCLES);
	EXPECT_EQ(rig.retries, 100);
	rig.stall_sig = 0;
	while (!rig_offer_register(&rig, true, unblock_of(3), entry_of(7), &answer))
		;
	EXPECT_TRUE(rig_settle(&rig, 5000));
	EXPECT_EQ(rig_load(&rig, entry_of(6) + 8) & rig_load(&rig, entry_of(7) + 8), 1);
}

/** @return whether the victim's unblock has been served */
static bool victim_is_served(uint32_t from)
{
	for (uint32_t i = from; i < rig.logged; i++) {
		const struct bau_event *event = &rig.log[i % RIG_EVENTS].event;
		if (event->code == BAU_EVENT_UNBLOCK && event->value >> 16 == 40)
			return true;
	}
	return false;
}

/** Seven harts unblock two entries in turn and a device keeps the link full of messages; each round the victim unblocks once. */
TEST(bau_fairness, unblocks_and_messages_of_one_partition_do_not_starve_the_other)
{
	uint64_t answer, longest = 0;
	unsigned rounds = 0;
	start();
	rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + (RIG_RID + 1) * BAU_DTE_BYTES, 0);
	rig_set_device(&rig, RIG_RID + 1, BAU_IOMMU_BLOCKED);
	uint64_t word0 = rig_load(&rig, rig_at(RIG_DEVICE_TABLE) + (RIG_RID + 1) * BAU_DTE_BYTES);
	rig_store(&rig, rig_at(RIG_DEVICE_TABLE) + (RIG_RID + 1) * BAU_DTE_BYTES, word0 | FIELD_PREP(BAU_DTE_PARTITION, 1));
	rig_write(&rig, BAU_REQUESTER_OWNER, 1ull << (RIG_RID + 1));
	rig_store(&rig, entry_of(40) + 24, FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, 40) | rig_at(RIG_SUMMARY));
	for (; rounds < 50 && !test_has_failed(); rounds++) {
		uint32_t from = rig.logged;
		uint64_t since = rig.cycle;
		EXPECT_TRUE(rig_offer_register(&rig, true, unblock_of(VICTIM), entry_of(40), &answer));
		for (unsigned i = 0; !victim_is_served(from) && rig.cycle - since < 100000; i++) {
			unsigned hart = 1 + i % ATTACKERS;
			rig_offer_register(&rig, true, unblock_of(hart), entry_of(2 * hart + (i / ATTACKERS & 1)), &answer);
			if (rig.rx_count < 64)
				rig_send_message(&rig, RIG_RID + 1, 1, 2 * hart, i & 63);
		}
		longest = rig.cycle - since > longest ? rig.cycle - since : longest;
		EXPECT_LE(longest, (ATTACKERS + 1) * 2 * TURN_CYCLES);
	}
	printf("an unblock among %u hammering harts and a flood of messages is served in %llu cycles at most, %u retries\n", ATTACKERS,
		(unsigned long long)longest, rig.retries);
	EXPECT_LT(0, rig.retries);
}
