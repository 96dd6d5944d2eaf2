#include "hypervisor/guests/kernel/virtio_net.h"

#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define CLASS_ETHERNET 0x020000u
#define VENDOR_VIRTIO 0x1af4u
#define CAP_VENDOR 9u
enum { CFG_COMMON = 1, CFG_NOTIFY = 2, CFG_DEVICE = 4, CFG_TYPES };

/* Common configuration, VIRTIO 1.1 section 4.1.4.3. */
enum {
    DEVICE_FEATURE_SELECT = 0x00,
    DEVICE_FEATURE = 0x04,
    DRIVER_FEATURE_SELECT = 0x08,
    DRIVER_FEATURE = 0x0c,
    CONFIG_VECTOR = 0x10,
    DEVICE_STATUS = 0x14,
    QUEUE_SELECT = 0x16,
    QUEUE_SIZE = 0x18,
    QUEUE_VECTOR = 0x1a,
    QUEUE_ENABLE = 0x1c,
    QUEUE_NOTIFY_OFF = 0x1e,
    QUEUE_DESC = 0x20,
    QUEUE_DRIVER = 0x28,
    QUEUE_DEVICE = 0x30,
};
enum { ACKNOWLEDGE = 1, DRIVER = 2, DRIVER_OK = 4, FEATURES_OK = 8 };
enum { F_CSUM = 0, F_GUEST_CSUM = 1, F_MAC = 5, F_HOST_TSO4 = 11, F_MRG_RXBUF = 15, F_VERSION_1 = 32 };
enum { RX, TX, QUEUES };

#define ENTRIES 64u
#define RX_BUFFER_BYTES 2048u
#define HEADER_BYTES 12u
#define NO_VECTOR 0xffffu
#define MSIX_ENTRY_BYTES 16u
#define DESC_WRITE 2u
#define NEEDS_CSUM 1u
#define DATA_VALID 2u
#define GSO_TCPV4 1u

struct descriptor {
    uint64_t address;
    uint32_t bytes;
    uint16_t flags, next;
};

struct queue {
    struct descriptor *descriptors;
    volatile uint16_t *available; /* flags, index, ring */
    volatile uint16_t *used;      /* flags, index; elements of two 32-bit words from byte 4 on */
    volatile uint32_t *notify;
    uint16_t seen, added;
    uint8_t *buffers;
};

static struct {
    uint16_t rid;
    volatile uint8_t *window[CFG_TYPES];
    uint32_t multiplier;
    struct queue queue[QUEUES];
} net;

static volatile uint8_t *common(uint32_t offset) {
    return net.window[CFG_COMMON] + offset;
}

static void write8(uint32_t offset, uint8_t value) {
    *common(offset) = value;
}

static void write16(uint32_t offset, uint16_t value) {
    *(volatile uint16_t *)common(offset) = value;
}

static uint16_t read16(uint32_t offset) {
    return *(volatile uint16_t *)common(offset);
}

static void write32(uint32_t offset, uint32_t value) {
    *(volatile uint32_t *)common(offset) = value;
}

static void write64(uint32_t offset, uint64_t value) {
    write32(offset, (uint32_t)value);
    write32(offset + 4, (uint32_t)(value >> 32));
}

static void find_windows(uint64_t bar) {
    uint32_t at = pci_read(net.rid, PCI_CAPABILITIES) & 0xfc;
    for (unsigned guard = 0; at >= PCI_HEADER_BYTES && guard < 48; guard++) {
        uint32_t head = pci_read(net.rid, at), type = head >> 24;
        if ((head & 0xff) == CAP_VENDOR && type < CFG_TYPES && !net.window[type]) {
            net.window[type] = (volatile uint8_t *)(bar + pci_read(net.rid, at + 8));
            if (type == CFG_NOTIFY)
                net.multiplier = pci_read(net.rid, at + 16);
        }
        at = (head >> 8) & 0xfc;
    }
}

static void aim_messages(uint64_t bar) {
    uint32_t cap = pci_find_capability(net.rid, PCI_CAP_MSIX);
    uint64_t address = directed_message_address((uint32_t)boot_hart_id);
    for (uint32_t v = 0; v <= QUEUES; v++) {
        volatile uint32_t *entry = (volatile uint32_t *)(bar + (pci_read(net.rid, cap + 4) & ~7u) + v * MSIX_ENTRY_BYTES);
        entry[0] = (uint32_t)address;
        entry[1] = (uint32_t)(address >> 32);
        entry[2] = v;
        entry[3] = 0;
    }
    pci_write(net.rid, cap, (pci_read(net.rid, cap) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
}

static bool negotiate(void) {
    const uint64_t wanted = 1ull << F_CSUM | 1ull << F_GUEST_CSUM | 1ull << F_MAC | 1ull << F_HOST_TSO4 | 1ull << F_MRG_RXBUF | 1ull << F_VERSION_1;
    uint64_t offered = 0;
    write8(DEVICE_STATUS, 0);
    while (*common(DEVICE_STATUS) != 0)
        ;
    write8(DEVICE_STATUS, ACKNOWLEDGE);
    write8(DEVICE_STATUS, ACKNOWLEDGE | DRIVER);
    for (uint32_t half = 0; half < 2; half++) {
        write32(DEVICE_FEATURE_SELECT, half);
        offered |= (uint64_t) * (volatile uint32_t *)common(DEVICE_FEATURE) << (32 * half);
    }
    for (uint32_t half = 0; half < 2; half++) {
        write32(DRIVER_FEATURE_SELECT, half);
        write32(DRIVER_FEATURE, (uint32_t)((offered & wanted) >> (32 * half)));
    }
    write8(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK);
    return (*common(DEVICE_STATUS) & FEATURES_OK) && (offered & wanted) == wanted;
}

static void add(struct queue *q, uint16_t descriptor) {
    q->available[2 + q->added % ENTRIES] = descriptor;
    q->added++;
}

static void publish(struct queue *q) {
    __asm__ volatile("fence rw, rw" ::: "memory");
    q->available[1] = q->added;
    __asm__ volatile("fence rw, o" ::: "memory");
    *q->notify = (uint32_t)(q - net.queue);
}

static bool make_queue(uint32_t number, uint32_t buffer_bytes) {
    struct queue *q = &net.queue[number];
    write16(QUEUE_SELECT, (uint16_t)number);
    if (read16(QUEUE_SIZE) < ENTRIES)
        return false;
    write16(QUEUE_SIZE, ENTRIES);
    q->descriptors = memory_take(ENTRIES * sizeof(struct descriptor), 16);
    q->available = memory_take(6 + 2 * ENTRIES, 2);
    q->used = memory_take(6 + 8 * ENTRIES, 4);
    q->buffers = memory_take((uint64_t)ENTRIES * buffer_bytes, 64);
    if (!q->descriptors || !q->available || !q->used || !q->buffers)
        return false;
    q->notify = (volatile uint32_t *)(net.window[CFG_NOTIFY] + read16(QUEUE_NOTIFY_OFF) * net.multiplier);
    write64(QUEUE_DESC, (uint64_t)q->descriptors);
    write64(QUEUE_DRIVER, (uint64_t)q->available);
    write64(QUEUE_DEVICE, (uint64_t)q->used);
    /* A transmit buffer's return wakes nobody: the next send looks. */
    write16(QUEUE_VECTOR, number == RX ? 1 : NO_VECTOR);
    q->available[0] = number == TX;
    write16(QUEUE_ENABLE, 1);
    for (uint16_t i = 0; i < ENTRIES; i++)
        q->descriptors[i] = (struct descriptor){(uint64_t)q->buffers + (uint64_t)i * buffer_bytes, buffer_bytes, number == RX ? DESC_WRITE : 0, 0};
    return true;
}

bool virtio_net_start(void) {
    uint64_t bytes, bar;
    net.rid = pci_find_class(CLASS_ETHERNET);
    if (net.rid == PCI_NO_FUNCTION || (pci_read(net.rid, PCI_ID) & 0xffff) != VENDOR_VIRTIO) {
        print("net: no virtio-net function on the bus");
        return false;
    }
    bar = pci_assign_bar(net.rid, PCI_BAR0, 1, &bytes);
    if (!bar) {
        print("net: no room for BAR0");
        return false;
    }
    pci_write(net.rid, PCI_COMMAND, pci_read(net.rid, PCI_COMMAND) | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
    find_windows(bar);
    if (!net.window[CFG_COMMON] || !net.window[CFG_NOTIFY] || !net.window[CFG_DEVICE] || !negotiate()) {
        print("net: the function does not offer what this driver needs");
        return false;
    }
    aim_messages(bar);
    write16(CONFIG_VECTOR, NO_VECTOR);
    if (!make_queue(RX, RX_BUFFER_BYTES) || !make_queue(TX, HEADER_BYTES + VIRTIO_NET_SEND_BYTES)) {
        print("net: no memory for queues");
        return false;
    }
    write8(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    for (uint16_t i = 0; i < ENTRIES; i++)
        add(&net.queue[RX], i);
    publish(&net.queue[RX]);
    return true;
}

void virtio_net_mac(uint8_t mac[6]) {
    for (int i = 0; i < 6; i++)
        mac[i] = net.window[CFG_DEVICE][i];
}

/* The device gives transmit buffers back in order, as it got them. */
static uint16_t transmit_slot(void) {
    return net.queue[TX].added % ENTRIES;
}

uint8_t *virtio_net_buffer(void) {
    struct queue *q = &net.queue[TX];
    if ((uint16_t)(q->added - q->used[1]) >= ENTRIES)
        return NULL;
    return q->buffers + transmit_slot() * (uint64_t)(HEADER_BYTES + VIRTIO_NET_SEND_BYTES) + HEADER_BYTES;
}

void virtio_net_send(uint32_t bytes, uint32_t checksum_at, uint32_t checksum_offset, uint32_t segment_bytes, uint32_t header_bytes) {
    struct queue *q = &net.queue[TX];
    uint16_t slot = transmit_slot();
    uint8_t *header = q->buffers + slot * (uint64_t)(HEADER_BYTES + VIRTIO_NET_SEND_BYTES);
    memset(header, 0, HEADER_BYTES);
    header[0] = checksum_at ? NEEDS_CSUM : 0;
    header[1] = segment_bytes ? GSO_TCPV4 : 0;
    *(uint16_t *)(header + 2) = (uint16_t)header_bytes;
    *(uint16_t *)(header + 4) = (uint16_t)segment_bytes;
    *(uint16_t *)(header + 6) = (uint16_t)checksum_at;
    *(uint16_t *)(header + 8) = (uint16_t)checksum_offset;
    q->descriptors[slot].bytes = HEADER_BYTES + bytes;
    add(q, slot);
    publish(q);
}

static uint32_t take_used(struct queue *q, uint16_t *descriptor) {
    volatile uint32_t *element = (volatile uint32_t *)(q->used + 2) + 2 * (q->seen % ENTRIES);
    *descriptor = (uint16_t)element[0];
    q->seen++;
    return element[1];
}

uint32_t virtio_net_receive(uint8_t frame[VIRTIO_NET_FRAME_BYTES], bool *checked) {
    struct queue *q = &net.queue[RX];
    uint16_t descriptor;
    uint32_t length = 0, buffers = 1;
    if (q->seen == q->used[1])
        return 0;
    __asm__ volatile("fence r, rw" ::: "memory");
    for (uint32_t i = 0; i < buffers; i++) {
        uint32_t bytes = take_used(q, &descriptor), skip = i == 0 ? HEADER_BYTES : 0;
        const uint8_t *data = q->buffers + descriptor * (uint64_t)RX_BUFFER_BYTES;
        if (i == 0) {
            *checked = data[0] & DATA_VALID;
            buffers = *(const uint16_t *)(data + 10);
        }
        if (bytes > skip && length + bytes - skip <= VIRTIO_NET_FRAME_BYTES) {
            memcpy(frame + length, data + skip, bytes - skip);
            length += bytes - skip;
        }
        add(q, descriptor);
    }
    publish(q);
    return length;
}
