/* The board's end of the tasks: what a blocked VM answers, what the event log hears, who is polled. */
#include <stdarg.h>

#include "hypervisor/core/log.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/tasks.h"
#include "testbench/gtest/test.h"

static struct {
	enum event_software code;
	uint16_t function;
	uint32_t id;
	uint64_t value;
} events[16];
static unsigned event_count, polled;

void log_line(const char *format, ...)
{
	(void)format;
}

void panic(const char *format, ...)
{
	(void)format;
	__builtin_trap();
}

void event_emit(enum event_software code, uint16_t function, uint32_t id, uint64_t value)
{
	events[event_count].code = code;
	events[event_count].function = function;
	events[event_count].id = id;
	events[event_count++].value = value;
}

static int start(void *context, struct task *task)
{
	(void)context;
	return task->arguments[0] == 9 ? -3 : 0;
}

static void poll(struct task *task)
{
	polled++;
	task_progress(tasks_manager(), task->number, polled * 31, 100);
}

static void expect_event(unsigned i, enum event_software code, uint16_t function, uint32_t id, uint64_t value)
{
	ASSERT_TRUE(i < event_count);
	EXPECT_EQ(events[i].code, code);
	EXPECT_EQ(events[i].function, function);
	EXPECT_EQ(events[i].id, id);
	EXPECT_EQ(events[i].value, value);
}

TEST(tasks, block_a_vm_poll_and_emit)
{
	char text[TASK_TEXT_BYTES + 8] = "untouched";
	uint32_t kind = tasks_register(&(struct tasks_kind){.routine = {.name = "snapshot", .start = start}, .poll = poll});
	struct task_request request = {.name = "snapshot vm5", .routine = kind, .policy = TASK_REJECT, .resource_count = 2,
				       .resources = {tasks_resource(TASKS_VOLUME, 1), tasks_resource(TASKS_VM, 5)}};
	uint32_t number, other;
	EXPECT_FALSE(tasks_alive());
	EXPECT_FALSE(tasks_refuse(tasks_resource(TASKS_VM, 5), text, sizeof text));
	EXPECT_STREQ(text, "untouched");
	ASSERT_EQ(task_accept(tasks_manager(), &request, 0, &number), TASK_OK);
	EXPECT_TRUE(tasks_alive());
	tasks_poll(1);
	tasks_poll(2);
	EXPECT_EQ(polled, 2);
	EXPECT_TRUE(tasks_refuse(tasks_resource(TASKS_VM, 5), text, sizeof text));
	EXPECT_STREQ(text, "busy: task 1 snapshot vm5 62 %");
	EXPECT_FALSE(tasks_refuse(tasks_resource(TASKS_VM, 4), text, sizeof text));
	EXPECT_EQ(task_accept(tasks_manager(), &request, 0, &other), TASK_BUSY);
	EXPECT_EQ(other, number);
	EXPECT_EQ(task_succeed(tasks_manager(), number, 3), TASK_OK);
	EXPECT_FALSE(tasks_alive());
	tasks_poll(4);
	EXPECT_EQ(polled, 2);
	expect_event(0, EVENT_SW_TASK_BEGIN, 5, 1, 0x746f687370616e73);
	expect_event(1, EVENT_SW_TASK_PROGRESS, 5, 1, 31);
	expect_event(2, EVENT_SW_TASK_PROGRESS, 5, 1, 62);
	expect_event(3, EVENT_SW_TASK_END, 5, 1, 0);
	request.arguments[0] = 9;
	ASSERT_EQ(task_accept(tasks_manager(), &request, 5, &number), TASK_OK);
	tasks_poll(5);
	EXPECT_FALSE(tasks_alive());
	expect_event(event_count - 1, EVENT_SW_TASK_END, 5, 2, (uint64_t)-3);
}
