#include "sim/fabric/outside_link.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/frames.h"

enum {
	LENGTH_BYTES = 4,
	INPUT_BYTES = 256 * 1024,
	OUTPUT_BYTES = 4 << 20,
	LEAST_FRAME = 60,
	RECORD_HEADER = 12,
	CONNECT_CYCLES = 100000000,
	NANOSECONDS = 1000000000,
	MILLION = 1000000,
	WAIT_MOST_MS = 20,
};

static const char RECORD_MAGIC[8] = {'A', 'S', 'S', 'A', 'Y', 'L', 'N', 'K'};

struct outside_link {
	int socket;
	struct sockaddr_un address;
	FILE *record;
	/** Of the recording that is written or read; NULL: none. */
	char *recording;
	bool record_failed;
	FILE *replay;
	struct outside_stats stats;
	uint64_t next;
	uint64_t now;
	uint64_t next_connect;
	/** Wall clock minus simulated time at the first poll, in nanoseconds. */
	int64_t wall_offset;
	bool paced;
	uint8_t input[INPUT_BYTES];
	size_t input_used;
	size_t input_at;
	uint8_t output[OUTPUT_BYTES];
	size_t output_used;
	uint8_t replay_header[RECORD_HEADER];
};

/* ---- the virtual machine's socket ---- */

static bool connect_now(struct outside_link *link)
{
	link->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (link->socket < 0)
		return false;
	if (connect(link->socket, (const struct sockaddr *)&link->address, sizeof(link->address)) < 0) {
		close(link->socket);
		link->socket = -1;
		return false;
	}
	link->stats.connects++;
	link->input_used = 0;
	link->input_at = 0;
	link->output_used = 0;
	return true;
}

static void disconnect(struct outside_link *link)
{
	close(link->socket);
	link->socket = -1;
	link->next_connect = link->now + CONNECT_CYCLES;
}

static void push_output(struct outside_link *link)
{
	while (link->socket >= 0 && link->output_used > 0) {
		ssize_t put = send(link->socket, link->output, link->output_used, MSG_NOSIGNAL);

		if (put < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (put < 0) {
			disconnect(link);
			return;
		}
		memmove(link->output, link->output + put, link->output_used - (size_t)put);
		link->output_used -= (size_t)put;
	}
}

static void pull_input(struct outside_link *link)
{
	memmove(link->input, link->input + link->input_at, link->input_used - link->input_at);
	link->input_used -= link->input_at;
	link->input_at = 0;
	while (link->socket >= 0 && link->input_used < INPUT_BYTES) {
		ssize_t got = recv(link->socket, link->input + link->input_used, INPUT_BYTES - link->input_used, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return;
		if (got <= 0) {
			disconnect(link);
			return;
		}
		link->input_used += (size_t)got;
	}
}

static int64_t wall_nanoseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * NANOSECONDS + now.tv_nsec;
}

/* Waits while the simulation is ahead, but not for longer than until something comes in. */
static void pace(struct outside_link *link, uint64_t cycle)
{
	int64_t wall = wall_nanoseconds(), ahead;
	struct pollfd wait = {.fd = link->socket, .events = POLLIN};

	if (!link->paced)
		link->wall_offset = wall - (int64_t)cycle;
	link->paced = true;
	ahead = (int64_t)cycle + link->wall_offset - wall;
	if (ahead < MILLION) {
		if (ahead < -MILLION) /* a simulation that was slow does not get that time back */
			link->wall_offset = wall - (int64_t)cycle;
		return;
	}
	poll(&wait, link->socket >= 0 ? 1 : 0, ahead / MILLION < WAIT_MOST_MS ? (int)(ahead / MILLION) : WAIT_MOST_MS);
}

static void poll_machine(struct outside_link *link, uint64_t cycle)
{
	if (link->socket < 0 && cycle >= link->next_connect && !connect_now(link))
		link->next_connect = cycle + CONNECT_CYCLES;
	push_output(link);
	pace(link, cycle);
	pull_input(link);
	link->next = cycle + OUTSIDE_POLL_CYCLES;
}

/* ---- recordings ---- */

static void record(struct outside_link *link, const uint8_t *frame, size_t length)
{
	uint8_t header[RECORD_HEADER];

	if (!link->record)
		return;
	store_le64(header, link->now);
	store_le32(header + 8, (uint32_t)length);
	if (fwrite(header, sizeof(header), 1, link->record) != 1 || fwrite(frame, length, 1, link->record) != 1)
		link->record_failed = true;
}

/* Looks at the next record; a recording that ends in the middle of one ends before it. */
static void next_record(struct outside_link *link)
{
	link->next = UINT64_MAX;
	if (fread(link->replay_header, RECORD_HEADER, 1, link->replay) == 1)
		link->next = load_le64(link->replay_header);
}

static size_t receive_replay(struct outside_link *link, uint8_t *frame)
{
	uint32_t length = load_le32(link->replay_header + 8);

	if (link->next > link->now)
		return 0;
	if (length > FABRIC_FRAME_MAX || fread(frame, length, 1, link->replay) != 1) {
		link->next = UINT64_MAX;
		return 0;
	}
	next_record(link);
	return length;
}

/* ---- both ---- */

static int refuse(struct outside_link *link, char *message, size_t size, const char *what, const char *cause)
{
	snprintf(message, size, "link %s: %s", what, cause);
	outside_close(link);
	return -1;
}

static int open_machine(struct outside_link *link, const char *path, char *message, size_t size)
{
	if (strlen(path) >= sizeof(link->address.sun_path))
		return refuse(link, message, size, path, "the path of a socket has at most 107 characters");
	link->address.sun_family = AF_UNIX;
	strcpy(link->address.sun_path, path);
	if (!connect_now(link))
		return refuse(link, message, size, path, strerror(errno));
	return 0;
}

static int open_replay(struct outside_link *link, const char *path, char *message, size_t size)
{
	char magic[sizeof(RECORD_MAGIC)];

	link->replay = fopen(path, "rb");
	if (!link->recording)
		link->recording = strdup(path);
	if (!link->replay || !link->recording)
		return refuse(link, message, size, path, strerror(errno));
	if (fread(magic, sizeof(magic), 1, link->replay) != 1 || memcmp(magic, RECORD_MAGIC, sizeof(magic)) != 0)
		return refuse(link, message, size, path, "not a recording of a link");
	next_record(link);
	return 0;
}

static int open_record(struct outside_link *link, const char *path, char *message, size_t size)
{
	link->record = fopen(path, "wb");
	link->recording = strdup(path);
	if (!link->record || !link->recording || fwrite(RECORD_MAGIC, sizeof(RECORD_MAGIC), 1, link->record) != 1)
		return refuse(link, message, size, path, strerror(errno));
	return 0;
}

struct outside_link *outside_open(const char *where, const char *record_path, char *message, size_t message_size)
{
	struct outside_link *link = calloc(1, sizeof(*link));
	int status;

	if (!link) {
		snprintf(message, message_size, "link %s: no memory", where);
		return NULL;
	}
	link->socket = -1;
	if (strncmp(where, "qemu:unix:", 10) == 0)
		status = open_machine(link, where + 10, message, message_size);
	else if (strncmp(where, "replay:", 7) == 0)
		status = open_replay(link, where + 7, message, message_size);
	else
		status = refuse(link, message, message_size, where, "known are qemu:unix:PATH and replay:FILE");
	if (status == 0 && record_path)
		status = open_record(link, record_path, message, message_size);
	return status == 0 ? link : NULL;
}

int outside_close(struct outside_link *link)
{
	int status = 0;

	if (!link)
		return 0;
	if (link->record && (fclose(link->record) != 0 || link->record_failed))
		status = -1;
	if (link->replay)
		fclose(link->replay);
	if (link->socket >= 0)
		close(link->socket);
	free(link->recording);
	free(link);
	return status;
}

int outside_flush(struct outside_link *link)
{
	if (link->record && fflush(link->record) != 0)
		link->record_failed = true;
	return link->record_failed ? -1 : 0;
}

/* The parent's stream shares its position in the file with this process, so the recording is opened anew. */
int outside_become_replay(struct outside_link *link)
{
	uint8_t frame[FABRIC_FRAME_MAX];
	char message[256];
	uint64_t present = link->now;

	if (!link->recording)
		return -1;
	link->socket = -1;
	link->record = NULL;
	if (open_replay(link, link->recording, message, sizeof(message)) < 0)
		return -1;
	while (link->next <= present) {
		if (receive_replay(link, frame) == 0)
			break;
	}
	return 0;
}

void outside_send(struct outside_link *link, const uint8_t *frame, size_t length)
{
	if (link->replay)
		return;
	if (link->socket < 0 || link->output_used + LENGTH_BYTES + length > OUTPUT_BYTES) {
		link->stats.dropped++;
		return;
	}
	store_be32(link->output + link->output_used, (uint32_t)length);
	memcpy(link->output + link->output_used + LENGTH_BYTES, frame, length);
	link->output_used += LENGTH_BYTES + length;
	link->stats.sent++;
	push_output(link);
}

uint64_t outside_next(const struct outside_link *link)
{
	return link->next;
}

void outside_poll(struct outside_link *link, uint64_t cycle)
{
	link->now = cycle;
	if (!link->replay)
		poll_machine(link, cycle);
}

static size_t receive_machine(struct outside_link *link, uint8_t *frame)
{
	size_t length;

	while (link->input_used - link->input_at >= LENGTH_BYTES) {
		const uint8_t *from = link->input + link->input_at;

		length = load_be32(from);
		if (length > INPUT_BYTES - LENGTH_BYTES) { /* the stream has lost its framing */
			disconnect(link);
			link->input_at = link->input_used;
			return 0;
		}
		if (link->input_used - link->input_at < LENGTH_BYTES + length)
			return 0;
		link->input_at += LENGTH_BYTES + length;
		if (length > FABRIC_FRAME_MAX || length == 0) {
			link->stats.dropped++;
			continue;
		}
		memcpy(frame, from + LENGTH_BYTES, length);
		record(link, frame, length);
		return length;
	}
	return 0;
}

size_t outside_receive(struct outside_link *link, uint8_t *frame)
{
	size_t length = link->replay ? receive_replay(link, frame) : receive_machine(link, frame);

	if (length == 0)
		return 0;
	link->stats.received++;
	if (length < LEAST_FRAME) { /* virtual network cards send runts */
		memset(frame + length, 0, LEAST_FRAME - length);
		length = LEAST_FRAME;
	}
	return length;
}

struct outside_stats outside_get_stats(const struct outside_link *link)
{
	return link->stats;
}
