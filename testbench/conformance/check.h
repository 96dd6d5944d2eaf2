/* What a check of the suite is, and what it may use.
 *
 * Every check starts with the PF's controller freshly reset and enabled, an empty arena and volume 0 behind namespace 1; it says what it
 * wants with EXPECT, and is over at the first thing that is not so. Clauses are those of NVM Express 1.4 unless they name another document.
 */
#ifndef CONFORMANCE_CHECK_H
#define CONFORMANCE_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "testbench/conformance/dut.h"

struct check {
    const char *name;   /* group.what */
    const char *clause; /* section of the specification */
    void (*run)(void);
};

/* A volume with blocks of 512 bytes that the PF does not have. */
#define OTHER_VOLUME 9u

/* The groups, a file each; every table ends with a check without name. */
extern const struct check pci_checks[], register_checks[], controller_checks[], command_checks[], identify_checks[], feature_checks[], log_checks[],
    async_checks[], queue_checks[], io_checks[], prp_checks[], data_checks[], volume_checks[], interrupt_checks[], vf_checks[], fault_checks[], arbitration_checks[],
    load_checks[], attach_checks[], state_checks[], block_checks[], firmware_checks[], crash_checks[];

/** The running check has failed, and why. */
void check_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define EXPECT(condition, ...) \
    do { \
        if (!(condition)) { \
            check_fail(__VA_ARGS__); \
            return; \
        } \
    } while (0)

/** The status of a completion is @p wanted (SCT << 8 | SC). */
#define EXPECT_STATUS(completion, wanted) \
    do { \
        struct result r_ = (completion); \
        EXPECT(r_.done, "no completion in time"); \
        EXPECT(r_.status == (wanted), "status %x, wanted %x", (unsigned)r_.status, (unsigned)(wanted)); \
    } while (0)

/** A line for the runner: it counts the firmware's instructions between begin and end. */
void check_mark(const char *what, const char *name, unsigned operations);

void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
