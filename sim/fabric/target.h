/* An NVMe/TCP storage target: one NVM subsystem with up to eight namespaces over plain files.
 *
 * Strict: NVMe-oF 1.1 with the TCP transport, NVM Express 1.4. A host that breaks the transport's rules gets a
 * C2HTermReq PDU and loses the connection; one that breaks the command set's rules gets a status.
 * The target sees connections as byte streams (struct target_link_ops), so it needs no network to be tested.
 * It answers as discovery subsystem too, with one record: itself.
 * Dynamic controllers, admin queue plus up to 16 I/O queues a controller, 128 entries a queue.
 *
 * Service times: a command that moves n bytes occupies the medium for n / rate, one after the other in order of arrival,
 * and completes read_latency or write_latency cycles after that; other commands complete after admin_latency.
 * Data is read from and written to the file at the cycle of completion.
 */
#ifndef ASSAY_SIM_FABRIC_TARGET_H
#define ASSAY_SIM_FABRIC_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	TARGET_NAMESPACES_MAX = 8,
	TARGET_CONNECTIONS_MAX = 64,
	TARGET_QUEUE_ENTRIES = 128,
	TARGET_IO_QUEUES = 16,
	TARGET_CONTROLLERS = 16,
	/** Largest transfer of a command: MDTS 6 with 4 KiB pages. */
	TARGET_TRANSFER_BYTES = 256 * 1024,
	TARGET_NO_CONNECTION = -1,
	/** Other targets of the same subsystem that the discovery log page names, too. */
	TARGET_PEERS_MAX = 6,
	/** Groups of asymmetric namespace access. */
	TARGET_GROUPS_MAX = 300,
};

/** Asymmetric namespace access states (NVM Express 1.4, 8.20.3). */
enum target_ana {
	TARGET_ANA_NONE,
	TARGET_ANA_OPTIMIZED = 1,
	TARGET_ANA_NON_OPTIMIZED = 2,
	TARGET_ANA_INACCESSIBLE = 3,
	TARGET_ANA_PERSISTENT_LOSS = 4,
	TARGET_ANA_CHANGE = 15,
};

/** What a target may do, and what some do although they should not; bits of target_config.quirks. */
enum target_quirk {
	/** Reserved bits and fields of PDUs, of completions and of Identify data are ones; a success says that there is more in the error log. */
	TARGET_SETS_RESERVED = 1 << 0,
	/** No keep-alive: KAS 0, the command is an invalid opcode. */
	TARGET_NO_KEEP_ALIVE = 1 << 1,
	/** Connect with a keep-alive time-out is refused. */
	TARGET_REFUSES_KATO = 1 << 2,
	/** Static controllers: Connect wants FFFEh, any of them, for the admin queue. */
	TARGET_STATIC = 1 << 3,
	/** MAXCMD is 8, and a Connect of an I/O queue with more entries is refused. */
	TARGET_FEW_COMMANDS = 1 << 4,
	/** The smallest page has 8 KiB, which CC.MPS has to say; MDTS counts these. */
	TARGET_LARGE_PAGES = 1 << 5,
	/** IOCCSZ is large, but SGLs cannot name an offset in the capsule, or none before ICDOFF. No data in capsules of I/O queues. */
	TARGET_CAPSULE_OFFSET = 1 << 6,
	/** No asynchronous events: the request is an invalid opcode, the feature an invalid field. */
	TARGET_NO_EVENTS = 1 << 7,
	/** Namespaces have no names: NGUID zero, and the list of descriptors is refused. */
	TARGET_NO_NAMES = 1 << 8,
	/** The first events of a controller are of types and log pages that no specification has. */
	TARGET_STRANGE_EVENTS = 1 << 9,
	/** 32 formats, of which number 18 is used (NVMe 2.0). */
	TARGET_MANY_FORMATS = 1 << 10,
	/** The discovery log page begins with 40 records of other transports, families, subsystems, and of those that want TLS. */
	TARGET_CROWDED = 1 << 11,
	/** The discovery log page does not name this target itself; peers are named as referrals: other discovery controllers. */
	TARGET_REFERS = 1 << 12,
	/** Connect without a keep-alive time-out is refused. */
	TARGET_WANTS_KATO = 1 << 13,
	/** The list of descriptors says that namespaces are of the NVM command set (NVMe 2.0). */
	TARGET_SAYS_COMMAND_SET = 1 << 14,
	TARGET_QUIRKS_END = 1 << 15,
};

struct target_peer {
	const char *address;
	uint16_t tcp_port;
};

struct target_namespace_config {
	const char *path;
	/** Size in bytes; 0: that of the file. */
	uint64_t bytes;
	bool read_only;
};

/** A zero in a number takes the default that target_defaults() fills in. */
struct target_config {
	/** NQN of the subsystem. */
	const char *nqn;
	/** What the discovery log page tells: IPv4 address without prefix, and port; NULL: no discovery controller. */
	const char *address;
	uint16_t tcp_port;
	unsigned peers;
	struct target_peer peer[TARGET_PEERS_MAX];
	/** Added to the controller identifiers, so that they are unique in a subsystem of several targets. */
	uint16_t first_controller;
	/** State of all namespaces through this target from the start; TARGET_ANA_NONE: no asymmetric access reporting. */
	enum target_ana ana;
	/** Group of namespace 1, those that follow are in the groups that follow; 0: 1. */
	uint32_t ana_group;
	/** The log page lists the groups from 1 to this, too: other namespaces, which cannot be reached. */
	uint32_t ana_groups;
	/** How long a change of access may take, seconds, up to 255; 0: 10. */
	uint32_t anatt_s;
	/** 1: while a namespace cannot be reached, its Identify data is all zeroes but for its group, its list of descriptors empty. */
	uint32_t ana_hides;
	unsigned namespaces;
	struct target_namespace_config volume[TARGET_NAMESPACES_MAX];
	uint64_t read_latency_cycles;
	uint64_t write_latency_cycles;
	uint64_t admin_latency_cycles;
	/** Rate of the medium, Mbit/s. */
	uint64_t rate_mbps;
	/** Data that a write may carry in its capsule: 512 to 16384, a multiple of 16. */
	uint32_t in_capsule_bytes;
	/** Most data in one H2CData PDU, at least 4096. */
	uint32_t h2c_data_bytes;
	/** Most data that one R2T asks for; 0: the whole command's. */
	uint32_t r2t_bytes;
	/** Most data in one C2HData PDU; 0: the whole command's. */
	uint32_t c2h_data_bytes;
	/* What a target may do and most do not. */
	/** CPDA of ICResp, 0 to 31: data of the host's PDUs begins at a multiple of (1 + this) * 4. */
	uint32_t cpda;
	/** Data of C2HData PDUs begins at a multiple of this, at most 128; 0: as HPDA asks. */
	uint32_t data_alignment;
	/** 1: every command is answered with a response of its own, SUCCESS in the last data is not used. */
	uint32_t always_responds;
	/** Each read and write takes up to so many cycles longer, by chance: they complete out of order. */
	uint32_t jitter_cycles;
	/** Most I/O queues that a host is granted; 0: 16. */
	uint32_t io_queues;
	/** 1: Connect without SQ flow control is refused (Connect Invalid Parameters). */
	uint32_t flow_control;
	/** 1: digests that a host asks for are not agreed to. */
	uint32_t no_digests;
	/** 1: I/O queues take no data in the capsule. */
	uint32_t no_capsule;
	/** Bytes of a logical block of every namespace: 512, 1024, 2048 or 4096. */
	uint32_t block_bytes;
	/** Most data that a command may move: a power of two from 8 KiB on; 0: 256 KiB, which is the most. */
	uint32_t transfer_bytes;
	/** Most that a Write Zeroes may name, which no field tells a host of NVMe 1.4; 0: no limit. */
	uint32_t zeroes_bytes;
	/** enum target_quirk, any of them together. */
	uint32_t quirks;
};

/** A connection's transport. Called by the target only from within target_*() functions. */
struct target_link_ops {
	/** @return bytes that write() takes now. */
	size_t (*room)(void *link);
	/** Sends @p length bytes, at most room(); they are copied. */
	void (*write)(void *link, const void *bytes, size_t length);
	/** Ends the connection after what was written (or at once, if @p abort). target_closed() must not be called for it any more. */
	void (*close)(void *link, bool abort);
	/** The target takes input again after target_input() had left some; offer it later, not from within this call. */
	void (*resume)(void *link);
};

struct target_stats {
	uint64_t connections;
	uint64_t refused;
	uint64_t terminated;
	uint64_t commands;
	uint64_t failed;
	uint64_t read_bytes;
	uint64_t written_bytes;
	uint64_t digest_errors;
	uint64_t keep_alive_expired;
};

enum target_mode {
	TARGET_RUNS,
	/** New connections are refused; the existing ones were closed when the mode was set. */
	TARGET_REFUSES,
	/** Commands are accepted, none completes until the mode changes. */
	TARGET_STALLS,
	/** Every write fails with Write Fault. */
	TARGET_FAILS_WRITES,
};

struct target;

/** Fills in the defaults: 20 us / 10 us / 2 us latency, 32 Gbit/s, 8 KiB in capsule, 128 KiB per H2CData, blocks of 512 bytes, whole commands otherwise. */
void target_defaults(struct target_config *config);

/**
 * Opens the files and makes a target.
 * @param message receives the cause of a failure as one line.
 * @return NULL on failure: a file as volume_open(), a number out of its range, a bad NQN.
 */
struct target *target_create(const struct target_config *config, char *message, size_t message_size);
void target_destroy(struct target *target);

/** Keeps all volumes in memory beside their files. @return 0 or -1, as volume_hold(). */
int target_hold_volumes(struct target *target);

/** Leaves the files alone from now on; see volume_detach(). */
void target_detach_volumes(struct target *target);

/** A host has connected. @return a connection's number, or TARGET_NO_CONNECTION if the target refuses. */
int target_accept(struct target *target, const struct target_link_ops *ops, void *link);

/**
 * Bytes have come in.
 * @return how many were taken. If fewer than @p length, keep the rest until ops->resume(). The connection may be closed on return.
 */
size_t target_input(struct target *target, int connection, const uint8_t *bytes, size_t length, uint64_t now);

/** The transport has room again. */
void target_output(struct target *target, int connection, uint64_t now);

/** The peer or the network has ended the connection. */
void target_closed(struct target *target, int connection, uint64_t now);

/** @return the first cycle at which target_advance() has something to do. UINT64_MAX: none. */
uint64_t target_next_event(const struct target *target);

/** Does what is due up to cycle @p now. */
void target_advance(struct target *target, uint64_t now);

/** Changes the mode; see enum target_mode. */
void target_set_mode(struct target *target, enum target_mode mode, uint64_t now);

/**
 * Changes how the namespaces can be reached through this target, and tells the hosts (asynchronous event "asymmetric namespace
 * access change"). @return 0, or -1: the target reports no asymmetric access, or @p state is TARGET_ANA_NONE.
 */
int target_set_ana(struct target *target, enum target_ana state, uint64_t now);

/** As target_set_ana(), of one namespace, which may come into another group. @return 0, or -1 also for a group that is none. */
int target_set_namespace_ana(struct target *target, uint32_t namespace_id, uint32_t group, enum target_ana state, uint64_t now);

/**
 * Takes up a changed size of a namespace's file and tells the hosts (asynchronous event "namespace attribute changed").
 * @return 0, or -1 if the file is shorter than a block or cannot be examined.
 */
int target_resize(struct target *target, unsigned namespace_id, uint64_t now);

/** From now on the discovery log page names these peers. @return 0, or -1: too many, or an address too long */
int target_set_peers(struct target *target, const struct target_peer *peers, unsigned count);

const struct target_stats *target_get_stats(const struct target *target);

#endif
