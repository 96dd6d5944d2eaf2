/* Floating-point ops off the fast path: any operand, rounding mode and state of the unit (unprivileged 11, 12; privileged 3.1.6.6, 8.2.8). */
#include "models/hart/bits.h"
#include "models/hart/core.h"
#include "models/hart/fp_host.h"
#include "native_ops.h"

enum { ROUNDING_SHIFT = 5 };

static bool unit_is(const struct hart *h, uint64_t least)
{
	uint64_t level = least << MSTATUS_FS_SHIFT;

	return (h->mstatus & MSTATUS_FS) >= level && (!h->virt || (h->vsstatus & MSTATUS_FS) >= level);
}

bool fp_enabled(const struct hart *h) { return unit_is(h, 1); }

void fp_set_dirty(struct hart_core *c)
{
	struct hart *h = &c->state;

	if (unit_is(h, 3))
		return;
	h->mstatus |= MSTATUS_FS;
	if (h->virt)
		h->vsstatus |= MSTATUS_FS;
	core_update_mode(c);
}

/* What the executors look at: whether the unit is on, dirty already, and whether a rounding mode is nearest even. */
void fp_update(struct hart_core *c)
{
	const struct hart *h = &c->state;
	bool dirty = unit_is(h, 3);

	c->fp_on = unit_is(h, 1);
	c->fp_dirty = dirty;
	c->fp_nearest[FP_RNE] = dirty;
	c->fp_nearest[FP_DYN] = dirty && h->fcsr >> FCSR_FRM_SHIFT == FP_RNE;
}

/* A register as FORMAT: what is not boxed is a NaN to single precision. */
static uint64_t unboxed(const struct fp_format *f, uint64_t a)
{
	if (f == &fp_double)
		return a;
	return fp_boxed(a) ? a & UINT32_MAX : 0x7fc00000;
}

static uint64_t boxed(const struct fp_format *f, uint64_t a) { return f == &fp_double ? a : a | FP_BOX; }

/* The op's number among those of its precision, as if it were single; *F its format. */
static unsigned generic(unsigned code, const struct fp_format **f)
{
	*f = code >= NATIVE_FADD_D && code < NATIVE_FCVT_S_D ? &fp_double : &fp_single;
	return *f == &fp_double ? code - (NATIVE_FADD_D - NATIVE_FADD_S) : code;
}

struct operands {
	const struct fp_format *f;
	uint64_t a, b, c;
	unsigned rounding;
};

/* Ops with a floating-point result; *OUT is not boxed. @return false if CODE is none of them. */
static bool compute(unsigned code, const struct operands *o, uint64_t *out, uint64_t *flags)
{
	const struct fp_format *f = o->f;
	uint64_t sign = UINT64_C(1) << (f->bits - 1), a = o->a, b = o->b;
	unsigned rm = o->rounding;

	switch (code) {
	case NATIVE_FADD_S: *out = fp_add(f, a, b, rm, flags); break;
	case NATIVE_FSUB_S: *out = fp_add(f, a, fp_negate(f, b), rm, flags); break;
	case NATIVE_FMUL_S: *out = fp_mul(f, a, b, rm, flags); break;
	case NATIVE_FDIV_S: *out = fp_div(f, a, b, rm, flags); break;
	case NATIVE_FSQRT_S: *out = fp_sqrt(f, a, rm, flags); break;
	case NATIVE_FMADD_S: *out = fp_fma(f, a, b, o->c, rm, flags); break;
	case NATIVE_FMSUB_S: *out = fp_fma(f, a, b, fp_negate(f, o->c), rm, flags); break;
	case NATIVE_FNMSUB_S: *out = fp_fma(f, fp_negate(f, a), b, o->c, rm, flags); break;
	case NATIVE_FNMADD_S: *out = fp_fma(f, fp_negate(f, a), b, fp_negate(f, o->c), rm, flags); break;
	case NATIVE_FSGNJ_S: *out = (a & ~sign) | (b & sign); break;
	case NATIVE_FSGNJN_S: *out = (a & ~sign) | (~b & sign); break;
	case NATIVE_FSGNJX_S: *out = a ^ (b & sign); break;
	case NATIVE_FMIN_S: *out = fp_min(f, a, b, flags); break;
	case NATIVE_FMAX_S: *out = fp_max(f, a, b, flags); break;
	default: return false;
	}
	return true;
}

/* Ops with an integer result. @return false if CODE is none of them. */
static bool examine(unsigned code, const struct operands *o, unsigned kind, uint64_t *out, uint64_t *flags)
{
	switch (code) {
	case NATIVE_FEQ_S: *out = fp_eq(o->f, o->a, o->b, flags); break;
	case NATIVE_FLT_S: *out = fp_lt(o->f, o->a, o->b, flags); break;
	case NATIVE_FLE_S: *out = fp_le(o->f, o->a, o->b, flags); break;
	case NATIVE_FCLASS_S: *out = fp_classify(o->f, o->a); break;
	case NATIVE_FCVT_I_S: *out = fp_to_integer(o->f, o->a, (enum fp_integer)kind, o->rounding, flags); break;
	default: return false;
	}
	return true;
}

static enum outcome float_load(struct hart_core *c, const struct xop *op)
{
	uint64_t *x = c->state.x, value;
	bool wide = op->code == NATIVE_FLD;
	enum outcome o = mem_load(c, x[op->rs1] + (uint64_t)(int64_t)op->imm, wide ? 3 : 2, &value);

	if (o == DONE) {
		x[op->rd] = wide ? value : value | FP_BOX;
		fp_set_dirty(c);
	}
	return o;
}

static enum outcome float_store(struct hart_core *c, const struct xop *op)
{
	const uint64_t *x = c->state.x;

	return mem_store(c, x[op->rs1] + (uint64_t)(int64_t)op->imm, op->code == NATIVE_FSD ? 3 : 2, x[op->rs2]);
}

/* Moves and conversions between formats and files. */
static void convert(struct hart_core *c, const struct xop *op, const struct operands *o, uint64_t *flags)
{
	uint64_t *x = c->state.x, a = x[op->rs1];
	enum fp_integer kind = (enum fp_integer)(op->imm & 3);
	bool to_integer_file = op->rd < HART_F0;

	switch (op->code) {
	case NATIVE_FCVT_S_I: x[op->rd] = FP_BOX | fp_from_integer(&fp_single, a, kind, o->rounding, flags); break;
	case NATIVE_FCVT_D_I: x[op->rd] = fp_from_integer(&fp_double, a, kind, o->rounding, flags); break;
	case NATIVE_FCVT_S_D: x[op->rd] = FP_BOX | fp_convert(&fp_single, &fp_double, a, o->rounding, flags); break;
	case NATIVE_FCVT_D_S: x[op->rd] = fp_convert(&fp_double, &fp_single, unboxed(&fp_single, a), o->rounding, flags); break;
	case NATIVE_FMV_X_W: x[op->rd] = (uint64_t)(int64_t)(int32_t)a; break;
	case NATIVE_FMV_W_X: x[op->rd] = FP_BOX | a; break;
	default: x[op->rd] = a; break;	/* FMV_X_D, FMV_D_X */
	}
	if (!to_integer_file)
		fp_set_dirty(c);
}

enum outcome fp_execute(struct hart_core *c, const struct xop *op)
{
	struct hart *h = &c->state;
	uint64_t *x = h->x, flags = 0, value;
	unsigned rounding = (unsigned)op->imm >> ROUNDING_SHIFT & 7, code;
	struct operands o;

	if (!fp_enabled(h))
		return trap_illegal(c);
	if (op->code == NATIVE_FLW || op->code == NATIVE_FLD)
		return float_load(c, op);
	if (op->code == NATIVE_FSW || op->code == NATIVE_FSD)
		return float_store(c, op);
	if (rounding == FP_DYN)
		rounding = (unsigned)(h->fcsr >> FCSR_FRM_SHIFT);
	if (rounding > FP_RMM)
		return trap_illegal(c);
	code = generic(op->code, &o.f);
	o.rounding = rounding;
	o.a = unboxed(o.f, x[op->rs1]);
	o.b = unboxed(o.f, x[op->rs2]);
	o.c = unboxed(o.f, x[HART_F0 + (op->imm & 31)]);
	if (compute(code, &o, &value, &flags)) {
		x[op->rd] = boxed(o.f, value);
		fp_set_dirty(c);
	} else if (examine(code, &o, (unsigned)op->imm & 3, &value, &flags)) {
		x[op->rd] = value;
	} else {
		convert(c, op, &o, &flags);
	}
	h->fcsr |= flags;
	if (flags)
		fp_set_dirty(c);
	return DONE;
}
