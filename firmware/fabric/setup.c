/* From an open TCP connection to a ready path: a list of admin commands, each started when the one before it succeeded. */
#include "firmware/fabric/setup.h"

#include "firmware/core/clock.h"
#include "firmware/core/log.h"

#include <string.h>

#define RDY_POLL_MS 1

static enum setup_outcome finish_plainly(struct path *path, uint64_t result)
{
	(void)path;
	(void)result;
	return SETUP_NEXT;
}

static bool is_storage(const struct path *path)
{
	return !path->discovers;
}

static bool has_ana(const struct path *path)
{
	return path->ana;
}

static bool is_discovery(const struct path *path)
{
	return path->discovers;
}

static const struct setup_step steps[] = {
	{"Connect (admin)", false, false, NULL, setup_start_connect_admin, setup_finish_connect_admin},
	{"Property Get CAP", false, false, NULL, setup_start_get_cap, setup_finish_get_cap},
	{"Property Set CC", false, false, NULL, setup_start_set_cc, finish_plainly},
	{"Property Get CSTS", false, false, NULL, setup_start_get_csts, setup_finish_get_csts},
	{"Get Log Page, discovery header", false, false, is_discovery, setup_start_get_discovery_header, setup_finish_get_discovery_header},
	{"Get Log Page, discovery", false, false, is_discovery, setup_start_get_discovery, setup_finish_get_discovery},
	{"Identify Controller", false, false, is_storage, setup_start_identify_controller, setup_finish_identify_controller},
	{"Set Features, number of queues", false, false, is_storage, setup_start_set_queues, setup_finish_set_queues},
	{"Set Features, asynchronous events", false, true, is_storage, setup_start_set_events, finish_plainly},
	{"Identify Namespace", false, true, is_storage, setup_start_identify_namespace, setup_finish_identify_namespace},
	{"Identify Namespace, descriptors", false, true, is_storage, setup_start_identify_descriptors, setup_finish_identify_descriptors},
	{"Get Log Page, asymmetric access", false, false, has_ana, setup_start_get_ana, setup_finish_get_ana},
	{"Connect (I/O)", true, false, is_storage, setup_start_connect_io, setup_finish_connect_io},
};

#define STEPS (sizeof(steps) / sizeof(steps[0]))

static struct path *path_of_setup(struct fabric_command *command)
{
	return (struct path *)(void *)((uint8_t *)command - offsetof(struct path, setup));
}

static void setup_failed(struct path *path, uint16_t status)
{
	const struct setup_step *step = &steps[path->step];

	log_line("%s: %s failed, status %x", path->name, step->name, status);
	if ((status & NVME_STATUS_MASK) == NVME_CONNECT_INVALID_PARAMETERS)
		setup_connect_refused(path, step->on_io_queue);
	fabric_queue_fail(&path->admin, "set-up failed");
}

static void next_step(struct path *path)
{
	do {
		path->step++;
	} while (path->step < STEPS && steps[path->step].wanted && !steps[path->step].wanted(path));
	if (path->step == STEPS)
		return;
	if (steps[path->step].on_io_queue)
		path_open_io(path); /* and the step when it is open */
	else
		setup_repeat(path);
}

static void setup_done(struct fabric_command *command)
{
	struct path *path = path_of_setup(command);
	const struct setup_step *step = &steps[path->step];
	enum setup_outcome outcome;

	if (command->status != NVME_SUCCESS && !step->optional) {
		setup_failed(path, command->status);
		return;
	}
	outcome = step->finish(path, command->result);
	if (outcome == SETUP_FAILED)
		setup_failed(path, NVME_SUCCESS);
	else if (outcome == SETUP_MORE)
		setup_repeat(path);
	else if (outcome == SETUP_AGAIN)
		path->retry_ticks = clock_ticks() + RDY_POLL_MS * CLOCK_TICKS_PER_MS;
	else if (outcome == SETUP_NEXT)
		next_step(path);
}

void setup_repeat(struct path *path)
{
	const struct setup_step *step = &steps[path->step];
	struct fabric_command *command = &path->setup;
	struct fabric_queue *queue = step->on_io_queue ? &path->io[path->queue_at] : &path->admin;

	path->retry_ticks = 0;
	memset(&command->capsule.sqe, 0, sizeof(command->capsule.sqe));
	command->data = NULL;
	command->bytes = 0;
	command->to_storage = false;
	command->done = setup_done;
	step->start(path, &command->capsule.sqe);
	queue->capsule_data_bytes = PATH_ADMIN_CAPSULE_BYTES;
	fabric_queue_submit(queue, command, PATH_INDEX_SETUP);
}

void setup_begin(struct path *path)
{
	path->step = 0;
	setup_repeat(path);
}
