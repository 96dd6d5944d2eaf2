/* The other vCPUs. Natively on QEMU the other harts are OpenSBI's; as a guest they are our vCPUs. */
#include "hypervisor/arch/sbi.h"
#include "hypervisor/guests/kernel/kernel.h"

#define STACK_BYTES 8192u
#define MOST_VCPUS 8u

static void (*work)(uint64_t hart);

void secondary_entry(void);
void secondary_main(uint64_t hart);

void secondary_main(uint64_t hart) {
    work(hart);
    sbi_call(SBI_HSM, 1, 0, 0, 0, 0, 0);
}

unsigned vcpus_start(void (*what)(uint64_t hart)) {
    static uint8_t *stacks[MOST_VCPUS];
    unsigned started = 0;
    work = what;
    for (uint64_t id = 0; id < MOST_VCPUS; id++) {
        if (!stacks[id])
            stacks[id] = memory_take(STACK_BYTES, 16);
        if (id != boot_hart_id && !sbi_hart_start(id, (uint64_t)secondary_entry, (uint64_t)(stacks[id] + STACK_BYTES)).error)
            started++;
    }
    return started;
}
