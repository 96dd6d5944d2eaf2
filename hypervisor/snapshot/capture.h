/* The state of a VM beside its RAM, as records (format.h): taken while it is paused, and given back to a VM that does not run. */
#ifndef HYPERVISOR_SNAPSHOT_CAPTURE_H
#define HYPERVISOR_SNAPSHOT_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

struct snapshot_device;
struct vm;

/** Writes the records. @return their bytes, a multiple of 32; 0 when @p room is too small */
uint64_t capture_state(struct vm *vm, void *to, uint64_t room);
/** Why the state does not fit the VM; NULL: it does. Changes nothing. */
const char *capture_misfit(const struct vm *vm, const void *state, uint64_t bytes);
/** Gives the VM the state; capture_misfit() found none. Its time goes on from @p guest_time. */
void capture_apply(struct vm *vm, const void *state, uint64_t bytes, uint64_t guest_time);
/** The record of the VF, NULL: none. */
const struct snapshot_device *capture_device(const void *state, uint64_t bytes);

#endif
