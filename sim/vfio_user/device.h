/* The NIC's physical function as a VFIO device: what the client sees of its configuration space, its BAR and its interrupts.
 *
 * As in the kernel's vfio-pci, BARs and the MSI-X control belong to the client's view: the device's own are set once, and interrupts are
 * programmed by SET_IRQS. The doorbells (BAR 0, 0x1000 to 0x1fff) can be mapped: a word that the client stores is taken from there and
 * sent to the device as a write; the word then reads as all ones until the next one.
 */
#ifndef ASSAY_SIM_VFIO_USER_DEVICE_H
#define ASSAY_SIM_VFIO_USER_DEVICE_H

#include "see_regs.h"
#include "sim/vfio_user/root_port.h"

enum {
	DEVICE_BAR_BYTES = 0x4000,
	DEVICE_CONFIG_BYTES = 4096,
	DEVICE_DOORBELLS = 0x1000,
	DEVICE_DOORBELL_BYTES = 0x1000,
	DEVICE_TABLE_BYTES = SEE_NUM_VECTORS * 16,
};

struct device {
	struct root_port port;
	unsigned bdf;
	uint32_t command; /**< the client's view of the command register */
	uint32_t bar[2];
	uint16_t msix_control;
	uint8_t table[DEVICE_TABLE_BYTES]; /**< the client's view of the MSI-X table; the device's is ours */
	int doorbell_file;
	uint32_t *doorbells; /**< the client's mapping and ours of the same page */
	int vector_fd[SEE_NUM_VECTORS]; /**< -1: none */
	int wire_fd;
	bool wire_level, wire_masked;
	uint64_t interrupts;
};

/** Takes over function @p bdf of the board's NIC, whose firmware runs, and sets it up. @return 0 or an errno value. */
int device_open(struct device *device, struct board *board, struct dma *dma, unsigned bdf);
void device_close(struct device *device);

/** Function-level reset; interrupts are forgotten with @p forget_interrupts. */
void device_reset(struct device *device, bool forget_interrupts);

/** Accesses of a region (VFIO_PCI_*_REGION_INDEX) that is large enough for them. */
void device_read(struct device *device, unsigned region, uint64_t offset, uint8_t *bytes, unsigned count);
void device_write(struct device *device, unsigned region, uint64_t offset, const uint8_t *bytes, unsigned count);

/** @return the size of a region, 0 if there is none. */
uint64_t device_region_bytes(unsigned region);

/** @return how many interrupts an index (VFIO_PCI_*_IRQ_INDEX) has. */
unsigned device_irq_count(unsigned index);

/** Gives or (-1) takes away the eventfd of an interrupt; the device owns it from then on. */
void device_set_eventfd(struct device *device, unsigned index, unsigned number, int fd);

/** Makes the device's MSI-X table and control say what eventfds there are. */
void device_program_vectors(struct device *device);

void device_trigger(struct device *device, unsigned index, unsigned number);
void device_mask(struct device *device, unsigned index, unsigned number, bool masked);

/** Sends on the doorbells that the client has rung in its mapping. @return whether there were any. */
bool device_poll_doorbells(struct device *device);

#endif
