/* The NIC's network functions (virtio-net) as the hypervisor passes them to VMs; guests drive them. */
#ifndef HYPERVISOR_DRIVERS_NET_H
#define HYPERVISOR_DRIVERS_NET_H

#include "hypervisor/drivers/pf.h"

/** Network function @p function (0-based, by place on the bus). @return false when there is none or no room for its BAR */
bool net_get_function(uint32_t function, struct pf_function *out);

#endif
