/* The host domain without its BAU: harts, RAM, interrupt controllers, UART, PCIe host bridge, receivers, and what connects them.
 *
 * host_cycle() advances everything here by one cycle. It reads the BAU's outputs of this cycle and the inputs that it
 * presented (bau_in), and prepares those of the next (bau_next); whoever owns the BAU's backend steps it in between:
 *
 *     host_cycle(host);                          // cycle t: uses bau_in(t), bau_out(t); makes bau_next = bau_in(t + 1)
 *     step(backend, &bau_in, &bau_out);          // bau_out(t + 1)
 *     host_commit(host);                         // bau_in = bau_next, cycle = t + 1
 *
 * Everything that a run computes lies in struct host_state (plain), RAM and the harts' states.
 */
#ifndef ASSAY_MODELS_BOARD_HOST_H
#define ASSAY_MODELS_BOARD_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bau_ports.h"
#include "models/board/clint.h"
#include "models/board/front_end.h"
#include "models/board/link.h"
#include "models/board/memory_port.h"
#include "models/board/ordering.h"
#include "models/board/partition.h"
#include "models/board/pcie_host.h"
#include "models/board/plic.h"
#include "models/board/receiver.h"
#include "models/board/tlp_stream.h"
#include "models/board/uart16550.h"
#include "models/hart/hart.h"

enum { HOST_MAX_HARTS = 8, HOST_RAM_LATENCY_CYCLES = 40, HOST_FAST_QUANTUM_CYCLES = 250 };
enum { HOST_TYPED_BYTES = 1024, HOST_TYPING_CYCLES = 87000 }; /* 115,200 baud */

enum hart_mode { HART_MODE_TIMED, HART_MODE_FAST };

struct host_config {
	unsigned harts;	    /**< 1 to HOST_MAX_HARTS */
	unsigned partitions; /**< 1 (or 0) or PARTITIONS_MAX: each gets its share of the harts, the RAM and the virtual functions */
	uint64_t ram_bytes; /**< multiple of 2 MiB */
	enum hart_mode mode;
	bool clb;		/**< in timed mode the harts take their native ops from CLBs */
	uint64_t mailbox_bytes; /**< at the top of each partition's RAM; 0 for none */
	const char *bootargs;	/**< may be NULL */
	bool sstc;		/**< the harts have stimecmp and vstimecmp; Linux 6.1's KVM can hang with them, so that it is a choice */
	bool dma_is_open;	/**< the boot ROM gives the BAU a device table that lets every device pass, for software that knows none */
	uint64_t initrd_base, initrd_bytes; /**< set by host_place_initrd() */
};

/** What the host tells its surroundings. Any pointer may be NULL but link.send. */
struct host_ops {
	void *ctx;
	struct link_sender link;
	/** A partition's UART sent a byte. */
	void (*console)(void *ctx, unsigned partition, uint8_t byte, uint64_t cycle);
	/** The test finisher was written: @p code is the exit code, 0 for a pass. */
	void (*finish)(void *ctx, unsigned code, uint64_t cycle);
	/** A hart took a trap; as hart_bus_ops.trap. */
	void (*trap)(void *ctx, unsigned hart, uint64_t cause, uint64_t epc, uint64_t cycle);
	/** Software emitted an event (hypervisor/events_wire.h). @param word what was stored at EVENT_PORT_EMIT */
	void (*event)(void *ctx, uint64_t word, uint64_t value, uint64_t cycle);
};

/** A register access of a hart to the BAU. */
struct host_bau_access {
	bool waiting;
	bool is_store;
	uint32_t offset;
	uint64_t data;
};

/** An access to PCIe that found the bridge full and is tried again each cycle. */
struct host_pcie_access {
	bool waiting;
	bool is_config;
	bool is_store;
	uint8_t size;
	uint64_t address;
	uint64_t data;
};

struct host_state {
	uint64_t cycle;
	uint32_t harts;
	struct clint clint;
	struct plic plic;
	struct uart16550 uart[PARTITIONS_MAX];
	struct pcie_host pcie;
	struct receivers receivers;
	struct bau_in bau_in, bau_next;
	struct bau_out bau_out;
	struct host_bau_access bau_access[HOST_MAX_HARTS];
	struct host_pcie_access pcie_access[HOST_MAX_HARTS];
	bool bau_active; /**< the BAU or something at its ports moved in the cycle before */
	int32_t bau_access_owner; /**< hart whose access is at the BAU, -1 for none */
	uint32_t bau_access_last; /**< the owner before: the harts behind it come first */
	bool bau_access_taken;	  /**< the BAU has taken it and owes the answer */
	struct memory_port memory;
	struct tlp_feeder bau_feed;
	struct tlp_collector bau_collect;
	struct link_inbox inbox;    /**< from the NIC */
	struct link_inbox requests; /**< of devices, waiting for the BAU */
	struct ordering ordering;   /**< of completions behind them */
	bool feeds_posted;	    /**< what the BAU is being fed is a posted request */
	uint32_t credits;	    /**< for requests to the NIC */
	uint64_t next_timer_cycle;
	uint64_t lines[HOST_MAX_HARTS]; /**< interrupt lines as last given to each hart */
	bool lines_dirty;
	uint64_t event_value[HOST_MAX_HARTS]; /**< what each hart stored at EVENT_PORT_VALUE */
	uint8_t typed[HOST_TYPED_BYTES]; /**< characters on their way to the UART, a ring */
	uint32_t typed_head, typed_count;
	uint64_t typed_cycle; /**< when the next one arrives */
	uint32_t pcie_waiting; /**< bit per hart: pcie_access waits */
	bool mailbox_armed[PARTITIONS_MAX]; /**< a request was written and is not yet taken */
	bool finished;
	uint64_t asleep_since[HOST_MAX_HARTS]; /**< first cycle that a sleeping hart has not been charged with; 0 if awake */
};

/** A host outside of the simulation, in the place of the bridge and the BAU: whatever comes up the link goes to it. */
struct host_outside {
	void (*upstream)(void *ctx, const struct tlp *tlp, uint64_t cycle);
	void *ctx;
};

struct host {
	struct host_state state;
	struct host_config config;
	struct host_ops ops;
	uint8_t *ram;
	uint8_t *rom;
	struct hart_domain *domain;
	struct hart_core *core[HOST_MAX_HARTS];
	struct front_end front[HOST_MAX_HARTS]; /**< with config.clb; whoever owns the CLBs' backends steps them as the BAU's */
	struct host_outside outside;
};

/** @return a host in its reset state, or NULL if memory is short or the configuration is out of range. */
struct host *host_create(const struct host_config *config, const struct host_ops *ops);
void host_destroy(struct host *host);

/** Chooses where an initial file system of @p bytes lies, for the device tree of host_set_boot().
 * @return its physical address, or 0 if it does not fit into RAM's lower half. */
uint64_t host_place_initrd(struct host *host, uint64_t bytes);

/** Writes the reset vector to ROM and the device tree to RAM: every hart starts @p entry in M-mode with its id in a0, the tree in a1 and
 * OpenSBI's fw_dynamic information (next stage @p next_entry in S-mode) in a2. With two partitions the tree has OpenSBI domains; each
 * partition's next stage starts as far into its memory as @p next_entry is into RAM. @return 0, or -1 if a tree does not fit. */
int host_set_boot(struct host *host, uint64_t entry, uint64_t next_entry);

void host_cycle(struct host *host);
void host_commit(struct host *host);

/** @return whether nothing will happen before host_next_event() unless a message arrives: harts asleep or, in fast mode, between two of
 * their quanta, no transaction under way. */
bool host_is_quiet(const struct host *host);

/** @return the first cycle at which a quiet host does something by itself or for a message already in its inbox; UINT64_MAX for never. */
uint64_t host_next_event(const struct host *host);

/** Jumps a quiet host to @p cycle, at most host_next_event(). Identical to stepping there. */
void host_skip_to(struct host *host, uint64_t cycle);

/** Charges sleeping harts with the cycles that have passed; call before reading hart state. */
void host_settle(struct host *host);

/** A message arrives over the link at @p cycle, not before the present one. */
void host_receive(struct host *host, const struct tlp *tlp, uint64_t cycle);

/** Bytes of RAM at physical address @p pa. @return NULL if the range is not all RAM. */
void *host_ram(struct host *host, uint64_t pa, uint64_t bytes);

/** Copies to RAM as a debugger or loader would: converted code is dropped. @return 0, or -1 if the range is not all RAM. */
int host_write_ram(struct host *host, uint64_t pa, const void *bytes, uint64_t size);

/** Somebody types at the UART: the characters arrive one by one, HOST_TYPING_CYCLES apart.
 * @return 0, or -1 if more than HOST_TYPED_BYTES would be on their way; none of them is then taken. */
int host_type(struct host *host, const char *text, size_t bytes);

/** The console has written a request into a partition's mailbox: the doorbell rings until it is taken. */
void host_ring_mailbox(struct host *host, unsigned partition);

/** From now on @p outside hears whatever the NIC sends; the harts must not use PCIe then. */
void host_set_outside(struct host *host, const struct host_outside *outside);

/** A request of the host outside. @return false if there is no room for it now. */
bool host_send_request(struct host *host, const struct tlp *tlp);

/** A completion of the host outside, in the present cycle; it needs no credit (link.h). */
void host_send_completion(struct host *host, const struct tlp *tlp);

/** Address of a partition's mailbox; 0 if there is none. */
uint64_t host_mailbox_base(const struct host *host, unsigned partition);

#endif
