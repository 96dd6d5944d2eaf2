#include "models/nic/checksum.h"

#include <string.h>

enum {
	ETHER_BYTES = 14,
	VLAN_BYTES = 4,
	TYPE_IPV4 = 0x0800,
	TYPE_VLAN = 0x8100,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
};

/* Where the parts of an IPv4 frame lie; l4 is NULL if there is no checksum to work on. */
struct ip_view {
	uint8_t *ip;
	size_t header_bytes;
	uint8_t *l4;
	size_t l4_bytes;
	uint8_t *l4_sum;
	uint8_t protocol;
};

static uint16_t load_be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void store_be16(uint8_t *p, uint16_t value)
{
	p[0] = (uint8_t)(value >> 8);
	p[1] = (uint8_t)value;
}

/* One's-complement sums do not care about byte order until the end (RFC 1071, section 2): add words as they lie, then swap. */
uint64_t checksum_add(uint64_t sum, const uint8_t *bytes, size_t length)
{
	uint64_t words = 0;
	uint32_t word = 0;

	for (; length >= 4; length -= 4, bytes += 4) {
		memcpy(&word, bytes, 4);
		words += word;
	}
	word = 0;
	memcpy(&word, bytes, length);
	words += word;
	while (words >> 16)
		words = (words & 0xffff) + (words >> 16);
	return sum + __builtin_bswap16((uint16_t)words);
}

uint16_t checksum_finish(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

static void find_l4(struct ip_view *view, size_t total)
{
	size_t least = view->protocol == PROTOCOL_TCP ? 20 : 8;
	size_t sum_at = view->protocol == PROTOCOL_TCP ? 16 : 6;
	bool fragment = (load_be16(view->ip + 6) & 0x3fff) != 0;

	if (fragment || (view->protocol != PROTOCOL_TCP && view->protocol != PROTOCOL_UDP) ||
	    total - view->header_bytes < least)
		return;
	view->l4 = view->ip + view->header_bytes;
	view->l4_bytes = total - view->header_bytes;
	view->l4_sum = view->l4 + sum_at;
}

static bool find_ip(uint8_t *frame, size_t length, struct ip_view *view)
{
	size_t at = ETHER_BYTES, total;

	if (length >= ETHER_BYTES + VLAN_BYTES && load_be16(frame + 12) == TYPE_VLAN)
		at += VLAN_BYTES;
	if (length < at + 20 || load_be16(frame + at - 2) != TYPE_IPV4 || frame[at] >> 4 != 4)
		return false;
	*view = (struct ip_view){.ip = frame + at, .header_bytes = (size_t)(frame[at] & 15) * 4, .protocol = frame[at + 9]};
	total = load_be16(view->ip + 2);
	if (view->header_bytes < 20 || view->header_bytes > total || total > length - at)
		return false;
	find_l4(view, total);
	return true;
}

/* The pseudo header of RFC 793: addresses, protocol, length. */
static uint64_t pseudo_sum(const struct ip_view *view)
{
	return checksum_add((uint64_t)view->protocol + view->l4_bytes, view->ip + 12, 8);
}

void checksum_insert(uint8_t *frame, size_t length, bool ip, bool l4)
{
	struct ip_view view;
	uint16_t sum;

	if (!find_ip(frame, length, &view))
		return;
	if (ip) {
		store_be16(view.ip + 10, 0);
		store_be16(view.ip + 10, checksum_finish(checksum_add(0, view.ip, view.header_bytes)));
	}
	if (l4 && view.l4) {
		store_be16(view.l4_sum, 0);
		sum = checksum_finish(checksum_add(pseudo_sum(&view), view.l4, view.l4_bytes));
		if (sum == 0 && view.protocol == PROTOCOL_UDP)
			sum = 0xffff; /* 0 would mean "no checksum" */
		store_be16(view.l4_sum, sum);
	}
}

struct checksum_report checksum_check(const uint8_t *frame, size_t length)
{
	struct checksum_report report = {0};
	struct ip_view view;

	/* The view is only read here. */
	if (!find_ip((uint8_t *)(uintptr_t)frame, length, &view))
		return report;
	report.is_ip = true;
	report.ip_ok = checksum_finish(checksum_add(0, view.ip, view.header_bytes)) == 0;
	if (!view.l4)
		return report;
	report.is_l4 = true;
	if (view.protocol == PROTOCOL_UDP && load_be16(view.l4_sum) == 0)
		report.l4_ok = true;
	else
		report.l4_ok = checksum_finish(checksum_add(pseudo_sum(&view), view.l4, view.l4_bytes)) == 0;
	return report;
}
