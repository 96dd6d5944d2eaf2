/* The Ethernet port: frames out of and into lwIP's buffers without copying (rtl/port/registers.tcl). */
#ifndef ASSAY_FIRMWARE_NET_PORT_H
#define ASSAY_FIRMWARE_NET_PORT_H

#include <stdbool.h>
#include <stdint.h>

struct pbuf;

struct port_counters {
	uint64_t tx_frames;
	uint64_t tx_full;      /* frames refused: no descriptors */
	uint64_t rx_frames;
	uint64_t rx_checksum;  /* frames dropped: IPv4, TCP or UDP checksum wrong */
};

extern struct port_counters port_counters;

/** Resets the port, sets the rings up and opens it for @p mac. Stops the firmware if the device is not a port. */
void port_init(const uint8_t mac[6]);

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

/** Drops the references to frames that have been sent. */
void port_reclaim(void);

#endif
