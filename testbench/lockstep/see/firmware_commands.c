/* What the firmware does with commands and events. */
#include "testbench/lockstep/see/firmware.h"

#include <string.h>

enum {
	ADMIN_DELETE_SQ = 0x00, ADMIN_CREATE_SQ = 0x01, ADMIN_DELETE_CQ = 0x04, ADMIN_CREATE_CQ = 0x05, ADMIN_IDENTIFY = 0x06,
	ADMIN_ASYNC_EVENT = 0x0c, ADMIN_PULL = 0xc1,
	IO_FLUSH = 0x00, IO_WRITE = 0x01, IO_READ = 0x02, IO_COMPARE = 0x05, IO_WRITE_ZEROES = 0x08, IO_DATASET = 0x09,
	STATUS_INVALID_OPCODE = 0x4001, STATUS_COMPARE_FAILED = 0x0285,
};

static uint32_t queue_register(const struct firmware_job *job, uint32_t queue, uint32_t offset)
{
	return offset + job->function * SEE_QUEUE_FN_STRIDE + queue * SEE_QUEUE_STRIDE;
}

static uint8_t *buffer_of(struct firmware *firmware, const struct firmware_job *job, uint32_t bytes)
{
	return nicmem_at(&firmware->bench->nic, (uint32_t)FIELD_GET(SEE_DESC_BUFFER, job->words[9]), bytes);
}

static void complete(struct firmware *firmware, const struct firmware_job *job, uint32_t status, uint32_t push_bytes, uint32_t dw0)
{
	firmware_answer(firmware, FIELD_PREP(SEE_CENTRY_SLOT, job->slot) | FIELD_PREP(SEE_CENTRY_OP, SEE_CE_COMPLETE)
		| FIELD_PREP(SEE_CENTRY_PUSH, push_bytes != 0) | FIELD_PREP(SEE_CENTRY_STATUS, status)
		| FIELD_PREP(SEE_CENTRY_LENGTH, push_bytes), FIELD_PREP(SEE_CENTRY_DW0, dw0));
}

static void operate(struct firmware *firmware, const struct firmware_job *job, uint64_t op, uint32_t length)
{
	firmware_answer(firmware, FIELD_PREP(SEE_CENTRY_SLOT, job->slot) | FIELD_PREP(SEE_CENTRY_OP, op)
		| FIELD_PREP(SEE_CENTRY_LENGTH, length), 0);
}

static void create_queue(struct firmware *firmware, const struct firmware_job *job, bool is_cq)
{
	uint64_t cdw10 = job->words[5] & 0xffffffff, cdw11 = job->words[5] >> 32;
	uint32_t queue = cdw10 & 0xf;
	uint64_t size = (cdw10 >> 16 & 0x7ff) + 1;

	if (is_cq) {
		firmware_write(firmware, queue_register(job, queue, SEE_CQ_ADDRESS), job->words[3]);
		firmware_write(firmware, queue_register(job, queue, SEE_CQ_CONTROL), FIELD_PREP(SEE_CQ_CONTROL_VALID, 1)
			| FIELD_PREP(SEE_CQ_CONTROL_IEN, cdw11 >> 1) | FIELD_PREP(SEE_CQ_CONTROL_VECTOR, cdw11 >> 16)
			| FIELD_PREP(SEE_CQ_CONTROL_SIZE, size));
	} else {
		firmware_write(firmware, queue_register(job, queue, SEE_SQ_ADDRESS), job->words[3]);
		firmware_write(firmware, queue_register(job, queue, SEE_SQ_CONTROL), FIELD_PREP(SEE_SQ_CONTROL_VALID, 1)
			| FIELD_PREP(SEE_SQ_CONTROL_CQID, cdw11 >> 16) | FIELD_PREP(SEE_SQ_CONTROL_QPRIO, rng_next(&firmware->rng))
			| FIELD_PREP(SEE_SQ_CONTROL_SIZE, size));
	}
	complete(firmware, job, 0, 0, 0);
}

static void identify(struct firmware *firmware, const struct firmware_job *job)
{
	uint8_t *to = buffer_of(firmware, job, 4096);

	for (uint32_t i = 0; to && i < 4096; i++)
		to[i] = (uint8_t)(i * 7 + (job->words[5] & 0xff));
	complete(firmware, job, 0, 4096, 0);
}

/* A command of the bench's own: DW0 of the completion is the sum of the CDW10 bytes that the SEE pulled. */
static void pull(struct firmware *firmware, const struct firmware_job *job)
{
	uint32_t length = (uint32_t)FIELD_GET(SEE_DESC_LENGTH, job->words[9]), sum = 0;

	if (!job->pulled) {
		operate(firmware, job, SEE_CE_PULL, (uint32_t)job->words[5]);
		return;
	}
	const uint8_t *from = buffer_of(firmware, job, length);
	for (uint32_t i = 0; from && i < length; i++)
		sum += from[i];
	complete(firmware, job, (uint32_t)FIELD_GET(SEE_DESC_STATUS, job->words[8]), 0, sum);
}

static void execute_admin(struct firmware *firmware, const struct firmware_job *job)
{
	struct firmware_function *function = &firmware->functions[job->function];
	uint32_t opcode = (uint32_t)FIELD_GET(SEE_DESC_OPCODE, job->words[0]);

	switch (opcode) {
	case ADMIN_CREATE_CQ:
	case ADMIN_CREATE_SQ:
		create_queue(firmware, job, opcode == ADMIN_CREATE_CQ);
		break;
	case ADMIN_DELETE_SQ:
	case ADMIN_DELETE_CQ:
		firmware_write(firmware, queue_register(job, job->words[5] & 0xf, opcode == ADMIN_DELETE_SQ ? SEE_SQ_CONTROL : SEE_CQ_CONTROL), 0);
		complete(firmware, job, 0, 0, 0);
		break;
	case ADMIN_IDENTIFY:
		identify(firmware, job);
		break;
	case ADMIN_ASYNC_EVENT:
		function->keeps_request = true;
		function->kept_cid = (uint16_t)FIELD_GET(SEE_DESC_CID, job->words[0]);
		operate(firmware, job, SEE_CE_RELEASE, 0);
		break;
	case ADMIN_PULL:
		pull(firmware, job);
		break;
	default:
		complete(firmware, job, STATUS_INVALID_OPCODE, 0, 0);
	}
}

/* A part that is not the last may leave the end to later ones: the next is asked for at once, or now and then all of them anew. */
static bool ask_for_more(struct firmware *firmware, const struct firmware_job *job)
{
	uint32_t blocks = (uint32_t)(job->words[6] & 0xffff) + 1;

	if (firmware->done[job->slot] + firmware->part_blocks >= blocks || rng_below(&firmware->rng, 4) == 0)
		return false;
	bool again = rng_below(&firmware->rng, 16) == 0;
	firmware->awaits[job->slot] = (uint8_t)(job->function + 1);
	operate(firmware, job, again ? SEE_CE_AGAIN : SEE_CE_NEXT, 0);
	return true;
}

static void execute_io(struct firmware *firmware, const struct firmware_job *job)
{
	uint64_t lba = job->words[5] + firmware->done[job->slot];
	uint32_t bytes = (uint32_t)FIELD_GET(SEE_DESC_LENGTH, job->words[9]);
	uint32_t block_bytes = firmware_block_bytes(firmware, job->function);
	uint8_t *volume = firmware->volumes[job->function] + lba % firmware_blocks(firmware, job->function) * block_bytes;

	switch (FIELD_GET(SEE_DESC_OPCODE, job->words[0])) {
	case IO_READ:
		memcpy(buffer_of(firmware, job, bytes), volume, bytes);
		/* The SEE knows how much a read moves: LENGTH is ignored. */
		if (!ask_for_more(firmware, job))
			complete(firmware, job, 0, 4 + (rng_below(&firmware->rng, bytes) & ~3u), 0);
		break;
	case IO_WRITE:
		memcpy(volume, buffer_of(firmware, job, bytes), bytes);
		if (!ask_for_more(firmware, job))
			complete(firmware, job, 0, 0, 0);
		break;
	case IO_COMPARE:
		complete(firmware, job, memcmp(volume, buffer_of(firmware, job, bytes), bytes) ? STATUS_COMPARE_FAILED : 0, 0, 0);
		break;
	case IO_WRITE_ZEROES:
		memset(volume, 0, (size_t)firmware->part_blocks * block_bytes);
		if (!ask_for_more(firmware, job))
			complete(firmware, job, 0, 0, 0);
		break;
	case IO_FLUSH:
	case IO_DATASET:
		complete(firmware, job, 0, 0, bytes);
		break;
	default:
		complete(firmware, job, STATUS_INVALID_OPCODE, 0, 0);
	}
}

/* Where block @p lba of @p function lies, by the arithmetic of describe_namespace(): quarters, the second one striped in pieces of eight
 * blocks. @return how many blocks from there on lie together; 0: nowhere */
static uint64_t place_of(const struct firmware *firmware, uint32_t function, uint64_t lba, uint64_t *storage, uint64_t *remote)
{
	uint64_t quarter = firmware_blocks(firmware, function) / 4, extent = lba / quarter, into = lba % quarter;

	*storage = *remote = 0;
	if (extent >= 3)
		return 0;
	*storage = function * 16 + extent;
	*remote = 0x100000 * (extent + 1) + into;
	if (extent != 1)
		return quarter - into;
	*storage += into / 8 % FIRMWARE_STRIPE_WIDTH;
	*remote = 0x200000 + into / 8 / FIRMWARE_STRIPE_WIDTH * 8 + into % 8;
	return 8 - into % 8;
}

/* README section 10: what a descriptor says of an I/O command must follow from its SQE, the extents and the parts before. */
static void check_descriptor(struct firmware *firmware, const struct firmware_job *job)
{
	uint64_t lba = job->words[5] + firmware->done[job->slot], storage, remote, rest = (job->words[6] & 0xffff) + 1 - firmware->done[job->slot];
	uint64_t run = place_of(firmware, job->function, lba, &storage, &remote), blocks = run && run < rest ? run : rest;
	uint32_t opcode = (uint32_t)FIELD_GET(SEE_DESC_OPCODE, job->words[0]);

	if (opcode != IO_WRITE_ZEROES && FIELD_GET(SEE_DESC_LENGTH, job->words[9]) != blocks * firmware_block_bytes(firmware, job->function))
		bench_fail(firmware->bench, "slot %u: length of the data", job->slot);
	if (FIELD_GET(SEE_DESC_BLOCK_SHIFT, job->words[8]) != firmware->shift[job->function])
		bench_fail(firmware->bench, "slot %u: block shift", job->slot);
	if ((job->words[10] & 0xffffffff) != storage)
		bench_fail(firmware->bench, "slot %u: storage id %llx", job->slot, (unsigned long long)job->words[10]);
	if (job->words[11] != remote)
		bench_fail(firmware->bench, "slot %u: remote LBA %llx", job->slot, (unsigned long long)job->words[11]);
	if ((job->words[12] & 0xffffffff) != (run ? blocks : 0))
		bench_fail(firmware->bench, "slot %u: blocks of the part", job->slot);
	if (FIELD_GET(SEE_DESC_CONTINUES, job->words[8]) != (firmware->done[job->slot] != 0))
		bench_fail(firmware->bench, "slot %u: not the part that was due", job->slot);
	firmware->part_blocks = (uint32_t)blocks;
	firmware->parts += blocks < rest;
}

static bool names_blocks(const struct firmware_job *job)
{
	uint32_t opcode = (uint32_t)FIELD_GET(SEE_DESC_OPCODE, job->words[0]);

	return opcode == IO_READ || opcode == IO_WRITE || opcode == IO_COMPARE || opcode == IO_WRITE_ZEROES;
}

void firmware_execute(struct firmware *firmware, struct firmware_job *job)
{
	if (job->life != firmware->functions[job->function].life) {
		operate(firmware, job, SEE_CE_RELEASE, 0);
		return;
	}
	uint32_t failed = (uint32_t)FIELD_GET(SEE_DESC_STATUS, job->words[8]);
	if (job->pulled && failed) {
		complete(firmware, job, failed, 0, 0);
		return;
	}
	if (job->qid == 0) {
		execute_admin(firmware, job);
		return;
	}
	if (job->pulled) {
		bench_fail(firmware->bench, "slot %u: an I/O command came twice", job->slot);
		return;
	}
	if (names_blocks(job)) {
		if (!FIELD_GET(SEE_DESC_CONTINUES, job->words[8]))
			firmware->done[job->slot] = 0;
		check_descriptor(firmware, job);
	}
	execute_io(firmware, job);
	firmware->done[job->slot] += firmware->part_blocks;
}

/* Small weights, so that rounds end; thresholds and times that now and then decide. */
static void arbitrate(struct firmware *firmware, uint32_t function)
{
	uint64_t thresholds = rng_below(&firmware->rng, 6), vectors = rng_next(&firmware->rng) & 0x1ff;

	firmware_write(firmware, SEE_FN_ARBITRATION + function, FIELD_PREP(SEE_FN_ARBITRATION_WRR, rng_below(&firmware->rng, 4) != 0)
		| FIELD_PREP(SEE_FN_ARBITRATION_HPW, rng_below(&firmware->rng, 6)) | FIELD_PREP(SEE_FN_ARBITRATION_MPW, rng_below(&firmware->rng, 4))
		| FIELD_PREP(SEE_FN_ARBITRATION_LPW, rng_below(&firmware->rng, 2)));
	firmware_write(firmware, SEE_FN_COALESCING + function, FIELD_PREP(SEE_FN_COALESCING_THR, thresholds)
		| FIELD_PREP(SEE_FN_COALESCING_TIME, rng_below(&firmware->rng, 3)) | FIELD_PREP(SEE_FN_COALESCING_CD, vectors));
}

static void learned_acq(void *context, uint64_t function_index, uint64_t acq)
{
	struct firmware *firmware = context;
	struct firmware_function *function = &firmware->functions[function_index];
	uint32_t queue = (uint32_t)function_index * SEE_QUEUE_FN_STRIDE;

	function->acq = acq;
	firmware_write(firmware, SEE_CQ_ADDRESS + queue, acq);
	firmware_write(firmware, SEE_CQ_CONTROL + queue, FIELD_PREP(SEE_CQ_CONTROL_VALID, 1) | FIELD_PREP(SEE_CQ_CONTROL_IEN, 1)
		| FIELD_PREP(SEE_CQ_CONTROL_SIZE, FIELD_GET(SEE_AQA_ACQS, function->aqa) + 1));
	firmware_write(firmware, SEE_SQ_ADDRESS + queue, function->asq);
	firmware_write(firmware, SEE_SQ_CONTROL + queue, FIELD_PREP(SEE_SQ_CONTROL_VALID, 1)
		| FIELD_PREP(SEE_SQ_CONTROL_SIZE, FIELD_GET(SEE_AQA_ASQS, function->aqa) + 1));
	if (firmware->behaviour.arbitrates)
		arbitrate(firmware, (uint32_t)function_index * SEE_FN_STRIDE);
	firmware_write(firmware, SEE_FN_CSTS + (uint32_t)function_index * SEE_FN_STRIDE, 1);
}

static void learned_asq(void *context, uint64_t function_index, uint64_t asq)
{
	((struct firmware *)context)->functions[function_index].asq = asq;
}

static void learned_aqa(void *context, uint64_t function_index, uint64_t aqa)
{
	((struct firmware *)context)->functions[function_index].aqa = aqa;
}

static void learn(struct firmware *firmware, uint32_t function, uint32_t address, void (*done)(void *, uint64_t, uint64_t))
{
	bench_access(firmware->bench, &(struct bench_access){ .address = (uint16_t)(address + function * SEE_FN_STRIDE), .done = done,
		.context = firmware, .argument = function });
}

/* A part that was asked for does not come after a reset: the slot waits for its answer. */
static void release_awaiting(struct firmware *firmware, uint32_t function)
{
	for (uint32_t slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		if (firmware->awaits[slot] != function + 1)
			continue;
		operate(firmware, &(struct firmware_job){ .slot = (uint8_t)slot }, SEE_CE_RELEASE, 0);
		firmware->awaits[slot] = 0;
	}
}

void firmware_event(struct firmware *firmware, const uint64_t words[16])
{
	uint32_t index = (uint32_t)FIELD_GET(SEE_DESC_FUNCTION, words[8]);
	struct firmware_function *function = &firmware->functions[index];

	firmware->events++;
	switch (FIELD_GET(SEE_DESC_TYPE, words[8])) {
	case SEE_DESC_ENABLE:
		learn(firmware, index, SEE_FN_AQA, learned_aqa);
		learn(firmware, index, SEE_FN_ASQ, learned_asq);
		learn(firmware, index, SEE_FN_ACQ, learned_acq);
		break;
	case SEE_DESC_DISABLE:
	case SEE_DESC_FLR:
		release_awaiting(firmware, index);
		function->life++;
		function->keeps_request = false;
		break;
	case SEE_DESC_SHUTDOWN:
		firmware_write(firmware, SEE_FN_CSTS + index * SEE_FN_STRIDE, 1 | 2 << 2);
		break;
	case SEE_DESC_BAD_DOORBELL:
		firmware->refused_doorbells++;
		if (function->keeps_request)
			firmware_answer(firmware, FIELD_PREP(SEE_CENTRY_OP, SEE_CE_POST), FIELD_PREP(SEE_CENTRY_CID, function->kept_cid)
				| FIELD_PREP(SEE_CENTRY_FUNCTION, index) | FIELD_PREP(SEE_CENTRY_DW0, FIELD_GET(SEE_DESC_QID, words[8])));
		function->keeps_request = false;
		break;
	default:
		bench_fail(firmware->bench, "descriptor of type %u", (unsigned)FIELD_GET(SEE_DESC_TYPE, words[8]));
	}
}
