/* Running a vCPU: loading its registers, raising its interrupts, entering it. */
#include "hypervisor/core/vcpu.h"

#include "hypervisor/arch/isa.h"
#include "hypervisor/core/exits.h"
#include "hypervisor/core/scheduler.h"
#include "hypervisor/core/vm.h"
#include "hypervisor/drivers/bau.h"
#include "hypervisor/drivers/event_port.h"
#include "hypervisor/guest/vplic.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

void vcpu_enter(struct vcpu *v);

void fp_save(uint64_t *words);
void fp_restore(const uint64_t *words);

#define COUNTERS_OF_USERS 7u /* cycle, time and instret: what firmware leaves in scounteren, and a kernel without SBI PMU expects */

static bool have_sstc, have_fp, have_isa_select;
static uint64_t environment; /* henvcfg of every guest */

void vcpu_setup(void) {
    have_sstc = isa_has("sstc");
    have_fp = isa_has("d");
    have_isa_select = isa_has("xassayisa");
    environment = HENVCFG_ADUE | (isa_has("svpbmt") ? HENVCFG_PBMTE : 0) | (have_sstc ? HENVCFG_STCE : 0) | (isa_has("zicbom") ? HENVCFG_CBIE_INVAL | HENVCFG_CBCFE : 0) |
                  (isa_has("zicboz") ? HENVCFG_CBZE : 0);
}

bool vcpu_has_isa_select(void) {
    return have_isa_select;
}

bool vcpu_has_fp(void) {
    return have_fp;
}

/* The guest has written floating-point registers since they were loaded. */
static void save_fp(struct vcpu *v) {
    if (!have_fp || (v->sstatus & SSTATUS_FS_DIRTY) != SSTATUS_FS_DIRTY)
        return;
    csr_set(sstatus, SSTATUS_FS_CLEAN);
    fp_save(v->fp);
    v->sstatus = (v->sstatus & ~SSTATUS_FS_DIRTY) | SSTATUS_FS_CLEAN;
}

static void restore_fp(struct vcpu *v) {
    if (!have_fp)
        return;
    csr_set(sstatus, SSTATUS_FS_CLEAN);
    fp_restore(v->fp);
    v->sstatus = (v->sstatus & ~SSTATUS_FS_DIRTY) | SSTATUS_FS_CLEAN;
}

bool vcpu_runs_application(const struct vcpu *v) {
    return have_isa_select && !(v->sstatus & SSTATUS_SPP) && csr_read(CSR_UISA);
}

static void save_application(struct vcpu *v) {
    if (!have_isa_select)
        return;
    v->application[0] = csr_read(CSR_UISA);
    v->application[1] = csr_read(CSR_USP);
    v->application[2] = csr_read(CSR_UFLAGS);
    v->application[3] = csr_read(CSR_UTHREAD);
}

static void restore_application(const struct vcpu *v) {
    if (!have_isa_select)
        return;
    csr_write(CSR_HISA, 1);
    csr_write(CSR_UISA, v->application[0]);
    csr_write(CSR_USP, v->application[1]);
    csr_write(CSR_UFLAGS, v->application[2]);
    csr_write(CSR_UTHREAD, v->application[3]);
}

static const struct vcpu *latest[MAX_HARTS]; /* whose VS-level and floating-point registers the hart holds, loaded or no longer */

bool vcpu_is_latest(const struct vcpu *v) {
    return v->last && latest[v->last->index] == v;
}

void vcpu_reset(struct vcpu *v, uint64_t pc, uint64_t opaque) {
    if (vcpu_is_latest(v))
        latest[v->last->index] = NULL;
    memset(v->x, 0, sizeof v->x);
    memset(&v->vs, 0, sizeof v->vs);
    memset(v->fp, 0, sizeof v->fp);
    memset(v->application, 0, sizeof v->application);
    v->x[10] = v->index;
    v->x[11] = opaque;
    v->pc = pc;
    v->hstatus = HSTATUS_SPV | HSTATUS_SPVP | HSTATUS_VSXL_64;
    v->sstatus = SSTATUS_SPP | SSTATUS_SPIE;
    v->deadline = UINT64_MAX;
    v->vs.vstimecmp = UINT64_MAX;
    v->vs.vsstatus = SSTATUS_UXL_64;
    v->vs.scounteren = COUNTERS_OF_USERS;
    v->fence = 1;
}

static void save_registers(struct vcpu *v) {
    struct vs_registers *r = &v->vs;
    r->vsstatus = csr_read(vsstatus);
    r->vsie = csr_read(vsie);
    r->vstvec = csr_read(vstvec);
    r->vsscratch = csr_read(vsscratch);
    r->vsepc = csr_read(vsepc);
    r->vscause = csr_read(vscause);
    r->vstval = csr_read(vstval);
    r->vsatp = csr_read(vsatp);
    r->hvip = csr_read(hvip);
    if (have_sstc)
        r->vstimecmp = csr_read(vstimecmp);
    r->scounteren = csr_read(scounteren);
    r->senvcfg = csr_read(senvcfg);
}

static void restore_registers(const struct vcpu *v) {
    const struct vs_registers *r = &v->vs;
    csr_write(vsstatus, r->vsstatus);
    csr_write(vsie, r->vsie);
    csr_write(vstvec, r->vstvec);
    csr_write(vsscratch, r->vsscratch);
    csr_write(vsepc, r->vsepc);
    csr_write(vscause, r->vscause);
    csr_write(vstval, r->vstval);
    csr_write(vsatp, r->vsatp);
    csr_write(hvip, r->hvip);
    csr_write(scounteren, r->scounteren);
    csr_write(senvcfg, r->senvcfg);
    csr_write(henvcfg, environment);
    if (have_sstc)
        csr_write(vstimecmp, r->vstimecmp);
    csr_write(htimedelta, v->vm->time_delta);
    csr_write(hgatp, gstage_hgatp(&v->vm->gstage, v->vm->vmid));
}

void vcpu_unload(void) {
    struct hart *self = hart_self();
    struct vcpu *v = self->loaded;
    if (!v)
        return;
    bau_schedule_out(v);
    save_registers(v);
    save_fp(v);
    save_application(v);
    csr_write(hvip, 0);
    if (have_sstc)
        csr_write(vstimecmp, UINT64_MAX);
    event_emit(EVENT_SW_VCPU_OUT, (uint16_t)v->vm->index, v->index, self->id);
    __atomic_store_n(&self->loaded, NULL, __ATOMIC_RELEASE);
}

/* vCPUs of a VM share a VMID. A guest fences its stage-one translations on the vCPU that runs; what another vCPU of the VM, or this one before it
 * went elsewhere, left in this hart is not covered by that. */
static void forget_stale_translations(struct vcpu *v, const struct hart *self) {
    static const struct vcpu *last_here[MAX_HARTS][MAX_VMS];
    const struct vcpu **last = &last_here[self->index][v->vm->index];
    if (*last != v || v->last != self)
        __atomic_store_n(&v->fence, 1, __ATOMIC_RELEASE);
    *last = v;
    v->last = self;
}

static void load(struct vcpu *v) {
    struct hart *self = hart_self();
    const struct vcpu *before = self->loaded;
    if (before == v)
        return;
    vcpu_unload();
    forget_stale_translations(v, self);
    restore_registers(v);
    restore_fp(v);
    restore_application(v);
    latest[self->index] = v;
    __atomic_store_n(&self->loaded, v, __ATOMIC_RELEASE);
    event_emit(EVENT_SW_VCPU_IN, (uint16_t)v->vm->index, v->index, self->id);
    vm_count(v->vm, VM_SWITCHES);
    bau_schedule_in(v);
    if (before && __atomic_load_n(&before->state, __ATOMIC_ACQUIRE) == VCPU_RUNNABLE)
        scheduler_offer(before);
}

void vcpu_set_timer(struct vcpu *v, uint64_t deadline) {
    v->deadline = deadline;
    csr_clear(hvip, IRQ_BIT(IRQ_VSTI));
    if (have_sstc) {
        v->vs.vstimecmp = deadline;
        csr_write(vstimecmp, deadline);
    }
}

/* With Sstc the guest may have set its timer without asking us. The guest counts in its own time. */
uint64_t vcpu_deadline(const struct vcpu *v) {
    uint64_t deadline = v->deadline;
    if (have_sstc)
        deadline = hart_self()->loaded == v ? csr_read(vstimecmp) : v->vs.vstimecmp;
    if (deadline == UINT64_MAX)
        return UINT64_MAX;
    uint64_t now = csr_read(time), guest_now = now + v->vm->time_delta;
    if (deadline <= guest_now)
        return 0;
    uint64_t ticks = deadline - guest_now; /* of a guest whose time is behind ours they may reach past the end of our time */
    return ticks < UINT64_MAX - now ? now + ticks : UINT64_MAX;
}

/* With Sstc the hart raises the timer interrupt; without, we do when the deadline has passed. */
static void raise_timer(struct vcpu *v) {
    if (have_sstc || v->deadline == UINT64_MAX)
        return;
    uint64_t deadline = vcpu_deadline(v);
    if (csr_read(time) < deadline) {
        hart_timer_before(deadline);
        return;
    }
    v->deadline = UINT64_MAX;
    csr_set(hvip, IRQ_BIT(IRQ_VSTI));
    vm_count(v->vm, VM_TIMER_INJECTED);
}

static void raise_pending(struct vcpu *v) {
    if (__atomic_exchange_n(&v->ipi, 0, __ATOMIC_ACQUIRE)) {
        csr_set(hvip, IRQ_BIT(IRQ_VSSI));
        vm_count(v->vm, VM_IPI_INJECTED);
    }
    raise_timer(v);
    if (vplic_asserts(v))
        csr_set(hvip, IRQ_BIT(IRQ_VSEI));
    else
        csr_clear(hvip, IRQ_BIT(IRQ_VSEI));
    if (__atomic_exchange_n(&v->fence, 0, __ATOMIC_ACQUIRE))
        __asm__ volatile(".option push\n.option arch, +h\nhfence.vvma\n.option pop\nfence.i" ::: "memory");
}

void vcpu_run(struct vcpu *v) {
    __atomic_store_n(&v->suspended, 0, __ATOMIC_RELEASE);
    load(v);
    raise_pending(v);
    if (scheduler_contended(v))
        v->hstatus |= HSTATUS_VTW;
    else
        v->hstatus &= ~HSTATUS_VTW;
    do
        vcpu_enter(v);
    while (exit_dispatch(v));
}

void vcpu_inject_exception(struct vcpu *v, uint64_t cause, uint64_t value) {
    uint64_t status = csr_read(vsstatus);
    status &= ~(SSTATUS_SPP | SSTATUS_SPIE);
    status |= (v->sstatus & SSTATUS_SPP) | ((status & SSTATUS_SIE) ? SSTATUS_SPIE : 0);
    csr_write(vsstatus, status & ~SSTATUS_SIE);
    csr_write(vsepc, v->pc);
    csr_write(vscause, cause);
    csr_write(vstval, value);
    v->pc = csr_read(vstvec) & ~3ull;
    v->sstatus |= SSTATUS_SPP;
    v->hstatus |= HSTATUS_SPVP;
    vm_count(v->vm, VM_FAULT_INJECTED);
}

/* The order matters: a wake-up between the two steps must not be lost. */
void vcpu_wait(struct vcpu *v) {
    __atomic_store_n(&v->state, VCPU_WAITING, __ATOMIC_SEQ_CST);
    if (vcpu_has_pending(v))
        __atomic_store_n(&v->state, VCPU_RUNNABLE, __ATOMIC_SEQ_CST);
}

void vcpu_raise_ipi(struct vcpu *v) {
    __atomic_store_n(&v->ipi, 1, __ATOMIC_RELEASE);
    vcpu_wake(v);
}

void vcpu_wake(struct vcpu *v) {
    uint32_t waiting = VCPU_WAITING;
    struct hart *hart = __atomic_load_n(&v->hart, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&v->state, __ATOMIC_ACQUIRE) == VCPU_WAITING)
        v->since = csr_read(time);
    if (__atomic_compare_exchange_n(&v->state, &waiting, VCPU_RUNNABLE, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        scheduler_offer(v);
    if (hart && hart != hart_self())
        hart_kick(hart);
}

bool vcpu_has_pending(const struct vcpu *v) {
    bool loaded = hart_self()->loaded == v;
    uint64_t enabled = loaded ? csr_read(vsie) : v->vs.vsie;
    uint64_t pending = loaded ? csr_read(hip) : v->vs.hvip;
    if (__atomic_load_n(&v->ipi, __ATOMIC_ACQUIRE))
        pending |= IRQ_BIT(IRQ_VSSI);
    if (csr_read(time) >= vcpu_deadline(v))
        pending |= IRQ_BIT(IRQ_VSTI);
    if (vplic_asserts(v) || bau_has_signal(v))
        pending |= IRQ_BIT(IRQ_VSEI);
    return ((pending >> 1) & enabled) != 0;
}
