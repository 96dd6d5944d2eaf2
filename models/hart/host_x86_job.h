/* Between the files of the x86-64 translator. */
#ifndef ASSAY_MODELS_HART_HOST_X86_JOB_H
#define ASSAY_MODELS_HART_HOST_X86_JOB_H

#include "models/hart/host_code.h"
#include "models/hart/host_x86.h"
#include "native_ops.h"

enum { NONE = -1, EXITS = 2 * BLOCK_MAX_INSTRUCTIONS * CONVERT_MAX_OPS };

struct host_code {
	uint8_t *memory;
	uint8_t *begin;		/* behind the common parts */
	uint8_t *stub, *leave[4], *next;
	struct x86_code e;
	enum host_exit (*enter)(struct host_frame *frame, struct hart_core *c, const void *code);
	bool fma;		/* the host has the instructions */
};

/* One block's translation. */
struct job {
	struct x86_code *e;
	const struct host_code *code;
	const struct xop *op;
	int held;		/* register of the guest that rax holds, or NONE */
	bool on, dirty, inexact;	/* known of the floating-point unit behind the checks so far */
	uint8_t nearest;	/* rounding modes known to be nearest even */
	uint32_t boxed;		/* floating-point registers known to hold a boxed single */
	unsigned exits;
	struct exit {
		uint8_t *branch;
		const struct xop *op;
		bool taken;	/* a branch's way to its target; else the op is left undone */
	} exit[EXITS];
};

enum job_next { GOES_ON, ENDS, UNDONE };

static inline int32_t register_at(unsigned r) { return (int32_t)(8 * r); }

/* The guest's register into one of the host's. */
void job_load(struct job *j, unsigned reg, unsigned guest);
/* rax becomes rd. */
void job_result(struct job *j);
/* rax = host address of rs1 + imm through the TLB whose base is in register TLB; clobbers rcx and rdx. */
void job_address(struct job *j, unsigned tlb, unsigned bytes);
/* The same for the virtual address that is in rax. */
void job_check_address(struct job *j, unsigned tlb, unsigned bytes);
/* The branch leads to the op's way to its target (TAKEN), or to leaving host code before it. */
void job_exit_here(struct job *j, uint8_t *branch, bool taken);
/* The op leaves its block, OFFSET from its start, having retired COUNT instructions; then through its link. */
void job_leave_block(struct job *j, unsigned count, int64_t offset);
void job_through_link(struct job *j, const struct xop *op);

enum job_next job_translate_op(struct job *j);
/* Jumps and floating point: what job_translate_op() hands on. */
enum job_next job_translate_jump(struct job *j);
enum job_next job_translate_float(struct job *j);
/* Ops of guest ISAs with flags, and what is neither they nor integers. */
enum job_next job_translate_flags(struct job *j);
void job_branch_by_flags(struct job *j);

#endif
