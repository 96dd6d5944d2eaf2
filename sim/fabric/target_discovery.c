/* The discovery controller (NVMe-oF 1.1, chapter 5): one record for this target and each of its peers. */
#include <stdio.h>
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	RECORD_BYTES = 1024,
	TRANSPORT_TCP = 3,
	FAMILY_IPV4 = 1,
	SUBSYSTEM_NVM = 2,
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
	char port[8];

	record[0] = TRANSPORT_TCP;
	record[1] = FAMILY_IPV4;
	record[2] = SUBSYSTEM_NVM;
	store_le16(record + 4, (uint16_t)(number + 1)); /* PORTID */
	store_le16(record + 6, ANY_CONTROLLER);
	store_le16(record + 8, TARGET_QUEUE_ENTRIES); /* ASQSZ */
	snprintf(port, sizeof(port), "%u", peer->tcp_port);
	put_padded(record + 32, 32, port);
	memcpy(record + 256, target->nqn, strlen(target->nqn));
	put_padded(record + 512, 256, peer->address);
}

size_t discovery_log(const struct target *target, uint8_t *page)
{
	const struct target_config *config = &target->config;
	unsigned records = 1 + config->peers;

	store_le64(page, target->peer_changes); /* GENCTR */
	store_le64(page + 8, records);
	put_record(target, page + RECORD_BYTES, 0, &(struct target_peer){target->address, config->tcp_port});
	for (unsigned i = 0; i < config->peers; i++)
		put_record(target, page + (i + 2) * RECORD_BYTES, i + 1, &config->peer[i]);
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
