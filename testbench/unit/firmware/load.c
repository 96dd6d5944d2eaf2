#include "testbench/unit/firmware/load.h"

#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_see.h"

#define MOST_BYTES 131072u
#define QUEUE_DEPTH 64u

/* One operation in flight; slots are the SEE's. */
struct operation {
	bool busy;
	bool write;
	uint32_t lba, blocks;
};

static struct operation operations[SEE_NUM_SLOTS];
static uint8_t shadow[WORLD_BYTES];
static uint32_t block; /* bytes, of the volume at hand */
static uint64_t random_state;
static enum world_volume volume_at_hand;

static uint32_t draw(uint32_t bound)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32) % bound;
}

static bool all_ready(void)
{
	return fabric_storage(WORLD_PLAIN)->ready && fabric_storage(WORLD_SMALL)->ready &&
	       fabric_storage(WORLD_CAPSULE)->ready && fabric_storage(WORLD_DIGEST)->ready &&
	       fabric_storage(WORLD_TWIN)->ready && fabric_storage(WORLD_FOUND)->ready &&
	       fabric_storage(WORLD_LONG)->ready && fabric_storage(WORLD_LONG_TOO)->ready && fabric_storage(WORLD_GROUPS)->ready;
}

static uint16_t admin(uint8_t opcode, uint32_t dw10, uint32_t dw11)
{
	struct nvme_sqe sqe = {.opcode = opcode, .cid = 1, .dw10 = dw10, .dw11 = dw11};
	unsigned slot = fake_see_submit(0, 0, &sqe, 0);

	return fake_see_status(slot);
}

/* World ready, volume attached to function 1, shadow equal to the file. */
void load_begin(enum world_volume volume)
{
	volume_at_hand = volume;
	random_state = test_seed() * 2 + 12345;
	world_begin();
	ASSERT_TRUE(world_run_until(all_ready, 20000));
	ASSERT_EQ(admin(NVME_ADMIN_ATTACH_VOLUME, 1, volume), NVME_SUCCESS);
	block = 512u << fake_see.namespaces[1].map.block_shift;
	world_read_file(volume, 0, shadow, sizeof(shadow));
	memset(operations, 0, sizeof(operations));
}

static bool overlaps(uint32_t lba, uint32_t blocks)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		const struct operation *other = &operations[slot];

		if (other->busy && lba < other->lba + other->blocks && other->lba < lba + blocks)
			return true;
	}
	return false;
}

static bool issue(void)
{
	uint32_t blocks = draw(4) == 0 ? 1 + draw(MOST_BYTES / block) : 1u << draw((uint32_t)__builtin_ctz(MOST_BYTES / block) + 1);
	uint32_t lba = draw(WORLD_BYTES / block - blocks);
	bool write = draw(2) == 0;
	struct nvme_sqe sqe = {.opcode = write ? NVME_IO_WRITE : NVME_IO_READ, .nsid = 1, .dw10 = lba,
		.dw12 = blocks - 1};
	unsigned free_slot = 0;

	if (overlaps(lba, blocks))
		return false;
	while (fake_see.answers[free_slot].open)
		free_slot++;
	sqe.cid = (uint16_t)free_slot;
	operations[free_slot] = (struct operation){true, write, lba, blocks};
	if (write) {
		for (uint32_t i = 0; i < blocks * block; i++)
			shadow[lba * block + i] = (uint8_t)draw(256);
		memcpy(fake_see_buffer(free_slot), shadow + lba * block, blocks * block);
	} else {
		memset(fake_see_buffer(free_slot), 0xee, blocks * block);
	}
	EXPECT_EQ(fake_see_submit(1, 1, &sqe, blocks * block), free_slot);
	return true;
}

static unsigned busy_count;
static uint16_t allowed_status;
static unsigned failed_count;

static void finish(const struct operation *operation, unsigned slot)
{
	uint8_t *there = shadow + operation->lba * block;
	uint32_t bytes = operation->blocks * block;
	uint16_t status = fake_see_status(slot);

	if (status != NVME_SUCCESS && status == allowed_status) {
		failed_count++;
		if (operation->write)
			world_read_file(volume_at_hand, (uint64_t)operation->lba * block, there, bytes);
		return;
	}
	EXPECT_EQ(status, NVME_SUCCESS);
	EXPECT_EQ(fake_see.answers[slot].push_bytes, operation->write ? 0 : bytes);
	if (!operation->write)
		EXPECT_MEMEQ(fake_see_buffer(slot), there, bytes);
}

static unsigned collect(void)
{
	unsigned done = 0;

	busy_count = 0;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		struct operation *operation = &operations[slot];

		if (operation->busy && !fake_see.answers[slot].open) {
			finish(operation, slot);
			operation->busy = false;
			done++;
		}
		busy_count += operation->busy;
	}
	return done;
}

static bool one_done(void)
{
	return collect() > 0;
}

static void check_file(enum world_volume volume)
{
	static uint8_t file[WORLD_BYTES];

	world_read_file(volume, 0, file, sizeof(file));
	EXPECT_MEMEQ(file, shadow, sizeof(file));
}

void load_run(enum world_volume volume, unsigned count, void (*trouble)(unsigned k))
{
	load_begin(volume);
	failed_count = 0;
	for (unsigned k = 0; k < count && !test_has_failed(); k++) {
		if (trouble) {
			trouble(k);
			collect(); /* time may have passed */
		}
		while (busy_count >= QUEUE_DEPTH - 4 || !issue())
			ASSERT_TRUE(world_run_until(one_done, 60000));
		collect();
	}
	while (busy_count > 0 && !test_has_failed()) {
		ASSERT_TRUE(world_run_until(one_done, 60000));
		collect();
	}
	check_file(volume);
}

unsigned load_run_failing(enum world_volume volume, unsigned count, void (*trouble)(unsigned k), uint16_t status)
{
	allowed_status = status;
	load_run(volume, count, trouble);
	allowed_status = NVME_SUCCESS;
	return failed_count;
}
