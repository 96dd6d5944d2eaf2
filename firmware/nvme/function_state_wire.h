/* The state of an NVMe function, as the PF's vendor commands D2h and D1h move it: 1 KiB. Opaque to whoever keeps it; the firmware judges it
 * before it uses it. Shared with the hypervisor, which needs the first registers to enable the controller as it was. Little-endian. */
#ifndef ASSAY_FIRMWARE_NVME_FUNCTION_STATE_WIRE_H
#define ASSAY_FIRMWARE_NVME_FUNCTION_STATE_WIRE_H

#include <stdint.h>

#define FUNCTION_STATE_MAGIC 0x54534e46u /* "FNST" */
#define FUNCTION_STATE_VERSION 2u
#define FUNCTION_STATE_BYTES 1024u
#define FUNCTION_STATE_QUEUES 9u

enum function_state_opcode {
	NVME_ADMIN_FUNCTION_HOLD = 0xc8,    /* DW10 function: fetch nothing; answered when nothing is under way */
	NVME_ADMIN_FUNCTION_RELEASE = 0xcc, /* DW10 function: fetch again */
	NVME_ADMIN_FUNCTION_GET = 0xd2,	    /* DW10 function, held: 1 KiB to the host */
	NVME_ADMIN_FUNCTION_SET = 0xd1	    /* DW10 function, held and enabled: 1 KiB from the host */
};

struct function_state_queue {
	uint64_t sq_address, sq_control, sq_state, cq_address, cq_control, cq_state; /* as the SEE's registers */
};

/* An answer that has not been written to the admin completion queue. */
struct function_state_post {
	uint16_t cid, status;
	uint32_t dw0;
};

struct function_state {
	uint32_t magic;
	uint32_t version;
	uint32_t cc, csts, aqa, reserved0;
	uint64_t asq, acq;
	struct function_state_queue queue[FUNCTION_STATE_QUEUES];
	uint32_t features[16];
	uint32_t temperature_under, temperature_over;
	uint32_t vector_config[16];
	uint16_t aer_cids[8];
	uint8_t aers;
	uint8_t raised[8];
	uint8_t masked_types;
	uint8_t namespace_changed;
	uint8_t posts_waiting;
	uint8_t block_shift; /* of the namespace, as its blocks */
	uint8_t reserved1[3];
	uint64_t errors, read_commands, write_commands, read_blocks, written_blocks, power_cycles;
	uint64_t blocks; /* of the namespace: it must be as large where the function goes on */
	struct function_state_post posts[8];
	uint8_t reserved2[264];
};
_Static_assert(sizeof(struct function_state) == FUNCTION_STATE_BYTES, "function state");

#endif
