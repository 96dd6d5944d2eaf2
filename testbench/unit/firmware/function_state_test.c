/* A function held still, its state taken and given back (firmware/nvme/function_state_wire.h). */
#include "firmware/nvme/controller.h"
#include "firmware/nvme/function_state_wire.h"
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"
#include "testbench/unit/firmware/admin.h"
#include "testbench/unit/firmware/fake_see.h"
#include "testbench/unit/firmware/world.h"

#define QUEUE(entries) (((entries) - 1u) << 16 | 1u)

static uint32_t hold(unsigned function)
{
	struct nvme_sqe sqe = {.opcode = NVME_ADMIN_FUNCTION_HOLD, .cid = 9, .dw10 = function};
	unsigned slot = fake_see_submit(0, 0, &sqe, 0);

	function_state_run();
	return fake_see_status(slot);
}

/* Gives @p state to @p function. @return the command's status. */
static uint32_t set(unsigned function, const struct function_state *state)
{
	struct nvme_sqe sqe = {.opcode = NVME_ADMIN_FUNCTION_SET, .dw10 = function};
	unsigned slot = fake_see_submit(0, 0, &sqe, 0);

	if (!fake_see.answers[slot].open)
		return fake_see_status(slot);
	EXPECT_EQ(fake_see.answers[slot].pull_bytes, sizeof(*state));
	memcpy(fake_see_buffer(slot), state, sizeof(*state));
	fake_see_pulled(0, slot, &sqe);
	return fake_see_status(slot);
}

static struct function_state get(unsigned function)
{
	struct function_state state;

	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_GET, function, 0), NVME_SUCCESS);
	memcpy(&state, data(), sizeof(state));
	return state;
}

static void busy_function(void)
{
	struct nvme_sqe event = {.opcode = NVME_ADMIN_ASYNC_EVENT, .cid = 77};

	world_begin();
	attach();
	EXPECT_EQ(create_cq(QUEUE(64), 3u << 16 | 3, 0x40000), NVME_SUCCESS);
	EXPECT_EQ(create_sq(QUEUE(64), 1u << 16 | 1, 0x50000), NVME_SUCCESS);
	fake_see_submit(1, 0, &event, 0);
	fake_see.queues[1][1].sq_state = 0x00050004;
	fake_see.queues[1][1].cq_state = 0x100030002;
}

TEST(firmware_function_state, moves_from_one_life_to_the_next)
{
	busy_function();
	EXPECT_EQ(hold(1), NVME_SUCCESS);
	EXPECT_TRUE(fake_see.namespaces[1].held);
	struct function_state state = get(1);
	EXPECT_EQ(state.aers, 1u);
	EXPECT_EQ(state.aer_cids[0], 77u);
	EXPECT_EQ(state.queue[1].sq_state, 0x00050004u);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_RELEASE, 1, 0), NVME_SUCCESS);
	EXPECT_FALSE(fake_see.namespaces[1].held);

	fake_see_event(SEE_DESC_FLR, 1, 0);
	EXPECT_FALSE(fake_see.queues[1][1].sq_valid);
	EXPECT_EQ(hold(1), NVME_SUCCESS);
	fake_see_event(SEE_DESC_ENABLE, 1, 0);
	EXPECT_EQ(set(1, &state), NVME_SUCCESS);
	EXPECT_TRUE(fake_see.queues[1][1].sq_valid && fake_see.queues[1][1].cq_valid);
	EXPECT_EQ(fake_see.queues[1][1].sq_address, 0x50000u);
	EXPECT_EQ(fake_see.queues[1][1].sq_entries, 64u);
	EXPECT_EQ(fake_see.queues[1][1].vector, 3u);
	EXPECT_EQ(fake_see.queues[1][1].sq_state, 0x00050004u);
	EXPECT_EQ(fake_see.queues[1][1].cq_state, 0x100030002u);
	EXPECT_EQ(controller_of(1)->io_queues, 2u);
	EXPECT_EQ(controller_of(1)->aers, 1u);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_RELEASE, 1, 0), NVME_SUCCESS);
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_CQ, 1, 0), DNR(NVME_INVALID_QUEUE_DELETION));
	EXPECT_EQ(run3(1, NVME_ADMIN_DELETE_SQ, 1, 0), NVME_SUCCESS);
}

TEST(firmware_function_state, waits_for_what_is_under_way_and_posts_nothing_meanwhile)
{
	struct nvme_sqe sqe = {.opcode = NVME_ADMIN_FUNCTION_HOLD, .dw10 = 1};

	busy_function();
	see_function_write(1, SEE_FN_INFLIGHT, 2);
	unsigned slot = fake_see_submit(0, 0, &sqe, 0);
	function_state_run();
	EXPECT_TRUE(fake_see.answers[slot].open);
	see_function_write(1, SEE_FN_INFLIGHT, 0);
	function_state_run();
	EXPECT_EQ(fake_see_status(slot), NVME_SUCCESS);
	unsigned posted = fake_see.posted;
	async_raise(controller_of(1), ASYNC_INVALID_DOORBELL);
	EXPECT_EQ(fake_see.posted, posted);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_RELEASE, 1, 0), NVME_SUCCESS);
	EXPECT_EQ(fake_see.posted, posted + 1);
}

TEST(firmware_function_state, refuses_what_does_not_fit)
{
	busy_function();
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_RELEASE, 1, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_GET, 1, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_HOLD, 0, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_HOLD, 17, 0), DNR(NVME_INVALID_FIELD));
	EXPECT_EQ(run3(1, NVME_ADMIN_FUNCTION_HOLD, 1, 0), DNR(NVME_INVALID_OPCODE));
	EXPECT_EQ(hold(1), NVME_SUCCESS);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_HOLD, 1, 0), DNR(NVME_INVALID_FIELD));
	const struct function_state good = get(1);
#define REFUSED(change)                                             \
	do {                                                        \
		struct function_state state = good;                 \
		change;                                             \
		EXPECT_EQ(set(1, &state), DNR(NVME_INVALID_FIELD)); \
	} while (0)
	REFUSED(state.magic = 0);
	REFUSED(state.version = 9);
	REFUSED(state.aers = CONTROLLER_AERS + 1);
	REFUSED(state.blocks++);
	REFUSED(state.queue[1].sq_control = FIELD_PREP(SEE_SQ_CONTROL_VALID, 1) | FIELD_PREP(SEE_SQ_CONTROL_SIZE, 1) | FIELD_PREP(SEE_SQ_CONTROL_CQID, 1));
	REFUSED(state.queue[1].sq_control = FIELD_PREP(SEE_SQ_CONTROL_VALID, 1) | FIELD_PREP(SEE_SQ_CONTROL_SIZE, 8) | FIELD_PREP(SEE_SQ_CONTROL_CQID, 5));
	REFUSED(state.queue[1].cq_control |= FIELD_PREP(SEE_CQ_CONTROL_VECTOR, 15));
	REFUSED(state.queue[1].sq_address |= 8);
#undef REFUSED
	EXPECT_EQ(set(1, &good), NVME_SUCCESS);
	fake_see_event(SEE_DESC_DISABLE, 0, 0);
	EXPECT_FALSE(fake_see.namespaces[1].held);
}

/* The state of a function is not there to be taken or given while a command of it is under way: a Delete I/O Submission Queue that ends
 * after the queues were given back would end a queue of the new ones. */
TEST(firmware_function_state, is_refused_while_a_deletion_is_under_way)
{
	struct nvme_sqe write = {.opcode = NVME_IO_WRITE, .nsid = 1, .dw12 = 7}, delete = {.opcode = NVME_ADMIN_DELETE_SQ, .dw10 = 1},
			hold_it = {.opcode = NVME_ADMIN_FUNCTION_HOLD, .dw10 = 1};

	busy_function();
	EXPECT_EQ(hold(1), NVME_SUCCESS);
	const struct function_state state = get(1);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_RELEASE, 1, 0), NVME_SUCCESS);
	unsigned under_way = fake_see_submit(1, 1, &write, 4096);
	unsigned deletion = fake_see_submit(1, 0, &delete, 0);
	EXPECT_TRUE(fake_see.answers[under_way].open && fake_see.answers[deletion].open);
	see_function_write(1, SEE_FN_INFLIGHT, 2);
	unsigned waiting = fake_see_submit(0, 0, &hold_it, 0);
	EXPECT_EQ(set(1, &state), NVME_COMMAND_SEQUENCE_ERROR);
	EXPECT_EQ(run3(0, NVME_ADMIN_FUNCTION_GET, 1, 0), NVME_COMMAND_SEQUENCE_ERROR);
	world_run(5);
	see_function_write(1, SEE_FN_INFLIGHT, 0);
	function_state_run();
	EXPECT_EQ(fake_see_status(deletion), NVME_SUCCESS);
	EXPECT_EQ(fake_see_status(waiting), NVME_SUCCESS);
	EXPECT_EQ(controller_of(1)->cqs[1].users, 0u);
	EXPECT_EQ(set(1, &state), NVME_SUCCESS);
	EXPECT_TRUE(fake_see.queues[1][1].sq_valid);
	EXPECT_EQ(controller_of(1)->cqs[1].users, 1u);
}
