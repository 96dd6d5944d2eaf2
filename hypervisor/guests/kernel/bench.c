/* The benchmark workload: reads of one size at one queue depth, `bs=` bytes, `qd=`, `ops=`, random unless `order=sequential`. */
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"


static uint64_t state = 88172645463325252ull;

static uint64_t draw(uint64_t bound) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % bound;
}

unsigned workload_bench(void) {
    uint32_t bytes = (uint32_t)string_option(bootargs, "bs", 4096), depth = (uint32_t)string_option(bootargs, "qd", 1);
    uint64_t operations = string_option(bootargs, "ops", 1000), begun = 0, ended = 0, errors = 0, places;
    bool sequential = string_option_is(bootargs, "order", "sequential");
    void *data[NVME_REQUESTS], *lists[NVME_REQUESTS];
    if (!nvme_start())
        return 1;
    uint32_t blocks = bytes / nvme_block_bytes();
    places = nvme_blocks() / (blocks ? blocks : 1);
    if (!blocks || blocks > nvme_most_blocks() || !depth || depth > NVME_REQUESTS || !places) {
        print("bench: bs, qd or the volume is out of range");
        return 1;
    }
    for (uint32_t i = 0; i < depth; i++) {
        data[i] = memory_take(bytes, PAGE_BYTES);
        lists[i] = memory_take(NVME_PRP_LIST_BYTES, PAGE_BYTES);
        if (!data[i] || !lists[i])
            return 1;
    }
    print("bench begins");
    uint64_t start = csr_read(time);
    for (; begun < operations && begun < depth; begun++)
        nvme_submit((uint32_t)begun, NVME_READ, (sequential ? begun % places : draw(places)) * blocks, blocks, data[begun], lists[begun]);
    while (ended < begun) {
        uint64_t bits = nvme_wait();
        if (!bits)
            return 1;
        for (uint32_t i = 0; bits; i++, bits >>= 1) {
            if (!(bits & 1))
                continue;
            ended++;
            errors += nvme_request_status(i) != 0;
            if (begun == operations)
                continue;
            nvme_submit(i, NVME_READ, (sequential ? begun % places : draw(places)) * blocks, blocks, data[i], lists[i]);
            begun++;
        }
    }
    print("bench done ops=%lu ticks=%lu errors=%lu", ended, csr_read(time) - start, errors);
    return errors != 0;
}
