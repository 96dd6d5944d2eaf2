/* The firmware's initiator against targets that do what the specification allows and few do: padded data, small pieces in both directions, responses of
 * their own, little data in the capsule, answers out of order; with and without digests. Each target has its volume, all at once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/fabric/target.h"
#include "testbench/gtest/test.h"
#include "testbench/interop/verified_io.h"

enum { BLOCKS = 2048, TARGETS = 15 };

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

static struct lan lan;
static struct fabric *fabric;
static uint8_t shadow[TARGETS][BLOCKS * 512];
static struct verified_io io = {.volumes = TARGETS, .blocks = BLOCKS};
static char configuration[4096], files[TARGETS][64], names[TARGETS][40], addresses[TARGETS][20];

static void make_target(struct fabric_config *config, unsigned n)
{
	struct fabric_host_config *host = &config->host[n];
	size_t used = strlen(configuration);
	FILE *file;

	snprintf(files[n], sizeof(files[n]), "/tmp/assay_options_%d_%u.img", (int)getpid(), n);
	snprintf(names[n], sizeof(names[n]), "nqn.2026-11.assay:target%u", n);
	snprintf(addresses[n], sizeof(addresses[n]), "10.0.0.%u/24", 10 + n);
	snprintf(configuration + used, sizeof(configuration) - used, "volume %u nvme-tcp 10.0.0.%u:4420 %s nsid 1%s%s queues %u\n", n, 10 + n, names[n],
		n % 2 ? " ddgst" : "", n % 3 ? " hdgst" : "", 1 + n % 3);
	for (size_t i = 0; i < sizeof(shadow[0]); i++)
		shadow[n][i] = (uint8_t)verified_draw(&io, 256);
	file = fopen(files[n], "wb");
	if (!file || fwrite(shadow[n], 1, sizeof(shadow[0]), file) != sizeof(shadow[0]))
		abort();
	fclose(file);
	io.shadow[n] = shadow[n];
	host->address = addresses[n];
	host->target = OPTIONS[n];
	host->target.nqn = names[n];
	host->target.namespaces = 1;
	host->target.volume[0].path = files[n];
}

static bool all_ready(struct lan *world)
{
	bool ready = true;

	(void)world;
	for (unsigned n = 0; n < TARGETS; n++)
		ready &= initiator_ready(n, NULL);
	return ready;
}

static bool turn(struct lan *world)
{
	return verified_turn(&io, world);
}

TEST(network_options, verified_io_with_every_option_of_a_target)
{
	static struct fabric_config config = {.hosts = TARGETS, .seed = 11, .mtu = 9000};
	struct fault_config faults = {.drop_ppm = 1000, .delay_ppm = 3000, .delay_cycles = 30000};
	char message[200];

	io.random = test_seed() * 2 + 1;
	snprintf(configuration, sizeof(configuration), "ip 10.0.0.2/24\nmac 02:00:00:00:00:02\nseed 3\nkato 0\n");
	for (unsigned n = 0; n < TARGETS; n++)
		make_target(&config, n);
	config.pcap_path = getenv("ASSAY_PCAP");
	fabric = fabric_create(&config, message, sizeof(message));
	for (unsigned n = 0; n < TARGETS; n++)
		unlink(files[n]);
	if (!fabric) {
		test_fail(__FILE__, __LINE__, "%s", message);
		return;
	}
	ASSERT_EQ(lan_world_start(&lan, fabric, configuration), 0);
	ASSERT_TRUE(lan_world_run(&lan, all_ready, 2000000000));
	verified_begin(&io, 3000);
	EXPECT_TRUE(lan_world_run(&lan, turn, 4000000000ull));
	EXPECT_EQ(io.failed, 0u);
	for (unsigned port = 0; port < 1 + TARGETS; port++)
		fabric_set_fault(fabric, port, &faults);
	verified_begin(&io, 500);
	EXPECT_TRUE(lan_world_run(&lan, turn, 60000000000ull));
	EXPECT_EQ(io.failed, 0u);
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
