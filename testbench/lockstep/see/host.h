/* The host side of the SEE's PCIe ports: memory that answers reads late and out of order, and a root port that sends requests.
 *
 * Packets of the SEE are checked against the PCIe rules on their way in (form, length, 4 KiB boundary, byte enables, tags in use,
 * requester id); a broken rule is reported through host->complaint and ends the test.
 */
#ifndef ASSAY_LOCKSTEP_SEE_HOST_H
#define ASSAY_LOCKSTEP_SEE_HOST_H

#include "models/board/tlp.h"
#include "testbench/lockstep/see/random.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	HOST_READS = 256,     /**< requests of the SEE that wait for completions: one per tag */
	HOST_BEATS = 4096,    /**< beats waiting for the pcie_rx port */
	HOST_ANSWERS = 256,   /**< completions for the host's own requests, one per tag */
	HOST_MESSAGES = 4096, /**< MSI-X messages kept */
};

/** How nasty the host is. Percentages are per packet or per cycle as said. */
struct host_behaviour {
	uint32_t latency_cycles;   /**< least time from a read request to its first completion */
	uint32_t jitter_cycles;	   /**< added at random to the latency */
	uint32_t gap_percent;	   /**< per cycle: pcie_rx offers nothing */
	uint32_t stall_percent;	   /**< per cycle: pcie_tx_ready is 0 */
	uint32_t split_percent;	   /**< per completion: split at a 64-byte boundary */
	uint32_t poison_permille;  /**< per completion: EP set */
	uint32_t refuse_permille;  /**< per read: completed with UR or CA */
	uint32_t forget_permille;  /**< per read: never completed, so that the SEE times out */
	uint32_t stray_permille;   /**< per completion: one nobody asked for is sent too */
	uint32_t cut_permille;	   /**< per completion of more than an SQE: a beat too few or too many */
};

struct host_beat {
	uint64_t data;
	uint8_t sop, eop;
};

struct host_read {
	bool used;
	uint16_t requester;
	uint64_t address;
	uint32_t bytes_left;
	uint64_t due_cycle;
	enum tlp_status status;
};

struct host_answer {
	bool waiting, arrived;
	enum tlp_status status;
	uint32_t value[2];
};

struct host_message {
	uint64_t cycle, address;
	uint32_t data;
	uint16_t requester;
};

struct host {
	struct host_behaviour behaviour;
	struct rng rng;
	uint64_t base;
	uint32_t size_bytes;
	uint8_t *ram;
	uint64_t message_window; /**< writes at or above this address, below base, are interrupts */

	struct tlp arriving;
	bool in_packet;
	struct host_read reads[HOST_READS];
	uint32_t reads_open;
	struct host_answer answers[HOST_ANSWERS];
	uint32_t next_tag;
	struct host_beat beats[HOST_BEATS];
	uint32_t first, count;
	struct host_message messages[HOST_MESSAGES];
	uint32_t message_count;
	bool intx; /**< level of INTA, as the SEE's messages say */

	/** Called for each memory write of the SEE that lands in RAM, after it was done. */
	void (*wrote)(void *context, uint16_t requester, uint64_t address, uint32_t bytes);
	/** Called for each interrupt message. */
	void (*interrupted)(void *context, uint16_t requester, uint64_t address, uint32_t data);
	/** Called for each memory read request of the SEE. */
	void (*asked)(void *context, uint16_t requester, uint64_t address, uint32_t bytes);
	void *context;
	char complaint[160]; /**< empty while the SEE keeps the rules */
};

/** Prepares a host with @p size_bytes of RAM at @p base. */
void host_open(struct host *host, uint64_t base, uint32_t size_bytes, uint64_t seed);
void host_close(struct host *host);

/** @return where byte @p address of host RAM is kept, NULL if [address, address + bytes) is not all RAM. */
uint8_t *host_at(struct host *host, uint64_t address, uint64_t bytes);

/** Takes one beat that the SEE sent. */
void host_take(struct host *host, uint64_t cycle, bool sop, bool eop, uint64_t data);

/** Lets due completions into the send queue. Call once a cycle. */
void host_step(struct host *host, uint64_t cycle);

/** @return the beat to offer to the SEE now, NULL if none waits. */
const struct host_beat *host_offer(const struct host *host);
void host_accepted(struct host *host);

/** Queues @p tlp as it is, legal or not. @return false if there is no room now. */
bool host_send(struct host *host, const struct tlp *tlp);

/** Queues a write of @p bytes (at most 256) to @p address of the SEE. @return false if there is no room now. */
bool host_write(struct host *host, uint64_t address, const void *data, uint32_t bytes);

/** Queues a read of 4 or 8 bytes. @return its tag, -1 if no tag or no room is free. */
int host_read(struct host *host, uint64_t address, uint32_t bytes);

/** Queues a configuration read (@p value NULL) or write. @return its tag, -1 if no tag or no room is free. */
int host_config(struct host *host, uint32_t bdf, uint32_t offset, const uint32_t *value, uint32_t enables);

#endif
