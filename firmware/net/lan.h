/* lwIP over the port: one interface, one address. */
#ifndef ASSAY_FIRMWARE_NET_LAN_H
#define ASSAY_FIRMWARE_NET_LAN_H

#include <stdint.h>

struct config;
struct pbuf;

/** Brings lwIP up with the address of @p config. Call port_init() first. */
void lan_init(const struct config *config);

/** Takes one received Ethernet frame; the frame becomes lwIP's. */
void lan_receive(struct pbuf *frame);

/** A connection has been opened: lwIP may have new timers. */
void lan_timers_changed(void);

/** Runs lwIP's timers that are due. @return when the next one is, in ticks of clock.h. */
uint64_t lan_run_timers(void);

#endif
