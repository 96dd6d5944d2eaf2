/* Receive side of a queue: TCP's bytes become PDUs. Every PDU type begins with at least 24 bytes of header (ICResp has
 * 128); data has been placed in the command's buffer by the
 * port, or goes there from the receive ring: the only copy on its way. */
#include "firmware/fabric/queue.h"

#include "firmware/core/copy.h"
#include "firmware/core/log.h"
#include "firmware/net/place.h"
#include "lwip/tcp.h"

#include <string.h>

#define SHORT_HEADER sizeof(struct nvme_tcp_response)

/* Bytes of one kind of a received piece. */
struct piece {
	const struct place_report *report;
	bool placed; /* the placement unit has moved the data, and verified the digests */
};

static struct fabric_command *command_of(struct fabric_queue *queue, uint16_t cid)
{
	unsigned index = cid & 0xff;
	struct fabric_command *command = index < FABRIC_QUEUE_COMMANDS ? queue->commands[index] : NULL;

	if (!command || command->capsule.sqe.cid != cid || command->answered) {
		fabric_queue_refuse(queue, "PDU for no command", NVME_TCP_FES_HEADER_FIELD);
		return NULL;
	}
	return command;
}

/* A success before all data has moved is none. */
static bool data_moved(const struct fabric_command *command)
{
	if (command->to_storage)
		return command->in_capsule || command->h2c_sent == command->bytes;
	return command->received == command->bytes;
}

static void command_answered(struct fabric_queue *queue, struct fabric_command *command, uint16_t status)
{
	command->status = status;
	if (command->damaged)
		command->status = NVME_TRANSIENT_TRANSPORT_ERROR;
	else if (status == NVME_SUCCESS && !data_moved(command))
		command->status = NVME_DATA_TRANSFER_ERROR;
	if (command->stage != FABRIC_STAGE_NONE) {
		fabric_queue_refuse(queue, "response before the data was sent", NVME_TCP_FES_SEQUENCE);
		return;
	}
	if (command->mark > queue->acknowledged) {
		command->answered = true;
		queue->answered++;
		return;
	}
	fabric_queue_finish(queue, command);
}

/* A target may leave out a digest that it was asked for, not add one. */
static bool digests_wanted(const struct fabric_queue *queue, uint8_t digests)
{
	return (queue->wants_header_digest || !(digests & NVME_TCP_DIGEST_HEADER)) &&
	       (queue->wants_data_digest || !(digests & NVME_TCP_DIGEST_DATA));
}

static void take_icresp(struct fabric_queue *queue)
{
	const struct nvme_tcp_icresp *icresp = &queue->receive.header.icresp;

	if (queue->open || icresp->common.hlen != sizeof(*icresp) || icresp->common.plen != sizeof(*icresp) ||
	    icresp->pfv != 0 || !digests_wanted(queue, icresp->dgst) || icresp->cpda > 31 || icresp->maxh2cdata < 4096) {
		fabric_queue_refuse(queue, "ICResp is wrong", NVME_TCP_FES_UNSUPPORTED);
		return;
	}
	queue->header_digest_bytes = icresp->dgst & NVME_TCP_DIGEST_HEADER ? NVME_TCP_DIGEST_BYTES : 0;
	queue->data_digest = icresp->dgst & NVME_TCP_DIGEST_DATA;
	queue->pad_unit = (uint8_t)((icresp->cpda + 1) * 4);
	queue->max_h2c_bytes = icresp->maxh2cdata & ~3u;
	queue->follow_due = queue->qid > 0;
	queue->open = true;
	queue->opened(queue);
}

static void take_response(struct fabric_queue *queue)
{
	const struct nvme_tcp_response *response = &queue->receive.header.response;
	struct fabric_command *command;

	if (response->common.plen != sizeof(*response) + queue->header_digest_bytes) {
		fabric_queue_refuse(queue, "CapsuleResp has a wrong length", NVME_TCP_FES_HEADER_FIELD);
		return;
	}
	command = command_of(queue, response->cqe.cid);
	if (!command)
		return;
	command->result = (uint64_t)response->cqe.dw1 << 32 | response->cqe.dw0;
	/* The phase tag means nothing here; that there is more in the target's error log (M), and when to try again (CRD), nobody asks. */
	command_answered(queue, command, response->cqe.status >> 1 & (NVME_STATUS_MASK | NVME_STATUS_DNR));
}

static void take_r2t(struct fabric_queue *queue)
{
	const struct nvme_tcp_r2t *r2t = &queue->receive.header.r2t;
	struct fabric_command *command = command_of(queue, r2t->cccid);

	if (!command)
		return;
	if (r2t->common.plen != sizeof(*r2t) + queue->header_digest_bytes || !command->to_storage || command->in_capsule ||
	    command->stage != FABRIC_STAGE_NONE || r2t->length == 0 || r2t->offset != command->h2c_sent ||
	    r2t->length > command->bytes - r2t->offset) {
		fabric_queue_refuse(queue, "R2T is wrong", NVME_TCP_FES_OUT_OF_RANGE);
		return;
	}
	command->ttag = r2t->ttag;
	command->h2c_at = r2t->offset;
	command->h2c_end = r2t->offset + r2t->length;
	fabric_queue_want_data(queue, command);
}

static uint32_t data_expected(const struct fabric_receive *receive)
{
	return receive->skip + receive->left + receive->digest_left;
}

/* The end of a C2HData PDU, its data being in place. */
static void data_complete(struct fabric_queue *queue)
{
	struct fabric_receive *receive = &queue->receive;

	if ((receive->header.common.flags & (NVME_TCP_FLAG_SUCCESS | NVME_TCP_FLAG_LAST)) ==
	    (NVME_TCP_FLAG_SUCCESS | NVME_TCP_FLAG_LAST)) {
		receive->command->result = 0;
		command_answered(queue, receive->command, NVME_SUCCESS);
	}
}

static void take_data_header(struct fabric_queue *queue)
{
	struct fabric_receive *receive = &queue->receive;
	const struct nvme_tcp_data *data = &receive->header.data;
	struct fabric_command *command = command_of(queue, data->cccid);
	uint32_t header_bytes = (uint32_t)sizeof(*data) + queue->header_digest_bytes;
	uint32_t digest_bytes = data->common.flags & NVME_TCP_FLAG_DATA_DIGEST ? NVME_TCP_DIGEST_BYTES : 0;

	if (!command)
		return;
	if (data->common.pdo < header_bytes || data->common.plen < data->common.pdo + digest_bytes ||
	    data->common.plen - data->common.pdo - digest_bytes != data->length || command->to_storage ||
	    data->offset != command->received || data->length > command->bytes - data->offset) {
		fabric_queue_refuse(queue, "C2HData is wrong", NVME_TCP_FES_OUT_OF_RANGE);
		return;
	}
	receive->command = command;
	receive->begin = receive->to = command->data + data->offset;
	receive->skip = data->common.pdo - header_bytes;
	receive->left = data->length;
	receive->digest_left = digest_bytes;
	command->received += data->length;
	if (data_expected(receive) == 0)
		data_complete(queue);
}

/* Every PDU says of itself which digests it has: those that were agreed upon. That of data is reserved, and not looked at, where there are none. */
static bool digest_flags_right(const struct fabric_queue *queue, const struct nvme_tcp_common *common)
{
	uint8_t mask = NVME_TCP_FLAG_HEADER_DIGEST | (common->type == NVME_TCP_C2H_DATA ? NVME_TCP_FLAG_DATA_DIGEST : 0);
	uint8_t flags = (uint8_t)((queue->header_digest_bytes > 0 ? NVME_TCP_FLAG_HEADER_DIGEST : 0) |
		(queue->data_digest ? NVME_TCP_FLAG_DATA_DIGEST : 0));

	return (common->flags & mask) == (flags & mask);
}

static bool header_digest_right(struct fabric_queue *queue, bool verified)
{
	const struct fabric_receive *receive = &queue->receive;
	uint32_t digest;

	if (verified || receive->need != SHORT_HEADER + NVME_TCP_DIGEST_BYTES)
		return true;
	memcpy(&digest, (const uint8_t *)receive->header.words + SHORT_HEADER, sizeof(digest));
	return place_crc32c(receive->header.words, SHORT_HEADER) == digest;
}

static void take_header(struct fabric_queue *queue)
{
	const struct nvme_tcp_common *common = &queue->receive.header.common;

	if (common->type == NVME_TCP_ICRESP) {
		take_icresp(queue);
	} else if (common->type == NVME_TCP_C2H_TERM) {
		log_line("fabric: the target ends the connection, status %u", queue->receive.header.term.fes);
		fabric_queue_fail(queue, "C2HTermReq");
	} else if (!queue->open || common->hlen != SHORT_HEADER || !digest_flags_right(queue, common)) {
		fabric_queue_refuse(queue, "PDU header is wrong", NVME_TCP_FES_HEADER_FIELD);
	} else if (common->type == NVME_TCP_C2H_DATA) {
		take_data_header(queue);
	} else if (common->type == NVME_TCP_RESPONSE) {
		take_response(queue);
	} else if (common->type == NVME_TCP_R2T) {
		take_r2t(queue);
	} else {
		fabric_queue_refuse(queue, "PDU type is unknown", NVME_TCP_FES_SEQUENCE);
	}
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t take_header_bytes(struct fabric_queue *queue, const uint8_t *bytes, uint32_t count, const struct piece *piece)
{
	struct fabric_receive *receive = &queue->receive;
	uint32_t now = least(count, receive->need - receive->have);

	copy_payload((uint8_t *)receive->header.words + receive->have, bytes, now);
	receive->have += now;
	if (receive->have < receive->need)
		return now;
	if (receive->header.common.type == NVME_TCP_ICRESP && receive->need < sizeof(struct nvme_tcp_icresp)) {
		receive->need = sizeof(struct nvme_tcp_icresp);
		return now;
	}
	if (receive->header.common.type != NVME_TCP_ICRESP && receive->header.common.type != NVME_TCP_C2H_TERM &&
	    receive->need == SHORT_HEADER && queue->header_digest_bytes > 0) {
		receive->need = SHORT_HEADER + NVME_TCP_DIGEST_BYTES;
		return now;
	}
	receive->have = 0;
	if (header_digest_right(queue, piece->placed && !piece->report->bad_header))
		take_header(queue);
	else
		fabric_queue_refuse(queue, "header digest is wrong", NVME_TCP_FES_HEADER_DIGEST);
	receive->need = SHORT_HEADER;
	return now;
}

/* The placement unit tells of all digests that end in one frame whether one is wrong: their commands go out again. */
static bool data_digest_right(const struct fabric_receive *receive, const struct piece *piece)
{
	if (piece->placed)
		return !piece->report->bad_data;
	return receive->digest == place_crc32c(receive->begin, (uint32_t)(receive->to - receive->begin));
}

static uint32_t take_digest_bytes(struct fabric_queue *queue, const uint8_t *bytes, uint32_t count, const struct piece *piece)
{
	struct fabric_receive *receive = &queue->receive;
	uint32_t now = least(count, receive->digest_left);

	memcpy((uint8_t *)&receive->digest + NVME_TCP_DIGEST_BYTES - receive->digest_left, bytes, now);
	receive->digest_left -= now;
	if (receive->digest_left == 0 && !data_digest_right(receive, piece)) {
		receive->command->damaged = true;
		fabric_counters.data_digest_errors++;
	}
	return now;
}

static uint32_t take_data_bytes(struct fabric_queue *queue, const uint8_t *bytes, uint32_t count, const struct piece *piece)
{
	struct fabric_receive *receive = &queue->receive;
	uint32_t skipped = least(count, receive->skip);
	uint32_t now = least(count - skipped, receive->left);

	if (!piece->placed)
		copy_payload(receive->to, bytes + skipped, now);
	receive->skip -= skipped;
	receive->to += now;
	receive->left -= now;
	now += skipped;
	if (receive->left == 0 && receive->digest_left > 0)
		now += take_digest_bytes(queue, bytes + now, count - now, piece);
	if (data_expected(receive) == 0)
		data_complete(queue);
	return now;
}

void fabric_queue_receive(struct fabric_queue *queue, const uint8_t *bytes, uint32_t count, const struct place_report *report)
{
	for (uint32_t at = 0; at < count && !queue->failure;) {
		struct piece piece = {report, at >= report->from};
		/* The unit begins with a PDU, so that each field is either its or not. */
		uint32_t end = !piece.placed && report->from < count ? report->from : count;
		uint32_t taken = data_expected(&queue->receive) > 0 ? take_data_bytes(queue, bytes + at, end - at, &piece)
								    : take_header_bytes(queue, bytes + at, end - at, &piece);

		at += taken;
		queue->receive.sequence += taken;
		if (!queue->follow_due)
			continue;
		queue->follow_due = false;
		queue->armed = queue->receive.sequence;
		queue->place = (uint8_t)place_open(queue->pcb, queue->armed);
	}
}
