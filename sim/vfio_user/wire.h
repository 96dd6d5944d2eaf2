/* Messages of the vfio-user protocol, version 0.1 ("vfio-user Protocol Specification" of libvfio-user and QEMU, docs/interop/vfio-user.rst).
 *
 * Every message is a header and a payload, in the byte order of the machine; file descriptors travel beside it (SCM_RIGHTS). Payloads that
 * Linux' VFIO has too (region and interrupt information) are those of <linux/vfio.h>.
 */
#ifndef ASSAY_SIM_VFIO_USER_WIRE_H
#define ASSAY_SIM_VFIO_USER_WIRE_H

#include <stdint.h>

enum { VFIO_USER_MAJOR = 0, VFIO_USER_MINOR = 1 };

enum vfio_user_command {
	VFIO_USER_VERSION = 1,
	VFIO_USER_DMA_MAP = 2,
	VFIO_USER_DMA_UNMAP = 3,
	VFIO_USER_DEVICE_GET_INFO = 4,
	VFIO_USER_DEVICE_GET_REGION_INFO = 5,
	VFIO_USER_DEVICE_GET_REGION_IO_FDS = 6,
	VFIO_USER_DEVICE_GET_IRQ_INFO = 7,
	VFIO_USER_DEVICE_SET_IRQS = 8,
	VFIO_USER_REGION_READ = 9,
	VFIO_USER_REGION_WRITE = 10,
	VFIO_USER_DMA_READ = 11,
	VFIO_USER_DMA_WRITE = 12,
	VFIO_USER_DEVICE_RESET = 13,
};

enum {
	VFIO_USER_TYPE_MASK = 0xf,
	VFIO_USER_TYPE_COMMAND = 0,
	VFIO_USER_TYPE_REPLY = 1,
	VFIO_USER_NO_REPLY = 1 << 4,
	VFIO_USER_ERROR = 1 << 5,
};

struct vfio_user_header {
	uint16_t id;
	uint16_t command;
	uint32_t size; /**< of header and payload */
	uint32_t flags;
	uint32_t error; /**< an errno value, with VFIO_USER_ERROR */
};

/** Then a JSON text with capabilities, ended by NUL; it may be absent. */
struct vfio_user_version {
	uint16_t major, minor;
};

struct vfio_user_dma_map {
	uint32_t argsz;
	uint32_t flags; /**< bit 0: the device may read, bit 1: may write */
	uint64_t offset; /**< in the file that comes with it, if one does */
	uint64_t address, size;
};

struct vfio_user_dma_unmap {
	uint32_t argsz, flags;
	uint64_t address, size;
};

struct vfio_user_device_info {
	uint32_t argsz, flags, regions, irqs;
};

/** Then the data: of a write in the command, of a read in the reply. */
struct vfio_user_region_access {
	uint64_t offset;
	uint32_t region, count;
};

/** As above; the server is who asks. */
struct vfio_user_dma_access {
	uint64_t address, count;
};

#endif
