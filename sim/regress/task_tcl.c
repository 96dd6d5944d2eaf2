/* The task manager as Tcl commands, for the regression runner (sim/regress/lib). One manager a process; times are milliseconds.
 *
 *   tasks::init CAPACITY WORKERS
 *   tasks::accept NAME KEY RESOURCES POLICY PARENT -> {ok NUMBER} or {busy NUMBER} or {full|bad_input|bad_order 0}
 *   tasks::dispatch | succeed N | fail N ERROR | cancel N | undone N | progress N DONE TOTAL | worker N PID | worker_died PID | repeat N
 *   tasks::describe N | state N | blocker RESOURCE | late
 *   tasks::recover ORPHANS LAST    ORPHANS: list of dicts as the journal gets them
 *
 * Calls back: regress::task_start NUMBER KEY, regress::task_undo NUMBER KEY WORKER, regress::task_journal DICT. KEY is the caller's own number of the job.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "sim/regress/task_tcl.h"

enum { UNDO_MILLISECONDS = 10000, ATTEMPTS = 1 };

static struct task_manager manager;

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static void call_back(Tcl_Interp *interp, Tcl_Obj *command)
{
	Tcl_IncrRefCount(command);
	if (Tcl_EvalObjEx(interp, command, TCL_EVAL_GLOBAL) != TCL_OK)
		Tcl_BackgroundException(interp, TCL_ERROR);
	Tcl_DecrRefCount(command);
}

static int start(void *context, struct task *task)
{
	call_back(context, Tcl_ObjPrintf("regress::task_start %u %u", task->number, (unsigned)task->arguments[0]));
	return 0;
}

static void undo(void *context, struct task *task)
{
	call_back(context, Tcl_ObjPrintf("regress::task_undo %u %u %u", task->number, (unsigned)task->arguments[0], task->worker));
}

static void put(Tcl_Obj *dict, const char *key, uint64_t value)
{
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj(key, -1), Tcl_NewWideIntObj((Tcl_WideInt)value));
}

static void journal(void *context, const struct task *task)
{
	Tcl_Obj *dict = Tcl_NewDictObj(), *resources = Tcl_NewListObj(0, NULL);
	put(dict, "number", task->number);
	put(dict, "parent", task->parent);
	put(dict, "resumes", task->resumes);
	put(dict, "attempt", task->attempt);
	put(dict, "key", task->arguments[0]);
	put(dict, "state", task->state);
	put(dict, "end", task->end);
	put(dict, "started", task->started);
	put(dict, "progress", task->progress);
	put(dict, "worker", task->worker);
	for (uint32_t i = 0; i < task->resource_count; i++)
		Tcl_ListObjAppendElement(NULL, resources, Tcl_NewWideIntObj((Tcl_WideInt)task->resources[i]));
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj("resources", -1), resources);
	Tcl_DictObjPut(NULL, dict, Tcl_NewStringObj("name", -1), Tcl_NewStringObj(task->name, -1));
	Tcl_Obj *words[] = {Tcl_NewStringObj("regress::task_journal", -1), dict};
	call_back(context, Tcl_NewListObj(2, words));
}

static int refuse(Tcl_Interp *interp, const char *text)
{
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	Tcl_SetErrorCode(interp, "BAD_INPUT", NULL);
	return TCL_ERROR;
}

static int number_of(Tcl_Interp *interp, Tcl_Obj *object, uint64_t *number)
{
	Tcl_WideInt value;
	if (Tcl_GetWideIntFromObj(interp, object, &value) != TCL_OK)
		return TCL_ERROR;
	*number = (uint64_t)value;
	return TCL_OK;
}

static int init(Tcl_Interp *interp, const uint64_t *n)
{
	static const struct task_routine routine = {.name = "job", .start = start, .undo = undo, .undo_timeout = UNDO_MILLISECONDS, .attempts = ATTEMPTS};
	free(manager.tasks);
	free(manager.order);
	free(manager.dirty);
	uint32_t capacity = (uint32_t)n[0];
	struct task *tasks = calloc(capacity, sizeof *tasks);
	uint32_t *order = calloc(capacity, sizeof *order);
	uint8_t *dirty = calloc(capacity, sizeof *dirty);
	if (!tasks || !order || !dirty)
		return refuse(interp, "out of memory");
	task_manager_init(&manager, tasks, order, dirty, capacity, &routine, 1, interp);
	manager.workers = (uint32_t)n[1];
	manager.journal = journal;
	return TCL_OK;
}

static const char *status_name(enum task_status status)
{
	static const char *const names[] = {"ok", "busy", "full", "bad_input", "bad_order", "late", "early"};
	return names[-status];
}

static int answer(Tcl_Interp *interp, enum task_status status)
{
	Tcl_SetObjResult(interp, Tcl_NewStringObj(status_name(status), -1));
	return TCL_OK;
}

static int answer_number(Tcl_Interp *interp, enum task_status status, uint32_t number)
{
	Tcl_SetObjResult(interp, Tcl_ObjPrintf("%s %u", status_name(status), number));
	return TCL_OK;
}

static int dispatch(Tcl_Interp *interp, const uint64_t *n)
{
	(void)n;
	Tcl_SetObjResult(interp, Tcl_NewBooleanObj(task_dispatch(&manager, now())));
	return TCL_OK;
}

static int succeed(Tcl_Interp *interp, const uint64_t *n)
{
	return answer(interp, task_succeed(&manager, (uint32_t)n[0], now()));
}

static int fail(Tcl_Interp *interp, const uint64_t *n)
{
	return answer(interp, task_fail(&manager, (uint32_t)n[0], (int32_t)n[1], now()));
}

static int cancel(Tcl_Interp *interp, const uint64_t *n)
{
	return answer(interp, task_cancel(&manager, (uint32_t)n[0], now()));
}

static int undone(Tcl_Interp *interp, const uint64_t *n)
{
	return answer(interp, task_undone(&manager, (uint32_t)n[0], now()));
}

static int progress(Tcl_Interp *interp, const uint64_t *n)
{
	return answer(interp, task_progress(&manager, (uint32_t)n[0], n[1], n[2]));
}

static int worker(Tcl_Interp *interp, const uint64_t *n)
{
	(void)interp;
	task_set_worker(&manager, (uint32_t)n[0], (uint32_t)n[1]);
	return TCL_OK;
}

static int worker_died(Tcl_Interp *interp, const uint64_t *n)
{
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(task_worker_died(&manager, (uint32_t)n[0], now())));
	return TCL_OK;
}

static int repeat(Tcl_Interp *interp, const uint64_t *n)
{
	uint32_t number = 0;
	enum task_status status = task_repeat(&manager, (uint32_t)n[0], now(), &number);
	return answer_number(interp, status, number);
}

static int describe(Tcl_Interp *interp, const uint64_t *n)
{
	char text[TASK_TEXT_BYTES] = "";
	const struct task *task = task_find(&manager, (uint32_t)n[0]);
	if (task)
		task_describe(task, text, sizeof text);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(text, -1));
	return TCL_OK;
}

static int state(Tcl_Interp *interp, const uint64_t *n)
{
	const struct task *task = task_find(&manager, (uint32_t)n[0]);
	Tcl_SetObjResult(interp, Tcl_NewStringObj(task_state_name(task ? (enum task_state)task->state : TASK_NONE), -1));
	return TCL_OK;
}

static int blocker(Tcl_Interp *interp, const uint64_t *n)
{
	const struct task *task = task_blocker(&manager, n[0]);
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj(task ? task->number : 0));
	return TCL_OK;
}

static int late(Tcl_Interp *interp, const uint64_t *n)
{
	(void)n;
	Tcl_SetObjResult(interp, Tcl_NewWideIntObj((Tcl_WideInt)manager.late));
	return TCL_OK;
}

static int read_resources(Tcl_Interp *interp, Tcl_Obj *list, uint64_t resources[TASK_RESOURCES], uint32_t *count)
{
	Tcl_Obj **elements;
	int length;
	if (Tcl_ListObjGetElements(interp, list, &length, &elements) != TCL_OK)
		return TCL_ERROR;
	if (length > TASK_RESOURCES)
		return refuse(interp, "a job has too many resources");
	for (int i = 0; i < length; i++) {
		if (number_of(interp, elements[i], &resources[i]) != TCL_OK)
			return TCL_ERROR;
	}
	*count = (uint32_t)length;
	return TCL_OK;
}

static int accept_command(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	struct task_request request = {.name = NULL};
	uint64_t parent;
	uint32_t number = 0;
	(void)data;
	if (argc != 6)
		return Tcl_WrongNumArgs(interp, 1, argv, "name key resources fifo|reject parent"), TCL_ERROR;
	request.name = Tcl_GetString(argv[1]);
	request.policy = strcmp(Tcl_GetString(argv[4]), "reject") == 0 ? TASK_REJECT : TASK_FIFO;
	if (number_of(interp, argv[2], &request.arguments[0]) != TCL_OK || number_of(interp, argv[5], &parent) != TCL_OK ||
	    read_resources(interp, argv[3], request.resources, &request.resource_count) != TCL_OK)
		return TCL_ERROR;
	request.parent = (uint32_t)parent;
	return answer_number(interp, task_accept(&manager, &request, now(), &number), number);
}

static uint64_t field(Tcl_Obj *dict, const char *key)
{
	Tcl_Obj *value = NULL, *name = Tcl_NewStringObj(key, -1);
	Tcl_WideInt number = 0;
	Tcl_IncrRefCount(name);
	Tcl_DictObjGet(NULL, dict, name, &value);
	Tcl_DecrRefCount(name);
	if (value)
		Tcl_GetWideIntFromObj(NULL, value, &number);
	return (uint64_t)number;
}

static int read_orphan(Tcl_Interp *interp, Tcl_Obj *dict, struct task *task)
{
	Tcl_Obj *resources = NULL, *name = NULL, *key = Tcl_NewStringObj("resources", -1), *name_key = Tcl_NewStringObj("name", -1);
	Tcl_DictObjGet(NULL, dict, key, &resources);
	Tcl_DictObjGet(NULL, dict, name_key, &name);
	*task = (struct task){.number = (uint32_t)field(dict, "number"), .parent = (uint32_t)field(dict, "parent"), .resumes = (uint32_t)field(dict, "resumes"),
			      .attempt = (uint32_t)field(dict, "attempt"), .state = (uint8_t)field(dict, "state"), .end = (uint8_t)field(dict, "end"),
			      .started = (uint8_t)field(dict, "started"), .progress = (uint8_t)field(dict, "progress"), .worker = (uint32_t)field(dict, "worker")};
	task->arguments[0] = field(dict, "key");
	if (name)
		strncpy(task->name, Tcl_GetString(name), sizeof task->name - 1);
	int status = resources ? read_resources(interp, resources, task->resources, &task->resource_count) : TCL_OK;
	Tcl_DecrRefCount(key);
	Tcl_DecrRefCount(name_key);
	return status;
}

static int recover_command(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	Tcl_Obj **elements;
	int count;
	uint64_t last;
	(void)data;
	if (argc != 3)
		return Tcl_WrongNumArgs(interp, 1, argv, "orphans last_number"), TCL_ERROR;
	if (Tcl_ListObjGetElements(interp, argv[1], &count, &elements) != TCL_OK || number_of(interp, argv[2], &last) != TCL_OK)
		return TCL_ERROR;
	struct task *orphans = calloc((size_t)count + 1, sizeof *orphans);
	int status = TCL_OK;
	for (int i = 0; i < count && status == TCL_OK; i++)
		status = read_orphan(interp, elements[i], &orphans[i]);
	if (status == TCL_OK && task_recover(&manager, orphans, (uint32_t)count, (uint32_t)last, now()) != TASK_OK)
		status = refuse(interp, "the journal's tasks make no sense");
	free(orphans);
	return status;
}

/* The commands whose arguments are all numbers. */
struct command {
	const char *name, *arguments;
	int count;
	int (*run)(Tcl_Interp *interp, const uint64_t *n);
};

static const struct command commands[] = {
	{"tasks::init", "capacity workers", 2, init}, {"tasks::dispatch", "", 0, dispatch}, {"tasks::succeed", "number", 1, succeed},
	{"tasks::fail", "number error", 2, fail}, {"tasks::cancel", "number", 1, cancel}, {"tasks::undone", "number", 1, undone},
	{"tasks::progress", "number done total", 3, progress}, {"tasks::worker", "number pid", 2, worker}, {"tasks::worker_died", "pid", 1, worker_died},
	{"tasks::repeat", "number", 1, repeat}, {"tasks::describe", "number", 1, describe}, {"tasks::state", "number", 1, state},
	{"tasks::blocker", "resource", 1, blocker}, {"tasks::late", "", 0, late},
};

static int numbers_command(ClientData data, Tcl_Interp *interp, int argc, Tcl_Obj *const argv[])
{
	const struct command *command = data;
	uint64_t n[3];
	if (argc != command->count + 1)
		return Tcl_WrongNumArgs(interp, 1, argv, command->arguments), TCL_ERROR;
	for (int i = 0; i < command->count; i++) {
		if (number_of(interp, argv[i + 1], &n[i]) != TCL_OK)
			return TCL_ERROR;
	}
	return command->run(interp, n);
}

void task_tcl_add(Tcl_Interp *interp)
{
	Tcl_CreateNamespace(interp, "tasks", NULL, NULL);
	for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
		Tcl_CreateObjCommand(interp, commands[i].name, numbers_command, (ClientData)(uintptr_t)&commands[i], NULL);
	Tcl_CreateObjCommand(interp, "tasks::accept", accept_command, NULL, NULL);
	Tcl_CreateObjCommand(interp, "tasks::recover", recover_command, NULL, NULL);
}
