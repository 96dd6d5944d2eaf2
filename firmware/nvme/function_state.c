/* A function is held still, its state is taken or given back (rtl/see/README.md section 10, 14): for snapshots of the virtual machine that
 * has it. Vendor commands of the PF, function_state_wire.h. */
#include "firmware/nvme/controller.h"
#include "firmware/nvme/function_state_wire.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"
#include "rtl/gen/field.h"

#include <string.h>

#define LOOK_TICKS (CLOCK_TICKS_PER_MS / 200)

_Static_assert(FUNCTION_STATE_QUEUES == SEE_NUM_QUEUES, "all queues");

static struct hold {
	bool busy;
	uint8_t function;
} holds[SEE_NUM_SLOTS]; /* by the slot of the command that waits */
static unsigned holds_busy;
static struct function_state buffer;

/* The VF of a command, or NULL: answered already. */
static struct controller *function_of(const struct admin_command *command, bool held)
{
	uint32_t function = command->sqe->dw10;

	if (function > 0 && function < SEE_NUM_FUNCTIONS && controller_of(function)->held == held)
		return controller_of(function);
	admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
	return NULL;
}

/* The VF of a command that takes or gives its state: nothing of it is under way any more. A deletion of a queue, for one, would end after the
 * queues had been replaced, and take one of the new ones with it. */
static struct controller *still_function_of(const struct admin_command *command)
{
	struct controller *controller = function_of(command, true);

	if (!controller || see_function_read(controller->function, SEE_FN_INFLIGHT) == 0)
		return controller;
	admin_complete(command, NVME_COMMAND_SEQUENCE_ERROR, 0);
	return NULL;
}

void admin_function_hold(const struct admin_command *command)
{
	struct controller *controller = function_of(command, false);

	if (!controller)
		return;
	controller->held = true;
	see_hold(controller->function, true);
	holds[command->descriptor->slot] = (struct hold){true, (uint8_t)controller->function};
	holds_busy++;
}

static void hold_over(unsigned slot, uint16_t status)
{
	holds[slot].busy = false;
	holds_busy--;
	see_complete(slot, status, 0, 0);
}

uint64_t function_state_run(void)
{
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && holds_busy > 0; slot++)
		if (holds[slot].busy && see_function_read(holds[slot].function, SEE_FN_INFLIGHT) == 0)
			hold_over(slot, NVME_SUCCESS);
	return holds_busy > 0 ? clock_ticks() + LOOK_TICKS : UINT64_MAX;
}

static void let_go(struct controller *controller)
{
	if (!controller->held)
		return;
	controller->held = false;
	see_hold(controller->function, false);
	async_resume(controller);
}

/* The PF's reset takes back what it had asked for: nobody else would let its functions go. */
void function_state_forget(struct controller *controller)
{
	if (controller->function != 0)
		return;
	for (unsigned slot = 0; slot < SEE_NUM_SLOTS && holds_busy > 0; slot++)
		if (holds[slot].busy)
			hold_over(slot, NVME_ABORTED_BY_REQUEST);
	for (unsigned function = 1; function < SEE_NUM_FUNCTIONS; function++)
		let_go(controller_of(function));
}

void admin_function_release(const struct admin_command *command)
{
	struct controller *controller = function_of(command, true);

	if (!controller)
		return;
	let_go(controller);
	admin_complete(command, NVME_SUCCESS, 0);
}

static void read_queues(struct function_state *state, unsigned function)
{
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++) {
		struct function_state_queue *queue = &state->queue[qid];

		queue->sq_address = see_queue_read(function, qid, SEE_SQ_ADDRESS);
		queue->sq_control = see_queue_read(function, qid, SEE_SQ_CONTROL);
		queue->sq_state = see_queue_read(function, qid, SEE_SQ_STATE);
		queue->cq_address = see_queue_read(function, qid, SEE_CQ_ADDRESS);
		queue->cq_control = see_queue_read(function, qid, SEE_CQ_CONTROL);
		queue->cq_state = see_queue_read(function, qid, SEE_CQ_STATE);
	}
}

static void read_controller(struct function_state *state, const struct controller *controller)
{
	memcpy(state->features, controller->features, sizeof(controller->features));
	memcpy(state->vector_config, controller->vector_config, sizeof(controller->vector_config));
	memcpy(state->aer_cids, controller->aer_cids, sizeof(controller->aer_cids));
	state->temperature_under = controller->temperature_under;
	state->temperature_over = controller->temperature_over;
	state->aers = (uint8_t)controller->aers;
	for (unsigned event = 0; event < ASYNC_EVENTS; event++)
		state->raised[event] = controller->raised[event];
	memcpy(state->posts, controller->posts, sizeof(controller->posts));
	state->posts_waiting = (uint8_t)controller->posts_waiting;
	state->masked_types = controller->masked_types;
	state->namespace_changed = controller->namespace_changed;
	state->errors = controller->errors;
	state->read_commands = controller->read_commands;
	state->write_commands = controller->write_commands;
	state->read_blocks = controller->read_blocks;
	state->written_blocks = controller->written_blocks;
	state->power_cycles = controller->power_cycles;
	state->blocks = controller->blocks;
	state->block_shift = controller->block_shift;
}

_Static_assert(CONTROLLER_FEATURES <= 16 && SEE_NUM_VECTORS <= 16 && CONTROLLER_AERS <= 8 && sizeof(struct async_post) == sizeof(struct function_state_post) && ASYNC_EVENTS <= 8, "room in the wire format");

/* The function's guest stands still meanwhile: the state is put together where it is sent from. */
void admin_function_get(const struct admin_command *command)
{
	struct controller *controller = still_function_of(command);
	struct function_state *state = (struct function_state *)(void *)command->descriptor->buffer;

	if (!controller)
		return;
	if ((uintptr_t)state % sizeof(uint64_t) != 0) {
		admin_complete(command, NVME_INVALID_PRP_OFFSET | NVME_STATUS_DNR, 0);
		return;
	}
	memset(state, 0, sizeof(*state));
	state->magic = FUNCTION_STATE_MAGIC;
	state->version = FUNCTION_STATE_VERSION;
	state->cc = (uint32_t)see_function_read(controller->function, SEE_FN_CC);
	state->csts = (uint32_t)see_function_read(controller->function, SEE_FN_CSTS);
	state->aqa = (uint32_t)see_function_read(controller->function, SEE_FN_AQA);
	state->asq = see_function_read(controller->function, SEE_FN_ASQ);
	state->acq = see_function_read(controller->function, SEE_FN_ACQ);
	if (controller->enabled)
		read_queues(state, controller->function);
	read_controller(state, controller);
	admin_complete_data(command, FUNCTION_STATE_BYTES);
}

void admin_function_set(const struct admin_command *command)
{
	if (still_function_of(command))
		see_pull(command->descriptor->slot, FUNCTION_STATE_BYTES);
}

static unsigned queue_limit(unsigned qid)
{
	return qid == 0 ? SEE_MAX_ADMIN_ENTRIES : SEE_MAX_QUEUE_ENTRIES;
}

static bool queue_is_sound(const struct function_state *state, unsigned qid)
{
	const struct function_state_queue *queue = &state->queue[qid];
	bool sq = FIELD_GET(SEE_SQ_CONTROL_VALID, queue->sq_control) != 0, cq = FIELD_GET(SEE_CQ_CONTROL_VALID, queue->cq_control) != 0;
	unsigned sq_size = (unsigned)FIELD_GET(SEE_SQ_CONTROL_SIZE, queue->sq_control), cqid = (unsigned)FIELD_GET(SEE_SQ_CONTROL_CQID, queue->sq_control);
	unsigned cq_size = (unsigned)FIELD_GET(SEE_CQ_CONTROL_SIZE, queue->cq_control);

	if (sq && (sq_size < 2 || sq_size > queue_limit(qid) || cqid >= SEE_NUM_QUEUES || (qid == 0) != (cqid == 0) ||
	    !FIELD_GET(SEE_CQ_CONTROL_VALID, state->queue[cqid].cq_control) || queue->sq_address % NVME_PAGE_BYTES))
		return false;
	if (cq && (cq_size < 2 || cq_size > queue_limit(qid) || FIELD_GET(SEE_CQ_CONTROL_VECTOR, queue->cq_control) >= SEE_NUM_VECTORS ||
	    queue->cq_address % NVME_PAGE_BYTES))
		return false;
	return true;
}

static bool state_is_sound(const struct function_state *state, const struct controller *controller)
{
	if (state->magic != FUNCTION_STATE_MAGIC || state->version != FUNCTION_STATE_VERSION || state->aers + state->posts_waiting > CONTROLLER_AERS ||
	    state->blocks != controller->blocks || state->block_shift != controller->block_shift)
		return false;
	for (unsigned qid = 0; qid < SEE_NUM_QUEUES; qid++)
		if (!queue_is_sound(state, qid))
			return false;
	return true;
}

static void write_controller(struct controller *controller, const struct function_state *state)
{
	memcpy(controller->features, state->features, sizeof(controller->features));
	memcpy(controller->vector_config, state->vector_config, sizeof(controller->vector_config));
	memcpy(controller->aer_cids, state->aer_cids, sizeof(controller->aer_cids));
	controller->temperature_under = state->temperature_under;
	controller->temperature_over = state->temperature_over;
	controller->aers = state->aers;
	for (unsigned event = 0; event < ASYNC_EVENTS; event++)
		controller->raised[event] = state->raised[event] != 0;
	memcpy(controller->posts, state->posts, sizeof(controller->posts));
	controller->posts_waiting = state->posts_waiting;
	controller->masked_types = state->masked_types;
	controller->namespace_changed = state->namespace_changed != 0;
	controller->errors = state->errors;
	controller->read_commands = state->read_commands;
	controller->write_commands = state->write_commands;
	controller->read_blocks = state->read_blocks;
	controller->written_blocks = state->written_blocks;
	controller->power_cycles = state->power_cycles;
}

void function_state_pulled(const struct admin_command *command)
{
	struct controller *controller = still_function_of(command);

	if (!controller)
		return;
	memcpy(&buffer, command->descriptor->buffer, sizeof(buffer));
	if (!controller->enabled || !state_is_sound(&buffer, controller)) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	queues_restore(controller, &buffer);
	write_controller(controller, &buffer);
	features_apply(controller);
	log_line("nvme %u: goes on where it stood, %u I/O queues", controller->function, controller->io_queues);
	admin_complete(command, NVME_SUCCESS, 0);
}
