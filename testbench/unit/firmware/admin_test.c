/* The controllers that hosts see: every admin command, what it answers and what it refuses (NVMe 1.4 section 5). */
#include "firmware/fabric/fabric.h"
#include "firmware/nvme/controller.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/world.h"

#define DNR(status) ((uint32_t)(status) | NVME_STATUS_DNR)
#define QSIZE(entries) (((entries) - 1u) << 16)

static unsigned last_slot;

static uint32_t run(unsigned function, struct nvme_sqe sqe)
{
	last_slot = fake_see_submit(function, 0, &sqe, 0);
	return fake_see_status(last_slot);
}

static uint32_t run3(unsigned function, uint8_t opcode, uint32_t dw10, uint32_t dw11)
{
	return run(function, (struct nvme_sqe){.opcode = opcode, .cid = 77, .dw10 = dw10, .dw11 = dw11});
}

static uint32_t dw0(void)
{
	return fake_see.answers[last_slot].dw0;
}

static const uint8_t *data(void)
{
	return fake_see_buffer(last_slot);
}

static uint32_t word(unsigned offset)
{
	uint32_t value;

	memcpy(&value, data() + offset, sizeof(value));
	return value;
}

static uint32_t identify(unsigned function, uint32_t cns, uint32_t nsid)
{
	return run(function, (struct nvme_sqe){.opcode = NVME_ADMIN_IDENTIFY, .nsid = nsid, .dw10 = cns});
}

static bool plain_ready(void)
{
	return fabric_storage(WORLD_PLAIN)->ready;
}

static void attach(void)
{
	ASSERT_TRUE(world_run_until(plain_ready, 10000));
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, WORLD_PLAIN), (uint32_t)NVME_SUCCESS);
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
		{0x00460801, 0x1f001f, 0x10000, 0x20000}, /* arbitration */
		{0x00460001, 0x1f0000, 0x10000, 0x20000}, /* queues of one entry */
		{0x00460001, 0x00001f, 0x10000, 0x20000},
		{0x00460001, 0x1f0400, 0x10000, 0x20000}, /* too long */
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

static uint32_t create_cq(uint32_t dw10, uint32_t dw11, uint64_t address)
{
	return run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_CQ, .dw10 = dw10, .dw11 = dw11, .dptr = {address}});
}

static uint32_t create_sq(uint32_t dw10, uint32_t dw11, uint64_t address)
{
	return run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_SQ, .dw10 = dw10, .dw11 = dw11, .dptr = {address}});
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
	EXPECT_EQ(fake_see.slot_limit, 60u); /* one function has I/O queues; four slots stay for admin commands */
	EXPECT_EQ(run(2, (struct nvme_sqe){.opcode = NVME_ADMIN_CREATE_CQ, .dw10 = QSIZE(64) | 1, .dw11 = 1,
			  .dptr = {0x60000}}), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.slot_limit, 30u);
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

TEST(firmware_admin, features)
{
	static const uint8_t mandatory[] = {1, 2, 4, 5, 7, 8, 9, 0xa, 0xb};

	world_begin();
	for (size_t i = 0; i < sizeof(mandatory); i++) {
		EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, mandatory[i], 0), (uint32_t)NVME_SUCCESS);
		EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 3u << 8 | mandatory[i], 0), (uint32_t)NVME_SUCCESS);
		EXPECT_EQ(dw0() & 5, 4u); /* changeable, not saveable */
	}
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 7, 0x00030003), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 0x00070007u);
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 7, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 0x00070007u);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 4, 320), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 4, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 320u);
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 1u << 8 | 4, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), (uint32_t)CONTROLLER_WARNING_KELVIN);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 9, 1u << 16 | 3), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 9, 3), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 1u << 16 | 3u);
}

TEST(firmware_admin, refuses_bad_features)
{
	world_begin();
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 0x7f, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 4u << 8 | 1, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_GET_FEATURES, 3, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 0, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 1u << 31 | 1, 0), DNR(NVME_FEATURE_NOT_SAVEABLE));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 2, 1), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 4, 1u << 16), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 5, 1u << 16), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 6, 0), DNR(NVME_FEATURE_NOT_CHANGEABLE));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 7, 0xffff), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 9, 9), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 0xb, 1u << 31), DNR(NVME_INVALID_FIELD));
	ASSERT_EQ(create_cq(QSIZE(64) | 1, 1, 0x40000), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 7, 0), DNR(NVME_COMMAND_SEQUENCE_ERROR));
}

static uint32_t get_log(uint32_t id, uint32_t bytes, uint64_t offset)
{
	return run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = NVME_NSID_ALL,
		.dw10 = (bytes / 4 - 1) << 16 | id, .dw11 = (bytes / 4 - 1) >> 16, .dw12 = (uint32_t)offset,
		.dw13 = (uint32_t)(offset >> 32)});
}

TEST(firmware_admin, log_pages)
{
	world_begin();
	EXPECT_EQ(get_log(NVME_LOG_SMART, 512, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(fake_see.answers[last_slot].push_bytes, 512u);
	EXPECT_EQ(data()[3], 100);
	EXPECT_EQ(word(176), 0u); /* error entries */
	EXPECT_EQ(run3(1, 0xee, 0, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(get_log(NVME_LOG_SMART, 512, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(176), 1u);
	EXPECT_EQ(get_log(NVME_LOG_ERROR, 128, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 1u);
	EXPECT_EQ(word(8) >> 16, 77u);
	EXPECT_EQ((word(12) & 0xffff) >> 1, DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(word(64), 0u);
	EXPECT_EQ(get_log(NVME_LOG_FIRMWARE, 512, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(data()[0], 1);
	EXPECT_EQ(get_log(NVME_LOG_FIRMWARE, 4, 8), (uint32_t)NVME_SUCCESS); /* from an offset */
	EXPECT_MEMEQ(data(), "1.0 ", 4);
	EXPECT_EQ(get_log(NVME_LOG_CHANGED_NAMESPACES, 4096, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 0u);
}

TEST(firmware_admin, refuses_bad_log_pages)
{
	world_begin();
	EXPECT_EQ(get_log(0x00, 512, 0), DNR(NVME_INVALID_LOG_PAGE));
	EXPECT_EQ(get_log(0x70, 512, 0), DNR(NVME_INVALID_LOG_PAGE));
	EXPECT_EQ(get_log(NVME_LOG_SMART, 512, 3), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(get_log(NVME_LOG_SMART, 512, 516), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(get_log(NVME_LOG_SMART, 512, 1ull << 40), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(get_log(NVME_LOG_SMART, 0x20004, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run(1, (struct nvme_sqe){.opcode = NVME_ADMIN_GET_LOG_PAGE, .nsid = 1, .dw10 = 127u << 16 | 2}),
		DNR(NVME_INVALID_FIELD));
}

static void request_event(uint16_t cid)
{
	struct nvme_sqe aer = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = cid};

	last_slot = fake_see_submit(1, 0, &aer, 0);
}

TEST(firmware_admin, asynchronous_events)
{
	world_begin();
	for (uint16_t cid = 100; cid < 104; cid++) {
		request_event(cid);
		EXPECT_TRUE(fake_see.answers[last_slot].released);
	}
	request_event(104);
	EXPECT_EQ(fake_see_status(last_slot), DNR(NVME_AER_LIMIT_EXCEEDED));
	fake_see_event(SEE_DESC_BAD_DOORBELL, 1, 5);
	ASSERT_EQ(fake_see.posted, 1u);
	EXPECT_EQ(fake_see.posts[0].cid, 100);
	EXPECT_EQ(fake_see.posts[0].dw0, 0x010000u);
	fake_see_event(SEE_DESC_BAD_DOORBELL, 1, 5); /* held until the log page is read */
	EXPECT_EQ(fake_see.posted, 1u);
	EXPECT_EQ(get_log(NVME_LOG_ERROR, 64, 0), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(fake_see.posted, 2u);
	EXPECT_EQ(fake_see.posts[1].cid, 101);
}

TEST(firmware_admin, namespace_changes_are_told_to_who_asked)
{
	world_begin();
	request_event(100);
	attach();
	EXPECT_EQ(fake_see.posted, 0u); /* not enabled by feature 0Bh */
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 0xb, 0x100), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, 0xffffffff), (uint32_t)NVME_SUCCESS);
	ASSERT_EQ(fake_see.posted, 1u);
	EXPECT_EQ(fake_see.posts[0].dw0, 0x040002u);
	EXPECT_EQ(get_log(NVME_LOG_CHANGED_NAMESPACES, 4096, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(word(0), 1u);
}

TEST(firmware_admin, aborts)
{
	world_begin();
	request_event(100);
	request_event(101);
	EXPECT_EQ(run3(1, NVME_ADMIN_ABORT, 101u << 16, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 0u);
	ASSERT_EQ(fake_see.posted, 1u);
	EXPECT_EQ(fake_see.posts[0].cid, 101);
	EXPECT_EQ(fake_see.posts[0].status, NVME_ABORTED_BY_REQUEST);
	EXPECT_EQ(run3(1, NVME_ADMIN_ABORT, 101u << 16, 0), (uint32_t)NVME_SUCCESS);
	EXPECT_EQ(dw0(), 1u); /* not there any more */
	EXPECT_EQ(run3(1, NVME_ADMIN_ABORT, 5u << 16 | 4, 0), DNR(NVME_INVALID_FIELD));
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
	EXPECT_EQ(run3(0, NVME_ADMIN_ATTACH_VOLUME, 1, 15), DNR(NVME_INVALID_FIELD));
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
