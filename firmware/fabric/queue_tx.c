/* Transmit side of a queue: capsules and H2CData leave in the order of a list, each PDU as a whole. Headers lie in the
 * command, data in the slot's buffer; TCP keeps references to both until the peer has acknowledged them. */
#include "firmware/fabric/queue.h"

#include "firmware/net/place.h"
#include "lwip/tcp.h"

#include <string.h>

/* tcp_write takes 16-bit lengths. */
#define WRITE_MAX 0x8000u
/* Pieces that one PDU of this length may need of TCP's queue, at the smallest segments met in practice. */
#define PIECES(bytes) ((bytes) / 512 + 8)

static const uint8_t padding[128];

bool fabric_queue_send(struct fabric_queue *queue, const void *bytes, uint32_t count)
{
	const uint8_t *from = bytes;

	queue->queued += count;
	fabric_queue_output(queue);
	while (count > 0) {
		uint16_t now = (uint16_t)(count < WRITE_MAX ? count : WRITE_MAX);

		if (tcp_write(queue->pcb, from, now, TCP_WRITE_FLAG_MORE) != ERR_OK)
			return false;
		from += now;
		count -= now;
	}
	return true;
}

/* Not through tcp_sndbuf(), which never says more than 64 KiB. */
static bool room_for(const struct fabric_queue *queue, uint32_t bytes)
{
	return queue->pcb->snd_buf >= bytes && tcp_sndqueuelen(queue->pcb) + PIECES(bytes) <= TCP_SND_QUEUELEN;
}

static uint8_t padded(const struct fabric_queue *queue, uint32_t header_bytes)
{
	uint32_t unit = queue->pad_unit;

	return (uint8_t)((header_bytes + unit - 1) / unit * unit);
}

/* Header, padding and data of one PDU, with their digests: that of the header lies behind it. It has been checked that there is
   room; if TCP is out of memory nevertheless, the stream is broken and the queue with it. */
static void send_pdu(struct fabric_queue *queue, struct nvme_tcp_common *header, const uint8_t *data, uint32_t *data_digest)
{
	uint32_t header_bytes = header->hlen + queue->header_digest_bytes;
	uint32_t pad = data ? header->pdo - header_bytes : 0, data_bytes = data ? header->plen - header->pdo : 0;

	if (data && queue->data_digest) {
		data_bytes -= NVME_TCP_DIGEST_BYTES;
		*data_digest = place_crc32c(data, data_bytes);
	}
	if (queue->header_digest_bytes > 0) {
		uint32_t digest;

		header->flags |= NVME_TCP_FLAG_HEADER_DIGEST;
		digest = place_crc32c(header, header->hlen);
		memcpy((uint8_t *)header + header->hlen, &digest, sizeof(digest));
	}
	if (!fabric_queue_send(queue, header, header_bytes) || (pad > 0 && !fabric_queue_send(queue, padding, pad)) ||
	    (data && !fabric_queue_send(queue, data, data_bytes)) ||
	    (data && queue->data_digest && !fabric_queue_send(queue, data_digest, NVME_TCP_DIGEST_BYTES)))
		fabric_queue_fail(queue, "TCP is out of memory");
}

/* Length and flags that the data of a PDU needs besides itself. */
static uint32_t digest_bytes(const struct fabric_queue *queue)
{
	return queue->data_digest ? NVME_TCP_DIGEST_BYTES : 0;
}

static uint8_t digest_flag(const struct fabric_queue *queue)
{
	return queue->data_digest ? NVME_TCP_FLAG_DATA_DIGEST : 0;
}

static bool transmit_capsule(struct fabric_queue *queue, struct fabric_command *command)
{
	struct nvme_tcp_common *common = &command->capsule.common;
	uint32_t header_bytes = (uint32_t)sizeof(command->capsule) + queue->header_digest_bytes;
	uint8_t pdo = command->in_capsule ? padded(queue, header_bytes) : 0;

	*common = (struct nvme_tcp_common){.type = NVME_TCP_COMMAND, .hlen = sizeof(command->capsule), .pdo = pdo};
	common->plen = command->in_capsule ? pdo + command->bytes + digest_bytes(queue) : header_bytes;
	common->flags = command->in_capsule ? digest_flag(queue) : 0;
	if (!room_for(queue, common->plen))
		return false;
	send_pdu(queue, common, command->in_capsule ? command->data : NULL, &command->data_digest);
	command->stage = FABRIC_STAGE_NONE;
	return true;
}

/* Best effort: whether the target reads it before the reset that follows is up to it (NVMe-oF 1.1 section 7.4.7). */
void fabric_queue_refuse(struct fabric_queue *queue, const char *why, enum nvme_tcp_fes status)
{
	struct nvme_tcp_term *term = &queue->last_words.term;

	if (queue->failure)
		return;
	fabric_counters.protocol_errors++;
	fabric_counters.header_digest_errors += status == NVME_TCP_FES_HEADER_DIGEST;
	fabric_queue_fail(queue, why);
	if (!queue->pcb)
		return;
	*term = (struct nvme_tcp_term){
		.common = {NVME_TCP_H2C_TERM, 0, sizeof(*term), 0, sizeof(queue->last_words)},
		.fes = (uint16_t)status,
	};
	memcpy(queue->last_words.header, queue->receive.header.words, sizeof(queue->last_words.header));
	if (fabric_queue_send(queue, &queue->last_words, sizeof(queue->last_words)))
		tcp_output(queue->pcb);
}

/* One H2CData PDU, the next of the R2T at hand. */
static bool transmit_data(struct fabric_queue *queue, struct fabric_command *command)
{
	uint32_t left = command->h2c_end - command->h2c_at;
	uint32_t bytes = left < queue->max_h2c_bytes ? left : queue->max_h2c_bytes;
	uint8_t pdo = padded(queue, (uint32_t)sizeof(struct nvme_tcp_data) + queue->header_digest_bytes);
	struct fabric_h2c *pdu = &command->h2c[command->h2c_used % FABRIC_H2C_HEADERS];
	uint32_t plen = pdo + bytes + digest_bytes(queue);

	if (!room_for(queue, plen) || (command->h2c_used >= FABRIC_H2C_HEADERS && pdu->mark > queue->acknowledged))
		return false;
	command->h2c_used++;
	pdu->header = (struct nvme_tcp_data){
		.common = {NVME_TCP_H2C_DATA, (uint8_t)(digest_flag(queue) | (bytes == left ? NVME_TCP_FLAG_LAST : 0)),
			sizeof(pdu->header), pdo, plen},
		.cccid = command->capsule.sqe.cid,
		.ttag = command->ttag,
		.offset = command->h2c_at,
		.length = bytes,
	};
	send_pdu(queue, &pdu->header.common, command->data + command->h2c_at, &pdu->data_digest);
	pdu->mark = queue->queued;
	command->h2c_at += bytes;
	command->h2c_sent += bytes;
	if (command->h2c_at == command->h2c_end)
		command->stage = FABRIC_STAGE_NONE;
	return true;
}

void fabric_queue_transmit(struct fabric_queue *queue)
{
	while (queue->send_first && queue->pcb && !queue->failure) {
		struct fabric_command *command = queue->send_first;
		bool sent = command->stage == FABRIC_STAGE_CAPSULE ? transmit_capsule(queue, command)
								   : transmit_data(queue, command);

		if (!sent)
			return;
		command->mark = queue->queued;
		if (command->stage == FABRIC_STAGE_NONE)
			queue->send_first = command->next;
	}
}

static void send_later(struct fabric_queue *queue, struct fabric_command *command, enum fabric_stage stage)
{
	command->stage = stage;
	command->next = NULL;
	if (queue->send_first)
		queue->send_last->next = command;
	else
		queue->send_first = command;
	queue->send_last = command;
	fabric_queue_transmit(queue);
}

void fabric_queue_want_data(struct fabric_queue *queue, struct fabric_command *command)
{
	send_later(queue, command, FABRIC_STAGE_DATA);
}

void fabric_queue_submit(struct fabric_queue *queue, struct fabric_command *command, unsigned index)
{
	struct nvme_sqe *sqe = &command->capsule.sqe;

	command->index = (uint8_t)index;
	command->generation++;
	command->received = command->h2c_sent = 0;
	command->h2c_used = 0;
	command->answered = command->damaged = false;
	command->status = 0;
	command->in_capsule = command->to_storage && command->bytes > 0 && command->bytes <= queue->capsule_data_bytes;
	sqe->cid = (uint16_t)((unsigned)command->generation << 8 | index);
	sqe->flags = NVME_PSDT_SGL;
	sqe->dptr[0] = 0;
	sqe->dptr[1] = NVME_SGL_WORD(command->in_capsule ? NVME_SGL_IN_CAPSULE : NVME_SGL_TRANSPORT, command->bytes);
	queue->commands[index] = command;
	if (!command->to_storage && command->bytes > 0)
		place_buffer(queue->place, sqe->cid, command->data, command->bytes);
	queue->inflight++;
	send_later(queue, command, FABRIC_STAGE_CAPSULE);
}
