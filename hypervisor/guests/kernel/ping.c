/*
 * Workload `ping`: interrupts of the VF, one at a time and as fast as they come: reads beyond the end of the namespace, which the
 * controller itself answers with an error and a message. Between two of them passes a random time, so that no phase of the rest of the
 * machine is favoured.
 * Boot arguments: pings=N gap=TICKS (the longest pause) sleep=1 (waits in WFI; else the vCPU computes) doze=TURNS (of an empty loop, at most,
 * between the command and the sleep, so that the message meets a vCPU that is just being taken from its hart) seed=N.
 *
 * Workload `spin`: computes for ever.
 */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define NOWHERE 0xfffffffffffull /* an LBA that no namespace has */

static uint64_t next_random(uint64_t *state) {
    *state = *state * 6364136223846793005ull + 1442695040888963407ull;
    return *state >> 33;
}

static void pause_ticks(uint64_t ticks) {
    uint64_t end = csr_read(time) + ticks;
    while (csr_read(time) < end)
        ;
}

unsigned workload_ping(void) {
    uint64_t pings = string_option(bootargs, "pings", 1000), gap = string_option(bootargs, "gap", 200);
    uint64_t random = string_option(bootargs, "seed", 1), sleeps = string_option(bootargs, "sleep", 0), doze = string_option(bootargs, "doze", 0);
    uint64_t errors = 0;
    uint64_t *list = memory_take(NVME_PRP_LIST_BYTES, PAGE_BYTES), *page = memory_take(PAGE_BYTES, PAGE_BYTES);
    if (!nvme_start() || !nvme_uses_interrupts() || !page) {
        print("ping needs a VF with interrupts");
        return 1;
    }
    print("ping begins");
    for (uint64_t i = 0; i < pings; i++) {
        pause_ticks(next_random(&random) % (gap + 1));
        nvme_submit(0, NVME_READ, NOWHERE, 1, page, list);
        for (volatile uint64_t turns = doze ? next_random(&random) % doze : 0; turns; turns = turns - 1)
            ;
        errors += (sleeps ? nvme_wait() : nvme_wait_computing()) != 1 || nvme_request_status(0) == 0;
    }
    print("ping done pings=%lu interrupts=%lu lost=%lu errors=%lu", pings, nvme_interrupts(), nvme_lost_interrupts(), errors);
    return errors != 0;
}

unsigned workload_spin(void) {
    for (volatile uint64_t i = 0;; i = i + 1)
        ;
}
