/* A user-space NVMe driver over vfio-user: resets and enables the controller, identifies it, writes and reads verified blocks by
 * interrupts, and tries what a client must not do.
 * usage: vfio_nvme SOCKET mapped|messages. Exit status 0, or 1 with one line.
 */
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "testbench/interop/vfio_client.h"

enum { BAR = VFIO_PCI_BAR0_REGION_INDEX, CONFIG = VFIO_PCI_CONFIG_REGION_INDEX, PATIENCE_MS = 120000 };
enum { CC = 0x14, CSTS = 0x1c, AQA = 0x24, ASQ = 0x28, ACQ = 0x30, DOORBELLS = 0x1000 };
enum { ENTRIES = 16, ADMIN_SQ = 0x0, ADMIN_CQ = 0x1000, IO_SQ = 0x2000, IO_CQ = 0x3000, BUFFER = 0x10000 };
enum { BLOCK = 512, BLOCKS_EACH = 16, COMMANDS = 40, FIRST_BLOCK = 12288 };

struct queue {
	uint32_t sq, cq;
	unsigned id, tail, head, phase;
};

static struct vfio_client client;
static struct queue admin = {ADMIN_SQ, ADMIN_CQ, 0, 0, 0, 1}, io = {IO_SQ, IO_CQ, 1, 0, 0, 1};

static void check(bool condition, const char *what)
{
	if (condition)
		return;
	printf("vfio nvme: %s\n", what);
	exit(1);
}

static uint32_t read4(uint64_t offset)
{
	uint32_t value;
	vfio_client_read(&client, BAR, offset, &value, sizeof value);
	return value;
}

static void write4(uint64_t offset, uint32_t value)
{
	vfio_client_write(&client, BAR, offset, &value, sizeof value);
}

static void write8(uint64_t offset, uint64_t value)
{
	vfio_client_write(&client, BAR, offset, &value, sizeof value);
}

static void ring(unsigned doorbell, uint32_t value)
{
	if (client.doorbells)
		client.doorbells[doorbell] = value;
	else
		write4(DOORBELLS + 4 * doorbell, value);
}

/* One command to its end, by interrupt of the queue's vector. @return its status. */
static unsigned submit(struct queue *q, const uint32_t sqe[16])
{
	volatile uint32_t *cqe = (uint32_t *)(client.memory + q->cq) + 4 * q->head;

	memcpy(client.memory + q->sq + 64 * q->tail, sqe, 64);
	q->tail = (q->tail + 1) % ENTRIES;
	__sync_synchronize();
	ring(2 * q->id, q->tail);
	while ((cqe[3] >> 16 & 1) != q->phase)
		check(vfio_client_wait(&client, q->id, PATIENCE_MS), "no interrupt");
	unsigned status = cqe[3] >> 17;
	check((cqe[3] & 0xffff) == sqe[0] >> 16, "a completion of another command");
	q->head = (q->head + 1) % ENTRIES;
	q->phase ^= q->head == 0;
	ring(2 * q->id + 1, q->head);
	return status;
}

static unsigned command(struct queue *q, unsigned opcode, unsigned nsid, uint64_t prp1, uint64_t prp2, uint32_t dw10, uint32_t dw11, uint32_t dw12)
{
	static uint16_t cid;
	uint32_t sqe[16] = {
		opcode | (uint32_t)++cid << 16, nsid, 0, 0, 0, 0, (uint32_t)prp1, (uint32_t)(prp1 >> 32), (uint32_t)prp2, (uint32_t)(prp2 >> 32), dw10, dw11, dw12,
	};
	return submit(q, sqe);
}

static void wait_ready(uint32_t ready)
{
	for (unsigned i = 0; i < 20000 && (read4(CSTS) & 1) != ready; i++)
		;
	check((read4(CSTS) & 3) == ready, "the controller does not become ready, or not idle");
}

static void enable(void)
{
	uint16_t bus_master = 0x406;

	vfio_client_write(&client, CONFIG, 4, &bus_master, sizeof bus_master);
	write4(CC, 0);
	wait_ready(0);
	write4(AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	write8(ASQ, CLIENT_MEMORY_BASE + ADMIN_SQ);
	write8(ACQ, CLIENT_MEMORY_BASE + ADMIN_CQ);
	write4(CC, 4 << 20 | 6 << 16 | 1);
	wait_ready(1);
}

static void create_queues(void)
{
	check(command(&admin, 5, 0, CLIENT_MEMORY_BASE + IO_CQ, 0, (ENTRIES - 1) << 16 | 1, 1 << 16 | 3, 0) == 0, "Create I/O Completion Queue");
	check(command(&admin, 1, 0, CLIENT_MEMORY_BASE + IO_SQ, 0, (ENTRIES - 1) << 16 | 1, 1 << 16 | 1, 0) == 0, "Create I/O Submission Queue");
}

static void identify(void)
{
	const uint8_t *page = client.memory + BUFFER;
	uint64_t blocks;

	check(command(&admin, 6, 0, CLIENT_MEMORY_BASE + BUFFER, 0, 1, 0, 0) == 0, "Identify Controller");
	check(memcmp(page + 24, "Assay", 5) == 0, "another model number");
	check(command(&admin, 6, 1, CLIENT_MEMORY_BASE + BUFFER, 0, 0, 0, 0) == 0, "Identify Namespace");
	memcpy(&blocks, page, sizeof blocks);
	check(blocks == 16384, "another size");
}

static uint32_t pattern(unsigned round, unsigned word)
{
	return (round * 0x9e3779b9u) ^ (word * 0x85ebca6bu);
}

static void transfer(unsigned opcode, unsigned round)
{
	uint64_t buffer = CLIENT_MEMORY_BASE + BUFFER;
	uint32_t block = FIRST_BLOCK + round % 8 * BLOCKS_EACH;

	check(command(&io, opcode, 1, buffer, buffer + 4096, block, 0, BLOCKS_EACH - 1) == 0, opcode == 1 ? "Write" : "Read");
}

static void write_and_read(void)
{
	uint32_t *words = (uint32_t *)(client.memory + BUFFER);

	for (unsigned round = 0; round < COMMANDS; round++) {
		for (unsigned i = 0; i < BLOCKS_EACH * BLOCK / 4; i++)
			words[i] = pattern(round, i);
		transfer(1, round);
		memset(words, 0, BLOCKS_EACH * BLOCK);
		transfer(2, round);
		for (unsigned i = 0; i < BLOCKS_EACH * BLOCK / 4; i++)
			check(words[i] == pattern(round, i), "what was read is not what was written");
	}
}

/* BARs can be sized, and belong to the client's view. */
static void size_bar(void)
{
	uint32_t ones = UINT32_MAX, low, high;

	vfio_client_write(&client, CONFIG, 0x10, &ones, 4);
	vfio_client_read(&client, CONFIG, 0x10, &low, 4);
	check(low == 0xffffc004, "BAR 0 is not 16 KiB of 64-bit memory");
	low = 0x20000000;
	vfio_client_write(&client, CONFIG, 0x10, &low, 4);
	vfio_client_read(&client, CONFIG, 0x10, &low, 4);
	vfio_client_read(&client, CONFIG, 0x14, &high, 4);
	check(low == 0x20000004 && high == 0, "BAR 0 does not keep what is written");
	check((read4(CSTS) & 1) == 1, "BAR 0 is not reached any more");
}

static void expect(unsigned command, const void *payload, size_t length, int error, const char *what)
{
	uint8_t bytes[4200];

	memcpy(bytes, payload, length);
	int got = vfio_client_command(&client, command, bytes, &length, sizeof bytes, NULL, 0);
	if (got == error)
		return;
	printf("vfio nvme: %s: answered %d, not %d\n", what, got, error);
	exit(1);
}

static void misbehave(void)
{
	const uint64_t beyond[2] = {0x3ffe, 4ull << 32}, no_region[2] = {0, 4ull << 32 | 3}, huge[2] = {0, (uint64_t)UINT32_MAX << 32};
	const uint64_t overlap[4] = {32 | 3ull << 32, 0, CLIENT_MEMORY_BASE + 4096, 4096}, odd[4] = {32 | 3ull << 32, 0, 0x123, 4096};
	const uint64_t wraps[4] = {32 | 3ull << 32, 0, UINT64_MAX - 4095, 8192}, unknown[3] = {24, 0x7000, 4096};
	const uint32_t irqs[5] = {20, 1 | 1 << 5, 2, 60, 60}, two_actions[5] = {20, 1 | 3 << 3, 2, 0, 1};

	expect(9, beyond, 16, 22, "a read across the end of the BAR");
	expect(9, no_region, 16, 22, "a read of a region that is not there");
	expect(9, huge, 16, 22, "a read of 4 GiB");
	expect(10, beyond + 1, 8, 22, "a write without a body");
	expect(2, overlap, 32, 17, "memory mapped twice");
	expect(2, odd, 32, 22, "memory that is not aligned");
	expect(2, wraps, 32, 22, "memory beyond the end of the address space");
	expect(3, unknown, 24, 2, "unmapping what is not mapped");
	expect(8, irqs, 20, 22, "vectors that are not there");
	expect(8, two_actions, 20, 22, "two actions at once");
	expect(1, "\0\0\1\0", 4, 22, "a second VERSION");
	expect(77, "", 0, 95, "an unknown command");
}

/* A write whose data lies outside of the mapped memory fails; others go on. (A read cannot fail: posted writes have no answer.) */
static void wild_prp(void)
{
	check(command(&io, 1, 1, 0x7770000, 0, FIRST_BLOCK, 0, 7) != 0, "a write from where no memory is succeeds");
	transfer(2, 0);
}

int main(int argc, char **argv)
{
	bool by_messages = argc == 3 && strcmp(argv[2], "messages") == 0;

	check(argc == 3 && (by_messages || strcmp(argv[2], "mapped") == 0), "usage: vfio_nvme SOCKET mapped|messages");
	vfio_client_open(&client, argv[1], by_messages);
	enable();
	create_queues();
	identify();
	write_and_read();
	size_bar();
	misbehave();
	wild_prp();
	check(by_messages == (client.served != 0), "DMA did not come the way that was asked for");
	printf("vfio nvme: %d writes and reads verified, %llu accesses of the device by message\n", COMMANDS, (unsigned long long)client.served);
	return 0;
}
