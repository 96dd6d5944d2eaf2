#include "testbench/lockstep/port/rig.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "sim/kernel/pins.h"
#include "sim/kernel/rtl.h"
#include "testbench/gtest/test.h"

extern const struct rtl_ops port_rtl_debug_ops;
extern const struct pin_table port_pins;

static void *rtl;
static uint64_t compared;

uint64_t rig_compared(void)
{
	return compared;
}

static void compare(struct rig *rig, const struct port_out *rtl_out)
{
	const struct pin *pin;
	char model_value[40], rtl_value[40];

	compared++;
	if (rig->differs || memcmp(&rig->out, rtl_out, sizeof(rig->out)) == 0)
		return;
	rig->differs = true;
	pin = pins_first_difference(&port_pins, &rig->out, rtl_out);
	pin_format(pin, &rig->out, model_value, sizeof(model_value));
	pin_format(pin, rtl_out, rtl_value, sizeof(rtl_value));
	test_fail(__FILE__, __LINE__, "lockstep: block port, port %s, cycle %llu: model %s, rtl %s\n  reproduce: ASSAY_SEED=%llu test/port_lockstep",
		pin->name, (unsigned long long)rig->cycle, model_value, rtl_value, (unsigned long long)test_seed());
}

void rig_reset(struct rig *rig)
{
	struct port_out rtl_out;

	memset(rig, 0, sizeof(*rig));
	classifier_reset(&rig->model);
	classifier_outputs(&rig->model, &rig->out);
	if (rtl)
		port_rtl_debug_ops.destroy(rtl);
	rtl = port_rtl_debug_ops.create("lockstep.port.rtl");
	port_rtl_debug_ops.reset(rtl, &rtl_out);
	compare(rig, &rtl_out);
}

void rig_cycle(struct rig *rig)
{
	static struct classifier before;
	struct port_out rtl_out, out_before = rig->out;
	bool quiet = rig->out.idle && port_in_quiet(&rig->in, &rig->in_before);

	if (quiet)
		before = rig->model;
	classifier_step(&rig->model, &rig->in, &rig->out);
	port_rtl_debug_ops.step(rtl, &rig->in, &rtl_out);
	rig->in_before = rig->in;
	rig->cycle++;
	compare(rig, &rtl_out);
	if (quiet && (memcmp(&before, &rig->model, sizeof(before)) != 0 || memcmp(&out_before, &rig->out, sizeof(out_before)) != 0))
		test_fail(__FILE__, __LINE__, "port says idle, but changes in cycle %llu", (unsigned long long)rig->cycle);
}

static void all_ready(struct rig *rig)
{
	rig->in.verdict_ready = rig->in.grant_ready = rig->in.reg_rsp_ready = 1;
}

static uint64_t access_register(struct rig *rig, bool write, uint32_t offset, uint64_t value)
{
	bool taken = false;

	all_ready(rig);
	rig->in.reg_write = write;
	rig->in.reg_addr = (uint16_t)(offset - PORT_FLOW_OFFSET);
	rig->in.reg_data = write ? value : 0;
	while (!taken) {
		rig->in.reg_valid = 1;
		taken = rig->out.reg_ready;
		rig_cycle(rig);
	}
	rig->in.reg_valid = 0;
	EXPECT_TRUE(rig->out.reg_rsp_valid);
	value = rig->out.reg_rsp_data;
	rig_cycle(rig);
	return value;
}

void rig_write(struct rig *rig, uint32_t offset, uint64_t value)
{
	access_register(rig, true, offset, value);
}

uint64_t rig_read(struct rig *rig, uint32_t offset)
{
	return access_register(rig, false, offset, 0);
}

struct port_out rig_judge(struct rig *rig, unsigned source, const uint8_t *frame, size_t length, unsigned *latency)
{
	size_t beats = ((length < PORT_FLOW_HEADER_BYTES ? length : PORT_FLOW_HEADER_BYTES) + 7) / 8;
	uint8_t header[PORT_FLOW_HEADER_BYTES] = {0};
	bool rx = source == UINT_MAX;

	all_ready(rig);
	memcpy(header, frame, length < sizeof(header) ? length : sizeof(header));
	for (size_t beat = 0; beat < beats; beat++) {
		uint64_t data;

		memcpy(&data, header + beat * 8, 8);
		rig->in.rx_valid = rx;
		rig->in.tx_valid = !rx;
		rig->in.rx_sop = rig->in.tx_sop = beat == 0;
		rig->in.rx_eop = rig->in.tx_eop = beat + 1 == beats;
		rig->in.rx_length = rig->in.tx_length = (uint16_t)length;
		rig->in.tx_source = (uint8_t)source & 0x1f;
		rig->in.rx_data = rig->in.tx_data = data;
		EXPECT_TRUE(rx ? rig->out.rx_ready : rig->out.tx_ready);
		rig_cycle(rig);
	}
	rig->in.rx_valid = rig->in.tx_valid = 0;
	for (unsigned n = 1; n < 10; n++) {
		if (rig->out.verdict_valid) {
			struct port_out verdict = rig->out;

			if (latency)
				*latency = n;
			rig_cycle(rig);
			return verdict;
		}
		rig_cycle(rig);
	}
	test_fail(__FILE__, __LINE__, "no verdict");
	return rig->out;
}

static void put_be(uint8_t *to, unsigned bytes, uint64_t value)
{
	for (unsigned i = 0; i < bytes; i++)
		to[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
}

size_t make_frame(uint8_t *frame, const struct frame_wish *wish)
{
	size_t at = 12;
	unsigned words = wish->ihl ? wish->ihl : 5;

	memset(frame, 0, 128);
	for (unsigned i = 0; i < 6; i++) {
		frame[i] = (uint8_t)(wish->to >> (8 * i));
		frame[6 + i] = (uint8_t)(wish->from >> (8 * i));
	}
	if (wish->vlan) {
		put_be(frame + at, 4, 0x81000005);
		at += 4;
	}
	put_be(frame + at, 2, 0x0800);
	at += 2;
	frame[at] = (uint8_t)(0x40 | words);
	put_be(frame + at + 6, 2, wish->fragment ? 0x2000 : 0x4000);
	frame[at + 9] = wish->protocol;
	put_be(frame + at + 12, 4, wish->source);
	put_be(frame + at + 16, 4, wish->destination);
	at += 4 * words;
	put_be(frame + at, 2, wish->source_port);
	put_be(frame + at + 2, 2, wish->destination_port);
	frame[at + 12] = 0x50;
	return at + 40;
}
