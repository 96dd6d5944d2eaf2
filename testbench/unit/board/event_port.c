/* The event port of the host's bus: hypervisor/events_wire.h. */
#include "hypervisor/events_wire.h"
#include "models/board/host_internal.h"
#include "models/board/memory_map.h"
#include "testbench/gtest/test.h"

struct seen {
	unsigned count;
	uint64_t word, value, cycle;
};

static void ignore_packet(void *ctx, const struct tlp *tlp, uint64_t cycle)
{
	(void)ctx, (void)tlp, (void)cycle;
}

static void note(void *ctx, uint64_t word, uint64_t value, uint64_t cycle)
{
	struct seen *seen = ctx;
	*seen = (struct seen){seen->count + 1, word, value, cycle};
}

static struct host *create(struct seen *seen)
{
	struct host_config config = {.harts = 2, .ram_bytes = 16 << 20};
	struct host_ops ops = {.ctx = seen, .link = {ignore_packet, NULL}, .event = note};
	return host_create(&config, &ops);
}

TEST(event_port, emits_word_and_value_of_the_storing_hart)
{
	struct seen seen = {0};
	struct host *host = create(&seen);
	uint64_t word = event_port_word(EVENT_SW_PAGE_COPIED, 3, 77), loaded = 1;

	EXPECT_EQ(host_bus_store(host, 0, HOST_EVENT_PORT_BASE + EVENT_PORT_VALUE, 8, 10), HART_BUS_OK);
	EXPECT_EQ(host_bus_store(host, 1, HOST_EVENT_PORT_BASE + EVENT_PORT_VALUE, 8, 11), HART_BUS_OK);
	EXPECT_EQ(seen.count, 0u);
	EXPECT_EQ(host_bus_store(host, 0, HOST_EVENT_PORT_BASE + EVENT_PORT_EMIT, 8, word), HART_BUS_OK);
	EXPECT_EQ(seen.count, 1u);
	EXPECT_EQ(seen.word, word);
	EXPECT_EQ(seen.value, 10u);
	EXPECT_EQ(host_bus_load(host, 0, HOST_EVENT_PORT_BASE + EVENT_PORT_VALUE, 8, &loaded), HART_BUS_OK);
	EXPECT_EQ(loaded, 0u);
	host_destroy(host);
}

TEST(event_port, refuses_stores_that_are_not_of_eight_bytes)
{
	struct seen seen = {0};
	struct host *host = create(&seen);
	EXPECT_EQ(host_bus_store(host, 0, HOST_EVENT_PORT_BASE + EVENT_PORT_EMIT, 4, 1), HART_BUS_FAULT);
	EXPECT_EQ(seen.count, 0u);
	host_destroy(host);
}
