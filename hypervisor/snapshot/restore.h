/*
 * Restoring: everything is read and judged into memory of its own first, a piece a poll; only then does the VM change, in one step, and if its VF
 * does not take its state the VM goes back to what it was. Manager only.
 */
#ifndef HYPERVISOR_SNAPSHOT_RESTORE_H
#define HYPERVISOR_SNAPSHOT_RESTORE_H

#include <stdbool.h>
#include <stdint.h>

struct vm;

enum restore_phase {
    RESTORE_NONE,    /* there never was one */
    RESTORE_LOADING,
    RESTORE_DONE,    /* the VM runs */
    RESTORE_FAILED
};

/**
 * Begins to make @p vm what snapshot @p id holds. It may run, be stopped or never have run; it goes on as it is until all is loaded.
 * @param fresh it was made for this: it is destroyed if this fails later
 * @return enum mailbox_status; on an error nothing has begun and @p error says why
 */
int restore_begin(struct vm *vm, uint64_t id, bool fresh, const char **error);
/** Goes on. */
void restore_poll(void);
/** Ends a restore that is loading; the VM stays as it is. */
void restore_cancel(void);

enum restore_phase restore_phase(void);
/** Of the present restore, or of the last one. */
uint32_t restore_percent(void);
uint64_t restore_snapshot(void);
/** enum mailbox_status and one line of why it failed. */
int restore_status(void);
const char *restore_failure(void);

#endif
