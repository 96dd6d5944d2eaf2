/* The guest's network: ARP, ICMP echo and one TCP connection to the echo service of a host of the fabric, driven by the function's interrupts. */
#ifndef HYPERVISOR_GUESTS_KERNEL_NET_H
#define HYPERVISOR_GUESTS_KERNEL_NET_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Begins what the boot arguments ask for: net=OWN-ADDRESS peer=ADDRESS (as numbers) pings=N tcp=BYTES seed=S. Without net= nothing happens.
 * @return false when the function cannot be started
 */
bool net_begin(void);

/** An interrupt of the function, or time has passed. */
void net_serve(void);

/** Waits until all is done, or nothing has moved for long; prints what was done. @return errors */
unsigned net_end(void);

#endif
