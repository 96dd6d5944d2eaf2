/* What the units of the SEE model share. Not for users of the model. */
#ifndef ASSAY_MODELS_SEE_INTERNAL_H
#define ASSAY_MODELS_SEE_INTERNAL_H

#include "models/see/see.h"
#include "rtl/gen/field.h"

enum { SEE_INIT_CYCLES = 2176 };

/* States of the units. */
enum { RX_H0, RX_H1, RX_D, RX_SKIP };
enum { RX_WRITE, RX_BAD, RX_GOOD };
enum { TX_FREE, TX_C1, TX_C2, TX_R1, TX_W };
enum { WR_IDLE, WR_H0, WR_H1, WR_D, WR_DRAIN };
enum { CR_IDLE, CR_R0, CR_R1, CR_W0 };
enum { RW_IDLE, RW_W, RW_F };
enum { AFTER_RING, AFTER_PULL, AFTER_PUSH };

/* NVMe status fields that the SEE itself answers. */
enum {
	STATUS_INVALID_FIELD = 0x4002,
	STATUS_INVALID_NAMESPACE = 0x400b,
	STATUS_PRP_OFFSET = 0x4013,
	STATUS_LBA_RANGE = 0x4080,
	STATUS_DATA_TRANSFER = 0x0004,
};

/* Opcodes of the fast path. */
enum { OP_FLUSH = 0, OP_WRITE = 1, OP_READ = 2, OP_COMPARE = 5, OP_WRITE_ZEROES = 8, OP_DSM = 9 };

static inline bool see_names_blocks(unsigned opcode)
{
	return opcode == OP_READ || opcode == OP_WRITE || opcode == OP_COMPARE || opcode == OP_WRITE_ZEROES;
}

/** Bytes of @p blocks blocks of a namespace with @p shift. */
static inline uint64_t see_block_bytes(uint64_t blocks, unsigned shift)
{
	return blocks * 512 << shift;
}

/** Slots of which the firmware is to hear. */
static inline uint64_t see_ring_slots(const struct see *s)
{
	return s->in_state[SEE_SLOT_RING] | s->in_state[SEE_SLOT_NEXT];
}

/* FIFOs: judged on `old`, changed in `count`. The index is to be masked with the depth. */
static inline bool fifo_has(const struct see *s, enum see_fifo f)
{
	return s->old[f] != 0;
}

static inline bool fifo_room(const struct see *s, enum see_fifo f, unsigned depth)
{
	return s->old[f] < depth;
}

static inline unsigned fifo_push(struct see *s, enum see_fifo f)
{
	s->count[f]++;
	return s->tail[f]++;
}

static inline unsigned fifo_head(const struct see *s, enum see_fifo f)
{
	return s->head[f];
}

static inline unsigned fifo_pop(struct see *s, enum see_fifo f)
{
	s->count[f]--;
	return s->head[f]++;
}

/* RR(last, set) of section 1; @p set is not empty. */
static inline unsigned round_robin(uint64_t set, unsigned last)
{
	uint64_t after = set & (~1ull << last);
	return (unsigned)__builtin_ctzll(after ? after : set);
}

static inline unsigned lowest(uint64_t set)
{
	return (unsigned)__builtin_ctzll(set);
}

static inline bool bit(uint64_t set, unsigned n)
{
	return set >> n & 1;
}

static inline uint16_t routing_id(unsigned fn)
{
	return (uint16_t)(fn ? SEE_FIRST_VF_RID + fn - 1 : SEE_PF_RID);
}

static inline bool function_drops(const struct see *s, unsigned fn)
{
	return bit(s->kill | ~s->bme, fn);
}

static inline bool function_busy(const struct see *s, unsigned fn)
{
	return bit(s->kill | s->rst_req | s->flr_req, fn);
}

static inline unsigned vfs(const struct see *s)
{
	return !s->vf_en ? 0 : s->numvfs < SEE_NUM_VFS ? s->numvfs : SEE_NUM_VFS;
}

static inline uint16_t next_index(unsigned index, unsigned size)
{
	return (uint16_t)(index + 1 == size ? 0 : index + 1);
}

/* (x - y) mod size for x, y below size. */
static inline unsigned distance(unsigned x, unsigned y, unsigned size)
{
	return x >= y ? x - y : x - y + size;
}

/* A 64-bit mask of the bytes enabled in @p be. */
static inline uint64_t byte_mask(unsigned be)
{
	uint64_t mask = 0;
	for (unsigned i = 0; i < 8; i++)
		if (bit(be, i))
			mask |= 0xffull << 8 * i;
	return mask;
}

static inline void set_event(struct see *s, unsigned code, unsigned fn, uint32_t id, uint32_t value)
{
	s->event_valid = 1;
	s->event_code = (uint8_t)code;
	s->event_fn = (uint8_t)fn;
	s->event_id = id;
	s->event_value = value;
}

static inline void set_state(struct see *s, unsigned slot, enum see_slot_state state)
{
	s->in_state[s->slots[slot].state] &= ~(1ull << slot);
	s->in_state[state] |= 1ull << slot;
	s->slots[slot].state = (uint8_t)state;
}

static inline void set_pend(struct see *s, unsigned fn, unsigned q, bool pend)
{
	struct see_function *f = &s->functions[fn];
	f->sq_pend = (uint16_t)((f->sq_pend & ~(1u << q)) | (unsigned)pend << q);
	s->pend_fns = (s->pend_fns & ~(1u << fn)) | (f->sq_pend ? 1u << fn : 0);
}

static inline void set_msi_pend(struct see *s, unsigned fn, unsigned v, bool pend)
{
	struct see_function *f = &s->functions[fn];
	f->msi_pend = (uint16_t)((f->msi_pend & ~(1u << v)) | (unsigned)pend << v);
	s->msi_fns = (s->msi_fns & ~(1u << fn)) | (f->msi_pend ? 1u << fn : 0);
}

/* The streaming units: one cycle each, all on old state. */
void see_rx_step(struct see *s);
void see_tx_step(struct see *s);
void see_read_step(struct see *s);
void see_write_step(struct see *s);
void see_cring_step(struct see *s);
void see_ring_step(struct see *s, uint64_t word);
/* The word that RW would write in this cycle, to be read before RX changes the SQE memory. */
uint64_t see_ring_word(const struct see *s);
/* @return whether no class was ready in IDLE, that is, the sequencer does nothing. */
bool see_sequencer_step(struct see *s);

/* The commits of the sequencer's items. */
void see_item_request(struct see *s);
void see_item_register(struct see *s);
void see_item_done(struct see *s);
void see_item_completion_entry(struct see *s);
void see_item_check(struct see *s);
void see_item_list(struct see *s);
void see_item_pull(struct see *s);
void see_item_ring(struct see *s);
void see_item_push(struct see *s);
void see_item_cqe(struct see *s);
void see_item_msix(struct see *s);
void see_item_fetch(struct see *s);
void see_item_reset_start(struct see *s);
void see_item_reset_finish(struct see *s);
void see_item_coalesce(struct see *s);

/* INTx of the PF, section 8: what the host reads as Interrupt Status, and whether the last message told otherwise. */
bool see_intx_status(const struct see *s);
bool see_intx_moves(const struct see *s);
/* Completion queue @p q of @p fn has or has no entries to tell of. */
void see_intx_set(struct see *s, unsigned fn, unsigned q, bool pending);

/* Functions with a vector that may be sent; vectors of one function. */
uint32_t see_msix_functions(const struct see *s);
/* A completion queue entry is on its way that vector @p v of @p fn is to tell of, at once or with others. */
void see_coalesce_raise(struct see *s, unsigned fn, unsigned v, bool now);
/* The timer of held interrupts; @p held are the functions that had some at the start of the cycle. */
void see_coalesce_timer(struct see *s, uint32_t held);
/* Functions with an SQ that may be fetched. */
uint32_t see_fetch_functions(const struct see *s);

/* Slots (slot.c), section 8. */
void see_slot_free(struct see *s, unsigned slot);
void see_slot_fail(struct see *s, unsigned slot, uint16_t status);
void see_slot_go(struct see *s, unsigned slot);
void see_slot_setup(struct see *s, unsigned slot);
/* Slots of @p fn that wait for room in a CQ look again. */
void see_slot_wake(struct see *s, unsigned fn);
unsigned see_slot_pages(const struct see *s, unsigned slot);
uint32_t see_slot_buffer(const struct see *s, unsigned slot);

/* Configuration space (config.c), section 9. */
uint32_t see_config_read(const struct see *s, unsigned fn, unsigned dw);
void see_config_write(struct see *s, unsigned fn, unsigned dw, uint32_t data, unsigned be);
void see_config_reset(struct see *s, unsigned fn);

/* BAR0 (nvme.c). */
uint64_t see_bar_read(const struct see *s, unsigned fn, unsigned offset);
void see_bar_write(struct see *s, unsigned fn, unsigned offset, uint64_t data, unsigned be);
void see_doorbell(struct see *s, unsigned fn, unsigned q, bool is_cq, uint32_t value);

#endif
