/* BAR0 of a function: the virtio registers, the MSI-X table (VIRTIO 1.1 sections 4.1.4 and 5.1). */
#include <string.h>

#include "models/nic/netdev.h"

static const uint64_t FEATURES = 1ull << NETDEV_F_CSUM | 1ull << NETDEV_F_GUEST_CSUM | 1ull << NETDEV_F_MAC | 1ull << NETDEV_F_HOST_TSO4 |
	1ull << NETDEV_F_MRG_RXBUF | 1ull << NETDEV_F_STATUS | 1ull << NETDEV_F_CTRL_VQ | 1ull << NETDEV_F_CTRL_RX | 1ull << NETDEV_F_CTRL_RX_EXTRA |
	1ull << NETDEV_F_INDIRECT | 1ull << NETDEV_F_EVENT_IDX | 1ull << NETDEV_F_VERSION_1;

/* --- BAR0 ------------------------------------------------------------------------------------------------------------- */

static struct netdev_queue *selected(struct netdev_function *function)
{
	return function->queue_select < NETDEV_QUEUES ? &function->queue[function->queue_select] : NULL;
}

static void fill_common(struct netdev_function *function, uint8_t common[0x38])
{
	const struct netdev_queue *queue = selected(function);

	memset(common, 0, 0x38);
	netdev_put_le(common, 4, function->device_select);
	netdev_put_le(common + 4, 4, function->device_select < 2 ? FEATURES >> (32 * function->device_select) : 0);
	netdev_put_le(common + 8, 4, function->driver_select);
	netdev_put_le(common + 12, 4, function->driver_select < 2 ? function->driver_features >> (32 * function->driver_select) : 0);
	netdev_put_le(common + 0x10, 2, function->config_vector);
	netdev_put_le(common + 0x12, 2, NETDEV_QUEUES);
	common[0x14] = function->status;
	common[0x15] = function->generation;
	netdev_put_le(common + 0x16, 2, function->queue_select);
	if (!queue)
		return;
	netdev_put_le(common + 0x18, 2, queue->size);
	netdev_put_le(common + 0x1a, 2, queue->vector);
	netdev_put_le(common + 0x1c, 2, queue->enabled);
	netdev_put_le(common + 0x1e, 2, function->queue_select);
	netdev_put_le(common + 0x20, 8, queue->descriptors);
	netdev_put_le(common + 0x28, 8, queue->driver);
	netdev_put_le(common + 0x30, 8, queue->device);
}

static uint16_t vector_or_none(uint32_t value)
{
	return value < NETDEV_VECTORS ? (uint16_t)value : NETDEV_NO_VECTOR;
}

/* FEATURES_OK stays only if the driver's choice is one of ours, has VERSION_1, and what it needs (sections 3.1.1, 6.1, 5.1.3.1). */
static uint8_t status_after(const struct netdev_function *function, uint8_t value)
{
	static const uint8_t needs[][2] = {{NETDEV_F_HOST_TSO4, NETDEV_F_CSUM}, {NETDEV_F_CTRL_RX, NETDEV_F_CTRL_VQ}, {NETDEV_F_CTRL_RX_EXTRA, NETDEV_F_CTRL_VQ}};
	bool good = !(function->driver_features & ~FEATURES) && netdev_has(function, NETDEV_F_VERSION_1);

	for (size_t i = 0; i < sizeof(needs) / sizeof(needs[0]); i++)
		good &= !netdev_has(function, needs[i][0]) || netdev_has(function, needs[i][1]);
	return good ? value : (uint8_t)(value & ~8u);
}

static void queue_write(struct netdev_function *function, uint32_t at, uint32_t value, const uint8_t common[0x38])
{
	struct netdev_queue *queue = selected(function);

	if (!queue)
		return;
	if (at == 0x18 && value > 0 && value <= NETDEV_QUEUE_MAX && (value & (value - 1)) == 0 && !queue->enabled)
		queue->size = (uint16_t)value;
	else if (at == 0x1a)
		queue->vector = vector_or_none(value);
	else if (at == 0x1c && value == 1)
		queue->enabled = true;
	else if (at >= 0x20 && at < 0x28)
		queue->descriptors = netdev_le(common + 0x20, 8);
	else if (at >= 0x28 && at < 0x30)
		queue->driver = netdev_le(common + 0x28, 8);
	else if (at >= 0x30 && at < 0x38)
		queue->device = netdev_le(common + 0x30, 8);
}

static void common_write(struct netdev_state *net, unsigned f, uint32_t at, unsigned bytes, uint32_t value)
{
	struct netdev_function *function = &net->function[f];
	uint8_t common[0x38];

	fill_common(function, common);
	netdev_put_le(common + at, bytes, value);
	switch (at) {
	case 0x00: function->device_select = value; break;
	case 0x08: function->driver_select = value; break;
	case 0x0c:
		if (function->driver_select < 2 && !(function->status & 8)) {
			uint64_t mask = 0xffffffffull << (32 * function->driver_select);

			function->driver_features = (function->driver_features & ~mask) | (uint64_t)value << (32 * function->driver_select);
		}
		break;
	case 0x10: function->config_vector = vector_or_none(value); break;
	case 0x14:
		if ((value & 0xff) == 0)
			netdev_reset_device(net, f);
		else
			function->status = (uint8_t)(status_after(function, (uint8_t)value) | (function->status & NETDEV_STATUS_NEEDS_RESET));
		break;
	case 0x16: function->queue_select = (uint16_t)value; break;
	default: queue_write(function, at, value, common); break;
	}
}

static void fill_device(const struct netdev_function *function, bool link_up, uint8_t device[12])
{
	memset(device, 0, 12);
	netdev_put_le(device, 6, function->mac);
	netdev_put_le(device + 6, 2, link_up);
	netdev_put_le(device + 8, 2, 1); /* pairs of queues */
}

static void fill_msix(const struct netdev_function *function, uint8_t table[16 * NETDEV_VECTORS])
{
	for (unsigned v = 0; v < NETDEV_VECTORS; v++) {
		netdev_put_le(table + 16 * v, 8, function->vector[v].address);
		netdev_put_le(table + 16 * v + 8, 4, function->vector[v].data);
		netdev_put_le(table + 16 * v + 12, 4, function->vector[v].control);
	}
}

static uint32_t from_image(const uint8_t *image, uint32_t size, uint32_t at, unsigned bytes)
{
	return at + bytes <= size ? (uint32_t)netdev_le(image + at, bytes) : 0;
}

uint32_t netdev_bar_read(struct netdev_state *net, unsigned f, uint32_t offset, unsigned bytes)
{
	struct netdev_function *function = &net->function[f];
	uint8_t image[16 * NETDEV_VECTORS > 0x38 ? 16 * NETDEV_VECTORS : 0x38] = {0};
	uint32_t at = offset & 0xfff, value;

	switch (offset & ~0xfffu) {
	case NETDEV_BAR_COMMON:
		fill_common(function, image);
		return from_image(image, 0x38, at, bytes);
	case NETDEV_BAR_ISR:
		value = at == 0 ? function->isr : 0;
		if (at == 0)
			function->isr = 0;
		netdev_update_intx(net, f);
		return value;
	case NETDEV_BAR_DEVICE:
		fill_device(function, net->link_up, image);
		return from_image(image, 12, at, bytes);
	case NETDEV_BAR_MSIX:
		fill_msix(function, image);
		return from_image(image, 16 * NETDEV_VECTORS, at, bytes);
	case NETDEV_BAR_PLACE: return netdev_place_read(net, f, at);
	case NETDEV_BAR_PENDING: return at == 0 ? function->pending : 0;
	default: return 0;
	}
}

void netdev_bar_write(struct netdev_state *net, unsigned f, uint32_t offset, unsigned bytes, uint32_t value)
{
	struct netdev_function *function = &net->function[f];
	uint32_t at = offset & 0xfff;
	uint8_t table[16 * NETDEV_VECTORS];

	value &= bytes < 4 ? (1u << (8 * bytes)) - 1 : UINT32_MAX;
	switch (offset & ~0xfffu) {
	case NETDEV_BAR_COMMON:
		if (at + bytes <= 0x38)
			common_write(net, f, at, bytes, value);
		break;
	case NETDEV_BAR_NOTIFY:
		if (at / 4 < NETDEV_QUEUES)
			function->engine[at / 4].kicked = true;
		break;
	case NETDEV_BAR_PLACE:
		if (bytes == 4)
			netdev_place_write(net, f, at, value);
		break;
	case NETDEV_BAR_MSIX:
		if (at + bytes > sizeof(table))
			break;
		fill_msix(function, table);
		netdev_put_le(table + at, bytes, value);
		for (unsigned v = 0; v < NETDEV_VECTORS; v++)
			function->vector[v] = (struct netdev_vector){netdev_le(table + 16 * v, 8), (uint32_t)netdev_le(table + 16 * v + 8, 4),
				(uint32_t)netdev_le(table + 16 * v + 12, 4)};
		netdev_unmask(net, f);
		break;
	default: break;
	}
}

static unsigned function_at(const struct netdev_state *net, uint64_t address)
{
	unsigned f = 0;

	while (f < NETDEV_FUNCTIONS - 1 && !(net->function[f].present && (net->function[f].command & NETDEV_COMMAND_MEMORY) && net->function[f].bar &&
	                                     address - net->function[f].bar < NETDEV_BAR_BYTES))
		f++;
	return f;
}

/* One or two DWs, as a hart's loads and stores make them. */
void netdev_memory_request(struct netdev_state *net, const struct tlp *tlp)
{
	uint64_t address = tlp_address(tlp);
	unsigned f = function_at(net, address), words = tlp_length_dw(tlp), enables = tlp_byte_enables(tlp), first, count;
	bool write = tlp_type(tlp) == TLP_MWR;
	struct tlp *answer = NULL;
	uint64_t data = 0;
	unsigned first_byte = 0, total = 0;

	words = words > 2 ? 2 : words;
	for (unsigned w = 0; w < words; w++) {
		count = netdev_enabled_run(w == 0 ? enables & 0xf : enables >> 4, &first);
		uint32_t at = (uint32_t)(address - net->function[f].bar) + 4 * w + first;
		if (count == 0)
			continue;
		if (write) {
			netdev_bar_write(net, f, at, count, (uint32_t)(tlp->beat[TLP_HEADER_BEATS] >> (32 * w + 8 * first)));
			continue;
		}
		data |= (uint64_t)netdev_bar_read(net, f, at, count) << (32 * w + 8 * first);
		first_byte = total == 0 ? first : first_byte;
		total += count;
	}
	if (write)
		return;
	answer = netdev_push(net);
	memset(answer, 0, sizeof(*answer));
	tlp_make_completion(answer, NETDEV_FIRST_RID + f, tlp_requester(tlp), tlp_tag(tlp), TLP_SC, total ? total : 1,
		(unsigned)(address & 0x7c) + first_byte, words);
	answer->beat[TLP_HEADER_BEATS] = data;
}
