/* lwIP's port over the NIC's virtio-net function (firmware/net/port.h), for NVMe/TCP on the guest's own vCPU. */
#ifndef HYPERVISOR_GUESTS_NVMETCP_PORT_VIRTIO_H
#define HYPERVISOR_GUESTS_NVMETCP_PORT_VIRTIO_H

#include "firmware/net/port.h"

/** Brings the function up. @return false, with a line, when there is none */
bool port_virtio_start(uint8_t mac[6]);

#endif
