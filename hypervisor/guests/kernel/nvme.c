/* The NVMe driver's I/O side: PCI, MSI-X, requests, interrupts. */
#include "hypervisor/guests/kernel/nvme.h"

#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme_private.h"
#include "hypervisor/guests/kernel/plic.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/guests/kernel/net.h"
#include "hypervisor/guests/kernel/virtio_net.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define MSIX_ENTRY_BYTES 16u
#define WAIT_TICKS 100000000u /* 10 s without a completion */
#define WATCH_US 100000u      /* between two looks of the timer; boot argument watch_us= */
#define RETURN_TICKS 10000u   /* 1 ms between two looks at a function that is gone */

static struct nvme_controller controller;
static bool use_interrupts;
static bool by_line; /* INTx through the virtual PLIC, as stock drivers have it */
static volatile uint32_t *msix_table;
static volatile uint64_t done; /* bit r: request r completed */
static uint16_t statuses[NVME_QUEUE_ENTRIES];
static struct nvme_sqe commands[NVME_QUEUE_ENTRIES]; /* by request */
static volatile uint64_t in_flight;                  /* bit r: request r has no completion yet */
static volatile uint64_t completions;
static uint64_t interrupts, lost_interrupts, watch_ticks;
static unsigned recoveries;
static uint32_t namespace = 1;
static volatile bool admin_called; /* vector 0 */

uint64_t nvme_blocks(void) {
    return controller.blocks;
}

uint32_t nvme_block_bytes(void) {
    return controller.block_bytes;
}

uint32_t nvme_most_blocks(void) {
    return controller.most_blocks;
}

bool nvme_uses_interrupts(void) {
    return use_interrupts;
}

uint16_t nvme_request_status(uint32_t request) {
    return statuses[request];
}

uint64_t nvme_interrupts(void) {
    return interrupts;
}

uint64_t nvme_lost_interrupts(void) {
    return lost_interrupts;
}

unsigned nvme_recoveries(void) {
    return recoveries;
}

static struct nvme_queue *queue_of(uint32_t request) {
    return &controller.io[request % controller.queues];
}

/* Takes all completions that are there. Called with interrupts disabled. */
static unsigned reap_queue(struct nvme_queue *queue) {
    uint16_t request, status;
    unsigned count = 0;
    for (; nvme_queue_next(queue, &request, &status); count++)
        if (request < NVME_QUEUE_ENTRIES) {
            statuses[request] = status;
            done |= 1ull << request;
            in_flight &= ~(1ull << request);
        }
    if (count)
        nvme_queue_release(queue);
    completions += count;
    return count;
}

static unsigned reap(void) {
    unsigned count = 0;
    for (uint32_t q = 0; q < controller.queues; q++)
        count += reap_queue(&controller.io[q]);
    return count;
}

static void serve_vector(uint32_t vector) {
    if (vector == 0)
        admin_called = true;
    else if (vector <= controller.queues)
        reap_queue(&controller.io[vector - 1]);
    else if (vector >= VIRTIO_NET_VECTOR)
        net_serve();
}

static void serve_external(void) {
    interrupts++;
    directed_serve(serve_vector);
}

/* A line says that something came, not what. */
static void serve_line(void) {
    uint32_t source = plic_claim();
    if (!source)
        return;
    if (source == pci_line_source(controller.rid)) {
        interrupts++;
        admin_called = controller.watches;
        if (in_flight)
            reap();
    } else if (virtio_net_acknowledge()) {
        net_serve();
    }
    plic_complete(source);
}

static void aim(uint32_t vector, uint64_t address, uint32_t value) {
    volatile uint32_t *entry = msix_table + vector * (MSIX_ENTRY_BYTES / sizeof *msix_table);
    entry[0] = (uint32_t)address;
    entry[1] = (uint32_t)(address >> 32);
    entry[2] = value;
    entry[3] = 0;
}

static void aim_right(uint32_t vector) {
    aim(vector, directed_message_address((uint32_t)boot_hart_id), vector);
}

void nvme_aim_message(uint64_t address, uint32_t value) {
    if (address)
        aim(1, address, value);
    else
        aim_right(1);
}

/* Where no events are asked for the admin queue is polled, and its vector 0 stays masked. */
static bool setup_msix(uint64_t bar) {
    uint32_t cap = pci_find_capability(controller.rid, PCI_CAP_MSIX);
    if (by_line || !cap)
        return by_line;
    msix_table = (volatile uint32_t *)(bar + (pci_read(controller.rid, cap + 4) & ~7u));
    for (uint32_t vector = controller.watches ? 0 : 1; vector <= controller.queues; vector++)
        aim_right(vector);
    pci_write(controller.rid, cap, (pci_read(controller.rid, cap) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
    return true;
}

static bool read_arguments(void) {
    controller.queues = (uint32_t)string_option(bootargs, "queues", 1);
    watch_ticks = string_option(bootargs, "watch_us", WATCH_US) * 10;
    if (controller.queues >= 1 && controller.queues <= NVME_QUEUES_MOST)
        return true;
    print("nvme: queues=%u is not 1 to %u", controller.queues, NVME_QUEUES_MOST);
    return false;
}

/* By messages where the VM has directed interrupts, by lines where its bus has some; else everything is polled. */
static void choose_interrupts(uint64_t bar) {
    uint32_t source = pci_line_source(controller.rid);
    if (directed_setup()) {
        use_interrupts = setup_msix(bar);
        trap_setup(use_interrupts ? serve_external : NULL);
        return;
    }
    by_line = use_interrupts = source && fdt_find_compatible(&tree, FDT_NONE, "assay,vm") != FDT_NONE && plic_setup();
    trap_setup(by_line ? serve_line : NULL);
    if (by_line)
        plic_enable(source);
}

static void switch_on(void) {
    pci_write(controller.rid, PCI_COMMAND, pci_read(controller.rid, PCI_COMMAND) | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
}

bool nvme_start(void) {
    uint64_t bytes;
    if (!read_arguments())
        return false;
    pci_setup(&tree);
    controller.rid = pci_find_class(PCI_CLASS_NVME);
    if (controller.rid == PCI_NO_FUNCTION) {
        print("nvme: no controller on the bus");
        return false;
    }
    uint64_t bar = pci_assign_bar(controller.rid, PCI_BAR0, 1, &bytes);
    if (!bar) {
        print("nvme: no room for BAR0");
        return false;
    }
    switch_on();
    controller.registers = (volatile uint8_t *)bar;
    choose_interrupts(bar);
    return nvme_controller_start(&controller, use_interrupts);
}

bool nvme_restart(void) {
    return nvme_controller_start(&controller, use_interrupts);
}

void nvme_set_namespace(uint32_t nsid) {
    namespace = nsid;
}

bool nvme_watch_namespace(void) {
    if (use_interrupts && !by_line)
        aim_right(0);
    return use_interrupts && nvme_controller_watch(&controller);
}

bool nvme_take_event(void) {
    admin_called = false;
    return nvme_controller_take_event(&controller);
}

bool nvme_reread_namespace(bool *listed) {
    return nvme_controller_reread(&controller, listed);
}

const uint8_t *nvme_namespace_id(void) {
    return controller.id;
}

static bool await_return(void) {
    uint64_t limit = csr_read(time) + WAIT_TICKS;
    while (pci_read(controller.rid, PCI_ID) == PCI_NO_DEVICE) {
        if (csr_read(time) > limit)
            return false;
        timer_after(RETURN_TICKS);
        __asm__ volatile("wfi" ::: "memory");
    }
    return true;
}

/* The function has come back, at its old address. What it had not answered goes out once more, as after any reset (NVMe 1.4, section 7.3.2):
 * no two requests in flight overlap, so a write that had been carried out does no harm. Interrupts are disabled. */
static bool recover(void) {
    uint64_t bytes;
    if (!await_return() || !pci_place_bar(controller.rid, PCI_BAR0, (uint64_t)controller.registers, &bytes))
        return false;
    switch_on();
    if ((use_interrupts && !setup_msix((uint64_t)controller.registers)) || !nvme_controller_start(&controller, use_interrupts))
        return false;
    unsigned again = 0;
    recoveries++;
    for (uint32_t request = 0; request < NVME_REQUESTS; request++)
        if (in_flight >> request & 1) {
            nvme_queue_submit(queue_of(request), &commands[request]);
            again++;
        }
    print("nvme: the controller is back, %u commands go out again", again);
    return true;
}

/* PRP1 covers the rest of its page, PRP2 is the second page or a list of the others (NVMe 1.4, section 4.3). */
static void set_prps(struct nvme_sqe *command, uint64_t data, uint64_t bytes, uint64_t *list) {
    uint64_t page = (data & ~(PAGE_BYTES - 1)) + PAGE_BYTES, end = data + bytes;
    command->prp1 = data;
    if (end <= page)
        return;
    if (end <= page + PAGE_BYTES) {
        command->prp2 = page;
        return;
    }
    command->prp2 = (uint64_t)list;
    for (; page < end; page += PAGE_BYTES)
        *list++ = page;
}

void nvme_submit(uint32_t request, enum nvme_io_opcode opcode, uint64_t lba, uint32_t blocks, void *data, uint64_t *prp_list) {
    struct nvme_sqe command = {.opcode = (uint8_t)opcode, .cid = (uint16_t)request, .nsid = namespace};
    if (opcode == NVME_DATASET) {
        command.cdw10 = blocks - 1;
        command.cdw11 = NVME_DATASET_DEALLOCATE;
        set_prps(&command, (uint64_t)data, blocks * sizeof(struct nvme_dsm_range), prp_list);
    } else if (opcode != NVME_FLUSH) {
        command.cdw10 = (uint32_t)lba;
        command.cdw11 = (uint32_t)(lba >> 32);
        command.cdw12 = blocks - 1;
        if (opcode != NVME_WRITE_ZEROES)
            set_prps(&command, (uint64_t)data, blocks * (uint64_t)controller.block_bytes, prp_list);
    }
    commands[request] = command;
    __atomic_fetch_or(&in_flight, 1ull << request, __ATOMIC_RELAXED);
    nvme_queue_submit(queue_of(request), &command);
}

static uint64_t take_done(void) {
    uint64_t bits = done;
    done = 0;
    return bits;
}

/* The timer only watches, and acts when nothing has completed since its last look: a completion that it finds had lost its interrupt. */
static bool watch(uint64_t limit) {
    static uint64_t seen, seen_completions;
    if (timer_interrupts == seen)
        return true;
    seen = timer_interrupts;
    if (completions == seen_completions) {
        if (reap())
            lost_interrupts++;
        else if (nvme_controller_is_gone(&controller) && !recover())
            return false;
    }
    seen_completions = completions;
    timer_after(watch_ticks);
    return csr_read(time) < limit;
}

static uint64_t wait_interrupt(void) {
    static bool watching;
    uint64_t limit = csr_read(time) + WAIT_TICKS;
    if (!watching)
        timer_after(watch_ticks);
    watching = true;
    csr_clear(sstatus, SSTATUS_SIE);
    while (!done && !admin_called && watch(limit)) {
        if (!done && !admin_called)
            __asm__ volatile("wfi" ::: "memory");
        csr_set(sstatus, SSTATUS_SIE);
        csr_clear(sstatus, SSTATUS_SIE);
    }
    uint64_t bits = take_done();
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait_polled(void) {
    uint64_t limit = csr_read(time) + WAIT_TICKS;
    csr_clear(sstatus, SSTATUS_SIE);
    while (!done && !reap() && csr_read(time) < limit)
        ;
    uint64_t bits = take_done();
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait_computing(void) {
    uint64_t limit = csr_read(time) + WAIT_TICKS;
    while (!done && csr_read(time) < limit)
        ;
    csr_clear(sstatus, SSTATUS_SIE);
    lost_interrupts += !done && reap() != 0;
    uint64_t bits = take_done();
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait(void) {
    return use_interrupts ? wait_interrupt() : nvme_wait_polled();
}
