/* The controllers that hosts see: every admin command, what it answers and what it refuses (NVMe 1.4 section 5). */
#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/admin.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/world.h"

static uint32_t identify(unsigned function, uint32_t cns, uint32_t nsid)
{
	return run(function, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .dw10 = cns});
}

TEST(firmware_admin, refuses_what_it_does_not_know)
{
	world_begin();
	EXPECT_EQ(run3(0, NVME_ADMIN_KEEP_ALIVE, 0, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(run3(0, 0x7f, 0, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(run3(0, 0xff, 0, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(run3(1, NVME_ADMIN_ATTACH_VOLUME, 1, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(run3(1, NVME_ADMIN_LIST_VOLUMES, 0, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(run(0, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .flags = 0x40, .dw10 = 1}),
		DNR(NVME_INVALID_FIELD));
}

TEST(firmware_admin, will_not_start_with_a_bad_configuration)
{
	static const struct {
		uint64_t cc, aqa, asq, acq;
	} bad[] = {
		{0x00460011, 0x1f001f, 0x10000, 0x20000}, /* command set */
		{0x00460081, 0x1f001f, 0x10000, 0x20000}, /* page size */
		{0x00461001, 0x1f001f, 0x10000, 0x20000}, /* arbitration */
		{0x00460001, 0x1f0000, 0x10000, 0x20000}, /* queues of one entry */
		{0x00460001, 0x00001f, 0x10000, 0x20000},
		{0x00460001, 0x1f001f, 0x10800, 0x20000}, /* not on a page */
		{0x00460001, 0x1f001f, 0x10000, 0},
	};

	world_begin();
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		fake_see_event(SEE_DESC_DISABLE, 2, 0);
		see_function_write(2, SEE_FN_CC, bad[i].cc);
		see_function_write(2, SEE_FN_AQA, bad[i].aqa);
		see_function_write(2, SEE_FN_ASQ, bad[i].asq);
		see_function_write(2, SEE_FN_ACQ, bad[i].acq);
		see_function_write(2, SEE_FN_CSTS, 0);
		fake_see_event(SEE_DESC_ENABLE, 2, 0);
		EXPECT_EQ(see_function_read(2, SEE_FN_CSTS), SEE_CSTS_CFS_MASK);
		EXPECT_FALSE(fake_see.queues[2][0].sq_valid);
	}
}

TEST(firmware_admin, starts_and_shuts_down)
{
	world_begin();
	EXPECT_EQ(fake_see.queues[1][0].sq_entries, 32u);
	EXPECT_EQ(fake_see.queues[1][0].cq_entries, 32u);
	EXPECT_EQ(fake_see.queues[1][0].sq_address, 0x10000u);
	EXPECT_TRUE(fake_see.queues[1][0].interrupts);
	fake_see_event(SEE_DESC_SHUTDOWN, 1, 0x00464001);
	EXPECT_EQ(see_function_read(1, SEE_FN_CSTS), 9u); /* RDY, shutdown complete */
}

TEST(firmware_admin, identifies_the_controller)
{
	world_begin();
	attach();
	ASSERT_EQ(identify(1, NVME_CNS_CONTROLLER, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.answers[last_slot].push_bytes, 4096u);
	EXPECT_EQ(word(NVME_IDCTRL_VID) & 0xffff, SEE_VENDOR_ID);
	EXPECT_EQ(word(NVME_IDCTRL_VER), 0x00010400u);
	EXPECT_EQ(data()[NVME_IDCTRL_MDTS], 5);
	EXPECT_EQ(data()[NVME_IDCTRL_CNTRLTYPE], 1);
	EXPECT_EQ(data()[NVME_IDCTRL_SQES], 0x66);
	EXPECT_EQ(data()[NVME_IDCTRL_CQES], 0x44);
	EXPECT_EQ(word(NVME_IDCTRL_NN), 1u);
	EXPECT_EQ(data()[NVME_IDCTRL_CNTLID], 1);
	EXPECT_EQ(data()[NVME_IDCTRL_SN + 9], ' ');
	EXPECT_EQ(word(NVME_IDCTRL_ONCS) & 0xffff, fabric_storage(WORLD_PLAIN)->oncs & 0x0du);
	EXPECT_STREQ((const char *)data() + NVME_IDCTRL_SUBNQN, "nqn.2026-11.assay:nic:function1");
}

/* A driver may read this once, before a volume comes, and must flush what it writes to that. */
TEST(firmware_admin, says_that_there_may_be_a_cache_while_there_is_no_volume)
{
	world_begin();
	ASSERT_EQ(identify(1, NVME_CNS_CONTROLLER, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(data()[NVME_IDCTRL_VWC], 1);
	EXPECT_EQ(word(NVME_IDCTRL_ONCS) & 0xffff, 0u);
}

TEST(firmware_admin, identifies_namespaces)
{
	world_begin();
	ASSERT_EQ(identify(1, NVME_CNS_NAMESPACE, 1), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(NVME_IDNS_NSZE), 0u); /* inactive: nothing attached */
	ASSERT_EQ(identify(1, NVME_CNS_ACTIVE_LIST, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 0u);
	EXPECT_EQ(identify(1, NVME_CNS_DESCRIPTORS, 1), DNR(NVME_INVALID_NAMESPACE));
	attach();
	ASSERT_EQ(identify(1, NVME_CNS_NAMESPACE, 1), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(NVME_IDNS_NSZE), WORLD_BLOCKS);
	EXPECT_EQ(word(NVME_IDNS_NCAP), WORLD_BLOCKS);
	EXPECT_EQ(word(NVME_IDNS_LBAF0), 0x00090000u);
	ASSERT_EQ(identify(1, NVME_CNS_ACTIVE_LIST, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 1u);
	EXPECT_EQ(word(4), 0u);
	ASSERT_EQ(identify(1, NVME_CNS_ACTIVE_LIST, 1), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 0u);
	ASSERT_EQ(identify(1, NVME_CNS_DESCRIPTORS, 1), (uint32_t)NVME_SUCCESS);
	EXPECT_TRUE(data()[0] >= 1 && data()[0] <= 3 && data()[1] >= 8);
	ASSERT_EQ(identify(1, NVME_CNS_CONTROLLERS, 1), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 0x00010001u);
	EXPECT_EQ(identify(1, NVME_CNS_NAMESPACE, 0), DNR(NVME_INVALID_NAMESPACE));
	EXPECT_EQ(identify(1, NVME_CNS_NAMESPACE, 2), DNR(NVME_INVALID_NAMESPACE));
	EXPECT_EQ(identify(1, NVME_CNS_NAMESPACE, NVME_NSID_ALL), DNR(NVME_INVALID_NAMESPACE));
	EXPECT_EQ(identify(1, NVME_CNS_ACTIVE_LIST, 0xfffffffe), DNR(NVME_INVALID_NAMESPACE));
	EXPECT_EQ(identify(1, 0x55, 0), DNR(NVME_INVALID_FIELD));
}

TEST(firmware_admin, creates_queues)
{
	world_begin();
	EXPECT_EQ(create_cq(QSIZE(64) | 3, 5u << 16 | 3, 0x40000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.queues[1][3].cq_address, 0x40000u);
	EXPECT_EQ(fake_see.queues[1][3].cq_entries, 64u);
	EXPECT_EQ(fake_see.queues[1][3].vector, 5u);
	EXPECT_TRUE(fake_see.queues[1][3].interrupts);
	EXPECT_EQ(create_sq(QSIZE(1024) | 8, 3u << 16 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.queues[1][8].sq_entries, 1024u);
	EXPECT_EQ(fake_see.queues[1][8].cqid, 3u);
	/* Two functions are enabled, a slot for a post of each of the 17 and one admin command of each stay. */
	EXPECT_EQ(fake_see.slot_limit, 22u);
}

/* Sections 3.1.5 (AMS), 5.4 (QPRIO), 5.21.1.1, 5.21.1.8, 5.21.1.9: what the host chooses reaches the SEE. */
TEST(firmware_admin, arbitration_and_coalescing_reach_the_see)
{
	world_begin();
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(64) | 1, 1u << 16 | 3 << 1 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.queues[1][1].priority, 0u); /* round robin: ignored */
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, NVME_FEATURE_ARBITRATION, 0x090503fa), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(see_function_read(1, SEE_FN_ARBITRATION), 0x09050302u);
	fake_see_event(SEE_DESC_DISABLE, 1, 0);
	see_function_write(1, SEE_FN_CC, 0x00460801);
	fake_see_event(SEE_DESC_ENABLE, 1, 0);
	EXPECT_EQ(see_function_read(1, SEE_FN_CSTS), SEE_CSTS_RDY_MASK);
	EXPECT_EQ(see_function_read(1, SEE_FN_ARBITRATION), 0x0fu); /* the default, weighted */
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(64) | 1, 1u << 16 | 3 << 1 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.queues[1][1].priority, 3u);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, NVME_FEATURE_COALESCING, 0x0507), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, NVME_FEATURE_VECTOR, 1u << 16 | 4), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(see_function_read(1, SEE_FN_COALESCING), 1u << 20 | 0x0507u);
}

/* An event's answer that finds the one before not written yet waits in the firmware; nothing else does. */
TEST(firmware_admin, answers_to_event_requests_go_one_by_one)
{
	struct nvme_sqe aer = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = 9}, second = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = 10};

	world_begin();
	fake_see_submit(1, 0, &aer, 0);
	fake_see_submit(1, 0, &second, 0);
	fake_see.post_waits[1] = true;
	EXPECT_EQ(run3(1, NVME_ADMIN_ABORT, 9u << 16, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_ABORT, 10u << 16, 0), (uint32_t)NVME_SUCCESS);
	world_run(2);
	EXPECT_EQ(fake_see.posted, 0u);
	fake_see.post_waits[1] = false;
	world_run(2);
	ASSERT_EQ(fake_see.posted, 2u);
	EXPECT_EQ(fake_see.posts[0].cid, 9u);
	EXPECT_EQ(fake_see.posts[1].cid, 10u);
}

TEST(firmware_admin, refuses_bad_queues)
{
	world_begin();
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), DNR(NVME_INVALID_QUEUE_ID)); /* there already */
	EXPECT_EQ(create_cq(QSIZE(64) | 0, 1, 0x40000), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(create_cq(QSIZE(64) | 9, 1, 0x40000), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(create_cq(QSIZE(64) | 0xffff, 1, 0x40000), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(create_cq(QSIZE(1) | 2, 1, 0x40000), DNR(NVME_INVALID_QUEUE_SIZE));
	EXPECT_EQ(create_cq(QSIZE(1025) | 2, 1, 0x40000), DNR(NVME_INVALID_QUEUE_SIZE));
	EXPECT_EQ(create_cq(QSIZE(65536u) | 2, 1, 0x40000), DNR(NVME_INVALID_QUEUE_SIZE));
	EXPECT_EQ(create_cq(QSIZE(64) | 2, 0, 0x40000), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(create_cq(QSIZE(64) | 2, 9u << 16 | 3, 0x40000), DNR(NVME_INVALID_VECTOR));
	EXPECT_EQ(create_cq(QSIZE(64) | 2, 1, 0x40008), DNR(NVME_INVALID_PRP_OFFSET));
	EXPECT_EQ(create_sq(QSIZE(64) | 1, 0u << 16 | 1, 0x50000), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(create_sq(QSIZE(64) | 1, 9u << 16 | 1, 0x50000), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(create_sq(QSIZE(64) | 1, 2u << 16 | 1, 0x50000), DNR(NVME_INVALID_CQ));
	EXPECT_EQ(create_sq(QSIZE(64) | 1, 1u << 16 | 0, 0x50000), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(create_sq(QSIZE(1) | 1, 1u << 16 | 1, 0x50000), DNR(NVME_INVALID_QUEUE_SIZE));
	EXPECT_FALSE(fake_see.queues[1][1].sq_valid);
	EXPECT_FALSE(fake_see.queues[1][2].cq_valid);
}

TEST(firmware_admin, deletes_queues)
{
	world_begin();
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(64) | 2, 1u << 16 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_CQ, 1, 0), DNR(NVME_INVALID_QUEUE_DELETION));
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_CQ, 0, 0), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_SQ, 1, 0), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_SQ, 0, 0), DNR(NVME_INVALID_QUEUE_ID));
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_SQ, 2, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_FALSE(fake_see.queues[1][2].sq_valid);
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_CQ, 1, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_FALSE(fake_see.queues[1][1].cq_valid);
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_CQ, 1, 0), DNR(NVME_INVALID_QUEUE_ID));
}

TEST(firmware_admin, deletion_waits_for_the_queue_s_commands)
{
	struct nvme_sqe read = {.opcode = NVME_IO_READ, .nsid = 1, .dw12 = 7};
	struct nvme_sqe delete_sq = {.opcode = NVME_ADMIN_DELETE_SQ, .dw10 = 1};
	unsigned io, deletion;

	world_begin();
	attach();
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(64) | 1, 1u << 16 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	io = fake_see_submit(1, 1, &read, 4096);
	deletion = fake_see_submit(1, 0, &delete_sq, 0);
	EXPECT_EQ(fake_see.answers[deletion].count, 0u);
	EXPECT_EQ(run(1, delete_sq), DNR(NVME_INVALID_QUEUE_ID)); /* it is being deleted */
	world_run(5);
	EXPECT_EQ(fake_see.answers[io].count, 1u);
	EXPECT_EQ(fake_see_status(deletion), NVME_SUCCESS);
}

TEST(firmware_admin, a_reset_answers_everything_the_firmware_holds)
{
	struct nvme_sqe read = {.opcode = NVME_IO_READ, .nsid = 1, .dw12 = 7};
	struct nvme_sqe delete_sq = {.opcode = NVME_ADMIN_DELETE_SQ, .dw10 = 1};
	struct nvme_sqe aer = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = 9};

	world_begin();
	attach();
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(create_sq(QSIZE(64) | 1, 1u << 16 | 1, 0x50000), (uint32_t)NVME_SUCCESS);
	for (unsigned i = 0; i < 5; i++)
		fake_see_submit(1, 1, &read, 4096);
	fake_see_submit(1, 0, &delete_sq, 0);
	fake_see_submit(1, 0, &aer, 0);
	fake_see_event(SEE_DESC_FLR, 1, 0);
	world_run(5);
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		EXPECT_FALSE(fake_see.answers[slot].open);
	EXPECT_EQ(fake_see.posted, 0u);
	EXPECT_TRUE(fake_see.namespaces[1].attached); /* an FLR does not detach */
	EXPECT_EQ(controller_of(1)->io_queues, 0u);
}

TEST(firmware_admin, a_new_life_waits_for_the_commands_of_the_old)
{
	struct nvme_sqe write = {.opcode = NVME_IO_WRITE, .nsid = 1, .dw12 = 7};
	unsigned slot;

	world_begin();
	attach();
	slot = fake_see_submit(1, 1, &write, 4096);
	fake_see_event(SEE_DESC_DISABLE, 1, 0);
	see_function_write(1, SEE_FN_CSTS, 0);
	fake_see_event(SEE_DESC_ENABLE, 1, 0);
	EXPECT_EQ(see_function_read(1, SEE_FN_CSTS), 0u);
	EXPECT_EQ(fake_see.answers[slot].count, 0u);
	world_run(5);
	EXPECT_EQ(fake_see.answers[slot].count, 1u);
	EXPECT_EQ(see_function_read(1, SEE_FN_CSTS), SEE_CSTS_RDY_MASK);
}

TEST(firmware_admin, volumes)
{
	world_begin();
	attach();
	EXPECT_TRUE(fake_see.namespaces[1].attached);
	EXPECT_EQ(fake_see.namespaces[1].blocks, WORLD_BLOCKS);
	EXPECT_EQ(run3(0, NVME_ADMIN_LIST_VOLUMES, 0, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_MEMEQ(data(), "volume 0 ready 8192 blocks function 1 nqn.2026-11.assay:target0\n", 64);
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, 0xffffffff), (uint32_t)NVME_SUCCESS);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 17, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, 16), DNR(NVME_INVALID_FIELD));
}

TEST(firmware_admin, attaching_an_absent_volume_ends_with_not_ready)
{
	struct nvme_sqe sqe = {.opcode = NVME_ADMIN_ATTACH_VOLUME, .dw10 = 1, .dw11 = WORLD_ABSENT};

	world_begin();
	last_slot = fake_see_submit(0, 0, &sqe, 0);
	EXPECT_EQ(fake_see.answers[last_slot].count, 0u);
	world_run(11000);
	EXPECT_EQ(fake_see_status(last_slot), NVME_NAMESPACE_NOT_READY);
	EXPECT_FALSE(fake_see.namespaces[1].attached);
}
