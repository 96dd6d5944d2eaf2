/* Contexts that the engine keeps of functions: registers, queues, the map of the namespace. */
#include "firmware/see/see.h"

#include "firmware/see/access.h"
#include "rtl/gen/field.h"

uint64_t see_function_read(unsigned function, uint32_t offset)
{
	return see_read(offset + function * SEE_FN_STRIDE);
}

void see_function_write(unsigned function, uint32_t offset, uint64_t value)
{
	see_write(offset + function * SEE_FN_STRIDE, value);
}

static uint32_t queue_register(uint32_t offset, unsigned function, unsigned qid)
{
	return offset + function * SEE_QUEUE_FN_STRIDE + qid * SEE_QUEUE_STRIDE;
}

void see_create_cq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, bool interrupts, uint32_t vector)
{
	see_write(queue_register(SEE_CQ_ADDRESS, function, qid), address);
	see_write(queue_register(SEE_CQ_CONTROL, function, qid),
		SEE_CQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_CQ_CONTROL_IEN, interrupts) |
			FIELD_PREP(SEE_CQ_CONTROL_VECTOR, vector) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, entries));
}

void see_create_sq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, unsigned cqid, unsigned priority)
{
	see_write(queue_register(SEE_SQ_ADDRESS, function, qid), address);
	see_write(queue_register(SEE_SQ_CONTROL, function, qid),
		SEE_SQ_CONTROL_VALID_MASK | FIELD_PREP(SEE_SQ_CONTROL_CQID, cqid) |
			FIELD_PREP(SEE_SQ_CONTROL_QPRIO, priority) |
			FIELD_PREP(SEE_SQ_CONTROL_SIZE, entries));
}

void see_delete_cq(unsigned function, unsigned qid)
{
	see_write(queue_register(SEE_CQ_CONTROL, function, qid), 0);
}

void see_delete_sq(unsigned function, unsigned qid)
{
	see_write(queue_register(SEE_SQ_CONTROL, function, qid), 0);
}

unsigned see_queue_inflight(unsigned function, unsigned qid)
{
	return (unsigned)FIELD_GET(SEE_SQ_STATE_INFLIGHT, see_read(queue_register(SEE_SQ_STATE, function, qid)));
}

void see_hold(unsigned function, bool hold)
{
	uint64_t held = see_read(SEE_HOLD), bit = 1ull << function;

	see_write(SEE_HOLD, hold ? held | bit : held & ~bit);
}

uint64_t see_queue_read(unsigned function, unsigned qid, uint32_t offset)
{
	return see_read(queue_register(offset, function, qid));
}

void see_restore_cq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state)
{
	see_write(queue_register(SEE_CQ_ADDRESS, function, qid), address);
	see_write(queue_register(SEE_CQ_CONTROL, function, qid), control);
	see_write(queue_register(SEE_CQ_STATE, function, qid), state);
}

void see_restore_sq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state)
{
	see_write(queue_register(SEE_SQ_ADDRESS, function, qid), address);
	see_write(queue_register(SEE_SQ_CONTROL, function, qid), control);
	see_write(queue_register(SEE_SQ_STATE, function, qid), state);
}

static void write_map(unsigned function, const struct see_map *map)
{
	for (unsigned i = 0; i < SEE_NUM_EXTENTS; i++) {
		const struct see_extent *extent = i < map->extents ? &map->extent[i] : &(struct see_extent){0};
		const struct see_target *target = i < map->targets ? &map->target[i] : &(struct see_target){0};
		uint32_t base = function * SEE_EXTENT_FN_STRIDE + i * SEE_EXTENT_STRIDE;

		see_write(SEE_EXTENT_TARGET + base, FIELD_PREP(SEE_EXTENT_TARGET_STORAGE, target->storage) |
			FIELD_PREP(SEE_EXTENT_TARGET_NSID, target->nsid));
		see_write(SEE_EXTENT_FIRST + base, extent->first);
		see_write(SEE_EXTENT_REMOTE + base, extent->remote);
		see_write(SEE_EXTENT_MAP + base, FIELD_PREP(SEE_EXTENT_MAP_WIDTH, extent->width) |
			FIELD_PREP(SEE_EXTENT_MAP_CHUNK, extent->chunk_log2) | FIELD_PREP(SEE_EXTENT_MAP_MEMBER, extent->member));
		see_write(SEE_EXTENT_LENGTH + base, extent->blocks);
	}
}

void see_attach(unsigned function, const struct see_map *map)
{
	see_function_write(function, SEE_FN_NS, 0);
	write_map(function, map);
	see_function_write(function, SEE_FN_NS_SIZE, map->blocks);
	see_function_write(function, SEE_FN_NS, SEE_FN_NS_ATTACHED_MASK | FIELD_PREP(SEE_FN_NS_BLOCK_SHIFT, map->block_shift));
}

void see_detach(unsigned function)
{
	see_function_write(function, SEE_FN_NS, 0);
}

void see_limit_slots(unsigned slots)
{
	see_write(SEE_SLOT_LIMIT, slots);
}

/* The extents cover the namespace at every moment: they grow first and shrink last. */
void see_resize(unsigned function, const struct see_map *map)
{
	if (map->blocks > see_function_read(function, SEE_FN_NS_SIZE))
		write_map(function, map);
	see_function_write(function, SEE_FN_NS_SIZE, map->blocks);
	write_map(function, map);
}
