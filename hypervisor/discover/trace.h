/* Symbolic execution of one function: which memory does it touch, whom does it call, with what?
 *
 * A value is a base plus a constant offset. A base is nothing (the value is the offset), an argument of the
 * function, the current task, the per-CPU base, the stack, what a load from an address gave, what a call
 * returned, an indexed address, or something unknown. So "the 8 bytes at offset 0x520 of the first argument"
 * is a value that a rule can name, whatever registers the compiler chose.
 *
 * Each instruction is visited once, in the order of a walk that follows the fall-through path first, with the
 * registers of the first path that reached it. What that loses (a value that depends on the path) is why a
 * rule has several witnesses.
 */
#ifndef ASSAY_HYPERVISOR_DISCOVER_TRACE_H
#define ASSAY_HYPERVISOR_DISCOVER_TRACE_H

#include "hypervisor/discover/disassembler.h"
#include "hypervisor/discover/exports.h"

enum {
	TRACE_MAX_INSTRUCTIONS = 3000,
	TRACE_MAX_EVENTS = 4096,
	TRACE_MAX_NODES = 8192,
	TRACE_MAX_BRANCHES = 512,
	TRACE_STACK_SLOTS = 24,
	TRACE_THROUGH_DEPTH = 2,
};

struct value {
	uint32_t node;
	int64_t offset;
};

enum node_kind { NODE_NONE, NODE_ARGUMENT, NODE_CURRENT, NODE_PERCPU, NODE_STACK, NODE_LOAD, NODE_RESULT,
		 NODE_INDEX, NODE_UNKNOWN };

struct node {
	enum node_kind kind;
	uint8_t size;	     /* LOAD: bytes */
	uint32_t number;     /* ARGUMENT: which; RESULT: index of the call event */
	struct value from;   /* LOAD: address; INDEX: the base that was indexed */
};

enum event_kind { EVENT_LOAD, EVENT_STORE, EVENT_ATOMIC, EVENT_CALL, EVENT_COMPARE, EVENT_RETURN };

struct trace_event {
	enum event_kind kind;
	uint8_t size;
	bool tail;	       /* CALL: a jump */
	uint64_t address;      /* of the instruction */
	struct value at;       /* LOAD, STORE, ATOMIC: address; CALL: target; COMPARE: left */
	struct value value;    /* STORE, RETURN: value; COMPARE: right */
	struct value argument[ARGUMENTS_MAX]; /* CALL */
};

struct trace_state {
	struct value reg[REGISTERS_MAX];
	struct {
		int64_t at; /* relative to the stack pointer at entry */
		struct value value;
		bool used;
	} slot[TRACE_STACK_SLOTS];
	unsigned next_slot;
};

struct trace {
	const struct discover_memory *memory;
	const struct discover_exports *exports;
	const struct disassembler_ops *ops;
	uint64_t entry, ignore_call; /* calls to ignore_call (the ftrace hook) leave no event */
	uint64_t return_thunk;	     /* a jump there is a return */
	uint64_t indirect_thunk[16]; /* a call there calls through a register */

	struct node node[TRACE_MAX_NODES];
	uint32_t nodes;
	struct trace_event event[TRACE_MAX_EVENTS];
	unsigned events;
	struct {
		uint64_t target, entry; /* entry: of the function that the target is in */
		unsigned depth;		/* 0: the function that was asked for */
		struct trace_state state;
	} branch[TRACE_MAX_BRANCHES];
	unsigned branches;
	uint64_t visited[2 * 4096]; /* open hash of instruction addresses */
	unsigned instructions, undecoded;
	unsigned depth, max_depth;
	struct trace_state state;
};

/** Prepares @p t (a large object; the caller's) and looks up the thunks and hooks that it must see through. */
void trace_init(struct trace *t, const struct discover_memory *memory, const struct discover_exports *exports,
		const struct disassembler_ops *ops);

/** Executes the function at @p entry.
 * @param through  also executes, after it, the functions that it calls directly and that are not exported
 * @return the number of instructions seen; 0 if nothing is mapped there. */
unsigned trace_function(struct trace *t, uint64_t entry, bool through);

#endif
