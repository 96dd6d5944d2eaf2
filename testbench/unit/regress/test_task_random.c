/* Random tasks, reports, cancels, deaths and times against the promises of sim/regress/task.h, looked at after every call. */
#include "testbench/unit/regress/task_rig.h"

static struct task_rig rig;
static uint64_t random_state;

static uint32_t pick(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 33) % below;
}

/* The journal may only show a task moving right, its progress rising, and nothing after a terminal state. */
static void check_journal(void)
{
	static uint8_t state[RIG_JOURNAL], progress[RIG_JOURNAL];
	for (uint32_t i = 0; i < RIG_JOURNAL; i++)
		state[i] = progress[i] = 0;
	for (uint32_t i = 0; i < rig.journal_count; i++) {
		const struct task *task = &rig.journal[i];
		ASSERT_TRUE(task->number < RIG_JOURNAL);
		ASSERT_TRUE(state[task->number] < TASK_SUCCEEDED);
		ASSERT_TRUE(task->state >= state[task->number] && task->progress >= progress[task->number]);
		ASSERT_TRUE((task->progress == 100) == (task->state == TASK_SUCCEEDED));
		state[task->number] = task->state;
		progress[task->number] = task->progress;
	}
}

static void check_exclusion(void)
{
	for (uint64_t resource = 0; resource < 6; resource++) {
		unsigned holders = 0;
		for (uint32_t i = 0; i < rig.manager.count; i++) {
			const struct task *task = &rig.tasks[rig.order[i]];
			for (uint32_t r = 0; r < task->taken; r++)
				holders += task->resources[r] == resource && !(task->inherited >> r & 1);
			EXPECT_TRUE(!task_is_terminal(task) || task->taken == 0);
			EXPECT_TRUE(task->state != TASK_RUNNING || task->taken == task->resource_count);
		}
		ASSERT_TRUE(holders <= 1);
	}
}

static void accept_one(uint64_t now)
{
	struct task_request request = {.name = "random", .routine = pick(RIG_ROUTINES), .policy = pick(2) ? TASK_FIFO : TASK_REJECT, .timeout = pick(3) ? 0 : 1 + pick(60)};
	uint32_t mask = pick(64), number;
	if (pick(3) == 0 && rig.manager.count)
		request.parent = rig.tasks[rig.order[pick(rig.manager.count)]].number;
	for (uint64_t r = 0; r < 6; r++) {
		if ((mask >> r & 1) && pick(2))
			request.resources[request.resource_count++] = r;
	}
	task_accept(&rig.manager, &request, now, &number);
}

static void report_something(uint64_t now)
{
	uint32_t number = 1 + pick(rig.manager.last_number + 1);
	switch (pick(7)) {
	case 0:
		task_succeed(&rig.manager, number, now);
		break;
	case 1:
		task_fail(&rig.manager, number, -1, now);
		break;
	case 2:
		task_cancel(&rig.manager, number, now);
		break;
	case 3:
		task_undone(&rig.manager, number, now);
		break;
	case 4:
		task_worker_died(&rig.manager, 1 + pick(4), now);
		break;
	case 5:
		task_set_worker(&rig.manager, number, 1 + pick(4));
		break;
	default:
		task_progress(&rig.manager, number, pick(100), 100);
	}
}

/* With nobody asking for more, every task ends: what runs succeeds, what compensates is done, and what waits gets its turn. */
static void drain(uint64_t now)
{
	for (uint32_t round = 0; round < 10 * RIG_SLOTS; round++) {
		task_dispatch(&rig.manager, now);
		for (uint32_t i = 0; i < rig.manager.count; i++) {
			uint32_t number = rig.tasks[rig.order[i]].number;
			task_succeed(&rig.manager, number, now);
			task_undone(&rig.manager, number, now);
		}
	}
	for (uint32_t i = 0; i < rig.manager.count; i++)
		EXPECT_TRUE(task_is_terminal(&rig.tasks[rig.order[i]]));
	EXPECT_EQ(rig.manager.running, 0);
}

TEST(task_random, keeps_its_promises)
{
	random_state = test_seed() * 0x9e3779b97f4a7c15ull + 1;
	for (int run = 0; run < 400 && !test_has_failed(); run++) {
		task_rig_init(&rig);
		rig.manager.workers = pick(4);
		uint64_t now = 1;
		for (int step = 0; step < 250; step++) {
			now += pick(4);
			if (pick(3) == 0)
				accept_one(now);
			else
				report_something(now);
			task_dispatch(&rig.manager, now);
			check_exclusion();
		}
		drain(now);
		check_journal();
	}
	if (test_has_failed())
		test_fail(__FILE__, __LINE__, "reproduce: ASSAY_SEED=%llu build/test/task --gtest_filter=task_random.*", (unsigned long long)test_seed());
}
