#include "testbench/lockstep/bau/world.h"

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_A = 64, PTE_D = 128 };
enum { PTE_FULL = PTE_V | PTE_R | PTE_W | PTE_U | PTE_A | PTE_D };

/* Where things are is chosen for each world, so that every bit of addresses and ids matters: RAM at a multiple of a gigabyte (for
 * superpages of that size) or of a megabyte, requester ids and targets spread over their ranges. */
static struct {
	uint64_t base;
	unsigned rid_xor, target_xor;
	uint16_t space[WORLD_SPACES];
} place;

uint64_t world_at(unsigned p, uint64_t offset)
{
	return place.base + p * WORLD_PARTITION_BYTES + offset;
}

uint16_t world_rid(unsigned k)
{
	return (uint16_t)(k ^ place.rid_xor);
}

unsigned world_target(unsigned k)
{
	return k ^ place.target_xor;
}

uint16_t world_space(unsigned k)
{
	return place.space[k];
}

uint64_t world_owner(void)
{
	uint64_t owner = 0;
	for (unsigned k = 0; k < WORLD_RIDS; k++)
		owner |= (uint64_t)(k >> 1 & 1) << world_rid(k);
	return owner;
}

unsigned world_partition(uint16_t rid)
{
	return rid < 64 && world_owner() >> rid & 1;
}

static void choose_place(struct rng *rng)
{
	place.base = rng_percent(rng, 30) ? RIG_RAM_BASE : (rng_next(rng) & 0x3ffffff) << 30;
	if (rng_percent(rng, 30))
		place.base |= (uint64_t)rng_below(rng, 512) << 21 | (uint64_t)rng_percent(rng, 20) << 20;
	place.rid_xor = rng_below(rng, 64);
	place.target_xor = rng_below(rng, 256);
	for (unsigned k = 0; k < WORLD_SPACES; k++)
		place.space[k] = (uint16_t)(rng_next(rng) ^ k);
	place.space[1] = place.space[0] ^ (uint16_t)(1u << rng_below(rng, 16)); /* one bit apart */
}

/** The first of 8 guest page numbers in use: behind a superpage it is the data of partition @p p. */
static uint64_t world_first_page(unsigned p)
{
	return (WORLD_DATA + p * WORLD_PARTITION_BYTES) >> 12;
}

static uint64_t pte(uint64_t address, uint64_t bits)
{
	return address >> 12 << 10 | bits;
}

static uint64_t pick(struct rng *rng, const uint64_t *values, unsigned count)
{
	return values[rng_below(rng, count)];
}

/** How much of what is wrong in this world happens: 0 (nothing) to 100 percent of the odds below. */
static uint32_t hostility;

/**  true in @p percent of 100 cases of a fully hostile world. */
static bool wrong(struct rng *rng, uint32_t percent)
{
	return rng_below(rng, 10000) < percent * hostility;
}

/** An address that nobody may use, or the other partition's. */
static uint64_t hostile_address(struct rng *rng, unsigned p)
{
	const uint64_t values[] = {0, place.base - 8, place.base + RIG_RAM_BYTES, place.base ^ (1ull << rng_below(rng, 56)), world_at(!p, WORLD_DATA), 0xfffffffffff000ull,
		world_at(p, WORLD_SUMMARY) + 8, 0x4000, world_at(p, WORLD_PARTITION_BYTES) - 64};
	return pick(rng, values, sizeof values / sizeof values[0]);
}

static uint64_t random_leaf(struct rng *rng, unsigned p)
{
	uint64_t bits = PTE_FULL, address = world_at(p, WORLD_DATA + 0x1000ull * rng_below(rng, 64));
	if (rng_percent(rng, 20))
		bits &= ~(uint64_t)PTE_W;
	if (wrong(rng, 25))
		bits &= ~(1ull << rng_below(rng, 8));
	if (wrong(rng, 5))
		address = hostile_address(rng, p);
	if (wrong(rng, 3))
		bits |= 1ull << (54 + rng_below(rng, 10));
	return wrong(rng, 8) ? 0 : pte(address, bits);
}

static uint64_t random_pointer(struct rng *rng, unsigned p, uint64_t table, uint64_t superpage)
{
	if (!wrong(rng, 15) && rng_percent(rng, 90))
		return pte(world_at(p, table + 0x1000ull * rng_below(rng, 4)), PTE_V);
	if (!wrong(rng, 60))
		return pte(superpage, rng_percent(rng, 90) ? PTE_FULL : PTE_FULL & ~PTE_W);
	if (rng_percent(rng, 30))
		return pte(hostile_address(rng, p), PTE_V);
	return rng_percent(rng, 50) ? random_leaf(rng, p) : rng_next(rng);
}

static void change_page_table(struct rig *rig, struct rng *rng, unsigned p)
{
	uint64_t entry = rng_below(rng, 4);
	switch (rng_below(rng, 4)) {
	case 0:
		entry = rng_percent(rng, 80) ? entry : 512 * entry + 511;
		rig_store(rig, world_at(p, WORLD_ROOTS + 0x4000ull * rng_below(rng, 2)) + 8 * entry,
			random_pointer(rng, p, WORLD_MIDDLE, place.base));
		break;
	case 1:
		rig_store(rig, world_at(p, WORLD_MIDDLE + 0x1000ull * rng_below(rng, 4)) + 8 * entry,
			random_pointer(rng, p, WORLD_LEAVES, place.base));
		break;
	default:
		rig_store(rig, world_at(p, WORLD_LEAVES + 0x1000ull * rng_below(rng, 4)) + 8ull * (world_first_page(p) + rng_below(rng, 8)), random_leaf(rng, p));
		break;
	}
}

static void change_device(struct rig *rig, struct rng *rng, unsigned p, unsigned rid)
{
	uint64_t entry = world_at(p, WORLD_DEVICES) + rid * BAU_DTE_BYTES;
	uint64_t mode = wrong(rng, 20) ? BAU_IOMMU_BLOCKED : rng_percent(rng, 30) ? BAU_IOMMU_BYPASS : BAU_IOMMU_SV39X4;
	rig_store(rig, entry, BAU_DTE_VALID_MASK | FIELD_PREP(BAU_DTE_DIRECT, rng_percent(rng, 90)) |
		FIELD_PREP(BAU_DTE_IOMMU_MODE, mode) | FIELD_PREP(BAU_DTE_FORCE_BROADCAST, rng_percent(rng, 10)) |
		FIELD_PREP(BAU_DTE_HOLD, rng_percent(rng, 70)) |
		FIELD_PREP(BAU_DTE_PARTITION, p) | FIELD_PREP(BAU_DTE_SUBCLASS, rng_below(rng, 16)) |
		FIELD_PREP(BAU_DTE_GSCID, world_space(rng_below(rng, WORLD_SPACES))));
	rig_store(rig, entry + 8, world_at(p, WORLD_ROOTS + 0x4000ull * rng_below(rng, 2)) >> 12);
	rig_store(rig, entry + 16, wrong(rng, 5) ? hostile_address(rng, p) & BAU_DTE_ITABLE_MASK : world_at(p, WORLD_ITABLE));
	rig_store(rig, entry + 24, FIELD_PREP(BAU_DTE_ITABLE_LENGTH, wrong(rng, 20) ? rng_below(rng, 258) : 256) |
		FIELD_PREP(BAU_DTE_SIGVEC_BASE, (rng_percent(rng, 50) ? rng_below(rng, 8) * 64 : rng_below(rng, wrong(rng, 10) ? 0x10000 : 460))));
	rig_store(rig, entry + 32, wrong(rng, 5) ? hostile_address(rng, p) & BAU_DTE_SUMMARY_MASK : world_at(p, WORLD_SUMMARY));
	rig_store(rig, entry + 40, FIELD_PREP(BAU_DTE_HOLD_LOG2, rng_below(rng, wrong(rng, 10) ? 16 : 4)) |
		((wrong(rng, 5) ? hostile_address(rng, p) : world_at(p, WORLD_RINGS + 0x1000ull * (rid ^ place.rid_xor))) & BAU_DTE_HOLD_RING_MASK));
	if (wrong(rng, 8))
		rig_store(rig, entry + 8ull * rng_below(rng, 6), rng_next(rng));
	if (wrong(rng, 4))
		rig_store(rig, entry, 0);
}

static void change_target(struct rig *rig, struct rng *rng, unsigned p, unsigned target)
{
	uint64_t entry = world_at(p, WORLD_ITABLE) + target * BAU_ITE_BYTES;
	rig_store(rig, entry, FIELD_PREP(BAU_ITE_VALID, !wrong(rng, 5)) | FIELD_PREP(BAU_ITE_RUNNING, rng_percent(rng, 75)) |
		FIELD_PREP(BAU_ITE_DIRECT, rng_percent(rng, 90)) | FIELD_PREP(BAU_ITE_LPID, rng_below(rng, wrong(rng, 20) ? 256 : 7)) |
		FIELD_PREP(BAU_ITE_GEIN, rng_below(rng, 256)) | FIELD_PREP(BAU_ITE_VMID, rng_next(rng)));
	if (rng_percent(rng, 60))
		rig_store(rig, entry + 8, 0);
	rig_store(rig, entry + 16, wrong(rng, 5) ? hostile_address(rng, p) : world_at(p, WORLD_SIGVECS) + target * 64);
	rig_store(rig, entry + 24, FIELD_PREP(BAU_ITE_UNBLOCK_TARGET, target) | rng_below(rng, 16) |
		(wrong(rng, 5) ? hostile_address(rng, p) & BAU_ITE_UNBLOCK_SUMMARY_MASK : world_at(p, WORLD_SUMMARY)));
}

void world_change(struct rig *rig, struct rng *rng, unsigned p)
{
	unsigned target = world_target(rng_below(rng, WORLD_TARGETS));
	switch (rng_below(rng, 9)) {
	case 0:
	case 8: change_page_table(rig, rng, p); break;
	case 1: change_device(rig, rng, p, world_rid(rng_below(rng, WORLD_RIDS))); break;
	case 2:
	case 3: change_target(rig, rng, p, target); break;
	case 4: rig_store(rig, world_at(p, WORLD_ITABLE) + target * BAU_ITE_BYTES + 8, wrong(rng, 10) ? rng_next(rng) : 0); break;
	case 6:
		if (wrong(rng, 10)) /* what the holder reads may be anything */
			rig_store(rig, world_at(p, WORLD_RINGS + 0x1000ull * rng_below(rng, WORLD_RIDS) + 8ull * rng_below(rng, 512)), rng_next(rng));
		break;
	case 5: rig_store(rig, world_at(p, WORLD_SUMMARY) + 8ull * rng_below(rng, 4), 0); break;
	default: rig_store(rig, world_at(p, WORLD_SIGVECS) + target * 64 + 8ull * rng_below(rng, 8), 0); break;
	}
}

void world_command(struct rig *rig, struct rng *rng, unsigned p, unsigned index)
{
	uint64_t at = world_at(p, WORLD_COMMANDS) + index * BAU_COMMAND_BYTES;
	uint64_t resume = BAU_COMMAND_RESUME | FIELD_PREP(BAU_COMMAND_DENY, rng_percent(rng, 30)) | FIELD_PREP(BAU_COMMAND_DROP, rng_percent(rng, 15));
	uint64_t word = (rng_percent(rng, 50) ? resume : rng_below(rng, 4)) | FIELD_PREP(BAU_COMMAND_ALL, rng_percent(rng, 30)) | FIELD_PREP(BAU_COMMAND_IRQ, rng_percent(rng, 30)) |
		FIELD_PREP(BAU_COMMAND_RID, rng_percent(rng, 90) ? world_rid(rng_below(rng, WORLD_RIDS)) : rng_next(rng)) |
		FIELD_PREP(BAU_COMMAND_GSCID, rng_percent(rng, 90) ? world_space(rng_below(rng, WORLD_SPACES)) : rng_next(rng));
	uint64_t address = rng_percent(rng, 60) ? world_at(p, WORLD_DATA - 8) : 0;
	rig_store(rig, at, wrong(rng, 5) ? rng_next(rng) : word);
	rig_store(rig, at + 8, wrong(rng, 5) ? hostile_address(rng, p) : address);
}

uint64_t world_address(const struct rig *rig, struct rng *rng, uint16_t rid)
{
	unsigned p = world_partition(rid);
	uint32_t spread = rng_percent(rng, 75) ? 1 : 4; /* most accesses stay within what the IOTLB can hold */
	uint64_t page = (uint64_t)rng_below(rng, spread) << 18 | (uint64_t)rng_below(rng, spread) << 9 |
			(world_first_page(p) + rng_below(rng, 2 * spread));
	uint64_t within = rng_percent(rng, 50) ? rng_below(rng, 64) * 64 : rng_below(rng, 1024) * 4;
	uint64_t entry = rig_load(rig, world_at(p, WORLD_DEVICES) + rid * BAU_DTE_BYTES);
	if (wrong(rng, 5))
		return rng_next(rng);
	if (wrong(rng, 5))
		return page << 12 | 1ull << (39 + rng_below(rng, 4)) | within;
	if (wrong(rng, 5))
		return hostile_address(rng, p) + within;
	if (FIELD_GET(BAU_DTE_IOMMU_MODE, entry) == BAU_IOMMU_BYPASS)
		return wrong(rng, 10) ? place.base + RIG_RAM_BYTES + within : world_at(p, WORLD_DATA + 0x1000ull * rng_below(rng, 64) + within);
	return page << 12 | within;
}

static void program(struct rig *rig, unsigned p)
{
	uint32_t page = BAU_PARTITION_PAGE + p * BAU_PARTITION_STRIDE, table = p * BAU_PT_STRIDE;
	rig_write(rig, table + BAU_PT_BASE, world_at(p, 0));
	rig_write(rig, table + BAU_PT_LIMIT, world_at(p, (hostility && p == 1 ? 2ull : 1ull) * WORLD_PARTITION_BYTES));
	rig_write(rig, table + BAU_PT_LPID_MAP, p ? 0x0080878685848382ull : 0x8786858483828180ull);
	rig_write(rig, table + BAU_PT_CONTROL, BAU_PT_CONTROL_VALID_MASK | FIELD_PREP(BAU_PT_CONTROL_WAIT, !p) | FIELD_PREP(BAU_PT_CONTROL_HARTS, p ? 0xe0 : 0x0f));
	rig_write(rig, page + BAU_DEVICE_TABLE, world_at(p, WORLD_DEVICES));
	rig_write(rig, page + BAU_DEVICE_TABLE_LENGTH, BAU_NUM_DEVICES);
	rig_write(rig, page + BAU_COMMAND_BASE, world_at(p, WORLD_COMMANDS));
	rig_write(rig, page + BAU_COMMAND_SIZE, 4);
	rig_write(rig, page + BAU_FAULT_BASE, world_at(p, WORLD_FAULTS));
	rig_write(rig, page + BAU_FAULT_SIZE, 3);
	rig_write(rig, page + BAU_EVENT_BASE, world_at(p, WORLD_EVENTS));
	rig_write(rig, page + BAU_EVENT_SIZE, 3);
	rig_write(rig, page + BAU_CONTROL, BAU_CONTROL_ENABLE_MASK | BAU_CONTROL_COMMAND_ENABLE_MASK | BAU_CONTROL_FAULT_ENABLE_MASK |
		BAU_CONTROL_FAULT_IRQ_MASK | BAU_CONTROL_COMMAND_IRQ_MASK | BAU_CONTROL_EVENT_ENABLE_MASK | BAU_CONTROL_EVENT_IRQ_MASK);
}

void world_create(struct rig *rig, struct rng *rng)
{
	static const uint32_t degrees[] = {0, 10, 40, 100};
	world_create_hostile(rig, rng, degrees[rng_below(rng, 4)]);
}

void world_create_hostile(struct rig *rig, struct rng *rng, uint32_t percent)
{
	hostility = percent;
	choose_place(rng);
	rig->ram_base = place.base;
	for (unsigned p = 0; p < BAU_NUM_PARTITIONS; p++) {
		for (unsigned i = 0; i < 400; i++)
			change_page_table(rig, rng, p);
		for (unsigned rid = 0; rid < WORLD_RIDS; rid++)
			change_device(rig, rng, p, world_rid(rid));
		for (unsigned target = 0; target < WORLD_TARGETS; target++)
			change_target(rig, rng, p, world_target(target));
		program(rig, p);
	}
	rig_write(rig, BAU_REQUESTER_OWNER, world_owner());
	for (unsigned hart = 0; hart < BAU_NUM_HARTS; hart++)
		rig_write(rig, BAU_NOTIFY_PAGE + hart * BAU_NOTIFY_STRIDE + BAU_SUBCLASS_MASK, rng_next(rng));
}

uint32_t world_hostility(void)
{
	return hostility;
}
