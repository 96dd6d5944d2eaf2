/* The controllers of a storage, as discovery controllers name them (NVMe-oF 1.1 section 5.3): a header of 1024 bytes, then records of 1024 bytes.
 * A round begins with the configured discovery controller and goes on to those that it refers to. */
#include "firmware/core/cursor.h"
#include "firmware/core/log.h"
#include "firmware/fabric/storage.h"
#include "firmware/net/port.h"

#include <stdio.h>
#include <string.h>

#define REFERRAL_MS 10
#define REDISCOVER_MS 10000
#define REDISCOVER_SOON_MS 1000

enum {
	RECORD_BYTES = 1024,
	RECORD_TRANSPORT_TCP = 3,
	RECORD_FAMILY_IPV4 = 1,
	RECORD_SUBSYSTEM_REFERRAL = 1, /* another discovery controller */
	RECORD_SUBSYSTEM_NVM = 2,
	RECORD_TREQ = 3,
	RECORD_TREQ_MASK = 3,
	RECORD_TLS_REQUIRED = 1,
	RECORD_PORT = 32,
	RECORD_NQN = 256,
	RECORD_ADDRESS = 512,
	ADDRESS_TEXT_MAX = 15, /* "255.255.255.255" */
	PORT_TEXT_MAX = 5,
};

/* Texts are padded with blanks, by some with zeroes. */
static bool text_ends(const char *at)
{
	return *at == ' ' || *at == '\0';
}

static bool record_address(const uint8_t *record, uint8_t address[4], uint16_t *port)
{
	const char *text = (const char *)record;
	struct cursor where = {text + RECORD_ADDRESS, text + RECORD_ADDRESS + ADDRESS_TEXT_MAX}, service = {text + RECORD_PORT, text + RECORD_PORT + PORT_TEXT_MAX};
	uint64_t number;

	if (!cursor_bytes(&where, address, 4, 10, ".") || !text_ends(where.at) || !cursor_number(&service, 10, UINT16_MAX, &number) || number == 0 ||
	    !text_ends(service.at))
		return false;
	*port = (uint16_t)number;
	return true;
}

static struct path *known_path(struct storage *storage, const uint8_t address[4], uint16_t port)
{
	for (unsigned i = 0; i < storage->path_count; i++)
		if (storage->paths[i].port == port && memcmp(storage->paths[i].address, address, 4) == 0)
			return &storage->paths[i];
	return NULL;
}

static void take_record(struct storage *storage, const uint8_t address[4], uint16_t port)
{
	struct path *known = known_path(storage, address, port);

	if (known) {
		known->listed = true;
		return;
	}
	if (storage->path_count < CONFIG_PATHS_MAX) {
		storage_begin_path(storage, storage->path_count++, address, port);
		return;
	}
	for (unsigned i = 0; i < storage->path_count; i++) {
		if (storage->paths[i].listed || storage->paths[i].state != PATH_BACKOFF)
			continue;
		storage_begin_path(storage, i, address, port);
		return;
	}
}

/* The round goes on to a discovery controller that another one has named, once. */
static void take_referral(struct storage *storage, const uint8_t address[4], uint16_t port)
{
	for (unsigned i = 0; i < storage->referral_count; i++)
		if (storage->referrals[i].port == port && memcmp(storage->referrals[i].address, address, 4) == 0)
			return;
	if (storage->referral_count == STORAGE_REFERRALS_MAX)
		return;
	memcpy(storage->referrals[storage->referral_count].address, address, 4);
	storage->referrals[storage->referral_count++].port = port;
}

static void ask(struct storage *storage, unsigned number)
{
	const struct config_path *referral = &storage->referrals[number];

	storage->referral_at = number;
	memcpy(storage->discovery.address, referral->address, sizeof(referral->address));
	storage->discovery.port = referral->port;
	port_add_storage(referral->address, referral->port, storage->own_address);
}

void discovery_begin(struct storage *storage)
{
	const struct config_path *first = &storage->volume->paths[0];
	struct path *path = &storage->discovery;

	path->storage = storage;
	path->volume = storage->volume;
	path->discovers = true;
	snprintf(path->name, sizeof(path->name), "storage %u discovery", storage->id);
	storage->referrals[0] = *first;
	storage->referral_count = 1;
	ask(storage, 0);
	path_init(path, first->address, first->port, 0);
}

void discovery_page_begins(struct storage *storage)
{
	if (storage->referral_at > 0)
		return; /* the same round */
	storage->referral_count = 1;
	for (unsigned i = 0; i < storage->path_count; i++)
		storage->paths[i].listed = false;
}

uint32_t discovery_next(struct storage *storage)
{
	struct path *path = &storage->discovery;

	if (storage->referral_at + 1 < storage->referral_count) {
		ask(storage, storage->referral_at + 1);
		return REFERRAL_MS;
	}
	if (storage->referral_count > 1)
		ask(storage, 0);
	if (storage->path_count != path->found_before)
		log_line("%s: %u controllers of %s", path->name, storage->path_count, storage->volume->nqn);
	path->found_before = storage->path_count;
	return storage_usable(storage) ? REDISCOVER_MS : REDISCOVER_SOON_MS;
}

uint32_t discovery_lost(struct storage *storage, uint32_t wait_ms)
{
	return storage->referral_at > 0 ? discovery_next(storage) : wait_ms;
}

static bool is_for_us(const struct storage *storage, const uint8_t *record)
{
	if (record[0] != RECORD_TRANSPORT_TCP || record[1] != RECORD_FAMILY_IPV4 || (record[RECORD_TREQ] & RECORD_TREQ_MASK) == RECORD_TLS_REQUIRED)
		return false;
	return record[2] == RECORD_SUBSYSTEM_REFERRAL ||
	       (record[2] == RECORD_SUBSYSTEM_NVM && strncmp((const char *)record + RECORD_NQN, storage->volume->nqn, CONFIG_NQN_BYTES) == 0);
}

void discovery_take(struct storage *storage, const uint8_t *records, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *record = records + i * RECORD_BYTES;
		uint8_t address[4];
		uint16_t port;

		if (!is_for_us(storage, record) || !record_address(record, address, &port))
			continue;
		if (record[2] == RECORD_SUBSYSTEM_REFERRAL)
			take_referral(storage, address, port);
		else
			take_record(storage, address, port);
	}
}
