/* A host around the BAU's ports: memory with a latency, harts' receivers, a device that sends TLPs and takes completions.
 * Which block it drives is decided by the program that it is linked into (struct rig_block). */
#ifndef ASSAY_TESTBENCH_UNIT_BAU_RIG_H
#define ASSAY_TESTBENCH_UNIT_BAU_RIG_H

#include "bau_ports.h"
#include "bau_regs.h"
#include "models/bau/bau.h"
#include "models/board/receiver.h"
#include "rtl/gen/field.h"

struct rig;

#define RIG_RAM_BASE 0x80000000ull
enum { RIG_RAM_BYTES = 1 << 20, RIG_MEMORY_QUEUE = 512, RIG_RX_BEATS = 4096, RIG_TLPS = 256, RIG_EVENTS = 1024 };

/** A TLP that the block sent. */
struct rig_tlp {
	uint32_t beats;
	uint64_t beat[40];
	uint64_t cycle; /**< of its last beat */
};

struct rig_answer {
	uint64_t due_cycle, data;
	uint8_t tag, err;
};

struct rig_logged {
	uint64_t cycle;
	struct bau_event event;
};

struct rig {
	struct bau bau;
	struct bau_in in;
	struct bau_out out;
	uint64_t cycle;
	uint32_t latency_cycles;
	uint32_t error_every, answers; /**< each error_every-th answer of the memory is an error, with its data; 0: none */
	uint64_t ram_base; /**< RIG_RAM_BASE, unless a test moves it */
	uint8_t ram[RIG_RAM_BYTES];
	struct rig_answer answer[RIG_MEMORY_QUEUE];
	uint32_t answer_head, answer_count;
	struct bau_beat rx[RIG_RX_BEATS];
	uint32_t rx_head, rx_count;
	struct rig_tlp tlp[RIG_TLPS];
	uint32_t tlps, tlp_beats;
	struct receivers receivers;
	uint32_t signals;	/**< taken by receivers, matching or not */
	uint8_t signal_waits;	/**< a signal has been taken and is to be answered */
	uint8_t signal_match;
	struct rig_logged log[RIG_EVENTS];
	uint32_t logged;
	uint8_t stall_rx, stall_mem, stall_tx, stall_sig, stall_answers; /**< 1: the beat, ready or answer stays away in this cycle */
	uint8_t rx_offered;	/**< a beat was offered and not taken: it stays */
	uint32_t retries;	/**< register accesses that were answered with retry */
	uint8_t reg_taken;	/**< the register access offered in this cycle was taken */
	uint8_t answers_given;	/**< receivers answer signal_given instead of comparing */
	uint8_t signal_given;
};

/** Resets the rig around a model with @p latency_cycles of memory. RAM is zeroed. */
void rig_reset(struct rig *rig, uint32_t latency_cycles);

/** The block that a test program is linked with: the model alone (rig_model.c) or model and RTL in lockstep (pair.c). */
struct rig_block {
	void (*reset)(struct rig *rig);
	void (*step)(struct rig *rig, const struct bau_in *in, struct bau_out *out);
};
extern const struct rig_block rig_block;

/** One cycle. */
void rig_cycle(struct rig *rig);

/** Cycles until the block says that it is idle and nothing is on its way. @return false after @p most cycles. */
bool rig_settle(struct rig *rig, uint64_t most);

/* Memory, host-physical addresses in RAM, little-endian words. */
uint64_t rig_load(const struct rig *rig, uint64_t address);
void rig_store(struct rig *rig, uint64_t address, uint64_t data);

/* Register accesses of a hart; receivers are decoded as the board does it. Each takes the cycles that it needs. */
/** One register access as it stands at the port. @return whether it was performed, 0: it is to be offered again */
bool rig_offer_register(struct rig *rig, bool write, uint32_t address, uint64_t data, uint64_t *answer);
uint64_t rig_read(struct rig *rig, uint32_t address);
void rig_write(struct rig *rig, uint32_t address, uint64_t data);

/* A device sends a TLP: queued, the rig feeds it a beat a cycle. */
void rig_send_beat(struct rig *rig, uint64_t data, bool sop, bool eop);
void rig_send_read(struct rig *rig, uint16_t rid, uint8_t tag, uint64_t address, uint32_t bytes);
void rig_send_write(struct rig *rig, uint16_t rid, uint64_t address, const void *data, uint32_t bytes);
void rig_send_message(struct rig *rig, uint16_t rid, unsigned partition, unsigned target, uint32_t vector);
void rig_send_tlp(struct rig *rig, uint32_t dw0, uint32_t dw1, uint64_t address, const uint64_t *payload, uint32_t beats);

/** How often event @p code was logged. */
unsigned rig_events(const struct rig *rig, uint8_t code);
/** The cycle of the last event @p code, 0 if none. */
uint64_t rig_event_cycle(const struct rig *rig, uint8_t code);
/** CAUSE_* of the last fault, 0 if none. */
unsigned rig_last_cause(const struct rig *rig);

/* A usual set-up: partition 0 owns all of RAM and every hart, queues of 16 entries, a device table with every entry invalid. */
enum { RIG_DEVICE_TABLE = 0x1000, RIG_COMMANDS = 0x3000, RIG_FAULTS = 0x4000, RIG_ITABLE = 0x6000, RIG_SUMMARY = 0x8000,
       RIG_SIGVEC = 0x9000, RIG_ROOT = 0x10000, RIG_DATA = 0x40000 };
enum { RIG_RID = 0x10, RIG_TARGET = 5, RIG_VMID = 7, RIG_HART = 2, RIG_GEIN = 3 };

void rig_configure(struct rig *rig);

/** Writes a valid device-table entry of requester @p rid with IOMMU mode @p mode, direct, subclass 1, VMID RIG_VMID. */
void rig_set_device(struct rig *rig, uint16_t rid, unsigned mode);

/** Makes target RIG_TARGET run on RIG_HART, or not: interrupt-table entry and receiver. */
void rig_schedule(struct rig *rig, bool entry_runs, bool hart_runs);

/** Appends a command and rings the doorbell. */
void rig_command(struct rig *rig, uint64_t word0, uint64_t word1);

static inline uint64_t rig_at(uint64_t offset)
{
	return RIG_RAM_BASE + offset;
}

static inline uint64_t rig_ite(void)
{
	return rig_at(RIG_ITABLE) + RIG_TARGET * BAU_ITE_BYTES;
}

#endif
