/* Processes of the guest kernel: static ELF programs in U-mode, each with its own page table, RV64 or (where the harts have ISA select) A64.
 * One vCPU runs them in turn. System calls are those of Linux that such programs need, by the numbers that both ISAs share. */
#ifndef HYPERVISOR_GUESTS_KERNEL_USER_H
#define HYPERVISOR_GUESTS_KERNEL_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "hypervisor/guests/kernel/user_offsets.h"

/* Registers as the trap finds them. Under ISA select X1 to X30 are x1 to x30, X0 is x31. */
struct user_frame {
    uint64_t x[32];
    uint64_t pc;
    uint64_t cause, value; /* of its last trap */
    uint64_t kernel_sp;
};

_Static_assert(offsetof(struct user_frame, pc) == USER_PC, "assembly uses it");
_Static_assert(offsetof(struct user_frame, cause) == USER_CAUSE, "assembly uses it");
_Static_assert(offsetof(struct user_frame, value) == USER_VALUE, "assembly uses it");
_Static_assert(offsetof(struct user_frame, kernel_sp) == USER_KERNEL_SP, "assembly uses it");

enum user_isa { USER_RV64, USER_A64 };

#define PROCESS_NAME_BYTES 24u
#define PROCESS_LINE_BYTES 160u

/* Addresses of a process: programs lie below 1 GiB, the kernel's gigabyte (RAM) is not theirs. */
#define USER_STACK_TOP 0x3ffffff000ull
#define USER_STACK_PAGES 16u
#define USER_MAP_BASE 0x1000000000ull

struct process {
    struct user_frame frame;
    enum user_isa isa;
    uint64_t sp, flags, thread; /* A64: beyond the frame */
    char name[PROCESS_NAME_BYTES];
    uint64_t *root; /* page table, Sv39 */
    uint32_t asid;
    uint64_t brk_start, brk, map_next;
    bool ended;
    uint64_t status; /* of exit, or 128 + cause of the exception that ended it */
    uint64_t slices;
    char line[PROCESS_LINE_BYTES]; /* written, without its end of line so far */
    uint32_t line_used;
};

/** Page tables and memory. @return false when memory runs out */
bool user_space_create(struct process *p);
/** Pages that are there already stay as they are, but gain rights. */
bool user_map(struct process *p, uint64_t address, uint64_t bytes, bool writes, bool executes);
void user_space_destroy(struct process *p);
/** @return the kernel's address of the process's byte, NULL if it is not mapped, or not writable though @p writes */
uint8_t *user_byte(const struct process *p, uint64_t address, bool writes);
bool user_copy_in(const struct process *p, void *to, uint64_t from, uint64_t bytes);
bool user_copy_out(struct process *p, uint64_t to, const void *from, uint64_t bytes);

/** Makes a process of a static ELF program. @return NULL, or why it cannot */
const char *user_load(struct process *p, const char *name, const uint8_t *image, uint64_t bytes);
/** The next file of a cpio archive (newc). @return false at its end or where it is malformed */
bool user_next_file(const uint8_t **at, const uint8_t *end, const char **name, const uint8_t **data, uint64_t *bytes);

/** Serves the system call that the process has made. */
void user_call(struct process *p);
/** Prints what the process has written since the last end of line. */
void user_flush(struct process *p);

#endif
