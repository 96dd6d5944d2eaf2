/* Shared by net.c and net_link.c only. */
#ifndef ASSAY_SIM_FABRIC_NET_INTERNAL_H
#define ASSAY_SIM_FABRIC_NET_INTERNAL_H

#include <stdbool.h>

#include "lwip/netif.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "sim/fabric/net.h"

enum { NET_LINKS_MAX = 256 };

struct net_host {
	struct netif netif;
	uint8_t mac[6];
	uint16_t mtu;
	struct target *target;
	struct tcp_pcb *listener;
};

enum net_link_end { LINK_STAYS, LINK_CLOSES, LINK_ABORTS };

/** A TCP connection of a target. */
struct net_link {
	bool used;
	struct tcp_pcb *pcb;
	struct target *target;
	/** The target's number of it, TARGET_NO_CONNECTION once the target has done with it. */
	int connection;
	/** Received bytes that the target has not taken yet. */
	struct pbuf *pending;
	bool opened;
	bool resume;
	enum net_link_end end;
	/** Cycle at which a delayed acknowledgement goes out, UINT64_MAX if none is owed. */
	uint64_t ack_due;
};

struct net {
	bool running;
	uint64_t now;
	uint64_t random;
	net_output output;
	void *output_ctx;
	struct net_stats stats;
	unsigned hosts;
	struct net_host host[NET_HOSTS_MAX];
	/** One past the last link that has been used; links are taken from the front. */
	unsigned links;
	struct net_link link[NET_LINKS_MAX];
};

extern struct net net;

/** Listens for a host's target. @return 0 or -1. */
int net_listen(struct net_host *host, uint16_t port);

enum { NET_ECHO_PORT = 7 };

/* net_echo.c: the echo service (RFC 862) of every host, TCP port 7, for whoever wants to exchange TCP with the fabric. */
int net_echo_listen(struct net_host *host);
void net_echo_stop(void);

void net_links_stop(void);
uint64_t net_links_next(void);

#endif
