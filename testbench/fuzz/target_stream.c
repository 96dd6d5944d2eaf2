/* libFuzzer on the byte stream of a target: the input is a host's side of one connection.
 *
 * First byte: digests, geometry, and (bit 7) whether an I/O queue has been connected beforehand. Then steps, each a kind byte
 * and its operands: raw bytes, a command with some fields set, data for the last R2T, or time. Without the framed kinds the
 * fuzzer would hardly ever get past the checks of lengths.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/fabric/bytes.h"
#include "sim/fabric/target.h"
#include "testbench/fuzz/input.h"
#include "testbench/unit/fabric/host_side.h"

static void send_raw(struct host_side *host, struct input *input)
{
	size_t piece = take(input);

	piece = piece < input->left ? piece : input->left;
	host_send(host, input->at, piece);
	input->at += piece;
	input->left -= piece;
}

/* A read of one block in form, with up to 15 bytes of the entry overwritten. */
static void send_command(struct host_side *host, struct input *input)
{
	static const uint8_t zeroes[16384];
	uint8_t sqe[SQE_BYTES], shape = take(input);
	uint32_t capsule = (shape >> 4) * 512u;

	host_sqe(sqe, NVME_READ, take(input), 1);
	host_sqe_sgl(sqe, capsule ? SGL_CAPSULE_OFFSET : SGL_TRANSPORT, capsule ? capsule : 512);
	for (unsigned i = 0; i < (shape & 15); i++) {
		uint8_t at = take(input);

		sqe[at % SQE_BYTES] = take(input);
	}
	host_command(host, sqe, zeroes, capsule);
}

/* Data for the newest R2T, with offset, length and tag bent by the input. */
static void send_data(struct host_side *host, struct input *input)
{
	static const uint8_t zeroes[65536];
	uint8_t sqe[SQE_BYTES] = {0}, bend = take(input);
	uint32_t offset = 0, length = 512;
	uint16_t tag = 0;

	for (unsigned i = host->pdus; i-- > 0;) {
		const uint8_t *header = host->pdu[i].header;

		if (host->pdu[i].type != PDU_R2T)
			continue;
		memcpy(sqe + 2, header + 8, 2);
		tag = load_le16(header + 10);
		offset = load_le32(header + 12);
		length = load_le32(header + 16);
		break;
	}
	if (bend & 1)
		offset += take(input) * 512u;
	if (bend & 2)
		length = take(input) * 256u + 1;
	if (bend & 4)
		tag = (uint16_t)(tag ^ take(input));
	if (bend & 8)
		length /= 2;
	host_data(host, sqe, tag, offset, zeroes, length < sizeof(zeroes) ? length : sizeof(zeroes), !(bend & 16));
}

static void step(struct host_side *host, struct input *input)
{
	switch (take(input) % 5) {
	case 0: send_raw(host, input); break;
	case 1:
	case 2: send_command(host, input); break;
	case 3: send_data(host, input); break;
	default:
		host->room = 200u + take(input) * 100u;
		target_advance(host->target, host->now += 30000);
		target_output(host->target, host->connection, host->now);
		break;
	}
}

/* Opens the connection that the input speaks on. */
static struct host_side *open_host(struct target *target, uint8_t choice)
{
	static struct host_side admin, io;
	uint16_t controller;

	host_open(&admin, target);
	if (!(choice & 0x80))
		return &admin;
	controller = host_bring_up(&admin, false, false);
	if (choice & 0x40)
		return &admin;
	host_open(&io, target);
	if (!controller || !host_initialize(&io, choice & 1, choice & 2, 1) || host_connect(&io, 1, 63, controller, choice >> 2 & 4, 0) != 0)
		abort();
	return &io;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.at = data, .left = size};
	uint8_t choice = take(&input);
	struct target_config config = {.r2t_bytes = choice & 4 ? 4096 : 0, .c2h_data_bytes = choice & 8 ? 4096 : 0};
	struct target *target = host_make_target(&config, 64);
	struct host_side *host;

	if (!target)
		abort();
	host = open_host(target, choice);
	while (input.left && !host->closed && host->pdus < HOST_PDUS_MAX / 2 && host->data_used < HOST_OUTPUT_BYTES / 4)
		step(host, &input);
	if (host->broken) /* what the target sends is always well-formed */
		abort();
	target_destroy(target);
	return 0;
}
