/* Part of workload `touch`: the SBI (v2.0), by clause, in what it does and in what it refuses. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/touch.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define ALL UINT64_MAX /* hart_mask_base: every hart */
#define RESTARTS 200u

enum hsm_status { STARTED, STOPPED, STOP_PENDING = 3 };

static uint64_t error_of(uint64_t extension, uint64_t function, uint64_t a, uint64_t b, uint64_t c) {
    return (uint64_t)sbi_call(extension, function, a, b, c, 0, 0).error;
}

#define REFUSED(what, error, ...) touch_expect(what, error_of(__VA_ARGS__), (uint64_t)(error))
#define DONE(what, ...) REFUSED(what, SBI_SUCCESS, __VA_ARGS__)

static void touch_base(void) {
    REFUSED("unknown extension", SBI_NOT_SUPPORTED, 0x12345, 0, 0, 0, 0);
    REFUSED("unknown function of the base", SBI_NOT_SUPPORTED, SBI_BASE, 7, 0, 0, 0);
    touch_expect("version", (uint64_t)sbi_call(SBI_BASE, 0, 0, 0, 0, 0, 0).value, 0x2000000);
    touch_expect("probe of nothing", (uint64_t)sbi_call(SBI_BASE, 3, 0x12345, 0, 0, 0, 0).value, 0);
    touch_expect("probe of HSM", (uint64_t)sbi_call(SBI_BASE, 3, SBI_HSM, 0, 0, 0, 0).value, 1);
    REFUSED("unknown function of TIME", SBI_NOT_SUPPORTED, SBI_TIME, 1, 0, 0, 0);
    REFUSED("counters, which are not offered", SBI_NOT_SUPPORTED, SBI_PMU, 0, 0, 0, 0);
    touch_expect("and the probe says so", (uint64_t)sbi_call(SBI_BASE, 3, SBI_PMU, 0, 0, 0, 0).value, 0);
    REFUSED("reset of no kind", SBI_INVALID_PARAM, SBI_SRST, 0, 55, 0, 0);
    REFUSED("reset of a vendor's kind", SBI_INVALID_PARAM, SBI_SRST, 0, 0xf0000000, 0, 0);
    REFUSED("reset for no reason", SBI_INVALID_PARAM, SBI_SRST, 0, 0, 2, 0);
    REFUSED("unknown function of SRST", SBI_NOT_SUPPORTED, SBI_SRST, 1, 0, 0, 0);
}

static uint64_t memory_end(void) {
    uint64_t base = 0, bytes = 0;
    fdt_reg(&tree, fdt_find_path(&tree, "/memory@80000000"), 0, &base, &bytes);
    return base + bytes;
}

static void touch_console(void) {
    static const char text[8192] __attribute__((aligned(4096))) = {[4092] = 'p', 'a', 'g', 'e', 's', ' ', 'm', 'e', 'e', 't', '\n'};
    uint64_t end = memory_end();
    touch_expect("console across a page", (uint64_t)sbi_call(SBI_DBCN, 0, 11, (uint64_t)text + 4092, 0, 0, 0).value, 11);
    touch_expect("console, nothing", (uint64_t)sbi_call(SBI_DBCN, 0, 0, (uint64_t)text, 0, 0, 0).value, 0);
    REFUSED("console from outside", SBI_INVALID_PARAM, SBI_DBCN, 0, 100, 0x8ff00000, 0);
    REFUSED("console from a device", SBI_INVALID_PARAM, SBI_DBCN, 0, 1, 0x10000000, 0);
    REFUSED("console across the end", SBI_INVALID_PARAM, SBI_DBCN, 0, 100, UINT64_MAX - 10, 0);
    REFUSED("console across RAM's end", SBI_INVALID_PARAM, SBI_DBCN, 0, 2, end - 1, 0);
    REFUSED("console far across RAM's end", SBI_INVALID_PARAM, SBI_DBCN, 0, 1 << 20, end - 8192, 0);
    REFUSED("console of all memory", SBI_INVALID_PARAM, SBI_DBCN, 0, UINT64_MAX, 0x80000000, 0);
    REFUSED("console above 2^64", SBI_INVALID_PARAM, SBI_DBCN, 0, 1, (uint64_t)text, 1);
    REFUSED("console input to outside", SBI_INVALID_PARAM, SBI_DBCN, 1, 100, 0x8ff00000, 0);
    REFUSED("console input across RAM's end", SBI_INVALID_PARAM, SBI_DBCN, 1, 2, end - 1, 0);
    touch_expect("console input, which never comes", (uint64_t)sbi_call(SBI_DBCN, 1, 100, (uint64_t)text, 0, 0, 0).value, 0);
    REFUSED("unknown function of DBCN", SBI_NOT_SUPPORTED, SBI_DBCN, 3, 0, 0, 0);
}

/* Waits for the IPI that the call sent, and takes it back. */
static void expect_ipi(const char *what, uint64_t error, bool wanted) {
    touch_expect(what, error, SBI_SUCCESS);
    touch_expect("its interrupt", (csr_read(sip) >> IRQ_SSI) & 1, wanted);
    csr_clear(sip, IRQ_BIT(IRQ_SSI));
}

static void touch_masks(void) {
    REFUSED("IPI to nobody", SBI_INVALID_PARAM, SBI_IPI, 0, 1, 77, 0);
    REFUSED("IPI to some who are not there", SBI_INVALID_PARAM, SBI_IPI, 0, ALL, 0, 0);
    REFUSED("IPI to one past the last", SBI_INVALID_PARAM, SBI_IPI, 0, 1ull << 63, boot_hart_id, 0);
    REFUSED("unknown function of IPI", SBI_NOT_SUPPORTED, SBI_IPI, 1, 0, 0, 0);
    expect_ipi("IPI to an empty mask", error_of(SBI_IPI, 0, 0, 77, 0), false);
    expect_ipi("IPI to oneself", error_of(SBI_IPI, 0, 1, boot_hart_id, 0), true);
    expect_ipi("IPI to all", error_of(SBI_IPI, 0, 0, ALL, 0), true);
    DONE("fence of instructions", SBI_RFENCE, 0, 1, boot_hart_id, 0);
    DONE("fence of all", SBI_RFENCE, 1, 0, ALL, 0);
    touch_expect("fence of a range without end", (uint64_t)sbi_call(SBI_RFENCE, 1, 0, ALL, 0x1000, UINT64_MAX, 0).error, SBI_SUCCESS);
    touch_expect("fence of an address space", (uint64_t)sbi_call(SBI_RFENCE, 2, 1, boot_hart_id, 0, 0, 5).error, SBI_SUCCESS);
    REFUSED("fence of one who is not there", SBI_INVALID_PARAM, SBI_RFENCE, 1, 1, 16, 0);
    REFUSED("fence of a guest's guest", SBI_NOT_SUPPORTED, SBI_RFENCE, 4, 1, 0, 0);
    REFUSED("unknown function of RFENCE", SBI_NOT_SUPPORTED, SBI_RFENCE, 7, 1, 0, 0);
}

/* a0 only changes; a fault of the mask is that of a load at the call. */
static void touch_legacy(void) {
    uint64_t mask = 1ull << boot_hart_id, nobody = 0;
    struct sbi_result r = sbi_call(SBI_LEGACY_SEND_IPI, 0, (uint64_t)&mask, 0x1234, 0, 0, 0);
    touch_expect("a1 after a legacy call", (uint64_t)r.value, 0x1234);
    expect_ipi("legacy IPI", (uint64_t)r.error, true);
    expect_ipi("legacy IPI to nobody", error_of(SBI_LEGACY_SEND_IPI, 0, (uint64_t)&nobody, 0, 0), false);
    expect_ipi("legacy IPI to all", error_of(SBI_LEGACY_SEND_IPI, 0, 0, 0, 0), true);
    error_of(SBI_IPI, 0, 0, ALL, 0);
    touch_expect("legacy clearing of an IPI", error_of(SBI_LEGACY_CLEAR_IPI, 0, 0, 0, 0), 1);
    touch_expect("legacy clearing of none", error_of(SBI_LEGACY_CLEAR_IPI, 0, 0, 0, 0), 0);
    for (uint64_t call = SBI_LEGACY_FENCE_I; call <= SBI_LEGACY_SFENCE_ASID; call++)
        touch_expect("legacy fence", (uint64_t)sbi_call(call, 0, (uint64_t)&mask, 0, UINT64_MAX, 0, 0).error, SBI_SUCCESS);
    probe_begin();
    error_of(SBI_LEGACY_SEND_IPI, 0, 0x8ff00000, 0, 0);
    touch_expect("legacy IPI with a mask outside", probe_end(), CAUSE_LOAD_ACCESS);
    touch_expect("and its address", probe_value(), 0x8ff00000);
}

static void touch_hsm(void) {
    REFUSED("hart_start of nobody", SBI_INVALID_PARAM, SBI_HSM, 0, 99, 0x80200000, 0);
    REFUSED("hart_start into nothing", SBI_INVALID_ADDRESS, SBI_HSM, 0, boot_hart_id, 0x10, 0);
    REFUSED("hart_start behind RAM", SBI_INVALID_ADDRESS, SBI_HSM, 0, boot_hart_id, memory_end(), 0);
    REFUSED("hart_start of oneself", SBI_ALREADY_AVAILABLE, SBI_HSM, 0, boot_hart_id, 0x80200000, 0);
    REFUSED("status of nobody", SBI_INVALID_PARAM, SBI_HSM, 2, 99, 0, 0);
    touch_expect("status of oneself", (uint64_t)sbi_call(SBI_HSM, 2, boot_hart_id, 0, 0, 0, 0).value, STARTED);
    REFUSED("unknown function of HSM", SBI_NOT_SUPPORTED, SBI_HSM, 4, 0, 0, 0);
    REFUSED("suspend of no type", SBI_INVALID_PARAM, SBI_HSM, 3, 1, 0, 0);
    REFUSED("suspend of a platform's type", SBI_INVALID_PARAM, SBI_HSM, 3, 0x10000000, 0, 0);
    REFUSED("suspend of a platform's other type", SBI_INVALID_PARAM, SBI_HSM, 3, 0x90000000, 0x80200000, 0);
    REFUSED("suspend to nowhere", SBI_INVALID_ADDRESS, SBI_HSM, 3, 0x80000000u, 0x10, 0);
}

static void stop_at_once(uint64_t hart) {
    (void)hart;
}

static unsigned odd_states;

static void wait_until_stopped(void) {
    uint64_t status;
    while ((status = (uint64_t)sbi_call(SBI_HSM, 2, boot_hart_id ^ 1, 0, 0, 0, 0).value) != STOPPED)
        odd_states += status != STARTED && status != STOP_PENDING;
}

/* A hart that is seen stopped can be started, however soon. */
static void touch_restarts(void) {
    unsigned refused = 0;
    if (!vcpus_start(stop_at_once))
        return;
    for (unsigned i = 0; i < RESTARTS; i++) {
        wait_until_stopped();
        refused += vcpus_start(stop_at_once) != 1;
    }
    wait_until_stopped();
    touch_expect("starts of a stopped hart that were refused", refused, 0);
    touch_expect("states between", odd_states, 0);
}

void touch_sbi(void) {
    touch_base();
    touch_console();
    touch_masks();
    touch_legacy();
    touch_hsm();
    touch_restarts();
}
