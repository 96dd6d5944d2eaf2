/* Create and Delete I/O Queue, NVMe 1.4 sections 5.3 to 5.6. A deletion is answered when no slot holds a command of the
 * queue any more: the SEE stops fetching, what the storages have not been told is given up, what they have ends. */
#include "firmware/nvme/controller.h"
#include "firmware/nvme/function_state_wire.h"
#include "rtl/gen/field.h"

#include <string.h>

#define PHYSICALLY_CONTIGUOUS 1u
#define INTERRUPTS_ENABLED 2u

/* A Delete I/O Submission Queue in progress; a function may have several. */
struct deletion {
	bool busy;
	uint8_t function;
	uint8_t qid;
	uint8_t slot;
};

static struct deletion deletions[SEE_NUM_SLOTS]; /* by the slot of the command */
static unsigned deletions_busy;

/* Slots that commands may take: the SEE keeps one for a post of every function. */
#define SLOTS_SHARED (SEE_NUM_SLOTS - SEE_NUM_FUNCTIONS)

/* The functions that are enabled share the slots evenly. Each may have one admin command more than its share, so that the shares
 * together are never more than there is: no function waits for a slot that another one keeps. */
void queues_share(void)
{
	unsigned functions = 0, share;

	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		functions += controller_of(function)->enabled;
	share = functions > 0 ? SLOTS_SHARED / functions - 1 : SLOTS_SHARED - 1;
	see_limit_slots(share);
}

static bool queue_id_valid(uint32_t qid)
{
	return qid > 0 && qid <= CONTROLLER_IO_QUEUES;
}

static bool deletion_pending(unsigned function, unsigned qid)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && deletions_busy > 0; slot++)
		if (deletions[slot].busy && deletions[slot].function == function && deletions[slot].qid == qid)
			return true;
	return false;
}

/* What both kinds of queue are checked for. */
static uint16_t create_status(const struct admin_command *command, const struct controller_queue *queues)
{
	uint32_t qid = command->sqe->dw10 & 0xffff, entries = (command->sqe->dw10 >> 16) + 1;

	if (!queue_id_valid(qid) || queues[qid].valid)
		return NVME_INVALID_QUEUE_ID | NVME_STATUS_DNR;
	if (entries < 2 || entries > SEE_MAX_QUEUE_ENTRIES)
		return NVME_INVALID_QUEUE_SIZE | NVME_STATUS_DNR;
	if (!(command->sqe->dw11 & PHYSICALLY_CONTIGUOUS))
		return NVME_INVALID_FIELD | NVME_STATUS_DNR;
	if (command->sqe->dptr[0] % NVME_PAGE_BYTES != 0)
		return NVME_INVALID_PRP_OFFSET | NVME_STATUS_DNR;
	return NVME_SUCCESS;
}

void admin_create_cq(const struct admin_command *command)
{
	struct controller *controller = command->controller;
	const struct nvme_sqe *sqe = command->sqe;
	uint32_t qid = sqe->dw10 & 0xffff, vector = sqe->dw11 >> 16;
	uint16_t status = create_status(command, controller->cqs);

	if (status == NVME_SUCCESS && vector >= SEE_NUM_VECTORS)
		status = NVME_INVALID_VECTOR | NVME_STATUS_DNR;
	if (status == NVME_SUCCESS) {
		see_create_cq(controller->function, qid, sqe->dptr[0], (sqe->dw10 >> 16) + 1,
			(sqe->dw11 & INTERRUPTS_ENABLED) != 0, vector);
		controller->cqs[qid] = (struct controller_queue){.valid = true};
		controller->io_queues++;
	}
	admin_complete(command, status, 0);
}

static uint16_t completion_queue_status(const struct controller *controller, uint32_t cqid)
{
	if (!queue_id_valid(cqid))
		return NVME_INVALID_QUEUE_ID | NVME_STATUS_DNR;
	return controller->cqs[cqid].valid ? NVME_SUCCESS : NVME_INVALID_CQ | NVME_STATUS_DNR;
}

void admin_create_sq(const struct admin_command *command)
{
	struct controller *controller = command->controller;
	const struct nvme_sqe *sqe = command->sqe;
	uint32_t qid = sqe->dw10 & 0xffff, cqid = sqe->dw11 >> 16;
	uint16_t status = create_status(command, controller->sqs);

	if (status == NVME_SUCCESS)
		status = completion_queue_status(controller, cqid);
	if (status == NVME_SUCCESS) {
		see_create_sq(controller->function, qid, sqe->dptr[0], (sqe->dw10 >> 16) + 1, cqid,
			features_weighted(controller->function) ? sqe->dw11 >> 1 & 3 : 0);
		controller->sqs[qid] = (struct controller_queue){.valid = true, .cqid = (uint8_t)cqid};
		controller->cqs[cqid].users++;
		controller->io_queues++;
	}
	admin_complete(command, status, 0);
}

void admin_delete_cq(const struct admin_command *command)
{
	struct controller *controller = command->controller;
	uint32_t qid = command->sqe->dw10 & 0xffff;

	if (!queue_id_valid(qid) || !controller->cqs[qid].valid) {
		admin_complete(command, NVME_INVALID_QUEUE_ID | NVME_STATUS_DNR, 0);
	} else if (controller->cqs[qid].users > 0) {
		admin_complete(command, NVME_INVALID_QUEUE_DELETION | NVME_STATUS_DNR, 0);
	} else {
		see_delete_cq(controller->function, qid);
		controller->cqs[qid].valid = false;
		controller->io_queues--;
		admin_complete(command, NVME_SUCCESS, 0);
	}
}

void admin_delete_sq(const struct admin_command *command)
{
	struct controller *controller = command->controller;
	uint32_t qid = command->sqe->dw10 & 0xffff;
	unsigned slot = command->descriptor->slot;

	if (!queue_id_valid(qid) || !controller->sqs[qid].valid || deletion_pending(controller->function, qid)) {
		admin_complete(command, NVME_INVALID_QUEUE_ID | NVME_STATUS_DNR, 0);
		return;
	}
	deletions[slot] = (struct deletion){true, (uint8_t)controller->function, (uint8_t)qid, (uint8_t)slot};
	deletions_busy++;
	see_delete_sq(controller->function, qid);
	io_cancel(controller->function, qid);
	queues_run();
}

static void deletion_over(struct deletion *deletion)
{
	deletion->busy = false;
	deletions_busy--;
	see_complete(deletion->slot, NVME_SUCCESS, 0, 0);
}

bool queues_run(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && deletions_busy > 0; slot++) {
		struct deletion *deletion = &deletions[slot];
		struct controller *controller;

		if (!deletion->busy || see_queue_inflight(deletion->function, deletion->qid) > 0)
			continue;
		controller = controller_of(deletion->function);
		controller->cqs[controller->sqs[deletion->qid].cqid].users--;
		controller->sqs[deletion->qid].valid = false;
		controller->io_queues--;
		deletion_over(deletion);
	}
	return deletions_busy > 0;
}

static bool see_has(const struct controller *controller, unsigned qid, uint32_t control, uint64_t valid)
{
	return (see_queue_read(controller->function, qid, control) & valid) != 0;
}

bool queues_are_sound(const struct controller *controller)
{
	unsigned users[SEE_NUM_QUEUES] = {0}, queues = 0;

	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++) {
		if (controller->sqs[qid].cqid >= SEE_NUM_QUEUES)
			return false;
		users[controller->sqs[qid].cqid] += controller->sqs[qid].valid;
		queues += (unsigned)controller->sqs[qid].valid + (unsigned)controller->cqs[qid].valid;
	}
	for (unsigned qid = 1; qid < SEE_NUM_QUEUES; qid++)
		if (users[qid] != controller->cqs[qid].users || (users[qid] > 0 && !controller->cqs[qid].valid) ||
		    (see_has(controller, qid, SEE_SQ_CONTROL, SEE_SQ_CONTROL_VALID_MASK) && !controller->sqs[qid].valid) ||
		    see_has(controller, qid, SEE_CQ_CONTROL, SEE_CQ_CONTROL_VALID_MASK) != controller->cqs[qid].valid)
			return false;
	return queues == controller->io_queues;
}

void queues_restore(struct controller *controller, const struct function_state *state)
{
	controller->io_queues = 0;
	memset(controller->sqs, 0, sizeof(controller->sqs));
	memset(controller->cqs, 0, sizeof(controller->cqs));
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++) {
		const struct function_state_queue *queue = &state->queue[qid];
		bool cq = FIELD_GET(SEE_CQ_CONTROL_VALID, queue->cq_control) != 0;

		see_restore_cq(controller->function, qid, queue->cq_address, queue->cq_control, queue->cq_state);
		controller->cqs[qid].valid = qid > 0 && cq;
		controller->io_queues += controller->cqs[qid].valid;
	}
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++) {
		const struct function_state_queue *queue = &state->queue[qid];
		bool sq = FIELD_GET(SEE_SQ_CONTROL_VALID, queue->sq_control) != 0;

		see_restore_sq(controller->function, qid, queue->sq_address, queue->sq_control, queue->sq_state);
		if (qid == 0 || !sq)
			continue;
		controller->sqs[qid] = (struct controller_queue){.valid = true, .cqid = (uint8_t)FIELD_GET(SEE_SQ_CONTROL_CQID, queue->sq_control)};
		controller->cqs[controller->sqs[qid].cqid].users++;
		controller->io_queues++;
	}
}

void queues_reset(struct controller *controller)
{
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++) {
		see_delete_sq(controller->function, qid);
		see_delete_cq(controller->function, qid);
		controller->sqs[qid] = controller->cqs[qid] = (struct controller_queue){0};
	}
	controller->io_queues = 0;
	queues_share();
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && deletions_busy > 0; slot++)
		if (deletions[slot].busy && deletions[slot].function == controller->function)
			deletion_over(&deletions[slot]);
}
