/* The NIC's network functions: modern virtio-net devices (VIRTIO 1.1) with split rings, functions of PCI devices 4 and 5.
 *
 * Function f (0 to 15) is 00:(4 + f / 8).(f % 8), requester id 0x20 + f. A receive, a transmit and a control queue of up to 256
 * entries; features VERSION_1, RING_INDIRECT_DESC, RING_EVENT_IDX, MAC, STATUS, CSUM, GUEST_CSUM, HOST_TSO4, MRG_RXBUF, CTRL_VQ, CTRL_RX,
 * CTRL_RX_EXTRA. Vectors: MSI-X (4), or INTx pin A. BAR0, 32 KiB of memory:
 *
 *   0x0000 common configuration    0x1000 ISR status    0x2000 device configuration    0x3000 notifications (4 bytes a queue)
 *   0x4000 MSI-X table             0x5000 pending bits         0x6000 placement unit (netdev_place.c)
 *
 * The rings lie in memory of the host or of a VM; the device reads and writes them with packets of the link, under its own requester id.
 * Timing: an engine of each direction does one thing after the other; a read waits for its completions, a write is posted. The state is plain.
 *
 *   netdev_config.c     configuration space               netdev_ring.c     split rings
 *   netdev_bar.c        BAR0                              netdev_chain.c    chains of descriptors, indirect ones too
 *   netdev_interrupt.c  interrupts, resets                netdev_rx.c       frames into receive buffers
 *   netdev_dma.c        packets of the link               netdev_tx.c       frames out of transmit buffers, checksums, segmentation
 *   netdev_cycle.c      whose turn it is                  netdev_control.c  control queue, receive filter, status of the link
 */
#ifndef ASSAY_MODELS_NIC_NETDEV_H
#define ASSAY_MODELS_NIC_NETDEV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/board/tlp.h"
#include "models/nic/placer.h"

#define NETDEV_NEVER UINT64_MAX

enum {
	NETDEV_FUNCTIONS = 16,
	NETDEV_FIRST_RID = 0x20,
	NETDEV_BAR_BYTES = 0x8000,
	NETDEV_QUEUE_MAX = 256,
	NETDEV_VECTORS = 4,
	NETDEV_FRAME_MAX = 9216,
	NETDEV_HEADER_BYTES = 12, /**< struct virtio_net_hdr with num_buffers */
	NETDEV_GATHER_MAX = NETDEV_HEADER_BYTES + 65550,
	NETDEV_FIFO_BYTES = 131072,
	NETDEV_FLOOD_BYTES = NETDEV_FIFO_BYTES / 4, /**< of those, for frames with a group address */
	NETDEV_TAGS = 64,
	NETDEV_OUT = 256,
	NETDEV_AHEAD = 16, /**< ring entries fetched at a time */
	NETDEV_BUFFERS_MAX = 18, /**< receive buffers that a merged frame may take */
	NETDEV_PLACE_WRITES = 256,
	NETDEV_WINDOW = 4,           /**< descriptors read at a time */
	NETDEV_CONTROL_BYTES = 2048, /**< of a control command */
	NETDEV_FILTER = 32,          /**< addresses of a function's receive filter; of more, all are let in */
};

/** Registers of the placement unit as a driver sees them (netdev_place.c), 4 bytes each. */
enum netdev_place_register {
	NETDEV_PLACE_ID,
	NETDEV_PLACE_SEQ, /**< of OP: TCP sequence number of the next PDU */
	NETDEV_PLACE_REMOTE,
	NETDEV_PLACE_OWN,
	NETDEV_PLACE_PORTS, /**< the remote one in the lower half */
	NETDEV_PLACE_OP,    /**< writing it opens, arms or closes the function's flow */
	NETDEV_PLACE_ADDRESS,
	NETDEV_PLACE_ADDRESS_HIGH,
	NETDEV_PLACE_LENGTH,
	NETDEV_PLACE_ENTRY, /**< writing it sets a command's buffer: CCCID, bit 31 valid */
	NETDEV_PLACE_CRC_ADDRESS,
	NETDEV_PLACE_CRC_ADDRESS_HIGH,
	NETDEV_PLACE_CRC_RESULT, /**< where 8 bytes go when the job is over: the CRC32C, and 1, or 2 if it failed */
	NETDEV_PLACE_CRC_RESULT_HIGH,
	NETDEV_PLACE_CRC_LENGTH, /**< writing it begins a job; ignored while one is under way */
	NETDEV_PLACE_REGISTERS,
};

struct netdev_place_write {
	uint16_t address; /**< from 0x1000 of the port's window */
	uint64_t data;
};

enum netdev_queue_kind { NETDEV_RX, NETDEV_TX, NETDEV_CONTROL, NETDEV_QUEUES };

/** Who reads: the engines of the queues, that of a CRC job, and one a queue that asks whether an interrupt is wanted. */
enum { NETDEV_JOB = NETDEV_QUEUES, NETDEV_ASK, NETDEV_ENGINES = NETDEV_ASK + NETDEV_QUEUES };

struct netdev_queue {
	uint16_t size, vector;
	bool enabled;
	uint64_t descriptors, driver, device;
	uint16_t seen;     /**< available entries taken so far */
	uint16_t available;/**< index as read last */
	uint16_t used;
	uint16_t flags;    /**< of the available ring, as read last */
	uint16_t armed;    /**< EVENT_IDX: the avail_event that was written last */
	bool asks;         /**< entries have been published for which it is open whether the driver wants an interrupt */
	uint16_t asked;    /**< used index that the question under way is about */
	uint16_t decided;  /**< used index up to which that is known */
};

enum netdev_step {
	NETDEV_IDLE,
	NETDEV_READ_INDEX,  /**< flags and index of the available ring */
	NETDEV_READ_EVENT,  /**< whether the driver wants an interrupt */
	NETDEV_READ_RING,   /**< the next entries of the available ring */
	NETDEV_READ_DESCRIPTOR,
	NETDEV_READ_DATA,   /**< TX: a buffer's bytes */
	NETDEV_SEGMENT,     /**< TX: frames leave as there is room */
	NETDEV_FINISH,      /**< used ring, interrupt */
};

/** What one direction of a function is doing. */
struct netdev_engine {
	enum netdev_step step;
	bool kicked;
	uint16_t ring[NETDEV_AHEAD]; /**< heads fetched ahead */
	uint16_t ring_have, ring_at;
	uint16_t head;       /**< first descriptor of the chain at hand */
	uint16_t descriptor; /**< the one that is read */
	uint16_t links;      /**< descriptors of this chain so far */
	uint16_t link_flags, link_next; /**< of the descriptor at hand */
	uint32_t link_bytes;
	uint64_t link_address;
	bool indirect; /**< the chain goes on in the indirect table */
	uint64_t table;
	uint32_t table_entries;
	uint32_t window_at, window_have; /**< descriptors in scratch */
	/* a read under way */
	bool to_gather; /**< into the function's gather buffer or that of its control commands, else into scratch */
	uint32_t to;
	uint32_t read_bytes, read_issued, read_done;
	uint64_t read_address;
	bool read_failed;
	uint8_t retries; /* of a read of the ring that failed */
	uint8_t scratch[64];
	/* TX and control */
	uint32_t gathered, frame_at; /**< bytes of the chain; of its payload, segmented already */
	/* RX */
	uint32_t written;            /**< bytes of header and frame placed */
	uint32_t buffer_bytes;       /**< placed in the chain at hand */
	uint16_t buffers;
	struct {
		uint16_t head;
		uint32_t bytes;
	} used[NETDEV_BUFFERS_MAX];
	uint64_t header_address;
};

struct netdev_vector {
	uint64_t address;
	uint32_t data, control;
};

/** What a driver has chosen to receive, by the control queue. */
struct netdev_filter {
	bool promiscuous, all_multicast, all_unicast, no_multicast, no_unicast, no_broadcast;
	bool more_unicast, more_multicast; /**< the driver's table has more than there is room for here */
	uint8_t addresses;
	uint64_t address[NETDEV_FILTER];
};

struct netdev_function {
	bool present;
	uint64_t mac;
	/* configuration space */
	uint16_t command;
	uint32_t bar;
	uint16_t msix_control;
	uint8_t interrupt_line;
	uint8_t access_bar;  /**< VIRTIO_PCI_CAP_PCI_CFG */
	uint32_t access_offset, access_length;
	/* virtio */
	uint32_t device_select, driver_select;
	uint64_t driver_features;
	uint16_t config_vector, queue_select;
	uint8_t status, isr, generation;
	bool config_changed; /**< the driver is to be told */
	bool intx;
	struct netdev_filter filter;
	struct netdev_vector vector[NETDEV_VECTORS];
	uint8_t pending;
	struct netdev_queue queue[NETDEV_QUEUES];
	struct netdev_engine engine[NETDEV_ENGINES];
	/* frames for the driver: records of length (8 bytes) and bytes, padded to 8 */
	uint64_t fifo_head, fifo_tail;
	uint64_t rx_filtered, control_commands, control_errors;
	uint64_t rx_frames, rx_bytes, rx_dropped, tx_frames, tx_bytes, tx_segments, tx_errors, interrupts, dma_errors;
	uint32_t place[NETDEV_PLACE_REGISTERS];
	uint64_t place_lost; /**< operations that found no room */
	uint64_t placed_bytes;
	bool job_busy;
	uint64_t job_result, crc_jobs;
	uint8_t job_bytes[PLACER_CHUNK_BYTES];
	uint8_t fifo[NETDEV_FIFO_BYTES];
	uint8_t gather[NETDEV_GATHER_MAX + 64];
	uint8_t control[NETDEV_CONTROL_BYTES];
};

struct netdev_tag {
	bool busy;
	uint8_t function, queue;
	uint16_t bytes;
	uint32_t offset;
	uint16_t got;      /**< bytes that have come */
	uint64_t deadline; /**< cycle at which the completion counts as lost; of one that does already: at which the tag can be used again */
};

struct netdev_state {
	uint64_t now;            /**< cycle, the owner's to set */
	uint64_t first_deadline; /**< no tag's deadline is before it */
	struct netdev_tag tag[NETDEV_TAGS];
	uint32_t out_head, out_count;
	struct tlp out[NETDEV_OUT]; /**< packets for the link */
	uint32_t jobs_wanted; /**< functions whose driver has begun a CRC job that the NIC has not seen yet */
	uint32_t place_head, place_count;
	struct netdev_place_write place_write[NETDEV_PLACE_WRITES];
	uint32_t reset_events;      /**< functions that were reset or switched off, for the firmware */
	bool active;                /**< an engine may move without a packet from outside */
	bool link_up;
	struct netdev_function function[NETDEV_FUNCTIONS];
};

/** What the functions need from the NIC. */
struct netdev_ops {
	void *ctx;
	/** @return whether function @p f may hand over a frame now. */
	bool (*room)(void *ctx, unsigned f);
	/** Takes a frame that function @p f sends. */
	void (*send)(void *ctx, unsigned f, const uint8_t *frame, size_t length);
};

void netdev_reset(struct netdev_state *net);

/** The port's cable is in, or out: drivers that want to know are told. */
void netdev_set_link(struct netdev_state *net, bool up);

/** The functions of @p mask exist from now on. */
void netdev_set_present(struct netdev_state *net, uint32_t mask);

/** @return whether a packet from the host is for one of the functions. */
bool netdev_claims(const struct netdev_state *net, const struct tlp *tlp);

/** Takes a packet that netdev_claims(). @return whether it was a request (its credit is to be returned). */
bool netdev_receive(struct netdev_state *net, const struct tlp *tlp);

/** Gives a frame to function @p f; without room it is dropped and counted. */
void netdev_deliver(struct netdev_state *net, unsigned f, const uint8_t *frame, size_t length, const struct placement *placement);

/** @return whether a run of a frame can be placed now; netdev_place() does so. */
bool netdev_place_room(const struct netdev_state *net);
void netdev_place(struct netdev_state *net, unsigned f, uint64_t address, const uint8_t *bytes, size_t length);

/** A job of  f that has begun since: its bytes. @return false: there is none */
bool netdev_job(struct netdev_state *net, unsigned *f, uint64_t *address, uint32_t *length);
/** struct placer_ops, job_bytes and job_done, for function @p f. */
int netdev_job_bytes(struct netdev_state *net, unsigned f, uint64_t address, uint8_t *bytes, size_t length);
void netdev_job_done(struct netdev_state *net, unsigned f, uint32_t crc, bool failed);

/** @return the oldest register write for the placement unit, NULL if there is none; netdev_place_pop() removes it. */
const struct netdev_place_write *netdev_place_front(const struct netdev_state *net);
void netdev_place_pop(struct netdev_state *net);

/** At first_deadline: reads whose completion has not come in time have failed (PCIe 4.0 section 2.8). */
void netdev_expire(struct netdev_state *net);

/** One cycle: each engine that can moves on by one step. */
void netdev_cycle(struct netdev_state *net, const struct netdev_ops *ops);

/** @return the oldest packet for the link, NULL if there is none; netdev_pop() removes it. */
const struct tlp *netdev_front(const struct netdev_state *net);
void netdev_pop(struct netdev_state *net);

/* --- between the files of the model --- */

enum {
	NETDEV_COMMAND_MEMORY = 2,
	NETDEV_COMMAND_MASTER = 4,
	NETDEV_COMMAND_INTX_OFF = 1 << 10,
	NETDEV_MSIX_ENABLE = 1 << 15,
	NETDEV_MSIX_MASK_ALL = 1 << 14,
	NETDEV_VECTOR_MASKED = 1,
	NETDEV_NO_VECTOR = 0xffff,
	NETDEV_BAR_COMMON = 0x0000,
	NETDEV_BAR_ISR = 0x1000,
	NETDEV_BAR_DEVICE = 0x2000,
	NETDEV_BAR_NOTIFY = 0x3000,
	NETDEV_BAR_MSIX = 0x4000,
	NETDEV_BAR_PENDING = 0x5000,
	NETDEV_BAR_PLACE = 0x6000,
	NETDEV_STATUS_DRIVER_OK = 4,
	NETDEV_STATUS_NEEDS_RESET = 64,
	NETDEV_TIMEOUT_CYCLES = 20000000, /* of a read of host memory: 20 ms, as the SEE's */
	NETDEV_RETRIES = 3,               /* of a read of a ring */
	NETDEV_F_CSUM = 0,
	NETDEV_F_GUEST_CSUM = 1,
	NETDEV_F_MAC = 5,
	NETDEV_F_HOST_TSO4 = 11,
	NETDEV_F_MRG_RXBUF = 15,
	NETDEV_F_STATUS = 16,
	NETDEV_F_CTRL_VQ = 17,
	NETDEV_F_CTRL_RX = 18,
	NETDEV_F_CTRL_RX_EXTRA = 20,
	NETDEV_F_INDIRECT = 28,
	NETDEV_F_EVENT_IDX = 29,
	NETDEV_F_VERSION_1 = 32,
	NETDEV_DESC_NEXT = 1,
	NETDEV_DESC_WRITE = 2,
	NETDEV_DESC_INDIRECT = 4,
	NETDEV_DESC_BYTES = 16,
	NETDEV_NO_INTERRUPT = 1,
};

static inline uint64_t netdev_le(const uint8_t *p, unsigned bytes)
{
	uint64_t value = 0;

	while (bytes-- > 0)
		value = value << 8 | p[bytes];
	return value;
}

static inline void netdev_put_le(uint8_t *p, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static inline bool netdev_has(const struct netdev_function *f, unsigned feature)
{
	return f->driver_features >> feature & 1;
}

static inline bool netdev_runs(const struct netdev_function *f, unsigned queue)
{
	return (f->status & NETDEV_STATUS_DRIVER_OK) && f->queue[queue].enabled && (f->command & NETDEV_COMMAND_MASTER) &&
	       (queue != NETDEV_CONTROL || netdev_has(f, NETDEV_F_CTRL_VQ));
}

struct tlp *netdev_push(struct netdev_state *net);
bool netdev_out_room(const struct netdev_state *net, unsigned packets);
/** Begins to read @p bytes at @p address into the gather buffer or the engine's scratch from @p to on; the engine moves on when all are there. */
void netdev_read(struct netdev_engine *engine, uint64_t address, bool to_gather, uint32_t to, uint32_t bytes);
/** Issues what is left to ask for. @return whether the read is over. */
bool netdev_read_continue(struct netdev_state *net, unsigned f, unsigned queue);
/** Posts a write; see netdev_out_room(): 20 packets of room are needed for a frame. */
void netdev_write(struct netdev_state *net, unsigned f, uint64_t address, const void *bytes, uint32_t length);
void netdev_interrupt(struct netdev_state *net, unsigned f, uint16_t vector, uint8_t isr);
void netdev_forget_tags(struct netdev_state *net, unsigned f);

/** Sends what the interrupt state asks for: INTx by its level, vectors that are pending and not masked. */
void netdev_update_intx(struct netdev_state *net, unsigned f);
void netdev_unmask(struct netdev_state *net, unsigned f);
void netdev_reset_device(struct netdev_state *net, unsigned f);
void netdev_reset_function(struct netdev_state *net, unsigned f);

uint32_t netdev_place_read(const struct netdev_state *net, unsigned f, uint32_t at);
void netdev_place_write(struct netdev_state *net, unsigned f, uint32_t at, uint32_t value);
void netdev_place_reset(struct netdev_state *net, unsigned f);

uint32_t netdev_bar_read(struct netdev_state *net, unsigned f, uint32_t offset, unsigned bytes);
void netdev_bar_write(struct netdev_state *net, unsigned f, uint32_t offset, unsigned bytes, uint32_t value);
/** The first run of enabled bytes of a DW. @return how many. */
unsigned netdev_enabled_run(unsigned enables, unsigned *first);
void netdev_config_request(struct netdev_state *net, const struct tlp *tlp);
void netdev_memory_request(struct netdev_state *net, const struct tlp *tlp);

/** Steps common to both directions. @return false if the engine waits. */
bool netdev_fetch(struct netdev_state *net, unsigned f, unsigned queue);
void netdev_use(struct netdev_state *net, unsigned f, unsigned queue, unsigned entry, uint16_t head, uint32_t bytes);
void netdev_publish(struct netdev_state *net, unsigned f, unsigned queue, unsigned entries);
/** Finds out whether the driver wants an interrupt for what was published. */
void netdev_ask_step(struct netdev_state *net, unsigned f, unsigned queue);
/** @return whether the driver has not been told yet that a kick is wanted for its next entry (EVENT_IDX). */
bool netdev_unarmed(const struct netdev_function *f, unsigned queue);

enum netdev_chain { NETDEV_CHAIN_WAITS, NETDEV_CHAIN_LINK, NETDEV_CHAIN_BAD };
/** Begins the chain that the ring's next entry names. @return false: there is no such descriptor */
bool netdev_chain_begin(struct netdev_state *net, unsigned f, unsigned queue);
/** In step READ_DESCRIPTOR. LINK: the engine's link_* fields tell of the chain's next buffer. */
enum netdev_chain netdev_chain_take(struct netdev_state *net, unsigned f, unsigned queue);
/** On to the descriptor that link_next names. @return false: there is no such descriptor */
bool netdev_chain_next(struct netdev_state *net, unsigned f, unsigned queue);

void netdev_control_step(struct netdev_state *net, unsigned f);
/** @return whether the driver wants to receive this frame. */
bool netdev_wants(const struct netdev_function *f, const uint8_t *frame, size_t length);

void netdev_rx_step(struct netdev_state *net, unsigned f);
void netdev_tx_step(struct netdev_state *net, unsigned f, const struct netdev_ops *ops);

/** @return the length of the oldest frame for the driver, 0 if there is none. */
size_t netdev_fifo_front(const struct netdev_function *f);
void netdev_fifo_read(const struct netdev_function *f, size_t offset, uint8_t *bytes, size_t length);
void netdev_fifo_pop(struct netdev_function *f);

#endif
