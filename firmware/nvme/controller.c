#include "firmware/nvme/controller.h"

#include "firmware/boot/keep.h"
#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/nvme/function_state_wire.h"
#include "firmware/core/log.h"
#include "firmware/nvme/layout.h"
#include "rtl/gen/field.h"

#include <string.h>

/* How often a waiting queue deletion or attachment is looked at. */
#define WAIT_TICKS (CLOCK_TICKS_PER_MS / 20)

static struct controller controllers[SEE_NUM_FUNCTIONS] KEEP;
#ifdef __riscv
_Static_assert(sizeof(struct controller) == 1320 && KEEP_LAYOUT == 5, "another layout of what is kept is another number");
#endif
static bool enables_waiting; /* at least one of them is `enabling` */
bool controller_attention = true;
static uint64_t update_ticks; /* when firmware_run() is to be called */

struct controller *controller_of(unsigned function)
{
	return &controllers[function];
}

static const struct admin_handler {
	uint8_t opcode;
	bool pf_only;
	void (*handle)(const struct admin_command *command);
} handlers[] = {
	{NVME_ADMIN_DELETE_SQ, false, admin_delete_sq},
	{NVME_ADMIN_CREATE_SQ, false, admin_create_sq},
	{NVME_ADMIN_GET_LOG_PAGE, false, admin_get_log_page},
	{NVME_ADMIN_DELETE_CQ, false, admin_delete_cq},
	{NVME_ADMIN_CREATE_CQ, false, admin_create_cq},
	{NVME_ADMIN_IDENTIFY, false, admin_identify},
	{NVME_ADMIN_ABORT, false, admin_abort},
	{NVME_ADMIN_SET_FEATURES, false, admin_set_features},
	{NVME_ADMIN_GET_FEATURES, false, admin_get_features},
	{NVME_ADMIN_ASYNC_EVENT, false, admin_async_event},
	{NVME_ADMIN_FIRMWARE_COMMIT, true, admin_firmware_commit},
	{NVME_ADMIN_FIRMWARE_DOWNLOAD, true, admin_firmware_download},
	{NVME_ADMIN_FUNCTION_HOLD, true, admin_function_hold},
	{NVME_ADMIN_FUNCTION_RELEASE, true, admin_function_release},
	{NVME_ADMIN_FUNCTION_GET, true, admin_function_get},
	{NVME_ADMIN_FUNCTION_SET, true, admin_function_set},
	{NVME_ADMIN_ATTACH_VOLUME, true, admin_attach_volume},
	{NVME_ADMIN_LIST_VOLUMES, true, admin_list_volumes},
	{NVME_ADMIN_LIMIT_FUNCTION, true, admin_limit_function},
};

void controller_admin_effects(const struct controller *controller, uint32_t effects[256])
{
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++)
		if (!handlers[i].pf_only || controller->function == 0)
			effects[handlers[i].opcode] = 1; /* CSUPP */
}

void controller_log_error(struct controller *controller, uint16_t sqid, uint16_t cid, uint16_t status, uint64_t lba,
	uint32_t nsid)
{
	struct error_entry *entry = &controller->error_log[controller->errors % CONTROLLER_ERRORS];

	controller->errors++;
	*entry = (struct error_entry){
		.count = controller->errors,
		.sqid = sqid,
		.cid = cid,
		.status = (uint16_t)(status << 1),
		.location = 0xffff, /* no particular field */
		.lba = lba,
		.nsid = nsid,
	};
}

void admin_complete(const struct admin_command *command, uint16_t status, uint32_t dw0)
{
	if ((status & NVME_STATUS_MASK) != NVME_SUCCESS)
		controller_log_error(command->controller, 0, command->sqe->cid, status, 0, command->sqe->nsid);
	see_complete(command->descriptor->slot, status, dw0, 0);
}

void admin_complete_data(const struct admin_command *command, uint32_t bytes)
{
	see_complete(command->descriptor->slot, NVME_SUCCESS, 0, bytes);
}

static void handle_admin(struct controller *controller, const struct see_descriptor *descriptor)
{
	struct admin_command command = {controller, descriptor, descriptor->sqe};
	uint8_t opcode = descriptor->sqe->opcode;

	if ((descriptor->sqe->flags & 0xc3) != 0) { /* fused, or SGLs, which admin commands must not use */
		admin_complete(&command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
		return;
	}
	for (size_t i = 0; i < sizeof(handlers) / sizeof(handlers[0]); i++) {
		if (handlers[i].opcode == opcode && (!handlers[i].pf_only || controller->function == 0)) {
			handlers[i].handle(&command);
			return;
		}
	}
	admin_complete(&command, NVME_INVALID_OPCODE | NVME_STATUS_DNR, 0);
}

/* What a reset of any kind leaves behind: features and queues at their defaults, volume and counters as they were. */
static void controller_reset(struct controller *controller)
{
	if (controller->enabled)
		log_line("nvme %u: disabled", controller->function);
	controller->enabled = controller->enabling = false;
	io_cancel(controller->function, 0);
	queues_reset(controller);
	features_reset(controller);
	async_reset(controller);
	attach_forget(controller);
	function_state_forget(controller);
	firmware_reset(controller);
}

static bool configuration_valid(uint64_t cc, uint64_t aqa, uint64_t asq, uint64_t acq)
{
	return FIELD_GET(SEE_CC_CSS, cc) == 0 && FIELD_GET(SEE_CC_MPS, cc) == 0 && FIELD_GET(SEE_CC_AMS, cc) <= NVME_AMS_WEIGHTED &&
	       FIELD_GET(SEE_AQA_ASQS, aqa) > 0 && FIELD_GET(SEE_AQA_ACQS, aqa) > 0 &&
	       asq != 0 && acq != 0 &&
	       (asq | acq) % NVME_PAGE_BYTES == 0;
}

static void controller_start(struct controller *controller)
{
	unsigned function = controller->function;
	uint64_t cc = see_function_read(function, SEE_FN_CC), aqa = see_function_read(function, SEE_FN_AQA);
	uint64_t asq = see_function_read(function, SEE_FN_ASQ), acq = see_function_read(function, SEE_FN_ACQ);

	if (!configuration_valid(cc, aqa, asq, acq)) {
		log_line("nvme %u: refuses to start: CC %lx AQA %lx ASQ %lx ACQ %lx", function, (unsigned long)cc,
			(unsigned long)aqa, (unsigned long)asq, (unsigned long)acq);
		see_function_write(function, SEE_FN_CSTS, SEE_CSTS_CFS_MASK);
		return;
	}
	see_create_cq(function, 0, acq, (uint32_t)FIELD_GET(SEE_AQA_ACQS, aqa) + 1, true, 0);
	see_create_sq(function, 0, asq, (uint32_t)FIELD_GET(SEE_AQA_ASQS, aqa) + 1, 0, 0);
	features_apply(controller);
	controller->enabled = true;
	queues_share();
	controller->power_cycles++;
	controller->enabled_ticks = clock_ticks();
	see_function_write(function, SEE_FN_CSTS, SEE_CSTS_RDY_MASK);
	log_line("nvme %u: enabled, admin queues of %lu and %lu entries", function,
		(unsigned long)FIELD_GET(SEE_AQA_ASQS, aqa) + 1, (unsigned long)FIELD_GET(SEE_AQA_ACQS, aqa) + 1);
}

/* A write of the life before could still reach the storage after one of the new life: not before it has ended. */
static bool enable_run(void)
{
	bool waiting = false;

	if (!enables_waiting)
		return false;
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++) {
		struct controller *controller = &controllers[function];

		if (!controller->enabling)
			continue;
		if (io_pending(function)) {
			waiting = true;
			continue;
		}
		controller->enabling = false;
		controller_start(controller);
	}
	enables_waiting = waiting;
	return waiting;
}

/* Nothing is cached here that a shutdown would have to flush: what was acknowledged is at the storage. */
static void controller_shutdown(struct controller *controller)
{
	uint64_t ready = see_function_read(controller->function, SEE_FN_CSTS) & SEE_CSTS_RDY_MASK;

	log_line("nvme %u: shut down", controller->function);
	see_function_write(controller->function, SEE_FN_CSTS, ready | FIELD_PREP(SEE_CSTS_SHST, 2));
}

/* A command has failed in the SEE: a check, a PRP, or its data. Two admin commands pull host data. */
static void handle_pulled(struct controller *controller, const struct see_descriptor *descriptor)
{
	struct admin_command command = {controller, descriptor, descriptor->sqe};

	if (!descriptor->status && descriptor->qid == 0 && descriptor->sqe->opcode == NVME_ADMIN_FUNCTION_SET)
		function_state_pulled(&command);
	else if (!descriptor->status && descriptor->qid == 0 && descriptor->sqe->opcode == NVME_ADMIN_FIRMWARE_DOWNLOAD)
		firmware_pulled(&command);
	else if (descriptor->qid > 0)
		io_refuse(controller, descriptor, descriptor->status);
	else
		admin_complete(&command, descriptor->status ? descriptor->status : NVME_INTERNAL_ERROR, 0);
}

void controller_handle(const struct see_descriptor *descriptor)
{
	struct controller *controller = &controllers[descriptor->function];

	controller_attention |= descriptor->type != SEE_DESC_COMMAND || descriptor->qid == 0;
	switch (descriptor->type) {
	case SEE_DESC_COMMAND:
		if (descriptor->qid > 0)
			io_start(controller, descriptor);
		else
			handle_admin(controller, descriptor);
		break;
	case SEE_DESC_PULLED:
		handle_pulled(controller, descriptor);
		break;
	case SEE_DESC_ENABLE:
		controller->enabling = enables_waiting = true;
		enable_run();
		break;
	case SEE_DESC_DISABLE:
	case SEE_DESC_FLR:
		controller_reset(controller);
		break;
	case SEE_DESC_SHUTDOWN:
		controller_shutdown(controller);
		break;
	case SEE_DESC_BAD_DOORBELL:
		controller_log_error(controller, descriptor->qid, 0xffff, 0, 0, 0);
		async_raise(controller,
			descriptor->doorbell_value ? ASYNC_INVALID_DOORBELL_VALUE : ASYNC_INVALID_DOORBELL);
		break;
	default:
		log_panic("see: descriptor of type %u", descriptor->type);
	}
}

static void controller_clear(struct controller *controller, unsigned function)
{
	memset(controller, 0, sizeof(*controller));
	controller->function = function;
	controller->volume = CONTROLLER_NO_VOLUME;
	features_reset(controller);
}

void controller_init(void)
{
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		controller_clear(&controllers[function], function);
	attach_reset();
	firmware_start();
	controller_attention = true;
}

static bool is_sound(const struct controller *controller, unsigned function)
{
	bool ready = (see_function_read(function, SEE_FN_CSTS) & SEE_CSTS_RDY_MASK) != 0;

	return controller->function == function && (controller->volume < CONFIG_VOLUMES_MAX || controller->volume == CONTROLLER_NO_VOLUME) &&
	       controller->aers <= CONTROLLER_AERS && controller->posts_waiting <= CONTROLLER_AERS - controller->aers && (!ready || controller->enabled) && queues_are_sound(controller);
}

/* What was kept is held against what the SEE knows. Where they differ the host is told, and resets the controller. */
void controller_recover(void)
{
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++) {
		struct controller *controller = &controllers[function];

		if (is_sound(controller, function)) {
			enables_waiting |= controller->enabling;
			async_resume(controller);
			continue;
		}
		log_line("nvme %u: its state is lost", function);
		controller_clear(controller, function); /* first: nothing in it can be relied on, not even its number */
		queues_reset(controller);
		see_detach(function);
		if (see_function_read(function, SEE_FN_CC) & SEE_CC_EN_MASK)
			see_function_write(function, SEE_FN_CSTS, see_function_read(function, SEE_FN_CSTS) | SEE_CSTS_CFS_MASK);
	}
	queues_share();
	firmware_start();
	controller_attention = true;
}

bool controller_volumes_known(void)
{
	for (unsigned function = 0; function < SEE_NUM_FUNCTIONS; function++)
		if (controllers[function].volume != CONTROLLER_NO_VOLUME && !layout_info(controllers[function].volume)->known)
			return false;
	return true;
}

/* An I/O command of a plain volume leaves nothing for it to do: its turns cost a look at the clock. */
uint64_t controller_run(void)
{
	bool waiting;

	if (!controller_attention && clock_ticks() < update_ticks)
		return update_ticks;
	waiting = queues_run();
	waiting |= attach_run();
	waiting |= enable_run();
	uint64_t io = io_run();
	waiting |= async_run() || io <= clock_ticks();
	uint64_t holds = function_state_run(), next = waiting ? clock_ticks() + WAIT_TICKS : io;

	next = holds < next ? holds : next;
	if (firmware_has_work || clock_ticks() >= update_ticks)
		update_ticks = firmware_run();
	controller_attention = next != UINT64_MAX || firmware_has_work || io_watches();
	return update_ticks < next ? update_ticks : next;
}
