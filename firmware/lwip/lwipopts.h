/* lwIP as the NIC uses it: one context (NO_SYS), raw API, static pools, checksums by the port hardware. */
#ifndef ASSAY_FIRMWARE_LWIPOPTS_H
#define ASSAY_FIRMWARE_LWIPOPTS_H

#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_RAW 0
#define LWIP_UDP 0
#define LWIP_DHCP 0
#define LWIP_IPV6 0
#define LWIP_STATS 0
#define LWIP_TIMERS 1
#define LWIP_SINGLE_NETIF 1
#define LWIP_CALLBACK_API 1
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 32

/* All memory is static pools: fixed sizes, constant time, no heap. Payload is never in them (TX by reference,
   RX in the port's ring buffers); what they hold is headers. */
#define MEM_ALIGNMENT 8
#define MEM_LIBC_MALLOC 0
#define MEM_USE_POOLS 1
#define MEM_USE_POOLS_TRY_BIGGER_POOL 1
#define MEMP_USE_CUSTOM_POOLS 1
#define MEMP_NUM_PBUF 8192
#define MEMP_NUM_TCP_PCB 128
#define MEMP_NUM_TCP_PCB_LISTEN 16
#define MEMP_NUM_TCP_SEG 4096
#define MEMP_NUM_ARP_QUEUE 64
#define ARP_TABLE_SIZE 96 /* sixteen storages of four paths, discovery controllers, a router */
#define PBUF_POOL_SIZE 8
#ifdef __riscv
#define LWIP_DECLARE_MEMORY_ALIGNED(name, size) u8_t name[LWIP_MEM_ALIGN_BUFFER(size)] __attribute__((section(".noinit")))
#endif
#define LWIP_SUPPORT_CUSTOM_PBUF 1

/* The window covers several 128 KiB reads at once; the RX ring is the real limit. */
#define TCP_MSS 8960
#define LWIP_WND_SCALE 1
#define TCP_RCV_SCALE 4
#define TCP_WND (512 * 1024)
#define TCP_SND_BUF (1024 * 1024)
#define TCP_SND_QUEUELEN 4096
#define TCP_SNDLOWAT (32 * 1024)
#define TCP_OVERSIZE 0
#define TCP_QUEUE_OOSEQ 1
#define TCP_OOSEQ_MAX_PBUFS 128 /* segments after a lost one may not eat up the receive ring */
#define LWIP_TCP_KEEPALIVE 0

/* Milliseconds of lwIP's fast timer: delayed acknowledgements; the shortest retransmission time-out is six of them. */
#define TCP_TMR_INTERVAL 25

/* In line, not calls. */
#define lwip_htons(x) ((u16_t)__builtin_bswap16((u16_t)(x)))
#define lwip_htonl(x)                                                                              \
	({                                                                                         \
		u32_t value_ = (x);                                                                \
		value_ << 24 | (value_ & 0xff00u) << 8 | (value_ >> 8 & 0xff00u) | value_ >> 24;   \
	})

#ifdef __riscv
/* picolibc's memcpy goes byte by byte when the two sides are aligned differently. */
#include "firmware/core/copy.h"
#define MEMCPY(to, from, bytes) copy_payload(to, from, bytes)
#endif

/* The port computes and verifies IPv4 and TCP checksums in hardware; ICMP is left to software. */
#define CHECKSUM_GEN_IP 0
#define CHECKSUM_GEN_TCP 0
#define CHECKSUM_CHECK_IP 0
#define CHECKSUM_CHECK_TCP 0
#define CHECKSUM_GEN_ICMP 1
#define CHECKSUM_CHECK_ICMP 1
#define LWIP_CHECKSUM_ON_COPY 0

/* lwIP would want PBUF_POOL to hold a whole window; received frames are custom pbufs over the RX ring. */
#define LWIP_DISABLE_TCP_SANITY_CHECKS 1

#endif
