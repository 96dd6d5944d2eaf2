/* The manager: accepting tasks, looking at them, subscribers, what a restart finds. The dispatcher is task_dispatch.c. */
#include "sim/regress/task_internal.h"

void task_manager_init(struct task_manager *manager, struct task *tasks, uint32_t *order, uint8_t *dirty, uint32_t capacity,
		       const struct task_routine *routines, uint32_t routine_count, void *context)
{
	*manager = (struct task_manager){.tasks = tasks, .capacity = capacity, .order = order, .routines = routines,
					 .routine_count = routine_count, .context = context, .dirty = dirty};
	for (uint32_t i = 0; i < capacity; i++) {
		tasks[i] = (struct task){0};
		dirty[i] = 0;
	}
}

bool task_is_terminal(const struct task *task)
{
	return task->state >= TASK_SUCCEEDED;
}

const char *task_state_name(enum task_state state)
{
	static const char *const names[] = {"none", "queued", "running", "compensating", "succeeded", "failed", "timed out", "lost", "cancelled"};
	return (unsigned)state < sizeof names / sizeof names[0] ? names[state] : "?";
}

struct task *task_slot(struct task_manager *manager, uint32_t number)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		struct task *task = &manager->tasks[manager->order[i]];
		if (task->number == number)
			return task;
	}
	return NULL;
}

const struct task *task_find(const struct task_manager *manager, uint32_t number)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		const struct task *task = &manager->tasks[manager->order[i]];
		if (task->number == number)
			return task;
	}
	return NULL;
}

bool task_is_inside(const struct task_manager *manager, const struct task *task, uint32_t ancestor)
{
	while (task && task->parent) {
		if (task->parent == ancestor)
			return true;
		task = task_find(manager, task->parent);
	}
	return false;
}

static bool holds(const struct task *task, uint64_t resource)
{
	for (uint32_t i = 0; i < task->taken; i++) {
		if (task->resources[i] == resource && !(task->inherited >> i & 1))
			return true;
	}
	return false;
}

const struct task *task_blocker(const struct task_manager *manager, uint64_t resource)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		const struct task *task = &manager->tasks[manager->order[i]];
		if (!task_is_terminal(task) && holds(task, resource))
			return task;
	}
	return NULL;
}

void task_changed(struct task_manager *manager, struct task *task)
{
	if (manager->journal)
		manager->journal(manager->context, task);
	manager->dirty[task - manager->tasks] |= (uint8_t)manager->dirty_mask;
}

/* A free slot; else that of the oldest task that has ended (all inside it have ended then). */
static bool find_slot(struct task_manager *manager, uint32_t *slot)
{
	if (manager->count < manager->capacity) {
		for (*slot = 0; manager->tasks[*slot].state != TASK_NONE; (*slot)++)
			;
		return true;
	}
	for (uint32_t i = 0; i < manager->count; i++) {
		*slot = manager->order[i];
		if (!task_is_terminal(&manager->tasks[*slot]))
			continue;
		for (unsigned s = 0; s < TASK_SUBSCRIBERS; s++)
			manager->missed[s] += manager->dirty[*slot] >> s & 1;
		for (; i + 1 < manager->count; i++)
			manager->order[i] = manager->order[i + 1];
		manager->count--;
		return true;
	}
	return false;
}

static void sort(uint64_t *values, uint32_t count)
{
	for (uint32_t i = 1; i < count; i++) {
		for (uint32_t j = i; j > 0 && values[j - 1] > values[j]; j--) {
			uint64_t swap = values[j];
			values[j] = values[j - 1];
			values[j - 1] = swap;
		}
	}
}

static void copy_name(char *to, const char *from)
{
	uint32_t i = 0;
	for (; from && from[i] && i + 1 < TASK_NAME_BYTES; i++)
		to[i] = from[i];
	to[i] = '\0';
}

struct task *task_bind(struct task_manager *manager, const struct task_request *request, uint64_t now)
{
	uint32_t slot;
	if (!find_slot(manager, &slot))
		return NULL;
	struct task *task = &manager->tasks[slot];
	*task = (struct task){.number = ++manager->last_number, .parent = request->parent, .resumes = request->resumes, .attempt = request->attempt,
			      .routine = request->routine, .state = TASK_QUEUED, .resource_count = request->resource_count,
			      .timeout = request->timeout, .accepted_at = now};
	for (uint32_t i = 0; i < request->resource_count; i++)
		task->resources[i] = request->resources[i];
	sort(task->resources, task->resource_count);
	for (uint32_t i = 0; i < TASK_ARGUMENTS; i++)
		task->arguments[i] = request->arguments[i];
	copy_name(task->name, request->name);
	manager->order[manager->count++] = slot;
	manager->dirty[slot] = 0;
	for (uint32_t i = 0; i < task->resource_count; i++) {
		const struct task *holder = task_blocker(manager, task->resources[i]);
		if (holder && task_is_inside(manager, task, holder->number))
			task->inherited |= 1u << i;
	}
	return task;
}

bool task_wants(const struct task *task, uint64_t resource)
{
	for (uint32_t i = 0; i < task->resource_count; i++) {
		if (task->resources[i] == resource && !(task->inherited >> i & 1))
			return true;
	}
	return false;
}

/* The first live task that holds or awaits one of the request's resources and is no ancestor. */
static const struct task *in_the_way(const struct task_manager *manager, const struct task_request *request)
{
	const struct task child = {.parent = request->parent};
	for (uint32_t i = 0; i < manager->count; i++) {
		const struct task *task = &manager->tasks[manager->order[i]];
		if (task_is_terminal(task) || task_is_inside(manager, &child, task->number))
			continue;
		for (uint32_t r = 0; r < request->resource_count; r++) {
			if (task_wants(task, request->resources[r]))
				return task;
		}
	}
	return NULL;
}

static bool ancestor_holds(const struct task_manager *manager, const struct task *task, uint64_t resource, uint64_t *highest)
{
	bool found = false;
	for (; task; task = task->parent ? task_find(manager, task->parent) : NULL) {
		for (uint32_t i = 0; i < task->resource_count; i++) {
			found |= task->resources[i] == resource;
			if (task->resources[i] > *highest)
				*highest = task->resources[i];
		}
	}
	return found;
}

/* A nested task: its parent runs, and each of its resources is an ancestor's or above all of theirs. */
static enum task_status check_nesting(const struct task_manager *manager, const struct task_request *request)
{
	const struct task *parent = task_find(manager, request->parent);
	if (!parent || parent->state != TASK_RUNNING)
		return TASK_BAD_INPUT;
	for (uint32_t i = 0; i < request->resource_count; i++) {
		uint64_t highest = 0;
		if (!ancestor_holds(manager, parent, request->resources[i], &highest) && request->resources[i] <= highest)
			return TASK_BAD_ORDER;
	}
	return TASK_OK;
}

static bool is_bad(const struct task_manager *manager, const struct task_request *request)
{
	if (request->routine >= manager->routine_count || request->resource_count > TASK_RESOURCES)
		return true;
	for (uint32_t i = 0; i < request->resource_count; i++) {
		for (uint32_t j = 0; j < i; j++) {
			if (request->resources[i] == request->resources[j])
				return true;
		}
	}
	return false;
}

enum task_status task_accept(struct task_manager *manager, const struct task_request *request, uint64_t now, uint32_t *number)
{
	if (is_bad(manager, request))
		return TASK_BAD_INPUT;
	enum task_status status = request->parent ? check_nesting(manager, request) : TASK_OK;
	if (status != TASK_OK)
		return status;
	const struct task *blocker = request->policy == TASK_REJECT ? in_the_way(manager, request) : NULL;
	if (blocker) {
		*number = blocker->number;
		return TASK_BUSY;
	}
	struct task *task = task_bind(manager, request, now);
	if (!task)
		return TASK_FULL;
	*number = task->number;
	task_changed(manager, task);
	return TASK_OK;
}

static struct task_request request_of(const struct task *task)
{
	struct task_request request = {.name = task->name, .routine = task->routine, .parent = task->parent, .resource_count = task->resource_count,
				       .timeout = task->timeout, .attempt = task->attempt};
	for (uint32_t i = 0; i < TASK_RESOURCES; i++)
		request.resources[i] = task->resources[i];
	for (uint32_t i = 0; i < TASK_ARGUMENTS; i++)
		request.arguments[i] = task->arguments[i];
	return request;
}

enum task_status task_repeat(struct task_manager *manager, uint32_t number, uint64_t now, uint32_t *repeated)
{
	const struct task *lost = task_find(manager, number);
	if (!lost || lost->parent || lost->end != TASK_LOST || (lost->started && lost->attempt >= manager->routines[lost->routine].attempts))
		return TASK_BAD_INPUT;
	struct task_request request = request_of(lost);
	request.resumes = number;
	request.attempt = lost->attempt + (lost->started ? 1 : 0);
	return task_accept(manager, &request, now, repeated);
}

/* The orphan in a slot as it was; it holds its resources if its routine had started. */
static struct task *put_back(struct task_manager *manager, const struct task *orphan)
{
	struct task_request request = request_of(orphan);
	manager->last_number = orphan->number - 1;
	struct task *task = task_bind(manager, &request, orphan->accepted_at);
	task->resumes = orphan->resumes;
	task->started = orphan->started;
	task->started_at = orphan->started_at;
	task->worker = orphan->worker;
	task->progress = orphan->progress;
	task->error = orphan->error;
	task->taken = orphan->started ? task->resource_count : 0;
	manager->running += orphan->started && !orphan->parent;
	return task;
}

static bool are_orphans(const struct task_manager *manager, const struct task *orphans, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct task_request request = request_of(&orphans[i]);
		if (orphans[i].state == TASK_NONE || task_is_terminal(&orphans[i]) || is_bad(manager, &request) ||
		    orphans[i].number <= (i ? orphans[i - 1].number : 0))
			return false;
	}
	return true;
}

enum task_status task_recover(struct task_manager *manager, const struct task *orphans, uint32_t count, uint32_t last_number, uint64_t now)
{
	if (manager->last_number != 0 || !are_orphans(manager, orphans, count) || (count && orphans[count - 1].number > last_number))
		return TASK_BAD_INPUT;
	if (count > manager->capacity / 2)
		return TASK_FULL;
	for (uint32_t i = 0; i < count; i++)
		put_back(manager, &orphans[i])->state = orphans[i].state == TASK_QUEUED ? TASK_QUEUED : TASK_RUNNING;
	manager->last_number = last_number;
	/* The inner ones first: they end as what happened to them, not as cancelled. */
	for (uint32_t i = count; i-- > 0;) {
		bool was_ending = orphans[i].state == TASK_COMPENSATING;
		task_begin_end(manager, task_slot(manager, orphans[i].number), was_ending ? (enum task_state)orphans[i].end : TASK_LOST, now);
	}
	for (uint32_t i = 0; i < count; i++) {
		uint32_t repeated;
		if (orphans[i].state != TASK_COMPENSATING)
			task_repeat(manager, orphans[i].number, now, &repeated);
	}
	return TASK_OK;
}

static size_t put_text(char *text, size_t at, size_t size, const char *more)
{
	while (*more && at + 1 < size)
		text[at++] = *more++;
	text[at] = '\0';
	return at;
}

static size_t put_number(char *text, size_t at, size_t size, uint32_t number)
{
	char digits[11];
	uint32_t i = sizeof digits - 1;
	digits[i] = '\0';
	do {
		digits[--i] = (char)('0' + number % 10);
		number /= 10;
	} while (number);
	return put_text(text, at, size, digits + i);
}

size_t task_describe(const struct task *task, char *text, size_t size)
{
	size_t at = put_text(text, 0, size, "task ");
	at = put_number(text, at, size, task->number);
	at = put_text(text, at, size, " ");
	at = put_text(text, at, size, task->name);
	at = put_text(text, at, size, " ");
	if (task->state != TASK_RUNNING)
		return put_text(text, at, size, task_state_name((enum task_state)task->state));
	at = put_number(text, at, size, task->progress);
	return put_text(text, at, size, " %");
}

int task_subscribe(struct task_manager *manager)
{
	for (int s = 0; s < TASK_SUBSCRIBERS; s++) {
		if (!(manager->dirty_mask >> s & 1)) {
			manager->dirty_mask |= 1ull << s;
			return s;
		}
	}
	return -1;
}

const struct task *task_next_update(struct task_manager *manager, int subscriber)
{
	for (uint32_t i = 0; i < manager->count; i++) {
		uint32_t slot = manager->order[i];
		if (manager->dirty[slot] >> subscriber & 1) {
			manager->dirty[slot] &= (uint8_t)~(1u << subscriber);
			return &manager->tasks[slot];
		}
	}
	return NULL;
}
