/* What the units of the BAU model show each other within one step, and their entry points. Private to models/bau. */
#ifndef ASSAY_MODELS_BAU_UNIT_H
#define ASSAY_MODELS_BAU_UNIT_H

#include "models/bau/bau.h"
#include "rtl/gen/field.h"

/** Users of host memory in descending priority; the number is bits 7:5 of the tag. */
enum bau_unit { BAU_UNIT_ENGINE, BAU_UNIT_TRANSLATOR, BAU_UNIT_COMMANDER, BAU_UNIT_FAULTER, BAU_UNIT_DMA, BAU_UNIT_HOLDER, BAU_UNITS };

/** Reporters of faults in descending priority. */
enum bau_reporter { BAU_REPORT_COMPLETER, BAU_REPORT_COMMANDER, BAU_REPORT_ENGINE, BAU_REPORT_TRANSLATOR, BAU_REPORTERS };

enum { BAU_NOBODY = 255 };

/** Host-physical addresses have 56 bits. */
#define BAU_ADDRESS_MASK 0xffffffffffffffull

/** A command about cached or held things, in force at the clock edge that ends the step. */
struct bau_invalidation {
	uint8_t device, iotlb; /**< which cache */
	uint8_t resume, drop;  /**< what is held; `device` drops too */
	uint8_t deny;
	uint8_t all, partition;
	uint16_t id; /**< requester id or address-space id */
};

/** What the translator has done with a request that the holder offered. */
enum bau_verdict { BAU_NO_VERDICT, BAU_VERDICT_HELD, BAU_VERDICT_DONE, BAU_VERDICT_WRITE };

/** A request that the translator has put into a hold ring. */
struct bau_parked {
	uint8_t valid, meets, write, log2;
	uint16_t rid;
	uint64_t ring;
};

/** Gathered from the state before the edge, or left by one unit for the end of the step. */
struct bau_wires {
	const struct bau_in *in;
	uint8_t granted;  /**< enum bau_unit whose access is taken, or BAU_NOBODY */
	uint8_t accepted; /**< enum bau_reporter whose fault is taken, or BAU_NOBODY */
	struct bau_fault fault;
	struct bau_invalidation invalidation;
	uint8_t begun[2], ended[2]; /**< accesses and messages, by epoch */
	uint8_t flip;		    /**< a fence starts a new epoch */
	uint8_t released;	    /**< a message may go to the engine */
	uint8_t word_popped;
	uint8_t pending;	    /**< unblocks that waited before the edge */
	uint32_t counted;	    /**< bit k: counter k moves */
	uint8_t status[BAU_NUM_PARTITIONS];
	uint8_t replay_begun; /**< the translator has taken the holder's offer */
	uint8_t verdict;      /**< enum bau_verdict */
	struct bau_parked parked;
	uint8_t park_ended;   /**< payload of a parked write is on its way to memory, the last of it */
	uint64_t hold_address; /**< of the write that is held */
	uint16_t hold_gscid;
	uint64_t held;	      /**< holder.held before the edge */
	uint8_t event_written[BAU_NUM_PARTITIONS];
	uint8_t command_done[BAU_NUM_PARTITIONS];
	uint8_t fault_written[BAU_NUM_PARTITIONS];
	uint8_t notify;
};

/** Bits of bau_wires.counted: the order of the COUNT_* registers. */
enum bau_count {
	BAU_MESSAGES, BAU_DIRECT, BAU_MISMATCH, BAU_BROADCAST, BAU_RECORDED, BAU_UNBLOCKS, BAU_RESCAN, BAU_FAULTS,
	BAU_FAULTS_LOST, BAU_DTE_HITS, BAU_DTE_MISSES, BAU_IOTLB_HITS, BAU_IOTLB_MISSES, BAU_DMA_READS, BAU_DMA_WRITES, BAU_COMMANDS,
	BAU_HELDS, BAU_REPLAYED, BAU_PAGE_EVENTS,
};

static inline void bau_count(struct bau_wires *wires, enum bau_count counter)
{
	wires->counted |= 1u << counter;
}

/** @return the answer of memory for @p unit in this step, if there is one. */
static inline bool bau_answered(const struct bau_wires *wires, enum bau_unit unit)
{
	return wires->in->mem_rsp_valid && wires->in->mem_rsp_tag >> 5 == unit;
}

static inline uint8_t bau_tag(enum bau_unit unit, unsigned low)
{
	return (uint8_t)((unsigned)unit << 5 | low);
}

/** @return whether host-physical page number @p page belongs to partition @p p. */
static inline bool bau_in_bounds(const struct bau *bau, unsigned p, uint64_t page)
{
	const struct bau_partition *partition = &bau->registers.partition[p];
	return partition->valid && page >= partition->base && page < partition->limit;
}

/* Each unit: what it asks of memory and whom it accuses, from the state before the edge; then its step. */
bool bau_engine_access(const struct bau *bau, struct bau_access *access);
bool bau_translator_access(const struct bau *bau, struct bau_access *access);
bool bau_commander_access(const struct bau *bau, struct bau_access *access);
bool bau_faulter_access(const struct bau *bau, struct bau_access *access);
bool bau_dma_access(const struct bau *bau, struct bau_access *access);
bool bau_holder_access(const struct bau *bau, struct bau_access *access);

bool bau_completer_fault(const struct bau *bau, struct bau_fault *fault);
bool bau_commander_fault(const struct bau *bau, struct bau_fault *fault);
bool bau_engine_fault(const struct bau *bau, struct bau_fault *fault);
bool bau_translator_fault(const struct bau *bau, struct bau_fault *fault);
bool bau_faulter_takes(const struct bau *bau);

struct bau_invalidation bau_commander_invalidation(const struct bau *bau);
bool bau_commander_has_work(const struct bau *bau);

/** @return whether @p invalidation takes effect on requests that are under way in the translator. */
static inline bool bau_kills(const struct bau_invalidation *invalidation)
{
	return invalidation->device || invalidation->iotlb || invalidation->drop;
}

/** @return the requester ids that @p invalidation names, as far as its partition owns them. */
static inline uint64_t bau_named_devices(const struct bau_invalidation *invalidation, uint64_t owner)
{
	uint64_t named = invalidation->all ? ~0ull : invalidation->id < BAU_NUM_DEVICES ? 1ull << invalidation->id : 0;
	return named & (invalidation->partition ? owner : ~owner);
}

/* Device-table cache, used by the translator: states DEVICE and FETCH. */
const struct bau_request *bau_translator_request(const struct bau *bau);
uint8_t bau_translator_refuse(struct bau_translator *t, uint8_t cause);
uint64_t bau_devices_address(const struct bau *bau);
/** Takes an answer of the fetch, or the end of it. @return whether the fetch is over; @p cause is then 0 or why the entry is refused. */
bool bau_devices_fetch(struct bau *bau, const struct bau_wires *wires, uint8_t *cause);

/* Holder, used by the translator. */
bool bau_holder_offers(const struct bau *bau);
bool bau_holder_holds(const struct bau *bau, uint16_t rid);
bool bau_holder_full(const struct bau *bau, uint16_t rid);
/** @return the address of place @p index of a ring at @p ring of 2 to the power @p log2 places. */
uint64_t bau_holder_place(uint64_t ring, unsigned log2, unsigned index);
bool bau_holder_has_work(const struct bau *bau);

/* Where the translator parks a request. */
enum { BAU_PARK_HEADER_WORDS = 3 }; /* of a place of a hold ring */
uint64_t bau_park_place(const struct bau_translator *t);
uint64_t bau_park_header(const struct bau_request *request, unsigned index);
/** Aims at the place behind what the function of @p rid holds already. */
void bau_park_behind(struct bau *bau, uint16_t rid);

/** Latches the lowest cached translation of guest page @p vpn. @return whether there is one. */
bool bau_iotlb_find(struct bau_translator *t, uint32_t vpn);
/** Takes the cached device-table entries and translations away that @p invalidation names. */
void bau_translator_forget(struct bau_translator *t, const struct bau_invalidation *invalidation, uint64_t owner);

/* Page-table walk, used by the translator. */
uint64_t bau_walk_address(const struct bau_translator *t, uint64_t guest_address);
/** @return 0 and fills @p entry for a leaf, 0 with entry->valid 0 for a pointer, else a CAUSE_*. */
uint8_t bau_walk_leaf(const struct bau_translator *t, struct bau_translation *entry);

void bau_receiver_step(struct bau *bau, struct bau_wires *wires);
void bau_translator_step(struct bau *bau, struct bau_wires *wires);
void bau_dma_step(struct bau *bau, struct bau_wires *wires);
void bau_completer_step(struct bau *bau, struct bau_wires *wires);
void bau_engine_step(struct bau *bau, struct bau_wires *wires);
void bau_commander_step(struct bau *bau, struct bau_wires *wires);
void bau_faulter_step(struct bau *bau, struct bau_wires *wires);
void bau_holder_step(struct bau *bau, struct bau_wires *wires);
/** Steps the registers; last, because the other units read the configuration of before the edge. */
void bau_registers_step(struct bau *bau, struct bau_wires *wires);

/* States that bau.c needs for outputs and idleness; the rest is private to each unit. In each unit 0 is the state at rest. */
enum { BAU_ENGINE_SIGNAL = 11, BAU_ENGINE_ANSWER = 12 };
enum { BAU_REGISTERS_REST, BAU_REGISTERS_EXECUTE, BAU_REGISTERS_ANSWER };

#endif
