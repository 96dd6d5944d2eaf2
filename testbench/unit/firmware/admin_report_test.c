/* What controllers tell of themselves: features, log pages, events, aborts (NVMe 1.4 section 5). */
#include "firmware/nvme/controller.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/admin.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/world.h"

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
	EXPECT_EQ(run3(1, NVME_ADMIN_SET_FEATURES, 6, 0), DNR(NVME_FEATURE_NOT_CHANGEABLE)); /* the cache of whatever volume comes */
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
