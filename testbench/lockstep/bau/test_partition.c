/* Two partitions: the hypervisor of partition 1 is hostile in everything that it can reach: tables, queues, its devices' accesses and
 * messages, its registers, the entries that its harts unblock. Partition 0 must not notice. */
#include "testbench/gtest/test.h"
#include "testbench/lockstep/bau/stimulus.h"

#include <stdio.h>
#include <string.h>

enum { ATTACKER = 1, VICTIM_HARTS = 0x1f, ROUNDS = 12, ROUND_CYCLES = 20000, PATIENCE = 20000 };

static struct rig rig;

static bool is_victims(uint64_t address)
{
	return address >= world_at(0, 0) && address < world_at(0, WORLD_PARTITION_BYTES);
}

/** What leaves the block while partition 1 acts alone is partition 1's. */
static void check_outputs(uint64_t *fetched)
{
	*fetched += rig.out.mem_valid;
	if (rig.out.mem_valid && is_victims(rig.out.mem_addr))
		test_fail(__FILE__, __LINE__, "cycle %llu: an access of partition 1 goes to %llx of partition 0; seed %llu", (unsigned long long)rig.cycle,
			(unsigned long long)rig.out.mem_addr, (unsigned long long)test_seed());
	if (rig.out.sig_valid && rig.out.sig_partition != ATTACKER)
		test_fail(__FILE__, __LINE__, "cycle %llu: a signal for partition %u; seed %llu", (unsigned long long)rig.cycle, rig.out.sig_partition,
			(unsigned long long)test_seed());
	if (rig.out.notify & VICTIM_HARTS || rig.out.irq & 1)
		test_fail(__FILE__, __LINE__, "cycle %llu: notify %02x, irq %x: partition 0 is interrupted; seed %llu", (unsigned long long)rig.cycle,
			rig.out.notify, rig.out.irq, (unsigned long long)test_seed());
}

static void attack(struct stimulus *s, struct rng *rng, uint64_t cycles)
{
	uint64_t fetched = 0;
	for (uint64_t i = 0; i < cycles && !test_has_failed(); i++) {
		stimulus_drive(s, &rig, rng);
		rig_cycle(&rig);
		check_outputs(&fetched);
	}
	EXPECT_LT(0, fetched);
}

static uint16_t victims_device(void)
{
	unsigned k = 0;
	while (world_partition(world_rid(k)) != 0)
		k++;
	return world_rid(k);
}

/** A message of a well-made device and target of partition 0, sent in the middle of the attack. @return cycles until its vector is set */
static uint64_t deliver_to_victim(struct stimulus *s, struct rng *rng)
{
	uint16_t rid = victims_device();
	unsigned target = world_target(0);
	uint64_t device = world_at(0, WORLD_DEVICES) + rid * BAU_DTE_BYTES, entry = world_at(0, WORLD_ITABLE) + target * BAU_ITE_BYTES;
	uint64_t vector = world_at(0, WORLD_SIGVECS) + target * 64, start;
	rig_store(&rig, device, BAU_DTE_VALID_MASK | BAU_DTE_DIRECT_MASK | FIELD_PREP(BAU_DTE_IOMMU_MODE, BAU_IOMMU_BLOCKED));
	rig_store(&rig, device + 8, 0);
	rig_store(&rig, device + 16, world_at(0, WORLD_ITABLE));
	rig_store(&rig, device + 24, FIELD_PREP(BAU_DTE_ITABLE_LENGTH, 256));
	rig_store(&rig, device + 32, world_at(0, WORLD_SUMMARY));
	rig_store(&rig, device + 40, 0);
	rig_store(&rig, entry, BAU_ITE_VALID_MASK | BAU_ITE_DIRECT_MASK | BAU_ITE_RUNNING_MASK);
	rig_store(&rig, entry + 8, 0);
	rig_store(&rig, entry + 16, vector);
	rig_store(&rig, vector, 0);
	start = rig.cycle;
	rig_send_message(&rig, rid, 0, target, 5);
	while (rig_load(&rig, vector) != 1u << 5 && rig.cycle - start < PATIENCE && !pair_differs()) {
		stimulus_drive(s, &rig, rng);
		rig_cycle(&rig);
	}
	return rig.cycle - start;
}

TEST(bau_partition, a_hostile_partition_does_not_reach_the_other)
{
	static uint8_t before[WORLD_PARTITION_BYTES];
	uint64_t longest = 0;
	struct rng rng;
	rng_seed(&rng, test_seed());
	for (unsigned round = 0; round < ROUNDS && !test_has_failed(); round++) {
		struct stimulus s = {.only = 1 + ATTACKER};
		rig_reset(&rig, 40);
		world_create_hostile(&rig, &rng, 100);
		stimulus_choose(&s, &rig, &rng);
		memcpy(before, rig.ram, sizeof before);
		attack(&s, &rng, ROUND_CYCLES);
		EXPECT_MEMEQ(rig.ram, before, sizeof before);
		uint64_t taken = deliver_to_victim(&s, &rng);
		longest = taken > longest ? taken : longest;
		EXPECT_LT(taken, PATIENCE);
	}
	printf("%u hostile partitions, seed %llu; an interrupt of the other partition comes through in %llu cycles at most\n", ROUNDS,
		(unsigned long long)test_seed(), (unsigned long long)longest);
}
