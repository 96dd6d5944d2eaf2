#include "sim/kernel/block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const backend_names[] = {[BLOCK_MODEL] = "model", [BLOCK_RTL] = "rtl", [BLOCK_LOCKSTEP] = "lockstep"};

int block_backend_parse(const char *text, enum block_backend *backend)
{
	for (unsigned i = 0; i < sizeof backend_names / sizeof backend_names[0]; i++) {
		if (strcmp(text, backend_names[i]) == 0) {
			*backend = (enum block_backend)i;
			return 0;
		}
	}
	return -1;
}

const char *block_backend_name(enum block_backend backend)
{
	return backend_names[backend];
}

static void note_mismatch(struct block *block, const void *model_out, const void *rtl_out, uint64_t cycle)
{
	const struct pin *pin = pins_first_difference(block->type->pins, model_out, rtl_out);
	struct block_mismatch *mismatch = &block->mismatch;

	if (!pin || mismatch->found)
		return;
	mismatch->found = true;
	mismatch->pin = pin->name;
	mismatch->cycle = cycle;
	pin_format(pin, model_out, mismatch->model_value, sizeof mismatch->model_value);
	pin_format(pin, rtl_out, mismatch->rtl_value, sizeof mismatch->rtl_value);
}

int block_inject(struct block *block, const char *pin, uint64_t cycle)
{
	const struct pin_table *pins = block->type->pins;
	for (uint32_t i = 0; block->backend == BLOCK_LOCKSTEP && i < pins->out_count; i++) {
		if (strcmp(pins->out[i].name, pin) == 0) {
			block->fault = (struct block_fault){&pins->out[i], cycle};
			return 0;
		}
	}
	return -1;
}

static bool compare(struct block *block, const void *out, uint64_t cycle)
{
	block->cycles_compared++;
	if (memcmp(out, block->rtl_out, block->type->pins->out_bytes) == 0)
		return true;
	note_mismatch(block, out, block->rtl_out, cycle);
	return false;
}

static void reset_backends(struct block *block, void *out)
{
	const struct block_type *type = block->type;

	memset(out, 0, type->pins->out_bytes);
	if (block->model) {
		type->model_reset(block->model);
		type->model_outputs(block->model, out);
	}
	if (block->rtl)
		block->rtl_ops->reset(block->rtl, block->model ? block->rtl_out : out);
}

int block_create(struct block *block, const struct block_type *type, enum block_backend backend, bool debug, void *out)
{
	char scope[64];
	*block = (struct block){.type = type, .backend = backend, .skip_idle = true, .rtl_ops = debug ? type->rtl_debug : type->rtl};
	snprintf(scope, sizeof scope, "lockstep.%s.rtl", type->pins->block);
	block->in_before = calloc(1, type->pins->in_bytes);
	block->rtl_out = calloc(1, type->pins->out_bytes);
	if (backend != BLOCK_RTL)
		block->model = calloc(1, type->model_bytes);
	if (backend != BLOCK_MODEL)
		block->rtl = block->rtl_ops->create(scope);
	if (!block->in_before || !block->rtl_out || (backend != BLOCK_RTL && !block->model)) {
		block_destroy(block);
		return -1;
	}
	reset_backends(block, out);
	return 0;
}

void block_destroy(struct block *block)
{
	if (block->rtl)
		block->rtl_ops->destroy(block->rtl);
	free(block->model);
	free(block->rtl_out);
	pin_journal_destroy(block->journal);
	free(block->in_before);
	*block = (struct block){0};
}

int block_record(struct block *block)
{
	block->journal = pin_journal_create(block->type->pins->in_bytes);
	return block->journal ? 0 : -1;
}

static void step_rtl(void *ctx, const void *in)
{
	struct block *block = ctx;
	block->rtl_ops->step(block->rtl, in, block->rtl_out);
}

int block_catch_up(struct block *block, struct pin_journal *journal, const void *out)
{
	block->rtl_ops->reset(block->rtl, block->rtl_out);
	pin_journal_replay(journal, step_rtl, block);
	return memcmp(block->rtl_out, out, block->type->pins->out_bytes) == 0 ? 0 : -1;
}

void block_drop_rtl(struct block *block)
{
	if (block->backend != BLOCK_LOCKSTEP)
		return;
	block->rtl_ops->destroy(block->rtl);
	block->rtl = NULL;
	block->backend = BLOCK_MODEL;
}

bool block_step(struct block *block, const void *in, void *out, uint64_t cycle)
{
	const struct block_type *type = block->type;

	if (block->skip_idle && ((const uint8_t *)out)[type->idle_offset] && type->in_quiet(in, block->in_before)) {
		block->cycles_skipped++;
		return true;
	}
	memcpy(block->in_before, in, type->pins->in_bytes);
	block->cycles_stepped++;
	if (block->journal)
		pin_journal_add(block->journal, in);
	if (block->model)
		type->model_step(block->model, in, out);
	if (!block->rtl)
		return true;
	block->rtl_ops->step(block->rtl, in, block->model ? block->rtl_out : out);
	if (block->fault.pin && cycle >= block->fault.from_cycle)
		block->rtl_out[block->fault.pin->offset_bytes] ^= 1;
	return !block->model || compare(block, out, cycle + 1);
}
