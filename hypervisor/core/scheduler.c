/* The scheduler. */
#include "hypervisor/core/scheduler.h"

#include "hypervisor/core/lock.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/management/management.h"
#include "hypervisor/tasks.h"

#define SLICE_TICKS 20000u /* 2 ms at the 10 MHz of `virt` */

struct queue {
    struct lock lock;
    struct vcpu *first;
    uint32_t length;
};

static struct queue queues[MAX_HARTS];

void scheduler_place(struct vcpu *v) {
    struct hart *best = NULL;
    for (uint32_t i = 0; i < hart_count; i++)
        if (harts[i].online && hart_runs_guests(&harts[i]) && (!best || queues[i].length < queues[best->index].length))
            best = &harts[i];
    struct queue *q = &queues[best->index];
    lock_take(&q->lock);
    v->hart = best;
    v->next = q->first;
    q->first = v;
    q->length++;
    lock_release(&q->lock);
}

void scheduler_remove(struct vcpu *v) {
    struct queue *q = &queues[v->hart->index];
    lock_take(&q->lock);
    for (struct vcpu **link = &q->first; *link; link = &(*link)->next)
        if (*link == v) {
            *link = v->next;
            q->length--;
            break;
        }
    lock_release(&q->lock);
    v->hart = NULL;
}

/* A waiting vCPU with something pending becomes runnable; without, the hart's timer wakes us at its deadline. */
static bool is_runnable(struct vcpu *v) {
    if (!vm_runs(v->vm))
        return false;
    uint32_t state = __atomic_load_n(&v->state, __ATOMIC_ACQUIRE);
    if (state == VCPU_WAITING) {
        if (!vcpu_has_pending(v)) {
            hart_timer_before(vcpu_deadline(v));
            return false;
        }
        __atomic_store_n(&v->state, VCPU_RUNNABLE, __ATOMIC_RELEASE);
        return true;
    }
    return state == VCPU_RUNNABLE;
}

bool scheduler_contended(const struct vcpu *v) {
    struct queue *q = &queues[v->hart->index];
    bool contended = false;
    lock_take(&q->lock);
    for (const struct vcpu *other = q->first; other && !contended; other = other->next)
        contended = other != v && vm_runs(other->vm) && __atomic_load_n(&other->state, __ATOMIC_RELAXED) != VCPU_OFF;
    lock_release(&q->lock);
    return contended;
}

/* The first runnable vCPU after the loaded one, in the order of the queue, wrapping; the loaded one comes last. */
static struct vcpu *next_in_turn(const struct queue *q, const struct vcpu *loaded) {
    struct vcpu *before = NULL;
    bool passed = false;
    for (struct vcpu *v = q->first; v; v = v->next) {
        if (v == loaded) {
            passed = true;
            continue;
        }
        if (!is_runnable(v))
            continue;
        if (passed)
            return v;
        if (!before)
            before = v;
    }
    return before;
}

static struct vcpu *pick(struct hart *self) {
    struct queue *q = &queues[self->index];
    uint64_t now = csr_read(time);
    lock_take(&q->lock);
    struct vcpu *current = self->loaded && is_runnable(self->loaded) ? self->loaded : NULL;
    struct vcpu *chosen = current;
    if (!current || now >= self->slice_end) {
        struct vcpu *other = next_in_turn(q, self->loaded);
        chosen = other ? other : current;
        self->slice_end = now + SLICE_TICKS;
    }
    if (chosen)
        __atomic_store_n(&chosen->running, 1, __ATOMIC_SEQ_CST);
    if (chosen && (chosen->next || chosen != q->first))
        hart_timer_before(self->slice_end);
    lock_release(&q->lock);
    return chosen;
}

/* A stopped VM waits for its registers to leave the harts. */
static void let_go_of_stopped(const struct hart *self) {
    if (self->loaded && !vm_runs(self->loaded->vm))
        vcpu_unload();
}

void scheduler_loop(void) {
    struct hart *self = hart_self();
    for (;;) {
        irq_poll();
        if (self == hart_manager())
            management_poll();
        let_go_of_stopped(self);
        struct vcpu *v = pick(self);
        if (!v) {
            if (self != hart_manager() || !tasks_alive())
                __asm__ volatile("wfi" ::: "memory");
            continue;
        }
        vcpu_run(v);
        __atomic_store_n(&v->running, 0, __ATOMIC_RELEASE);
    }
}
