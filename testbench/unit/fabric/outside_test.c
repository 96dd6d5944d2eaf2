/* The link to a virtual machine: framing over a socket pair's like, and replay of what was recorded. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/fabric.h"
#include "testbench/gtest/test.h"

struct machine {
	char path[64];
	char record[64];
	int listener;
	int socket;
};

static struct machine start_machine(void)
{
	struct machine machine = {.socket = -1};
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(machine.path, sizeof(machine.path), "/tmp/assay_outside_%d.sock", (int)getpid());
	snprintf(machine.record, sizeof(machine.record), "/tmp/assay_outside_%d.rec", (int)getpid());
	unlink(machine.path);
	strcpy(address.sun_path, machine.path);
	machine.listener = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(machine.listener, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(machine.listener, 1) < 0)
		abort();
	return machine;
}

static void end_machine(struct machine *machine)
{
	close(machine->socket);
	close(machine->listener);
	unlink(machine->path);
	unlink(machine->record);
}

static void machine_send(struct machine *machine, const void *frame, size_t length)
{
	uint8_t bytes[4];

	store_be32(bytes, (uint32_t)length);
	EXPECT_EQ(send(machine->socket, bytes, 4, 0), 4);
	EXPECT_EQ(send(machine->socket, frame, length, 0), (ssize_t)length);
}

struct sink {
	unsigned frames;
	uint64_t cycle[8];
	size_t length[8];
	uint8_t last[9216];
};

static void on_frame(void *ctx, unsigned port, const uint8_t *frame, size_t length, uint64_t cycle)
{
	struct sink *sink = ctx;

	if (port != 0 || sink->frames == 8)
		return;
	sink->cycle[sink->frames] = cycle;
	sink->length[sink->frames++] = length;
	memcpy(sink->last, frame, length);
}

static struct fabric *make(struct sink *sink, const char *where, const char *record, char *message)
{
	struct fabric_config config = {.external_ports = 2};
	struct fabric *fabric = fabric_create(&config, message, 200);

	memset(sink, 0, sizeof(*sink));
	if (fabric && fabric_attach(fabric, 1, where, record, message, 200) < 0) {
		fabric_destroy(fabric);
		return NULL;
	}
	if (fabric)
		fabric_set_output(fabric, on_frame, sink);
	return fabric;
}

TEST(outside, frames_pass_both_ways_and_replay)
{
	static struct sink live, again;
	struct machine machine = start_machine();
	uint8_t frame[1500] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}, got[64];
	char where[96], message[200];
	struct fabric *fabric;

	snprintf(where, sizeof(where), "qemu:unix:%s", machine.path);
	fabric = make(&live, where, machine.record, message);
	ASSERT_TRUE(fabric != NULL);
	machine.socket = accept(machine.listener, NULL, NULL);
	machine_send(&machine, frame, 42);
	fabric_advance(fabric, 100000);
	frame[100] = 7;
	machine_send(&machine, frame, sizeof(frame));
	fabric_advance(fabric, 300000);
	fabric_receive(fabric, 0, frame, 60, 300001);
	fabric_advance(fabric, 310000);
	EXPECT_EQ(recv(machine.socket, got, sizeof(got), MSG_DONTWAIT), 64);
	EXPECT_EQ(load_be32(got), 60u);
	EXPECT_EQ(live.frames, 2u);
	EXPECT_EQ(live.length[0], 60u); /* the runt was padded */
	EXPECT_EQ(live.last[100], 7);
	EXPECT_EQ(fabric_destroy(fabric), 0);
	snprintf(where, sizeof(where), "replay:%s", machine.record);
	fabric = make(&again, where, NULL, message);
	ASSERT_TRUE(fabric != NULL);
	fabric_advance(fabric, 310000);
	EXPECT_MEMEQ(&live, &again, sizeof(live));
	fabric_destroy(fabric);
	end_machine(&machine);
}

TEST(outside, a_machine_may_go_and_come_back)
{
	static struct sink sink;
	struct machine machine = start_machine();
	uint8_t frame[60] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2};
	char where[96], message[200];
	struct fabric *fabric;

	snprintf(where, sizeof(where), "qemu:unix:%s", machine.path);
	fabric = make(&sink, where, NULL, message);
	ASSERT_TRUE(fabric != NULL);
	close(accept(machine.listener, NULL, NULL));
	fabric_advance(fabric, 50000);
	fabric_receive(fabric, 0, frame, sizeof(frame), 50001);
	fabric_advance(fabric, 60000);
	EXPECT_EQ(fabric_get_outside(fabric, 1).dropped, 1u);
	fabric_advance(fabric, 200000000);
	machine.socket = accept(machine.listener, NULL, NULL);
	EXPECT_EQ(fabric_get_outside(fabric, 1).connects, 2u);
	machine_send(&machine, frame, sizeof(frame));
	fabric_advance(fabric, 200100000);
	EXPECT_EQ(sink.frames, 1u);
	fabric_destroy(fabric);
	end_machine(&machine);
}

TEST(outside, wrong_links_are_named)
{
	static struct sink sink;
	char message[200];

	EXPECT_TRUE(make(&sink, "qemu:unix:/nonexistent/socket", NULL, message) == NULL);
	EXPECT_STREQ(message, "link /nonexistent/socket: No such file or directory");
	EXPECT_TRUE(make(&sink, "replay:/etc/passwd", NULL, message) == NULL);
	EXPECT_STREQ(message, "link /etc/passwd: not a recording of a link");
	EXPECT_TRUE(make(&sink, "tin can", NULL, message) == NULL);
	EXPECT_STREQ(message, "link tin can: known are qemu:unix:PATH and replay:FILE");
}
