/* The task state machine, case by case. */
#include "testbench/unit/regress/task_rig.h"

static struct task_rig rig;

TEST(task, runs_reports_and_succeeds)
{
	task_rig_init(&rig);
	uint32_t n = task_rig_add(&rig, RIG_PLAIN, 1, 0);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_QUEUED);
	EXPECT_TRUE(task_dispatch(&rig.manager, 10));
	EXPECT_EQ(task_rig_state(&rig, n), TASK_RUNNING);
	EXPECT_EQ(rig.started[0], n);
	EXPECT_EQ(task_blocker(&rig.manager, 0)->number, n);
	EXPECT_EQ(task_progress(&rig.manager, n, 62, 100), TASK_OK);
	EXPECT_EQ(task_succeed(&rig.manager, n, 30), TASK_OK);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_SUCCEEDED);
	EXPECT_EQ(task_find(&rig.manager, n)->progress, 100);
	EXPECT_EQ(task_find(&rig.manager, n)->ended_at, 30);
	EXPECT_TRUE(task_blocker(&rig.manager, 0) == NULL);
	EXPECT_FALSE(task_dispatch(&rig.manager, 40));
}

TEST(task, describes_what_is_in_the_way)
{
	char text[TASK_TEXT_BYTES];
	task_rig_init(&rig);
	struct task_request request = {.name = "snapshot vm0", .resource_count = 1, .resources = {4}, .policy = TASK_REJECT};
	uint32_t n, other;
	for (uint32_t i = 1; i < 7; i++) {
		ASSERT_EQ(task_accept(&rig.manager, &(struct task_request){.name = "x"}, 0, &n), TASK_OK);
		task_cancel(&rig.manager, n, 0);
	}
	ASSERT_EQ(task_accept(&rig.manager, &request, 0, &n), TASK_OK);
	task_dispatch(&rig.manager, 0);
	task_progress(&rig.manager, n, 625, 1000);
	ASSERT_EQ(task_accept(&rig.manager, &request, 0, &other), TASK_BUSY);
	task_describe(task_find(&rig.manager, other), text, sizeof text);
	EXPECT_STREQ(text, "task 7 snapshot vm0 62 %");
	task_cancel(&rig.manager, n, 1);
	task_describe(task_find(&rig.manager, other), text, sizeof text);
	EXPECT_STREQ(text, "task 7 snapshot vm0 compensating");
}

TEST(task, progress_never_falls_and_reaches_100_only_with_success)
{
	task_rig_init(&rig);
	uint32_t n = task_rig_add(&rig, RIG_PLAIN, 0, 0);
	task_dispatch(&rig.manager, 0);
	const struct task *task = task_find(&rig.manager, n);
	task_progress(&rig.manager, n, 50, 100);
	task_progress(&rig.manager, n, 40, 100);
	EXPECT_EQ(task->progress, 50);
	task_progress(&rig.manager, n, 200, 100);
	EXPECT_EQ(task->progress, 99);
	task_progress(&rig.manager, n, UINT64_MAX / 2, UINT64_MAX);
	EXPECT_EQ(task->progress, 99);
	task_progress(&rig.manager, n, 1, 0);
	EXPECT_EQ(task->progress, 99);
}

TEST(task, ends_once_and_late_reports_are_counted)
{
	task_rig_init(&rig);
	uint32_t n = task_rig_add(&rig, RIG_PLAIN, 1, 0);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_fail(&rig.manager, n, -5, 1), TASK_OK);
	task_dispatch(&rig.manager, 1);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_FAILED);
	EXPECT_EQ(task_find(&rig.manager, n)->error, -5);
	EXPECT_EQ(task_succeed(&rig.manager, n, 2), TASK_LATE);
	EXPECT_EQ(task_progress(&rig.manager, n, 99, 100), TASK_LATE);
	EXPECT_EQ(task_fail(&rig.manager, 999, 1, 2), TASK_LATE);
	EXPECT_EQ(task_cancel(&rig.manager, n, 2), TASK_LATE);
	EXPECT_EQ(task_undone(&rig.manager, n, 2), TASK_LATE);
	EXPECT_EQ(rig.manager.late, 4);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_FAILED);
}

/* Each unsuccessful end compensates first and gives its resource back after that. */
TEST(task, unblocks_on_every_end)
{
	static const enum task_state ends[] = {TASK_FAILED, TASK_CANCELLED, TASK_TIMED_OUT, TASK_LOST};
	for (unsigned i = 0; i < 4; i++) {
		task_rig_init(&rig);
		struct task_request request = {.routine = RIG_UNDOES, .resource_count = 1, .resources = {9}, .timeout = 100};
		uint32_t n;
		ASSERT_EQ(task_accept(&rig.manager, &request, 0, &n), TASK_OK);
		task_dispatch(&rig.manager, 1000);
		task_set_worker(&rig.manager, n, 3);
		if (ends[i] == TASK_FAILED)
			task_fail(&rig.manager, n, 1, 1001);
		else if (ends[i] == TASK_CANCELLED)
			task_cancel(&rig.manager, n, 1001);
		else if (ends[i] == TASK_LOST)
			EXPECT_EQ(task_worker_died(&rig.manager, 3, 1001), 1);
		task_dispatch(&rig.manager, ends[i] == TASK_TIMED_OUT ? 1099 : 1100);
		EXPECT_EQ(task_rig_state(&rig, n), ends[i] == TASK_TIMED_OUT ? TASK_RUNNING : TASK_COMPENSATING);
		task_dispatch(&rig.manager, 1100);
		EXPECT_EQ(rig.undo_count, 1);
		EXPECT_TRUE(task_blocker(&rig.manager, 9) != NULL);
		EXPECT_EQ(task_undone(&rig.manager, n, 1101), TASK_OK);
		EXPECT_EQ(task_rig_state(&rig, n), ends[i]);
		EXPECT_TRUE(task_blocker(&rig.manager, 9) == NULL);
	}
}

TEST(task, compensation_that_never_ends_is_ended_by_its_timeout)
{
	task_rig_init(&rig);
	uint32_t n = task_rig_add(&rig, RIG_UNDOES, 1, 0);
	task_dispatch(&rig.manager, 0);
	task_cancel(&rig.manager, n, 10);
	task_dispatch(&rig.manager, 10);
	task_dispatch(&rig.manager, 59);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_COMPENSATING);
	task_dispatch(&rig.manager, 60);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_CANCELLED);
}

TEST(task, a_start_that_refuses_fails_the_task)
{
	task_rig_init(&rig);
	uint32_t n = task_rig_add(&rig, RIG_REFUSES, 1, 0);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_rig_state(&rig, n), TASK_FAILED);
	EXPECT_EQ(task_find(&rig.manager, n)->error, 7);
	EXPECT_EQ(rig.manager.running, 0);
}

TEST(task, waits_in_order_of_acceptance_and_others_pass)
{
	task_rig_init(&rig);
	uint32_t a = task_rig_add(&rig, RIG_PLAIN, 0x1, 0), b = task_rig_add(&rig, RIG_PLAIN, 0x3, 0);
	uint32_t c = task_rig_add(&rig, RIG_PLAIN, 0x1, 0), d = task_rig_add(&rig, RIG_PLAIN, 0x4, 0);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_QUEUED);
	EXPECT_EQ(task_rig_state(&rig, c), TASK_QUEUED);
	EXPECT_EQ(task_rig_state(&rig, d), TASK_RUNNING);
	task_succeed(&rig.manager, a, 1);
	task_dispatch(&rig.manager, 1);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_RUNNING);
	EXPECT_EQ(task_rig_state(&rig, c), TASK_QUEUED);
	task_cancel(&rig.manager, b, 2);
	task_dispatch(&rig.manager, 2);
	EXPECT_EQ(task_rig_state(&rig, c), TASK_RUNNING);
}

TEST(task, cancelled_while_it_waits_leaves_what_it_held)
{
	task_rig_init(&rig);
	uint32_t a = task_rig_add(&rig, RIG_PLAIN, 0x4, 0), outer = task_rig_add(&rig, RIG_PLAIN, 0x1, 0);
	task_dispatch(&rig.manager, 0);
	uint32_t inner = task_rig_add(&rig, RIG_UNDOES, 0x6, outer);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_blocker(&rig.manager, 1)->number, inner);
	task_cancel(&rig.manager, inner, 1);
	EXPECT_EQ(task_rig_state(&rig, inner), TASK_CANCELLED);
	EXPECT_EQ(rig.undo_count, 0);
	EXPECT_TRUE(task_blocker(&rig.manager, 1) == NULL);
	EXPECT_EQ(task_blocker(&rig.manager, 2)->number, a);
}

/* The older task of two holds nothing while it waits for the one worker, so the nested one of the worker's holder gets what it wants. */
TEST(task, a_nested_task_overtakes_those_who_wait_for_a_worker)
{
	task_rig_init(&rig);
	rig.manager.workers = 1;
	uint32_t a = task_rig_add(&rig, RIG_PLAIN, 0x1, 0), b = task_rig_add(&rig, RIG_PLAIN, 0x2, 0);
	task_dispatch(&rig.manager, 0);
	uint32_t inner = task_rig_add(&rig, RIG_PLAIN, 0x2, a);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_rig_state(&rig, inner), TASK_RUNNING);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_QUEUED);
}

TEST(task, as_many_run_as_there_are_workers)
{
	task_rig_init(&rig);
	rig.manager.workers = 2;
	uint32_t n[4];
	for (int i = 0; i < 4; i++)
		n[i] = task_rig_add(&rig, RIG_PLAIN, 0, 0);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(rig.start_count, 2);
	task_succeed(&rig.manager, n[1], 1);
	task_dispatch(&rig.manager, 1);
	EXPECT_EQ(rig.start_count, 3);
	EXPECT_EQ(rig.started[2], n[2]);
}

TEST(task, nested_tasks_use_their_parents_resources_and_worker)
{
	task_rig_init(&rig);
	rig.manager.workers = 1;
	uint32_t a = task_rig_add(&rig, RIG_UNDOES, 0x2, 0);
	task_dispatch(&rig.manager, 0);
	uint32_t b = task_rig_add(&rig, RIG_UNDOES, 0x6, a);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_RUNNING);
	EXPECT_EQ(task_blocker(&rig.manager, 1)->number, a);
	EXPECT_EQ(task_blocker(&rig.manager, 2)->number, b);
	EXPECT_EQ(task_succeed(&rig.manager, a, 1), TASK_EARLY);
	task_cancel(&rig.manager, a, 2);
	task_dispatch(&rig.manager, 2);
	EXPECT_EQ(rig.undo_count, 1);
	EXPECT_EQ(rig.undone[0], b);
	task_undone(&rig.manager, b, 3);
	task_dispatch(&rig.manager, 3);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_CANCELLED);
	EXPECT_EQ(rig.undone[1], a);
	task_undone(&rig.manager, a, 4);
	EXPECT_TRUE(task_blocker(&rig.manager, 1) == NULL && task_blocker(&rig.manager, 2) == NULL);
	EXPECT_EQ(rig.manager.running, 0);
}

TEST(task, bad_requests_change_nothing)
{
	task_rig_init(&rig);
	uint32_t a = task_rig_add(&rig, RIG_PLAIN, 0x4, 0), n = 0;
	task_dispatch(&rig.manager, 0);
	uint32_t before = rig.journal_count;
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.parent = a, .resource_count = 1, .resources = {1}}, 0, &n), TASK_BAD_ORDER);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.parent = 99}, 0, &n), TASK_BAD_INPUT);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.routine = RIG_ROUTINES}, 0, &n), TASK_BAD_INPUT);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.resource_count = TASK_RESOURCES + 1}, 0, &n), TASK_BAD_INPUT);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.resource_count = 2, .resources = {5, 5}}, 0, &n), TASK_BAD_INPUT);
	EXPECT_EQ(task_succeed(&rig.manager, task_rig_add(&rig, RIG_PLAIN, 0, 0), 0), TASK_EARLY);
	EXPECT_EQ(rig.journal_count, before + 1);
	for (int i = 2; i < RIG_SLOTS; i++)
		task_rig_add(&rig, RIG_PLAIN, 0, 0);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.routine = 0}, 0, &n), TASK_FULL);
	task_cancel(&rig.manager, 5, 0);
	EXPECT_EQ(task_accept(&rig.manager, &(struct task_request){.routine = 0}, 0, &n), TASK_OK);
	EXPECT_TRUE(task_find(&rig.manager, 5) == NULL);
}

TEST(task, a_subscriber_that_sleeps_delays_nobody_and_finds_the_newest)
{
	task_rig_init(&rig);
	int quick = task_subscribe(&rig.manager), slow = task_subscribe(&rig.manager);
	uint32_t n = task_rig_add(&rig, RIG_PLAIN, 0, 0);
	EXPECT_EQ(task_next_update(&rig.manager, quick)->state, TASK_QUEUED);
	task_dispatch(&rig.manager, 0);
	for (uint64_t i = 0; i < 50; i++) {
		task_progress(&rig.manager, n, i, 50);
		const struct task *update = task_next_update(&rig.manager, quick);
		ASSERT_TRUE(update != NULL);
		EXPECT_EQ(update->progress, i * 2);
	}
	task_succeed(&rig.manager, n, 1);
	EXPECT_EQ(task_next_update(&rig.manager, slow)->state, TASK_SUCCEEDED);
	EXPECT_TRUE(task_next_update(&rig.manager, slow) == NULL);
	for (int i = 0; i < RIG_SLOTS; i++)
		task_cancel(&rig.manager, task_rig_add(&rig, RIG_PLAIN, 0, 0), 2);
	EXPECT_EQ(rig.manager.missed[slow], 0);
	task_cancel(&rig.manager, task_rig_add(&rig, RIG_PLAIN, 0, 0), 2);
	EXPECT_EQ(rig.manager.missed[slow], 1);
	EXPECT_EQ(rig.manager.missed[quick], 2);
	EXPECT_NE(task_subscribe(&rig.manager), -1);
	EXPECT_NE(task_subscribe(&rig.manager), -1);
	EXPECT_EQ(task_subscribe(&rig.manager), -1);
}

/* What was alive at the crash is settled once: queued and repeatable tasks are repeated, the others are lost after their compensation. */
TEST(task, a_restart_settles_each_orphan_once)
{
	task_rig_init(&rig);
	uint32_t lost = task_rig_add(&rig, RIG_PLAIN, 0x1, 0), undoes = task_rig_add(&rig, RIG_UNDOES, 0x2, 0);
	uint32_t repeats = task_rig_add(&rig, RIG_REPEATS, 0x4, 0), waits = task_rig_add(&rig, RIG_PLAIN, 0x1, 0);
	task_dispatch(&rig.manager, 0);
	struct task orphans[4];
	uint32_t numbers[4] = {lost, undoes, repeats, waits};
	for (int i = 0; i < 4; i++)
		orphans[i] = *task_find(&rig.manager, numbers[i]);
	task_rig_init(&rig);
	ASSERT_EQ(task_recover(&rig.manager, orphans, 4, 10, 100), TASK_OK);
	task_dispatch(&rig.manager, 100);
	EXPECT_EQ(task_rig_state(&rig, lost), TASK_LOST);
	EXPECT_EQ(task_rig_state(&rig, undoes), TASK_COMPENSATING);
	EXPECT_EQ(task_rig_state(&rig, repeats), TASK_LOST);
	EXPECT_EQ(task_rig_state(&rig, 11), TASK_QUEUED); /* undoes again: its predecessor still holds the resource */
	EXPECT_EQ(task_rig_state(&rig, 12), TASK_RUNNING);
	EXPECT_EQ(task_rig_state(&rig, 13), TASK_RUNNING);
	EXPECT_EQ(task_find(&rig.manager, 11)->resumes, undoes);
	EXPECT_EQ(task_find(&rig.manager, 12)->attempt, 1);
	EXPECT_EQ(task_find(&rig.manager, 13)->attempt, 0);
	task_undone(&rig.manager, undoes, 101);
	task_dispatch(&rig.manager, 101);
	EXPECT_EQ(task_rig_state(&rig, undoes), TASK_LOST);
	EXPECT_EQ(task_rig_state(&rig, 11), TASK_RUNNING);
	EXPECT_EQ(task_find(&rig.manager, 14), NULL);
	/* The second crash: attempt 1 of 1 of 11 is lost, 12 has another. */
	for (int i = 0; i < 3; i++)
		orphans[i] = *task_find(&rig.manager, 11 + (uint32_t)i);
	task_rig_init(&rig);
	ASSERT_EQ(task_recover(&rig.manager, orphans, 3, 13, 200), TASK_OK);
	EXPECT_EQ(task_find(&rig.manager, 14)->resumes, 12);
	EXPECT_EQ(task_find(&rig.manager, 14)->attempt, 2);
	EXPECT_TRUE(task_find(&rig.manager, 15) == NULL);
	EXPECT_EQ(task_recover(&rig.manager, orphans, 3, 13, 200), TASK_BAD_INPUT);
}

TEST(task, a_restart_compensates_from_inside_out)
{
	task_rig_init(&rig);
	uint32_t a = task_rig_add(&rig, RIG_UNDOES, 0x1, 0);
	task_dispatch(&rig.manager, 0);
	uint32_t b = task_rig_add(&rig, RIG_UNDOES, 0x3, a);
	task_dispatch(&rig.manager, 0);
	struct task orphans[2] = {*task_find(&rig.manager, a), *task_find(&rig.manager, b)};
	task_rig_init(&rig);
	ASSERT_EQ(task_recover(&rig.manager, orphans, 2, b, 0), TASK_OK);
	task_dispatch(&rig.manager, 0);
	EXPECT_EQ(rig.undo_count, 1);
	EXPECT_EQ(rig.undone[0], b);
	EXPECT_EQ(task_blocker(&rig.manager, 0)->number, a);
	task_undone(&rig.manager, b, 1);
	task_dispatch(&rig.manager, 1);
	EXPECT_EQ(task_rig_state(&rig, b), TASK_LOST);
	EXPECT_EQ(rig.undone[1], a);
	EXPECT_EQ(task_find(&rig.manager, 3)->resumes, a);
}
