/* Cycle-accurate model of the storage emulation engine.
 *
 * The specification, cycle by cycle, is rtl/see/README.md; section numbers in the sources are of that page. The whole state is
 * one plain struct: copying it is a checkpoint.
 */
#ifndef ASSAY_MODELS_SEE_SEE_H
#define ASSAY_MODELS_SEE_SEE_H

#include <stdbool.h>
#include <stdint.h>

#include "see_ports.h"
#include "see_regs.h"

/** The FIFOs between the units, section 1. Those up to SEE_F_RSPQ must be empty for the block to be idle. */
enum see_fifo {
	SEE_F_RXQ, SEE_F_REQQ, SEE_F_CPLQ, SEE_F_RDQ, SEE_F_RDRQ, SEE_F_DONEQ, SEE_F_WRQ, SEE_F_WDONEQ, SEE_F_WTXQ,
	SEE_F_TXQ, SEE_F_NWQ, SEE_F_NRQ, SEE_F_WHO, SEE_F_RDATA, SEE_F_RINGQ, SEE_F_CEQ, SEE_F_REGQ, SEE_F_RSPQ,
	SEE_F_DBQ = 24, /* may hold entries while the block is idle */
	SEE_FIFOS = 32,
};

/* Depths, powers of two. */
enum {
	SEE_RXQ_DEPTH = 4, SEE_REQQ_DEPTH = 4, SEE_CPLQ_DEPTH = 4, SEE_RDQ_DEPTH = 8, SEE_RDRQ_DEPTH = 2, SEE_DONEQ_DEPTH = 4,
	SEE_WRQ_DEPTH = 8, SEE_WDONEQ_DEPTH = 2, SEE_WTXQ_DEPTH = 4, SEE_TXQ_DEPTH = 2, SEE_NWQ_DEPTH = 4, SEE_NRQ_DEPTH = 2,
	SEE_WHO_DEPTH = 32, SEE_RDATA_DEPTH = 16, SEE_RINGQ_DEPTH = 2, SEE_CEQ_DEPTH = 2, SEE_REGQ_DEPTH = 2,
	SEE_RSPQ_DEPTH = 2, SEE_DBQ_DEPTH = 4,
};

/** Slot states, section 8. */
enum see_slot_state {
	SEE_SLOT_FREE, SEE_SLOT_FETCH, SEE_SLOT_CHECK, SEE_SLOT_LISTQ, SEE_SLOT_LIST, SEE_SLOT_PULLQ, SEE_SLOT_PULL,
	SEE_SLOT_RING, SEE_SLOT_FW, SEE_SLOT_PUSHQ, SEE_SLOT_CQE, SEE_SLOT_CQWAIT, SEE_SLOT_ORPHAN, SEE_SLOT_SENT, SEE_SLOT_NEXT,
	SEE_SLOT_STATES,
};

/** One beat of a TLP stream. */
struct see_beat {
	uint64_t data;
	uint8_t sop, eop;
};

/** Kinds of struct see_request. */
enum { SEE_REQ_CFGRD, SEE_REQ_CFGWR, SEE_REQ_MRD, SEE_REQ_MWR };

/** A request of the host. */
struct see_request {
	uint64_t addr, data;
	uint16_t rid;
	uint8_t kind, tag, be, dws, bad;
};

/** A completion to send. */
struct see_completion {
	uint64_t beat[3];
	uint8_t has_data;
};

/** Kinds of struct see_read_job, of tags and of struct see_done. */
enum { SEE_RD_SQE, SEE_RD_LIST, SEE_RD_DATA, SEE_RD_MARK };

/** Host memory to read, within one 4 KiB page. */
struct see_read_job {
	uint64_t addr;
	uint32_t dest, len;
	uint8_t kind, fn, slot;
};

/** An MRd header. */
struct see_read_request {
	uint64_t beat[2];
};

/** A read request that ended. */
struct see_done {
	uint32_t bytes;
	uint8_t kind, slot, err;
};

/** Kinds of struct see_write_job. */
enum { SEE_WR_DATA, SEE_WR_CQE, SEE_WR_MSI, SEE_WR_MARK };

/** Host memory to write, within one 4 KiB page. */
struct see_write_job {
	uint64_t addr, word[2];
	uint32_t nm, len;
	uint8_t kind, fn, slot;
};

/** What WR has finished: a MARK, or everything of a slot. */
struct see_write_done {
	uint8_t mark, slot;
};

struct see_nm_write {
	uint64_t data;
	uint32_t addr;
	uint8_t strb;
};

/** A descriptor for the firmware ring: words 8 to 13. */
struct see_descriptor {
	uint64_t word[6];
	uint8_t is_command, slot;
};

struct see_completion_entry {
	uint64_t word[2];
};

struct see_reg_access {
	uint64_t data;
	uint16_t addr;
	uint8_t write;
};

/** A refused doorbell write. */
struct see_bad_doorbell {
	uint32_t value;
	uint8_t fn, queue, is_cq, bad_value;
};

/** A read tag, section 5; its state is in the masks tag_busy and tag_done. */
struct see_tag {
	uint32_t dest;
	uint16_t left, bytes;
	uint8_t gen, fn, slot, kind, err, prpbad;
	uint16_t age; /* ticks */
};

struct see_sq {
	uint64_t addr;
	uint16_t size, head, tail;
	uint8_t cqid, priority, inflight;
};

struct see_cq {
	uint64_t addr;
	uint16_t size, head, tail;
	uint8_t vector, ien, phase;
};

struct see_extent {
	uint64_t first, length, remote, target;
	uint32_t map;
};

/** What one function owns. Masks have a bit per queue or vector. */
struct see_function {
	uint64_t asq, acq;
	uint64_t ns_size;
	struct see_extent extent[SEE_NUM_EXTENTS];
	struct see_sq sq[SEE_NUM_QUEUES];
	struct see_cq cq[SEE_NUM_QUEUES];
	uint64_t msix_addr[SEE_NUM_VECTORS];
	uint32_t msix_data[SEE_NUM_VECTORS];
	uint32_t cfg[128];
	uint32_t cc, csts, intm, aqa;
	uint32_t arbitration, coalescing; /* as the registers show them */
	uint16_t credit[4];		  /* by priority; the urgent class has none */
	uint16_t held;			  /* vectors whose interrupt waits for more entries or for the time */
	uint8_t co_count[SEE_NUM_VECTORS], co_age;
	uint8_t last_sq[4]; /* by priority */
	uint16_t sq_valid, sq_pend, sq_fetching, cq_valid, masked, msi_pend;
	uint8_t ns_attached, ns_shift, msix_en, msix_fmask, inflight, last_vec;
};

struct see_slot {
	uint32_t seq, dw0, len, pos, left, rest;
	uint16_t cid, status;
	uint8_t state, fn, qid, io, post, pulled, after, err, chain, chained;
	uint8_t shift; /* its blocks have 512 << shift bytes */
	uint8_t gone;  /* the namespace that it was fetched for */
};

/** The whole state. */
struct see {
	/* FIFO bookkeeping: `old` is `count` at the start of the cycle. */
	uint8_t count[SEE_FIFOS], old[SEE_FIFOS], head[SEE_FIFOS], tail[SEE_FIFOS];

	/* Sequencer. */
	uint16_t init_left;	/* cycles of INIT still to come */
	uint8_t running, item_left, class;
	uint8_t done_is_read; /* the running DONE item takes doneq, else wdoneq */
	uint8_t event_valid, event_code, event_fn;
	uint32_t event_id, event_value;
	uint8_t idle;

	/* RX, section 3. */
	uint8_t rx_state, rx_mode, rx_tag, rx_over, rx_pushed_nwq;
	uint16_t rx_rem;
	uint64_t rx_h0, rx_h1;
	uint32_t dropped, old_dropped;

	uint8_t tx_state, tx_after_write;

	/* RD and tags, section 5. */
	uint8_t tag_busy, tag_done, old_busy, old_done;
	uint8_t job_valid;
	uint16_t timer;
	struct see_read_job job;
	struct see_tag tags[SEE_NUM_TAGS];

	/* WR, section 6. */
	uint8_t wr_state, wr_out, wr_beats;
	uint16_t wr_n, wr_ask_left;
	uint32_t wr_ask_addr;
	struct see_write_job wr_job;
	uint8_t answer; /* this cycle's nm_rsp: 0 none, 1 for WR, 2 for CR */

	/* CR and RW, section 7. */
	uint8_t cr_state, cr_got, cr_pushed_nrq;
	uint16_t cr_head, old_cr_head;
	uint64_t cr_word[2];
	uint8_t rw_state, rw_k;
	uint16_t prod, old_prod;
	struct see_descriptor rw_desc;

	/* Firmware registers and counters. */
	uint8_t ctrl, ring_log2, cring_log2, slot_limit;
	uint16_t cpl_timeout;
	uint32_t buffer_base, ring_base, cring_base;
	uint16_t ring_cons, cring_tail, alloc, posts_taken;
	uint32_t errors, bad_completions, sequence;

	/* Sets of functions, bit per function. */
	uint32_t kill, bme, rst_req, flr_req, ev_flr, ev_dis, ev_en, ev_shn;
	uint32_t hold; /* functions whose queues are not fetched from */
	uint32_t pend_fns, msi_fns; /* functions with any pending queue, any pending vector */
	uint32_t posts;		    /* functions of which a slot holds a post */
	uint32_t held_fns, co_due;  /* functions with a held vector; of these, whose age goes up */
	uint32_t co_timer;
	uint64_t bar0, vf_bar;	    /* bits 63:14 */
	uint16_t numvfs;
	uint8_t mse, vf_en, vf_mse;
	uint16_t intx_queues; /* of the PF: completion queues with entries that INTx is to tell of */
	uint8_t intx_off, intx_sent;

	uint8_t rst_active, rst_fn, rst_flr, rd_marked, wr_marked;
	uint8_t ring_turn;
	uint8_t last_check, last_list, last_pull, last_ring, last_push, last_cqe, last_fetch_fn, last_msi_fn;

	uint64_t in_state[SEE_SLOT_STATES]; /* slots by state */
	struct see_slot slots[SEE_NUM_SLOTS];
	struct see_function functions[SEE_NUM_FUNCTIONS];
	uint64_t sqe[SEE_NUM_SLOTS * 8];
	uint64_t prp[SEE_NUM_SLOTS * SEE_PRP_ENTRIES];

	struct see_beat rxq[SEE_RXQ_DEPTH], wtxq[SEE_WTXQ_DEPTH], txq[SEE_TXQ_DEPTH];
	struct see_request reqq[SEE_REQQ_DEPTH];
	struct see_completion cplq[SEE_CPLQ_DEPTH];
	struct see_read_job rdq[SEE_RDQ_DEPTH];
	struct see_read_request rdrq[SEE_RDRQ_DEPTH];
	struct see_done doneq[SEE_DONEQ_DEPTH];
	struct see_write_job wrq[SEE_WRQ_DEPTH];
	struct see_write_done wdoneq[SEE_WDONEQ_DEPTH];
	struct see_nm_write nwq[SEE_NWQ_DEPTH];
	uint32_t nrq[SEE_NRQ_DEPTH];
	uint8_t who[SEE_WHO_DEPTH];
	uint64_t rdata[SEE_RDATA_DEPTH];
	struct see_descriptor ringq[SEE_RINGQ_DEPTH];
	struct see_completion_entry ceq[SEE_CEQ_DEPTH];
	struct see_reg_access regq[SEE_REGQ_DEPTH];
	uint64_t rspq[SEE_RSPQ_DEPTH];
	struct see_bad_doorbell dbq[SEE_DBQ_DEPTH];
};

/** Puts @p s into the state that the block holds while its reset is asserted. */
void see_reset(struct see *s);

/**
 * One clock edge.
 * @param in   the inputs of the cycle that ends with the edge
 * @param out  every output as it stands after the edge; fields are overwritten, padding is left alone
 */
void see_step(struct see *s, const struct see_in *in, struct see_out *out);

/** Writes the outputs that the state @p s shows, without a clock edge (e.g. after see_reset()). */
void see_outputs(const struct see *s, struct see_out *out);

#endif
