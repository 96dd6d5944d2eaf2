/* Headers to fields. */
#include <string.h>

#include "models/port/classifier.h"

enum {
	TYPE_AT = 12,
	TYPE_VLAN = 0x8100,
	TYPE_IPV4 = 0x0800,
	PROTOCOL_TCP = 6,
	PROTOCOL_UDP = 17,
};

static uint16_t be16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)be16(p) << 16 | be16(p + 2);
}

static uint64_t mac(const uint8_t *p)
{
	uint64_t value = 0;

	for (unsigned i = 6; i-- > 0;)
		value = value << 8 | p[i];
	return value;
}

static void parse_ports(struct classifier_fields *fields, const uint8_t *header, uint16_t length)
{
	const uint8_t *l4 = header + fields->l4;

	fields->has_ports = 1;
	fields->source_port = be16(l4);
	fields->destination_port = be16(l4 + 2);
	if (fields->protocol == PROTOCOL_UDP)
		fields->payload = (uint8_t)(fields->l4 + 8);
	else if (length >= fields->l4 + 20)
		fields->payload = (uint8_t)(fields->l4 + (l4[12] >> 4) * 4);
}

static void parse_ip(struct classifier_fields *fields, const uint8_t *header, uint16_t length, uint8_t at)
{
	const uint8_t *ip = header + at;
	uint8_t l4 = (uint8_t)(at + (ip[0] & 0xf) * 4);
	bool fragment = (be16(ip + 6) & 0x3fff) != 0;
	uint32_t x;

	fields->is_ip = 1;
	fields->is_flow = !fragment;
	fields->l3 = at;
	fields->protocol = ip[9];
	fields->source_address = be32(ip + 12);
	fields->destination_address = be32(ip + 16);
	if ((fields->protocol == PROTOCOL_TCP || fields->protocol == PROTOCOL_UDP) && !fragment && length >= l4 + 4) {
		fields->l4 = l4;
		parse_ports(fields, header, length);
	}
	x = fields->source_address ^ fields->destination_address ^
		(uint32_t)(fields->source_port ^ fields->destination_port) * 0x10001u;
	fields->hash = (uint16_t)(x >> 16 ^ x);
}

void classifier_parse(struct classifier_fields *fields, const uint8_t header[PORT_FLOW_HEADER_BYTES], uint16_t length)
{
	bool vlan = length >= 18 && be16(header + TYPE_AT) == TYPE_VLAN;
	uint8_t at = vlan ? 18 : 14;

	memset(fields, 0, sizeof(*fields));
	fields->destination_mac = mac(header);
	fields->source_mac = mac(header + 6);
	if (be16(header + at - 2) == TYPE_IPV4 && length >= at + 20 && header[at] >> 4 == 4 && (header[at] & 0xf) >= 5)
		parse_ip(fields, header, length, at);
}
