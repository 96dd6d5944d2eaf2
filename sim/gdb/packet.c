#include "sim/gdb/packet.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { CTRL_C = 3, GONE = -1 };

static const char digits[] = "0123456789abcdef";

static int value_of(int c)
{
	const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c) : NULL;
	return at ? (int)(at - digits) : -1;
}

char *packet_put_hex(char *text, const void *bytes, size_t count)
{
	const uint8_t *from = bytes;
	for (size_t i = 0; i < count; i++) {
		*text++ = digits[from[i] >> 4];
		*text++ = digits[from[i] & 15];
	}
	*text = '\0';
	return text;
}

size_t packet_get_hex(const char *text, void *bytes, size_t count)
{
	uint8_t *to = bytes;
	size_t i = 0;
	for (; i < count; i++, text += 2) {
		int high = value_of(text[0]), low = high < 0 ? -1 : value_of(text[1]);
		if (low < 0)
			break;
		to[i] = (uint8_t)(high << 4 | low);
	}
	return i;
}

void packet_close(struct packet_stream *stream)
{
	if (stream->socket >= 0)
		close(stream->socket);
	stream->socket = -1;
}

static int next_byte(struct packet_stream *stream)
{
	uint8_t byte;
	ssize_t got;
	do
		got = stream->socket >= 0 ? recv(stream->socket, &byte, 1, 0) : 0;
	while (got < 0 && errno == EINTR);
	if (got == 1)
		return byte;
	packet_close(stream);
	return GONE;
}

static void put(struct packet_stream *stream, const char *bytes, size_t length)
{
	while (length > 0 && stream->socket >= 0) {
		ssize_t sent = send(stream->socket, bytes, length, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0) {
			packet_close(stream);
			return;
		}
		bytes += sent;
		length -= (size_t)sent;
	}
}

/* Skips acknowledgements and noise to the start of a packet. */
static bool find_start(struct packet_stream *stream)
{
	int byte;
	while ((byte = next_byte(stream)) != GONE && byte != '$') {
		if (byte == CTRL_C) {
			stream->interrupt = true;
			return false;
		}
	}
	return byte == '$';
}

/* @return the length of a packet with a good checksum, -1 if the peer is gone or the packet too long, -2 for a bad checksum. */
static int read_body(struct packet_stream *stream, char text[PACKET_BYTES + 1])
{
	unsigned sum = 0;
	int length = 0, byte;

	while ((byte = next_byte(stream)) != GONE && byte != '#') {
		if (length == PACKET_BYTES)
			return -1;
		sum += (unsigned)byte;
		text[length++] = (char)byte;
	}
	text[length] = '\0';
	int high = value_of(next_byte(stream)), low = value_of(next_byte(stream));
	if (byte == GONE || stream->socket < 0)
		return -1;
	return high << 4 == (int)(sum & 0xf0) && low == (int)(sum & 0x0f) ? length : -2;
}

int packet_receive(struct packet_stream *stream, char text[PACKET_BYTES + 1])
{
	for (;;) {
		if (!find_start(stream)) {
			if (stream->socket < 0)
				return -1;
			text[0] = '\0';
			return 0;
		}
		int length = read_body(stream, text);
		if (length == -1) {
			packet_close(stream);
			return -1;
		}
		if (!stream->no_ack)
			put(stream, length >= 0 ? "+" : "-", 1);
		if (length >= 0)
			return length;
	}
}

void packet_look(struct packet_stream *stream)
{
	struct pollfd look = {.fd = stream->socket, .events = POLLIN};
	uint8_t byte;

	while (stream->socket >= 0 && poll(&look, 1, 0) > 0) {
		if (recv(stream->socket, &byte, 1, MSG_PEEK) != 1) {
			packet_close(stream);
			return;
		}
		if (byte == '$')
			return;
		if (next_byte(stream) == CTRL_C)
			stream->interrupt = true;
	}
}

void packet_send(struct packet_stream *stream, const char *text)
{
	size_t length = strlen(text);
	unsigned sum = 0;
	char end[4];
	int byte;

	for (size_t i = 0; i < length; i++)
		sum += (uint8_t)text[i];
	snprintf(end, sizeof end, "#%c%c", digits[sum >> 4 & 15], digits[sum & 15]);
	do {
		put(stream, "$", 1);
		put(stream, text, length);
		put(stream, end, 3);
		byte = stream->no_ack ? '+' : next_byte(stream);
	} while (byte == '-');
}
