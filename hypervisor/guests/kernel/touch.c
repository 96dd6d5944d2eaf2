/* Workload `touch`: uses what is not its own. Every attempt must end in its own exception or in an SBI error, and the run goes on. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

static unsigned attempts, wrong;

static void expect(const char *what, uint64_t seen, uint64_t wanted) {
    attempts++;
    if (seen == wanted)
        return;
    wrong++;
    print("touch error: %s gives 0x%lx, not 0x%lx", what, seen, wanted);
}

static void touch_memory(uint64_t address) {
    expect("load", probe_load(address), CAUSE_LOAD_ACCESS);
    expect("store", probe_store(address), CAUSE_STORE_ACCESS);
    expect("fetch", probe_call(address), CAUSE_FETCH_ACCESS);
}

/* Holes of the VM's map where the host has its own devices and memory. */
static void touch_holes(void) {
    static const uint64_t holes[] = {
        0x02000000, /* CLINT */
        0x04000000, /* BAU registers */
        0x28000000, /* BAU doorbells */
        0x100000,   /* test finisher */
        0x8ff00000, /* host memory behind the VM's */
        0xc0000000,
    };
    for (unsigned i = 0; i < sizeof holes / sizeof holes[0]; i++)
        touch_memory(holes[i]);
}

static void touch_sbi(void) {
    expect("unknown extension", (uint64_t)sbi_call(0x12345, 0, 0, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    expect("hart_start of nobody", (uint64_t)sbi_hart_start(99, 0x80200000, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("hart_start into nothing", (uint64_t)sbi_hart_start(0, 0x10, 0).error, (uint64_t)SBI_INVALID_ADDRESS);
    expect("IPI to nobody", (uint64_t)sbi_call(SBI_IPI, 0, 1, 77, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("fence of a guest's guest", (uint64_t)sbi_call(SBI_RFENCE, 4, 1, 0, 0, 0, 0).error, (uint64_t)SBI_NOT_SUPPORTED);
    expect("console from outside", (uint64_t)sbi_call(SBI_DBCN, 0, 100, 0x8ff00000, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("console across the end", (uint64_t)sbi_call(SBI_DBCN, 0, 100, UINT64_MAX - 10, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
    expect("reset of no kind", (uint64_t)sbi_call(SBI_SRST, 0, 55, 0, 0, 0, 0).error, (uint64_t)SBI_INVALID_PARAM);
}

unsigned workload_touch(void) {
    touch_holes();
    expect("hgatp", probe_hypervisor_csr(), CAUSE_ILLEGAL);
    touch_sbi();
    print("touch attempts=%u errors=%u", attempts, wrong);
    return wrong;
}
