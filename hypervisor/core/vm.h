/* A virtual machine. */
#ifndef HYPERVISOR_CORE_VM_H
#define HYPERVISOR_CORE_VM_H

#include <stdbool.h>
#include <stdint.h>

#include "hypervisor/core/gstage.h"
#include "hypervisor/core/lock.h"
#include "hypervisor/core/vcpu.h"
#include "hypervisor/mailbox_wire.h"

#define MAX_VMS 16
#define MAX_VCPUS 16
#define VM_RAM_BASE 0x80000000ull
#define VM_IMAGE_OFFSET 0x200000ull
#define VM_TREE_BYTES 0x4000ull /* at the end of RAM */
#define VM_CONSOLE_BYTES 200
#define VM_DEVICES 8

/* What is counted for each VM; names in core/vm_text.c. */
enum vm_statistic {
    VM_EXIT_INTERRUPT,
    VM_EXIT_ECALL,
    VM_EXIT_MMIO,
    VM_EXIT_WFI,
    VM_EXIT_PROTECTED,
    VM_EXIT_OTHER,
    VM_TIMER_INJECTED,
    VM_IPI_INJECTED,
    VM_FAULT_INJECTED,
    VM_SWITCHES,
    VM_BROADCASTS,
    VM_RELOADED,   /* interrupts that waited in a signal vector until its vCPU got a hart */
    VM_CLASSICAL,  /* interrupts that were injected through the virtual PLIC */
    VM_MIGRATIONS, /* of vCPUs between harts */
    VM_RUN_TICKS,
    VM_STEAL_TICKS, /* runnable, and no hart had time */
    VM_STATISTICS
};

struct vm;

/* A range of guest-physical addresses that the hypervisor answers itself. */
struct vm_device {
    uint64_t base;
    uint64_t bytes;
    uint64_t (*read)(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width);
    void (*write)(struct vm *vm, struct vcpu *v, uint64_t offset, unsigned width, uint64_t value);
};

struct vm_console {
    struct lock lock;
    uint32_t used;
    char line[VM_CONSOLE_BYTES];
};

struct vplic;
struct vuart;
struct vpci;

struct vm {
    bool in_use;
    uint32_t index;
    uint32_t vmid;
    char name[MAILBOX_NAME_BYTES];
    uint32_t state; /* enum mailbox_vm_state, atomic */
    struct lock lock;
    struct gstage gstage;
    uint8_t *memory; /* host address of the VM's RAM */
    uint64_t memory_bytes;
    uint64_t entry;
    uint64_t dtb;
    uint64_t initrd, initrd_bytes; /* guest-physical; 0: none */
    uint32_t vcpu_count;
    struct vcpu vcpus[MAX_VCPUS];
    struct vm_device devices[VM_DEVICES];
    uint32_t device_count;
    struct vm_console console;
    struct vplic *plic;
    struct vuart *uart;
    struct vpci *pci;
    uint32_t vf; /* 1-based; 0: none */
    uint32_t net; /* network function + 1 that it has, 0: none */
    uint64_t net_hold_ring;
    uint32_t path; /* of its device's interrupts, enum mailbox_path */
    uint8_t *signal_page;       /* signal vectors of its targets, 64 bytes each; NULL without a device behind a BAU */
    uint64_t *interrupt_table; /* of the BAU, and its summary vector; NULL as above */
    uint64_t hold_ring;        /* of its device, as in a device-table entry; 0 as above */
    char bootargs[MAILBOX_ARGS_BYTES];
    uint64_t statistics[VM_STATISTICS];
    uint64_t time_delta; /* the guest's time less the host's */
    struct snapshot_pages *pages; /* write protection of its RAM; NULL: none (snapshot/protect.h) */
};

extern struct vm vms[MAX_VMS];

struct vm_request {
    const char *name;
    uint32_t vcpus;
    uint64_t memory_bytes;
    const uint8_t *image; /* NULL: the built-in guest kernel */
    uint64_t image_bytes;
    const uint8_t *initrd; /* NULL: none */
    uint64_t initrd_bytes;
    const char *bootargs;
};

/** Makes a VM in state MAILBOX_VM_CREATED. @return enum mailbox_status; @p out is set on MAILBOX_OK only */
int vm_create(const struct vm_request *request, struct vm **out);
/** Builds its device tree and makes vCPU 0 runnable. @return enum mailbox_status */
int vm_start(struct vm *vm);
/** Keeps its vCPUs from running and waits until none does. The state must be set to a final one first or is set to STOPPED. */
void vm_stop(struct vm *vm);
/** Holds a running VM still: when it returns no vCPU runs and all registers are in struct vcpu. Manager. @return false unless it ran */
bool vm_pause(struct vm *vm);
/** Lets a paused VM run on. */
void vm_resume(struct vm *vm);
/** Stops it and frees everything. */
void vm_destroy(struct vm *vm);
/** From its own vCPU: the VM ends with @p state; its vCPUs leave at their next exit. */
void vm_end(struct vm *vm, enum mailbox_vm_state state);
bool vm_runs(const struct vm *vm);
/** The VM of that number, or NULL. */
struct vm *vm_by_index(uint64_t index);
/** Host address of guest RAM, or NULL unless all @p bytes lie in it. */
void *vm_memory(const struct vm *vm, gpa_t guest, uint64_t bytes);
/** Registers a device. */
void vm_add_device(struct vm *vm, const struct vm_device *device);
/** A character of the guest's console; lines come out as "[vmN] text". */
void vm_console_put(struct vm *vm, char c);
static inline void vm_add(struct vm *vm, enum vm_statistic what, uint64_t number) {
    __atomic_fetch_add(&vm->statistics[what], number, __ATOMIC_RELAXED);
}
static inline void vm_count(struct vm *vm, enum vm_statistic what) {
    vm_add(vm, what, 1);
}
const char *vm_statistic_name(enum vm_statistic what);
const char *vm_state_name(uint32_t state);

/** Loads an ELF or raw image into the VM's RAM. @return enum mailbox_status; @p entry: where to start */
int vm_load_image(const struct vm *vm, const uint8_t *image, uint64_t bytes, uint64_t *entry);
/** Puts an initial RAM disk below the device tree. @return enum mailbox_status */
int vm_load_initrd(struct vm *vm, const uint8_t *initrd, uint64_t bytes, uint64_t image_bytes);
/** The bytes that a raw image needs in memory: a Linux Image says so itself (it includes what it zeroes at its start). */
uint64_t vm_image_bytes(const uint8_t *image, uint64_t bytes);
/** Writes the VM's device tree to its place in guest RAM. @return false when it does not fit */
bool vm_build_tree(struct vm *vm);

#endif
