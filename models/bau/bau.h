/* Cycle-accurate model of the BAU; rtl/bau/README.md says what happens in which cycle.
 *
 * The state is one plain struct with one part per unit. In a step every unit sees the state before the clock edge: the
 * values that units show each other are gathered first (struct bau_wires in unit.h), then each unit advances its own part. */
#ifndef ASSAY_MODELS_BAU_BAU_H
#define ASSAY_MODELS_BAU_BAU_H

#include "bau_ports.h"
#include "bau_regs.h"
#include "models/bau/ring.h"

enum {
	BAU_IN_DEPTH = 4,
	BAU_REQUEST_DEPTH = 8,
	BAU_PAYLOAD_DEPTH = 32,
	BAU_ISSUE_DEPTH = 4,
	BAU_MESSAGE_DEPTH = 16,
	BAU_CHUNK_DEPTH = 8,
	BAU_WORD_DEPTH = 128,
	BAU_TX_DEPTH = 4,
	BAU_REPLAY_DEPTH = 32,
	BAU_DEVICE_WORDS = 6, /**< of a device-table entry that are read */
};

/** A beat of a TLP. */
struct bau_beat {
	uint64_t data;
	uint8_t sop, eop;
};

enum bau_kind { BAU_KIND_READ, BAU_KIND_WRITE, BAU_KIND_MESSAGE, BAU_KIND_DROP };

/** A TLP after the receiver. */
struct bau_request {
	uint8_t kind;  /**< enum bau_kind */
	uint8_t cause; /**< 0 or why the receiver refuses it */
	uint16_t rid;
	uint8_t tag;
	uint8_t length_dw;
	uint8_t first_be, last_be;
	uint64_t address;
	uint32_t id;   /**< message number */
	uint32_t data; /**< data of a message, else DW0 */
};

/** A beat of write payload, from the link or from a hold ring. */
struct bau_payload {
	uint64_t data;
	uint8_t kill; /**< the TLP ended early: write nothing */
};

struct bau_receiver {
	uint8_t state;
	uint8_t report;	    /**< after skipping, report the TLP as malformed */
	uint8_t beats_left;
	uint32_t dw[2];
	uint64_t address;
	uint32_t sequence;  /**< number of the last message */
	uint8_t arrival_valid;
	uint16_t arrival_function;
	uint32_t arrival_value;
};

enum bau_issue_kind {
	BAU_ISSUE_READ, BAU_ISSUE_WRITE, BAU_ISSUE_MESSAGE, BAU_ISSUE_REFUSE, BAU_ISSUE_DISCARD,
	BAU_ISSUE_PARK,	  /**< payload to a place of a hold ring */
	BAU_ISSUE_REPLAY, /**< write whose payload comes from the holder */
};

/** An access after translation. */
struct bau_issue {
	uint8_t kind; /**< enum bau_issue_kind */
	uint8_t epoch;
	uint8_t partition;
	uint16_t rid;
	uint8_t tag;
	uint8_t length_dw;
	uint8_t first_be, last_be;
	uint64_t address;
};

/** A message with what the engine needs of its device-table entry. */
struct bau_message {
	uint32_t id;
	uint16_t rid;
	uint8_t target;
	uint16_t bit; /**< of the signal vector */
	uint64_t ite;
	uint64_t summary;
	uint16_t vmid;
	uint8_t subclass;
	uint8_t partition;
	uint8_t direct; /**< DIRECT and not FORCE_BROADCAST */
	uint8_t hit;	/**< device-table cache */
	uint8_t epoch;
};

struct bau_translation {
	uint8_t valid;
	uint8_t partition;
	uint16_t gscid;
	uint8_t level; /**< 0: 4 KiB, 1: 2 MiB, 2: 1 GiB */
	uint8_t read, write;
	uint8_t hold; /**< U, R and no W */
	uint32_t vpn;  /**< guest-physical >> 12; only the bits above the level count */
	uint64_t ppn;
};

struct bau_translator {
	uint8_t state;
	uint8_t epoch;
	uint8_t partition;
	uint8_t cause;
	uint8_t replay;	      /**< the request comes from the holder */
	uint8_t turn;	      /**< 1: the holder's offer first */
	uint8_t fetched, miss, killed;
	uint8_t asked, filled; /**< words of a device-table entry or of a place of a hold ring */
	uint8_t fetch_error, fetch_bad, fetch_paged;
	uint8_t level, slot, cached;
	uint8_t next_slot;
	uint64_t device_address; /**< of the device-table entry that is fetched */
	uint64_t table; /**< page number of the page table that is walked */
	uint64_t pte;
	uint8_t pte_error;
	struct bau_translation entry;
	uint64_t page; /**< host-physical page number of the access */
	uint8_t meets;	   /**< the request is parked because of its page, not behind others */
	uint8_t ring_log2;
	uint64_t ring;	   /**< address of the hold ring */
	uint16_t place;	   /**< index in it */
	uint64_t dte[BAU_DEVICE_WORDS];
	uint64_t device_valid;
	uint64_t device[BAU_NUM_DEVICES][BAU_DEVICE_WORDS];
	struct bau_translation iotlb[BAU_IOTLB_ENTRIES];
};

/** One completion, at most 256 bytes that do not cross a 256-byte boundary. */
struct bau_chunk {
	uint8_t refuse; /**< no data, status UR */
	uint8_t partition;
	uint16_t rid;
	uint8_t tag;
	uint8_t length_dw, words;
	uint8_t lower;	/**< lower address field */
	uint16_t bytes; /**< byte count field */
	uint64_t address;
};

struct bau_dma {
	uint8_t state;
	struct bau_issue job; /**< the address advances */
	uint8_t first;	      /**< no completion of the read has been announced yet */
	uint8_t left;	      /**< reads: DWs after the present chunk; writes: DW slots done, counted from the first aligned word */
	uint16_t bytes;	      /**< byte count field of the next completion */
	uint8_t words_left;   /**< of the present chunk */
	uint32_t carry;	      /**< upper DW of the last beat, to be written with the next word */
	uint8_t carry_kill;
	uint8_t reserved;     /**< words of the read buffer that are spoken for */
	uint8_t error;	      /**< an answer of the present chunk was an error */
	uint8_t good;	      /**< beats of a parked write that write something */
};

struct bau_completer {
	uint8_t state;
	struct bau_chunk chunk;
	uint8_t error;
	uint32_t carry;
};

struct bau_engine {
	uint8_t state, after_fault;
	uint8_t cause;
	uint8_t unblock;      /**< works on an unblock */
	uint8_t prefer;	      /**< 1: unblocks first */
	uint8_t released;     /**< messages whose earlier writes have been issued */
	uint8_t last_hart;    /**< of the last unblock taken */
	uint8_t asked, got, error;
	uint8_t old_blocked;
	uint32_t unblock_count;
	struct bau_message m;
	uint64_t word0, sigvec, word3, scan;
	uint8_t hart, gein;
	uint8_t event_valid, event_code;
	uint16_t event_function;
	uint32_t event_id, event_value;
	uint8_t pending;      /**< bit h: UNBLOCK of hart h waits */
	uint64_t pending_ite[BAU_NUM_HARTS];
};

struct bau_commander {
	uint8_t state;
	uint8_t partition, turn;
	uint8_t asked, got, error;
	uint8_t old_epoch;
	uint64_t address; /**< of the command */
	uint64_t word[2];
};

struct bau_fault {
	uint8_t cause, write, partition;
	uint16_t rid;
	uint32_t id;
	uint64_t address;
	uint32_t detail;
};

/** What is held for one requester id. */
struct bau_hold {
	uint64_t ring;	     /**< address */
	uint8_t log2;
	uint16_t head, tail; /**< free-running, 13 bits */
	uint64_t address;    /**< of the write that met its page last */
	uint16_t gscid;
};

struct bau_holder {
	uint8_t state;
	uint8_t partition, rid, last; /**< that is worked on; the one before */
	uint8_t asked, got, error;
	uint8_t cancelled;
	uint8_t parks, waits;	      /**< parked writes on their way to memory: all, those that a replay waits for */
	uint64_t held, due, ready, deny; /**< bit: requester id */
	struct bau_hold hold[BAU_NUM_DEVICES];
	uint64_t address;	      /**< of the place, or of the page event */
	uint64_t word[4];
	struct bau_request request;   /**< offered */
};

struct bau_faulter {
	uint8_t state;
	uint8_t index;
	uint64_t address; /**< of the record */
	struct bau_fault record;
	uint32_t sequence;
	uint8_t event_valid;
};

/** Registers of one partition: its page and its entry of the partition table. */
struct bau_partition {
	uint8_t valid, wait, harts;
	uint64_t base, limit; /**< page numbers */
	uint64_t lpid_map;
	uint16_t control;
	uint8_t status;
	uint64_t device_table; /**< address */
	uint8_t device_table_length;
	uint64_t command_base, fault_base;
	uint8_t command_log2, command_head, command_tail;
	uint8_t fault_log2, fault_head, fault_tail;
	uint64_t event_base;
	uint8_t event_log2, event_head, event_tail;
};

struct bau_registers {
	uint8_t state;
	uint8_t write;
	uint8_t retry; /**< the answer says that nothing was done */
	uint32_t address;
	uint64_t data; /**< of the request, then of the answer */
	uint64_t owner;
	struct bau_partition partition[BAU_NUM_PARTITIONS];
	uint16_t subclass_mask[BAU_NUM_HARTS];
	uint8_t notify;
	uint64_t count[BAU_NUM_COUNTERS];
};

/** The register stage towards host memory. */
struct bau_access {
	uint8_t valid, op, strb, tag;
	uint64_t addr, data;
};

/** The whole block. */
struct bau {
	struct ring in_ring, request_ring, payload_ring, issue_ring, message_ring, chunk_ring, done_ring, word_ring, tx_ring, replay_ring;
	struct bau_beat in[BAU_IN_DEPTH];
	struct bau_request request[BAU_REQUEST_DEPTH];
	struct bau_payload payload[BAU_PAYLOAD_DEPTH];
	struct bau_issue issue[BAU_ISSUE_DEPTH];
	struct bau_message message[BAU_MESSAGE_DEPTH];
	struct bau_chunk chunk[BAU_CHUNK_DEPTH];
	uint8_t done[BAU_CHUNK_DEPTH];
	uint64_t word[BAU_WORD_DEPTH];
	struct bau_beat tx[BAU_TX_DEPTH];
	struct bau_payload replay[BAU_REPLAY_DEPTH];
	struct bau_receiver receiver;
	struct bau_translator translator;
	struct bau_dma dma;
	struct bau_completer completer;
	struct bau_engine engine;
	struct bau_commander commander;
	struct bau_holder holder;
	struct bau_faulter faulter;
	struct bau_registers registers;
	struct bau_access mem;
	uint8_t epoch;
	uint8_t inflight[2]; /**< accesses and messages under way that began in each epoch */
	uint8_t idle;
};

/** Puts the block into its reset state. */
void bau_reset(struct bau *bau);

/** One clock edge: @p in are the inputs before it, @p out receives the outputs after it. */
void bau_step(struct bau *bau, const struct bau_in *in, struct bau_out *out);

/** The outputs of the present state, e.g. after bau_reset(). */
void bau_outputs(const struct bau *bau, struct bau_out *out);

/** An entry of one of the three event ports. */
struct bau_event {
	uint8_t code; /**< BAU_EVENT_* */
	uint16_t function;
	uint32_t id, value;
};

/** Collects the events that @p out shows into @p events. @return how many, 0 to 3. */
unsigned bau_events(const struct bau_out *out, struct bau_event events[3]);

#endif
