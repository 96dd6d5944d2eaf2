/* Firmware Image Download and Firmware Commit, NVMe 1.4 sections 5.11, 5.12 and 8.1: the PF's. A commit is answered when the flash holds it. */
#include "firmware/nvme/controller.h"

#include "firmware/boot/system.h"
#include "firmware/core/clock.h"
#include "firmware/update/update.h"
#include "sys_regs.h"

#define LOOK_TICKS (CLOCK_TICKS_PER_MS / 100)
/* An image that has served for so long without a crash is taken for good. */
#define TRIAL_MS 20

enum commit_action { REPLACE, REPLACE_AND_ACTIVATE, ACTIVATE, ACTIVATE_AT_ONCE, COMMIT_ACTIONS };

static struct {
	bool busy;
	bool silent; /* the controller was reset: nobody waits for the answer */
	uint8_t slot;
	uint16_t cid;
	uint32_t action;
} commit;
static bool downloaded; /* since the last commit */
static bool restart_wanted;
static bool confirmed;
bool firmware_has_work;
static uint64_t start_ms;

static uint32_t download_bytes(const struct nvme_sqe *sqe)
{
	uint64_t bytes = ((uint64_t)sqe->dw10 + 1) * 4;

	return bytes > SEE_MAX_TRANSFER_BYTES ? 0 : (uint32_t)bytes;
}

void admin_firmware_download(const struct admin_command *command)
{
	uint32_t bytes = download_bytes(command->sqe);

	if (commit.busy)
		admin_complete(command, NVME_COMMAND_SEQUENCE_ERROR, 0);
	else if (bytes == 0 || (uint64_t)command->sqe->dw11 * 4 + bytes > SYS_FLASH_SLOT_BYTES)
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
	else
		see_pull(command->descriptor->slot, bytes);
}

void firmware_pulled(const struct admin_command *command)
{
	int result;

	if (commit.busy) {
		admin_complete(command, NVME_COMMAND_SEQUENCE_ERROR, 0);
		return;
	}
	result = update_download(command->sqe->dw11 * 4, command->descriptor->buffer, download_bytes(command->sqe));
	downloaded = true;
	admin_complete(command, result == 0 ? NVME_SUCCESS : result == -2 ? NVME_OVERLAPPING_RANGE | NVME_STATUS_DNR : NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
}

static uint16_t status_of(enum update_result result)
{
	static const uint16_t status[] = {
		[UPDATE_DONE] = NVME_SUCCESS,
		[UPDATE_BAD_IMAGE] = NVME_INVALID_FIRMWARE_IMAGE | NVME_STATUS_DNR,
		[UPDATE_BAD_SLOT] = NVME_INVALID_FIRMWARE_SLOT | NVME_STATUS_DNR,
		[UPDATE_TOO_OLD] = NVME_FIRMWARE_PROHIBITED | NVME_STATUS_DNR,
		[UPDATE_NEEDS_RESET] = NVME_FIRMWARE_NEEDS_CONTROLLER_RESET,
		[UPDATE_FLASH_FAILED] = NVME_INTERNAL_ERROR,
	};
	return status[result];
}

static void commit_over(enum update_result result)
{
	uint16_t status = status_of(result);

	commit.busy = false;
	if ((status & NVME_STATUS_DNR) && !commit.silent)
		controller_log_error(controller_of(0), 0, commit.cid, status, 0, 0);
	see_complete(commit.slot, status, 0, 0);
	restart_wanted = result == UPDATE_DONE && commit.action == ACTIVATE_AT_ONCE;
}

void admin_firmware_commit(const struct admin_command *command)
{
	uint32_t slot = command->sqe->dw10 & 7, action = command->sqe->dw10 >> 3 & 7;

	if (commit.busy || update_busy()) {
		admin_complete(command, NVME_COMMAND_SEQUENCE_ERROR, 0);
	} else if (action >= COMMIT_ACTIONS) {
		admin_complete(command, NVME_INVALID_FIELD | NVME_STATUS_DNR, 0);
	} else if (slot > IMAGE_SLOTS) {
		admin_complete(command, NVME_INVALID_FIRMWARE_SLOT | NVME_STATUS_DNR, 0);
	} else {
		commit.busy = firmware_has_work = true;
		commit.silent = false;
		commit.slot = command->descriptor->slot;
		commit.cid = command->sqe->cid;
		commit.action = action;
		update_begin(&(struct update_request){.slot = slot,
			.replace = action == REPLACE || action == REPLACE_AND_ACTIVATE || (action == ACTIVATE_AT_ONCE && downloaded),
			.activate = action != REPLACE, .at_once = action == ACTIVATE_AT_ONCE}, commit_over);
		downloaded = false;
	}
}

static void restart(void)
{
	system_boot_is_good();
	system_restart(SYS_CAUSE_ACTIVATE);
}

void firmware_reset(struct controller *controller)
{
	if (controller->function != 0)
		return;
	commit.silent = true;
	if (!commit.busy) {
		update_forget();
		downloaded = false;
	}
	/* The event comes again in the new life, before any command that follows it. */
	if (update_pending() && !commit.busy)
		restart();
	restart_wanted |= update_pending();
	firmware_has_work = true;
}

uint64_t firmware_run(void)
{
	bool busy;

	if (!confirmed && clock_ms() - start_ms >= TRIAL_MS) {
		confirmed = true;
		update_confirm();
	}
	busy = update_run();
	firmware_has_work = busy || restart_wanted;
	if (busy)
		return clock_ticks() + LOOK_TICKS;
	if (restart_wanted)
		restart();
	return confirmed ? UINT64_MAX : (start_ms + TRIAL_MS) * CLOCK_TICKS_PER_MS;
}

void firmware_start(void)
{
	start_ms = clock_ms();
	firmware_has_work = true;
	update_init();
}
