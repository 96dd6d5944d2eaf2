/* lwIP as the fabric's storage hosts use it: one context (NO_SYS), raw API, several interfaces, static memory. */
#ifndef ASSAY_SIM_FABRIC_LWIPOPTS_H
#define ASSAY_SIM_FABRIC_LWIPOPTS_H

#include <stdint.h>

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define LWIP_UDP 1
#define LWIP_DHCP 0
#define LWIP_IPV6 0
#define LWIP_STATS 0
#define LWIP_TIMERS 1
#define LWIP_CALLBACK_API 1
#define ARP_QUEUEING 1
#define ETH_PAD_SIZE 0

/* Each target has an interface of its own on the same network: the source address says which one a packet leaves through. */
#define LWIP_SINGLE_NETIF 0
#define ETHARP_TABLE_MATCH_NETIF 1
struct netif;
struct netif *net_route(const void *source);
#define LWIP_HOOK_IP4_ROUTE_SRC(source, destination) net_route(source)

/* Memory is static and generous: the peers' windows are the limit. */
#define MEM_ALIGNMENT 8
#define MEM_SIZE (48 * 1024 * 1024)
#define MEMP_NUM_PBUF 4096
#define MEMP_NUM_TCP_PCB 256
#define MEMP_NUM_TCP_PCB_LISTEN 32
#define MEMP_NUM_TCP_SEG 32768
#define MEMP_NUM_ARP_QUEUE 64
#define ARP_TABLE_SIZE 96 /* one for all hosts */
#define PBUF_POOL_SIZE 2048
#define PBUF_POOL_BUFSIZE 9232
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

/* Jumbo frames; the interface's MTU lowers the segment size where it is smaller. */
#define TCP_MSS 8960
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 5
#define TCP_WND (1024 * 1024)
#define TCP_SND_BUF (1024 * 1024)
#define TCP_SND_QUEUELEN 4096
#define TCP_QUEUE_OOSEQ 1
#define LWIP_TCP_TIMESTAMPS 0

/* Milliseconds. The usual 250 would make each lost segment cost a second of simulated time. */
#define TCP_TMR_INTERVAL 10

uint16_t net_checksum_add(const void *bytes, int length);
#define LWIP_CHKSUM net_checksum_add

#endif
