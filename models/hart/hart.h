/* The processor model: RV64GC with bit manipulation and cache-block operations, M/S/U and the hypervisor extension.
 *
 * A hart executes native ops that the conversion tables (models/convert) make from guest instructions; it
 * knows no guest instruction itself. Harts that see the same memory live in one *domain*, which owns what
 * they share: the way to the world (struct hart_bus_ops), the tables, converted blocks, and the tracking of
 * stores to code, page tables and reserved lines. Host harts form one domain, the NIC processor another one.
 *
 *     struct hart_domain *domain = hart_domain_create(&ops, &tables, 3);
 *     struct hart_core *core = hart_core_of(domain, 0);
 *     hart_reset(core, &(struct hart_config){.hartid = 0, .reset_pc = 0x1000, .isa = HART_ISA_H});
 *     for (;;) hart_step(core);                      // timed: one native op, one cycle
 *     for (;;) hart_run(core, 10000);                // fast: up to 10000 instructions
 *
 * Time: 1 cycle = 1 ns. In timed mode an instruction of n native ops takes n cycles; in fast mode every
 * instruction counts one. Both modes give the same architectural results and may alternate at any time.
 * Caches are invisible: stores of any hart or device to code or page tables act at once (fence.i and
 * sfence.vma are legal and need not do anything), so dropping the caches never changes a run.
 *
 * A domain and its harts are used by one thread at a time. Nothing here allocates after creation.
 * Documents: RISC-V unprivileged 20191213, privileged 1.12 (20211203), Svadu 1.0, Sstc 1.0.
 */
#ifndef ASSAY_MODELS_HART_HART_H
#define ASSAY_MODELS_HART_HART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/hart/hart_state.h"

struct hart_core;
struct hart_domain;
struct convert_tables;	/* models/convert/convert.h */

enum { HART_MEMORIES = 4, HART_DOMAIN_MAX = 16, HART_BREAKPOINTS = 32, HART_WATCHES = 16, HART_WATCHPOINTS = 8 };

/** Answers of the bus. */
enum hart_bus_status {
	HART_BUS_OK = 0,
	HART_BUS_FAULT = -1,	/**< nobody there, or refused: an access fault */
	HART_BUS_WAIT = 1,	/**< accepted; the hart stalls until hart_complete_access() */
};

/** Memory that harts reach directly (loads, stores, fetch, page tables, LR/SC, AMO). */
struct hart_memory {
	uint64_t base;		/**< physical address, a multiple of 4096 */
	uint64_t size;		/**< bytes, a multiple of 4096; 0 ends the list */
	uint8_t *host;		/**< its bytes, page-aligned is best; owned by the board, outlives the domain */
	bool read_only;		/**< stores raise an access fault (boot ROM) */
};

/** What one instruction looked like when it began to execute. */
struct hart_trace {
	uint64_t pc;
	uint32_t insn;		/**< its bytes, little-endian; upper half 0 if length is 2 */
	uint8_t length;		/**< bytes */
	uint8_t priv, virt;
};

typedef void hart_trace_function(void *ctx, unsigned hart, const struct hart_trace *record);

/** The world of a domain. Physical addresses. Kept by copy. */
struct hart_bus_ops {
	void *ctx;
	struct hart_memory memory[HART_MEMORIES];

	/** Load outside memory; naturally aligned, never crosses 8 bytes.
	 * @param size 1, 2, 4 or 8 bytes
	 * @param value zero-extended answer; untouched unless HART_BUS_OK is returned
	 * @return enum hart_bus_status. After HART_BUS_WAIT the callback is not called again for this access. */
	int (*load)(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t *value);
	/** Store outside memory; as load. It may call hart_set_irq_lines(): an interrupt is then taken before the next instruction. */
	int (*store)(void *ctx, unsigned hart, uint64_t pa, unsigned size, uint64_t value);
	/** @return the time CSR. In fast mode hart_state(core)->cycles is exact when this is called. */
	uint64_t (*time)(void *ctx);

	/** Optional; called as each instruction begins. Slows fast mode to one block lookup an instruction. See hart_domain_set_trace(). */
	hart_trace_function *trace;
	/** Optional; called after a trap was taken; the state holds the new pc, priv, virt and CSRs.
	 * @param cause as in xcause, interrupt bit included */
	void (*trap)(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t tval);
};

struct hart_config {
	uint64_t hartid;
	uint64_t reset_pc;
	uint32_t isa;		/**< enum hart_isa */
};

/** Creates a domain of @p harts harts (1..HART_DOMAIN_MAX), all in M-mode at pc 0 until hart_reset().
 * @param tables loaded by convert_load(); owned by the caller, outlives the domain
 * @return NULL if memory is short or @p ops names overlapping or unaligned memories. */
struct hart_domain *hart_domain_create(const struct hart_bus_ops *ops, const struct convert_tables *tables, unsigned harts);
void hart_domain_destroy(struct hart_domain *domain);

/** Gives the domain the tables of a second guest ISA. Harts with HART_ISA_A64 convert U- and VU-mode code through them while ISA select says so.
 * @param tables loaded by convert_load(); owned by the caller, outlives the domain; its registers follow models/convert/README.md */
void hart_domain_set_application(struct hart_domain *domain, const struct convert_tables *tables);

/** @return whether the code at pc is of the second guest ISA, by privilege and ISA select. */
bool hart_runs_application(const struct hart_core *core);

/** Begins or (NULL) ends the tracing of instructions at any time between two steps; never visible to software. */
void hart_domain_set_trace(struct hart_domain *domain, hart_trace_function *trace, void *ctx);

/** @return hart @p index of the domain; @p index is what the callbacks call `hart`. */
struct hart_core *hart_core_of(struct hart_domain *domain, unsigned index);

/** Puts the hart into its reset state. Registers are 0. */
void hart_reset(struct hart_core *core, const struct hart_config *config);

/** The hart's state, to read, save or overwrite. After writing call hart_state_changed(). */
struct hart *hart_state(struct hart_core *core);
void hart_state_changed(struct hart_core *core);

/** Chooses how often fast mode interprets a block before it translates it to code of the host; 0: it never does. Never visible to
 * software. A new domain has a sensible value; tests want 1 and 0. */
void hart_domain_set_heat(struct hart_domain *domain, unsigned heat);

/** Drops every host-side cache of the domain. Never visible to software. Also needed after memory was overwritten as a whole (restore). */
void hart_domain_drop_caches(struct hart_domain *domain);

/** Drives the levels of MSIP, MTIP, MEIP and SEIP.
 * @param lines bits 1 << HART_IRQ_MSI, _MTI, _MEI, _SEI; other bits are ignored */
void hart_set_irq_lines(struct hart_core *core, uint64_t lines);

/** Drives the guest external interrupts. @param lines bits 1..HART_GEILEN */
void hart_set_hgeip(struct hart_core *core, uint64_t lines);

/** Timed mode: advances one cycle, that is one native op, or a stalled cycle (WFI, bus wait, trap entry). */
void hart_step(struct hart_core *core);

/** Fast mode: executes up to @p max_cycles instructions.
 * @return cycles consumed; fewer than asked for in WFI, at a bus wait and at a debugger stop (possibly 0).
 * Whatever @p max_cycles, the sequence of instructions is the same: a run of 2N equals two runs of N. */
uint64_t hart_run(struct hart_core *core, uint64_t max_cycles);

/** @return whether the hart sits in WFI with nothing pending, so that only a line, or for Sstc the time, can wake it. */
bool hart_is_waiting(const struct hart_core *core);

/** @return whether the hart waits for hart_complete_access(). */
bool hart_is_stalled(const struct hart_core *core);

/** Lets a waiting hart's time pass without calling hart_step(): adds to its cycles only. Identical to @p cycles steps
 * while hart_is_waiting() or hart_is_stalled(). */
void hart_skip(struct hart_core *core, uint64_t cycles);

/** Answers the access for which the bus said HART_BUS_WAIT.
 * @param status HART_BUS_OK or HART_BUS_FAULT
 * @param value for loads, zero-extended */
void hart_complete_access(struct hart_core *core, int status, uint64_t value);

/** Tells the domain that somebody other than its harts (a device by DMA) wrote to memory: reservations on those bytes
 * end, converted code and cached translations from them die. Call it after the bytes have changed and before the next
 * step of any hart. Costs a few ns unless the page holds code, page tables or a reserved line. */
void hart_snoop_store(struct hart_domain *domain, uint64_t pa, uint64_t bytes);

/** Sstc: the time of the next change of a pending bit by stimecmp or vstimecmp, as it was when the hart last looked; UINT64_MAX if none is armed. */
uint64_t hart_timer_deadline(const struct hart_core *core);
/** Sstc: compares anew; call it when time() has reached hart_timer_deadline(). */
void hart_timer_check(struct hart_core *core);

/* Debugger: the stub reads and writes registers through hart_state(), memory through these. A stopped hart executes nothing until
 * hart_resume(); its cycles go on. */

/** Why a hart has stopped. */
enum hart_stop {
	HART_STOP_NONE = 0,
	HART_STOP_BREAKPOINT,	/**< before the instruction at the breakpoint */
	HART_STOP_STEP,		/**< hart_step_instruction() has done its instruction, or a trap was taken */
	HART_STOP_WATCH,	/**< after an instruction that touched a watched address */
	HART_STOP_REQUEST,	/**< hart_stop() */
};

enum hart_watch { HART_WATCH_READ = 1, HART_WATCH_WRITE = 2 };

/** Stops the hart before the instruction at @p va executes. @return 0, or -1 if HART_BREAKPOINTS are set. */
int hart_breakpoint_add(struct hart_core *core, uint64_t va);
/** @return 0, or -1 if there is none at @p va. */
int hart_breakpoint_remove(struct hart_core *core, uint64_t va);
/** Stops the hart after an instruction that reads or writes (@p kinds, enum hart_watch) one of @p bytes bytes at the virtual address @p va.
 * @return 0, or -1 if HART_WATCHPOINTS are set. */
int hart_watchpoint_add(struct hart_core *core, uint64_t va, uint64_t bytes, unsigned kinds);
/** @return 0, or -1 if there is no such watchpoint. */
int hart_watchpoint_remove(struct hart_core *core, uint64_t va, uint64_t bytes, unsigned kinds);
/** Stops the hart before its next instruction. */
void hart_stop(struct hart_core *core);
/** Lets a stopped hart execute one instruction, or take one trap, and stop again. */
void hart_step_instruction(struct hart_core *core);
bool hart_is_stopped(const struct hart_core *core);
/** @return why; for HART_STOP_WATCH @p address receives the first watched byte that was touched. */
enum hart_stop hart_stop_reason(const struct hart_core *core, uint64_t *address);
/** Lets the hart go on; a breakpoint at its pc does not stop it again at once. */
void hart_resume(struct hart_core *core);

/** Called before the instruction at a watched address executes, once for each time; the state may be read, not written. */
typedef void hart_watch_function(void *ctx, unsigned hart, uint64_t va);
void hart_domain_set_watch(struct hart_domain *domain, hart_watch_function *watch, void *ctx);

/** Reports each execution of the instruction at @p va to the domain's watch function, in every mode and address space; nothing stops, and
 * nothing that is computed changes. @return 0, or -1 if HART_WATCHES are set. */
int hart_watch_add(struct hart_core *core, uint64_t va);
/** @return 0, or -1 if there is none at @p va. */
int hart_watch_remove(struct hart_core *core, uint64_t va);

/** Translates as a load of the current mode would, without side effects (no A/D update, no trap).
 * @return 0, or -1 if the address is not mapped. */
int hart_translate_debug(struct hart_core *core, uint64_t va, uint64_t *pa);
/** Reads or writes a CSR as M-mode would. @return 0, or -1 if it does not exist. */
int hart_csr_read(struct hart_core *core, unsigned number, uint64_t *value);
int hart_csr_write(struct hart_core *core, unsigned number, uint64_t value);

#endif
