/* NVMe 1.4: controller registers, queue entries and the commands that the PF driver and the guests' driver use. Little-endian. */
#ifndef HYPERVISOR_LIB_NVME_WIRE_H
#define HYPERVISOR_LIB_NVME_WIRE_H

#include <stdint.h>

#define NVME_CAP 0x00u
#define NVME_CC 0x14u
#define NVME_CSTS 0x1cu
#define NVME_AQA 0x24u
#define NVME_ASQ 0x28u
#define NVME_ACQ 0x30u
#define NVME_DOORBELLS 0x1000u

#define NVME_CC_ENABLE 0x1u
#define NVME_CC_QUEUE_SIZES (6u << 16 | 4u << 20) /* 64-byte SQEs, 16-byte CQEs */
#define NVME_CC_SHUTDOWN (1u << 14)
#define NVME_CSTS_READY 0x1u
#define NVME_CSTS_FATAL 0x2u

enum nvme_admin_opcode {
    NVME_ADMIN_CREATE_SQ = 0x01,
    NVME_ADMIN_GET_LOG_PAGE = 0x02,
    NVME_ADMIN_CREATE_CQ = 0x05,
    NVME_ADMIN_IDENTIFY = 0x06,
    NVME_ADMIN_SET_FEATURES = 0x09,
    NVME_ADMIN_ASYNC_EVENT = 0x0c,
    NVME_ADMIN_FIRMWARE_COMMIT = 0x10,
    NVME_ADMIN_FIRMWARE_DOWNLOAD = 0x11,
    NVME_ADMIN_VOLUME_ATTACH = 0xc0, /* vendor: CDW10 = function, CDW11 = volume id */
    NVME_ADMIN_VOLUME_LIST = 0xc4,   /* vendor: 4 KiB of text */
    NVME_ADMIN_FUNCTION_LIMIT = 0xd0 /* vendor: CDW10 = function, CDW11 = commands, CDW12 = KiB a second */
};

enum nvme_io_opcode {
    NVME_FLUSH = 0x00,
    NVME_WRITE = 0x01,
    NVME_READ = 0x02,
    NVME_COMPARE = 0x05,
    NVME_WRITE_ZEROES = 0x08,
    NVME_DATASET = 0x09
};

#define NVME_DATASET_DEALLOCATE 4u /* in CDW11 */

#define NVME_FEATURE_QUEUES 0x07u /* Number of Queues */
#define NVME_FEATURE_EVENTS 0x0bu /* Asynchronous Event Configuration */
#define NVME_EVENTS_OF_NAMESPACES (1u << 8)
#define NVME_EVENT_NAMESPACES 0x040002u /* DW0 of the event: type notice, information, log page */
#define NVME_LOG_CHANGED_NAMESPACES 4u
#define NVME_QUEUE_CONTIGUOUS 1u /* in CDW11 of Create I/O Queue */
#define NVME_ALL_NAMESPACES 0xffffffffu
#define NVME_IDENTIFY_NAMESPACE 0u
#define NVME_IDENTIFY_CONTROLLER 1u
#define NVME_IDENTIFY_ACTIVE 2u

struct nvme_sqe {
    uint8_t opcode;
    uint8_t flags;
    uint16_t cid;
    uint32_t nsid;
    uint64_t reserved;
    uint64_t metadata;
    uint64_t prp1;
    uint64_t prp2;
    uint32_t cdw10, cdw11, cdw12, cdw13, cdw14, cdw15;
};

struct nvme_dsm_range {
    uint32_t attributes;
    uint32_t blocks;
    uint64_t lba;
};

struct nvme_cqe {
    uint32_t dw0;
    uint32_t reserved;
    uint16_t sq_head;
    uint16_t sq_id;
    uint16_t cid;
    uint16_t status; /* bit 0: phase tag; above: NVMe status field */
};

_Static_assert(sizeof(struct nvme_sqe) == 64, "NVMe submission queue entry");
_Static_assert(sizeof(struct nvme_cqe) == 16, "NVMe completion queue entry");
_Static_assert(sizeof(struct nvme_dsm_range) == 16, "NVMe range of Dataset Management");

/** Status field without phase tag, "more" and "do not retry": SCT << 8 | SC. */
static inline uint16_t nvme_status(uint16_t status) {
    return (uint16_t)((status >> 1) & 0x7ffu);
}

#endif
