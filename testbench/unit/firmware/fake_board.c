#include "testbench/unit/firmware/fake_board.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "firmware/net/lan.h"
#include "firmware/net/port.h"
#include "lwip/pbuf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_BYTES 9216
#define LOG_BYTES 65536
#define ETHERTYPE 12
#define ARP_BYTES 42

struct frame {
	struct pbuf_custom pbuf; /* first */
	struct frame *next;
	uint16_t length;
	uint8_t bytes[FRAME_BYTES];
};

struct fake_link fake_link = {.random = 0x123456789abcdef1ull};
struct port_counters port_counters;

static struct frame *first, *last;
static uint64_t now_ticks;
static char log_text[LOG_BYTES];
static size_t log_used;

uint64_t clock_ticks(void)
{
	return now_ticks;
}

void fake_clock_set(uint64_t ticks)
{
	now_ticks = ticks;
}

void log_sink_write(const char *text)
{
	size_t length = strlen(text);

	if (log_used + length < sizeof(log_text)) {
		memcpy(log_text + log_used, text, length + 1);
		log_used += length;
	}
	if (getenv("ASSAY_FIRMWARE_LOG"))
		fputs(text, stderr);
}

const char *fake_log(void)
{
	log_used = 0;
	return log_text;
}

void log_sink_stop(void)
{
	fputs(log_text, stderr);
	abort();
}

void log_sink_crash(void)
{
	log_sink_stop();
}

static bool frame_is_lost(void)
{
	uint64_t x = fake_link.random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	fake_link.random = x;
	return fake_link.cut || (x * 0x2545f4914f6cdd1dull >> 32) % 1000 < fake_link.lose_of_1000;
}

/* An ARP request becomes the reply of whoever was asked for. */
static void answer_arp(uint8_t *frame)
{
	uint8_t asked[4];

	memcpy(asked, frame + 38, 4);
	frame[21] = 2;
	memcpy(frame + 32, frame + 22, 10); /* to the one who asked */
	memcpy(frame + 22, "\x02\0\0\0\0\x10", 6);
	memcpy(frame + 28, asked, 4);
}

static void mirror(struct frame *frame)
{
	uint8_t *bytes = frame->bytes, source[4];

	if (bytes[ETHERTYPE + 1] == 6) {
		answer_arp(bytes);
	} else {
		memcpy(source, bytes + 26, 4);
		memcpy(bytes + 26, bytes + 30, 4);
		memcpy(bytes + 30, source, 4);
	}
	memcpy(bytes, bytes + 6, 6); /* back to the sender */
	memcpy(bytes + 6, "\x02\0\0\0\0\x10", 6);
}

void port_init(const struct config *wanted)
{
	(void)wanted;
}

bool port_send(struct pbuf *pbuf)
{
	struct frame *frame;

	port_counters.tx_frames++;
	if (frame_is_lost()) {
		fake_link.lost++;
		return true;
	}
	frame = calloc(1, sizeof(*frame));
	frame->length = pbuf_copy_partial(pbuf, frame->bytes, FRAME_BYTES, 0);
	mirror(frame);
	if (first)
		last->next = frame;
	else
		first = frame;
	last = frame;
	return true;
}

bool port_receive(void)
{
	fake_link_deliver();
	return fake_link_pending();
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

static void frame_free(struct pbuf *pbuf)
{
	free(pbuf);
}

void fake_link_deliver(void)
{
	struct frame *frame = first, *next;

	first = last = NULL;
	for (; frame; frame = next) {
		next = frame->next;
		frame->pbuf.custom_free_function = frame_free;
		fake_link.carried++;
		lan_receive(pbuf_alloced_custom(PBUF_RAW, frame->length, PBUF_REF, &frame->pbuf, frame->bytes,
			FRAME_BYTES));
	}
}

bool fake_link_pending(void)
{
	return first != NULL;
}
