/* The Ethernet port: frames out of and into lwIP's buffers without copying (rtl/port/registers.tcl). */
#ifndef ASSAY_FIRMWARE_NET_PORT_H
#define ASSAY_FIRMWARE_NET_PORT_H

#include <stdbool.h>
#include <stdint.h>

struct config;
struct pbuf;
struct tcp_pcb;

struct port_counters {
	uint64_t tx_frames;
	uint64_t tx_full;      /* frames refused: no descriptors */
	uint64_t rx_frames;
	uint64_t rx_checksum;  /* frames dropped: IPv4, TCP or UDP checksum wrong */
	uint64_t net_resets;   /* of network functions: what they had taught was forgotten */
};

extern struct port_counters port_counters;

/**
 * Resets the port, sets the rings up, opens it for the address of @p config and makes its network functions. Stops the firmware if the
 * device is not a port.
 */
void port_init(const struct config *config);

/** Packets of a storage (TCP from @p address, @p port to @p own) are the firmware's whatever their Ethernet address; as far as there are rules. */
void port_add_storage(const uint8_t address[4], uint16_t port, const uint8_t own[4]);

/**
 * Hands a frame to the port, which reads it later: the port's reference to @p frame is dropped then.
 * @return whether there were descriptors for it
 */
bool port_send(struct pbuf *frame);

/**
 * Passes received frames to lan_receive(), so many that what else is due does not wait for long. Called when the port's interrupt
 * calls, and again as long as there are more.
 * @return whether there are more
 */
bool port_receive(void);

/** A connection is up: where the port cuts large segments its segment size may grow. */
void port_connected(struct tcp_pcb *pcb);

/** Drops the references to frames that have been sent. */
void port_reclaim(void);

#endif
