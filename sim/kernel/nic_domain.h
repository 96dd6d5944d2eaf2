/* The NIC domain: models/nic's NIC with its SEE backend, as the platform runs it. */
#ifndef ASSAY_SIM_KERNEL_NIC_DOMAIN_H
#define ASSAY_SIM_KERNEL_NIC_DOMAIN_H

#include "models/nic/nic.h"
#include "sim/kernel/block.h"
#include "sim/kernel/firmware_probe.h"
#include "sim/kernel/frame_queue.h"
#include "sim/trace/event_log.h"

/** What happens to every n-th completion with data that the host sends to the NIC. */
enum pcie_fault { PCIE_FAULT_NONE, PCIE_FAULT_POISON, PCIE_FAULT_DROP };

struct nic_domain {
	struct nic *nic;
	enum pcie_fault fault;
	uint32_t fault_every, fault_count;
	bool fault_spares_storage, fault_spares_network; /**< completions for the SEE's functions, for the network functions */
	struct block see;
	struct block port; /**< the flow classifier */
	struct block clb; /**< with nic->clb */
	struct frame_queue *arriving;
	struct event_log *log;
	struct firmware_probe probe; /**< watches only when it is on */
	bool skip_idle;
	void (*mismatch)(void *ctx, const struct block *block, uint64_t cycle);
	void *mismatch_ctx;
};

void nic_domain_run(void *ctx, uint64_t until);
uint64_t nic_domain_next(void *ctx);
void nic_domain_receive(void *ctx, const struct tlp *tlp, uint64_t cycle);
void nic_domain_receive_frame(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

#endif
