/* PCIe host bridge: turns loads and stores of harts in the ECAM and memory windows into request packets, and completions into answers.
 *
 * Each hart has at most one non-posted request under way; its tag is the hart's index. Memory writes are posted. Configuration
 * space of bus 0 device 0 is the bridge's own (read-only identity); buses other than 0 are empty; everything else goes over the link.
 * PCI Express Base 4.0, 7.2.2 (ECAM), 2.3.2 (completion handling): a read without success reads as all ones.
 */
#ifndef ASSAY_MODELS_BOARD_PCIE_HOST_H
#define ASSAY_MODELS_BOARD_PCIE_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "models/board/tlp.h"

enum { PCIE_HOST_HARTS = 8, PCIE_HOST_QUEUE = 16, PCIE_HOST_REQUESTER = 0x0000 };

struct pcie_host_request {
	bool busy;
	bool is_store; /**< a configuration write: nothing to answer but that it is done */
	uint8_t size;
	uint8_t shift; /**< byte of the first returned DW where the value begins */
};

struct pcie_host {
	struct pcie_host_request request[PCIE_HOST_HARTS];
	struct tlp queue[PCIE_HOST_QUEUE]; /**< packets for the link, oldest at head */
	uint32_t head, count;
	uint64_t unsuccessful; /**< completions with a status other than SC */
	uint64_t unexpected;   /**< completions that nobody waits for */
};

/** What became of an access. */
enum pcie_host_result { PCIE_HOST_DONE, PCIE_HOST_PENDING, PCIE_HOST_BUSY };

void pcie_host_reset(struct pcie_host *host);

/** Configuration access at ECAM offset @p offset. PENDING: the answer comes by pcie_host_complete(). BUSY: no room, try again next cycle. */
enum pcie_host_result pcie_host_config(struct pcie_host *host, unsigned hart, uint64_t offset, unsigned size, bool is_store, uint64_t *value);

/** Memory access at bus address @p address (naturally aligned, 1 to 8 bytes). A store is DONE once queued. */
enum pcie_host_result pcie_host_memory(struct pcie_host *host, unsigned hart, uint64_t address, unsigned size, bool is_store, uint64_t *value);

/** Takes a completion. @return true and the hart and value that it answers, or false if it was unexpected (counted). */
bool pcie_host_complete(struct pcie_host *host, const struct tlp *tlp, unsigned *hart, uint64_t *value);

/** A request that no hart made. @return false if there is no room for it now. */
bool pcie_host_send(struct pcie_host *host, const struct tlp *tlp);

/** @return the oldest packet for the link, or NULL; pcie_host_pop() removes it. */
const struct tlp *pcie_host_front(const struct pcie_host *host);
void pcie_host_pop(struct pcie_host *host);

#endif
