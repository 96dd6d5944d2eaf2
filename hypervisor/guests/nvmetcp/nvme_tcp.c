/*
 * The guest kernel's NVMe interface (guests/kernel/nvme.h) over NVMe/TCP: accelerator mode. The initiator is the firmware's (firmware/fabric with
 * lwIP), running on the guest's vCPU; the NIC's virtio-net function sums, segments, places and verifies (port_virtio.c, place_virtio.c). So the
 * kernel's workloads run in this mode as they are.
 *
 * Boot arguments: own=OWN-ADDRESS target=ADDRESS (as numbers) nqn=NAME [tport=4420] [queues=1] [hdgst=1] [ddgst=1] [timeout=MS] [plain=1: without the NIC's help]
 */
#include "hypervisor/guests/kernel/nvme.h"

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/fabric/fabric.h"
#include "firmware/net/lan.h"
#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/nvmetcp/port_virtio.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define MOST_BYTES 131072u
#define GIVE_UP_TICKS (60 * CLOCK_TICKS_PER_SECOND)
#define MOST_SLEEP_TICKS (CLOCK_TICKS_PER_SECOND / 100)

static struct config config;
static uint64_t done; /* bit r: request r is over */
static uint16_t statuses[NVME_QUEUE_ENTRIES];
static uint64_t interrupts;
static bool ready;
static uint32_t namespace_offset; /* what the guest calls 1 has the storage's number */

uint64_t nvme_blocks(void) {
    return fabric_storage(0)->blocks;
}

uint32_t nvme_block_bytes(void) {
    return 1u << fabric_storage(0)->lba_shift;
}

uint32_t nvme_most_blocks(void) {
    return MOST_BYTES >> fabric_storage(0)->lba_shift;
}

bool nvme_uses_interrupts(void) {
    return true;
}

uint16_t nvme_request_status(uint32_t request) {
    return statuses[request];
}

uint64_t nvme_interrupts(void) {
    return interrupts;
}

uint64_t nvme_lost_interrupts(void) {
    return 0;
}

unsigned nvme_recoveries(void) {
    return 0;
}

void nvme_aim_message(uint64_t address, uint32_t value) {
    (void)address;
    (void)value;
}

static void request_done(unsigned tag, uint16_t status) {
    statuses[tag] = status;
    done |= 1ull << tag;
}

static void storage_ready(unsigned storage) {
    ready = fabric_storage(storage)->ready;
}

static void serve_vector(uint32_t vector) {
    (void)vector; /* whoever waits looks at the rings */
}

static void serve_external(void) {
    interrupts++;
    directed_serve(serve_vector);
}

/* What is due now. @return when the next thing is */
static uint64_t run_due(void) {
    bool more = port_receive();
    uint64_t fabric = fabric_run(), lan;
    fabric_flush();
    lan = lan_run_timers();
    if (more)
        return 0;
    return fabric < lan ? fabric : lan;
}

/* Interrupts are off but for a moment after each sleep, so that none is missed between the look and the sleep. */
static uint64_t wait_for(const bool *flag) {
    uint64_t limit = clock_ticks() + GIVE_UP_TICKS;
    csr_clear(sstatus, SSTATUS_SIE);
    while (!done && !(flag && *flag) && clock_ticks() < limit) {
        uint64_t next = run_due(), now = clock_ticks();
        if (done || (flag && *flag) || next <= now)
            continue;
        timer_after(next - now < MOST_SLEEP_TICKS ? next - now : MOST_SLEEP_TICKS);
        __asm__ volatile("wfi" ::: "memory");
        csr_set(sstatus, SSTATUS_SIE);
        csr_clear(sstatus, SSTATUS_SIE);
    }
    uint64_t bits = done;
    done = 0;
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait(void) {
    return wait_for(NULL);
}

uint64_t nvme_wait_polled(void) {
    return wait_for(NULL);
}

uint64_t nvme_wait_computing(void) {
    return wait_for(NULL);
}

void nvme_submit(uint32_t request, enum nvme_io_opcode opcode, uint64_t lba, uint32_t blocks, void *data, uint64_t *prp_list) {
    struct fabric_request wanted = {.opcode = (uint8_t)opcode, .nsid = config.volumes[0].nsid + namespace_offset, .to_storage = opcode != NVME_READ};
    (void)prp_list;
    if (opcode == NVME_DATASET) {
        wanted.dw[0] = blocks - 1;
        wanted.dw[1] = NVME_DATASET_DEALLOCATE;
        wanted.bytes = blocks * (uint32_t)sizeof(struct nvme_dsm_range);
    } else if (opcode != NVME_FLUSH) {
        wanted.dw[0] = (uint32_t)lba;
        wanted.dw[1] = (uint32_t)(lba >> 32);
        wanted.dw[2] = blocks - 1;
        wanted.bytes = opcode == NVME_WRITE_ZEROES ? 0 : blocks * nvme_block_bytes();
    }
    wanted.data = wanted.bytes ? data : NULL;
    fabric_submit(0, request, &wanted);
}

/* The controller is the storage's: it has no registers here. */
bool nvme_restart(void) {
    return ready;
}

/* The namespace of a storage: nobody exchanges it. */
bool nvme_watch_namespace(void) {
    print("nvme: no events of a storage's namespace");
    return false;
}

bool nvme_take_event(void) {
    return false;
}

bool nvme_reread_namespace(bool *listed) {
    *listed = false;
    return false;
}

const uint8_t *nvme_namespace_id(void) {
    return (const uint8_t *)"no NGUID is read";
}

void nvme_set_namespace(uint32_t nsid) {
    namespace_offset = nsid - 1;
}

static void put_address(uint8_t to[4], uint64_t address) {
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(address >> (8 * (3 - i)));
}

static bool take_name(char *to, uint32_t bytes) {
    const char *at = bootargs;
    uint32_t used = 0;
    while (*at && strncmp(at, "nqn=", 4) != 0)
        at++;
    for (at += *at ? 4 : 0; *at && *at != ' ' && used < bytes - 1; at++)
        to[used++] = *at;
    return used > 0;
}

static bool configure(void) {
    struct config_volume *volume = &config.volumes[0];
    put_address(config.ip, string_option(bootargs, "own", 0));
    put_address(volume->paths[0].address, string_option(bootargs, "target", 0));
    config.prefix_bits = 24;
    config.seed = string_option(bootargs, "seed", 1);
    volume->paths[0].port = (uint16_t)string_option(bootargs, "tport", 4420);
    volume->present = 1;
    volume->path_count = 1;
    volume->nsid = 1;
    volume->queues = (uint8_t)string_option(bootargs, "queues", 1);
    volume->header_digest = string_option(bootargs, "hdgst", 0) != 0;
    volume->data_digest = string_option(bootargs, "ddgst", 0) != 0;
    volume->timeout_ms = (uint32_t)string_option(bootargs, "timeout", CONFIG_TIMEOUT_MS);
    return config.ip[0] && volume->paths[0].address[0] && take_name(volume->nqn, sizeof volume->nqn);
}

bool nvme_start(void) {
    static const struct fabric_events events = {request_done, storage_ready};
    pci_setup(&tree);
    if (!configure()) {
        print("nvme/tcp: own=, target= or nqn= is missing");
        return false;
    }
    if (!directed_setup()) {
        print("nvme/tcp: no directed interrupts");
        return false;
    }
    trap_setup(serve_external);
    if (!port_virtio_start(config.mac))
        return false;
    lan_init(&config);
    fabric_init(&config, &events);
    wait_for(&ready);
    if (!ready)
        print("nvme/tcp: the storage cannot be reached");
    return ready;
}
