/* The task state machine of sim/regress/task.h under every interleaving of routines, their late reports, cancels, deaths and times.
 *
 * Calls to the manager are serialised by its callers, so each is one atomic step, with the dispatch that follows it. What interleaves are the
 * routines (their reports travel through a channel and may arrive after the end), the DISTURBANCES of the outside, and compensations.
 *
 *   task 0: resource A;  task 1: nested in 0, resource B;  task 2: A and B;  task 3: B;  task 4: nested in 3, wants A, which lies below B: refused
 *
 * Properties: see testbench/spin/README.md. Mutants are macros, named where they act.
 */
#ifndef WORKERS
#define WORKERS 1
#endif
#ifndef DISTURBANCES
#define DISTURBANCES 2
#endif
#define TASKS 5
#define NOBODY 255

#define A 1
#define B 2

mtype = { progress, success, failure };

#define NONE 0
#define QUEUED 1
#define RUNNING 2
#define COMPENSATING 3
#define SUCCEEDED 4
#define FAILED 5
#define TIMED_OUT 6
#define LOST 7
#define CANCELLED 8

byte state[TASKS];
byte ending[TASKS];
byte percent[TASKS];
byte held[TASKS];	/* mask of A and B */
bool started[TASKS];
bool undoing[TASKS];
byte running;		/* workers in use */
byte disturbances;
chan reports = [2] of { mtype, byte, byte };

#define is_terminal(t) (state[t] >= SUCCEEDED)
#define is_live(t) (state[t] != NONE && !is_terminal(t))
#define wants(t) ((t == 0) -> A : ((t == 1 || t == 3) -> B : ((t == 2) -> (A | B) : A)))
#define is_nested(t) (t == 1 || t == 4)
#define parent_of(t) ((t == 1) -> 0 : 3)
#define child_of(t) ((t == 0) -> 1 : 4)
#define has_child(t) (t == 0 || t == 3)
#define child_lives(t) (has_child(t) && is_live(child_of(t)))
#ifdef CHILD_NEEDS_WORKER
#define needs_worker(t) true
#else
#define needs_worker(t) (!is_nested(t))
#endif
#define all_held (held[0] | held[1] | held[2] | held[3] | held[4])

inline become_terminal(t, how)
{
	assert(!is_terminal(t));			/* one terminal state */
	assert(!child_lives(t));			/* nothing nested outlives its parent */
	state[t] = how;
#ifdef KEEP_ON_TIMEOUT
	if
	:: how != TIMED_OUT -> held[t] = 0
	:: else
	fi;
#else
	held[t] = 0;
#endif
	if
	:: started[t] && needs_worker(t) -> running--
	:: else
	fi
}

inline end_one(t, how)
{
	ending[t] = how;
	if
	:: started[t] -> state[t] = COMPENSATING
	:: else -> become_terminal(t, how)
	fi
}

inline begin_end(t, how)
{
	if
	:: has_child(t) && (state[child_of(t)] == QUEUED || state[child_of(t)] == RUNNING) -> end_one(child_of(t), CANCELLED)
	:: else
	fi;
	end_one(t, how)
}

/* FIFO: whoever takes a resource leaves nobody older behind who waits for it. */
inline check_order(t)
{
	assert(is_nested(t) || !(t == 3 && state[2] == QUEUED));
	assert(is_nested(t) || !(t == 2 && (state[0] == QUEUED)))
}

inline start(t)
{
	if
	:: needs_worker(t) -> running++
	:: else
	fi;
	started[t] = true;
	state[t] = RUNNING
}

inline take_nested(t)
{
	if
	:: (all_held & wants(t)) == 0 -> held[t] = wants(t)
	:: else
	fi;
	if
	:: held[t] == wants(t) && (!needs_worker(t) || running < WORKERS) -> start(t); again = true
	:: else
	fi
}

#if defined(OVERTAKE) || defined(HOLD_AND_WAIT)
#define is_claimed(t) false
#else
#define is_claimed(t) ((t == 2 && state[0] == QUEUED) || (t == 3 && state[2] == QUEUED))
#endif

inline take_at_once(t)
{
#ifdef HOLD_AND_WAIT
	/* One resource after the other, the worker last. */
	if
	:: (wants(t) & A) && !(all_held & A) && !is_claimed(t) -> held[t] = held[t] | A
	:: else
	fi;
	if
	:: (wants(t) & B) && !(all_held & B) && !is_claimed(t) && (held[t] & A || !(wants(t) & A)) -> held[t] = held[t] | B
	:: else
	fi;
	if
	:: held[t] == wants(t) && running < WORKERS -> start(t); again = true
	:: else
	fi
#else
	if
	:: running < WORKERS && (all_held & wants(t)) == 0 && !is_claimed(t) -> check_order(t); held[t] = wants(t); start(t); again = true
	:: else
	fi
#endif
}

#ifdef PARENT_FIRST
#define may_undo(t) true
#else
#define may_undo(t) (!child_lives(t))
#endif

inline advance(t)
{
	if
	:: state[t] == QUEUED && is_nested(t) -> take_nested(t)
	:: state[t] == QUEUED && !is_nested(t) -> take_at_once(t)
	:: state[t] == COMPENSATING && !undoing[t] && may_undo(t) ->
		assert(!child_lives(t));		/* from inside out */
		undoing[t] = true; again = true
	:: else
	fi
}

inline dispatch()
{
	again = true;
	do
	:: again ->
		again = false;
		advance(1); advance(4); advance(0); advance(2); advance(3)
	:: else -> break
	od;
	/* A resource belongs to one task at a time. */
	assert((held[0] & (held[1] | held[2] | held[3] | held[4])) == 0);
	assert((held[1] & (held[2] | held[3] | held[4])) == 0 && (held[2] & (held[3] | held[4])) == 0 && (held[3] & held[4]) == 0);
	assert(running <= WORKERS);
	again = false; who = 0; what = 0
}

inline receive(kind, t, value)
{
#ifdef ACCEPT_LATE
#define is_reported(t) (state[t] >= RUNNING)
#else
#define is_reported(t) (state[t] == RUNNING)
#endif
	if
	:: !is_reported(t)				/* late: ignored */
	:: is_reported(t) && kind == progress ->
#ifdef PROGRESS_FALLS
		assert(value >= percent[t]);
#endif
		if
		:: value > percent[t] -> percent[t] = value
		:: else
		fi
	:: is_reported(t) && kind == success ->
		if
		:: child_lives(t)			/* early: refused */
		:: else -> percent[t] = 100; become_terminal(t, SUCCEEDED)
		fi
	:: is_reported(t) && kind == failure -> begin_end(t, FAILED)
	fi
}

#ifdef UNORDERED
#define may_nest(t) (state[t] == RUNNING)
#else
#define may_nest(t) (state[t] == RUNNING && wants(child_of(t)) > wants(t))
#endif

/* A routine: progress, some of it stale, its nested task if it has one, and its end; its reports are taken whenever they arrive. */
proctype routine(byte me)
{
	bool again; byte who; byte what;
end:	started[me] || is_terminal(me);
	if
	:: is_terminal(me) -> goto over
	:: else
	fi;
	reports!progress(me, 50);
	reports!progress(me, 20);
	if
	:: has_child(me) ->
		atomic {
			if
			:: may_nest(me) -> state[child_of(me)] = QUEUED; dispatch()
			:: else
			fi
		}
		!child_lives(me)
	:: else
	fi;
	if
	:: reports!success(me, 0)
	:: reports!failure(me, 1)
	fi;
	/* What compensates gets done. */
over:
	do
	:: atomic { undoing[me] && state[me] == COMPENSATING -> become_terminal(me, ending[me]); dispatch() }
	:: atomic { is_terminal(me) && (!has_child(me) || !is_live(child_of(me))) -> break }
	od
}

proctype manager()
{
	bool again; byte who; byte what; mtype kind;
end:	do
	:: atomic { reports?kind(who, what) -> receive(kind, who, what); dispatch() }
	od
}

/* Cancels, times and deaths of workers, at any moment. */
proctype outside()
{
	bool again; byte who; byte what;
end:	do
	:: atomic { disturbances < DISTURBANCES ->
			disturbances++;
			select(who : 0 .. 3);
			if
			:: state[who] == QUEUED || state[who] == RUNNING -> begin_end(who, CANCELLED)
			:: state[who] == RUNNING -> begin_end(who, TIMED_OUT)
			:: state[who] == RUNNING -> begin_end(who, LOST)
			:: else
			fi;
			dispatch() }
	od
}

/* Nobody can move: every task that was accepted has ended, and nothing is held. */
proctype at_rest()
{
	timeout;
	assert(!is_live(0) && !is_live(1) && !is_live(2) && !is_live(3) && !is_live(4));
	assert(all_held == 0 && running == 0);
	assert(is_terminal(0) && is_terminal(2) && is_terminal(3))
}

init {
	bool again; byte who; byte what;
	atomic {
		state[0] = QUEUED; state[2] = QUEUED; state[3] = QUEUED;
		dispatch();
		run manager(); run outside(); run at_rest();
		run routine(0); run routine(1); run routine(2); run routine(3); run routine(4)
	}
}
