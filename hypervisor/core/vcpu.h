/* A virtual processor: its registers, what is pending for it, and where it runs. */
#ifndef HYPERVISOR_CORE_VCPU_H
#define HYPERVISOR_CORE_VCPU_H

#define VCPU_FP_WORDS 33 /* f0 to f31, fcsr */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/arch/hart.h"
#include "hypervisor/arch/vcpu_offsets.h"

struct vm;

/* Registers that only change hands when the hart switches to another vCPU. */
struct vs_registers {
    uint64_t vsstatus, vsie, vstvec, vsscratch, vsepc, vscause, vstval, vsatp, hvip, vstimecmp;
    uint64_t scounteren, senvcfg; /* not VS-level: the hart has one of each for us and our guests */
};

/* State of applications of the second guest ISA (models/hart/README.md): which ISA U-mode has, stack pointer, flags, thread pointer. */
#define VCPU_APPLICATION_WORDS 4

enum vcpu_state {
    VCPU_OFF,      /* not started, or stopped by itself (SBI HSM) */
    VCPU_RUNNABLE, /* in its hart's queue */
    VCPU_WAITING   /* in WFI, until something is pending */
};

struct vcpu {
    uint64_t x[32];
    uint64_t pc;
    uint64_t hstatus;
    uint64_t sstatus;
    uint64_t host_sp;
    struct vs_registers vs;
    uint64_t fp[VCPU_FP_WORDS]; /* change hands with them, where the harts have F and D */
    uint64_t application[VCPU_APPLICATION_WORDS]; /* change hands with them too, where the harts have ISA select */
    struct vm *vm;
    uint32_t index;      /* = SBI hart id inside the VM */
    uint32_t state;      /* enum vcpu_state, atomic */
    struct hart *hart;   /* whose queue holds it, atomic */
    struct hart *wanted; /* where it is to go, NULL: it may stay */
    bool pinned;         /* others may not take it */
    uint32_t urgent;     /* has got an interrupt while it did not run, atomic */
    const struct hart *last; /* where it ran last */
    uint64_t since;      /* when it became runnable or last left its guest */
    uint32_t ipi;        /* a software interrupt is to be raised, atomic */
    uint32_t fence;      /* stage-one translations are to be forgotten before it runs, atomic */
    uint32_t suspended;  /* waits because it suspended itself (SBI HSM), atomic */
    uint32_t running;    /* in the guest or in its exit's handler right now, atomic */
    uint64_t deadline;   /* of its timer; UINT64_MAX: none; without Sstc */
    struct vcpu *next;   /* in the hart's queue */
};

_Static_assert(offsetof(struct vcpu, x) == VCPU_X, "assembly uses it");
_Static_assert(offsetof(struct vcpu, pc) == VCPU_PC, "assembly uses it");
_Static_assert(offsetof(struct vcpu, hstatus) == VCPU_HSTATUS, "assembly uses it");
_Static_assert(offsetof(struct vcpu, sstatus) == VCPU_SSTATUS, "assembly uses it");
_Static_assert(offsetof(struct vcpu, host_sp) == VCPU_HOST_SP, "assembly uses it");

/** True when guests may use F and D. */
bool vcpu_has_fp(void);
/** True when guests' applications may be code of the second guest ISA. */
bool vcpu_has_isa_select(void);
/** True when the vCPU, which is loaded on this hart, was in code of the second guest ISA. */
bool vcpu_runs_application(const struct vcpu *v);
/** Decides once at boot whether guests have floating point, and whether guests' timers are the harts' own (Sstc) or kept by us. */
void vcpu_setup(void);
/** Registers as the SBI starts a hart: a0 = its id, a1 = @p opaque, interrupts off, no translation. */
void vcpu_reset(struct vcpu *v, uint64_t pc, uint64_t opaque);
/** True when the hart on which it ran last still holds its registers, as they are in struct vcpu: nothing else was loaded there since. */
bool vcpu_is_latest(const struct vcpu *v);
/** Runs the guest on this hart until its next exit and handles that. */
void vcpu_run(struct vcpu *v);
/** Takes the hart's registers back into the vCPU that they belong to, so that it may be loaded elsewhere. */
void vcpu_unload(void);
/** Sets the guest's next timer interrupt; the pending one goes away. */
void vcpu_set_timer(struct vcpu *v, uint64_t deadline);
/** Makes the guest take an exception at its present instruction. */
void vcpu_inject_exception(struct vcpu *v, uint64_t cause, uint64_t value);
/** It sleeps until something that it has enabled is pending. */
void vcpu_wait(struct vcpu *v);
/** Raises the guest's software interrupt. Any hart. */
void vcpu_raise_ipi(struct vcpu *v);
/** Makes it look at what is pending: wakes it, or makes it leave the guest for a moment. Any hart. */
void vcpu_wake(struct vcpu *v);
/** When its timer interrupt is due; its registers must be on this hart or saved. */
uint64_t vcpu_deadline(const struct vcpu *v);
/** True when something wakes it from WFI; its registers must be on this hart or saved. */
bool vcpu_has_pending(const struct vcpu *v);

#endif
