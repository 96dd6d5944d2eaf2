/* The scheduler. */
#include "hypervisor/core/scheduler.h"

#include "hypervisor/core/lock.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/irq.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/management/management.h"
#include "hypervisor/snapshot/session.h"
#include "hypervisor/tasks.h"

#define SLICE_TICKS 20000u      /* 2 ms at the 10 MHz of `virt` */
#define URGENT_TICKS 2000u      /* the turn of one that has got an interrupt */
#define URGENT_EVERY_TICKS 4000u /* at least from one such turn of a hart to the next: the others keep half of it */

struct queue {
    struct lock lock;
    struct vcpu *first;
    uint32_t length;
    struct vcpu *running; /* whose turn it is, atomic */
    uint32_t idle;        /* the hart sleeps or is about to, atomic */
    uint32_t moves;       /* vCPUs that are to leave, atomic */
    uint64_t favoured;    /* when one last went before the others */
    bool reserved;        /* for those that are pinned to it */
};

static struct queue queues[MAX_HARTS];
static struct lock moving; /* before any queue's lock: a vCPU that moves is in no queue for a moment */

static void enqueue(struct vcpu *v, struct hart *h) {
    struct queue *q = &queues[h->index];
    lock_take(&q->lock);
    __atomic_store_n(&v->hart, h, __ATOMIC_RELEASE);
    v->next = q->first;
    q->first = v;
    q->length++;
    lock_release(&q->lock);
}

/* With the queue's lock. */
static void unlink_vcpu(struct queue *q, struct vcpu *v) {
    for (struct vcpu **link = &q->first; *link; link = &(*link)->next)
        if (*link == v) {
            *link = v->next;
            q->length--;
            break;
        }
}

static struct hart *shortest_queue(const struct hart *except) {
    struct hart *best = NULL;
    for (uint32_t i = 0; i < hart_count; i++) {
        struct hart *h = &harts[i];
        if (h == except || !h->online || !hart_runs_guests(h) || queues[i].reserved)
            continue;
        if (!best || queues[i].length < queues[best->index].length)
            best = h;
    }
    return best;
}

void scheduler_place(struct vcpu *v) {
    struct hart *best = shortest_queue(NULL);
    lock_take(&moving);
    enqueue(v, best ? best : &harts[0]);
    lock_release(&moving);
}

void scheduler_remove(struct vcpu *v) {
    scheduler_pin(v, false, false);
    lock_take(&moving);
    struct queue *q = &queues[v->hart->index];
    lock_take(&q->lock);
    unlink_vcpu(q, v);
    lock_release(&q->lock);
    __atomic_store_n(&v->hart, NULL, __ATOMIC_RELEASE);
    lock_release(&moving);
}

/* ---- Moving ---- */

static bool is_guest_hart(uint32_t index) {
    return index < hart_count && harts[index].online && hart_runs_guests(&harts[index]);
}

static void send_away(struct vcpu *v, struct hart *to) {
    struct hart *from = v->hart;
    __atomic_store_n(&v->wanted, to, __ATOMIC_RELEASE);
    __atomic_fetch_add(&queues[from->index].moves, 1, __ATOMIC_RELEASE);
    if (from != hart_self())
        hart_kick(from);
}

bool scheduler_migrate(struct vcpu *v, uint32_t index) {
    if (!is_guest_hart(index))
        return false;
    lock_take(&moving);
    if (v->hart != &harts[index])
        send_away(v, &harts[index]);
    else
        __atomic_store_n(&v->wanted, NULL, __ATOMIC_RELEASE);
    lock_release(&moving);
    return true;
}

/* With `moving`: the others leave, as far as they may. */
static void clear_hart(struct hart *h, const struct vcpu *stays) {
    struct queue *q = &queues[h->index];
    for (struct vcpu *v = q->first; v; v = v->next) {
        struct hart *to = shortest_queue(h);
        if (v != stays && !v->pinned && to)
            send_away(v, to);
    }
}

static bool has_pinned(const struct queue *q) {
    for (const struct vcpu *v = q->first; v; v = v->next)
        if (v->pinned)
            return true;
    return false;
}

void scheduler_pin(struct vcpu *v, bool pinned, bool alone) {
    lock_take(&moving);
    struct hart *at = v->wanted ? v->wanted : v->hart;
    struct queue *q = &queues[at->index];
    v->pinned = pinned;
    if (pinned && alone) {
        q->reserved = true;
        clear_hart(at, v);
    } else if (!pinned && !has_pinned(q)) {
        q->reserved = false;
    }
    lock_release(&moving);
}

/* The owner's part of a migration: between two runs, its registers go back into memory and it changes the queue. */
static void let_go(struct hart *self) {
    struct queue *q = &queues[self->index];
    if (!__atomic_exchange_n(&q->moves, 0, __ATOMIC_ACQUIRE))
        return;
    lock_take(&moving);
    struct vcpu *next;
    for (struct vcpu *v = q->first; v; v = next) {
        struct hart *to = v->wanted;
        next = v->next;
        if (!to || to == self)
            continue;
        if (self->loaded == v)
            vcpu_unload();
        lock_take(&q->lock);
        unlink_vcpu(q, v);
        lock_release(&q->lock);
        v->wanted = NULL;
        vm_count(v->vm, VM_MIGRATIONS);
        enqueue(v, to);
        hart_kick(to);
    }
    lock_release(&moving);
}

/* One that would run if its hart had time. With its queue's lock. */
static bool is_stealable(const struct vcpu *v, const struct hart *victim) {
    return !v->pinned && !v->wanted && vm_runs(v->vm) && __atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_RUNNABLE &&
           !__atomic_load_n(&v->running, __ATOMIC_ACQUIRE) && __atomic_load_n(&victim->loaded, __ATOMIC_ACQUIRE) != v;
}

static struct vcpu *steal_from(struct hart *victim) {
    struct queue *q = &queues[victim->index];
    struct vcpu *found = NULL;
    lock_take(&q->lock);
    if (__atomic_load_n(&q->running, __ATOMIC_ACQUIRE))
        for (found = q->first; found && !is_stealable(found, victim); found = found->next)
            ;
    if (found)
        unlink_vcpu(q, found);
    lock_release(&q->lock);
    return found;
}

static bool steal(struct hart *self) {
    struct vcpu *found = NULL;
    if (!hart_runs_guests(self) || queues[self->index].reserved)
        return false;
    lock_take(&moving);
    for (uint32_t i = 1; i < hart_count && !found; i++)
        found = steal_from(&harts[(self->index + i) % hart_count]);
    if (found) {
        vm_count(found->vm, VM_MIGRATIONS);
        enqueue(found, self);
    }
    lock_release(&moving);
    return found != NULL;
}

void scheduler_offer(const struct vcpu *v) {
    const struct hart *own = __atomic_load_n(&v->hart, __ATOMIC_ACQUIRE);
    if (!own || v->pinned || !__atomic_load_n(&queues[own->index].running, __ATOMIC_ACQUIRE))
        return;
    for (uint32_t i = 0; i < hart_count; i++)
        if (&harts[i] != own && is_guest_hart(i) && !queues[i].reserved && __atomic_load_n(&queues[i].idle, __ATOMIC_ACQUIRE)) {
            hart_kick(&harts[i]);
            return;
        }
}

/* ---- Choosing ---- */

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
        v->since = csr_read(time);
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

/* One that has got an interrupt while it did not run. */
static struct vcpu *urgent(struct queue *q, uint64_t now) {
    for (struct vcpu *v = q->first; v; v = v->next) {
        if (!__atomic_load_n(&v->urgent, __ATOMIC_ACQUIRE) || !is_runnable(v))
            continue;
        if (now - q->favoured < URGENT_EVERY_TICKS) {
            hart_timer_before(q->favoured + URGENT_EVERY_TICKS);
            return NULL;
        }
        __atomic_store_n(&v->urgent, 0, __ATOMIC_RELEASE);
        q->favoured = now;
        return v;
    }
    return NULL;
}

void scheduler_settle(void) {
    for (uint32_t i = 0; i < hart_count; i++) {
        lock_take(&queues[i].lock);
        lock_release(&queues[i].lock);
    }
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
    struct vcpu *chosen = urgent(q, now);
    if (chosen && chosen != current)
        self->slice_end = now + URGENT_TICKS;
    if (!chosen)
        chosen = current;
    if (!chosen || now >= self->slice_end) {
        struct vcpu *other = next_in_turn(q, self->loaded);
        chosen = other ? other : current;
        self->slice_end = now + SLICE_TICKS;
    }
    if (chosen)
        __atomic_store_n(&chosen->running, 1, __ATOMIC_SEQ_CST);
    __atomic_store_n(&q->running, chosen, __ATOMIC_RELEASE);
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

static void run(struct queue *q, struct vcpu *v) {
    if (!q->reserved)
        snapshot_session_share();
    uint64_t start = csr_read(time);
    vm_add(v->vm, VM_STEAL_TICKS, start - v->since);
    vcpu_run(v);
    v->since = csr_read(time);
    vm_add(v->vm, VM_RUN_TICKS, v->since - start);
    __atomic_store_n(&q->running, NULL, __ATOMIC_RELEASE);
    __atomic_store_n(&v->running, 0, __ATOMIC_RELEASE);
}

/* A hart that is kept for one VM stays ready for it. */
static bool helps(const struct hart *self) {
    return self != hart_manager() && !queues[self->index].reserved && snapshot_session_help();
}

void scheduler_wake_idle(void) {
    for (uint32_t i = 0; i < hart_count; i++)
        if (&harts[i] != hart_self() && __atomic_load_n(&queues[i].idle, __ATOMIC_ACQUIRE))
            hart_kick(&harts[i]);
}

/* Nothing to run: take from the others, else sleep. Who makes work after `idle` is set kicks us. */
static void rest(struct hart *self) {
    struct queue *q = &queues[self->index];
    __atomic_store_n(&q->idle, 1, __ATOMIC_SEQ_CST);
    if (!steal(self) && !helps(self) && (self != hart_manager() || !(tasks_alive() || bau_chill())))
        __asm__ volatile("wfi" ::: "memory");
    __atomic_store_n(&q->idle, 0, __ATOMIC_RELEASE);
}

void scheduler_loop(void) {
    struct hart *self = hart_self();
    for (;;) {
        irq_poll();
        if (self == hart_manager())
            management_poll();
        let_go(self);
        let_go_of_stopped(self);
        struct vcpu *v = pick(self);
        if (v)
            run(&queues[self->index], v);
        else
            rest(self);
    }
}
