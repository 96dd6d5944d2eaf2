/* A volume goes from a function while its commands are under way (firmware/nvme/attach.c). */
#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "rtl/gen/field.h"
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/admin.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/load.h"
#include "testbench/unit/firmware/storage_server.h"

#define BLOCK 512u
#define NOBODY CONTROLLER_NO_VOLUME

static unsigned asked; /* the slot of the last attachment */

/* Asks for @p volume and does not wait. */
static unsigned ask(uint32_t volume)
{
	struct nvme_sqe sqe = {.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = volume};

	return asked = fake_see_submit(0, 0, &sqe, 0);
}

static bool is_answered(void)
{
	return fake_see.answers[asked].count > 0;
}

static unsigned begin_write(uint64_t lba, uint32_t blocks, uint8_t byte)
{
	struct nvme_sqe sqe = {.opcode = NVME_IO_WRITE, .nsid = 1, .dw10 = (uint32_t)lba, .dw12 = blocks - 1};
	unsigned slot = 0;

	while (fake_see.answers[slot].open)
		slot++;
	memset(fake_see_buffer(slot), byte, blocks * BLOCK);
	EXPECT_EQ(fake_see_submit(1, 1, &sqe, blocks * BLOCK), slot);
	return slot;
}

static uint8_t byte_at(enum world_volume volume, uint64_t lba)
{
	uint8_t byte;

	world_read_file(volume, lba * BLOCK, &byte, 1);
	return byte;
}

static void expect_answered(uint16_t status)
{
	ASSERT_TRUE(world_run_until(is_answered, 1000));
	EXPECT_EQ(fake_see_status(asked), status);
}

/* What the storage has already goes on, and the answer comes after it. */
TEST(firmware_attach, a_detachment_waits_for_what_the_storage_has)
{
	unsigned write;

	load_begin(WORLD_PLAIN);
	write = begin_write(5, 8, 0x51);
	ask(NOBODY);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
	EXPECT_FALSE(is_answered());
	expect_answered(NVME_SUCCESS);
	EXPECT_EQ(fake_see_status(write), NVME_SUCCESS);
	EXPECT_EQ(byte_at(WORLD_PLAIN, 5), 0x51);
}

/* A storage that cannot be reached has not got it: it is over at once, and never gets there. */
TEST(firmware_attach, what_waits_for_a_path_ends_with_its_namespace)
{
	unsigned write;

	load_begin(WORLD_CAPSULE);
	target_set_mode(world_target(WORLD_CAPSULE), TARGET_REFUSES, storage_server_now());
	world_run(100);
	write = begin_write(5, 8, 0x52);
	world_run(100);
	EXPECT_EQ(fake_see.answers[write].count, 0u);
	ask(WORLD_SMALL);
	EXPECT_EQ(fake_see_status(write), DNR(NVME_INVALID_NAMESPACE));
	expect_answered(NVME_SUCCESS);
	EXPECT_EQ(fake_see.namespaces[1].nsid, 2u);
	target_set_mode(world_target(WORLD_CAPSULE), TARGET_RUNS, storage_server_now());
	world_run(3000);
	EXPECT_NE(byte_at(WORLD_CAPSULE, 5), 0x52);
	EXPECT_NE(byte_at(WORLD_SMALL, 5), 0x52);
}

/* Of a stripe what has not been sent ends; a flush and the parts at the members are waited for. */
TEST(firmware_attach, commands_in_parts_end_before_the_next_volume_comes)
{
	unsigned slots[12];

	load_begin(WORLD_STRIPE);
	for (unsigned i = 0; i < 12; i++)
		slots[i] = begin_write(i * 256, 256, (uint8_t)(0x60 + i));
	ask(WORLD_CAPSULE);
	expect_answered(NVME_SUCCESS);
	for (unsigned i = 0; i < 12; i++) {
		uint16_t status = fake_see_status(slots[i]);

		EXPECT_TRUE(status == NVME_SUCCESS || status == DNR(NVME_INVALID_NAMESPACE));
	}
	EXPECT_EQ(fake_see.namespaces[1].storage, (uint32_t)WORLD_CAPSULE);
}

/* What a limit keeps back goes nowhere any more. */
TEST(firmware_attach, what_a_limit_keeps_back_ends_with_its_namespace)
{
	unsigned slots[6], refused = 0;

	load_begin(WORLD_PLAIN);
	EXPECT_EQ(run(0, (struct nvme_sqe){.opcode = NVME_ADMIN_LIMIT_FUNCTION, .dw10 = 1, .dw11 = 2}), (uint32_t)NVME_SUCCESS);
	for (unsigned i = 0; i < 6; i++)
		slots[i] = begin_write(100 + i, 1, 0x70);
	ask(NOBODY);
	ASSERT_TRUE(world_run_until(is_answered, 20));
	for (unsigned i = 0; i < 6; i++)
		refused += fake_see_status(slots[i]) == DNR(NVME_INVALID_NAMESPACE);
	EXPECT_EQ(refused, 5u);
	world_run(3000);
	EXPECT_NE(byte_at(WORLD_PLAIN, 105), 0x70);
	EXPECT_EQ(run(0, (struct nvme_sqe){.opcode = NVME_ADMIN_LIMIT_FUNCTION, .dw10 = 1}), (uint32_t)NVME_SUCCESS);
}

/* Descriptors that lie in the ring are not marked: they are taken before the next volume comes, and refused. */
TEST(firmware_attach, what_is_in_the_ring_is_taken_first)
{
	load_begin(WORLD_PLAIN);
	fake_see.ring_mark = 3;
	ask(WORLD_SMALL);
	world_run(30);
	EXPECT_FALSE(is_answered());
	EXPECT_EQ(fake_see_status(begin_write(9, 1, 0x53)), DNR(NVME_INVALID_NAMESPACE));
	fake_see.ring_passed = 3;
	expect_answered(NVME_SUCCESS);
	EXPECT_TRUE(fake_see.namespaces[1].attached);
}

TEST(firmware_attach, what_the_see_marks_is_refused)
{
	load_begin(WORLD_PLAIN);
	fake_see.namespaces[1].gone = true;
	EXPECT_EQ(fake_see_status(begin_write(9, 1, 0x54)), DNR(NVME_INVALID_NAMESPACE));
	fake_see.namespaces[1].gone = false;
	unsigned write = begin_write(9, 1, 0x55);
	world_run(50);
	EXPECT_EQ(fake_see_status(write), NVME_SUCCESS);
}

static void set_places(unsigned qid, unsigned head, unsigned tail)
{
	fake_see.queues[1][qid].sq_state = FIELD_PREP(SEE_SQ_STATE_HEAD, head) | FIELD_PREP(SEE_SQ_STATE_TAIL, tail);
}

/* Commands that the host has rung for are fetched first, over the queue's end too; a host that lets its queue stand still keeps the PF waiting for a moment only. */
TEST(firmware_attach, what_the_host_has_rung_for_is_fetched_first)
{
	load_begin(WORLD_PLAIN);
	ASSERT_EQ(create_cq(QSIZE(8) | 2, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(8) | 2, 2u << 16 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	set_places(2, 6, 3);
	ask(WORLD_SMALL);
	world_run(1);
	set_places(2, 1, 5);
	world_run(1);
	EXPECT_FALSE(is_answered());
	set_places(2, 3, 6); /* five from where it stood: the host goes on */
	ASSERT_TRUE(world_run_until(is_answered, 1));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
	set_places(2, 3, 6);
	ask(WORLD_PLAIN);
	world_run(10);
	EXPECT_FALSE(is_answered());
	expect_answered(NVME_SUCCESS);
}

/* Of several each waits for the one before, whatever slots they have. */
TEST(firmware_attach, attachments_of_a_function_follow_one_another)
{
	unsigned last, first;

	load_begin(WORLD_PLAIN);
	fake_see.answers[0].open = true; /* the first gets a higher slot than the second */
	fake_see.ring_mark = 1;
	first = ask(WORLD_SMALL);
	fake_see.answers[0].open = false;
	last = ask(NOBODY);
	EXPECT_LT(last, first);
	world_run(5);
	EXPECT_FALSE(is_answered());
	fake_see.ring_passed = 1;
	expect_answered(NVME_SUCCESS);
	EXPECT_EQ(fake_see_status(first), NVME_SUCCESS);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
}

/* What the configuration says is over with what the PF says. */
TEST(firmware_attach, the_configuration_s_volume_does_not_come_back)
{
	static struct config config;
	static const struct config nothing;

	load_begin(WORLD_SMALL);
	config.attach[1] = 1 + WORLD_PLAIN;
	volumes_init(&config);
	ask(NOBODY);
	expect_answered(NVME_SUCCESS);
	volumes_storage_ready(WORLD_PLAIN);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
	volumes_init(&nothing);
}

static void read_changes(void)
{
	EXPECT_EQ(run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .dw10 = 1023u << 16 | NVME_LOG_CHANGED_NAMESPACES}), (uint32_t)NVME_SUCCESS);
}

/* The host of function 1, which has @p volume, wants to be told of changes, and leaves @p requests for that. */
static void begin_watched(enum world_volume volume, unsigned requests)
{
	load_begin(volume);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, NVME_FEATURE_ASYNC_EVENTS, 0x100), (uint32_t)NVME_SUCCESS);
	read_changes();
	for (unsigned i = 0; i < requests; i++)
		fake_see_submit(1, 0, &(struct nvme_sqe){.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = (uint16_t)(50 + i)}, 0);
}

/* The next volume has the same namespace number: what the host rings for before it has noticed must not find it. */
TEST(firmware_attach, an_exchange_waits_for_a_host_that_is_told)
{
	begin_watched(WORLD_PLAIN, 2);
	ask(WORLD_SMALL);
	EXPECT_EQ(fake_see.posted, 1u);
	world_run(5);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
	EXPECT_EQ(fake_see_status(begin_write(9, 1, 0x56)), DNR(NVME_INVALID_NAMESPACE));
	read_changes();
	EXPECT_FALSE(is_answered()); /* it has read, and has still to act on it */
	ASSERT_TRUE(world_run_until(is_answered, 2));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
	EXPECT_TRUE(fake_see.namespaces[1].attached);
	EXPECT_EQ(fake_see.posted, 2u);
	world_run(10);
	EXPECT_NE(byte_at(WORLD_SMALL, 9), 0x56);
}

TEST(firmware_attach, a_volume_after_a_detachment_waits_too)
{
	begin_watched(WORLD_PLAIN, 2);
	ask(NOBODY);
	ASSERT_TRUE(world_run_until(is_answered, 1));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
	ask(WORLD_SMALL);
	world_run(5);
	EXPECT_FALSE(is_answered());
	read_changes();
	ASSERT_TRUE(world_run_until(is_answered, 2));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
}

/* The PF does not depend on a host that never reads. */
TEST(firmware_attach, a_host_that_does_not_read_is_waited_for_a_while)
{
	begin_watched(WORLD_PLAIN, 2);
	ask(WORLD_SMALL);
	world_run(9);
	EXPECT_FALSE(is_answered());
	ASSERT_TRUE(world_run_until(is_answered, 3));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
	ask(WORLD_PLAIN); /* the event before has not been read either */
	world_run(9);
	EXPECT_FALSE(is_answered());
	ASSERT_TRUE(world_run_until(is_answered, 3));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
}

TEST(firmware_attach, a_host_that_nothing_can_tell_is_not_waited_for)
{
	begin_watched(WORLD_PLAIN, 0);
	ask(WORLD_SMALL);
	ASSERT_TRUE(world_run_until(is_answered, 1));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
}

TEST(firmware_attach, a_reset_ends_the_waiting)
{
	begin_watched(WORLD_PLAIN, 2);
	ask(WORLD_SMALL);
	world_run(2);
	EXPECT_FALSE(is_answered());
	fake_see_event(SEE_DESC_DISABLE, 1, 0);
	ASSERT_TRUE(world_run_until(is_answered, 1));
	EXPECT_EQ(fake_see_status(asked), NVME_SUCCESS);
}
