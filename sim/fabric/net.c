/* lwIP's platform, interfaces and timers. Connections: net_link.c. */
#include "sim/fabric/net.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include "sim/fabric/net_internal.h"

enum { CYCLES_PER_MS = 1000000, MAC_BYTES = 6, ETHERNET_MIN_BYTES = 60 };

struct net net;

/* ---- what lwIP asks of its platform ---- */

u32_t sys_now(void)
{
	return (u32_t)(net.now / CYCLES_PER_MS);
}

uint32_t lwip_platform_random(void)
{
	net.random ^= net.random >> 12;
	net.random ^= net.random << 25;
	net.random ^= net.random >> 27;
	return (uint32_t)((net.random * 0x2545f4914f6cdd1dull) >> 32);
}

void lwip_platform_assert(const char *message, const char *file, int line)
{
	fprintf(stderr, "fabric: cycle %llu: lwIP: %s (%s:%d)\n", (unsigned long long)net.now, message, file, line);
	abort();
}

/* The folded one's-complement sum of 16-bit words in memory order, as lwIP's own function gives it. */
uint16_t net_checksum_add(const void *bytes, int length)
{
	const uint8_t *p = bytes;
	size_t left = (size_t)length;
	uint64_t sum = 0;
	uint32_t word;

	for (; left >= 4; left -= 4, p += 4) {
		memcpy(&word, p, 4);
		sum += word;
	}
	word = 0;
	memcpy(&word, p, left);
	sum += word;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

struct netif *net_route(const void *source)
{
	const ip4_addr_t *address = source;

	for (unsigned i = 0; address && i < net.hosts; i++) {
		if (ip4_addr_cmp(address, netif_ip4_addr(&net.host[i].netif)))
			return &net.host[i].netif;
	}
	return NULL;
}

/* ---- interfaces ---- */

static err_t link_output(struct netif *netif, struct pbuf *p)
{
	const struct net_host *host = netif->state;
	uint8_t frame[PBUF_POOL_BUFSIZE];
	u16_t length = pbuf_copy_partial(p, frame, sizeof(frame), 0);

	if (length != p->tot_len)
		return ERR_BUF;
	if (length < ETHERNET_MIN_BYTES) {
		memset(frame + length, 0, ETHERNET_MIN_BYTES - length);
		length = ETHERNET_MIN_BYTES;
	}
	net.stats.frames_out++;
	net.output(net.output_ctx, (unsigned)(host - net.host), frame, length, net.now);
	return ERR_OK;
}

static err_t set_up(struct netif *netif)
{
	const struct net_host *host = netif->state;

	netif->name[0] = 's';
	netif->name[1] = 't';
	netif->output = etharp_output;
	netif->linkoutput = link_output;
	netif->mtu = host->mtu;
	netif->hwaddr_len = MAC_BYTES;
	memcpy(netif->hwaddr, host->mac, MAC_BYTES);
	netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
	return ERR_OK;
}

static int parse_address(const char *text, ip4_addr_t *address, ip4_addr_t *mask)
{
	unsigned a, b, c, d, prefix;
	char extra;

	if (!text || sscanf(text, "%3u.%3u.%3u.%3u/%2u%c", &a, &b, &c, &d, &prefix, &extra) != 5)
		return -1;
	if (a > 255 || b > 255 || c > 255 || d > 255 || prefix < 1 || prefix > 30)
		return -1;
	IP4_ADDR(address, a, b, c, d);
	mask->addr = lwip_htonl(UINT32_MAX << (32 - prefix));
	return 0;
}

int net_start(net_output output, void *ctx, uint64_t seed)
{
	static bool initialized;

	if (net.running)
		return -1;
	if (!initialized) /* lwIP can be initialised once; what net_stop() leaves is reusable */
		lwip_init();
	initialized = true;
	memset(&net, 0, sizeof(net));
	net.running = true;
	net.output = output;
	net.output_ctx = ctx;
	net.random = seed * 0x9e3779b97f4a7c15ull | 1;
	return 0;
}

void net_stop(void)
{
	net_links_stop();
	net_echo_stop();
	for (unsigned i = 0; i < net.hosts; i++) {
		if (net.host[i].listener)
			tcp_close(net.host[i].listener);
		netif_remove(&net.host[i].netif);
	}
	net.hosts = 0;
	net.running = false;
}

int net_add_host(const struct net_host_config *config)
{
	struct net_host *host = &net.host[net.hosts];
	ip4_addr_t address, mask, gateway = {0};

	if (net.hosts == NET_HOSTS_MAX || parse_address(config->address, &address, &mask) < 0)
		return -1;
	memset(host, 0, sizeof(*host));
	memcpy(host->mac, config->mac, MAC_BYTES);
	host->mtu = config->mtu;
	host->target = config->target;
	if (!netif_add(&host->netif, &address, &mask, &gateway, host, set_up, ethernet_input))
		return -1;
	netif_set_up(&host->netif);
	net.hosts++;
	if (net_listen(host, config->tcp_port) < 0 || (config->tcp_port != NET_ECHO_PORT && net_echo_listen(host) < 0)) {
		netif_remove(&host->netif);
		net.hosts--;
		return -1;
	}
	return (int)net.hosts - 1;
}

void net_input(unsigned index, const uint8_t *frame, size_t length, uint64_t now)
{
	struct netif *netif = &net.host[index].netif;
	struct pbuf *p = pbuf_alloc(PBUF_RAW, (u16_t)length, PBUF_POOL);

	net.now = now;
	net.stats.frames_in++;
	if (!p) {
		net.stats.no_memory++;
		return;
	}
	pbuf_take(p, frame, (u16_t)length);
	if (netif->input(p, netif) != ERR_OK)
		pbuf_free(p);
	net_settle(now);
}

uint64_t net_next_event(void)
{
	uint64_t next = net_links_next();
	u32_t sleep_ms = net.running ? sys_timeouts_sleeptime() : SYS_TIMEOUTS_SLEEPTIME_INFINITE;
	uint64_t timer;

	if (sleep_ms == SYS_TIMEOUTS_SLEEPTIME_INFINITE)
		return next;
	timer = (net.now / CYCLES_PER_MS + sleep_ms) * CYCLES_PER_MS;
	return timer < next ? timer : next;
}

void net_advance(uint64_t now)
{
	net.now = now;
	sys_check_timeouts();
	net_settle(now);
}

const struct net_stats *net_get_stats(void)
{
	return &net.stats;
}
