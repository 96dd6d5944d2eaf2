/* Tasks: long jobs that block resources, report progress, and end exactly once.
 *
 * One state machine for the regression runner (sim/regress) and for the board (hypervisor/tasks.*, NIC firmware): freestanding C, no
 * libc, no allocation, no clock; times are the caller's (cycles on the board, milliseconds natively). Whoever calls from several
 * harts or threads serialises the calls.
 *
 *            task_accept                task_dispatch                task_succeed
 *   caller -------------> QUEUED ------------------------> RUNNING ----------------------------------> SUCCEEDED
 *                            |    all resources taken,        | task_fail, task_cancel, timeout,
 *                            |    a worker is free            | task_worker_died, its parent's end
 *                            |                                v
 *                            |                           COMPENSATING --- task_undone, or its timeout --> FAILED, CANCELLED,
 *                            +------- task_cancel ------------------------------------------------>      TIMED_OUT, LOST
 *
 * What holds (testbench/unit/regress, testbench/spin/task.pml):
 * - A resource belongs to one task at a time, from before its routine starts until its terminal state; every end gives it back.
 * - A task takes all its resources and a worker at once; until then it holds nothing, and no younger one that wants any of them overtakes it.
 *   A nested task (parent not 0) uses its ancestors' resources and worker; what it wants besides must lie above all of theirs, and is taken
 *   one by one in ascending order, before any task that is not nested. Hence no circular wait: those who hold and wait, wait upwards.
 * - Unsuccessful ends wait for the children's ends, then undo what was done (compensation), then become terminal.
 * - States only move right, progress never falls, a terminal state comes once; whatever is reported later is ignored and counted.
 * - The journal hears of a change before anybody else does.
 * - A subscriber that does not look delays nobody: it finds the newest state of each task that changed, not every change.
 */
#ifndef ASSAY_SIM_REGRESS_TASK_H
#define ASSAY_SIM_REGRESS_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TASK_NAME_BYTES = 40, TASK_RESOURCES = 6, TASK_ARGUMENTS = 4, TASK_SUBSCRIBERS = 4, TASK_TEXT_BYTES = 96 };

enum task_state {
	TASK_NONE, /**< an empty slot */
	TASK_QUEUED,
	TASK_RUNNING,
	TASK_COMPENSATING,
	TASK_SUCCEEDED, /**< this and the following are terminal */
	TASK_FAILED,	/**< the routine said so; task.error has its number */
	TASK_TIMED_OUT,
	TASK_LOST, /**< its worker died, or the whole system restarted */
	TASK_CANCELLED
};

enum task_status {
	TASK_OK = 0,
	TASK_BUSY = -1,	    /**< a resource is blocked and the policy is TASK_REJECT */
	TASK_FULL = -2,	    /**< no slot */
	TASK_BAD_INPUT = -3, /**< no such routine, too many or repeated resources, no live parent */
	TASK_BAD_ORDER = -4, /**< a nested task wants a resource that is not above its ancestors' */
	TASK_LATE = -5,	    /**< no such task, or it has ended */
	TASK_EARLY = -6	    /**< success while children live, or of a task that is not running */
};

enum task_policy { TASK_FIFO, TASK_REJECT };

/** What a caller wants done. */
struct task_request {
	const char *name;    /**< what people read, e.g. "snapshot vm0"; cut after TASK_NAME_BYTES - 1 characters */
	uint32_t routine;    /**< index into the manager's routines */
	uint32_t parent;     /**< number of the task that this one is part of, or 0 */
	enum task_policy policy;
	uint32_t resource_count;
	uint64_t resources[TASK_RESOURCES]; /**< any order; the caller's numbers, equal means the same thing */
	uint64_t arguments[TASK_ARGUMENTS]; /**< for the routine */
	uint64_t timeout;    /**< from its start, in the caller's time; 0: none */
	uint32_t resumes;    /**< number of the lost task that this one repeats, or 0 */
	uint32_t attempt;    /**< 0 is the first */
};

/** An execution context: a task bound to its routine. Read it; the functions below write it. */
struct task {
	uint32_t number; /**< from 1, never used again */
	uint32_t parent, resumes, attempt;
	uint32_t routine, worker;
	uint8_t state;	   /**< enum task_state */
	uint8_t end;	   /**< while compensating: the terminal state to come */
	uint8_t progress;  /**< percent; 100 only when succeeded */
	uint8_t started;   /**< the routine's start was called */
	uint8_t undoing;   /**< the routine's undo was called */
	int32_t error;	   /**< of the routine */
	uint64_t result;   /**< of the routine, which may write it while the task runs */
	uint32_t resource_count, taken; /**< resources[0..taken) have been passed: held, or an ancestor's */
	uint64_t resources[TASK_RESOURCES]; /**< ascending */
	uint32_t inherited; /**< bit i: resources[i] is an ancestor's */
	uint64_t arguments[TASK_ARGUMENTS];
	uint64_t timeout, deadline; /**< deadline 0: none */
	uint64_t accepted_at, started_at, ended_at;
	char name[TASK_NAME_BYTES];
};

struct task_manager;

/** A kind of task. */
struct task_routine {
	const char *name;
	/** Begins the work, which reports through task_progress() and one of the ends. @return 0, or a number with which the task fails. */
	int (*start)(void *context, struct task *task);
	/** Begins to undo a task that started and did not succeed; task_undone() says when that is done. NULL: nothing to undo. */
	void (*undo)(void *context, struct task *task);
	uint64_t undo_timeout; /**< after it the resources are given back all the same; 0: none */
	uint32_t attempts;     /**< how often a restart repeats a lost task; 0: it is lost */
};

/** Called for each change of a task, before it takes effect outside. */
typedef void task_journal(void *context, const struct task *task);

struct task_manager {
	struct task *tasks;	     /**< capacity slots, the caller's */
	uint32_t capacity, count;
	uint32_t *order;	     /**< capacity words, the caller's: slots in the order of acceptance */
	const struct task_routine *routines;
	uint32_t routine_count;
	void *context;		     /**< handed to the routines and to the journal */
	task_journal *journal;	     /**< or NULL */
	uint32_t workers, running;   /**< how many top-level tasks may run at once (0: any number), and do */
	uint32_t last_number;
	uint64_t late;		     /**< reports that came too late */
	uint64_t dirty_mask;	     /**< which subscribers exist */
	uint64_t missed[TASK_SUBSCRIBERS]; /**< ends that a subscriber did not fetch before their slot was needed */
	uint8_t *dirty;		     /**< capacity bytes, the caller's: bit s: subscriber s has not seen the newest state */
};

/** Makes @p manager empty. @p tasks, @p order, @p dirty: capacity elements each, owned by the caller for the manager's life. */
void task_manager_init(struct task_manager *manager, struct task *tasks, uint32_t *order, uint8_t *dirty, uint32_t capacity,
		       const struct task_routine *routines, uint32_t routine_count, void *context);

/** Accepts a task: it gets a number and waits for its resources. @p number receives it; on TASK_BUSY the number of the task in the way.
 * @return TASK_OK, TASK_BUSY, TASK_FULL, TASK_BAD_INPUT or TASK_BAD_ORDER; only TASK_OK changes anything. */
enum task_status task_accept(struct task_manager *manager, const struct task_request *request, uint64_t now, uint32_t *number);

/** Starts what can start, ends what is out of time, begins compensations that are due. Call it after every report and whenever time has passed.
 * @return whether anything changed. */
bool task_dispatch(struct task_manager *manager, uint64_t now);

/** Reports from the routine. @p done of @p total; a report below the progress so far changes nothing.
 * @return TASK_OK; TASK_LATE and counted if the task has ended or is being compensated; task_succeed() also TASK_EARLY. */
enum task_status task_progress(struct task_manager *manager, uint32_t number, uint64_t done, uint64_t total);
enum task_status task_succeed(struct task_manager *manager, uint32_t number, uint64_t now);
enum task_status task_fail(struct task_manager *manager, uint32_t number, int32_t error, uint64_t now);

/** The compensation of @p number is done. @return TASK_OK, or TASK_LATE. */
enum task_status task_undone(struct task_manager *manager, uint32_t number, uint64_t now);

/** Ends @p number and what is nested in it. @return TASK_OK, or TASK_LATE if it has ended or is ending. */
enum task_status task_cancel(struct task_manager *manager, uint32_t number, uint64_t now);

/** Says which worker runs @p number (not 0). */
void task_set_worker(struct task_manager *manager, uint32_t number, uint32_t worker);
/** All running tasks of @p worker are lost. @return how many. */
uint32_t task_worker_died(struct task_manager *manager, uint32_t worker, uint64_t now);

/** Accepts a lost top-level task once more, if its routine allows another attempt (one that never started loses none).
 * @return as task_accept(); TASK_BAD_INPUT if it is not to be repeated. @p repeated receives the new task's number. */
enum task_status task_repeat(struct task_manager *manager, uint32_t number, uint64_t now, uint32_t *repeated);

/** Settles what a journal says was alive when the system went down: each orphan ends as lost (or as it was ending), after its compensation
 * if it had started, and is repeated by a new task if task_repeat() allows. The journal hears of all that during the call, which belongs
 * into one transaction, so that another restart finds each orphan settled once. Only for a manager that has accepted nothing yet.
 * @p orphans: live tasks, numbers ascending; @p last_number: the highest number ever given.
 * @return TASK_OK, TASK_FULL (the capacity is less than twice @p count) or TASK_BAD_INPUT; only TASK_OK changes anything. */
enum task_status task_recover(struct task_manager *manager, const struct task *orphans, uint32_t count, uint32_t last_number, uint64_t now);

/** @return the task @p number, or NULL if its slot has been used again or it never was. */
const struct task *task_find(const struct task_manager *manager, uint32_t number);

/** @return the task that holds @p resource, or NULL: interaction with it is allowed. */
const struct task *task_blocker(const struct task_manager *manager, uint64_t resource);

/** Writes "task 7 snapshot vm0 62 %" and a NUL. @p size at least TASK_TEXT_BYTES. @return characters without the NUL. */
size_t task_describe(const struct task *task, char *text, size_t size);

bool task_is_terminal(const struct task *task);
/** @return "queued", "running", ...; never NULL. */
const char *task_state_name(enum task_state state);

/** @return a number for a new subscriber, which then hears of every later change; or -1 if there are TASK_SUBSCRIBERS. */
int task_subscribe(struct task_manager *manager);
/** @return the oldest task whose newest state @p subscriber has not seen yet, and marks it seen; NULL if there is none. */
const struct task *task_next_update(struct task_manager *manager, int subscriber);

#endif
