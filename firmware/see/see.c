/* Commands and events in, answers out, and what is known of slots over a restart. Contexts of functions and queues: context.c. */
#include "firmware/see/see.h"

#include "firmware/boot/keep.h"
#include "firmware/core/copy.h"
#include "firmware/core/log.h"
#include "firmware/see/access.h"
#include "rtl/gen/field.h"

#include <string.h>

#define RING_LOG2 8
#define RING_ENTRIES (1u << RING_LOG2)
#define COMPLETION_LOG2 9
/* Entries taken at once: what has come meanwhile is sent before the rest, and nobody waits longer for the loop. The engine calls again. */
#define BURST 16
#define COMPLETION_ENTRIES (1u << COMPLETION_LOG2)

struct ring_entry {
	uint64_t words[SEE_DESC_BYTES / 8];
};

struct completion_entry {
	uint64_t words[SEE_CENTRY_BYTES / 8];
};

/* What the firmware knows of a slot: enough to take its command up again after a restart. */
enum slot_state { SLOT_FREE, SLOT_HELD, SLOT_PULLING, SLOT_ANSWERED };
struct slot_record {
	uint8_t state;
	uint8_t orphan;	  /* its function has been reset since */
	uint8_t in_parts; /* not the only part, or the next one has been asked for: after a restart all come again */
	uint8_t renewed;  /* all parts have been asked for again, and the first has not come yet */
	uint8_t poison;	  /* its command is not tried again */
	uint16_t stale;	  /* renewed: what lies in the ring before this index is of the life before */
	uint16_t answer; /* completion ring index after its answer or its pull */
	struct ring_entry entry;
};

#define KEPT_MAGIC 0x4b454550u

static struct ring_entry ring[RING_ENTRIES] __attribute__((aligned(128))) KEEP;
static struct completion_entry completions[COMPLETION_ENTRIES] __attribute__((aligned(64))) KEEP;
static uint8_t buffers[SEE_NUM_SLOTS * SEE_BUFFER_STRIDE] __attribute__((aligned(4096))) KEEP;
static struct {
	uint32_t magic;
	uint16_t consumed;
	uint8_t handling; /* the entry `consumed` is being handled */
	uint8_t suspected; /* the entry `suspect` was being handled when the firmware broke */
	uint16_t suspect;
	struct slot_record slots[SEE_NUM_SLOTS];
} kept KEEP;
_Static_assert(sizeof(kept) == 9232 && KEEP_LAYOUT == 5, "another layout of what is kept is another number");
static uint16_t completion_tail, completion_head, posted;

static inline void memory_barrier(void)
{
	__asm__ volatile("fence rw, rw" ::: "memory");
}

static void start_engine(void)
{
	see_write(SEE_CTRL, 0);
	memset(&kept, 0, sizeof(kept));
	kept.magic = KEPT_MAGIC;
	kept.consumed = (uint16_t)see_read(SEE_RING_PROD);
	see_write(SEE_RING_CONS, kept.consumed);
	completion_tail = completion_head = (uint16_t)see_read(SEE_CRING_TAIL);
	posted = (uint16_t)FIELD_GET(SEE_POSTS_TAKEN, see_read(SEE_POSTS));
	see_write(SEE_BUFFER_BASE, (uintptr_t)buffers);
	see_write(SEE_RING_BASE, (uintptr_t)ring);
	see_write(SEE_RING_LOG2, RING_LOG2);
	see_write(SEE_CRING_BASE, (uintptr_t)completions);
	see_write(SEE_CRING_LOG2, COMPLETION_LOG2);
	see_write(SEE_CTRL, SEE_CTRL_ENABLE_MASK | SEE_CTRL_IRQ_ENABLE_MASK);
}

/* Of a life before that nobody remembers: its commands are nobody's, and their hosts are told so. */
static void disown(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (!(see_read(SEE_SLOTS_FREE) >> slot & 1))
			see_release(slot);
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		if (see_function_read(function, SEE_FN_CC) & SEE_CC_EN_MASK)
			see_function_write(function, SEE_FN_CSTS, see_function_read(function, SEE_FN_CSTS) | SEE_CSTS_CFS_MASK);
}

bool see_init(bool restart)
{
	uint64_t id = see_read(SEE_ID);

	if (id != SEE_ID_RESET)
		log_panic("see: no storage engine at %lx (id %lx)", PLATFORM_SEE, id);
	if (!restart || kept.magic != KEPT_MAGIC || !(see_read(SEE_CTRL) & SEE_CTRL_ENABLE_MASK) || see_read(SEE_BUFFER_BASE) != (uintptr_t)buffers ||
	    see_read(SEE_RING_BASE) != (uintptr_t)ring || see_read(SEE_CRING_BASE) != (uintptr_t)completions) {
		start_engine();
		if (restart)
			disown();
		return false;
	}
	completion_tail = (uint16_t)see_read(SEE_CRING_TAIL);
	while ((completion_head = (uint16_t)see_read(SEE_CRING_HEAD)) != completion_tail)
		; /* the engine takes what the life before has rung; then it has counted every post */
	posted = (uint16_t)FIELD_GET(SEE_POSTS_TAKEN, see_read(SEE_POSTS));
	return true;
}

void see_set_completion_timeout(unsigned ms)
{
	see_write(SEE_CPL_TIMEOUT, (uint64_t)ms * 1000000 / SEE_TIMER_CYCLES + 2); /* a tick more at most, never less */
}

#define DESC(words, name) FIELD_GET(SEE_DESC_##name, (words)[SEE_DESC_##name##_WORD])

static void decode(const uint64_t *words, struct see_descriptor *descriptor)
{
	descriptor->sqe = (const struct nvme_sqe *)(const void *)words;
	descriptor->type = (uint8_t)DESC(words, TYPE);
	descriptor->function = (uint8_t)DESC(words, FUNCTION);
	descriptor->slot = (uint8_t)DESC(words, SLOT);
	descriptor->qid = (uint8_t)DESC(words, QID);
	descriptor->status = (uint16_t)DESC(words, STATUS);
	descriptor->doorbell_value = DESC(words, DOORBELL_VALUE) != 0;
	descriptor->length = (uint32_t)DESC(words, LENGTH);
	descriptor->buffer = (uint8_t *)(uintptr_t)DESC(words, BUFFER);
	descriptor->storage = (uint32_t)DESC(words, STORAGE);
	descriptor->remote_nsid = (uint32_t)DESC(words, REMOTE_NSID);
	descriptor->remote_lba = DESC(words, REMOTE_LBA);
	descriptor->blocks = (uint32_t)DESC(words, BLOCKS);
	descriptor->continues = DESC(words, CONTINUES) != 0;
	descriptor->block_shift = (uint8_t)DESC(words, BLOCK_SHIFT);
	descriptor->gone = DESC(words, GONE) != 0;
	descriptor->value = (uint32_t)DESC(words, VALUE);
}

static bool has_slot(const struct see_descriptor *descriptor)
{
	return descriptor->type == SEE_DESC_COMMAND || descriptor->type == SEE_DESC_PULLED;
}

/* Commands of a function that is reset are not carried out again. One whose parts do not come any more waits for nothing else. */
static void orphan(unsigned function)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		struct slot_record *record = &kept.slots[slot];

		if (DESC(record->entry.words, FUNCTION) != function)
			continue;
		record->orphan = true;
		if (record->renewed)
			see_release(slot);
		record->renewed = record->poison = false;
	}
}

/* A command in whose handling the firmware broke twice: it fails as if the SEE had found it wrong. */
static void condemn(struct see_descriptor *descriptor)
{
	log_line("see: command %x of function %u queue %u broke the firmware twice", descriptor->sqe->opcode, descriptor->function, descriptor->qid);
	descriptor->type = SEE_DESC_PULLED;
	descriptor->status = NVME_INTERNAL_ERROR | NVME_STATUS_DNR;
}

static bool is_stale(const struct see_descriptor *descriptor)
{
	const struct slot_record *record = &kept.slots[descriptor->slot];

	return record->renewed && (descriptor->continues || (int16_t)(kept.consumed - record->stale) < 0);
}

static void take_slot(struct see_descriptor *descriptor, const struct ring_entry *entry)
{
	struct slot_record *record = &kept.slots[descriptor->slot];

	copy_payload(&record->entry, entry, sizeof(*entry));
	record->orphan = record->renewed = false;
	record->in_parts = descriptor->continues;
	record->state = SLOT_HELD;
	if (record->poison)
		condemn(descriptor);
	record->poison = false;
}

static void take(const struct ring_entry *entry, void (*handle)(const struct see_descriptor *descriptor))
{
	struct see_descriptor descriptor;
	bool stale = false;

	decode(entry->words, &descriptor);
	kept.handling = true;
	if (has_slot(&descriptor)) {
		stale = is_stale(&descriptor);
		if (!stale)
			take_slot(&descriptor, entry);
	} else if (descriptor.type == SEE_DESC_DISABLE || descriptor.type == SEE_DESC_FLR) {
		orphan(descriptor.function);
	}
	if (!stale)
		handle(&descriptor);
	kept.consumed++;
	kept.handling = false;
}

void see_receive(void (*handle)(const struct see_descriptor *descriptor))
{
	uint16_t produced = (uint16_t)see_read(SEE_RING_PROD);

	memory_barrier();
	for (unsigned taken = 0; kept.consumed != produced && taken < BURST; taken++)
		take(&ring[kept.consumed % RING_ENTRIES], handle);
	see_write(SEE_RING_CONS, kept.consumed);
}

uint16_t see_ring_mark(void)
{
	return (uint16_t)see_read(SEE_RING_PROD);
}

bool see_ring_passed(uint16_t mark)
{
	return (int16_t)(kept.consumed - mark) >= 0;
}

/* Whether the engine has seen the slot's answer: the doorbell is the truth. */
static bool was_rung(const struct slot_record *record)
{
	return (int16_t)(completion_tail - record->answer) >= 0;
}

/* An entry in whose handling the firmware broke twice is not tried a third time: its command fails. */
static bool is_poison(void)
{
	bool again = kept.suspected && kept.suspect == kept.consumed;

	kept.suspected = true;
	kept.suspect = kept.consumed;
	return again;
}

/* The entry that was being handled is over one way or another: what it left to do is in its slot's record. An event is handled anew. */
static int interrupted_slot(void)
{
	struct see_descriptor descriptor;
	bool poison;

	if (!kept.handling)
		return -1;
	kept.handling = false;
	decode(ring[kept.consumed % RING_ENTRIES].words, &descriptor);
	if (!has_slot(&descriptor))
		return -1;
	poison = is_poison();
	kept.consumed++;
	return poison ? descriptor.slot : -1;
}

static void answer(uint64_t word0, uint64_t word1)
{
	struct completion_entry *entry = &completions[completion_tail % COMPLETION_ENTRIES];

	while ((uint16_t)(completion_tail - completion_head) == COMPLETION_ENTRIES)
		completion_head = (uint16_t)see_read(SEE_CRING_HEAD);
	entry->words[0] = word0;
	entry->words[1] = word1;
	memory_barrier();
	see_write(SEE_CRING_TAIL, ++completion_tail);
}

/* The parts that the life before had begun are not known one by one. */
static void renew(unsigned slot, bool poison)
{
	struct slot_record *record = &kept.slots[slot];

	record->renewed = true;
	record->poison = poison;
	record->stale = (uint16_t)see_read(SEE_RING_PROD);
	answer(FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_AGAIN), 0);
}

static void replay(unsigned slot, bool poison, void (*handle)(const struct see_descriptor *descriptor))
{
	struct slot_record *record = &kept.slots[slot];
	struct see_descriptor descriptor;

	if (record->state == SLOT_FREE || (record->state != SLOT_HELD && was_rung(record)))
		return;
	decode(record->entry.words, &descriptor);
	record->state = SLOT_HELD;
	if (record->orphan) {
		see_release(slot);
		return;
	}
	if (record->in_parts) {
		renew(slot, poison);
		return;
	}
	if (poison)
		condemn(&descriptor);
	handle(&descriptor);
}

void see_replay(void (*handle)(const struct see_descriptor *descriptor))
{
	int poison = interrupted_slot();

	/* An admin command may have begun to exchange the namespace of I/O commands. */
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (DESC(kept.slots[slot].entry.words, QID) > 0)
			replay(slot, (int)slot == poison, handle);
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (DESC(kept.slots[slot].entry.words, QID) == 0)
			replay(slot, (int)slot == poison, handle);
}

static void note_answer(unsigned slot, enum slot_state state)
{
	kept.slots[slot].answer = (uint16_t)(completion_tail + 1);
	kept.slots[slot].state = (uint8_t)state;
}

void see_complete(unsigned slot, uint16_t status, uint32_t dw0, uint32_t push_bytes)
{
	note_answer(slot, SLOT_ANSWERED);
	answer(FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_COMPLETE) |
			FIELD_PREP(SEE_CENTRY_PUSH, push_bytes > 0) | FIELD_PREP(SEE_CENTRY_STATUS, status) |
			FIELD_PREP(SEE_CENTRY_LENGTH, push_bytes),
		dw0);
}

void see_next(unsigned slot)
{
	kept.slots[slot].in_parts = true;
	answer(FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_NEXT), 0);
}

void see_pull(unsigned slot, uint32_t bytes)
{
	note_answer(slot, SLOT_PULLING);
	answer(FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_PULL) |
			FIELD_PREP(SEE_CENTRY_LENGTH, bytes),
		0);
}

void see_release(unsigned slot)
{
	note_answer(slot, SLOT_ANSWERED);
	answer(FIELD_PREP(SEE_CENTRY_SLOT, slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_RELEASE), 0);
}

bool see_post_waits(unsigned function)
{
	uint64_t posts = see_read(SEE_POSTS);

	return (uint16_t)FIELD_GET(SEE_POSTS_TAKEN, posts) != posted || (FIELD_GET(SEE_POSTS_OPEN, posts) >> function & 1);
}

void see_post(unsigned function, unsigned sqid, uint16_t cid, uint16_t status, uint32_t dw0)
{
	posted++;
	answer(FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST) | FIELD_PREP(SEE_CENTRY_STATUS, status),
		dw0 | FIELD_PREP(SEE_CENTRY_CID, cid) | FIELD_PREP(SEE_CENTRY_SQID, sqid) |
			FIELD_PREP(SEE_CENTRY_FUNCTION, function));
}
