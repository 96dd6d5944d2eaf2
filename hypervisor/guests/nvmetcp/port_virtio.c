#include "hypervisor/guests/nvmetcp/port_virtio.h"

#include "firmware/core/log.h"
#include "firmware/net/lan.h"
#include "firmware/net/place.h"
#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/virtio_net.h"
#include "hypervisor/lib/string.h"
#include "lwip/pbuf.h"
#include "lwip/tcp.h"

enum { ETHERNET = 14, TYPE_AT = 12, IP = 14, IP_BYTES = 20, IP_SUM_AT = 10, PROTOCOL_AT = 9, TCP_SUM_AT = 16, PROTOCOL_TCP = 6, MTU = 9000 };

/* lwIP's segments may be so long: the device cuts them. With headers they stay below 64 KiB. */
#define LARGE_SEGMENT 61440u

struct rx_buffer {
    struct pbuf_custom pbuf; /* first: lwIP hands its address back */
    struct virtio_net_frame frame;
};

struct port_counters port_counters;

static struct rx_buffer rx_buffers[VIRTIO_NET_ENTRIES];
static struct pbuf *tx_frames[VIRTIO_NET_ENTRIES]; /* the frame whose chain ends with this descriptor */
static uint16_t segment_bytes;

static uint32_t get16(const uint8_t *p) {
    return (uint32_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static uint32_t fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (sum & 0xffff) + (sum >> 16);
}

bool port_virtio_start(uint8_t mac[6]) {
    if (!virtio_net_start_whole())
        return false;
    virtio_net_mac(mac);
    return true;
}

void port_add_storage(const uint8_t address[4], uint16_t port, const uint8_t own[4]) {
    (void)address;
    (void)port;
    (void)own;
}

void port_connected(struct tcp_pcb *pcb) {
    segment_bytes = pcb->mss;
    if (string_option(bootargs, "plain", 0))
        return;
    pcb->mss = LARGE_SEGMENT;
    pcb->cwnd = 2 * LARGE_SEGMENT; /* a window smaller than a segment would never open */
}

/* The sums that virtio leaves to the driver: of the IPv4 header, and of TCP's pseudo header. @return whether it is TCP */
static bool prepare_sums(uint8_t *frame) {
    uint8_t *ip = frame + IP;
    uint32_t sum = 0;
    if (get16(frame + TYPE_AT) != 0x0800)
        return false;
    put16(ip + IP_SUM_AT, 0);
    for (unsigned i = 0; i < IP_BYTES; i += 2)
        sum += get16(ip + i);
    put16(ip + IP_SUM_AT, ~fold(sum));
    if (ip[PROTOCOL_AT] != PROTOCOL_TCP)
        return false;
    sum = PROTOCOL_TCP + get16(ip + 2) - IP_BYTES;
    for (unsigned i = 12; i < IP_BYTES; i += 2)
        sum += get16(ip + i);
    put16(ip + IP_BYTES + TCP_SUM_AT, fold(sum));
    return true;
}

void port_reclaim(void) {
    uint16_t last;
    while (virtio_net_sent(&last)) {
        pbuf_free(tx_frames[last]);
        tx_frames[last] = NULL;
    }
}

bool port_send(struct pbuf *frame) {
    struct virtio_net_piece pieces[VIRTIO_NET_PIECES];
    uint8_t *head = frame->payload; /* Ethernet, IPv4 and TCP headers are one piece of lwIP's */
    uint32_t count = 0, headers = 0, large = 0;
    uint16_t last;
    bool tcp;
    if (pbuf_clen(frame) > VIRTIO_NET_PIECES)
        return false;
    port_reclaim();
    tcp = frame->len >= ETHERNET + IP_BYTES && prepare_sums(head);
    if (tcp && frame->tot_len > ETHERNET + MTU) {
        headers = ETHERNET + IP_BYTES + (head[IP + IP_BYTES + 12] >> 4) * 4u;
        large = segment_bytes;
    }
    for (struct pbuf *piece = frame; piece; piece = piece->next)
        pieces[count++] = (struct virtio_net_piece){piece->payload, piece->len};
    if (!virtio_net_send_pieces(pieces, count, tcp ? ETHERNET + IP_BYTES : 0, TCP_SUM_AT, large, headers, &last)) {
        port_counters.tx_full++;
        return false;
    }
    pbuf_ref(frame);
    tx_frames[last] = frame;
    port_counters.tx_frames++;
    return true;
}

static void rx_free(struct pbuf *pbuf) {
    struct rx_buffer *buffer = (struct rx_buffer *)(void *)pbuf;
    virtio_net_give(buffer->frame.descriptor);
}

/* TCP's checksum is the device's to verify: lwIP does not. */
static bool damaged(const struct virtio_net_frame *frame) {
    return frame->bytes >= ETHERNET + IP_BYTES && get16(frame->data + TYPE_AT) == 0x0800 && frame->data[IP + PROTOCOL_AT] == PROTOCOL_TCP && !frame->checked;
}

bool port_receive(void) {
    struct virtio_net_frame frame;
    for (unsigned taken = 0; taken < 16; taken++) {
        if (!virtio_net_take(&frame)) {
            virtio_net_given();
            return false;
        }
        struct rx_buffer *buffer = &rx_buffers[frame.descriptor];
        buffer->frame = frame;
        port_counters.rx_frames++;
        if (damaged(&frame)) {
            port_counters.rx_checksum++;
            virtio_net_give(frame.descriptor);
            continue;
        }
        buffer->pbuf.custom_free_function = rx_free;
        lan_receive(pbuf_alloced_custom(PBUF_RAW, (uint16_t)frame.bytes, PBUF_REF, &buffer->pbuf, frame.data, VIRTIO_NET_FRAME_BYTES));
    }
    virtio_net_given();
    return true;
}

struct place_report place_report(const struct pbuf *piece) {
    const struct rx_buffer *buffer = (const struct rx_buffer *)(const void *)piece;
    struct place_report report = {.from = PLACE_NOWHERE};
    uint32_t skipped;
    if (!(piece->flags & PBUF_FLAG_IS_CUSTOM) || !buffer->frame.placed_from)
        return report;
    skipped = (uint32_t)((const uint8_t *)piece->payload - buffer->frame.data);
    report.from = buffer->frame.placed_from > skipped ? buffer->frame.placed_from - skipped : 0;
    report.bad_data = buffer->frame.bad_data;
    report.bad_header = buffer->frame.bad_header;
    return report;
}
