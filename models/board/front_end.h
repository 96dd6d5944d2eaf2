/* A hart's front end: what stands between a hart in timed mode and the ports of its CLB.
 *
 * It asks the CLB for the native ops from the hart's pc on, lets the hart execute what the CLB forwards, and asks anew where the hart
 * goes another way: a branch, a trap, a change of mode, a store to code. It also owns the CLB's memory: guest memory (that of the hart's
 * domain) and conversion memory with the table images and the conversion buffer.
 *
 *     front_end_ports(f, t);                 // cycle t: reads in(t), out(t); makes next = in(t + 1)
 *     front_end_execute(f);                  // the hart's cycle, if it is awake
 *     step(backend, &f->state.in, &f->state.out);
 *     front_end_commit(f);
 */
#ifndef ASSAY_MODELS_BOARD_FRONT_END_H
#define ASSAY_MODELS_BOARD_FRONT_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clb_ports.h"
#include "clb_regs.h"
#include "models/board/memory_port.h"
#include "models/hart/hart.h"

enum {
	FRONT_END_SNOOPS = 32, FRONT_END_OPS = 2, FRONT_END_PHASES = 8,
	FRONT_END_TABLES = 0x1000, FRONT_END_APPLICATION = 0x40000, /* conversion memory: where the table images lie */
	FRONT_END_BUFFER = 0x80000, FRONT_END_BUFFER_SLOTS = 1024,
	FRONT_END_MEMORY_BYTES = FRONT_END_BUFFER + FRONT_END_BUFFER_SLOTS * CLB_SLOT_BYTES,
};

/** What was counted; the events are those of the CLB. */
struct front_end_stat {
	uint64_t event[CLB_EVENTS];
	uint64_t killed[4];			/**< by CAUSE_* */
	uint64_t executed;			/**< cycles in which an op was executed or a trap taken */
	uint64_t starved[FRONT_END_PHASES];	/**< cycles in which the hart waited for ops, by PHASE_* */
	uint64_t slow;				/**< instructions that the slow path converted */
};

struct front_end_op {
	uint64_t word;
	uint16_t at, next, opposite;
	uint8_t kind, last, far, taken, near, index;
};

struct front_end_snoop {
	uint64_t line;
	uint8_t cause;
};

struct front_end_state {
	struct clb_in in, next;
	struct clb_out out;
	struct memory_port memory;
	uint8_t configured;	/**< steps of the configuration done */
	uint8_t tag;		/**< of the last request */
	bool expecting;		/**< ops with that tag are to be executed */
	bool need;		/**< a request must be made before anything executes */
	bool need_near, need_mispredict;
	uint8_t need_index;
	bool snooped;		/**< what was forwarded may be old */
	bool slow;		/**< the slow path executes the instruction at pc */
	uint64_t page;		/**< virtual page of the stream */
	uint64_t pa;		/**< physical address that was asked for */
	struct front_end_op op[FRONT_END_OPS];
	uint8_t ops;
	struct front_end_snoop snoop[FRONT_END_SNOOPS];
	uint8_t snoop_head, snoops;
	bool snoop_all;		/**< too many at once: everything may be old */
	struct front_end_stat stat;
};

struct front_end {
	struct front_end_state state;
	struct hart_core *core;
	struct hart_domain *domain;
	unsigned hart;
	unsigned latency;	/**< of memory, in cycles */
	uint8_t *memory;	/**< conversion memory */
	bool application;	/**< it holds tables of a second guest ISA */
};

/** @param image table image (checked by convert_load()), copied into conversion memory
 * @return 0, or -1 if memory is short or the image does not fit. */
int front_end_create(struct front_end *f, struct hart_domain *domain, unsigned hart, unsigned latency, const void *image, size_t bytes);
void front_end_destroy(struct front_end *f);

/** Adds the tables of the second guest ISA: table set 3 of the CLB. Before the first cycle.
 * @return 0, or -1 if the image does not fit. */
int front_end_set_application(struct front_end *f, const void *image, size_t bytes);

/** The CLB has been reset: configures it anew and asks for everything again. Conversion memory and counts stay. */
void front_end_restart(struct front_end *f);

/** The hart has been reset, or its state written: what was forwarded is void. */
void front_end_redirect(struct front_end *f);

void front_end_ports(struct front_end *f, uint64_t cycle);
void front_end_execute(struct front_end *f);
void front_end_commit(struct front_end *f);

/** A fetched line was written. @param hart who wrote, -1: a device */
void front_end_snoop(struct front_end *f, int hart, uint64_t line);

/** @return whether nothing changes at the ports or in the CLB while the hart sleeps. */
bool front_end_is_quiet(const struct front_end *f);

#endif
