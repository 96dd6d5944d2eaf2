/* Commands: how they are made and what must have come of them. */
#include "testbench/lockstep/see/driver.h"

#include <string.h>

enum { OP_FLUSH = 0, OP_WRITE = 1, OP_READ = 2, OP_COMPARE = 5, OP_WRITE_ZEROES = 8, OP_DATASET = 9, OP_VENDOR = 0x90 };

static const uint8_t opcodes[] = { OP_FLUSH, OP_WRITE, OP_WRITE, OP_WRITE, OP_READ, OP_READ, OP_READ, OP_READ, OP_COMPARE,
				   OP_WRITE_ZEROES, OP_DATASET, OP_VENDOR };

static uint64_t page_address(int buffer, uint32_t page)
{
	return BENCH_HOST_BASE + 0x200000 + ((uint32_t)buffer * DRIVER_BUFFER_PAGES + page) * 4096ull;
}

static int take_buffer(struct driver *driver)
{
	int first = (int)rng_below(&driver->rng, DRIVER_BUFFERS);

	for (int n = 0; n < DRIVER_BUFFERS; n++) {
		int buffer = (first + n) % DRIVER_BUFFERS;
		if (driver->buffer_used[buffer])
			continue;
		driver->buffer_used[buffer] = true;
		return buffer;
	}
	return -1;
}

/* Pages in random order; the list starts anywhere in its page, so that it may go on in the next one. */
static void build_prps(struct driver *driver, struct driver_command *command, uint64_t sqe[8])
{
	struct host *host = &driver->bench->host;
	uint32_t count = (command->offset + command->bytes + 4095) / 4096;
	uint64_t list;

	for (uint32_t p = 0; p < DRIVER_DATA_PAGES; p++)
		command->pages[p] = page_address(command->buffer, p);
	for (uint32_t p = DRIVER_DATA_PAGES - 1; p > 0; p--) {
		uint32_t other = rng_below(&driver->rng, p + 1);
		uint64_t page = command->pages[p];
		command->pages[p] = command->pages[other];
		command->pages[other] = page;
	}
	sqe[3] = command->pages[0] + command->offset;
	sqe[4] = count == 2 ? command->pages[1] : 0;
	if (count <= 2)
		return;
	list = page_address(command->buffer, DRIVER_DATA_PAGES);
	list += rng_percent(&driver->rng, 50) ? 4096 - 8 * (1 + rng_below(&driver->rng, 33)) : 8 * rng_below(&driver->rng, 480);
	sqe[4] = list;
	for (uint32_t p = 1; p < count; p++) {
		if (list % 4096 == 4088 && p + 1 < count) {
			uint64_t next = page_address(command->buffer, DRIVER_DATA_PAGES + 1 + rng_below(&driver->rng, 2));
			memcpy(host_at(host, list, 8), &next, 8);
			list = next;
		}
		memcpy(host_at(host, list, 8), &command->pages[p], 8);
		list += 8;
	}
}

static uint8_t *data_at(struct driver *driver, const struct driver_command *command, uint32_t byte)
{
	uint32_t at = command->offset + byte;

	return host_at(&driver->bench->host, command->pages[at / 4096] + at % 4096, 4);
}

static void fill(struct driver *driver, const struct driver_command *command)
{
	for (uint32_t i = 0; i < command->bytes; i += 4) {
		uint32_t word = (uint32_t)rng_next(&driver->rng);
		memcpy(data_at(driver, command, i), &word, 4);
	}
}

static uint32_t random_blocks(struct driver *driver, uint32_t most)
{
	uint32_t few = most < 96 ? 1 + most / 16 : 12;

	return 1 + rng_below(&driver->rng, rng_percent(&driver->rng, driver->big_percent) ? most : few);
}

/* Makes the command wrong in one of the ways that the SEE must find. */
static void spoil(struct driver *driver, struct driver_command *command, uint64_t volume_blocks, uint64_t sqe[8])
{
	command->expects_error = true;
	switch (rng_below(&driver->rng, command->opcode == OP_DATASET ? 3 : 6)) {
	case 0:
		sqe[0] ^= 2ull << 32; /* namespace */
		break;
	case 1:
		sqe[0] |= 1ull << (rng_percent(&driver->rng, 50) ? 8 : 14); /* fused, SGL */
		break;
	case 2:
		sqe[3] |= 1 + rng_below(&driver->rng, 3); /* PRP1 not a DW */
		command->expects_error = command->bytes != 0;
		break;
	case 3:
		sqe[5] = rng_percent(&driver->rng, 50) ? volume_blocks : rng_next(&driver->rng) | 1ull << 40;
		command->expects_error = command->opcode != OP_FLUSH;
		break;
	case 4:
		sqe[4] = rng_percent(&driver->rng, 30) ? 0 : sqe[4] | (1 + rng_below(&driver->rng, 7)); /* PRP2, if it is used */
		command->expects_error = command->offset + command->bytes > 4096;
		break;
	default:
		sqe[6] |= 0xffff; /* MDTS, or the namespace's end */
		command->expects_error = command->opcode != OP_FLUSH;
	}
}

void driver_build(struct driver *driver, uint32_t function, uint32_t queue, uint32_t cid, uint64_t sqe[8])
{
	struct driver_command *command = &driver->functions[function].queues[queue].commands[cid];
	uint32_t block_bytes = firmware_block_bytes(driver->firmware, function), region_blocks = DRIVER_REGION_BYTES / block_bytes;
	uint32_t region = (queue - 1) * DRIVER_COMMANDS + cid, blocks = random_blocks(driver, region_blocks);

	memset(command, 0, sizeof *command);
	memset(sqe, 0, 64);
	command->opcode = opcodes[rng_below(&driver->rng, sizeof opcodes)];
	command->buffer = -1;
	command->lba = region * region_blocks + rng_below(&driver->rng, region_blocks - blocks + 1);
	bool moves = command->opcode == OP_READ || command->opcode == OP_WRITE || command->opcode == OP_COMPARE;
	command->bytes = moves ? blocks * block_bytes : command->opcode == OP_DATASET ? 16 * (1 + rng_below(&driver->rng, 256)) : 0;
	if (command->bytes) {
		command->buffer = take_buffer(driver);
		if (command->buffer < 0)
			return;
	}
	command->used = true;
	command->offset = rng_percent(&driver->rng, 40) ? 0 : 4 * rng_below(&driver->rng, 1024);
	sqe[0] = command->opcode | cid << 16 | 1ull << 32;
	sqe[5] = command->opcode == OP_DATASET ? command->bytes / 16 - 1 : command->lba;
	sqe[6] = command->opcode == OP_DATASET ? 0 : blocks - 1;
	if (command->bytes) {
		build_prps(driver, command, sqe);
		fill(driver, command);
	}
	if (command->opcode == OP_COMPARE)
		for (uint32_t i = 0; i < command->bytes; i += 4)
			memcpy(data_at(driver, command, i), driver->firmware->volumes[function] + command->lba * block_bytes + i, 4);
	if (rng_percent(&driver->rng, driver->wrong_percent) && command->opcode != OP_VENDOR)
		spoil(driver, command, firmware_blocks(driver->firmware, function), sqe);
}

static bool same_as_volume(struct driver *driver, uint32_t function, const struct driver_command *command)
{
	uint32_t block_bytes = firmware_block_bytes(driver->firmware, function);

	for (uint32_t i = 0; i < command->bytes; i += 4)
		if (memcmp(data_at(driver, command, i), driver->firmware->volumes[function] + command->lba * block_bytes + i, 4) != 0)
			return false;
	return true;
}

void driver_check(struct driver *driver, uint32_t function, struct driver_command *command, uint32_t status)
{
	struct host_behaviour *behaviour = &driver->bench->host.behaviour;
	bool faults = behaviour->poison_permille || behaviour->refuse_permille || behaviour->forget_permille;

	if (status)
		driver->failed_commands++;
	if (command->expects_error && !status)
		bench_fail(driver->bench, "function %u: opcode %02x should have failed", function, command->opcode);
	if (!command->expects_error && status && !faults && command->opcode != OP_VENDOR)
		bench_fail(driver->bench, "function %u: opcode %02x ended with status %04x", function, command->opcode, status);
	if (status || (command->opcode != OP_READ && command->opcode != OP_WRITE))
		return;
	driver->bytes += command->bytes;
	if (!same_as_volume(driver, function, command))
		bench_fail(driver->bench, "function %u: opcode %02x at LBA %llu, %u bytes at page offset %u moved wrong data", function,
			command->opcode, (unsigned long long)command->lba, command->bytes, command->offset);
}
