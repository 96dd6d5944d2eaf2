#include "models/nic/placer.h"

#include <string.h>

#include "models/nic/checksum.h"

enum { PROTOCOL_AT = 9, SOURCE_AT = 12, SEQUENCE_AT = 4, PROTOCOL_TCP = 6, BEAT_BYTES = 8, DATA_WITHOUT_BUFFER = 4 };

static uint32_t be(const uint8_t *p, unsigned bytes)
{
	uint32_t value = 0;

	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | p[i];
	return value;
}

bool placer_begin(struct placer *p, unsigned owner, const struct port_out *verdict, const uint8_t *frame, size_t length)
{
	const uint8_t *ip = frame + verdict->verdict_l3, *tcp = frame + verdict->verdict_l4;
	struct checksum_report report;
	size_t end;

	if (!verdict->open || !verdict->verdict_l4 || !verdict->verdict_payload || ip[PROTOCOL_AT] != PROTOCOL_TCP)
		return false;
	end = verdict->verdict_l3 + be(ip + 2, 2);
	report = checksum_check(frame, length);
	if (!report.ip_ok || !report.is_l4 || !report.l4_ok || end > length || end <= verdict->verdict_payload)
		return false;
	p->busy = true;
	p->taken = p->over = p->job = false;
	p->result = (struct placement){0};
	p->owner = (uint8_t)owner;
	p->payload = verdict->verdict_payload;
	p->frame_length = (uint32_t)length;
	p->at = 0;
	p->length = (uint32_t)(end - verdict->verdict_payload);
	p->head.saddr = be(ip + SOURCE_AT, 4);
	p->head.daddr = be(ip + SOURCE_AT + 4, 4);
	p->head.sport = (uint16_t)be(tcp, 2);
	p->head.dport = (uint16_t)be(tcp + 2, 2);
	p->head.seq = be(tcp + SEQUENCE_AT, 4);
	return true;
}

bool placer_result(struct placer *p, struct placement *result)
{
	if (!p->busy || p->job || !p->over)
		return false;
	*result = p->result;
	p->busy = false;
	return true;
}

void placer_job(struct placer *p, unsigned owner, uint64_t address, uint32_t length, uint32_t before)
{
	p->jobs[owner] = (struct placer_job){.busy = true, .left = length, .crc = before, .address = address};
}

bool placer_busy(const struct placer *p)
{
	bool busy = p->busy;

	for (unsigned i = 0; i < PLACER_JOBS; i++)
		busy |= p->jobs[i].busy;
	return busy;
}

static void end_job(struct placer *p, const struct placer_ops *ops, unsigned owner, bool failed)
{
	p->jobs[owner].busy = false;
	ops->job_done(ops->ctx, owner, p->jobs[owner].crc, failed);
}

/* The next chunk of a job whose bytes are there; the owners take turns. */
static void begin_chunk(struct placer *p, const struct placer_ops *ops)
{
	for (unsigned i = 0; i < PLACER_JOBS; i++) {
		unsigned owner = (p->turn + 1 + i) % PLACER_JOBS;
		struct placer_job *job = &p->jobs[owner];
		uint32_t length = job->left < PLACER_CHUNK_BYTES ? job->left : PLACER_CHUNK_BYTES;
		int got;

		if (!job->busy)
			continue;
		got = length > 0 ? ops->job_bytes(ops->ctx, owner, job->address, p->bytes, length) : 1;
		if (got < 0) {
			end_job(p, ops, owner, true);
			return;
		}
		if (got == 0)
			continue;
		p->turn = (uint8_t)owner;
		p->busy = p->job = true;
		p->taken = p->over = false;
		p->owner = (uint8_t)owner;
		p->payload = 0;
		p->at = 0;
		p->length = length;
		memset(&p->head, 0, sizeof(p->head));
		p->head.seq = job->crc;
		return;
	}
}

static void take_done(struct placer *p, const struct placer_ops *ops, const struct port_out *out)
{
	struct placer_job *job = &p->jobs[p->owner];

	if (!p->job) {
		p->over = true;
		p->result.followed = out->done_from != PORT_PLACE_NOT && !(out->done_bad & DATA_WITHOUT_BUFFER);
		p->result.from = (uint16_t)(p->payload + out->done_from);
		p->result.bad = out->done_bad;
		if (!p->result.followed)
			p->result.hole_bytes = 0;
		return;
	}
	p->busy = false;
	p->crc_bytes += p->length;
	job->crc = out->done_crc;
	job->address += p->length;
	job->left -= p->length;
	if (job->left == 0)
		end_job(p, ops, p->owner, false);
}

void placer_take(struct placer *p, const struct placer_ops *ops, const uint8_t *frame, const struct port_in *in, const struct port_out *out)
{
	if (in->seg_valid && out->seg_ready)
		p->taken = true;
	if (in->pay_valid && out->pay_ready)
		p->at += BEAT_BYTES;
	if (out->run_valid && in->run_ready) {
		p->placed_bytes += out->run_length;
		if (out->run_length > p->result.hole_bytes) {
			p->result.hole_at = (uint16_t)(p->payload + out->run_at);
			p->result.hole_bytes = out->run_length;
		}
		ops->place(ops->ctx, p->owner, out->run_address, frame + p->payload + out->run_at, out->run_length);
	}
	if (out->done_valid && in->done_ready)
		take_done(p, ops, out);
}

static uint64_t beat(const uint8_t *bytes, uint32_t left)
{
	uint64_t data = 0;

	memcpy(&data, bytes, left < BEAT_BYTES ? left : BEAT_BYTES);
	return data;
}

void placer_drive(struct placer *p, const struct placer_ops *ops, const uint8_t *frame, struct port_in *next)
{
	bool offers;

	if (!p->busy)
		begin_chunk(p, ops);
	offers = p->busy && !p->over && !p->taken;
	next->seg_valid = offers;
	next->seg_job = offers && p->job;
	next->seg_owner = offers && !p->job ? p->owner : 0;
	next->seg_saddr = offers ? p->head.saddr : 0;
	next->seg_daddr = offers ? p->head.daddr : 0;
	next->seg_sport = offers ? p->head.sport : 0;
	next->seg_dport = offers ? p->head.dport : 0;
	next->seg_seq = offers ? p->head.seq : 0;
	next->seg_length = offers ? (uint16_t)p->length : 0;
	next->pay_valid = p->busy && !p->over && p->at < p->length;
	next->pay_data = next->pay_valid ? beat((p->job ? p->bytes : frame + p->payload) + p->at, p->length - p->at) : 0;
	next->run_ready = p->busy && !p->job && ops->place_room(ops->ctx, p->owner, p->frame_length);
	next->done_ready = 1;
}
