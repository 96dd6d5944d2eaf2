/* Asynchronous events (NVMe 1.4 section 5.2) and Abort (5.1). A request does not hold a slot: it is released, and answered
 * later through a post. */
#include "firmware/nvme/controller.h"

static const struct {
	uint8_t type;
	uint8_t information;
	uint8_t page;       /* reading it re-arms the type */
	uint32_t configured; /* bits of feature 0Bh that allow the event; 0: always */
} events[ASYNC_EVENTS] = {
	[ASYNC_INVALID_DOORBELL] = {0, 0, NVME_LOG_ERROR, 0},
	[ASYNC_INVALID_DOORBELL_VALUE] = {0, 1, NVME_LOG_ERROR, 0},
	[ASYNC_TEMPERATURE] = {1, 1, NVME_LOG_SMART, 1u << 1},
	[ASYNC_NAMESPACE_CHANGED] = {2, 0, NVME_LOG_CHANGED_NAMESPACES, 1u << 8},
};

static bool posts_wait; /* of some controller */

/* One answer of a function is under way at a time: a host that leaves its completion queue full holds one slot, no more. */
static void send_posts(struct controller *controller)
{
	if (controller->held || controller->posts_waiting == 0)
		return;
	if (!see_post_waits(controller->function)) {
		const struct async_post *post = &controller->posts[0];

		see_post(controller->function, 0, post->cid, post->status, post->dw0);
		controller->posts_waiting--;
		for (unsigned i = 0; i < controller->posts_waiting; i++)
			controller->posts[i] = controller->posts[i + 1];
	}
	posts_wait |= controller->posts_waiting > 0;
	controller_attention |= posts_wait;
}

bool async_run(void)
{
	if (!posts_wait)
		return false;
	posts_wait = false;
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		send_posts(controller_of(function));
	return posts_wait;
}

/* Answers the request that is number @p index among those kept. */
static void answer_request(struct controller *controller, unsigned index, uint16_t status, uint32_t dw0)
{
	controller->posts[controller->posts_waiting++] = (struct async_post){controller->aer_cids[index], status, dw0};
	controller->aers--;
	for (unsigned i = index; i < controller->aers; i++)
		controller->aer_cids[i] = controller->aer_cids[i + 1];
	send_posts(controller);
}

static void async_deliver(struct controller *controller)
{
	for (unsigned event = 0; event < ASYNC_EVENTS && controller->aers > 0 && !controller->held; event++) {
		uint8_t type_bit = (uint8_t)(1u << events[event].type);

		if (!controller->raised[event] || (controller->masked_types & type_bit))
			continue;
		controller->raised[event] = false;
		controller->masked_types |= type_bit;
		answer_request(controller, 0, NVME_SUCCESS,
			(uint32_t)events[event].page << 16 | (uint32_t)events[event].information << 8 | events[event].type);
	}
}

void async_resume(struct controller *controller)
{
	async_deliver(controller);
	send_posts(controller);
}

void async_raise(struct controller *controller, enum async_event event)
{
	if (!controller->enabled)
		return;
	if (events[event].configured && !(controller->features[NVME_FEATURE_ASYNC_EVENTS] & events[event].configured))
		return;
	controller->raised[event] = true;
	async_deliver(controller);
}

bool controller_is_hot(const struct controller *controller)
{
	return controller->temperature_over <= CONTROLLER_KELVIN || controller->temperature_under >= CONTROLLER_KELVIN;
}

void async_temperature(struct controller *controller)
{
	if (controller_is_hot(controller))
		async_raise(controller, ASYNC_TEMPERATURE);
}

bool async_unread(const struct controller *controller, enum async_event event)
{
	return controller->masked_types >> events[event].type & 1;
}

void async_told(struct controller *controller, enum async_event event)
{
	controller->raised[event] = false;
}

void async_log_read(struct controller *controller, enum nvme_log_page page)
{
	for (unsigned event = 0; event < ASYNC_EVENTS; event++)
		if (events[event].page == page)
			controller->masked_types &= (uint8_t)~(1u << events[event].type);
	async_deliver(controller);
}

void async_reset(struct controller *controller)
{
	controller->aers = controller->posts_waiting = 0;
	controller->masked_types = 0;
	for (unsigned event = 0; event < ASYNC_EVENTS; event++)
		controller->raised[event] = false;
}

void admin_async_event(const struct admin_command *command)
{
	struct controller *controller = command->controller;

	if (controller->aers + controller->posts_waiting >= CONTROLLER_AERS) {
		admin_complete(command, NVME_AER_LIMIT_EXCEEDED | NVME_STATUS_DNR, 0);
		return;
	}
	controller->aer_cids[controller->aers++] = command->sqe->cid;
	see_release(command->descriptor->slot);
	async_deliver(controller);
}

bool async_abort(struct controller *controller, uint16_t cid)
{
	for (unsigned i = 0; i < controller->aers; i++) {
		if (controller->aer_cids[i] != cid)
			continue;
		answer_request(controller, i, NVME_ABORTED_BY_REQUEST, 0);
		return true;
	}
	return false;
}

void admin_abort(const struct admin_command *command)
{
	struct controller *controller = command->controller;
	uint32_t sqid = command->sqe->dw10 & 0xffff;
	uint16_t cid = (uint16_t)(command->sqe->dw10 >> 16);
	bool aborted;

	if (sqid > CONTROLLER_IO_QUEUES || (sqid > 0 && !controller->sqs[sqid].valid)) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 1);
		return;
	}
	aborted = sqid == 0 ? async_abort(controller, cid) : io_abort(controller->function, sqid, cid);
	admin_complete(command, NVME_SUCCESS, aborted ? 0 : 1);
}
