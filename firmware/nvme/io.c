/* I/O commands, one a slot: from the SEE to the storage that holds the blocks, and the answer back. The SEE has checked the
 * command, found the extent and, for writes, pulled the data; a read's data is pushed from the slot's buffer. */
#include "firmware/nvme/io.h"

#include "firmware/core/clock.h"
#include "firmware/nvme/volume_record.h"

#include <string.h>

_Static_assert(FABRIC_TAGS > SEE_NUM_SLOTS, "the first tags are slots");

static struct io ios[SEE_NUM_SLOTS];

struct io *io_of(unsigned slot)
{
	return &ios[slot];
}

static uint64_t sqe_lba(const struct nvme_sqe *sqe)
{
	return (uint64_t)sqe->dw11 << 32 | sqe->dw10;
}

void io_refuse(struct controller *controller, const struct see_descriptor *descriptor, uint16_t status)
{
	controller_log_error(controller, descriptor->qid, descriptor->sqe->cid, status, sqe_lba(descriptor->sqe),
		descriptor->sqe->nsid);
	see_complete(descriptor->slot, status, 0, 0);
}

/* Ranges are the host's; the storage wants its own. The whole namespace is one extent today, and so is the shift. */
static bool ranges_translate(const struct controller *controller, const struct see_descriptor *descriptor)
{
	uint32_t ranges = (descriptor->sqe->dw10 & 0xff) + 1;

	for (uint32_t i = 0; i < ranges; i++) {
		struct nvme_dsm_range range;

		memcpy(&range, descriptor->buffer + i * sizeof(range), sizeof(range));
		if (range.lba > controller->blocks || range.blocks > controller->blocks - range.lba)
			return false;
	}
	return true;
}

/* The SEE has checked and moved the command for a namespace that the function has no more (attach.c: what is not marked comes before the next). */
static bool is_of_another_namespace(const struct controller *controller, const struct see_descriptor *descriptor)
{
	return controller->volume == CONTROLLER_NO_VOLUME || descriptor->gone;
}

/* Where the SEE's map says that this part of the command lies. */
static void io_place(const struct see_descriptor *descriptor, struct io *io)
{
	io->storage = descriptor->storage;
	io->request.nsid = descriptor->remote_nsid;
	io->request.dw[0] = (uint32_t)descriptor->remote_lba;
	io->request.dw[1] = (uint32_t)(descriptor->remote_lba >> 32);
	io->request.dw[2] = (io->request.dw[2] & 0xffff0000u) | (descriptor->blocks - 1);
}

static uint32_t sqe_blocks(const struct nvme_sqe *sqe)
{
	return (sqe->dw12 & 0xffff) + 1;
}

/* That mirrors have several places, the SEE does not know. */
static uint16_t io_route_blocks(const struct see_descriptor *descriptor, struct io *io)
{
	if (descriptor->blocks == 0)
		return NVME_INTERNAL_ERROR;
	if (layout_kind(io->volume) == CONFIG_MIRROR) {
		io->in_parts = true;
		return NVME_SUCCESS;
	}
	io_place(descriptor, io);
	if (descriptor->blocks < sqe_blocks(descriptor->sqe))
		spread_begin(descriptor->slot, sqe_blocks(descriptor->sqe));
	return NVME_SUCCESS;
}

/* Where the command goes; @return its status if it goes nowhere. */
static uint16_t io_route(struct controller *controller, const struct see_descriptor *descriptor, struct io *io)
{
	const struct nvme_sqe *sqe = descriptor->sqe;

	if (is_of_another_namespace(controller, descriptor))
		return NVME_INVALID_NAMESPACE | NVME_STATUS_DNR;
	io->volume = (uint8_t)controller->volume;
	io->storage = descriptor->storage;
	io->request.nsid = descriptor->remote_nsid;
	io->request.to_storage = sqe->opcode != NVME_IO_READ;
	memcpy(io->request.dw, &sqe->dw10, sizeof(io->request.dw));
	switch (sqe->opcode) {
	case NVME_IO_READ:
	case NVME_IO_WRITE:
	case NVME_IO_COMPARE:
	case NVME_IO_WRITE_ZEROES:
		return io_route_blocks(descriptor, io);
	case NVME_IO_DATASET_MANAGEMENT:
		if (layout_kind(io->volume) != CONFIG_PLAIN)
			return NVME_INVALID_OPCODE | NVME_STATUS_DNR;
		if (!ranges_translate(controller, descriptor))
			return NVME_LBA_OUT_OF_RANGE | NVME_STATUS_DNR;
		break;
	case NVME_IO_FLUSH:
		io->in_parts = layout_kind(io->volume) != CONFIG_PLAIN;
		break;
	default:
		return NVME_INVALID_OPCODE | NVME_STATUS_DNR;
	}
	io->storage = controller->volume;
	io->request.nsid = controller->remote_nsid;
	return NVME_SUCCESS;
}

static void io_count(struct controller *controller, const struct see_descriptor *descriptor)
{
	if (descriptor->continues) {
		if (descriptor->sqe->opcode == NVME_IO_READ)
			controller->read_blocks += descriptor->length >> 9;
		else if (descriptor->sqe->opcode == NVME_IO_WRITE)
			controller->written_blocks += descriptor->length >> 9;
		return;
	}
	if (descriptor->sqe->opcode == NVME_IO_READ) {
		controller->read_commands++;
		controller->read_blocks += descriptor->length >> 9;
	} else if (descriptor->sqe->opcode == NVME_IO_WRITE) {
		controller->write_commands++;
		controller->written_blocks += descriptor->length >> 9;
	}
}

void io_send(unsigned slot)
{
	struct io *io = &ios[slot];

	controller_attention |= io->in_parts || io->spread;
	if (io->in_parts)
		parts_begin(slot);
	else if (io->spread)
		spread_send(slot);
	else
		fabric_submit(io->storage, slot, &io->request);
}

/* Bytes of the whole command, which a limit counts before its first part. */
static uint32_t command_bytes(const struct see_descriptor *descriptor)
{
	bool whole = descriptor->blocks == 0 || descriptor->length == 0;

	return whole ? descriptor->length : sqe_blocks(descriptor->sqe) * 512 << descriptor->block_shift;
}

/* A further part of a command that is under way. */
static void io_continue(struct controller *controller, const struct see_descriptor *descriptor)
{
	struct io *io = &ios[descriptor->slot];
	uint16_t status = descriptor->blocks > 0 ? NVME_SUCCESS : NVME_INTERNAL_ERROR;

	if (is_of_another_namespace(controller, descriptor))
		status = NVME_INVALID_NAMESPACE | NVME_STATUS_DNR;
	if (status == NVME_SUCCESS)
		io_place(descriptor, io);
	io->request.data = descriptor->buffer;
	io->request.bytes = descriptor->length;
	io_count(controller, descriptor);
	controller_attention = true;
	spread_next(descriptor->slot, status);
}

void io_start(struct controller *controller, const struct see_descriptor *descriptor)
{
	struct io *io = &ios[descriptor->slot];
	uint16_t status;

	if (descriptor->continues) {
		io_continue(controller, descriptor);
		return;
	}
	*io = (struct io){
		.function = descriptor->function,
		.qid = descriptor->qid,
		.cid = descriptor->sqe->cid,
		.lba = sqe_lba(descriptor->sqe),
		.request = {.opcode = descriptor->sqe->opcode, .data = descriptor->buffer, .bytes = descriptor->length},
	};
	status = io_route(controller, descriptor, io);
	if (status != NVME_SUCCESS) {
		io_refuse(controller, descriptor, status);
		return;
	}
	io->busy = true;
	io->push_bytes = io->request.to_storage ? 0 : descriptor->length;
	io_count(controller, descriptor);
	if (!qos_defers(descriptor->slot, command_bytes(descriptor)))
		io_send(descriptor->slot);
}

void io_done(unsigned tag, uint16_t status)
{
	unsigned slot;

	if (tag == IO_COPY_TAG) {
		controller_attention = true;
		mirror_copied(status);
		return;
	}
	slot = parts_slot(tag);
	controller_attention |= ios[slot].in_parts || ios[slot].spread;
	if (ios[slot].in_parts) {
		parts_done(slot, tag, status);
	} else if (ios[slot].spread) {
		parts_free_tag(tag);
		spread_done(slot, status);
	} else
		io_over(slot, status);
}

void io_over(unsigned slot, uint16_t status)
{
	struct io *io = &ios[slot];

	io->busy = false;
	if (io->given_up && status == NVME_SUCCESS)
		status = NVME_ABORTED_BY_REQUEST; /* no further part of it */
	if (io->detached && status == NVME_ABORTED_BY_REQUEST)
		status = NVME_INVALID_NAMESPACE | NVME_STATUS_DNR;
	if (status == NVME_SUCCESS || (io->given_up && !io->detached)) {
		see_complete(slot, status, 0, status == NVME_SUCCESS ? io->push_bytes : 0);
		return;
	}
	controller_log_error(controller_of(io->function), io->qid, io->cid, status, io->lba, 1);
	see_complete(slot, status, 0, 0);
}

static void io_give_up(unsigned slot, bool reset)
{
	if (ios[slot].deferred) {
		qos_cancel(slot);
		io_over(slot, NVME_ABORTED_BY_REQUEST);
	} else if (ios[slot].in_parts) {
		parts_cancel(slot);
	} else if (ios[slot].spread) {
		spread_cancel(slot, reset);
	} else {
		fabric_cancel(slot);
	}
}

void io_cancel(unsigned function, unsigned qid)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		if (!ios[slot].busy || ios[slot].function != function || (qid != 0 && ios[slot].qid != qid))
			continue;
		ios[slot].given_up = true;
		io_give_up(slot, qid == 0);
	}
}

void io_detach(unsigned function)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		struct io *io = &ios[slot];

		if (!io->busy || io->function != function)
			continue;
		io->detached = true;
		io->given_up |= io->in_parts || io->spread;
		io_give_up(slot, false);
	}
}

bool io_pending(unsigned function)
{
	bool pending = false;

	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		pending |= ios[slot].busy && ios[slot].function == function;
	return pending;
}

bool io_abort(unsigned function, unsigned qid, uint16_t cid)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++)
		if (ios[slot].busy && ios[slot].function == function && ios[slot].qid == qid && ios[slot].cid == cid) {
			if (!ios[slot].deferred)
				return !ios[slot].in_parts && !ios[slot].spread && fabric_abort(slot);
			io_give_up(slot, false);
			return true;
		}
	return false;
}

bool io_watches(void)
{
	return parts_watches() || mirror_watches();
}

uint64_t io_run(void)
{
	uint64_t limited = qos_run(), next = mirror_run();
	bool waiting = volume_record_run();

	next = limited < next ? limited : next;
	waiting |= spread_run();
	waiting |= parts_run();
	return waiting ? clock_ticks() : next;
}
