#include "firmware/net/port.h"

#include "firmware/boot/platform.h"
#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/net/lan.h"
#include "firmware/net/place.h"
#include "lwip/pbuf.h"
#include "port_regs.h"
#include "rtl/gen/field.h"

#define TX_LOG2 12
#define TX_RING (1u << TX_LOG2)
#define RX_LOG2 10
#define RX_RING (1u << RX_LOG2)

/* Two bytes in front of the frame put the TCP payload (at 54, no options) on an 8-byte boundary. */
#define RX_PAD 2
#define RX_STRIDE 9280
/* Frames taken in one turn of the main loop, and after what time no further one is: some cost much, like those that make a storage ready. */
#define RX_BURST 16
#define RX_TURN_TICKS (CLOCK_TICKS_PER_MS / 25)

/* A frame that is no storage's costs some 700 instructions: of floods 4 % of the processor's time, of others 17 %, at most. */
#define LIMIT_FLOOD_CYCLES 16384
#define LIMIT_OTHER_CYCLES 4096
#define LIMIT_BURST 64

_Static_assert(RX_PAD + PORT_FRAME_MAX <= RX_STRIDE, "a frame fits into one receive buffer");

struct descriptor {
	uint64_t words[PORT_TX_DESC_BYTES / 8];
};

struct rx_buffer {
	struct pbuf_custom pbuf; /* first: lwIP hands its address back */
	struct rx_buffer *next_free;
	uint8_t *data;
	uint16_t placed_from; /* offset in the frame, 0: nothing was placed */
	bool bad_data, bad_header;
};

struct port_counters port_counters;

static struct descriptor tx_ring[TX_RING] __attribute__((aligned(64)));
static struct pbuf *tx_frames[TX_RING]; /* the frame that ends with this descriptor */
static volatile uint64_t tx_head_word;
static uint32_t tx_tail, tx_reclaimed;

static struct descriptor rx_ring[RX_RING] __attribute__((aligned(64)));
static struct rx_buffer *rx_posted[RX_RING];
static struct rx_buffer rx_buffers[RX_RING];
static uint8_t rx_data[RX_RING][RX_STRIDE] __attribute__((section(".noinit"), aligned(64)));
static volatile uint64_t rx_head_word;
static struct rx_buffer *rx_free;
static uint32_t rx_tail, rx_taken;

static inline void port_write(uint32_t offset, uint64_t value)
{
	mmio_write64(PLATFORM_PORT + offset, value);
}

static inline void memory_barrier(void)
{
	__asm__ volatile("fence rw, rw" ::: "memory");
}

static void rx_buffer_free(struct pbuf *pbuf)
{
	struct rx_buffer *buffer = (struct rx_buffer *)(void *)pbuf;

	buffer->next_free = rx_free;
	rx_free = buffer;
}

static void rx_refill(void)
{
	uint32_t before = rx_tail;

	while (rx_free && rx_tail - rx_taken < RX_RING) {
		struct rx_buffer *buffer = rx_free;
		uint32_t index = rx_tail++ % RX_RING;

		rx_free = buffer->next_free;
		rx_posted[index] = buffer;
		rx_ring[index].words[PORT_RX_DESC_ADDRESS_WORD] = (uintptr_t)buffer->data;
		rx_ring[index].words[PORT_RX_DESC_ROOM_WORD] = FIELD_PREP(PORT_RX_DESC_ROOM, PORT_FRAME_MAX);
	}
	if (rx_tail != before) {
		memory_barrier();
		port_write(PORT_RX_TAIL, rx_tail);
	}
}

static void rings_init(void)
{
	for (uint32_t i = 0; i < RX_RING; i++) {
		rx_buffers[i].data = rx_data[i] + RX_PAD;
		rx_buffers[i].pbuf.custom_free_function = rx_buffer_free;
		rx_buffer_free(&rx_buffers[i].pbuf.pbuf);
	}
	port_write(PORT_TX_BASE, (uintptr_t)tx_ring);
	port_write(PORT_TX_SIZE, TX_LOG2);
	port_write(PORT_TX_HEAD_ADDRESS, (uintptr_t)&tx_head_word);
	port_write(PORT_RX_BASE, (uintptr_t)rx_ring);
	port_write(PORT_RX_SIZE, RX_LOG2);
	port_write(PORT_RX_HEAD_ADDRESS, (uintptr_t)&rx_head_word);
}

static uint64_t mac_number(const uint8_t mac[6])
{
	uint64_t address = 0;

	for (int i = 5; i >= 0; i--)
		address = address << 8 | mac[i];
	return address;
}

/* The classifier: who gets what comes in. Functions that are not configured stay off. */
static void flows_init(const struct config *config)
{
	uint64_t present = 0;

	port_write(PORT_FLOW_FIRMWARE_MAC, mac_number(config->mac));
	for (unsigned f = 0; f < CONFIG_NET_MAX; f++) {
		const struct config_net *net = &config->net[f];

		if (!net->present)
			continue;
		present |= 1u << f;
		port_write(PORT_FLOW_FN + 8 * f, mac_number(net->mac) | PORT_FLOW_FN_ENABLE_MASK | FIELD_PREP(PORT_FLOW_FN_GUARD, net->guard));
	}
	port_write(PORT_FLOW_CONTROL, PORT_FLOW_CONTROL_ENABLE_MASK | PORT_FLOW_CONTROL_LEARN_MASK);
	port_write(PORT_NET_FUNCTIONS, present);
	port_write(PORT_NET_EVENTS, PORT_NET_EVENTS_MASK_MASK);
}

static uint64_t ip_number(const uint8_t address[4])
{
	return (uint64_t)address[0] << 24 | (uint64_t)address[1] << 16 | (uint64_t)address[2] << 8 | address[3];
}

void port_add_storage(const uint8_t address[4], uint16_t port, const uint8_t own[4])
{
	static uint64_t known[PORT_FLOW_RULES];
	static unsigned rules;
	uint64_t key = ip_number(address) << 16 | port;

	for (unsigned i = 0; i < rules; i++)
		if (known[i] == key)
			return;
	if (rules == PORT_FLOW_RULES)
		return; /* the Ethernet address will do */
	known[rules] = key;
	port_write(PORT_FLOW_RULE_ADDRESSES + 16 * rules, ip_number(address) | ip_number(own) << 32);
	port_write(PORT_FLOW_RULE_MATCH + 16 * rules, port | FIELD_PREP(PORT_FLOW_RULE_MATCH_PROTOCOL, 6) |
		PORT_FLOW_RULE_MATCH_USE_SOURCE_MASK | PORT_FLOW_RULE_MATCH_USE_DESTINATION_MASK |
		PORT_FLOW_RULE_MATCH_USE_SOURCE_PORT_MASK | PORT_FLOW_RULE_MATCH_USE_PROTOCOL_MASK |
		FIELD_PREP(PORT_FLOW_RULE_MATCH_ACTION, PORT_FLOW_FIRMWARE) | PORT_FLOW_RULE_MATCH_VALID_MASK);
	rules++;
}

void port_init(const struct config *config)
{
	uint64_t id = mmio_read64(PLATFORM_PORT + PORT_ID);

	if (FIELD_GET(PORT_ID_MAGIC, id) != FIELD_GET(PORT_ID_MAGIC, PORT_ID_RESET))
		log_panic("port: no port at %lx (id %lx)", PLATFORM_PORT, id);
	port_write(PORT_CONTROL, FIELD_PREP(PORT_CONTROL_RESET, 1));
	port_write(PORT_MAC, mac_number(config->mac));
	flows_init(config);
	place_init();
	rings_init();
	rx_refill();
	port_write(PORT_RX_LIMIT, FIELD_PREP(PORT_RX_LIMIT_FLOOD_CYCLES, LIMIT_FLOOD_CYCLES) | FIELD_PREP(PORT_RX_LIMIT_OTHER_CYCLES, LIMIT_OTHER_CYCLES) |
		FIELD_PREP(PORT_RX_LIMIT_BURST, LIMIT_BURST));
	port_write(PORT_IRQ_ENABLE, PORT_IRQ_STATUS_RX_MASK | PORT_IRQ_STATUS_ERROR_MASK | PORT_IRQ_STATUS_NET_MASK);
	port_write(PORT_CONTROL, PORT_CONTROL_TX_ENABLE_MASK | PORT_CONTROL_RX_ENABLE_MASK |
		PORT_CONTROL_PROMISCUOUS_MASK); /* the classifier has chosen already */
}

void port_reclaim(void)
{
	uint32_t done = (uint32_t)tx_head_word;

	for (; tx_reclaimed != done; tx_reclaimed++) {
		uint32_t index = tx_reclaimed % TX_RING;

		if (tx_frames[index])
			pbuf_free(tx_frames[index]);
		tx_frames[index] = NULL;
	}
}

/* A frame in more pieces than the port takes is copied into one: many small capsules at once, or an odd retransmission. */
static bool send_copy(struct pbuf *frame)
{
	struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_RAM, frame);
	bool sent;

	if (!copy)
		return false;
	sent = port_send(copy);
	pbuf_free(copy);
	return sent;
}

bool port_send(struct pbuf *frame)
{
	uint64_t sums = PORT_TX_DESC_IP_SUM_MASK | PORT_TX_DESC_L4_SUM_MASK;
	uint32_t count = pbuf_clen(frame), index = 0;

	if (count > PORT_CHAIN_MAX)
		return send_copy(frame);
	if (TX_RING - (tx_tail - tx_reclaimed) < count)
		port_reclaim();
	if (TX_RING - (tx_tail - tx_reclaimed) < count) {
		port_counters.tx_full++;
		return false;
	}
	for (struct pbuf *piece = frame; piece; piece = piece->next) {
		index = tx_tail++ % TX_RING;
		tx_ring[index].words[PORT_TX_DESC_ADDRESS_WORD] = (uintptr_t)piece->payload;
		tx_ring[index].words[PORT_TX_DESC_LENGTH_WORD] = piece->len | sums;
		sums = 0;
	}
	tx_ring[index].words[PORT_TX_DESC_END_WORD] |= PORT_TX_DESC_END_MASK;
	pbuf_ref(frame);
	tx_frames[index] = frame;
	port_counters.tx_frames++;
	memory_barrier();
	port_write(PORT_TX_TAIL, tx_tail);
	return true;
}

static bool rx_sums_good(uint64_t word)
{
	return (!(word & PORT_RX_DESC_IS_IP_MASK) || (word & PORT_RX_DESC_IP_OK_MASK)) &&
	       (!(word & PORT_RX_DESC_IS_L4_MASK) || (word & PORT_RX_DESC_L4_OK_MASK));
}

static void rx_take(uint32_t index)
{
	struct rx_buffer *buffer = rx_posted[index];
	uint64_t word = rx_ring[index].words[PORT_RX_DESC_LENGTH_WORD];

	port_counters.rx_frames++;
	buffer->placed_from = word & PORT_RX_DESC_FOLLOWED_MASK ? (uint16_t)FIELD_GET(PORT_RX_DESC_PLACED_FROM, word) : 0;
	buffer->bad_data = word & PORT_RX_DESC_BAD_DATA_MASK;
	buffer->bad_header = word & PORT_RX_DESC_BAD_HEADER_MASK;
	if (!rx_sums_good(word)) {
		port_counters.rx_checksum++;
		rx_buffer_free(&buffer->pbuf.pbuf);
		return;
	}
	lan_receive(pbuf_alloced_custom(PBUF_RAW, (u16_t)FIELD_GET(PORT_RX_DESC_LENGTH, word), PBUF_REF,
		&buffer->pbuf, buffer->data, PORT_FRAME_MAX));
}

void port_connected(struct tcp_pcb *pcb)
{
	(void)pcb;
}

struct place_report place_report(const struct pbuf *piece)
{
	const struct rx_buffer *buffer = (const struct rx_buffer *)(const void *)piece;
	struct place_report report = {.from = PLACE_NOWHERE};
	uint32_t skipped;

	if (!(piece->flags & PBUF_FLAG_IS_CUSTOM) || !buffer->placed_from)
		return report;
	skipped = (uint32_t)((const uint8_t *)piece->payload - buffer->data);
	report.from = buffer->placed_from > skipped ? buffer->placed_from - skipped : 0;
	report.bad_data = buffer->bad_data;
	report.bad_header = buffer->bad_header;
	return report;
}

static void forget_flows(void)
{
	uint64_t functions = mmio_read64(PLATFORM_PORT + PORT_NET_EVENTS);

	port_write(PORT_NET_EVENTS, functions);
	for (unsigned f = 0; f < PORT_FLOW_FUNCTIONS; f++) {
		if (!(functions >> f & 1))
			continue;
		port_write(PORT_FLOW_DETACH, f);
		port_counters.net_resets++;
	}
}

bool port_receive(void)
{
	unsigned taken = 0;
	uint64_t end = clock_ticks() + RX_TURN_TICKS;
	uint64_t causes = mmio_read64(PLATFORM_PORT + PORT_IRQ_STATUS);

	if (causes & PORT_IRQ_STATUS_ERROR_MASK)
		log_panic("port: ring error %lx", mmio_read64(PLATFORM_PORT + PORT_ERROR));
	port_write(PORT_IRQ_STATUS, causes);
	if (causes & PORT_IRQ_STATUS_NET_MASK)
		forget_flows();
	memory_barrier();
	while (rx_taken != (uint32_t)rx_head_word && taken++ < RX_BURST && clock_ticks() < end) {
		memory_barrier();
		if (tx_reclaimed != (uint32_t)tx_head_word)
			port_reclaim(); /* lwIP sends nothing again that the port seems to read still: not the SYN after a half-open connection's answer */
		rx_take(rx_taken++ % RX_RING);
	}
	rx_refill();
	return rx_taken != (uint32_t)rx_head_word;
}
