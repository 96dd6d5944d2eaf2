/* The suite: runs every check on a fresh controller and tells the runner, a line a check:
 *
 *     SUITE CHECK name|clause|pass      or fail|why, or blocked|why when the controller no longer comes up
 *     SUITE MARK begin|end NAME operations    what lies between is measured
 *     SUITE FAULT none|poison|drop N          every N-th completion of the host is to be hit from now on
 *     SUITE DONE passed failed blocked
 */
#include <stdarg.h>

#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/format.h"
#include "hypervisor/lib/string.h"
#include "testbench/conformance/check.h"
#include "testbench/conformance/platform.h"

#define RESTARTS 2u /* attempts to bring a controller up before what is left counts as blocked */

static const char *running;
static bool failed;
static char reason[256];
static unsigned passed_count, failed_count, blocked_count;
static bool dead;

void check_fail(const char *format, ...)
{
    va_list arguments;
    if (failed)
        return;
    failed = true;
    va_start(arguments, format);
    format_arguments(reason, sizeof(reason), format, arguments);
    va_end(arguments);
}

void check_mark(const char *what, const char *name, unsigned operations)
{
    print("SUITE MARK %s %s %u", what, name, operations);
}

/* A check may leave anything behind: VFs, a controller that was shut down, a function without bus mastering. */
static bool clean_up(void)
{
    arena_reset();
    dut_restore();
    for (unsigned attempt = 0; attempt < RESTARTS; attempt++) {
        if (dut_restart(PF))
            return true;
        if (!dut_flr(PF))
            continue;
    }
    return dut_restart(PF);
}

static void run(const struct check *check)
{
    running = check->name;
    failed = false;
    if (!dead && !clean_up())
        dead = true;
    if (dead) {
        blocked_count++;
        print("SUITE CHECK %s|%s|blocked|the controller cannot be enabled", check->name, check->clause);
        return;
    }
    check->run();
    if (failed) {
        failed_count++;
        print("SUITE CHECK %s|%s|fail|%s", check->name, check->clause, reason);
    } else {
        passed_count++;
        print("SUITE CHECK %s|%s|pass", check->name, check->clause);
    }
}

static const struct check *const groups[] = {
    pci_checks, register_checks, controller_checks, command_checks, identify_checks, feature_checks, log_checks,
    async_checks, queue_checks, io_checks, prp_checks, data_checks, volume_checks, interrupt_checks, vf_checks, fault_checks,
    arbitration_checks,
    load_checks,
    attach_checks,
    state_checks,
    block_checks,
    firmware_checks, /* from here on the firmware is restarted */
    crash_checks,
};

/* What only the board can be blamed for: without a volume nothing below makes sense. */
static bool attach_first_volume(void)
{
    if (!dut_restart(PF))
        return false;
    struct result attached = attach_volume(0, 0);
    if (!attached.done || attached.status)
        return false;
    return volume_blocks() > 0;
}

void check_trapped(uint64_t cause, uint64_t pc, uint64_t value)
{
    print("SUITE FATAL trap %lx at %lx, value %lx, in %s", cause, pc, value, running ? running : "set-up");
    finish(false);
}

void check_main(const void *device_tree)
{
    if (!dut_setup(device_tree) || !attach_first_volume()) {
        print("SUITE FATAL no controller, or volume 0 cannot be attached to it");
        finish(false);
    }
    for (unsigned group = 0; group < sizeof(groups) / sizeof(groups[0]); group++)
        for (const struct check *check = groups[group]; check->name; check++)
            run(check);
    print("SUITE DONE %u %u %u", passed_count, failed_count, blocked_count);
    finish(failed_count + blocked_count == 0);
}
