/* I/O commands, one a slot: from the SEE to the storage that holds the blocks, and the answer back. The SEE has checked the
 * command, found the extent and, for writes, pulled the data; a read's data is pushed from the slot's buffer. */
#include "firmware/nvme/controller.h"

#include "firmware/fabric/fabric.h"

#include <string.h>

_Static_assert(FABRIC_TAGS == SEE_NUM_SLOTS, "tags are slots");

struct io {
	bool busy;
	bool given_up; /* by a reset or with its queue: nobody hears of its end */
	uint8_t function;
	uint8_t qid;
	uint16_t cid;
	uint32_t push_bytes; /* data for the host if all goes well */
	uint64_t lba;
};

static struct io ios[SEE_NUM_SLOTS];

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

/* Where the command goes; @return its status if it goes nowhere. */
static uint16_t io_route(struct controller *controller, const struct see_descriptor *descriptor,
	struct fabric_request *request, uint32_t *storage)
{
	const struct nvme_sqe *sqe = descriptor->sqe;

	*storage = descriptor->storage;
	request->nsid = descriptor->remote_nsid;
	memcpy(request->dw, &sqe->dw10, sizeof(request->dw));
	switch (sqe->opcode) {
	case NVME_IO_READ:
	case NVME_IO_WRITE:
	case NVME_IO_COMPARE:
	case NVME_IO_WRITE_ZEROES:
		request->to_storage = sqe->opcode != NVME_IO_READ;
		request->dw[0] = (uint32_t)descriptor->remote_lba;
		request->dw[1] = (uint32_t)(descriptor->remote_lba >> 32);
		return descriptor->extent_blocks > (sqe->dw12 & 0xffff) ? NVME_SUCCESS : NVME_INTERNAL_ERROR;
	case NVME_IO_FLUSH:
	case NVME_IO_DATASET_MANAGEMENT:
		if (controller->volume == CONTROLLER_NO_VOLUME)
			return NVME_INVALID_NAMESPACE | NVME_STATUS_DNR;
		*storage = controller->volume;
		request->nsid = controller->remote_nsid;
		request->to_storage = true;
		if (sqe->opcode == NVME_IO_DATASET_MANAGEMENT && !ranges_translate(controller, descriptor))
			return NVME_LBA_OUT_OF_RANGE | NVME_STATUS_DNR;
		return NVME_SUCCESS;
	default:
		return NVME_INVALID_OPCODE | NVME_STATUS_DNR;
	}
}

static void io_count(struct controller *controller, const struct see_descriptor *descriptor)
{
	if (descriptor->sqe->opcode == NVME_IO_READ) {
		controller->read_commands++;
		controller->read_blocks += descriptor->length >> 9;
	} else if (descriptor->sqe->opcode == NVME_IO_WRITE) {
		controller->write_commands++;
		controller->written_blocks += descriptor->length >> 9;
	}
}

void io_start(struct controller *controller, const struct see_descriptor *descriptor)
{
	struct fabric_request request = {
		.opcode = descriptor->sqe->opcode,
		.data = descriptor->buffer,
		.bytes = descriptor->length,
	};
	uint32_t storage;
	uint16_t status = io_route(controller, descriptor, &request, &storage);

	if (status != NVME_SUCCESS) {
		io_refuse(controller, descriptor, status);
		return;
	}
	ios[descriptor->slot] = (struct io){
		.busy = true,
		.function = descriptor->function,
		.qid = descriptor->qid,
		.cid = descriptor->sqe->cid,
		.push_bytes = request.to_storage ? 0 : descriptor->length,
		.lba = sqe_lba(descriptor->sqe),
	};
	io_count(controller, descriptor);
	fabric_submit(storage, descriptor->slot, &request);
}

void io_done(unsigned slot, uint16_t status)
{
	struct io *io = &ios[slot];

	io->busy = false;
	if (status == NVME_SUCCESS || io->given_up) {
		see_complete(slot, status, 0, status == NVME_SUCCESS ? io->push_bytes : 0);
		return;
	}
	controller_log_error(controller_of(io->function), io->qid, io->cid, status, io->lba, 1);
	see_complete(slot, status, 0, 0);
}

void io_cancel(unsigned function, unsigned qid)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS; slot++) {
		if (!ios[slot].busy || ios[slot].function != function || (qid != 0 && ios[slot].qid != qid))
			continue;
		ios[slot].given_up = true;
		fabric_cancel(slot);
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
		if (ios[slot].busy && ios[slot].function == function && ios[slot].qid == qid && ios[slot].cid == cid)
			return fabric_abort(slot);
	return false;
}
