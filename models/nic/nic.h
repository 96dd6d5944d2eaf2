/* The NIC domain without its SEE: NIC processor, memory, timer, interrupt controller, UART, configuration flash, Ethernet port, link end.
 *
 * Stepped as the host is (models/board/host.h): nic_cycle() reads the inputs and outputs of its two blocks (SEE, flow classifier) of this cycle and prepares their next inputs;
 * the owner of the SEE's backend steps it; nic_commit() goes on to the next cycle.
 */
#ifndef ASSAY_MODELS_NIC_NIC_H
#define ASSAY_MODELS_NIC_NIC_H

#include <stdbool.h>
#include <stdint.h>

#include "models/board/clint.h"
#include "models/board/front_end.h"
#include "models/board/link.h"
#include "models/board/memory_port.h"
#include "models/board/plic.h"
#include "models/board/tlp_stream.h"
#include "models/board/uart16550.h"
#include "models/hart/hart.h"
#include "models/nic/exchange.h"
#include "models/nic/netdev.h"
#include "models/nic/port.h"
#include "models/nic/system.h"
#include "see_ports.h"

enum { NIC_MEMORY_LATENCY_CYCLES = 8, NIC_FAST_QUANTUM_CYCLES = 50, NIC_CONFIG_BYTES = 0x10000 };

struct nic_ops {
	void *ctx;
	struct link_sender link;
	/** A frame leaves the port; its last bit is on the line at @p cycle. */
	void (*frame)(void *ctx, const uint8_t *frame, size_t length, uint64_t cycle);
	void (*console)(void *ctx, uint8_t byte, uint64_t cycle); /**< may be NULL */
	/** The firmware wrote the test finisher: it stops with @p code. May be NULL. */
	void (*finish)(void *ctx, unsigned code, uint64_t cycle);
	/** The processor is reset for @p cause (SYS_CAUSE_*); it stood at @p pc. May be NULL. */
	void (*restart)(void *ctx, uint64_t cause, uint64_t pc, uint64_t cycle);
};

/** Who uses the registers of the flow classifier and the placement unit. */
enum flow_user { FLOW_NOBODY, FLOW_PROCESSOR, FLOW_DRIVER };

/** What is done to the firmware on purpose: a jump to where nothing is, or into an endless loop. */
enum nic_fault { NIC_FAULT_NONE, NIC_FAULT_CRASH, NIC_FAULT_HANG };

struct nic_state {
	uint64_t cycle;
	struct clint clint;
	struct plic plic;
	struct uart16550 uart;
	struct port port;
	struct system system;
	struct exchange exchange;
	struct netdev_state net;
	bool net_turn;         /**< the functions' packets go before the SEE's next */
	uint64_t link_free;    /**< cycle from which the link takes a packet again after one of the functions' */
	struct see_in see_in, see_next;
	struct see_out see_out;
	struct port_in flow_in, flow_next;
	struct port_out flow_out;
	bool flow_active;
	bool see_active;    /**< the SEE or something at its ports moved in the cycle before */
	bool access_waiting; /**< the processor waits for a register of a block */
	bool access_taken;
	bool access_store;
	uint8_t flow_user; /**< of the classifier's registers now */
	bool flow_taken;
	bool access_flow; /**< of the flow classifier, else of the SEE */
	uint32_t access_offset;
	uint64_t access_data;
	struct memory_port memory;
	struct tlp_feeder feed;
	struct tlp_collector collect;
	struct link_inbox inbox;    /**< from the host */
	struct link_inbox waiting;  /**< arrived, waiting for the SEE */
	uint32_t credits;	    /**< for packets to the host */
	uint64_t next_timer_cycle;
	uint64_t lines;
	bool lines_dirty;
	bool finished;
	uint8_t fault; /**< enum nic_fault: to be done as soon as no access is under way */
	uint64_t asleep_since; /**< first cycle that the sleeping processor has not been charged with; 0 if awake */
};

struct nic {
	struct nic_state state;
	struct nic_ops ops;
	bool fast; /**< the processor runs in quanta of NIC_FAST_QUANTUM_CYCLES */
	bool clb;  /**< in timed mode the processor takes its native ops from a CLB */
	uint8_t *memory;
	uint8_t *flash;	    /**< configuration text */
	uint8_t *slot_flash; /**< SYS_FLASH_BYTES */
	uint8_t *rom;	    /**< NIC_ROM_BYTES */
	struct hart_domain *domain;
	struct hart_core *core;
	struct front_end front; /**< with clb */
};

/** @return a NIC in its reset state, boot ROM and slot flash empty (all ones), whose processor starts in the ROM; NULL if memory is short. */
struct nic *nic_create(const struct nic_ops *ops, bool fast, bool clb);
void nic_destroy(struct nic *nic);

/** Sets the text of the configuration flash. @return 0, or -1 if it is too long. */
int nic_set_config(struct nic *nic, const char *text);

/** Breaks the firmware at the present cycle, or as soon as its access to a register is over and, for a hang, it is awake. */
void nic_break_firmware(struct nic *nic, enum nic_fault fault);

/** Bytes of NIC memory at @p address. @return NULL if the range is not all memory. */
void *nic_memory(struct nic *nic, uint64_t address, uint64_t bytes);

void nic_cycle(struct nic *nic);
void nic_commit(struct nic *nic);

/** As host_is_quiet() and its companions. */
bool nic_is_quiet(const struct nic *nic);
uint64_t nic_next_event(const struct nic *nic);
void nic_skip_to(struct nic *nic, uint64_t cycle);
void nic_settle(struct nic *nic);

/** A message of the PCIe link arrives at @p cycle, not before the present one. */
void nic_receive(struct nic *nic, const struct tlp *tlp, uint64_t cycle);

/** The port's link partner is there from the present cycle on, or gone. */
void nic_set_link(struct nic *nic, bool up);

/** A frame's last bit arrives at the port now, at the present cycle. */
void nic_receive_frame(struct nic *nic, const uint8_t *frame, size_t length);

#endif
