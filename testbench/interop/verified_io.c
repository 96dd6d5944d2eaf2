#include "testbench/interop/verified_io.h"

#include <string.h>

enum { READ = 2, WRITE = 1 };

uint64_t verified_draw(struct verified_io *io, uint64_t below)
{
	io->random ^= io->random >> 12;
	io->random ^= io->random << 25;
	io->random ^= io->random >> 27;
	return (io->random * 0x2545f4914f6cdd1dull >> 16) % below;
}

void verified_begin(struct verified_io *io, unsigned operations)
{
	io->started = io->finished = io->failed = 0;
	io->wanted = operations;
}

static bool overlaps(const struct verified_io *io, const struct verified_operation *a)
{
	for (unsigned i = 0; i < VERIFIED_DEPTH; i++) {
		const struct verified_operation *b = &io->operation[i];

		if (b->busy && b != a && a->volume == b->volume && a->block < b->block + b->blocks && b->block < a->block + a->blocks)
			return true;
	}
	return false;
}

/* One in four operations is large. */
static void submit(struct verified_io *io, struct lan *lan, unsigned tag)
{
	struct verified_operation *op = &io->operation[tag];
	struct initiator_request request;

	do {
		op->volume = (unsigned)verified_draw(io, io->volumes);
		op->blocks = 1 + (uint32_t)verified_draw(io, verified_draw(io, 4) ? 16 : VERIFIED_BLOCKS_MAX);
		op->block = verified_draw(io, io->blocks - op->blocks + 1);
		op->write = verified_draw(io, 2);
	} while (overlaps(io, op));
	op->busy = true;
	for (uint32_t i = 0; op->write && i < op->blocks * 512; i++)
		op->data[i] = (uint8_t)verified_draw(io, 256);
	request = (struct initiator_request){
		.opcode = op->write ? WRITE : READ, .block = op->block, .blocks = op->blocks, .data = op->data};
	lan->status[tag] = -1;
	io->started++;
	initiator_submit(op->volume, tag, &request);
}

static void finish(struct verified_io *io, const struct lan *lan, unsigned tag)
{
	struct verified_operation *op = &io->operation[tag];
	uint8_t *truth = io->shadow[op->volume] + op->block * 512;

	op->busy = false;
	io->finished++;
	io->bytes += op->blocks * 512;
	if (lan->status[tag] != 0 || (!op->write && memcmp(op->data, truth, op->blocks * 512) != 0))
		io->failed++;
	if (op->write)
		memcpy(truth, op->data, op->blocks * 512);
}

bool verified_turn(struct verified_io *io, struct lan *lan)
{
	for (unsigned tag = 0; tag < VERIFIED_DEPTH; tag++) {
		if (io->operation[tag].busy && lan->status[tag] >= 0)
			finish(io, lan, tag);
		if (!io->operation[tag].busy && io->started < io->wanted) {
			submit(io, lan, tag);
			lan->initiator_next = lan->now;
		}
	}
	return io->finished == io->wanted;
}
