#include "testbench/interop/initiator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/fabric/fabric.h"
#include "firmware/net/lan.h"
#include "firmware/net/port.h"
#include "lwip/pbuf.h"
#include "models/nic/checksum.h"

enum { CYCLES_PER_TICK = 100, FRAME_BYTES = 9216, OPCODE_WRITE = 1, OPCODE_COMPARE = 5 };

struct received_frame {
	struct pbuf_custom pbuf; /* first: freed by its address */
	uint8_t bytes[FRAME_BYTES];
};

static struct initiator_ops ops;
static struct config config;
static uint64_t now;
struct port_counters port_counters;

/* ---- what the firmware asks of the board ---- */

uint64_t clock_ticks(void)
{
	return now / CYCLES_PER_TICK;
}

void log_sink_write(const char *text)
{
	ops.log(ops.ctx, text);
}

void log_sink_stop(void)
{
	abort();
}

void log_sink_crash(void)
{
	abort();
}

void port_init(const struct config *wanted)
{
	(void)wanted;
}

bool port_send(struct pbuf *pbuf)
{
	uint8_t frame[FRAME_BYTES];
	uint16_t length = pbuf_copy_partial(pbuf, frame, sizeof(frame), 0);

	checksum_insert(frame, length, true, true); /* as the port does */
	if (length < 60) { /* the port pads */
		memset(frame + length, 0, 60u - length);
		length = 60;
	}
	ops.send(ops.ctx, frame, length);
	return true;
}

bool port_receive(void)
{
	return false;
}

void port_add_storage(const uint8_t address[4], uint16_t port, const uint8_t own[4])
{
	(void)address;
	(void)port;
	(void)own;
}

void port_reclaim(void)
{
}

/* ---- the tests' side ---- */

static void on_done(unsigned tag, uint16_t status)
{
	ops.done(ops.ctx, tag, status);
}

static void on_ready(unsigned storage)
{
	(void)storage; /* initiator_ready() tells */
}

int initiator_start(const char *configuration, const struct initiator_ops *with, uint64_t cycle)
{
	static const struct fabric_events events = {.done = on_done, .ready = on_ready};
	struct config_error error;
	char line[160];

	ops = *with;
	now = cycle;
	if (config_parse(configuration, strlen(configuration) + 1, &config, &error) != 0) {
		snprintf(line, sizeof(line), "configuration, line %u: %s\n", error.line, error.what);
		ops.log(ops.ctx, line);
		return -1;
	}
	lan_init(&config);
	fabric_init(&config, &events);
	return 0;
}

bool initiator_ready(unsigned storage, uint64_t *blocks)
{
	const struct fabric_storage_info *info = fabric_storage(storage);

	if (blocks)
		*blocks = info->blocks;
	return info->ready;
}

void initiator_submit(unsigned storage, unsigned tag, const struct initiator_request *request)
{
	struct fabric_request wanted = {
		.opcode = request->opcode,
		.to_storage = request->opcode == OPCODE_WRITE || request->opcode == OPCODE_COMPARE,
		.nsid = 1,
		.dw = {(uint32_t)request->block, (uint32_t)(request->block >> 32), request->blocks ? request->blocks - 1 : 0},
		.data = request->data,
		.bytes = request->data ? request->blocks * 512 : 0,
	};

	fabric_submit(storage, tag, &wanted);
}

static void free_frame(struct pbuf *pbuf)
{
	free(pbuf);
}

void initiator_receive(const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct checksum_report sums = checksum_check(frame, length);
	struct received_frame *received;

	now = cycle;
	if ((sums.is_ip && !sums.ip_ok) || (sums.is_l4 && !sums.l4_ok))
		return; /* as the firmware does by the port's flags */
	received = malloc(sizeof(*received));
	if (!received || length > FRAME_BYTES)
		abort();
	received->pbuf.custom_free_function = free_frame;
	memcpy(received->bytes, frame, length);
	lan_receive(pbuf_alloced_custom(PBUF_RAW, (u16_t)length, PBUF_REF, &received->pbuf, received->bytes, FRAME_BYTES));
}

uint64_t initiator_run(uint64_t cycle)
{
	uint64_t run, timers;

	now = cycle;
	timers = lan_run_timers();
	run = fabric_run();
	fabric_flush();
	timers = lan_run_timers() < timers ? lan_run_timers() : timers;
	run = run < timers ? run : timers;
	return run > UINT64_MAX / CYCLES_PER_TICK ? UINT64_MAX : run * CYCLES_PER_TICK;
}
