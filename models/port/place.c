#include "models/port/place.h"

#include <string.h>

#include "sim/fabric/crc32c.h"

enum { TYPE_C2H_DATA = 7, FLAG_HEADER_DIGEST = 1, FLAG_DATA_DIGEST = 2, DIGEST_BYTES = 4, BEAT_BYTES = 8 };
enum { COUNT_SEGMENTS, COUNT_OUT, COUNT_BYTES, COUNT_DATA_DIGEST, COUNT_HEADER_DIGEST };
enum { BAD_DATA = 1, BAD_HEADER = 2, BAD_BUFFER = 4 };

void place_reset(struct place *p)
{
	memset(p, 0, sizeof(*p));
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t le32(const uint8_t *b)
{
	return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* --- what a PDU's header says ------------------------------------------------------------------------------------------- */

static bool is_data(const uint8_t *head)
{
	return head[0] == TYPE_C2H_DATA;
}

static uint32_t header_digest(const uint8_t *head)
{
	return head[1] & FLAG_HEADER_DIGEST ? DIGEST_BYTES : 0;
}

static uint32_t data_digest(const uint8_t *head)
{
	return is_data(head) && (head[1] & FLAG_DATA_DIGEST) ? DIGEST_BYTES : 0;
}

static uint16_t cccid_of(const uint8_t *head)
{
	return (uint16_t)(head[8] | head[9] << 8);
}

static uint32_t offset_of(const uint8_t *head)
{
	return le32(head + 12);
}

static uint32_t length_of(const uint8_t *head)
{
	return le32(head + 16);
}

/* Bytes between header (with digest) and data. @return whether the header's lengths agree. */
static bool skip_of(const uint8_t *head, uint32_t *skip)
{
	uint64_t before = PLACE_HEAD_BYTES + header_digest(head), pdo = head[3], plen = le32(head + 4);
	uint64_t begin = is_data(head) ? pdo : plen;

	*skip = (uint32_t)(begin - before);
	return begin >= before && (!is_data(head) || plen == pdo + length_of(head) + data_digest(head));
}

/* --- finding the connection, the buffer ------------------------------------------------------------------------------------ */

static struct place_flow *find(struct place *p)
{
	for (unsigned i = 0; i < PORT_PLACE_FLOWS; i++) {
		struct place_flow *flow = &p->flow[i];

		if (flow->valid && flow->owner == p->segment.owner && flow->remote == p->segment.remote && flow->own == p->segment.own &&
		    flow->remote_port == p->segment.remote_port && flow->own_port == p->segment.own_port) {
			p->index = (uint8_t)i;
			return flow;
		}
	}
	return NULL;
}

static void step_find(struct place *p)
{
	struct place_position *x = &p->position;
	struct place_flow *flow;

	if (p->job) {
		*x = (struct place_position){.field = PLACE_JOB, .left = p->segment.length, .crc = p->segment.seq};
		p->state = PLACE_WORK;
		return;
	}
	flow = find(p);
	p->state = PLACE_DRAIN;
	if (!flow)
		return;
	if (flow->armed && flow->arm - p->segment.seq < p->segment.length) {
		*x = (struct place_position){.field = PLACE_PRE, .left = flow->arm - p->segment.seq};
		p->from = (uint16_t)x->left;
		flow->armed = 0;
		flow->sync = 1;
		p->state = PLACE_WORK;
	} else if (flow->sync && flow->position.expected == p->segment.seq) {
		*x = flow->position;
		p->from = 0;
		p->state = x->field == PLACE_DATA && x->left > 0 ? PLACE_LOOK : PLACE_WORK;
	}
	p->count[p->state == PLACE_DRAIN ? COUNT_OUT : COUNT_SEGMENTS]++;
}

static void step_look(struct place *p)
{
	const uint8_t *head = p->position.head;
	uint16_t cccid = cccid_of(head);
	const struct place_entry *entry = &p->entry[p->index][cccid % PORT_PLACE_ENTRIES];
	uint64_t end = (uint64_t)offset_of(head) + length_of(head);

	p->due = entry->valid && entry->cccid == cccid && end <= entry->length;
	if (!p->due)
		p->bad |= BAD_BUFFER;
	p->target = entry->address + end - p->position.left;
	p->state = PLACE_WORK;
}

/* --- the fields of a PDU ------------------------------------------------------------------------------------------------ */

static void enter(struct place_position *x, enum place_field field, uint32_t left)
{
	x->field = (uint8_t)field;
	x->left = left;
	if (field == PLACE_HEAD || field == PLACE_DATA)
		x->crc = 0;
	if (field == PLACE_HEAD)
		x->head_have = 0;
	if (field == PLACE_HDIG || field == PLACE_DIG)
		x->digest_have = 0;
}

static bool digest_right(const struct place_position *x)
{
	return le32(x->digest) == x->crc;
}

/* What comes no more in step is only drained. */
static void lose(struct place *p)
{
	p->flow[p->index].sync = 0;
	p->state = PLACE_DRAIN;
}

static void check_header(struct place *p)
{
	if (header_digest(p->position.head) && !digest_right(&p->position)) {
		p->bad |= BAD_HEADER;
		p->count[COUNT_HEADER_DIGEST]++;
		lose(p);
	}
}

static void check_data(struct place *p)
{
	if (data_digest(p->position.head) && !digest_right(&p->position)) {
		p->bad |= BAD_DATA;
		p->count[COUNT_DATA_DIGEST]++;
	}
}

static void next_field(struct place *p)
{
	struct place_position *x = &p->position;
	const uint8_t *head = x->head;
	uint32_t skip;
	bool right = skip_of(head, &skip);

	switch (x->field) {
	case PLACE_HEAD:
		enter(x, PLACE_HDIG, header_digest(head));
		if (!right)
			lose(p);
		break;
	case PLACE_HDIG:
		check_header(p);
		enter(x, PLACE_SKIP, skip);
		break;
	case PLACE_SKIP:
		enter(x, PLACE_DATA, is_data(head) ? length_of(head) : 0);
		if (x->left > 0)
			p->state = PLACE_LOOK;
		break;
	case PLACE_DATA:
		enter(x, PLACE_DIG, data_digest(head));
		break;
	case PLACE_JOB:
		p->state = PLACE_DONE;
		break;
	default:
		if (x->field == PLACE_DIG)
			check_data(p);
		enter(x, PLACE_HEAD, PLACE_HEAD_BYTES);
		break;
	}
}

static void pop(struct place *p)
{
	memmove(p->beat, p->beat + 1, sizeof(p->beat) - sizeof(p->beat[0]));
	p->beat[PLACE_BEATS - 1] = 0;
	p->beats--;
	p->used = 0;
}

static void consume(struct place *p)
{
	struct place_position *x = &p->position;
	uint32_t bytes = least(least(BEAT_BYTES - p->used, p->rest), x->left);

	for (uint32_t i = 0; i < bytes; i++) {
		uint8_t byte = (uint8_t)(p->beat[0] >> (8 * (p->used + i)));

		if (x->field == PLACE_HEAD)
			x->head[x->head_have++] = byte;
		if (x->field == PLACE_HDIG || x->field == PLACE_DIG)
			x->digest[x->digest_have++] = byte;
		if (x->field == PLACE_HEAD || x->field == PLACE_DATA || x->field == PLACE_JOB)
			x->crc = crc32c(x->crc, &byte, 1);
	}
	x->left -= bytes;
	p->rest = (uint16_t)(p->rest - bytes);
	p->at = (uint16_t)(p->at + bytes);
	p->used = (uint8_t)(p->used + bytes);
	if (p->used == BEAT_BYTES || p->rest == 0)
		pop(p);
}

static void give_run(struct place *p, bool room)
{
	if (!room)
		return;
	p->run_valid = 1;
	p->run = (struct place_run){p->at, (uint16_t)least(p->position.left, p->rest), p->target};
	p->count[COUNT_BYTES] += p->run.length;
	p->due = 0;
}

static void step_work(struct place *p, bool run_room)
{
	if (p->killed && !p->job) {
		p->from = PORT_PLACE_NOT;
		p->state = PLACE_DRAIN;
	} else if (p->position.left == 0) {
		next_field(p);
	} else if (p->rest == 0) {
		p->state = PLACE_SAVE;
	} else if (p->due && p->position.field == PLACE_DATA) {
		give_run(p, run_room);
	} else if (p->beats > 0) {
		consume(p);
	}
}

/* --- the segment as a whole --------------------------------------------------------------------------------------------- */

static void step_idle(struct place *p, const struct port_in *in)
{
	if (!in->seg_valid)
		return;
	p->killed = p->used = p->bad = 0;
	p->at = 0;
	p->from = PORT_PLACE_NOT;
	p->state = PLACE_FIND;
	p->job = in->seg_job;
	p->rest = in->seg_length;
	p->segment.owner = in->seg_owner;
	p->segment.remote = in->seg_saddr;
	p->segment.own = in->seg_daddr;
	p->segment.remote_port = in->seg_sport;
	p->segment.own_port = in->seg_dport;
	p->segment.seq = in->seg_seq;
	p->segment.length = in->seg_length;
}

static void step_save(struct place *p)
{
	struct place_flow *flow = &p->flow[p->index];

	if (!p->killed) {
		flow->position = p->position;
		flow->position.expected = p->segment.seq + p->segment.length;
	}
	p->state = PLACE_DONE;
}

static void step_drain(struct place *p)
{
	if (p->rest == 0) {
		p->state = PLACE_DONE;
	} else if (p->beats > 0) {
		p->rest = (uint16_t)(p->rest - least(BEAT_BYTES - p->used, p->rest));
		pop(p);
	}
}

static void step_done(struct place *p, bool room)
{
	if (!room)
		return;
	p->done_valid = 1;
	p->done_from = p->from;
	p->done_bad = p->bad;
	p->done_crc = p->job ? p->position.crc : 0;
	p->state = PLACE_IDLE;
}

void place_step(struct place *p, const struct port_in *in, const struct port_out *out)
{
	bool run_taken = out->run_valid && in->run_ready, done_taken = out->done_valid && in->done_ready;

	if (run_taken) {
		p->run_valid = 0;
		p->run = (struct place_run){0, 0, 0};
	}
	if (done_taken) {
		p->done_valid = p->done_bad = 0;
		p->done_from = 0;
		p->done_crc = 0;
	}
	switch (p->state) {
	case PLACE_IDLE: step_idle(p, in); break;
	case PLACE_FIND: step_find(p); break;
	case PLACE_LOOK: step_look(p); break;
	case PLACE_WORK: step_work(p, !p->run_valid); break;
	case PLACE_SAVE: step_save(p); break;
	case PLACE_DRAIN: step_drain(p); break;
	default: step_done(p, !p->done_valid && !out->run_valid); break;
	}
	if (in->pay_valid && out->pay_ready)
		p->beat[p->beats++] = in->pay_data;
}

bool place_is_idle(const struct place *p)
{
	return p->state == PLACE_IDLE && p->beats == 0 && !p->run_valid && !p->done_valid;
}

void place_outputs(const struct place *p, struct port_out *out)
{
	out->seg_ready = p->state == PLACE_IDLE;
	out->pay_ready = p->beats < PLACE_BEATS;
	out->run_valid = p->run_valid;
	out->run_at = p->run.at;
	out->run_length = p->run.length;
	out->run_address = p->run.address;
	out->done_valid = p->done_valid;
	out->done_from = p->done_from;
	out->done_bad = p->done_bad;
	out->done_crc = p->done_crc;
	for (unsigned i = 0; i < PORT_PLACE_FLOWS; i++)
		out->open |= p->flow[i].valid;
}
