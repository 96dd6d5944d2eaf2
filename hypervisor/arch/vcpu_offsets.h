/* Where struct vcpu keeps what assembly touches; core/vcpu.h asserts it. */
#ifndef HYPERVISOR_ARCH_VCPU_OFFSETS_H
#define HYPERVISOR_ARCH_VCPU_OFFSETS_H

#define VCPU_X 0
#define VCPU_PC 256
#define VCPU_HSTATUS 264
#define VCPU_SSTATUS 272
#define VCPU_HOST_SP 280

#endif
