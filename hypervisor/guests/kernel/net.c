#include "hypervisor/guests/kernel/net.h"

#include "hypervisor/guests/kernel/kernel.h"
#include "hypervisor/guests/kernel/virtio_net.h"
#include "hypervisor/lib/csr.h"
#include "hypervisor/lib/string.h"

#define TICKS_PER_MS 10000u
#define RETRY_TICKS (20u * TICKS_PER_MS)
#define GIVE_UP_TICKS (4000u * TICKS_PER_MS)
#define PING_BYTES 56u
#define SEGMENT_BYTES 1460u
#define WINDOW_BYTES 49152u
#define LARGE_BYTES 11680u /* eight segments at a time */
#define OWN_PORT 40007u
#define ECHO_PORT 7u

enum { ETHERNET = 14, IP = 20, TCP = 20, L4 = ETHERNET + IP, DATA = L4 + TCP };
enum { ARP_REQUEST = 1, ARP_REPLY = 2, PROTOCOL_ICMP = 1, PROTOCOL_TCP = 6, ICMP_ECHO = 8 };
enum { FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16 };
enum state { OFF, RESOLVE, PING, CONNECT, EXCHANGE, CLOSING, DONE };

static struct {
    enum state state;
    uint32_t own, peer;
    uint8_t mac[6], peer_mac[6];
    uint64_t pings, pinged, bytes, seed;
    uint64_t sent_ticks, progress_ticks;
    uint32_t iss, sent, acknowledged, received, next; /* sent, acknowledged, received: bytes of data; next: sequence expected of the peer */
    uint32_t window;
    unsigned errors, interrupts, retries, damaged;
    uint8_t frame[VIRTIO_NET_FRAME_BYTES];
} net;

static uint16_t get16(const uint8_t *p) {
    return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p) {
    return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put16(uint8_t *p, uint32_t value) {
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static void put32(uint8_t *p, uint32_t value) {
    put16(p, value >> 16);
    put16(p + 2, value & 0xffff);
}

static uint32_t sum_of(const uint8_t *p, uint32_t bytes, uint32_t sum) {
    for (; bytes > 1; bytes -= 2, p += 2)
        sum += get16(p);
    return bytes ? sum + (uint32_t)(p[0] << 8) : sum;
}

static uint16_t fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static uint8_t pattern(uint64_t at) {
    uint64_t x = (at / 8 + net.seed) * 0x9e3779b97f4a7c15ull;
    return (uint8_t)((x ^ x >> 29) >> (at % 8 * 8));
}

static void put_ethernet(uint8_t *frame, const uint8_t to[6], uint16_t type) {
    memcpy(frame, to, 6);
    memcpy(frame + 6, net.mac, 6);
    put16(frame + 12, type);
}

static void put_ip(uint8_t *frame, uint8_t protocol, uint32_t bytes) {
    uint8_t *ip = frame + ETHERNET;
    put_ethernet(frame, net.peer_mac, 0x0800);
    memset(ip, 0, IP);
    ip[0] = 0x45;
    put16(ip + 2, IP + bytes);
    ip[8] = 64;
    ip[9] = protocol;
    put32(ip + 12, net.own);
    put32(ip + 16, net.peer);
    put16(ip + 10, (uint16_t)~fold(sum_of(ip, IP, 0)));
}

static void send_arp(uint16_t operation, const uint8_t to[6], uint32_t address) {
    static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    uint8_t *frame = virtio_net_buffer(), *arp = frame + ETHERNET;
    if (!frame)
        return;
    put_ethernet(frame, operation == ARP_REQUEST ? everybody : to, 0x0806);
    put32(arp, 0x00010800);
    put32(arp + 4, 0x06040000u | operation);
    memcpy(arp + 8, net.mac, 6);
    put32(arp + 14, net.own);
    memcpy(arp + 18, to, 6);
    put32(arp + 24, address);
    virtio_net_send(ETHERNET + 28, 0, 0, 0, 0);
}

static void send_ping(void) {
    uint8_t *frame = virtio_net_buffer(), *icmp = frame + L4;
    if (!frame)
        return;
    put_ip(frame, PROTOCOL_ICMP, 8 + PING_BYTES);
    put32(icmp, ICMP_ECHO << 24);
    put32(icmp + 4, 0x55550000u | (uint32_t)net.pinged);
    for (uint32_t i = 0; i < PING_BYTES; i++)
        icmp[8 + i] = pattern(net.pinged * PING_BYTES + i);
    put16(icmp + 2, (uint16_t)~fold(sum_of(icmp, 8 + PING_BYTES, 0)));
    virtio_net_send(L4 + 8 + PING_BYTES, 0, 0, 0, 0);
    net.sent_ticks = csr_read(time);
}

/* A segment from the @p at-th byte of our data on; the device completes the checksum and cuts it. */
static bool send_tcp(uint8_t flags, uint32_t at, uint32_t bytes) {
    uint8_t *frame = virtio_net_buffer(), *tcp = frame + L4;
    if (!frame)
        return false;
    put_ip(frame, PROTOCOL_TCP, TCP + bytes);
    put16(tcp, OWN_PORT);
    put16(tcp + 2, ECHO_PORT);
    put32(tcp + 4, net.iss + (flags & SYN ? 0 : 1 + at));
    put32(tcp + 8, flags & ACK ? net.next : 0);
    put16(tcp + 12, 0x5000u | flags);
    put16(tcp + 14, 0xffff);
    put32(tcp + 16, 0);
    put16(tcp + 16, fold(sum_of(frame + ETHERNET + 12, 8, PROTOCOL_TCP + TCP + bytes)));
    for (uint32_t i = 0; i < bytes; i++)
        frame[DATA + i] = pattern(at + i);
    virtio_net_send(DATA + bytes, L4, 16, bytes > SEGMENT_BYTES ? SEGMENT_BYTES : 0, DATA);
    net.sent_ticks = csr_read(time);
    return true;
}

static void send_data(void) {
    uint32_t room = net.window < WINDOW_BYTES ? net.window : WINDOW_BYTES;
    while (net.sent < net.bytes && net.sent - net.acknowledged < room) {
        uint32_t left = (uint32_t)net.bytes - net.sent, space = room - (net.sent - net.acknowledged);
        uint32_t bytes = left < LARGE_BYTES ? left : LARGE_BYTES;
        bytes = bytes < space ? bytes : space;
        if (!send_tcp(ACK | PSH, net.sent, bytes))
            return;
        net.sent += bytes;
    }
}

static void begin_state(enum state state) {
    net.state = state;
    if (state == PING && net.pings == 0)
        net.state = CONNECT;
    if (net.state == CONNECT && net.bytes == 0)
        net.state = DONE;
    if (net.state == PING)
        send_ping();
    else if (net.state == CONNECT)
        send_tcp(SYN, 0, 0);
}

static void take_arp(const uint8_t *arp, uint32_t bytes) {
    if (bytes < 28)
        return;
    if (get16(arp + 6) == ARP_REQUEST && get32(arp + 24) == net.own)
        send_arp(ARP_REPLY, arp + 8, get32(arp + 14));
    if (get16(arp + 6) == ARP_REPLY && get32(arp + 14) == net.peer && net.state == RESOLVE) {
        memcpy(net.peer_mac, arp + 8, 6);
        begin_state(PING);
    }
}

static void take_icmp(const uint8_t *icmp, uint32_t bytes) {
    if (net.state != PING || bytes != 8 + PING_BYTES || icmp[0] != 0 || get32(icmp + 4) != (0x55550000u | (uint32_t)net.pinged))
        return;
    for (uint32_t i = 0; i < PING_BYTES; i++)
        net.errors += icmp[8 + i] != pattern(net.pinged * PING_BYTES + i);
    if (++net.pinged == net.pings)
        begin_state(CONNECT);
    else
        send_ping();
}

static void take_data(const uint8_t *data, uint32_t bytes, uint32_t sequence) {
    if (sequence == net.next) {
        for (uint32_t i = 0; i < bytes; i++)
            net.errors += data[i] != pattern(net.received + i);
        net.received += bytes;
        net.next += bytes;
    }
    send_tcp(ACK, net.sent, 0);
}

static void take_exchange(const uint8_t *tcp, const uint8_t *data, uint32_t bytes) {
    uint32_t acknowledged = get32(tcp + 8) - (net.iss + 1);
    if (acknowledged - net.acknowledged <= net.sent - net.acknowledged)
        net.acknowledged = acknowledged;
    else if (acknowledged - net.sent < WINDOW_BYTES) /* of bytes that go out again, and had come through */
        net.acknowledged = net.sent = acknowledged < net.bytes ? acknowledged : (uint32_t)net.bytes;
    net.window = get16(tcp + 14);
    if (bytes)
        take_data(data, bytes, get32(tcp + 4));
    send_data();
    if (net.received == net.bytes && net.acknowledged == net.bytes && net.state == EXCHANGE) {
        net.state = CLOSING;
        send_tcp(FIN | ACK, net.sent, 0);
    }
}

static void take_tcp(const uint8_t *tcp, uint32_t bytes) {
    uint32_t header = (tcp[12] >> 4) * 4u;
    uint8_t flags = tcp[13];
    if (bytes < TCP || header < TCP || header > bytes || get16(tcp) != ECHO_PORT || get16(tcp + 2) != OWN_PORT)
        return;
    if (flags & RST) {
        net.errors++;
        net.state = DONE;
    } else if (net.state == CONNECT && (flags & (SYN | ACK)) == (SYN | ACK)) {
        net.next = get32(tcp + 4) + 1;
        net.window = get16(tcp + 14);
        net.state = EXCHANGE;
        send_data();
    } else if (net.state == EXCHANGE) {
        take_exchange(tcp, tcp + header, bytes - header);
    } else if (net.state == CLOSING && (flags & FIN)) {
        net.next = get32(tcp + 4) + (bytes - header) + 1;
        send_tcp(ACK, net.sent + 1, 0);
        net.state = DONE;
    }
}

/* What the device has not verified is summed here: a damaged segment is dropped, and comes again. */
static bool sums_right(const uint8_t *ip, uint32_t length, bool checked) {
    uint32_t pseudo = ip[9] == PROTOCOL_TCP ? sum_of(ip + 12, 8, PROTOCOL_TCP + length) : 0;
    return fold(sum_of(ip, IP, 0)) == 0xffff && ((checked && ip[9] == PROTOCOL_TCP) || fold(sum_of(ip + IP, length, pseudo)) == 0xffff);
}

static void take_frame(uint32_t bytes, bool checked) {
    const uint8_t *ip = net.frame + ETHERNET;
    if (bytes < ETHERNET + IP)
        return;
    if (get16(net.frame + 12) == 0x0806) {
        take_arp(ip, bytes - ETHERNET);
    } else if (get16(net.frame + 12) == 0x0800 && ip[0] == 0x45 && get32(ip + 12) == net.peer && get32(ip + 16) == net.own &&
               get16(ip + 2) >= IP && get16(ip + 2) <= bytes - ETHERNET) {
        uint32_t length = get16(ip + 2) - (uint32_t)IP;
        if (!sums_right(ip, length, checked))
            net.damaged++;
        else if (ip[9] == PROTOCOL_ICMP && length >= 8)
            take_icmp(ip + IP, length);
        else if (ip[9] == PROTOCOL_TCP && length >= TCP)
            take_tcp(ip + IP, length);
    }
}

/* What was sent last and has brought nothing goes out again. */
static void retry(void) {
    if (csr_read(time) - net.sent_ticks < RETRY_TICKS)
        return;
    net.retries++;
    net.sent_ticks = csr_read(time);
    if (net.state == RESOLVE)
        send_arp(ARP_REQUEST, (const uint8_t[6]){0}, net.peer);
    else if (net.state == PING)
        send_ping();
    else if (net.state == CONNECT)
        send_tcp(SYN, 0, 0);
    else if (net.state == CLOSING)
        send_tcp(FIN | ACK, net.sent, 0);
    net.sent = net.state == EXCHANGE ? net.acknowledged : net.sent;
    if (net.state == EXCHANGE)
        send_data();
    if (net.state == EXCHANGE && net.sent == net.bytes)
        send_tcp(ACK, net.sent, 0);
}

void net_serve(void) {
    uint32_t bytes;
    bool checked;
    if (net.state == OFF)
        return;
    net.interrupts++;
    while ((bytes = virtio_net_receive(net.frame, &checked)) != 0) {
        net.progress_ticks = csr_read(time);
        take_frame(bytes, checked);
    }
    if (net.state != DONE)
        retry();
}

bool net_begin(void) {
    net.own = (uint32_t)string_option(bootargs, "net", 0);
    if (!net.own)
        return true;
    net.peer = (uint32_t)string_option(bootargs, "peer", 0);
    net.pings = string_option(bootargs, "pings", 10);
    net.bytes = string_option(bootargs, "tcp", 100000);
    net.seed = string_option(bootargs, "seed", 1);
    net.iss = (uint32_t)(net.seed * 0x01000193u);
    if (!virtio_net_start())
        return false;
    virtio_net_mac(net.mac);
    net.progress_ticks = csr_read(time);
    net.state = RESOLVE;
    send_arp(ARP_REQUEST, (const uint8_t[6]){0}, net.peer);
    net.sent_ticks = csr_read(time);
    return true;
}

unsigned net_end(void) {
    if (net.state == OFF)
        return 0;
    uint64_t begun = csr_read(time);
    while (net.state != DONE && csr_read(time) - net.progress_ticks < GIVE_UP_TICKS) {
        csr_clear(sstatus, SSTATUS_SIE);
        net_serve();
        if (net.state != DONE) {
            timer_after(RETRY_TICKS / 4);
            __asm__ volatile("wfi" ::: "memory");
        }
        csr_set(sstatus, SSTATUS_SIE);
    }
    net.errors += net.state != DONE || net.received != net.bytes || net.pinged != net.pings;
    print("net done pings=%lu tcp=%u errors=%u interrupts=%u retries=%u damaged=%u waited=%lu", net.pinged, net.received, net.errors, net.interrupts,
          net.retries, net.damaged, csr_read(time) - begun);
    return net.errors;
}
