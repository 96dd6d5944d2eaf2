/* The NIC's firmware: one loop that sleeps until the SEE, the port or the clock calls. */
#include "firmware/boot/interrupt.h"
#include "firmware/boot/platform.h"
#include "firmware/core/clock.h"
#include "firmware/core/config.h"
#include "firmware/core/log.h"
#include "firmware/fabric/fabric.h"
#include "firmware/net/lan.h"
#include "firmware/net/port.h"
#include "firmware/nvme/controller.h"
#include "firmware/nvme/layout.h"
#include "firmware/see/see.h"

#include <stdbool.h>

static struct config config;

static void config_load(void)
{
	struct config_error error;

	if (config_parse((const char *)PLATFORM_CONFIG, PLATFORM_CONFIG_BYTES, &config, &error) != 0)
		log_panic("configuration flash, line %u: %s", error.line, error.what);
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

int main(void)
{
	static const struct fabric_events events = {io_done, volumes_storage_ready};

	config_load();
	interrupt_init();
	port_init(&config);
	lan_init(&config);
	layout_init(&config);
	controller_init();
	volumes_init(&config);
	fabric_init(&config, &events);
	see_init();
	for (bool more_frames = false;;) {
		uint64_t next = run_due();
		uint32_t source = interrupt_claim();

		if (source == PLATFORM_SOURCE_SEE)
			see_receive(controller_handle);
		else if (source == PLATFORM_SOURCE_PORT || more_frames)
			more_frames = port_receive();
		if (source != 0)
			interrupt_complete(source);
		else if (!more_frames)
			interrupt_wait(next);
	}
}
