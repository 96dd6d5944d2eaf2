#include "firmware/net/lan.h"

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/net/port.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"

#include <string.h>

#define LAN_MTU 9000

static struct netif lan_interface;
static uint64_t random_state;
static uint64_t next_timer_ticks;

/* lwIP draws the first local port from this: seeded, so that a run repeats exactly. */
uint32_t lwip_platform_random(void)
{
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return (uint32_t)((random_state * 0x2545f4914f6cdd1dull) >> 32);
}

void lwip_platform_assert(const char *message, const char *file, int line)
{
	log_panic("lwip: %s (%s:%d)", message, file, line);
}

u32_t sys_now(void)
{
	return (u32_t)clock_ms();
}

static err_t interface_output(struct netif *interface, struct pbuf *frame)
{
	(void)interface;
	return port_send(frame) ? ERR_OK : ERR_MEM;
}

static err_t interface_init(struct netif *interface)
{
	const struct config *config = interface->state;

	interface->name[0] = 'n';
	interface->name[1] = 'c';
	interface->mtu = LAN_MTU;
	interface->hwaddr_len = sizeof(config->mac);
	memcpy(interface->hwaddr, config->mac, sizeof(config->mac));
	interface->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET;
	interface->output = etharp_output;
	interface->linkoutput = interface_output;
	return ERR_OK;
}

void lan_init(const struct config *config)
{
	ip4_addr_t address, mask, gateway;

	random_state = config->seed * 2 + 1;
	lwip_init();
	IP4_ADDR(&address, config->ip[0], config->ip[1], config->ip[2], config->ip[3]);
	ip4_addr_set_u32(&mask, lwip_htonl(~0u << (32 - config->prefix_bits)));
	ip4_addr_set_zero(&gateway);
	netif_add(&lan_interface, &address, &mask, &gateway, (void *)(uintptr_t)config, interface_init, ethernet_input);
	netif_set_default(&lan_interface);
	netif_set_link_up(&lan_interface);
	netif_set_up(&lan_interface);
}

void lan_receive(struct pbuf *frame)
{
	if (lan_interface.input(frame, &lan_interface) != ERR_OK)
		pbuf_free(frame);
}

uint64_t lan_run_timers(void)
{
	uint64_t now = clock_ticks();

	if (now < next_timer_ticks)
		return next_timer_ticks;
	port_reclaim();
	sys_check_timeouts();
	next_timer_ticks = (clock_ms() + sys_timeouts_sleeptime()) * CLOCK_TICKS_PER_MS;
	return next_timer_ticks;
}

void lan_timers_changed(void)
{
	next_timer_ticks = 0;
}
