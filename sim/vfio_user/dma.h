/* Memory that the client lets the device reach, by I/O virtual address. */
#ifndef ASSAY_SIM_VFIO_USER_DMA_H
#define ASSAY_SIM_VFIO_USER_DMA_H

#include <stdbool.h>

#include "sim/vfio_user/connection.h"

enum { DMA_REGIONS = 1024, DMA_PAGE = 4096, DMA_DEFERRED = 64 };

struct dma_region {
	uint64_t address, size;
	bool readable, writable;
	void *map; /**< NULL: only by messages */
};

struct dma {
	struct connection *connection;
	struct dma_region region[DMA_REGIONS]; /**< in order of addresses */
	unsigned regions;
	int self; /**< this process' memory as a file: a client that shortens its file gives an error, not a signal */
	struct message *deferred[DMA_DEFERRED]; /**< commands that came while an answer was waited for, oldest first */
	unsigned deferred_count;
	uint64_t refused; /**< accesses outside of what is mapped, or against its protection */
};

/** @return 0 or an errno value. */
int dma_open(struct dma *dma, struct connection *connection);

/** Forgets all regions and deferred commands. */
void dma_clear(struct dma *dma);
void dma_close(struct dma *dma);

/** DMA_MAP with file @p fd, or -1 for none. @return 0 or an errno value. */
int dma_map(struct dma *dma, const struct vfio_user_dma_map *map, int fd);

/** DMA_UNMAP; its range must be one that was mapped. @return 0 or an errno value. */
int dma_unmap(struct dma *dma, uint64_t address, uint64_t size);

/** The device reads or writes. @return false if some of it is not there for that; reads then give ones there. */
bool dma_read(struct dma *dma, uint64_t address, void *bytes, size_t count);
bool dma_write(struct dma *dma, uint64_t address, const void *bytes, size_t count);

/** The oldest deferred command, to be freed by the caller; NULL for none. */
struct message *dma_next_deferred(struct dma *dma);

#endif
