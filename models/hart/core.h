/* Inside the processor model: what surrounds a struct hart on the host. Everything here can be dropped and rebuilt.
 *
 *   exec_*.c  fast and timed executors over ops.inc        block.c   converted blocks and their lookup
 *   mem.c     loads, stores, atomics that miss the TLB     tlb.c     software TLBs, page tracking
 *   mmu.c     page-table walks, two stages                 pmp.c     physical memory protection
 *   trap.c    traps, returns, interrupts                   csr*.c    control and status registers
 *   system.c  privileged instructions                      core.c    creation, reset, lines, debugger
 *   fp.c      floating-point ops off the fast path         fp_*.h    arithmetic: exact, and through the host
 */
#ifndef ASSAY_MODELS_HART_CORE_H
#define ASSAY_MODELS_HART_CORE_H

#include "models/convert/convert.h"
#include "models/hart/hart.h"

#define LIKELY(c) __builtin_expect(!!(c), 1)
#define UNLIKELY(c) __builtin_expect(!!(c), 0)

enum { PAGE_BYTES = 4096, PAGE_SHIFT = 12, TLB_ENTRIES = 1024, FETCH_ENTRIES = 64, JUMP_ENTRIES = 2048, FILL_LOG = 128, SINK = 63 };
#define PAGE_MASK (~(uint64_t)(PAGE_BYTES - 1))

/* Data access modes, each with its own TLB. */
enum data_mode { DATA_U, DATA_S, DATA_S_SUM, DATA_M, DATA_VU, DATA_VS, DATA_VS_SUM, DATA_MODES };
/* Fetch modes, each with its own jump cache. */
enum fetch_mode { FETCH_U, FETCH_S, FETCH_M, FETCH_VU, FETCH_VS, FETCH_U_APPLICATION, FETCH_VU_APPLICATION, FETCH_MODES };

/* One native op ready to execute; 16 bytes. After an op that may jump the next slot holds its link. */
union slot {
	struct xop {
		int32_t jump;		/* handler in the fast executor, relative to its first one */
		uint8_t code;		/* opcode for the timed executor */
		uint8_t rd, rs1, rs2;	/* rd 0 has become SINK */
		int32_t imm;		/* immediate; aux if the op has none; csr | aux << 12; floating point: imm | aux << 5; LDX to STP: imm << 4 | aux */
		uint16_t at;		/* guest bytes from the block's start */
		uint8_t n;		/* guest instructions of the block before this one */
		uint8_t length;		/* guest bytes if this op ends its instruction, else 0 */
	} op;
	struct block *link;
};

/* Executor codes beyond the native opcodes. */
enum { CODE_END = 250, CODE_PART = 251, CODE_COLD = 252, CODE_HOST = 253 };

/* A converted run of guest instructions in one page. Links only join blocks of the same page, and a page's blocks die
 * together, so a link never dangles. */
struct block {
	uint64_t pa;			/* of the first instruction */
	const uint8_t *host;		/* its bytes */
	struct block *next;		/* same hash bucket */
	struct block *page_next;	/* same page */
	const void *code;		/* host code that stands for it (host_code.h) */
	uint16_t instructions;
	uint16_t heat;			/* how often it was entered before it was translated */
	uint8_t live;
	uint8_t application;		/* code of the second guest ISA */
	union slot slot[];
};

struct tlb_entry {
	uint64_t tag;		/* virtual page; all ones if the fast path must not take it */
	uintptr_t addend;	/* host address - virtual address; 0 for a page outside memory */
	uint64_t page;		/* virtual page for the slow path; all ones if empty */
	uint64_t pa;		/* physical page */
};

struct jump_entry {
	uint64_t pc;		/* odd if empty */
	struct block *block;
};

/* Which entries of a table were filled since it was last empty, so that emptying it is cheap after little use. */
struct fill_log {
	uint32_t count;		/* above FILL_LOG: any entry may be */
	uint16_t at[FILL_LOG];
};

static inline void fill_log_add(struct fill_log *log, uint64_t index)
{
	if (log->count < FILL_LOG)
		log->at[log->count] = (uint16_t)index;
	if (log->count <= FILL_LOG)
		log->count++;
}

/* Why the executor must look up before the next instruction. */
enum attention {
	ATTENTION_IRQ = 1,	/* an enabled interrupt is pending */
	ATTENTION_WFI = 2,
	ATTENTION_WAIT = 4,	/* the bus has not answered */
	ATTENTION_STOP = 8,	/* at a breakpoint */
	ATTENTION_WATCH = 16,	/* trace callback, breakpoints or watches: look at every instruction */
};

/* What a debugger has asked for beyond breakpoints. */
struct hart_debug {
	enum hart_stop reason;
	uint64_t touched;		/* address of HART_STOP_WATCH */
	bool stepping;
	uint64_t step_pc, step_instructions;
	unsigned watches;
	struct hart_watchpoint {
		uint64_t va, bytes;
		unsigned kinds;
	} watch[HART_WATCHPOINTS];
};

struct hart_core {
	struct hart state;		/* first member: the executor uses one base register */
	uint32_t attention;
	const struct xop *op;		/* timed mode: next op, or NULL: find it */
	struct block *block;		/* block of the op being executed */
	const struct xop *current;	/* op being executed, for traps */
	struct tlb_entry *read_tlb, *write_tlb;
	struct jump_entry *jump_cache;
	struct hart_domain *domain;
	unsigned index;
	uint8_t data_mode, fetch_mode;
	uint8_t application;		/* U-mode code of the second guest ISA executes */
	uint8_t fp_on, fp_dirty;	/* what mstatus.FS says, in a guest with vsstatus.FS */
	uint8_t fp_nearest[8];		/* by rounding mode: it means nearest even, and the unit is dirty */
	uint16_t used_data, used_fetch;	/* modes whose TLBs hold anything */
	struct hart_debug debug;	/* debug.c */
	bool pass_breakpoint;
	unsigned breakpoints;
	uint64_t breakpoint[HART_BREAKPOINTS];
	unsigned watches;
	uint64_t watch[HART_WATCHES];
	uint64_t watched;		/* instructions retired at the last report, so that a stalled one is reported once */
	struct {
		struct block block;
		union slot slot[2 * CONVERT_MAX_OPS + 4];
		uint32_t insn;
	} scratch;			/* the one instruction that no block may hold */
	struct {
		struct block block;
		union slot slot[3];
		uint64_t page;		/* physical page that is fetched from */
		uint16_t insn[2];
		bool split;		/* the instruction lies in two pages: its bytes are in insn */
	} stream;			/* the op that a front end forwarded */
	uint64_t timer_deadline;	/* Sstc: when stimecmp or vstimecmp next changes a pending bit; kept by irq_update() */
	bool refetch;			/* what a front end forwards is void: mode or translation changed */
	struct tlb_entry read[DATA_MODES][TLB_ENTRIES], write[DATA_MODES][TLB_ENTRIES];
	struct fill_log filled_read[DATA_MODES], filled_write[DATA_MODES], filled_jump[FETCH_MODES];
	struct tlb_entry fetch[FETCH_MODES][FETCH_ENTRIES];
	struct jump_entry jump[FETCH_MODES][JUMP_ENTRIES];
};

/* What is known about a page of memory. */
enum page_flag {
	PAGE_CODE = 1,		/* holds converted code: see code_lines */
	PAGE_TABLE = 2,		/* a walk has read a page-table entry here */
	PAGE_RESERVED = 4,	/* some hart reserved a line here */
	PAGE_WRITABLE = 8,	/* may sit in some write TLB */
	PAGE_FETCHED = 16,	/* a front end has fetched here: see fetched_lines */
	PAGE_TRACKED = PAGE_FETCHED | PAGE_CODE | PAGE_TABLE | PAGE_RESERVED,
};

struct memory_pages {
	uint8_t *flags;			/* one byte a page, enum page_flag */
	uint64_t *code_lines;		/* one bit for 64 bytes that hold converted code */
	uint64_t *fetched_lines;	/* one bit for 64 bytes that a front end has fetched */
	struct block **blocks;		/* first block of each page */
};

enum { BLOCK_BUCKETS = 1 << 16, ARENA_SLOTS = 1 << 20, BLOCK_MAX_INSTRUCTIONS = 64 };

struct hart_domain {
	struct hart_bus_ops bus;
	hart_trace_function *trace;	/* NULL: nobody looks */
	void *trace_ctx;
	hart_watch_function *watch;
	void *watch_ctx;
	const struct convert_tables *tables, *application_tables;
	unsigned harts;
	struct hart_core *core[HART_DOMAIN_MAX];
	struct memory_pages pages[HART_MEMORIES];
	struct block *bucket[BLOCK_BUCKETS];
	union slot *arena;
	size_t arena_used;
	unsigned reserved_stores;	/* slow stores to pages marked reserved, to unmark them now and then */
	void (*stored)(void *ctx, int hart, uint64_t line);	/* a fetched line was written */
	void *stored_ctx;
	unsigned drops;			/* how often all blocks were dropped */
	struct host_code *host_code;	/* translations of hot blocks, NULL if there are none */
	unsigned heat;			/* entries after which a block is hot */
};

/* Outcome of an operation of the slow path. */
enum outcome {
	DONE = 0,	/* go on with the next op */
	TRAPPED = 1,	/* a trap was taken; the state stands at its handler */
	STALLED = 2,	/* the bus has not answered: execute the same op again later */
	JUMPED = 3,	/* the instruction retired and set pc itself */
};

/* Kinds of access, numbered as the walks test permissions. */
enum access_kind { ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE };

/* How an access is to be translated. */
struct access_mode {
	uint8_t priv, virt;
	bool sum;	/* supervisor may touch user pages at the first stage */
	bool hlvx;	/* execute permission instead of read */
};

/* An exception on its way. */
struct fault {
	uint64_t cause, tval;
	uint64_t gpa;		/* guest-physical address of a guest-page fault */
	uint64_t tinst;		/* pseudoinstruction of an implicit access, or 0 */
	bool gva;		/* tval is a guest virtual address */
};

/* A translated page. */
struct translation {
	uint64_t pa;
	uint8_t *host;		/* byte at pa, NULL outside memory */
	bool read_only;		/* memory that refuses stores */
	bool whole_page;	/* the answer holds for the whole page */
	unsigned memory;	/* index of the memory */
};

/* mmu.c */
int mmu_translate(struct hart_core *c, uint64_t va, unsigned bytes, enum access_kind kind, const struct access_mode *mode,
	bool probe, struct translation *out, struct fault *fault);
struct access_mode mmu_data_mode(const struct hart *h);
uint8_t *memory_at(struct hart_domain *d, uint64_t pa, unsigned bytes, unsigned *memory);

/* pmp.c: @return whether the access is allowed; *whole_page tells whether all of its page is treated alike. */
bool pmp_allows(const struct hart *h, uint64_t pa, unsigned bytes, enum access_kind kind, unsigned priv, bool *whole_page);

/* tlb.c */
void tlb_flush(struct hart_core *c);		/* by the guest's order: what was fetched ahead is void, too */
void tlb_forget_fills(struct hart_core *c);	/* the next flush empties everything */
void tlb_fill(struct hart_core *c, unsigned mode, uint64_t va, enum access_kind kind, const struct translation *t);
void page_mark(struct hart_domain *d, unsigned memory, uint64_t pa, unsigned flag);
void page_stored(struct hart_domain *d, int hart, unsigned memory, uint64_t pa, unsigned bytes, unsigned flags);
void core_update_mode(struct hart_core *c);

/* block.c */
struct block *block_find(struct hart_core *c, uint64_t pc);
void block_put_op(union slot *s, uint64_t native, unsigned at, unsigned n, bool application);
static inline const struct convert_tables *tables_in_use(const struct hart_core *c)
{
	return c->application ? c->domain->application_tables : c->domain->tables;
}
bool block_fetch_possible(struct hart_core *c, uint64_t pc);	/* a fetch at pc would not trap */
bool block_translate_fetch(struct hart_core *c, uint64_t pc, unsigned bytes, struct translation *t);
void block_kill_page(struct hart_domain *d, unsigned memory, uint64_t pa);
void block_drop_all(struct hart_domain *d);

/* fp.c */
bool fp_enabled(const struct hart *h);
void fp_set_dirty(struct hart_core *c);
void fp_update(struct hart_core *c);
enum outcome fp_execute(struct hart_core *c, const struct xop *op);

/* debug.c */
bool debug_watches_page(const struct hart_core *c, uint64_t page);
void debug_note_access(struct hart_core *c, uint64_t va, unsigned bytes, enum access_kind kind);
bool debug_must_stop(struct hart_core *c);
bool debug_looks(const struct hart_core *c);

/* exec_fast.c */
int32_t exec_handler(unsigned code);

/* mem.c */
enum { CACHE_BLOCK_BYTES = 64 };
enum { LOAD_UNSIGNED = 4 };	/* size codes: log2 of the bytes, + LOAD_UNSIGNED */
enum outcome mem_load(struct hart_core *c, uint64_t va, unsigned code, uint64_t *value);
enum outcome mem_store(struct hart_core *c, uint64_t va, unsigned code, uint64_t value);
enum outcome mem_atomic(struct hart_core *c, const struct xop *op);
enum outcome mem_load_update(struct hart_core *c, const struct xop *op);
enum outcome mem_store_update(struct hart_core *c, const struct xop *op);
enum outcome mem_pair(struct hart_core *c, const struct xop *op);
enum outcome mem_guest(struct hart_core *c, const struct xop *op);
enum outcome mem_cache_block(struct hart_core *c, const struct xop *op);

/* trap.c */
void trap_take(struct hart_core *c, const struct fault *fault);
void trap_raise(struct hart_core *c, uint64_t cause, uint64_t tval);
enum outcome trap_illegal(struct hart_core *c);
enum outcome trap_virtual(struct hart_core *c);
bool trap_interrupt(struct hart_core *c);
void trap_return_m(struct hart *h);
void trap_return_s(struct hart *h);
uint32_t core_insn(const struct hart_core *c, unsigned *bytes);

/* irq.c */
uint64_t irq_pending(const struct hart_core *c);
uint64_t irq_deliverable(const struct hart_core *c);
void irq_update(struct hart_core *c);

/* csr.c */
enum { CSR_READS = 1, CSR_WRITES = 2, CSR_IMMEDIATE = 4 };
enum outcome csr_execute(struct hart_core *c, const struct xop *op);

/* system.c */
enum outcome system_execute(struct hart_core *c, const struct xop *op);
enum outcome system_misaligned_jump(struct hart_core *c, const struct xop *op);

#endif
