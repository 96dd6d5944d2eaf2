#include "hypervisor/guests/kernel/virtio_net.h"

#include "hypervisor/guests/kernel/directed.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/plic.h"
#include "hypervisor/lib/pci.h"
#include "hypervisor/lib/string.h"

#define CLASS_ETHERNET 0x020000u
#define VENDOR_VIRTIO 0x1af4u
#define CAP_VENDOR 9u
enum { CFG_COMMON = 1, CFG_NOTIFY = 2, CFG_ISR = 3, CFG_DEVICE = 4, CFG_VENDOR = 9, CFG_TYPES };

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

#define COPIED_ENTRIES 64u /* of queues whose frames are copied */
#define RX_BUFFER_BYTES 2048u
#define RX_WHOLE_BYTES 9344u /* any frame in one buffer */
#define HEADER_BYTES 12u
#define NO_VECTOR 0xffffu
#define MSIX_ENTRY_BYTES 16u
#define DESC_NEXT 1u
#define DESC_WRITE 2u
#define NEEDS_CSUM 1u
#define DATA_VALID 2u
/* Of the NIC's placement unit (models/nic/netdev_place.c). */
#define FOLLOWED 0x80u
#define BAD_DATA 0x40u
#define BAD_HEADER 0x20u
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
    uint16_t entries, next; /* next: descriptor of a chain to send */
    uint32_t buffer_bytes;
    uint8_t *buffers;
};

static struct {
    uint16_t rid;
    volatile uint8_t *window[CFG_TYPES];
    uint32_t multiplier;
    uint8_t (*headers)[HEADER_BYTES]; /* of chains to send */
    uint16_t chain_last[VIRTIO_NET_ENTRIES]; /* of the chain that begins with this descriptor */
    uint16_t chain_count[VIRTIO_NET_ENTRIES];
    uint16_t chained; /* descriptors under way */
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

/* Without MSI-X, its line. Boot argument net_msix=0: neither, as a driver that does as it likes; then what comes is found by the timer's looks.
 * @return the vector for what is received */
static uint16_t aim_messages(uint64_t bar) {
    uint32_t cap = pci_find_capability(net.rid, PCI_CAP_MSIX);
    uint64_t address = directed_message_address((uint32_t)boot_hart_id);
    if (!cap)
        plic_enable(pci_line_source(net.rid));
    if (!cap || !string_option(bootargs, "net_msix", 1))
        return NO_VECTOR;
    for (uint32_t v = 0; v <= QUEUES; v++) {
        volatile uint32_t *entry = (volatile uint32_t *)(bar + (pci_read(net.rid, cap + 4) & ~7u) + v * MSIX_ENTRY_BYTES);
        entry[0] = (uint32_t)address;
        entry[1] = (uint32_t)(address >> 32);
        entry[2] = v;
        entry[3] = 0;
    }
    pci_write(net.rid, cap, (pci_read(net.rid, cap) & ~PCI_MSIX_MASK_ALL) | PCI_MSIX_ENABLE);
    return 1;
}

bool virtio_net_acknowledge(void) {
    return net.window[CFG_ISR] && *net.window[CFG_ISR];
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
    q->available[2 + q->added % q->entries] = descriptor;
    q->added++;
}

static void publish(struct queue *q) {
    __asm__ volatile("fence rw, rw" ::: "memory");
    q->available[1] = q->added;
    __asm__ volatile("fence rw, o" ::: "memory");
    *q->notify = (uint32_t)(q - net.queue);
}

static bool make_queue(uint32_t number, uint16_t entries, uint32_t buffer_bytes, uint16_t vector) {
    struct queue *q = &net.queue[number];
    write16(QUEUE_SELECT, (uint16_t)number);
    if (read16(QUEUE_SIZE) < entries)
        return false;
    write16(QUEUE_SIZE, entries);
    q->entries = entries;
    q->buffer_bytes = buffer_bytes;
    q->descriptors = memory_take(entries * sizeof(struct descriptor), 16);
    q->available = memory_take(6 + 2u * entries, 2);
    q->used = memory_take(6 + 8u * entries, 4);
    q->buffers = memory_take((uint64_t)entries * buffer_bytes, 64);
    if (!q->descriptors || !q->available || !q->used || !q->buffers)
        return false;
    q->notify = (volatile uint32_t *)(net.window[CFG_NOTIFY] + read16(QUEUE_NOTIFY_OFF) * net.multiplier);
    write64(QUEUE_DESC, (uint64_t)q->descriptors);
    write64(QUEUE_DRIVER, (uint64_t)q->available);
    write64(QUEUE_DEVICE, (uint64_t)q->used);
    /* A transmit buffer's return wakes nobody: the next send looks. */
    write16(QUEUE_VECTOR, vector);
    q->available[0] = number == TX;
    write16(QUEUE_ENABLE, 1);
    for (uint16_t i = 0; i < entries; i++)
        q->descriptors[i] = (struct descriptor){(uint64_t)q->buffers + (uint64_t)i * buffer_bytes, buffer_bytes, number == RX ? DESC_WRITE : 0, 0};
    return true;
}

static bool start(uint16_t entries, uint32_t rx_bytes, uint32_t tx_bytes) {
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
    write16(CONFIG_VECTOR, NO_VECTOR);
    if (!make_queue(RX, entries, rx_bytes, aim_messages(bar)) || !make_queue(TX, entries, tx_bytes, NO_VECTOR)) {
        print("net: no memory for queues");
        return false;
    }
    write8(DEVICE_STATUS, ACKNOWLEDGE | DRIVER | FEATURES_OK | DRIVER_OK);
    for (uint16_t i = 0; i < entries; i++)
        add(&net.queue[RX], i);
    publish(&net.queue[RX]);
    return true;
}

bool virtio_net_start(void) {
    return start(COPIED_ENTRIES, RX_BUFFER_BYTES, HEADER_BYTES + VIRTIO_NET_SEND_BYTES);
}

bool virtio_net_start_whole(void) {
    net.headers = memory_take(VIRTIO_NET_ENTRIES * sizeof *net.headers, 64);
    return net.headers && start(VIRTIO_NET_ENTRIES, RX_WHOLE_BYTES, 0);
}

void virtio_net_mac(uint8_t mac[6]) {
    for (int i = 0; i < 6; i++)
        mac[i] = net.window[CFG_DEVICE][i];
}

/* The device gives transmit buffers back in order, as it got them. */
static uint16_t transmit_slot(void) {
    return net.queue[TX].added % net.queue[TX].entries;
}

uint8_t *virtio_net_buffer(void) {
    struct queue *q = &net.queue[TX];
    if ((uint16_t)(q->added - q->used[1]) >= q->entries)
        return NULL;
    return q->buffers + transmit_slot() * (uint64_t)(HEADER_BYTES + VIRTIO_NET_SEND_BYTES) + HEADER_BYTES;
}

static void fill_header(uint8_t *header, uint32_t checksum_at, uint32_t checksum_offset, uint32_t segment_bytes, uint32_t header_bytes) {
    memset(header, 0, HEADER_BYTES);
    header[0] = checksum_at ? NEEDS_CSUM : 0;
    header[1] = segment_bytes ? GSO_TCPV4 : 0;
    *(uint16_t *)(header + 2) = (uint16_t)header_bytes;
    *(uint16_t *)(header + 4) = (uint16_t)segment_bytes;
    *(uint16_t *)(header + 6) = (uint16_t)checksum_at;
    *(uint16_t *)(header + 8) = (uint16_t)checksum_offset;
}

void virtio_net_send(uint32_t bytes, uint32_t checksum_at, uint32_t checksum_offset, uint32_t segment_bytes, uint32_t header_bytes) {
    struct queue *q = &net.queue[TX];
    uint16_t slot = transmit_slot();
    uint8_t *header = q->buffers + slot * (uint64_t)(HEADER_BYTES + VIRTIO_NET_SEND_BYTES);
    fill_header(header, checksum_at, checksum_offset, segment_bytes, header_bytes);
    q->descriptors[slot].bytes = HEADER_BYTES + bytes;
    add(q, slot);
    publish(q);
}

static uint32_t take_used(struct queue *q, uint16_t *descriptor) {
    volatile uint32_t *element = (volatile uint32_t *)(q->used + 2) + 2 * (q->seen % q->entries);
    *descriptor = (uint16_t)element[0];
    q->seen++;
    return element[1];
}

/* The next buffer that begins a frame. One that comes back without even a header belonged to a frame that the device had to drop. */
static bool take_filled(struct queue *q, uint16_t *descriptor, uint32_t *bytes) {
    while (q->seen != q->used[1]) {
        __asm__ volatile("fence r, rw" ::: "memory");
        *bytes = take_used(q, descriptor);
        if (*bytes >= HEADER_BYTES)
            return true;
        add(q, *descriptor);
        publish(q);
    }
    return false;
}

uint32_t virtio_net_receive(uint8_t frame[VIRTIO_NET_FRAME_BYTES], bool *checked) {
    struct queue *q = &net.queue[RX];
    uint16_t descriptor;
    uint32_t length = 0, buffers = 1, bytes;
    if (!take_filled(q, &descriptor, &bytes))
        return 0;
    for (uint32_t i = 0; i < buffers; i++) {
        uint32_t skip = i == 0 ? HEADER_BYTES : 0;
        if (i > 0)
            bytes = take_used(q, &descriptor);
        const uint8_t *data = q->buffers + descriptor * (uint64_t)q->buffer_bytes;
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

/* --- whole frames, by reference ----------------------------------------------------------------------------------- */

bool virtio_net_send_pieces(const struct virtio_net_piece *pieces, uint32_t count, uint32_t checksum_at, uint32_t checksum_offset,
                            uint32_t segment_bytes, uint32_t header_bytes, uint16_t *last) {
    struct queue *q = &net.queue[TX];
    uint16_t first = q->next, at = first;
    if (net.chained + count + 1 > q->entries)
        return false;
    fill_header(net.headers[first], checksum_at, checksum_offset, segment_bytes, header_bytes);
    q->descriptors[at] = (struct descriptor){(uint64_t)net.headers[first], HEADER_BYTES, DESC_NEXT, (uint16_t)((at + 1) % q->entries)};
    for (uint32_t i = 0; i < count; i++) {
        at = (uint16_t)((at + 1) % q->entries);
        q->descriptors[at] = (struct descriptor){(uint64_t)pieces[i].data, pieces[i].bytes, i + 1 < count ? DESC_NEXT : 0, (uint16_t)((at + 1) % q->entries)};
    }
    net.chain_last[first] = *last = at;
    net.chain_count[first] = (uint16_t)(count + 1);
    net.chained = (uint16_t)(net.chained + count + 1);
    q->next = (uint16_t)((at + 1) % q->entries);
    add(q, first);
    publish(q);
    return true;
}

bool virtio_net_sent(uint16_t *last) {
    struct queue *q = &net.queue[TX];
    uint16_t first;
    if (q->seen == q->used[1])
        return false;
    __asm__ volatile("fence r, rw" ::: "memory");
    take_used(q, &first);
    net.chained = (uint16_t)(net.chained - net.chain_count[first]);
    *last = net.chain_last[first];
    return true;
}

bool virtio_net_take(struct virtio_net_frame *frame) {
    struct queue *q = &net.queue[RX];
    uint32_t bytes;
    const uint8_t *header;
    if (!take_filled(q, &frame->descriptor, &bytes))
        return false;
    header = q->buffers + frame->descriptor * (uint64_t)q->buffer_bytes;
    frame->data = q->buffers + frame->descriptor * (uint64_t)q->buffer_bytes + HEADER_BYTES;
    frame->bytes = bytes - HEADER_BYTES;
    frame->checked = header[0] & DATA_VALID;
    frame->placed_from = header[0] & FOLLOWED ? *(const uint16_t *)(header + 6) : 0;
    frame->bad_data = header[0] & BAD_DATA;
    frame->bad_header = header[0] & BAD_HEADER;
    return true;
}

void virtio_net_give(uint16_t descriptor) {
    add(&net.queue[RX], descriptor);
}

void virtio_net_given(void) {
    struct queue *q = &net.queue[RX];
    if (q->available[1] != q->added)
        publish(q);
}

volatile uint32_t *virtio_net_place(void) {
    return (volatile uint32_t *)net.window[CFG_VENDOR];
}
