#include "models/board/pcie_host.h"

#include <string.h>

enum {
	BRIDGE_ID = 0x00081b36,	   /* QEMU's generic host bridge, so that stock software finds what it knows */
	BRIDGE_CLASS = 0x06000000, /* host bridge, revision 0 */
};

void pcie_host_reset(struct pcie_host *host)
{
	*host = (struct pcie_host){0};
}

static uint64_t size_mask(unsigned size)
{
	return size == 8 ? UINT64_MAX : (1ull << size * 8) - 1;
}

static struct tlp *push(struct pcie_host *host)
{
	return &host->queue[(host->head + host->count++) % PCIE_HOST_QUEUE];
}

static uint64_t bridge_register(uint64_t offset, unsigned size)
{
	uint32_t word = (offset & ~3ull) == 0 ? BRIDGE_ID : (offset & ~3ull) == 8 ? BRIDGE_CLASS : 0;
	return (word >> (offset & 3) * 8) & size_mask(size);
}

static void begin(struct pcie_host *host, unsigned hart, bool is_store, unsigned size, uint64_t address)
{
	host->request[hart] = (struct pcie_host_request){
		.busy = true,
		.is_store = is_store,
		.size = (uint8_t)size,
		.shift = (uint8_t)(address & 3),
	};
}

enum pcie_host_result pcie_host_config(struct pcie_host *host, unsigned hart, uint64_t offset, unsigned size, bool is_store, uint64_t *value)
{
	unsigned bdf = (unsigned)(offset >> 12) & 0xffff;
	uint64_t reg = offset & 0xfff;

	if (bdf < 8 || bdf > 0xff || size == 8) {
		if (!is_store)
			*value = bdf == 0 && size < 8 ? bridge_register(reg, size) : size_mask(size);
		return PCIE_HOST_DONE;
	}
	if (host->count == PCIE_HOST_QUEUE || host->request[hart].busy)
		return PCIE_HOST_BUSY;
	struct tlp *tlp = push(host);
	unsigned enables = ((1u << size) - 1) << (reg & 3);
	tlp_make_config(tlp, is_store ? TLP_CFGWR0 : TLP_CFGRD0, PCIE_HOST_REQUESTER, hart, bdf, (unsigned)reg, enables);
	if (is_store)
		tlp->beat[2] = (uint32_t)(*value << (reg & 3) * 8);
	begin(host, hart, is_store, size, reg);
	return PCIE_HOST_PENDING;
}

enum pcie_host_result pcie_host_memory(struct pcie_host *host, unsigned hart, uint64_t address, unsigned size, bool is_store, uint64_t *value)
{
	if (host->count == PCIE_HOST_QUEUE || host->request[hart].busy)
		return PCIE_HOST_BUSY;
	struct tlp *tlp = push(host);
	tlp_make_memory(tlp, is_store ? TLP_MWR : TLP_MRD, PCIE_HOST_REQUESTER, hart, address, size);
	if (is_store) {
		tlp->beat[2] = (*value & size_mask(size)) << (address & 3) * 8;
		return PCIE_HOST_DONE;
	}
	begin(host, hart, false, size, address);
	return PCIE_HOST_PENDING;
}

bool pcie_host_complete(struct pcie_host *host, const struct tlp *tlp, unsigned *hart, uint64_t *value)
{
	unsigned tag = tlp_tag(tlp);

	if (tlp_requester(tlp) != PCIE_HOST_REQUESTER || tag >= PCIE_HOST_HARTS || !host->request[tag].busy) {
		host->unexpected++;
		return false;
	}
	struct pcie_host_request *request = &host->request[tag];
	bool success = tlp_status(tlp) == TLP_SC && (request->is_store || tlp_has_data(tlp)) && !tlp_is_poisoned(tlp);
	if (!success)
		host->unsuccessful++;
	uint64_t data = success && !request->is_store ? tlp->beat[TLP_HEADER_BEATS] >> request->shift * 8 : UINT64_MAX;
	*hart = tag;
	*value = data & size_mask(request->size);
	request->busy = false;
	return true;
}

const struct tlp *pcie_host_front(const struct pcie_host *host)
{
	return host->count ? &host->queue[host->head] : NULL;
}

void pcie_host_pop(struct pcie_host *host)
{
	host->head = (host->head + 1) % PCIE_HOST_QUEUE;
	host->count--;
}

bool pcie_host_send(struct pcie_host *host, const struct tlp *tlp)
{
	if (host->count == PCIE_HOST_QUEUE)
		return false;
	*push(host) = *tlp;
	return true;
}
