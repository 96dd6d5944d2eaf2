/* NVM Express 1.4: entries, opcodes, status codes and identifiers that the firmware uses, on both of its sides.
 * Little-endian, as the processor is; sections are those of NVM Express Base Specification 1.4. */
#ifndef ASSAY_FIRMWARE_NVME_NVME_WIRE_H
#define ASSAY_FIRMWARE_NVME_NVME_WIRE_H

#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "wire structures are used in place");

#define NVME_AMS_WEIGHTED 1u /* CC.AMS: weighted round robin with urgent priority class */
#define NVME_PAGE_BYTES 4096u
#define NVME_NSID_ALL 0xffffffffu

/* Submission queue entry, section 4.2. */
struct nvme_sqe {
	uint8_t opcode;
	uint8_t flags; /* FUSE 1:0, PSDT 7:6 */
	uint16_t cid;
	uint32_t nsid;
	uint32_t dw2;
	uint32_t dw3;
	uint64_t mptr;
	uint64_t dptr[2];
	uint32_t dw10;
	uint32_t dw11;
	uint32_t dw12;
	uint32_t dw13;
	uint32_t dw14;
	uint32_t dw15;
};
_Static_assert(sizeof(struct nvme_sqe) == 64, "SQE");

/* Completion queue entry, section 4.6. */
struct nvme_cqe {
	uint32_t dw0;
	uint32_t dw1;
	uint16_t sq_head;
	uint16_t sq_id;
	uint16_t cid;
	uint16_t status; /* phase 0:0, status field 15:1 */
};
_Static_assert(sizeof(struct nvme_cqe) == 16, "CQE");

#define NVME_PSDT_SGL 0x40u

enum nvme_admin_opcode {
	NVME_ADMIN_DELETE_SQ = 0x00,
	NVME_ADMIN_CREATE_SQ = 0x01,
	NVME_ADMIN_GET_LOG_PAGE = 0x02,
	NVME_ADMIN_DELETE_CQ = 0x04,
	NVME_ADMIN_CREATE_CQ = 0x05,
	NVME_ADMIN_IDENTIFY = 0x06,
	NVME_ADMIN_ABORT = 0x08,
	NVME_ADMIN_SET_FEATURES = 0x09,
	NVME_ADMIN_GET_FEATURES = 0x0a,
	NVME_ADMIN_ASYNC_EVENT = 0x0c,
	NVME_ADMIN_FIRMWARE_COMMIT = 0x10,
	NVME_ADMIN_FIRMWARE_DOWNLOAD = 0x11,
	NVME_ADMIN_KEEP_ALIVE = 0x18,
	NVME_ADMIN_FABRICS = 0x7f,
	NVME_ADMIN_ATTACH_VOLUME = 0xc0, /* ours: function in DW10, volume in DW11 (all ones: detach) */
	NVME_ADMIN_LIST_VOLUMES = 0xc4,  /* ours: 4 KiB, see nvme/vendor.h */
	NVME_ADMIN_LIMIT_FUNCTION = 0xd0, /* ours: function in DW10, commands a second in DW11, KiB a second in DW12, 0: none */
};

enum nvme_io_opcode {
	NVME_IO_FLUSH = 0x00,
	NVME_IO_WRITE = 0x01,
	NVME_IO_READ = 0x02,
	NVME_IO_COMPARE = 0x05,
	NVME_IO_WRITE_ZEROES = 0x08,
	NVME_IO_DATASET_MANAGEMENT = 0x09,
};

/* Status fields as the SEE takes them: SC 7:0, SCT 10:8, M 13, DNR 14 (section 4.6.1). */
#define NVME_STATUS_DNR 0x4000u
#define NVME_STATUS_MASK 0x07ffu
enum nvme_status {
	NVME_SUCCESS = 0x000,
	NVME_INVALID_OPCODE = 0x001,
	NVME_INVALID_FIELD = 0x002,
	NVME_DATA_TRANSFER_ERROR = 0x004,
	NVME_INTERNAL_ERROR = 0x006,
	NVME_ABORTED_BY_REQUEST = 0x007,
	NVME_ABORTED_SQ_DELETION = 0x008,
	NVME_INVALID_NAMESPACE = 0x00b,
	NVME_COMMAND_SEQUENCE_ERROR = 0x00c,
	NVME_INVALID_PRP_OFFSET = 0x013,
	NVME_TRANSIENT_TRANSPORT_ERROR = 0x022,
	NVME_LBA_OUT_OF_RANGE = 0x080,
	NVME_NAMESPACE_NOT_READY = 0x082,
	NVME_INVALID_CQ = 0x100,
	NVME_INVALID_QUEUE_ID = 0x101,
	NVME_INVALID_QUEUE_SIZE = 0x102,
	NVME_ABORT_LIMIT_EXCEEDED = 0x103,
	NVME_AER_LIMIT_EXCEEDED = 0x105,
	NVME_INVALID_FIRMWARE_SLOT = 0x106,
	NVME_INVALID_FIRMWARE_IMAGE = 0x107,
	NVME_INVALID_VECTOR = 0x108,
	NVME_INVALID_LOG_PAGE = 0x109,
	NVME_INVALID_QUEUE_DELETION = 0x10c,
	NVME_FEATURE_NOT_SAVEABLE = 0x10d,
	NVME_FEATURE_NOT_CHANGEABLE = 0x10e,
	NVME_FIRMWARE_NEEDS_CONTROLLER_RESET = 0x111,
	NVME_FIRMWARE_PROHIBITED = 0x113,
	NVME_OVERLAPPING_RANGE = 0x114,
	NVME_CONNECT_INVALID_PARAMETERS = 0x182,
	NVME_COMPARE_FAILURE = 0x285,
	NVME_INTERNAL_PATH_ERROR = 0x300,
	NVME_ANA_PERSISTENT_LOSS = 0x301,
	NVME_ANA_INACCESSIBLE = 0x302,
	NVME_ANA_TRANSITION = 0x303,
};

enum nvme_cns {
	NVME_CNS_NAMESPACE = 0x00,
	NVME_CNS_CONTROLLER = 0x01,
	NVME_CNS_ACTIVE_LIST = 0x02,
	NVME_CNS_DESCRIPTORS = 0x03,
	NVME_CNS_ALLOCATED_LIST = 0x10,
	NVME_CNS_ALLOCATED_NAMESPACE = 0x11,
	NVME_CNS_NAMESPACE_CONTROLLERS = 0x12,
	NVME_CNS_CONTROLLERS = 0x13,
};

/* Of a Namespace Identification Descriptor, section 5.15.2.4. */
enum nvme_descriptor {
	NVME_DESCRIPTOR_EUI64 = 1,
	NVME_DESCRIPTOR_NGUID = 2,
	NVME_DESCRIPTOR_UUID = 3,
	NVME_DESCRIPTOR_COMMAND_SET = 4, /* NVMe 2.0 */
};

enum nvme_feature {
	NVME_FEATURE_ARBITRATION = 0x01,
	NVME_FEATURE_POWER = 0x02,
	NVME_FEATURE_TEMPERATURE = 0x04,
	NVME_FEATURE_ERROR_RECOVERY = 0x05,
	NVME_FEATURE_WRITE_CACHE = 0x06,
	NVME_FEATURE_QUEUES = 0x07,
	NVME_FEATURE_COALESCING = 0x08,
	NVME_FEATURE_VECTOR = 0x09,
	NVME_FEATURE_ATOMICITY = 0x0a,
	NVME_FEATURE_ASYNC_EVENTS = 0x0b,
};

enum nvme_log_page {
	NVME_LOG_ERROR = 0x01,
	NVME_LOG_SMART = 0x02,
	NVME_LOG_FIRMWARE = 0x03,
	NVME_LOG_CHANGED_NAMESPACES = 0x04,
	NVME_LOG_EFFECTS = 0x05,
	NVME_LOG_ANA = 0x0c,
	NVME_LOG_DISCOVERY = 0x70,
};

/* Offsets in the Identify Controller data, section 5.15.2.2 (figure 247). */
enum nvme_identify_controller {
	NVME_IDCTRL_VID = 0,
	NVME_IDCTRL_SSVID = 2,
	NVME_IDCTRL_SN = 4,
	NVME_IDCTRL_MN = 24,
	NVME_IDCTRL_FR = 64,
	NVME_IDCTRL_IEEE = 73,
	NVME_IDCTRL_CMIC = 76,
	NVME_IDCTRL_MDTS = 77,
	NVME_IDCTRL_CNTLID = 78,
	NVME_IDCTRL_VER = 80,
	NVME_IDCTRL_OAES = 92,
	NVME_IDCTRL_CNTRLTYPE = 111,
	NVME_IDCTRL_OACS = 256,
	NVME_IDCTRL_ACL = 258,
	NVME_IDCTRL_AERL = 259,
	NVME_IDCTRL_FRMW = 260,
	NVME_IDCTRL_LPA = 261,
	NVME_IDCTRL_WCTEMP = 266,
	NVME_IDCTRL_CCTEMP = 268,
	NVME_IDCTRL_MTFA = 270,
	NVME_IDCTRL_FWUG = 319,
	NVME_IDCTRL_KAS = 320,
	NVME_IDCTRL_ANATT = 342,
	NVME_IDCTRL_SQES = 512,
	NVME_IDCTRL_CQES = 513,
	NVME_IDCTRL_MAXCMD = 514,
	NVME_IDCTRL_NN = 516,
	NVME_IDCTRL_ONCS = 520,
	NVME_IDCTRL_VWC = 525,
	NVME_IDCTRL_SGLS = 536,
	NVME_IDCTRL_SUBNQN = 768,
	NVME_IDCTRL_IOCCSZ = 1792,
	NVME_IDCTRL_PSD0 = 2048,
};

#define NVME_CMIC_ANA 0x08u
#define NVME_SGLS_OFFSETS 0x100000u /* SGL descriptors may have an offset for their address */

/* Asynchronous events that a host asks for (Set Features 0Bh, section 5.21.1.11). */
#define NVME_ASYNC_NAMESPACE 0x100u
#define NVME_ASYNC_ANA 0x800u

#define NVME_ONCS_COMPARE 0x01u
#define NVME_ONCS_DATASET_MANAGEMENT 0x04u
#define NVME_ONCS_WRITE_ZEROES 0x08u

/* Offsets in the Identify Namespace data, section 5.15.2.1 (figure 245). */
enum nvme_identify_namespace {
	NVME_IDNS_NSZE = 0,
	NVME_IDNS_NCAP = 8,
	NVME_IDNS_NUSE = 16,
	NVME_IDNS_NLBAF = 25,
	NVME_IDNS_FLBAS = 26,
	NVME_IDNS_NMIC = 30,
	NVME_IDNS_ANAGRPID = 92,
	NVME_IDNS_NGUID = 104,
	NVME_IDNS_EUI64 = 120,
	NVME_IDNS_LBAF0 = 128,
};

/* A range of Dataset Management, section 6.7.1.1. */
struct nvme_dsm_range {
	uint32_t attributes;
	uint32_t blocks;
	uint64_t lba;
};
_Static_assert(sizeof(struct nvme_dsm_range) == 16, "DSM range");

/** The four bytes at @p offset of a data structure or log page, which need not be aligned. */
static inline uint32_t nvme_field32(const uint8_t *data, uint32_t offset)
{
	uint32_t value;

	memcpy(&value, data + offset, sizeof(value));
	return value;
}

#endif
