/* The firmware's initiator against targets that do what the specification allows to be left out, what later versions of it have, and what they should not do:
 * each with its volume, all at once, with keep-alive on. */
#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/interop/many_targets.h"

#define CYCLES_PER_MS 1000000ull
#define KATO_MS 100

static const struct {
	struct target_config options;
	const char *volume;
} QUIRKS[] = {
	{{.quirks = TARGET_SETS_RESERVED}, " hdgst ddgst"},
	{{.quirks = TARGET_SETS_RESERVED, .always_responds = 1, .r2t_bytes = 8192, .c2h_data_bytes = 8192}, ""},
	{{.quirks = TARGET_NO_KEEP_ALIVE}, ""},
	{{.quirks = TARGET_REFUSES_KATO}, ""},
	{{.quirks = TARGET_STATIC}, " queues 2"},
	{{.quirks = TARGET_FEW_COMMANDS}, " queues 2"},
	{{.quirks = TARGET_LARGE_PAGES, .transfer_bytes = 16384}, ""},
	{{.quirks = TARGET_CAPSULE_OFFSET}, ""},
	{{.quirks = TARGET_NO_EVENTS | TARGET_NO_NAMES}, ""},
	{{.quirks = TARGET_STRANGE_EVENTS}, ""},
	{{.quirks = TARGET_MANY_FORMATS | TARGET_SAYS_COMMAND_SET}, ""},
	{{.quirks = TARGET_SETS_RESERVED | TARGET_NO_KEEP_ALIVE | TARGET_REFUSES_KATO | TARGET_STATIC | TARGET_FEW_COMMANDS | TARGET_LARGE_PAGES |
			TARGET_CAPSULE_OFFSET | TARGET_NO_EVENTS | TARGET_NO_NAMES | TARGET_MANY_FORMATS, .flow_control = 1, .transfer_bytes = 16384}, " hdgst queues 4"},
};

enum { TARGETS = sizeof(QUIRKS) / sizeof(QUIRKS[0]), CROWDED = TARGETS, REFERRED, REFERS };

TEST(network_quirks, verified_io_with_every_quirk_of_a_target)
{
	struct target_config crowded = {.quirks = TARGET_CROWDED | TARGET_WANTS_KATO}, plain = {.quirks = 0};
	struct target_config refers = {.quirks = TARGET_REFERS | TARGET_CROWDED, .peers = 2, .peer = {{"10.0.0.99", 4420}, {"10.0.0.23", 4420}}};

	for (unsigned n = 0; n < TARGETS; n++)
		many_targets_add(&QUIRKS[n].options, QUIRKS[n].volume, -1);
	many_targets_add(&crowded, " hdgst", CROWDED);
	many_targets_add(&plain, "", REFERS);
	many_targets_without_volume(&refers);
	ASSERT_TRUE(many_targets_start(KATO_MS));
	EXPECT_TRUE(many_targets_run(3000, 4000 * CYCLES_PER_MS));
	many_targets_idle(1000 * CYCLES_PER_MS);
	for (unsigned n = 0; n <= REFERRED; n++) {
		EXPECT_EQ(many_targets_stats(n)->keep_alive_expired, 0u);
		EXPECT_EQ(many_targets_stats(n)->terminated, 0u);
		EXPECT_LE(many_targets_stats(n)->connections, 20u); /* found out in a few attempts, and never left again */
	}
	many_targets_disturb();
	EXPECT_TRUE(many_targets_run(300, 60000 * CYCLES_PER_MS));
}
