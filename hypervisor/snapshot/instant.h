/* What EVENT_SW_SNAPSHOT (events_wire.h) points to: where everything lies at the instant, for whoever wants a copy of its own. */
#ifndef HYPERVISOR_SNAPSHOT_INSTANT_H
#define HYPERVISOR_SNAPSHOT_INSTANT_H

#include <stdint.h>

struct snapshot_instant {
    uint64_t snapshot; /* id */
    uint64_t vm;
    uint64_t memory; /* host address of the VM's RAM */
    uint64_t memory_bytes;
    uint64_t state; /* host address of the captured state, as it goes to the volume */
    uint64_t state_bytes;
    uint64_t vcpus; /* host address of the first struct vcpu: x[32] and pc lead it */
    uint64_t vcpu_stride;
    uint64_t vcpu_count;
    uint8_t hart[8]; /* a vCPU: the hart whose VS-level registers were its own until now; 0xff: others used them too */
};

#endif
