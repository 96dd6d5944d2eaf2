/* The parts of workload `touch`. */
#ifndef HYPERVISOR_GUESTS_KERNEL_TOUCH_H
#define HYPERVISOR_GUESTS_KERNEL_TOUCH_H

#include <stdint.h>

/** Counts an attempt, and an error with its line unless @p seen is @p wanted. */
void touch_expect(const char *what, uint64_t seen, uint64_t wanted);
/** Calls of the SBI, good and bad. */
void touch_sbi(void);
/** Suspends this hart and the system in every way. */
void touch_suspend(void);
/** Loads, stores and others at the emulated devices. */
void touch_devices(void);
/** Instructions and registers that VS-mode has not. */
void touch_privileged(void);

#endif
