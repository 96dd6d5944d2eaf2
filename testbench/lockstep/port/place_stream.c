#include "testbench/lockstep/port/place_stream.h"

#include <string.h>

#include "sim/fabric/crc32c.h"
#include "testbench/gtest/test.h"

uint8_t placed[PLACED_BYTES];

uint8_t byte_at(uint16_t cccid, uint32_t offset)
{
	uint64_t x = ((uint64_t)cccid << 32 | offset) * 0x9e3779b97f4a7c15ull;

	return (uint8_t)(x >> 56 ^ x >> 24);
}

static void put(struct stream *s, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		s->data[s->bytes++] = (uint8_t)(value >> (8 * i));
}

uint32_t stream_add(struct stream *s, const struct pdu_wish *w)
{
	uint32_t begin = s->bytes, data, behind = w->header_digest ? 28 : 24, digest = w->type == 7 && w->data_digest ? 4 : 0;
	uint32_t plen = behind + (w->type == 7 ? w->pad + w->length + digest : w->extra);

	put(s, w->type, 1);
	put(s, (uint64_t)w->header_digest | (uint64_t)w->data_digest << 1 | 4, 1);
	put(s, 24, 1);
	put(s, w->type == 7 ? behind + w->pad : 0, 1);
	put(s, (uint32_t)((int32_t)plen + w->plen_error), 4);
	put(s, w->cccid, 4);
	put(s, w->offset, 4);
	put(s, w->length, 4);
	put(s, 0x5a5a5a5a, 4);
	if (w->header_digest)
		put(s, crc32c(0, s->data + begin, 24) ^ w->bad_header_digest, 4);
	for (uint32_t i = 0; i < (w->type == 7 ? w->pad : w->extra); i++)
		put(s, 0xee, 1);
	if (w->type != 7)
		return begin;
	data = s->bytes;
	for (uint32_t i = 0; i < w->length; i++)
		put(s, byte_at(w->cccid, w->offset + i), 1);
	if (digest)
		put(s, crc32c(0, s->data + data, w->length) ^ (w->bad_data_digest ? 0x80000000u : 0), 4);
	return begin;
}

void place_open(struct rig *rig, const struct connection *c, uint32_t seq, unsigned set)
{
	rig_write(rig, PORT_PLACE_TUPLE + 0x80 * set, c->remote | (uint64_t)c->own << 32);
	rig_write(rig, PORT_PLACE_PORTS + 0x80 * set, c->remote_port | (uint64_t)c->own_port << 16);
	rig_write(rig, PORT_PLACE_FLOW + 0x80 * set, seq | (uint64_t)c->flow << 32 | (uint64_t)c->owner << 40 | (uint64_t)PORT_PLACE_OPEN << 48);
}

void place_op(struct rig *rig, unsigned flow, unsigned op, uint32_t seq)
{
	rig_write(rig, PORT_PLACE_FLOW, seq | (uint64_t)flow << 32 | (uint64_t)op << 48);
}

void place_buffer(struct rig *rig, unsigned flow, uint16_t cccid, uint32_t length, uint64_t address, bool valid, unsigned set)
{
	rig_write(rig, PORT_PLACE_ADDRESS + 0x80 * set, address);
	rig_write(rig, PORT_PLACE_ENTRY + 0x80 * set, cccid | (uint64_t)flow << 16 | (uint64_t)length << 24 | (uint64_t)valid << 63);
}

static void take_run(struct rig *rig, const uint8_t *bytes, uint32_t length, struct segment_result *result)
{
	const struct port_out *out = &rig->out;

	EXPECT_LE(out->run_at + out->run_length, length);
	if (result->runs < 8) {
		result->run[result->runs].at = out->run_at;
		result->run[result->runs].length = out->run_length;
		result->run[result->runs].address = out->run_address;
	}
	result->runs++;
	result->run_bytes += out->run_length;
	if (out->run_address + out->run_length <= sizeof(placed) && out->run_at + out->run_length <= length)
		memcpy(placed + out->run_address, bytes + out->run_at, out->run_length);
}

static struct segment_result drive(struct rig *rig, const uint8_t *bytes, uint32_t length)
{
	struct segment_result result = {0};
	uint32_t at = 0;
	bool taken = false;

	rig->in.run_ready = rig->in.done_ready = rig->in.reg_rsp_ready = 1;
	for (unsigned cycle = 0; cycle < 20000; cycle++) {
		rig->in.seg_valid = !taken;
		rig->in.pay_valid = at < length;
		rig->in.pay_data = 0;
		memcpy(&rig->in.pay_data, bytes + at, length - at < 8 ? length - at : 8);
		if (taken)
			result.cycles++;
		if (rig->out.run_valid)
			take_run(rig, bytes, length, &result);
		if (rig->out.done_valid) {
			result.from = rig->out.done_from;
			result.bad = rig->out.done_bad;
			result.crc = rig->out.done_crc;
			EXPECT_GE(at, length);
			rig_cycle(rig);
			return result;
		}
		taken |= rig->in.seg_valid && rig->out.seg_ready;
		if (rig->in.pay_valid && rig->out.pay_ready)
			at += 8;
		rig_cycle(rig);
	}
	test_fail(__FILE__, __LINE__, "a segment does not end");
	return result;
}

struct segment_result place_segment(struct rig *rig, const struct connection *c, const struct stream *stream, uint32_t at, uint32_t bytes)
{
	rig->in.seg_job = 0;
	rig->in.seg_owner = c->owner;
	rig->in.seg_saddr = c->remote;
	rig->in.seg_daddr = c->own;
	rig->in.seg_sport = c->remote_port;
	rig->in.seg_dport = c->own_port;
	rig->in.seg_seq = stream->first + at;
	rig->in.seg_length = (uint16_t)bytes;
	return drive(rig, stream->data + at, bytes);
}

struct segment_result place_job(struct rig *rig, uint32_t before, const uint8_t *bytes, uint32_t length)
{
	rig->in.seg_job = 1;
	rig->in.seg_owner = 0;
	rig->in.seg_saddr = rig->in.seg_daddr = 0;
	rig->in.seg_sport = rig->in.seg_dport = 0;
	rig->in.seg_seq = before;
	rig->in.seg_length = (uint16_t)length;
	return drive(rig, bytes, length);
}
