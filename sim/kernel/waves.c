#include "sim/kernel/waves.h"

#include <stdio.h>

void waves_begin(struct waves *waves)
{
	*waves = (struct waves){.file = rtl_waves_create()};
}

void waves_add(struct waves *waves, const struct block *block, const struct pin_view_ops *ops, const void *in, const void *out)
{
	struct waves_block *added = &waves->block[waves->count++];
	char scope[64];

	*added = (struct waves_block){.block = block, .in = in, .out = out, .ops = ops};
	if (block->model) {
		snprintf(scope, sizeof scope, "lockstep.%s.model", block->type->pins->block);
		added->view = ops->create(scope, waves->file);
	}
	if (block->rtl)
		block->rtl_ops->attach_waves(block->rtl, waves->file);
}

int waves_open(struct waves *waves, const char *path)
{
	return rtl_waves_open(waves->file, path);
}

void waves_dump(struct waves *waves, uint64_t cycle)
{
	for (unsigned i = 0; i < waves->count; i++) {
		struct waves_block *block = &waves->block[i];
		if (block->view)
			block->ops->sample(block->view, block->in, block->out);
		if (block->block->rtl)
			block->block->rtl_ops->show(block->block->rtl, block->in);
	}
	rtl_waves_dump(waves->file, cycle);
}

void waves_end(struct waves *waves)
{
	rtl_waves_close(waves->file);
	for (unsigned i = 0; i < waves->count; i++) {
		if (waves->block[i].view)
			waves->block[i].ops->destroy(waves->block[i].view);
	}
}
