/* Spin locks between harts. */
#ifndef HYPERVISOR_CORE_LOCK_H
#define HYPERVISOR_CORE_LOCK_H

#include <stdint.h>

struct lock {
    uint32_t held;
};

static inline void lock_take(struct lock *l) {
    while (__atomic_exchange_n(&l->held, 1u, __ATOMIC_ACQUIRE))
        while (__atomic_load_n(&l->held, __ATOMIC_RELAXED))
            ;
}

static inline void lock_release(struct lock *l) {
    __atomic_store_n(&l->held, 0u, __ATOMIC_RELEASE);
}

#endif
