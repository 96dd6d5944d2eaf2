/* The firmware's initiator against targets that do what the specification allows and few do: padded data, small pieces in both directions, responses of
 * their own, little data in the capsule, answers out of order; with and without digests. Each target has its volume, all at once. */
#include <stdio.h>

#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/interop/many_targets.h"

enum { TARGETS = 15 };

static const struct target_config OPTIONS[TARGETS] = {
	{.cpda = 31}, /* 128 bytes */
	{.data_alignment = 128},
	{.always_responds = 1, .c2h_data_bytes = 4096},
	{.h2c_data_bytes = 4096, .r2t_bytes = 512 * 40, .in_capsule_bytes = 512},
	{.jitter_cycles = 200000},
	{.in_capsule_bytes = 16384, .h2c_data_bytes = 4 << 20},
	{.cpda = 1, .data_alignment = 64, .always_responds = 1, .h2c_data_bytes = 4100, .r2t_bytes = 8192, .c2h_data_bytes = 8192, .jitter_cycles = 50000},
	{.cpda = 15, .data_alignment = 12, .c2h_data_bytes = 512},
	{.io_queues = 1, .no_digests = 1, .no_capsule = 1, .h2c_data_bytes = 4096}, /* with digests asked for, and two queues more than it grants */
	{.r2t_bytes = 512, .in_capsule_bytes = 512, .always_responds = 1}, /* 255 R2Ts for a write of 128 KiB */
	{.io_queues = 2, .flow_control = 1, .no_capsule = 1, .h2c_data_bytes = 131072}, /* as SPDK's with in_capsule_data_size 0 */
	{.flow_control = 1, .no_capsule = 1, .cpda = 31, .data_alignment = 128, .h2c_data_bytes = 4096, .r2t_bytes = 4608, .c2h_data_bytes = 4608},
	{.transfer_bytes = 8192}, /* the least MDTS: 16 commands for 128 KiB */
	{.transfer_bytes = 8192, .no_capsule = 1, .flow_control = 1, .r2t_bytes = 4096, .c2h_data_bytes = 512, .jitter_cycles = 50000},
	{.transfer_bytes = 32768, .in_capsule_bytes = 512, .always_responds = 1, .jitter_cycles = 100000},
};

/* Every target has another mixture of digests and queues asked for. */
static const char *volume_options(unsigned n)
{
	static char text[40];

	snprintf(text, sizeof(text), "%s%s queues %u", n % 2 ? " ddgst" : "", n % 3 ? " hdgst" : "", 1 + n % 3);
	return text;
}

TEST(network_options, verified_io_with_every_option_of_a_target)
{
	for (unsigned n = 0; n < TARGETS; n++)
		many_targets_add(&OPTIONS[n], volume_options(n), -1);
	ASSERT_TRUE(many_targets_start(0));
	EXPECT_TRUE(many_targets_run(3000, 4000000000ull));
	many_targets_disturb();
	EXPECT_TRUE(many_targets_run(500, 60000000000ull));
}

TEST(network_options, options_out_of_range_are_refused)
{
	static const struct target_config wrong[] = {{.cpda = 32}, {.data_alignment = 132}, {.data_alignment = 6}, {.h2c_data_bytes = 4092}, {.transfer_bytes = 4096},
		{.transfer_bytes = 12288}, {.transfer_bytes = 1 << 19}};
	char message[200];

	for (unsigned i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct target_config config = wrong[i];

		config.nqn = "nqn.2026-11.assay:target0";
		config.namespaces = 1;
		config.volume[0].path = "/dev/null";
		EXPECT_TRUE(target_create(&config, message, sizeof(message)) == NULL);
	}
}
