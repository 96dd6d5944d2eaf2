/* The NIC's firmware: one loop that sleeps until the SEE, the port or the clock calls. */
#include "firmware/boot/crash.h"
#include "firmware/boot/interrupt.h"
#include "firmware/boot/platform.h"
#include "firmware/boot/system.h"
#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/fabric/fabric.h"
#include "firmware/net/lan.h"
#include "firmware/net/port.h"
#include "firmware/nvme/io.h"
#include "firmware/nvme/layout.h"
#include "firmware/nvme/volume_record.h"
#include "firmware/see/see.h"

#include <stdbool.h>

/* How long a restart waits for the storages before it takes commands again, and how often it looks. */
#define RECOVERY_MS 200
#define RECOVERY_LOOK_TICKS (CLOCK_TICKS_PER_MS / 20)

static struct config config;

static void config_load(void)
{
	struct config_error error;

	if (config_parse((const char *)PLATFORM_CONFIG, PLATFORM_CONFIG_BYTES, &config, &error) != 0)
		log_stop("configuration flash, line %u: %s", error.line, error.what);
	log_line("assay-nic: %u.%u.%u.%u/%u", config.ip[0], config.ip[1], config.ip[2], config.ip[3],
		config.prefix_bits);
}

static uint64_t earliest(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* Everything that is due now. @return when the next thing is. */
static uint64_t run_due(void)
{
	uint64_t next = fabric_run();

	next = earliest(next, controller_run());
	fabric_flush();
	return earliest(next, lan_run_timers());
}

/* The storages must be known before a command is taken that goes to them; one that stays away is not waited for for ever. */
static void wait_for_storages(void)
{
	uint64_t deadline = clock_ticks() + RECOVERY_MS * CLOCK_TICKS_PER_MS;

	while (!controller_volumes_known() && clock_ticks() < deadline) {
		uint64_t next = run_due();
		uint32_t source = interrupt_claim();

		if (source != 0)
			interrupt_complete(source);
		if (port_receive())
			continue;
		interrupt_wait(earliest(next, clock_ticks() + RECOVERY_LOOK_TICKS));
	}
}

/* Power-on, or a restart in the middle of hosts' work: then the controllers go on as they were. */
static void recover(void)
{
	bool goes_on = see_init(system_is_restart());

	volume_record_init(&config, goes_on);
	mirror_init();
	if (!goes_on) {
		qos_init();
		controller_init();
		volumes_init(&config);
		return;
	}
	crash_report();
	controller_recover();
	wait_for_storages();
	see_replay(controller_handle);
	log_line("restarted, %lu us after power-on", (unsigned long)(clock_ticks() / (CLOCK_TICKS_PER_SECOND / 1000000)));
}

int main(void)
{
	static const struct fabric_events events = {io_done, volumes_storage_ready};

	system_watchdog(SYSTEM_WATCHDOG_CYCLES);
	config_load();
	interrupt_init();
	port_init(&config);
	lan_init(&config);
	layout_init(&config);
	fabric_init(&config, &events);
	recover();
	if (config.completion_ms)
		see_set_completion_timeout(config.completion_ms);
	for (bool more_frames = false;;) {
		uint32_t source = interrupt_claim();
		uint64_t next;

		system_watchdog_kick();
		if (source == PLATFORM_SOURCE_SEE)
			see_receive(controller_handle);
		else if (source == PLATFORM_SOURCE_PORT || more_frames)
			more_frames = port_receive();
		if (source != 0)
			interrupt_complete(source);
		next = run_due();
		if (!more_frames)
			interrupt_wait(next); /* not at all if there is one already */
	}
}
