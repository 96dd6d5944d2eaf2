/* TCP/IP of the fabric's storage hosts: one lwIP instance that all of them share, an interface each.
 *
 * lwIP keeps its state in globals, so there is one struct net in a process. Time is simulated cycles only.
 * lwIP is linked into net.o with its symbols hidden: a program may contain another instance.
 */
#ifndef ASSAY_SIM_FABRIC_NET_H
#define ASSAY_SIM_FABRIC_NET_H

#include <stddef.h>
#include <stdint.h>

#include "sim/fabric/target.h"

enum { NET_HOSTS_MAX = 20 };

struct net_host_config {
	/** IPv4 address and prefix, "10.0.0.10/24". */
	const char *address;
	uint8_t mac[6];
	uint16_t mtu;
	uint16_t tcp_port;
	struct target *target;
};

/** Sends a frame of @p host; it may leave from cycle @p now on. */
typedef void (*net_output)(void *ctx, unsigned host, const uint8_t *frame, size_t length, uint64_t now);

struct net_stats {
	uint64_t frames_in;
	uint64_t frames_out;
	/** Frames that found no buffer, connections that found none. */
	uint64_t no_memory;
	uint64_t connections;
};

/** Starts the process's only instance. @param seed of what TCP draws at random. @return 0, or -1 if there is one already. */
int net_start(net_output output, void *ctx, uint64_t seed);

/** Ends it: connections are forgotten without a word to the peers. */
void net_stop(void);

/** Adds a host that listens. @return its number, or -1: bad address, too many, port in use. */
int net_add_host(const struct net_host_config *config);

/** Gives a host a frame at cycle @p now. */
void net_input(unsigned host, const uint8_t *frame, size_t length, uint64_t now);

/** Lets connections go on after their target did something at cycle @p now. */
void net_settle(uint64_t now);

/** @return the cycle of the next timer, UINT64_MAX without one. */
uint64_t net_next_event(void);

/** Runs the timers that are due up to @p now. */
void net_advance(uint64_t now);

const struct net_stats *net_get_stats(void);

#endif
