#include "models/board/receiver.h"
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"

static struct receivers receivers;

enum { RECEIVER = BAU_RECEIVER_PAGE + 3 * BAU_RECEIVER_STRIDE, PAGE = BAU_GUEST_PAGE + 3 * BAU_GUEST_STRIDE };

static void start(void)
{
	receivers_reset(&receivers);
	receiver_write(&receivers, RECEIVER + BAU_RUNNING_ITE, 0x80001000);
	receiver_write(&receivers, RECEIVER + BAU_HART_PARTITION, 1);
	receiver_write(&receivers, RECEIVER + BAU_RUNNING, BAU_RUNNING_VALID_MASK | FIELD_PREP(BAU_RUNNING_TARGET, 9) |
		FIELD_PREP(BAU_RUNNING_VMID, 4) | FIELD_PREP(BAU_RUNNING_GEIN, 2));
}

static uint64_t hgeip(void)
{
	return receiver_read(&receivers, RECEIVER + BAU_HGEIP);
}

TEST(receiver, matches_only_what_the_hart_runs_now)
{
	start();
	EXPECT_FALSE(receiver_signal(&receivers, 3, 0, 4, 9));
	EXPECT_FALSE(receiver_signal(&receivers, 3, 1, 5, 9));
	EXPECT_FALSE(receiver_signal(&receivers, 3, 1, 4, 8));
	EXPECT_FALSE(receiver_signal(&receivers, 2, 1, 4, 9));
	EXPECT_FALSE(receiver_signal(&receivers, 99, 1, 4, 9));
	EXPECT_EQ(hgeip(), 0);
	EXPECT_TRUE(receiver_signal(&receivers, 3, 1, 4, 9));
	EXPECT_EQ(hgeip(), 1 << 2);
	receiver_write(&receivers, RECEIVER + BAU_RUNNING, 0);
	EXPECT_FALSE(receiver_signal(&receivers, 3, 1, 4, 9));
	EXPECT_EQ(hgeip(), 1 << 2);
	receiver_write(&receivers, RECEIVER + BAU_HGEIP, 1 << 2);
	EXPECT_EQ(hgeip(), 0);
}

TEST(receiver, target_without_a_guest_interrupt_never_matches)
{
	start();
	receiver_write(&receivers, RECEIVER + BAU_RUNNING,
		BAU_RUNNING_VALID_MASK | FIELD_PREP(BAU_RUNNING_TARGET, 9) | FIELD_PREP(BAU_RUNNING_VMID, 4));
	EXPECT_FALSE(receiver_signal(&receivers, 3, 1, 4, 9));
}

TEST(receiver, guest_page_acknowledges_and_forwards_unblock)
{
	start();
	EXPECT_TRUE(receiver_owns(PAGE + BAU_ACK));
	EXPECT_FALSE(receiver_owns(BAU_PARTITION_PAGE));
	receiver_write(&receivers, RECEIVER + BAU_RAISE, 1);
	EXPECT_EQ(hgeip(), 1 << 2);
	EXPECT_FALSE(receiver_write(&receivers, PAGE + BAU_ACK, 1).valid);
	EXPECT_EQ(hgeip(), 0);
	struct receiver_forward forward = receiver_write(&receivers, PAGE + BAU_UNBLOCK, 1);
	EXPECT_TRUE(forward.valid);
	EXPECT_EQ(forward.address, PAGE + BAU_UNBLOCK);
	EXPECT_EQ(forward.data, 0x80001000);
	receiver_write(&receivers, RECEIVER + BAU_RUNNING, 0);
	EXPECT_FALSE(receiver_write(&receivers, PAGE + BAU_UNBLOCK, 1).valid);
	receiver_write(&receivers, RECEIVER + BAU_RAISE, 1);
	EXPECT_EQ(hgeip(), 0);
	EXPECT_EQ(receiver_read(&receivers, PAGE + BAU_UNBLOCK), 0);
}
