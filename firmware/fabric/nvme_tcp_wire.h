/* NVMe/TCP PDUs and Fabrics commands (NVM Express over Fabrics 1.1, sections 3.3 and 7.4), little-endian. */
#ifndef ASSAY_FIRMWARE_FABRIC_NVME_TCP_WIRE_H
#define ASSAY_FIRMWARE_FABRIC_NVME_TCP_WIRE_H

#include "firmware/nvme/nvme_wire.h"

enum nvme_tcp_type {
	NVME_TCP_ICREQ = 0x00,
	NVME_TCP_ICRESP = 0x01,
	NVME_TCP_H2C_TERM = 0x02,
	NVME_TCP_C2H_TERM = 0x03,
	NVME_TCP_COMMAND = 0x04,
	NVME_TCP_RESPONSE = 0x05,
	NVME_TCP_H2C_DATA = 0x06,
	NVME_TCP_C2H_DATA = 0x07,
	NVME_TCP_R2T = 0x09,
};

#define NVME_TCP_FLAG_HEADER_DIGEST 0x01u
#define NVME_TCP_FLAG_DATA_DIGEST 0x02u
#define NVME_TCP_FLAG_LAST 0x04u
#define NVME_TCP_FLAG_SUCCESS 0x08u

/* In ICReq and ICResp. */
#define NVME_TCP_DIGEST_HEADER 0x01u
#define NVME_TCP_DIGEST_DATA 0x02u

#define NVME_TCP_DIGEST_BYTES 4u

struct nvme_tcp_common {
	uint8_t type;
	uint8_t flags;
	uint8_t hlen;
	uint8_t pdo;
	uint32_t plen;
};
_Static_assert(sizeof(struct nvme_tcp_common) == 8, "common header");

struct nvme_tcp_icreq {
	struct nvme_tcp_common common;
	uint16_t pfv;
	uint8_t hpda;
	uint8_t dgst;
	uint32_t maxr2t;
	uint8_t reserved[112];
};
_Static_assert(sizeof(struct nvme_tcp_icreq) == 128, "ICReq");

struct nvme_tcp_icresp {
	struct nvme_tcp_common common;
	uint16_t pfv;
	uint8_t cpda;
	uint8_t dgst;
	uint32_t maxh2cdata;
	uint8_t reserved[112];
};
_Static_assert(sizeof(struct nvme_tcp_icresp) == 128, "ICResp");

struct nvme_tcp_command {
	struct nvme_tcp_common common;
	struct nvme_sqe sqe;
};
_Static_assert(sizeof(struct nvme_tcp_command) == 72, "CapsuleCmd");

struct nvme_tcp_response {
	struct nvme_tcp_common common;
	struct nvme_cqe cqe;
};
_Static_assert(sizeof(struct nvme_tcp_response) == 24, "CapsuleResp");

/* H2CData and C2HData. */
struct nvme_tcp_data {
	struct nvme_tcp_common common;
	uint16_t cccid;
	uint16_t ttag; /* reserved in C2HData */
	uint32_t offset;
	uint32_t length;
	uint32_t reserved;
};
_Static_assert(sizeof(struct nvme_tcp_data) == 24, "data PDU");

struct nvme_tcp_r2t {
	struct nvme_tcp_common common;
	uint16_t cccid;
	uint16_t ttag;
	uint32_t offset;
	uint32_t length;
	uint32_t reserved;
};
_Static_assert(sizeof(struct nvme_tcp_r2t) == 24, "R2T");

struct nvme_tcp_term {
	struct nvme_tcp_common common;
	uint16_t fes;
	uint16_t fei[2]; /* 32 bits, not aligned */
	uint8_t reserved[10];
};
_Static_assert(sizeof(struct nvme_tcp_term) == 24, "TermReq");

enum nvme_tcp_fes {
	NVME_TCP_FES_HEADER_FIELD = 1,
	NVME_TCP_FES_SEQUENCE = 2,
	NVME_TCP_FES_HEADER_DIGEST = 3,
	NVME_TCP_FES_OUT_OF_RANGE = 4,
	NVME_TCP_FES_UNSUPPORTED = 6,
};

/* SGL descriptor in a command: address (or offset) in dptr[0], length and identifier in dptr[1]. */
#define NVME_SGL_IN_CAPSULE 0x01u
#define NVME_SGL_TRANSPORT 0x5au
#define NVME_SGL_WORD(identifier, bytes) ((uint64_t)(identifier) << 56 | (uint32_t)(bytes))

enum nvme_fabrics_type {
	NVME_FABRICS_PROPERTY_SET = 0x00,
	NVME_FABRICS_CONNECT = 0x01,
	NVME_FABRICS_PROPERTY_GET = 0x04,
};

#define NVME_PROPERTY_CAP 0x00u
#define NVME_PROPERTY_CC 0x14u
#define NVME_PROPERTY_CSTS 0x1cu

#define NVME_DISCOVERY_NQN "nqn.2014-08.org.nvmexpress.discovery"
#define NVME_CONNECT_NO_FLOW_CONTROL 0x04u

/* Data of the Connect command. */
struct nvme_connect_data {
	uint8_t host_id[16];
	uint16_t cntlid;
	uint8_t reserved1[238];
	char subnqn[256];
	char hostnqn[256];
	uint8_t reserved2[256];
};
_Static_assert(sizeof(struct nvme_connect_data) == 1024, "Connect data");

#endif
