/* The NVM command set (NVM Express 1.4, chapter 6). */
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target_internal.h"

enum {
	SQE_NSID = 4,
	SQE_CDW10 = 40,
	SQE_CDW11 = 44,
	SQE_CDW12 = 48,
	RANGE_BYTES = 16,
	DATASET_DEALLOCATE = 1 << 2,
};

static uint64_t first_block(const struct command *command)
{
	return load_le64(command->sqe + SQE_CDW10);
}

static uint64_t block_count(const struct command *command)
{
	return (load_le32(command->sqe + SQE_CDW12) & 0xffff) + 1;
}

static struct volume *volume_of(struct target *target, const struct command *command)
{
	return namespace_volume(target, load_le32(command->sqe + SQE_NSID));
}

static uint32_t block_bytes(const struct target *target, const struct command *command)
{
	return (uint32_t)block_count(command) * target->config.block_bytes;
}

static uint64_t first_byte(const struct target *target, const struct command *command)
{
	return first_block(command) * target->config.block_bytes;
}

static uint32_t range_bytes(const struct target *target, const struct command *command)
{
	(void)target;
	return ((load_le32(command->sqe + SQE_CDW10) & 0xff) + 1) * RANGE_BYTES;
}

static uint16_t check_namespace(struct target *target, struct command *command)
{
	return volume_of(target, command) ? NVME_SUCCESS : NVME_INVALID_NAMESPACE | NVME_DNR;
}

static uint16_t check_blocks(struct target *target, struct command *command)
{
	const struct volume *volume = volume_of(target, command);
	uint64_t blocks;

	if (!volume)
		return NVME_INVALID_NAMESPACE | NVME_DNR;
	blocks = volume->bytes / volume->block_bytes;
	if (first_block(command) > blocks || block_count(command) > blocks - first_block(command))
		return NVME_LBA_RANGE | NVME_DNR;
	return NVME_SUCCESS;
}

static uint16_t check_writable(struct target *target, struct command *command)
{
	uint16_t status = check_blocks(target, command);

	if (status == NVME_SUCCESS && volume_of(target, command)->read_only)
		return NVME_WRITE_PROTECTED | NVME_DNR;
	return status;
}

/* Flush also takes the broadcast namespace. Writes are in the file when they complete, so there is nothing to do. */
static uint16_t check_flush(struct target *target, struct command *command)
{
	return load_le32(command->sqe + SQE_NSID) == UINT32_MAX ? NVME_SUCCESS : check_namespace(target, command);
}

static uint16_t execute_flush(struct target *target, struct command *command)
{
	(void)target;
	(void)command;
	return NVME_SUCCESS;
}

static uint16_t execute_read(struct target *target, struct command *command)
{
	/* The namespace may have become smaller while the command waited. */
	uint16_t status = check_blocks(target, command);

	if (status != NVME_SUCCESS)
		return status;
	if (volume_read(volume_of(target, command), first_byte(target, command), command_data(target, command),
		    command->data_bytes) < 0)
		return NVME_READ_ERROR;
	target->stats.read_bytes += command->data_bytes;
	return NVME_SUCCESS;
}

static uint16_t execute_write(struct target *target, struct command *command)
{
	uint16_t status = check_writable(target, command);

	if (status != NVME_SUCCESS)
		return status;
	if (target->mode == TARGET_FAILS_WRITES)
		return NVME_WRITE_FAULT;
	if (volume_write(volume_of(target, command), first_byte(target, command), command_data(target, command),
		    command->data_bytes) < 0)
		return NVME_WRITE_FAULT;
	target->stats.written_bytes += command->data_bytes;
	return NVME_SUCCESS;
}

static uint16_t execute_compare(struct target *target, struct command *command)
{
	const uint8_t *expected = command_data(target, command);
	uint8_t piece[VOLUME_BLOCK_MIN];
	uint16_t status = check_blocks(target, command);

	for (uint32_t at = 0; status == NVME_SUCCESS && at < command->data_bytes; at += sizeof(piece)) {
		if (volume_read(volume_of(target, command), first_byte(target, command) + at, piece, sizeof(piece)) < 0)
			status = NVME_READ_ERROR;
		else if (memcmp(piece, expected + at, sizeof(piece)) != 0)
			status = NVME_COMPARE_FAILURE;
	}
	return status;
}

static uint16_t zero_blocks(struct target *target, const struct volume *volume, uint64_t first, uint64_t count)
{
	static const uint8_t zeroes[8 * VOLUME_BLOCK_MAX];
	uint64_t at = first * volume->block_bytes, end = at + count * volume->block_bytes;

	while (at < end) {
		uint64_t piece = end - at < sizeof(zeroes) ? end - at : sizeof(zeroes);

		if (volume_write(volume, at, zeroes, (size_t)piece) < 0)
			return NVME_WRITE_FAULT;
		target->stats.written_bytes += piece;
		at += piece;
	}
	return NVME_SUCCESS;
}

/* Some controllers write so many zeroes a command only. */
static uint16_t check_zeroes(struct target *target, struct command *command)
{
	uint32_t most = target->config.zeroes_bytes;

	if (most && block_count(command) * target->config.block_bytes > most)
		return NVME_INVALID_FIELD | NVME_DNR;
	return check_writable(target, command);
}

static uint16_t execute_zeroes(struct target *target, struct command *command)
{
	uint16_t status = check_writable(target, command);

	return status == NVME_SUCCESS ? zero_blocks(target, volume_of(target, command), first_block(command), block_count(command)) : status;
}

/* Deallocated blocks read as zeroes (DLFEAT 1); the other attributes are hints. All ranges are checked before any is zeroed. */
static uint16_t execute_dataset(struct target *target, struct command *command)
{
	const struct volume *volume = volume_of(target, command);
	const uint8_t *ranges = command_data(target, command);
	uint64_t blocks = volume->bytes / volume->block_bytes;
	bool deallocate = load_le32(command->sqe + SQE_CDW11) & DATASET_DEALLOCATE;

	for (uint32_t at = 0; at < command->data_bytes; at += RANGE_BYTES) {
		uint64_t count = load_le32(ranges + at + 4), first = load_le64(ranges + at + 8);

		if (first > blocks || count > blocks - first)
			return NVME_LBA_RANGE | NVME_DNR;
	}
	if (deallocate && volume->read_only)
		return NVME_WRITE_PROTECTED | NVME_DNR;
	for (uint32_t at = 0; deallocate && at < command->data_bytes; at += RANGE_BYTES) {
		uint16_t status = zero_blocks(target, volume, load_le64(ranges + at + 8), load_le32(ranges + at + 4));

		if (status != NVME_SUCCESS)
			return status;
	}
	return NVME_SUCCESS;
}

const struct command_row *io_command(uint8_t opcode)
{
	static const struct command_row rows[] = {
		{NVME_FLUSH, MOVES_NOTHING, NULL, check_flush, execute_flush},
		{NVME_WRITE, TO_CONTROLLER, block_bytes, check_writable, execute_write},
		{NVME_READ, TO_HOST, block_bytes, check_blocks, execute_read},
		{NVME_COMPARE, TO_CONTROLLER, block_bytes, check_blocks, execute_compare},
		{NVME_WRITE_ZEROES, MOVES_NOTHING, NULL, check_zeroes, execute_zeroes},
		{NVME_DATASET, TO_CONTROLLER, range_bytes, check_namespace, execute_dataset},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].opcode == opcode)
			return &rows[i];
	}
	return NULL;
}
