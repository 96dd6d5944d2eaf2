/* The whole board: host, NIC and fabric domains on the platform, with what a scenario needs to drive and observe them. One a process. */
#ifndef ASSAY_SIM_KERNEL_BOARD_H
#define ASSAY_SIM_KERNEL_BOARD_H

#include <stdbool.h>

#include "sim/fabric/fabric.h"
#include "sim/kernel/failure_window.h"
#include "sim/kernel/host_domain.h"
#include "sim/kernel/limit.h"
#include "sim/kernel/nic_domain.h"
#include "sim/kernel/waves.h"
#include "sim/systemc/platform.h"
#include "sim/trace/event_log.h"

enum { BOARD_CLB_NIC = 100, BOARD_CLB_ALL = 101 };
enum { BOARD_TEXT_BYTES = 1 << 20, BOARD_LINE_BYTES = 1024, BOARD_ERROR_BYTES = 512, BOARD_POLLERS = 4 };

struct board_config {
	struct host_config host;
	bool nic_fast;
	enum block_backend see, bau, clb, port;
	unsigned clb_hart;	/**< whose CLB has that backend, the others have the model: number of a host hart, BOARD_CLB_NIC or BOARD_CLB_ALL */
	bool nic_clb;		/**< as host.clb, for the NIC's processor */
	bool record_pins;	/**< so that a checkpoint restores into RTL that it does not hold */
	bool skip_idle;
	const char *bios;	/**< M-mode firmware, raw, at the start of RAM; NULL: none, harts start at the kernel */
	const char *kernel;	/**< hypervisor, RV64 ELF: the next stage, in each partition */
	const char *kernel_1;	/**< another one for partition 1, linked at the same address; NULL: the same */
	const char *payload;	/**< raw next stage instead, 2 MiB into RAM (U-Boot, Linux) */
	const char *initrd;	/**< initial file system for it, or NULL */
	const char *firmware;	/**< NIC firmware in both slots, an ELF (signed with the test key) or a signed image; NULL: the NIC processor does not start */
	const char *slot_flash;	/**< contents of the slot flash instead, a file, or NULL */
	const char *nic_config; /**< text of the configuration flash */
	const char *waves;	/**< FST file, NULL for none */
	struct limit limit;
	const char *failure_prefix; /**< files of the failure window (failure_window.h), NULL for none */
	uint64_t failure_every_cycles; /**< between its forks */
	uint64_t waves_from, waves_cycles; /**< window of the waves; multiples of the lookahead. 0 cycles: to the end */
};

/** Output of a UART, kept whole up to BOARD_TEXT_BYTES, and the line being received. */
struct board_console {
	char *text;
	size_t length;
	char line[BOARD_LINE_BYTES];
	size_t line_length;
	const char *pattern; /**< text that ends the run when a line contains it, NULL for none */
	bool matched;
	char matched_line[BOARD_LINE_BYTES];
	FILE *echo; /**< where lines are shown as they come, NULL for nowhere */
	const char *echo_prefix;
};

enum { BOARD_PART_NAME_BYTES = 16 };

/** A block in its place. */
struct board_part {
	struct block *block;
	char name[BOARD_PART_NAME_BYTES];
	void *in, *out; /**< images of its pins, of struct <block>_in and struct <block>_out */
};

/** Something that wants to be called now and then while the board runs, every million cycles at the most. It must not change what is computed. */
struct board_poller {
	void (*poll)(void *ctx);
	void *ctx;
};

struct board {
	struct board_config config;
	struct host_domain host;
	struct nic_domain nic;
	struct fabric *fabric;
	struct event_log log;
	struct waves waves;
	bool waves_open;
	struct board_console host_console, partition_console, nic_console; /**< of the host's first and second partition, and of the NIC */
	uint64_t message_hash[PLATFORM_DOMAINS]; /**< of what each domain sent */
	struct failure_window failure_window;
	/** Told of each event of software, in the cycle in which it happens; may read the board and nothing more. */
	void (*observe)(void *ctx, struct board *board, const struct event *event);
	void *observe_ctx;
	unsigned pollers;
	uint64_t poll_cycles; /**< how often pollers look; 0: the default */
	struct board_poller poller[BOARD_POLLERS];
	uint64_t run_until; /**< where the present board_run() ends at the latest */
	bool stopping;
	uint64_t stop_cycle; /**< while stopping */
	bool finished;
	unsigned finish_code;
	uint64_t firmware_crashes, firmware_crashes_expected; /**< of the NIC's firmware; more than are expected are a failure */
	char failure[BOARD_ERROR_BYTES]; /**< why the run failed by itself (lockstep mismatch, firmware stop); empty if it did not */
};

/** Creates the board; @p fabric belongs to it from then on.
 * @return the board, or NULL with one line in @p error. */
struct board *board_create(const struct board_config *config, struct fabric *fabric, char *error, size_t error_size);

/** Closes waves and frees everything. */
void board_destroy(struct board *board);

/** Runs at most @p cycles cycles (rounded up to the lookahead). Ends early, at a cycle that does not depend on backends, waves or idle skip,
 * when the finisher is written, a console pattern matches, lockstep finds a difference or config.limit is reached, which is a failure. */
void board_run(struct board *board, uint64_t cycles);

/** Adds a poller. @return 0, or -1 if there are BOARD_POLLERS. */
int board_add_poller(struct board *board, void (*poll)(void *ctx), void *ctx);

/** Opens waves of all blocks (debug flavour) at @p path; they are written inside the window of the configuration. @return 0, or -1 with one line in @p error. */
int board_open_waves(struct board *board, const char *path, char *error, size_t error_size);

/** Ends the run soon after @p cycle. */
void board_request_stop(struct board *board, uint64_t cycle);

/** The @p i-th block of the board, in an order that stays. @return whether there is one. */
bool board_part(struct board *board, unsigned i, struct board_part *part);

/** @return the block of that name ("see", "clb.1"; "clb" is that of the hart that has the chosen backend), NULL if there is none. */
struct block *board_block(struct board *board, const char *name);

/** Hash of RAM, NIC memory, harts and all messages with their cycles. */
uint64_t board_state_hash(struct board *board);

#endif
