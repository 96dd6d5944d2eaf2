/* Workload `hello`: computes, takes timer interrupts, wakes its other vCPUs, prints. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/crc32c.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define TICKS 5u
#define TICK_INTERVAL 20000u /* 2 ms */
#define SIEVE_BYTES 20000u
#define PRIMES_BELOW_20000 2262u
#define FIRST_COUNTERS 7u /* cycle, time, instret */

static uint64_t counters; /* what scounteren must be */
static uint8_t sieve[SIEVE_BYTES];
static volatile uint32_t secondaries_up;

static unsigned count_primes(void) {
    unsigned count = 0;
    for (unsigned i = 2; i < SIEVE_BYTES; i++) {
        if (sieve[i])
            continue;
        count++;
        for (unsigned j = 2 * i; j < SIEVE_BYTES; j += i)
            sieve[j] = 1;
    }
    return count;
}

static unsigned check(const char *what, uint64_t seen, uint64_t expected) {
    if (seen == expected)
        return 0;
    print("hello error: %s is 0x%lx, not 0x%lx", what, seen, expected);
    return 1;
}

/* scounteren and senvcfg have no copies for guests: whoever runs here next must not change ours, nor we theirs. User mode may read all counters at first,
 * as firmware and other hypervisors leave it: a Linux without SBI PMU relies on it for its processes' clock. */
static unsigned set_environment(void) {
    unsigned errors = check("scounteren at first", csr_read(scounteren), FIRST_COUNTERS);
    counters = 1 + csr_read(time) % 7;
    csr_write(scounteren, counters);
    csr_write(senvcfg, counters & SENVCFG_FIOM);
    return errors;
}

static unsigned check_environment(void) {
    return check("scounteren", csr_read(scounteren), counters) + check("senvcfg", csr_read(senvcfg), counters & SENVCFG_FIOM);
}

static unsigned take_ticks(void) {
    unsigned errors = 0;
    for (unsigned i = 0; i < TICKS; i++) {
        uint64_t before = timer_interrupts;
        timer_after(TICK_INTERVAL);
        while (timer_interrupts == before) {
            csr_clear(sstatus, SSTATUS_SIE);
            if (timer_interrupts == before)
                __asm__ volatile("wfi" ::: "memory");
            csr_set(sstatus, SSTATUS_SIE);
        }
        errors += check_environment();
        print("hello tick %u", i + 1);
    }
    return errors;
}

/* On another vCPU: report, and interrupt the first one. */
static void report_up(uint64_t hart) {
    (void)hart;
    __atomic_fetch_add(&secondaries_up, 1, __ATOMIC_SEQ_CST);
    sbi_send_ipi(1, boot_hart_id);
}

static unsigned start_others(void) {
    uint32_t started = vcpus_start(report_up);
    while (secondaries_up < started || (started && !software_interrupts))
        ;
    print("hello vcpus %u", started + 1);
    return 0;
}

unsigned workload_hello(void) {
    unsigned errors = 0;
    trap_setup(NULL);
    print("hello from vcpu %lu, bootargs '%s'", boot_hart_id, bootargs);
    errors += check("primes below 20000", count_primes(), PRIMES_BELOW_20000);
    crc32c_setup(memory_take(CRC32C_TABLE_BYTES, 16));
    errors += check("crc32c of 123456789", crc32c(0, "123456789", 9), 0xe3069283u);
    errors += uart_check();
    errors += start_others();
    errors += set_environment();
    errors += take_ticks();
    errors += check("timer interrupts", timer_interrupts, TICKS);
    print("hello primes %u errors=%u", PRIMES_BELOW_20000, errors);
    return errors;
}
