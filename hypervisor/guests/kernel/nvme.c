/* The NVMe driver's I/O side: PCI, MSI-X, requests, interrupts. */
#include "hypervisor/guests/kernel/nvme.h"

#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/nvme_private.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/guests/kernel/net.h"
#include "hypervisor/guests/kernel/virtio_net.h"
#include "hypervisor/lib/pci.h"

#define IO_VECTOR 1u
#define MSIX_ENTRY_BYTES 16u
#define WATCH_TICKS 1000000u /* 100 ms */
#define WATCH_LIMIT 100u     /* 10 s without a completion */

static struct nvme_controller controller;
static bool use_interrupts;
static volatile uint32_t *msix_entry; /* of the I/O queue's vector */
static volatile uint64_t done; /* bit r: request r completed */
static uint16_t statuses[NVME_QUEUE_ENTRIES];
static uint64_t interrupts, lost_interrupts;

uint64_t nvme_blocks(void) {
    return controller.blocks;
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

/* Takes all completions that are there. Called with interrupts disabled. */
static unsigned reap(void) {
    uint16_t request, status;
    unsigned count = 0;
    for (; nvme_queue_next(&controller.io, &request, &status); count++)
        if (request < NVME_QUEUE_ENTRIES) {
            statuses[request] = status;
            done |= 1ull << request;
        }
    if (count)
        nvme_queue_release(&controller.io);
    return count;
}

static void serve_vector(uint32_t vector) {
    if (vector == IO_VECTOR)
        reap();
    else if (vector >= VIRTIO_NET_VECTOR)
        net_serve();
}

static void serve_external(void) {
    interrupts++;
    directed_serve(serve_vector);
}

void nvme_aim_message(uint64_t address, uint32_t value) {
    if (!address) {
        address = directed_message_address((uint32_t)boot_hart_id);
        value = IO_VECTOR;
    }
    msix_entry[0] = (uint32_t)address;
    msix_entry[1] = (uint32_t)(address >> 32);
    msix_entry[2] = value;
    msix_entry[3] = 0;
}

/* The admin queue is polled, so its vector 0 stays masked. */
static bool setup_msix(uint64_t bar) {
    uint32_t cap = pci_find_capability(controller.rid, PCI_CAP_MSIX);
    if (!cap)
        return false;
    msix_entry = (volatile uint32_t *)(bar + (pci_read(controller.rid, cap + 4) & ~7u) + IO_VECTOR * MSIX_ENTRY_BYTES);
    nvme_aim_message(0, 0);
    pci_write(controller.rid, cap, (pci_read(controller.rid, cap) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
    return true;
}

bool nvme_start(void) {
    uint64_t bytes;
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
    pci_write(controller.rid, PCI_COMMAND, pci_read(controller.rid, PCI_COMMAND) | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    controller.registers = (volatile uint8_t *)bar;
    use_interrupts = directed_setup() && setup_msix(bar);
    trap_setup(use_interrupts ? serve_external : NULL);
    return nvme_controller_start(&controller, use_interrupts ? IO_VECTOR : 0);
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
    struct nvme_sqe command = {.opcode = (uint8_t)opcode, .cid = (uint16_t)request, .nsid = 1};
    if (opcode != NVME_FLUSH) {
        command.cdw10 = (uint32_t)lba;
        command.cdw11 = (uint32_t)(lba >> 32);
        command.cdw12 = blocks - 1;
        set_prps(&command, (uint64_t)data, blocks * 512ull, prp_list);
    }
    nvme_queue_submit(&controller.io, &command);
}

static uint64_t take_done(void) {
    uint64_t bits = done;
    done = 0;
    return bits;
}

/* The timer only watches: a completion that it finds had lost its interrupt. */
static bool watch(unsigned *quiet) {
    static uint64_t seen;
    if (timer_interrupts == seen)
        return true;
    seen = timer_interrupts;
    lost_interrupts += reap() != 0;
    timer_after(WATCH_TICKS);
    return ++*quiet < WATCH_LIMIT;
}

static uint64_t wait_interrupt(void) {
    static bool watching;
    unsigned quiet = 0;
    if (!watching)
        timer_after(WATCH_TICKS);
    watching = true;
    csr_clear(sstatus, SSTATUS_SIE);
    while (!done && watch(&quiet)) {
        if (!done)
            __asm__ volatile("wfi" ::: "memory");
        csr_set(sstatus, SSTATUS_SIE);
        csr_clear(sstatus, SSTATUS_SIE);
    }
    uint64_t bits = take_done();
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait_polled(void) {
    uint64_t limit = csr_read(time) + (uint64_t)WATCH_TICKS * WATCH_LIMIT;
    csr_clear(sstatus, SSTATUS_SIE);
    while (!done && !reap() && csr_read(time) < limit)
        ;
    uint64_t bits = take_done();
    csr_set(sstatus, SSTATUS_SIE);
    return bits;
}

uint64_t nvme_wait_computing(void) {
    uint64_t limit = csr_read(time) + (uint64_t)WATCH_TICKS * WATCH_LIMIT;
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
