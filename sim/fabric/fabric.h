/* The fabric domain: an Ethernet switch, storage hosts with embedded NVMe/TCP targets behind it, ports to the outside.
 *
 * Ports 0 to external_ports - 1 lead out (port 0: the NIC by convention; others: QEMU, TAP, another board); the storage
 * hosts follow. All of it is driven by cycles: same calls, same results, no wall clock.
 *
 *     f = fabric_create(&config, message, sizeof(message));
 *     fabric_set_output(f, on_frame, ctx);
 *     loop: fabric_receive(f, port, frame, length, cycle) for each frame whose last bit arrives up to `until`, in order of cycles
 *           (calls may be made ahead: fabric_advance() takes each at its cycle);
 *           fabric_advance(f, until); next = fabric_next_event(f);
 *
 * Cycles of frames mean the last bit; the latency of the link to the switch is the caller's (500 cycles by default on the
 * board). A frame enters the switch at the cycle given and leaves at the cycle that the output callback gets, which is
 * never later than `until`: a peer may thus run up to its own link latency ahead.
 * One fabric can exist in a process (see net.h).
 */
#ifndef ASSAY_SIM_FABRIC_FABRIC_H
#define ASSAY_SIM_FABRIC_FABRIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/fabric/fault.h"
#include "sim/fabric/net.h"
#include "sim/fabric/outside_link.h"
#include "sim/fabric/switch.h"
#include "sim/fabric/target.h"

enum { FABRIC_HOSTS_MAX = NET_HOSTS_MAX, FABRIC_ATTACHMENTS_MAX = 3 };

/** A storage host: an address on the network with a target. */
struct fabric_host_config {
	/** IPv4 address and prefix, "10.0.0.10/24". */
	const char *address;
	/** NULL bytes: 02:00:00:00:01:<number of the host>. */
	uint8_t mac[6];
	/** 0: 4420. */
	uint16_t tcp_port;
	struct target_config target;
};

/** What an external port is joined to from the start, see fabric_attach(). */
struct fabric_attachment {
	const char *where;
	const char *record_path;
};

/** A zero in a number takes the default in brackets. */
struct fabric_config {
	/** [1] */
	unsigned external_ports;
	/** Payload of the largest packet of the storage hosts, 576 to 9000 [9000]. */
	unsigned mtu;
	/** Rate of every line [25000]. */
	uint64_t line_mbps;
	/** From a frame's last bit in to its first bit out [300]. */
	uint64_t switch_latency_cycles;
	/** Room of each output queue [4 MiB]. */
	uint64_t queue_bytes;
	uint64_t seed;
	/** Every frame that enters the switch, NULL: no capture. */
	const char *pcap_path;
	/** Attachment i makes external port 1 + i; there are at least that many external ports then. */
	unsigned attachments;
	struct fabric_attachment attachment[FABRIC_ATTACHMENTS_MAX];
	unsigned hosts;
	struct fabric_host_config host[FABRIC_HOSTS_MAX];
};

struct fabric_stats {
	uint64_t frames;
	uint64_t bytes;
	/** Frames lost because the fabric had no buffer, or longer than 9216 bytes. */
	uint64_t lost;
	struct net_stats net;
};

/** A frame leaves the fabric. @param frame valid during the call. @param cycle at which its last bit has left. */
typedef void (*fabric_output)(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

struct fabric;

/**
 * Opens the volumes and makes the domain.
 * @param message receives one line that names what is wrong and where.
 * @return NULL: a volume as target_create(), a bad or double address, a capture that cannot be written, a number out of range.
 */
struct fabric *fabric_create(const struct fabric_config *config, char *message, size_t message_size);

/** Closes everything. @return 0, or -1 if the capture or a recording could not be written completely. */
int fabric_destroy(struct fabric *fabric);

/** Where frames of the external ports go; without an output they are dropped. */
void fabric_set_output(struct fabric *fabric, fabric_output output, void *ctx);

/**
 * A frame comes in at an external port.
 * @param cycle of its last bit; not before the last cycle that fabric_advance() has reached.
 */
void fabric_receive(struct fabric *fabric, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle);

/** @return the first cycle at which something happens, UINT64_MAX if nothing will. */
uint64_t fabric_next_event(const struct fabric *fabric);

/** Does everything up to and including cycle @p until. */
void fabric_advance(struct fabric *fabric, uint64_t until);

/** Faults of frames that enter the switch at @p port (any port, hosts too: external_ports + number of the host). */
void fabric_set_fault(struct fabric *fabric, unsigned port, const struct fault_config *config);
const struct fault *fabric_get_fault(const struct fabric *fabric, unsigned port);

/** A port that is down loses every frame in both directions. */
void fabric_set_link(struct fabric *fabric, unsigned port, bool up);

/** Makes a host's target run, refuse, or stall; see target.h. */
void fabric_set_target_mode(struct fabric *fabric, unsigned host, enum target_mode mode);

/** Changes asymmetric namespace access through a host's target, see target_set_ana(). @return 0 or -1. */
int fabric_set_access(struct fabric *fabric, unsigned host, enum target_ana state);

/** Gives the volume of a host's target, and its file, another size, as an administrator of the storage does. @return 0 or -1. */
int fabric_resize_volume(struct fabric *fabric, unsigned host, uint64_t bytes);

/** The target of a host, for target_resize() and target_get_stats(). */
struct target *fabric_target(struct fabric *fabric, unsigned host);

struct fabric_stats fabric_get_stats(const struct fabric *fabric);
const struct switch_port *fabric_get_port(const struct fabric *fabric, unsigned port);

/**
 * Joins an external port to a virtual machine or a recording, see outside_link.h; its frames no longer go to the output.
 *  0, or -1: no such external port, or as outside_open(), with the cause as one line in @p message.
 */
int fabric_attach(struct fabric *fabric, unsigned port, const char *where, const char *record_path, char *message, size_t message_size);

/** @return what has passed a port's outside link; zeroes without one. */
struct outside_stats fabric_get_outside(const struct fabric *fabric, unsigned port);

/** Writes the buffered parts of the capture and of the recordings. @return 0 or -1. */
int fabric_flush(struct fabric *fabric);

/** Keeps every volume in memory beside its file, so that a fork of the process can go on alone. @return 0, or -1 if memory is short or a file fails. */
int fabric_hold_volumes(struct fabric *fabric);

/* Checkpoints. A part is copied whole; its number is its place. */
enum { FABRIC_PART_FABRIC = 2, FABRIC_PARTS_MAX = 3 + FABRIC_HOSTS_MAX };
struct fabric_part {
	void *bytes;
	size_t size;
};

/** @return how many parts the state has; reads of them are the checkpoint, together with the bytes of the volumes. */
unsigned fabric_state(struct fabric *fabric, struct fabric_part part[FABRIC_PARTS_MAX]);

/** Takes over a part that the same program, with the same configuration, has saved. Files, links and outputs stay as they are. */
void fabric_restore_part(struct fabric *fabric, unsigned number, const void *bytes);

/** @return whether a link leads to the world outside, whose state no checkpoint can hold. */
bool fabric_has_outside(const struct fabric *fabric);

/** @return volume @p number over all targets, NULL if there is none. */
struct volume;
struct volume *fabric_volume(struct fabric *fabric, unsigned number);

/** The scenario has written to volumes' files itself: copies in memory, if there are any, are read anew. @return 0, or -1 if a file fails. */
int fabric_reread_volumes(struct fabric *fabric);

/**
 * In a fork of the process, after fabric_hold_volumes(): from now on files, sockets and the capture of the parent are left alone; what comes
 * from outside is read from the recording.
 * @return 0, or -1 if a live link has no recording.
 */
int fabric_become_replica(struct fabric *fabric);

#endif
