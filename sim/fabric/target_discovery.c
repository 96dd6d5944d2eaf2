/* The discovery controller (NVMe-oF 1.1, chapter 5): one record that names this target. */
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

size_t discovery_log(const struct target *target, uint8_t *page)
{
	uint8_t *record = page + RECORD_BYTES;
	char port[8];

	store_le64(page, 1);     /* GENCTR: the record never changes */
	store_le64(page + 8, 1); /* NUMREC */
	record[0] = TRANSPORT_TCP;
	record[1] = FAMILY_IPV4;
	record[2] = SUBSYSTEM_NVM;
	store_le16(record + 4, 1); /* PORTID */
	store_le16(record + 6, ANY_CONTROLLER);
	store_le16(record + 8, TARGET_QUEUE_ENTRIES); /* ASQSZ */
	snprintf(port, sizeof(port), "%u", target->config.tcp_port);
	put_padded(record + 32, 32, port);
	memcpy(record + 256, target->nqn, strlen(target->nqn));
	put_padded(record + 512, 256, target->address);
	return 2 * (size_t)RECORD_BYTES;
}

void discovery_identify(const struct target *target, const struct command *command, uint8_t *data)
{
	const struct connection *connection = &target->connection[command->connection];

	put_padded(data + 64, 8, "1.0");
	data[77] = 6; /* MDTS */
	store_le16(data + 78, (uint16_t)(connection->controller + 1));
	store_le32(data + 80, VERSION_1_4);
	data[111] = TYPE_DISCOVERY;
	data[261] = 1 << 2; /* LPA: 32-bit lengths and offsets */
	store_le16(data + 514, TARGET_QUEUE_ENTRIES);
	store_le32(data + 536, 1 | 1 << 20 | 1 << 21); /* SGLS */
	strcpy((char *)data + 768, NVME_DISCOVERY_NQN);
}
