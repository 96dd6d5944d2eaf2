/* The guest kernel's services: console, memory, traps, time, other vCPUs. */
#ifndef HYPERVISOR_GUESTS_KERNEL_KERNEL_H
#define HYPERVISOR_GUESTS_KERNEL_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/lib/fdt.h"

#define PAGE_BYTES 4096ull

extern struct fdt tree;        /* our copy of the device tree */
extern const char *bootargs;   /* /chosen/bootargs, "" if absent */
extern uint64_t boot_hart_id;
extern uint64_t root_table[512]; /* of the kernel's own translation, Sv39 */

/** Prints one line. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Ends the VM. */
void shutdown(bool failed) __attribute__((noreturn));

/** Memory that nobody frees, zeroed only as RAM is after start; NULL when it runs out. @p align is a power of two */
void *memory_take(uint64_t bytes, uint64_t align);
/** Memory between the kernel's end and the device tree, from the tree's /memory. */
void memory_setup(void);

/** Memory from @p address on is somebody else's: an initial RAM disk. */
void memory_end_before(uint64_t address);

/** Called for each external interrupt. */
typedef void external_handler(void);
void trap_setup(external_handler *external);
/** Takes the interrupt @p number, which came while a process ran. */
void trap_interrupt(uint64_t number);
/** Timer interrupts taken, and software interrupts taken by the boot hart. */
extern volatile uint64_t timer_interrupts, software_interrupts;
/** Arms the timer @p ticks from now. */
void timer_after(uint64_t ticks);
/**
 * Does one access that may fault.
 * @return 0, or the cause of the exception that it took
 */
uint64_t probe_load(uint64_t address);
/**
 * Suspends the hart so that it forgets its registers, and restarts here.
 * @param extension, function, kind of the SBI call: HSM's hart_suspend or SUSP's system_suspend
 * @return its id as the restart got it, or the error of the call
 */
uint64_t suspend_and_restart(uint64_t extension, uint64_t function, uint64_t kind);
uint64_t probe_store(uint64_t address);
uint64_t probe_call(uint64_t address);
/** Between these two every exception of an uncompressed instruction is skipped. @return the cause of the last one, 0: none */
void probe_begin(void);
uint64_t probe_end(void);
/** stval of the last probe's exception. */
uint64_t probe_value(void);

/** Starts every other vCPU; each does @p what, then stops itself. @return how many */
unsigned vcpus_start(void (*what)(uint64_t hart));

/** Sends a line through the VM's UART and takes its interrupt. @return errors; 0 where the UART is not a virtual one */
unsigned uart_check(void);

/** Workloads; each returns the number of errors that it found. */
unsigned workload_hello(void);
unsigned workload_touch(void);
unsigned workload_io(void);
unsigned workload_bench(void);
unsigned workload_ping(void);
unsigned workload_spin(void);
unsigned workload_dirty(void);
unsigned workload_apps(void);
unsigned workload_commands(void);
unsigned workload_volumes(void);
/** The other vCPUs do what workload `dirty` does (its arguments), if `dirty=1` is there. */
void dirty_start_others(void);
/** Waits for them. @return errors */
unsigned dirty_wait(void);

#endif
