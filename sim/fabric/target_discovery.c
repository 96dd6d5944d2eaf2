/* The discovery controller (NVMe-oF 1.1, chapter 5): one record for this target and each of its peers. */
#include <stdio.h>
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	RECORD_BYTES = 1024,
	TRANSPORT_TCP = 3,
	FAMILY_IPV4 = 1,
	SUBSYSTEM_REFERRAL = 1,
	SUBSYSTEM_NVM = 2,
	TLS_REQUIRED = 1,
	OTHERS = 40, /* records of TARGET_CROWDED */
	ANY_CONTROLLER = 0xffff,
	TYPE_DISCOVERY = 2,
};

/* Text fields of a record are padded with spaces, names with zeroes. */
static void put_padded(uint8_t *to, size_t width, const char *text)
{
	memset(to, ' ', width);
	memcpy(to, text, strlen(text));
}

static void put_record(const struct target *target, uint8_t *record, unsigned number, const struct target_peer *peer)
{
	bool refers = has_quirk(target, TARGET_REFERS);
	char port[8];

	record[0] = TRANSPORT_TCP;
	record[1] = FAMILY_IPV4;
	record[2] = refers ? SUBSYSTEM_REFERRAL : SUBSYSTEM_NVM;
	store_le16(record + 4, (uint16_t)(number + 1)); /* PORTID */
	store_le16(record + 6, ANY_CONTROLLER);
	store_le16(record + 8, TARGET_QUEUE_ENTRIES); /* ASQSZ */
	snprintf(port, sizeof(port), "%u", peer->tcp_port);
	put_padded(record + 32, 32, port);
	strcpy((char *)record + 256, refers ? NVME_DISCOVERY_NQN : target->nqn);
	put_padded(record + 512, 256, peer->address);
}

/* What a host that knows TCP over IPv4 without TLS cannot use, at addresses where nobody is. */
static void put_other(const struct target *target, uint8_t *record, unsigned number)
{
	static const struct {
		uint8_t transport, family, subsystem, treq;
		const char *nqn, *address, *port;
	} others[] = {
		{1, 1, SUBSYSTEM_NVM, 0, NULL, "10.0.0.10", "4491"},                       /* RDMA */
		{TRANSPORT_TCP, 2, SUBSYSTEM_NVM, 0, NULL, "fd00::10", "4491"},            /* IPv6 */
		{2, 4, SUBSYSTEM_NVM, 0, NULL, "nn-0x1000:pn-0x2000", "none"},             /* Fibre Channel */
		{TRANSPORT_TCP, FAMILY_IPV4, SUBSYSTEM_NVM, TLS_REQUIRED, NULL, "10.0.0.10", "4492"},
		{TRANSPORT_TCP, FAMILY_IPV4, SUBSYSTEM_NVM, 0, "nqn.2026-11.assay:other", "10.0.0.10", "4493"},
		{TRANSPORT_TCP, FAMILY_IPV4, 3, 0, NVME_DISCOVERY_NQN, "10.0.0.10", "4494"}, /* the discovery subsystem itself */
		{TRANSPORT_TCP, FAMILY_IPV4, SUBSYSTEM_NVM, 0, NULL, "10.0.0.300", "4495"},
		{TRANSPORT_TCP, FAMILY_IPV4, SUBSYSTEM_NVM, 0, NULL, "target.example", "70000"},
	};
	const char *nqn = others[number % 8].nqn ? others[number % 8].nqn : target->nqn;

	record[0] = others[number % 8].transport;
	record[1] = others[number % 8].family;
	record[2] = others[number % 8].subsystem;
	record[3] = others[number % 8].treq;
	put_padded(record + 32, 32, others[number % 8].port);
	strcpy((char *)record + 256, nqn);
	put_padded(record + 512, 256, others[number % 8].address);
}

size_t discovery_log(const struct target *target, uint8_t *page)
{
	const struct target_config *config = &target->config;
	unsigned others = has_quirk(target, TARGET_CROWDED) ? OTHERS : 0, records = others;

	for (unsigned i = 0; i < others; i++)
		put_other(target, page + (i + 1) * RECORD_BYTES, i);
	if (!has_quirk(target, TARGET_REFERS))
		put_record(target, page + ++records * RECORD_BYTES, 0, &(struct target_peer){target->address, config->tcp_port});
	for (unsigned i = 0; i < config->peers; i++)
		put_record(target, page + ++records * RECORD_BYTES, i + 1, &config->peer[i]);
	store_le64(page, target->peer_changes); /* GENCTR */
	store_le64(page + 8, records);
	return (size_t)(1 + records) * RECORD_BYTES;
}

void discovery_identify(const struct target *target, const struct command *command, uint8_t *data)
{
	const struct connection *connection = &target->connection[command->connection];

	put_padded(data + 64, 8, "1.0");
	data[77] = 6; /* MDTS */
	store_le16(data + 78, controller_identifier(target, connection->controller));
	store_le32(data + 80, VERSION_1_4);
	data[111] = TYPE_DISCOVERY;
	data[261] = 1 << 2; /* LPA: 32-bit lengths and offsets */
	store_le16(data + 514, TARGET_QUEUE_ENTRIES);
	store_le32(data + 536, 1 | 1 << 20 | 1 << 21); /* SGLS */
	strcpy((char *)data + 768, NVME_DISCOVERY_NQN);
}
