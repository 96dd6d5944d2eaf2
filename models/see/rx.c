/* RX: parses received TLPs; section 3. Called in cycles in which rxq holds a beat. */
#include "models/see/internal.h"
#include "models/board/tlp.h"

static struct see_beat head_beat(const struct see *s)
{
	return s->rxq[fifo_head(s, SEE_F_RXQ) % SEE_RXQ_DEPTH];
}

static void pop(struct see *s, unsigned next)
{
	fifo_pop(s, SEE_F_RXQ);
	s->rx_state = (uint8_t)next;
}

static void drop(struct see *s, const struct see_beat *b)
{
	s->dropped++;
	pop(s, b->eop ? RX_H0 : RX_SKIP);
}

/* After an error parts of the answer may still come: the next generation of the tag ignores them. */
static void end_tag(struct see *s, unsigned t, unsigned err)
{
	s->tags[t].err = (uint8_t)err;
	if (err == 1)
		s->tags[t].gen = (s->tags[t].gen + 1) & 31;
	s->tag_busy &= (uint8_t)~(1u << t);
	s->tag_done |= (uint8_t)(1u << t);
}

static unsigned header_type(const struct see *s)
{
	return (unsigned)(s->rx_h0 >> 24 & 0xff);
}

static unsigned header_len(const struct see *s)
{
	unsigned len = (unsigned)(s->rx_h0 & 0x3ff);
	return len ? len : 1024;
}

static bool header_poisoned(const struct see *s)
{
	return bit(s->rx_h0, 14);
}

static bool header_is_config(unsigned type)
{
	return type == TLP_CFGRD0 || type == TLP_CFGWR0;
}

/* Fills what memory requests have beyond the common part. @p h1: beat 1, @p payload: the data beat or 0. */
static void memory_part(struct see_request *r, unsigned len, uint64_t h0, uint64_t payload)
{
	unsigned first_be = (unsigned)(h0 >> 32 & 0xf), last_be = (unsigned)(h0 >> 36 & 0xf);
	bool upper = bit(r->addr, 2);
	r->bad = len > 2 || (len == 2 && upper);
	r->dws = len == 2 && !r->bad ? 2 : 1;
	if (r->bad)
		r->be = 0;
	else if (len == 2)
		r->be = (uint8_t)(last_be << 4 | first_be);
	else
		r->be = (uint8_t)(upper ? first_be << 4 : first_be);
	if (len == 2)
		r->data = payload;
	else
		r->data = upper ? payload << 32 : payload & 0xffffffff;
}

static void push_request(struct see *s, unsigned kind, uint64_t h1, uint64_t payload)
{
	struct see_request r = {
		.kind = (uint8_t)kind,
		.rid = (uint16_t)(s->rx_h0 >> 48),
		.tag = (uint8_t)(s->rx_h0 >> 40),
		.dws = 1,
	};
	if (kind == SEE_REQ_CFGRD || kind == SEE_REQ_CFGWR) {
		r.addr = h1 & 0xfffffffc;
		r.be = (uint8_t)(s->rx_h0 >> 32 & 0xf);
		r.data = payload & 0xffffffff;
	} else {
		r.addr = h1 << 32 | (h1 >> 32 & 0xfffffffc);
		memory_part(&r, header_len(s), s->rx_h0, payload);
	}
	s->reqq[fifo_push(s, SEE_F_REQQ) % SEE_REQQ_DEPTH] = r;
}

/* "no tag" of section 3, inverted. */
static bool tag_matches(const struct see *s, uint64_t h1)
{
	unsigned wire = (unsigned)(h1 >> 8 & 0xff), t = wire & 7;
	return bit(s->old_busy, t) && wire >> 3 == s->tags[t].gen && (h1 >> 16 & 0xffff) == routing_id(s->tags[t].fn);
}

static void header_read(struct see *s, const struct see_beat *b, unsigned type)
{
	if (!b->eop) {
		drop(s, b);
	} else if (fifo_room(s, SEE_F_REQQ, SEE_REQQ_DEPTH)) {
		push_request(s, type == TLP_MRD ? SEE_REQ_MRD : SEE_REQ_CFGRD, b->data, 0);
		pop(s, RX_H0);
	}
}

static void header_write(struct see *s, const struct see_beat *b, unsigned type)
{
	unsigned len = header_len(s);
	bool bad_len = type == TLP_CFGWR0 ? len != 1 : len > 2 || (len == 2 && bit(b->data, 34));
	if (b->eop || header_poisoned(s) || bad_len) {
		drop(s, b);
		return;
	}
	s->rx_h1 = b->data;
	s->rx_mode = RX_WRITE;
	pop(s, RX_D);
}

static void header_completion(struct see *s, const struct see_beat *b, unsigned type)
{
	bool data = type == TLP_CPLD;
	if (b->eop == data || !tag_matches(s, b->data)) {
		drop(s, b);
		return;
	}
	unsigned t = (unsigned)(b->data >> 8 & 7);
	if (!data) {
		end_tag(s, t, 1);
		pop(s, RX_H0);
		return;
	}
	bool failed = (s->rx_h0 >> 45 & 7) != 0 || header_poisoned(s) || 4 * header_len(s) > s->tags[t].left;
	s->rx_tag = (uint8_t)t;
	s->rx_rem = (uint16_t)header_len(s);
	s->rx_over = 0;
	s->rx_mode = failed ? RX_BAD : RX_GOOD;
	pop(s, RX_D);
}

static void state_h1(struct see *s, const struct see_beat *b)
{
	unsigned type = header_type(s);
	switch (type) {
	case TLP_MRD:
	case TLP_CFGRD0:
		header_read(s, b, type);
		break;
	case TLP_MWR:
	case TLP_CFGWR0:
		header_write(s, b, type);
		break;
	case TLP_CPL:
	case TLP_CPLD:
		header_completion(s, b, type);
		break;
	default:
		drop(s, b);
	}
}

static void state_d_write(struct see *s, const struct see_beat *b)
{
	if (!b->eop) {
		drop(s, b);
	} else if (fifo_room(s, SEE_F_REQQ, SEE_REQQ_DEPTH)) {
		push_request(s, header_is_config(header_type(s)) ? SEE_REQ_CFGWR : SEE_REQ_MWR, s->rx_h1, b->data);
		pop(s, RX_H0);
	}
}

static void store(struct see *s, struct see_tag *tag, uint64_t d, unsigned bytes)
{
	bool upper = bit(tag->dest, 2);
	switch (tag->kind) {
	case SEE_RD_DATA:
		s->nwq[fifo_push(s, SEE_F_NWQ) % SEE_NWQ_DEPTH] = (struct see_nm_write){
			.addr = tag->dest & ~7u,
			.data = upper ? (d & 0xffffffff) | d << 32 : d,
			.strb = upper ? 0xf0 : bytes == 4 ? 0x0f : 0xff,
		};
		s->rx_pushed_nwq = 1;
		break;
	case SEE_RD_SQE:
		s->sqe[tag->dest >> 3 & 0x1ff] = d;
		break;
	default:
		s->prp[tag->dest >> 3 & 0x7ff] = d;
		tag->prpbad |= (d & 0xfff) != 0 || d == 0;
	}
}

static void state_d_good(struct see *s, const struct see_beat *b)
{
	struct see_tag *tag = &s->tags[s->rx_tag];
	if (s->rx_rem && tag->kind == SEE_RD_DATA && !fifo_room(s, SEE_F_NWQ, SEE_NWQ_DEPTH))
		return;
	if (s->rx_rem) {
		unsigned bytes = s->rx_rem >= 2 ? 8 : 4;
		store(s, tag, b->data, bytes);
		tag->left = (uint16_t)(tag->left - bytes);
		tag->dest += bytes;
		s->rx_rem = (uint16_t)(s->rx_rem - bytes / 4);
	} else {
		s->rx_over = 1;
	}
	if (b->eop && (s->rx_rem || s->rx_over))
		end_tag(s, s->rx_tag, 1);
	else if (b->eop && tag->left == 0)
		end_tag(s, s->rx_tag, tag->prpbad ? 2 : 0);
	pop(s, b->eop ? RX_H0 : RX_D);
}

static void state_d(struct see *s, const struct see_beat *b)
{
	switch (s->rx_mode) {
	case RX_WRITE:
		state_d_write(s, b);
		break;
	case RX_BAD:
		if (b->eop)
			end_tag(s, s->rx_tag, 1);
		pop(s, b->eop ? RX_H0 : RX_D);
		break;
	default:
		state_d_good(s, b);
	}
}

void see_rx_step(struct see *s)
{
	struct see_beat b = head_beat(s);
	switch (s->rx_state) {
	case RX_H0:
		if (!b.sop || b.eop) {
			s->dropped++;
			pop(s, RX_H0);
		} else {
			s->rx_h0 = b.data;
			pop(s, RX_H1);
		}
		break;
	case RX_H1:
		state_h1(s, &b);
		break;
	case RX_D:
		state_d(s, &b);
		break;
	default:
		pop(s, b.eop ? RX_H0 : RX_SKIP);
	}
}
