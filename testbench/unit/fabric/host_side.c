#include "testbench/unit/fabric/host_side.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/crc32c.h"

uint8_t host_volume_byte(uint64_t offset)
{
	return (uint8_t)(offset / 512 * 37 + offset * 3 + (offset >> 13));
}

const char *host_make_volume(unsigned number, unsigned blocks)
{
	static char path[4][96];
	const char *directory = getenv("TMPDIR");
	FILE *file;

	snprintf(path[number % 4], sizeof(path[0]), "%s/fabric_test_%d_%u.img", directory ? directory : "/tmp", (int)getpid(), number);
	file = fopen(path[number % 4], "wb");
	for (uint64_t i = 0; file && i < (uint64_t)blocks * 512; i++)
		fputc(host_volume_byte(i), file);
	if (file)
		fclose(file);
	return path[number % 4];
}

struct target *host_make_target(struct target_config *config, unsigned blocks)
{
	char message[200];
	struct target *target;

	config->nqn = "nqn.2026-11.assay:unit";
	config->namespaces = 1;
	config->volume[0].path = host_make_volume(0, blocks);
	target = target_create(config, message, sizeof(message));
	if (!target)
		fprintf(stderr, "%s\n", message);
	unlink(config->volume[0].path); /* the target keeps it open */
	return target;
}

/* ---- transport ---- */

static enum pdu_verdict on_header(void *ctx, const struct pdu *pdu, struct pdu_error *error)
{
	struct host_side *host = ctx;
	struct host_pdu *to = &host->pdu[host->pdus];

	(void)error;
	*to = (struct host_pdu){.type = pdu->type, .flags = pdu->flags, .data_at = host->data_used, .data_bytes = pdu->data_bytes};
	memcpy(to->header, pdu->header, pdu->header[2]);
	return PDU_OK;
}

static void on_data(void *ctx, const uint8_t *bytes, size_t length)
{
	struct host_side *host = ctx;

	if (host->data_used + length > sizeof(host->data))
		abort();
	memcpy(host->data + host->data_used, bytes, length);
	host->data_used += length;
}

static enum pdu_verdict on_end(void *ctx, const struct pdu *pdu, bool digest_ok, struct pdu_error *error)
{
	struct host_side *host = ctx;

	(void)pdu;
	(void)error;
	host->pdu[host->pdus].digest_ok = digest_ok;
	if (++host->pdus == HOST_PDUS_MAX)
		abort();
	return PDU_OK;
}

static size_t link_room(void *link)
{
	return ((struct host_side *)link)->room;
}

static void link_write(void *link, const void *bytes, size_t length)
{
	static const struct pdu_handler handler = {.header = on_header, .data = on_data, .end = on_end};
	struct host_side *host = link;
	struct pdu_error error;
	size_t used;

	if (length > host->room)
		abort();
	if (pdu_read(&host->reader, &host->limits, &handler, host, bytes, length, &used, &error) != PDU_OK)
		host->broken = true;
}

static void link_close(void *link, bool aborted)
{
	struct host_side *host = link;

	host->closed = true;
	host->aborted = aborted;
}

static void link_resume(void *link)
{
	((struct host_side *)link)->resumed++;
}

void host_open(struct host_side *host, struct target *target)
{
	static const struct target_link_ops ops = {.room = link_room, .write = link_write, .close = link_close, .resume = link_resume};

	memset(host, 0, offsetof(struct host_side, data));
	host->target = target;
	host->room = 1 << 20;
	host->limits.types = 1u << PDU_IC_RESP | 1u << PDU_C2H_TERM | 1u << PDU_RESPONSE | 1u << PDU_C2H_DATA | 1u << PDU_R2T;
	host->limits.pdu_data = TARGET_TRANSFER_BYTES;
	host->connection = target_accept(target, &ops, host);
}

void host_send(struct host_side *host, const void *bytes, size_t length)
{
	const uint8_t *from = bytes;

	while (length > 0 && !host->closed) {
		size_t used = target_input(host->target, host->connection, from, length, host->now);

		if (used == 0) { /* stalled: let time pass */
			host->now += 100000;
			target_advance(host->target, host->now);
		}
		from += used;
		length -= used;
	}
}

/* ---- PDUs ---- */

void host_send_pdu(struct host_side *host, uint8_t type, uint8_t flags, uint8_t *header, uint8_t header_bytes, const void *data,
	uint32_t data_bytes)
{
	static uint8_t bytes[512 + TARGET_TRANSFER_BYTES];
	struct pdu_layout layout = {
		.type = type,
		.flags = flags,
		.header_bytes = header_bytes,
		.data_bytes = data_bytes,
		.header_digest = host->limits.header_digest,
		.data_digest = host->limits.data_digest,
	};
	size_t at;

	memcpy(bytes, header, header_bytes);
	at = pdu_finish_header(bytes, &layout);
	if (data_bytes) {
		memcpy(bytes + at, data, data_bytes);
		at += data_bytes;
		if (layout.data_digest) {
			store_le32(bytes + at, crc32c(0, data, data_bytes));
			at += PDU_DIGEST_BYTES;
		}
	}
	host_send(host, bytes, at);
}

bool host_initialize(struct host_side *host, bool header_digest, bool data_digest, uint32_t max_r2t)
{
	uint8_t bytes[PDU_IC_BYTES] = {PDU_IC_REQ, 0, PDU_IC_BYTES, 0, PDU_IC_BYTES};
	const struct host_pdu *answer;

	bytes[11] = (uint8_t)((header_digest ? PDU_IC_HEADER_DIGEST : 0) | (data_digest ? PDU_IC_DATA_DIGEST : 0));
	store_le32(bytes + 12, max_r2t);
	host_send(host, bytes, sizeof(bytes));
	answer = host_next(host);
	if (!answer || answer->type != PDU_IC_RESP || answer->header[11] != bytes[11])
		return false;
	host->limits.header_digest = header_digest;
	host->limits.data_digest = data_digest;
	return true;
}

void host_sqe(uint8_t sqe[SQE_BYTES], uint8_t opcode, uint16_t id, uint32_t namespace_id)
{
	memset(sqe, 0, SQE_BYTES);
	sqe[0] = opcode;
	sqe[1] = 0x40;
	store_le16(sqe + 2, id);
	store_le32(sqe + 4, namespace_id);
	sqe[39] = SGL_TRANSPORT;
}

void host_sqe_sgl(uint8_t sqe[SQE_BYTES], uint8_t type, uint32_t length)
{
	sqe[39] = type;
	store_le32(sqe + 32, length);
}

void host_command(struct host_side *host, const uint8_t sqe[SQE_BYTES], const void *data, uint32_t data_bytes)
{
	uint8_t header[PDU_COMMAND_BYTES] = {0};

	memcpy(header + PDU_COMMON_BYTES, sqe, SQE_BYTES);
	host_send_pdu(host, PDU_COMMAND, 0, header, sizeof(header), data, data_bytes);
}

void host_data(struct host_side *host, const uint8_t sqe[SQE_BYTES], uint16_t tag, uint32_t offset, const void *data, uint32_t length,
	bool last)
{
	uint8_t header[PDU_DATA_BYTES] = {0};

	memcpy(header + 8, sqe + 2, 2);
	store_le16(header + 10, tag);
	store_le32(header + 12, offset);
	store_le32(header + 16, length);
	host_send_pdu(host, PDU_H2C_DATA, last ? PDU_FLAG_LAST : 0, header, sizeof(header), data, length);
}

const struct host_pdu *host_next(struct host_side *host)
{
	for (unsigned tries = 0; host->taken == host->pdus && tries < 100; tries++) {
		uint64_t next = target_next_event(host->target);

		if (next == UINT64_MAX)
			return NULL;
		host->now = next > host->now ? next : host->now;
		target_advance(host->target, host->now);
	}
	if (host->taken == host->pdus)
		return NULL;
	return &host->pdu[host->taken++];
}

uint16_t host_status(struct host_side *host)
{
	const struct host_pdu *pdu = host_next(host);

	if (!pdu || pdu->type != PDU_RESPONSE)
		return 0xffff;
	return (uint16_t)(load_le16(pdu->header + 22) >> 1);
}

uint64_t host_result(const struct host_side *host)
{
	return load_le64(host->pdu[host->taken - 1].header + 8);
}

/* ---- bringing up ---- */

uint16_t host_connect(struct host_side *host, uint16_t queue, uint16_t size, uint16_t controller, uint8_t attributes, uint32_t keep_alive_ms)
{
	uint8_t sqe[SQE_BYTES], data[CONNECT_DATA_BYTES] = {0};

	host_sqe(sqe, NVME_FABRICS, 1, FABRICS_CONNECT);
	store_le16(sqe + 42, queue);
	store_le16(sqe + 44, size);
	sqe[46] = attributes;
	store_le32(sqe + 48, keep_alive_ms);
	host_sqe_sgl(sqe, SGL_CAPSULE_OFFSET, sizeof(data));
	memset(data, 0x5a, 16);
	store_le16(data + 16, controller);
	strcpy((char *)data + 256, "nqn.2026-11.assay:unit");
	strcpy((char *)data + 512, "nqn.2026-11.assay:host");
	host_command(host, sqe, data, sizeof(data));
	return host_status(host);
}

uint16_t host_bring_up(struct host_side *host, bool header_digest, bool data_digest)
{
	uint8_t sqe[SQE_BYTES];
	uint16_t controller;

	if (!host_initialize(host, header_digest, data_digest, 0) || host_connect(host, 0, 31, 0xffff, 0, 0) != NVME_SUCCESS)
		return 0;
	controller = (uint16_t)host_result(host);
	host_sqe(sqe, NVME_FABRICS, 2, FABRICS_PROPERTY_SET);
	store_le32(sqe + 44, PROPERTY_CC);
	store_le32(sqe + 48, 0x00460001);
	host_command(host, sqe, NULL, 0);
	return host_status(host) == NVME_SUCCESS ? controller : 0;
}
