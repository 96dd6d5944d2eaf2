#include "testbench/unit/firmware/fake_see.h"

#include "firmware/nvme/controller.h"
#include "rtl/gen/field.h"
#include "testbench/gtest/test.h"

struct fake_see fake_see;

static uint8_t buffers[SEE_NUM_SLOTS][SEE_BUFFER_STRIDE] __attribute__((aligned(4096)));

void fake_see_reset(void)
{
	memset(&fake_see, 0, sizeof(fake_see));
}

uint8_t *fake_see_buffer(unsigned slot)
{
	return buffers[slot];
}

bool see_init(bool restart)
{
	return restart;
}

static struct fake_answer *answered(unsigned slot)
{
	struct fake_answer *answer = &fake_see.answers[slot];

	EXPECT_TRUE(answer->open);
	answer->open = false;
	answer->count++;
	return answer;
}

static void hand_over(unsigned slot, struct see_descriptor *descriptor);

static void next_part(unsigned slot)
{
	struct fake_answer *answer = &fake_see.answers[slot];
	struct see_descriptor next = {.sqe = &answer->sqe, .type = SEE_DESC_COMMAND, .function = (uint8_t)answer->function,
		.slot = (uint8_t)slot, .qid = (uint8_t)answer->qid};

	hand_over(slot, &next);
}

void see_next(unsigned slot)
{
	EXPECT_TRUE(fake_see.answers[slot].open && fake_see.answers[slot].rest > 0);
	next_part(slot);
}

void see_complete(unsigned slot, uint16_t status, uint32_t dw0, uint32_t push_bytes)
{
	struct fake_answer *answer = &fake_see.answers[slot];

	if (answer->open && answer->rest > 0 && status == NVME_SUCCESS) {
		next_part(slot);
		return;
	}
	answered(slot);
	answer->status = status;
	answer->dw0 = dw0;
	if (push_bytes > 0 && answer->qid > 0)
		push_bytes = ((answer->sqe.dw12 & 0xffff) + 1) * 512 << fake_see.namespaces[answer->function].map.block_shift; /* the whole command's data, whatever its last part says */
	answer->push_bytes = push_bytes;
}

void see_pull(unsigned slot, uint32_t bytes)
{
	EXPECT_TRUE(fake_see.answers[slot].open);
	fake_see.answers[slot].pull_bytes = bytes;
}

void see_release(unsigned slot)
{
	answered(slot)->released = true;
}

bool see_post_waits(unsigned function)
{
	return fake_see.post_waits[function];
}

void see_post(unsigned function, unsigned sqid, uint16_t cid, uint16_t status, uint32_t dw0)
{
	if (fake_see.posted < FAKE_SEE_POSTS)
		fake_see.posts[fake_see.posted] = (struct fake_post){function, sqid, cid, status, dw0};
	fake_see.posted++;
}

uint64_t see_function_read(unsigned function, uint32_t offset)
{
	return fake_see.registers[function][(offset - SEE_FN_BASE) / 8];
}

void see_function_write(unsigned function, uint32_t offset, uint64_t value)
{
	fake_see.registers[function][(offset - SEE_FN_BASE) / 8] = value;
}

void see_create_cq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, bool interrupts, uint32_t vector)
{
	fake_see.queues[function][qid].cq_valid = true;
	fake_see.queues[function][qid].cq_address = address;
	fake_see.queues[function][qid].cq_entries = entries;
	fake_see.queues[function][qid].interrupts = interrupts;
	fake_see.queues[function][qid].vector = vector;
}

void see_create_sq(unsigned function, unsigned qid, uint64_t address, uint32_t entries, unsigned cqid, unsigned priority)
{
	fake_see.queues[function][qid].priority = priority;
	fake_see.queues[function][qid].sq_valid = true;
	fake_see.queues[function][qid].sq_address = address;
	fake_see.queues[function][qid].sq_entries = entries;
	fake_see.queues[function][qid].cqid = cqid;
}

void see_delete_cq(unsigned function, unsigned qid)
{
	fake_see.queues[function][qid].cq_valid = false;
}

void see_delete_sq(unsigned function, unsigned qid)
{
	fake_see.queues[function][qid].sq_valid = false;
}

unsigned see_queue_inflight(unsigned function, unsigned qid)
{
	unsigned count = 0;

	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		const struct fake_answer *answer = &fake_see.answers[slot];

		count += answer->open && answer->function == function && answer->qid == qid;
	}
	return count;
}

void see_hold(unsigned function, bool hold)
{
	fake_see.namespaces[function].held = hold;
}

uint64_t see_queue_read(unsigned function, unsigned qid, uint32_t offset)
{
	switch (offset) {
	case SEE_SQ_ADDRESS: return fake_see.queues[function][qid].sq_address;
	case SEE_SQ_CONTROL:
		return FIELD_PREP(SEE_SQ_CONTROL_VALID, fake_see.queues[function][qid].sq_valid) | FIELD_PREP(SEE_SQ_CONTROL_CQID, fake_see.queues[function][qid].cqid) |
		       FIELD_PREP(SEE_SQ_CONTROL_QPRIO, fake_see.queues[function][qid].priority) |
		       FIELD_PREP(SEE_SQ_CONTROL_SIZE, fake_see.queues[function][qid].sq_entries);
	case SEE_SQ_STATE: return fake_see.queues[function][qid].sq_state;
	case SEE_CQ_ADDRESS: return fake_see.queues[function][qid].cq_address;
	case SEE_CQ_CONTROL:
		return FIELD_PREP(SEE_CQ_CONTROL_VALID, fake_see.queues[function][qid].cq_valid) | FIELD_PREP(SEE_CQ_CONTROL_IEN, fake_see.queues[function][qid].interrupts) |
		       FIELD_PREP(SEE_CQ_CONTROL_VECTOR, fake_see.queues[function][qid].vector) | FIELD_PREP(SEE_CQ_CONTROL_SIZE, fake_see.queues[function][qid].cq_entries);
	default: return fake_see.queues[function][qid].cq_state;
	}
}

void see_restore_cq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state)
{
	see_create_cq(function, qid, address, (uint32_t)FIELD_GET(SEE_CQ_CONTROL_SIZE, control), FIELD_GET(SEE_CQ_CONTROL_IEN, control) != 0,
		(uint32_t)FIELD_GET(SEE_CQ_CONTROL_VECTOR, control));
	fake_see.queues[function][qid].cq_valid = FIELD_GET(SEE_CQ_CONTROL_VALID, control) != 0;
	fake_see.queues[function][qid].cq_state = state;
}

void see_restore_sq(unsigned function, unsigned qid, uint64_t address, uint64_t control, uint64_t state)
{
	see_create_sq(function, qid, address, (uint32_t)FIELD_GET(SEE_SQ_CONTROL_SIZE, control), (unsigned)FIELD_GET(SEE_SQ_CONTROL_CQID, control),
		(unsigned)FIELD_GET(SEE_SQ_CONTROL_QPRIO, control));
	fake_see.queues[function][qid].sq_valid = FIELD_GET(SEE_SQ_CONTROL_VALID, control) != 0;
	fake_see.queues[function][qid].sq_state = state;
}

void fake_see_pulled(unsigned function, unsigned slot, const struct nvme_sqe *sqe)
{
	struct see_descriptor descriptor = {.sqe = sqe, .type = SEE_DESC_PULLED, .function = (uint8_t)function, .slot = (uint8_t)slot, .buffer = buffers[slot]};

	controller_handle(&descriptor);
}

static void set_map(unsigned function, const struct see_map *map)
{
	struct fake_namespace *namespace = &fake_see.namespaces[function];

	namespace->blocks = map->blocks;
	namespace->map = *map;
	namespace->storage = map->target[0].storage;
	namespace->nsid = map->target[0].nsid;
}

void see_attach(unsigned function, const struct see_map *map)
{
	fake_see.namespaces[function].attached = true;
	set_map(function, map);
}

/* What the SEE's map says of block @p lba. @return how many lie together from there on */
static uint64_t locate(const struct see_map *map, uint64_t lba, struct see_descriptor *descriptor)
{
	for (unsigned i = 0; i < map->extents; i++) {
		const struct see_extent *extent = &map->extent[i];
		uint64_t into = lba - extent->first, chunk = into >> extent->chunk_log2, size = 1ull << extent->chunk_log2;
		unsigned member = extent->member + (unsigned)(extent->width > 1 ? chunk % extent->width : 0);

		if (lba < extent->first || into >= extent->blocks)
			continue;
		descriptor->storage = map->target[member].storage;
		descriptor->remote_nsid = map->target[member].nsid;
		descriptor->remote_lba = extent->remote + into;
		if (extent->width <= 1)
			return extent->blocks - into;
		descriptor->remote_lba = extent->remote + chunk / extent->width * size + into % size;
		return size - into % size;
	}
	return 0;
}

/* The next part of the command in @p slot. */
static void hand_over(unsigned slot, struct see_descriptor *descriptor)
{
	struct fake_answer *answer = &fake_see.answers[slot];
	const struct nvme_sqe *sqe = &answer->sqe;
	uint32_t done = (sqe->dw12 & 0xffff) + 1 - answer->rest;
	uint64_t run = locate(&fake_see.namespaces[answer->function].map, ((uint64_t)sqe->dw11 << 32 | sqe->dw10) + done, descriptor);
	uint32_t blocks = run < answer->rest ? (uint32_t)run : answer->rest;

	descriptor->block_shift = fake_see.namespaces[answer->function].map.block_shift;
	descriptor->continues = done != 0;
	descriptor->gone = fake_see.namespaces[answer->function].gone;
	descriptor->blocks = blocks;
	descriptor->buffer = buffers[slot] + (done * 512 << descriptor->block_shift);
	descriptor->length = sqe->opcode == NVME_IO_WRITE_ZEROES ? 0 : blocks * 512 << descriptor->block_shift;
	answer->rest -= blocks;
	controller_handle(descriptor);
}

void see_detach(unsigned function)
{
	fake_see.namespaces[function].attached = false;
}

void fake_see_event(unsigned type, unsigned function, uint32_t value)
{
	struct see_descriptor descriptor = {.type = (uint8_t)type, .function = (uint8_t)function, .value = value};

	controller_handle(&descriptor);
}

static bool names_blocks(uint8_t opcode)
{
	return opcode == NVME_IO_READ || opcode == NVME_IO_WRITE || opcode == NVME_IO_COMPARE || opcode == NVME_IO_WRITE_ZEROES;
}

uint16_t see_ring_mark(void)
{
	return fake_see.ring_mark;
}

bool see_ring_passed(uint16_t mark)
{
	return (int16_t)(fake_see.ring_passed - mark) >= 0;
}

unsigned fake_see_submit(unsigned function, unsigned qid, const struct nvme_sqe *sqe, uint32_t data_bytes)
{
	struct see_descriptor descriptor = {
		.sqe = sqe,
		.type = SEE_DESC_COMMAND,
		.function = (uint8_t)function,
		.qid = (uint8_t)qid,
		.length = data_bytes,
		.block_shift = fake_see.namespaces[function].map.block_shift,
		.gone = qid > 0 && fake_see.namespaces[function].gone,
	};
	unsigned slot = 0;

	while (slot < SEE_NUM_SLOTS - 1 && fake_see.answers[slot].open)
		slot++;
	EXPECT_FALSE(fake_see.answers[slot].open);
	fake_see.answers[slot] = (struct fake_answer){.open = true, .function = (uint8_t)function, .qid = (uint8_t)qid};
	descriptor.slot = (uint8_t)slot;
	descriptor.buffer = buffers[slot];
	fake_see.answers[slot].sqe = *sqe;
	fake_see.answers[slot].rest = qid > 0 && names_blocks(sqe->opcode) ? (sqe->dw12 & 0xffff) + 1 : 0;
	if (fake_see.answers[slot].rest > 0)
		hand_over(slot, &descriptor);
	else
		controller_handle(&descriptor);
	return slot;
}

uint16_t fake_see_status(unsigned slot)
{
	EXPECT_EQ(fake_see.answers[slot].count, 1u);
	return fake_see.answers[slot].status;
}

void see_limit_slots(unsigned slots)
{
	fake_see.slot_limit = slots;
}

void see_resize(unsigned function, const struct see_map *map)
{
	EXPECT_TRUE(fake_see.namespaces[function].attached);
	set_map(function, map);
}
